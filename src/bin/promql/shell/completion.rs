//! What Tab offers: names that can stand where the cursor stands, out of the sources and the language.

use std::collections::{BTreeMap, BTreeSet};

use promql_engine::{
    model::{Labels, METRIC_NAME, quote::Quoted},
    syntax::{
        AggregateOp,
        token::{KEYWORDS, TokenKind},
    },
};

use super::{
    dot::{self, Action},
    position::{Position, position},
    variables,
};
use crate::{arguments::Mode, commands::functions};
use clap::ValueEnum;

/// Values kept of one label of one metric; nobody looks through more.
const MAX_VALUES: usize = 1000;

/// The labels of a metric, each with its values.
type LabelValues = BTreeMap<String, BTreeSet<String>>;

/// The names of the sources.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    metrics: BTreeMap<String, LabelValues>,
    variables: Vec<String>,
}

impl Vocabulary {
    /// The names in these series, and those of variables.
    pub(crate) fn of(series: &[Labels], variables: Vec<String>) -> Self {
        let mut metrics: BTreeMap<String, LabelValues> = BTreeMap::new();
        for labels in series {
            let metric = labels.metric_name().unwrap_or_default();
            if !metrics.contains_key(metric) {
                metrics.insert(metric.to_owned(), BTreeMap::new());
            }
            let Some(known) = metrics.get_mut(metric) else { continue };
            for (name, value) in labels.iter().filter(|(name, _)| *name != METRIC_NAME) {
                match known.get_mut(name) {
                    Some(values) if values.len() >= MAX_VALUES || values.contains(value) => {}
                    Some(values) => {
                        values.insert(value.to_owned());
                    }
                    None => {
                        known.insert(name.to_owned(), BTreeSet::from([value.to_owned()]));
                    }
                }
            }
        }
        Self { metrics, variables }
    }

    fn metric_names(&self) -> impl Iterator<Item = String> {
        self.metrics.keys().filter(|name| !name.is_empty()).cloned()
    }

    /// The labels of a metric, or of all where it is not known.
    fn labels(&self, metric: &str) -> BTreeSet<&str> {
        match self.metrics.get(metric) {
            Some(labels) => labels.keys().map(String::as_str).collect(),
            None => self.metrics.values().flat_map(|labels| labels.keys().map(String::as_str)).collect(),
        }
    }

    fn values(&self, metric: &str, label: &str) -> BTreeSet<&str> {
        match self.metrics.get(metric) {
            Some(labels) => labels.get(label).into_iter().flatten().map(String::as_str).collect(),
            None => self
                .metrics
                .values()
                .flat_map(|labels| labels.get(label).into_iter().flatten().map(String::as_str))
                .collect(),
        }
    }
}

/// What can stand at the end of `before`, and where the part begins that it takes the place of; `after` is what follows.
pub(super) fn complete(before: &str, after: &str, vocabulary: &Vocabulary) -> (usize, Vec<String>) {
    if let Some(found) = dot_command(before, after, vocabulary) {
        return found;
    }
    query(before, after, vocabulary)
}

/// What is typed of a variable's name at the end of a text.
fn variable(text: &str) -> Option<&str> {
    let dollar = text.rfind('$')?;
    let typed = text.get(dollar + 1..)?;
    let is_variable = variables::masked(&format!("{text}_")).as_bytes().get(dollar) == Some(&b'_');
    (is_variable && typed.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')).then_some(typed)
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == ':'
}

/// The beginning of the word that ends a text.
fn word_start(text: &str) -> usize {
    text.char_indices().rev().take_while(|(_, c)| in_word(*c)).last().map_or(text.len(), |(at, _)| at)
}

fn query(before: &str, after: &str, vocabulary: &Vocabulary) -> (usize, Vec<String>) {
    let start = word_start(before);
    let (head, word) = (before.get(..start).unwrap_or_default(), before.get(start..).unwrap_or_default());
    if let Some(typed) = variable(before) {
        let start = before.len() - typed.len();
        return (
            start,
            vocabulary.variables.iter().filter(|name| name.starts_with(typed)).cloned().collect(),
        );
    }
    // Inside quotes there are no words: the whole text counts.
    if let Position::LabelValue { metric, label, quote: Some(quote) } = position(before) {
        return values(&metric, &label, before, quote, after, vocabulary);
    }
    let mut offered: Vec<String> = match position(head) {
        Position::Expression => expressions(vocabulary).collect(),
        Position::Operand => {
            expressions(vocabulary).chain(["bool ", "on (", "ignoring ("].map(str::to_owned)).collect()
        }
        Position::Operator => OPERATORS.iter().map(|word| (*word).to_owned()).collect(),
        Position::Grouping => ["by (", "without (", "("].map(str::to_owned).into(),
        Position::LabelName { metric, used } => {
            let unused = |label: &&str| !used.iter().any(|used| used == label);
            vocabulary.labels(&metric).into_iter().filter(unused).map(|label| format!("{label}=")).collect()
        }
        Position::LabelValue { metric, label, .. } => {
            return values(&metric, &label, before, start, after, vocabulary);
        }
        Position::LabelList => labels_in(before, after, vocabulary).into_iter().collect(),
        Position::Duration => DURATIONS.iter().map(|duration| (*duration).to_owned()).collect(),
        Position::At => ["start()", "end()"].map(str::to_owned).into(),
        Position::Other => Vec::new(),
    };
    offered.retain(|one| one.starts_with(word));
    offered.sort();
    (start, offered)
}

const DURATIONS: [&str; 10] = ["15s", "30s", "1m", "5m", "10m", "15m", "30m", "1h", "6h", "1d"];

/// What may stand behind an expression. Signs are quicker typed than completed.
const OPERATORS: [&str; 11] = [
    "and ",
    "or ",
    "unless ",
    "atan2 ",
    "offset ",
    "by (",
    "without (",
    "group_left (",
    "group_right (",
    "anchored",
    "smoothed",
];

fn expressions(vocabulary: &Vocabulary) -> impl Iterator<Item = String> {
    let keywords = KEYWORDS.iter().filter(|(_, kind)| matches!(kind, TokenKind::Number));
    vocabulary
        .metric_names()
        .chain(functions::names().map(|name| format!("{name}(")))
        .chain(AggregateOp::ALL.iter().map(|op| op.symbol().to_owned()))
        .chain(keywords.map(|(word, _)| (*word).to_owned()))
}

/// Values of a label in quotes, in the place of what was typed of one.
fn values(
    metric: &str,
    label: &str,
    before: &str,
    start: usize,
    after: &str,
    vocabulary: &Vocabulary,
) -> (usize, Vec<String>) {
    let typed = before.get(start..).unwrap_or_default().trim_start_matches(['"', '\'', '`']);
    let fits = |value: &&str| value.starts_with(typed);
    // A quote that stands behind the cursor closes the value already.
    let closed = after.starts_with('"');
    let quoted = |value: &str| {
        let text = Quoted(value).to_string();
        if closed { text.strip_suffix('"').unwrap_or(&text).to_owned() } else { text }
    };
    (start, vocabulary.values(metric, label).into_iter().filter(fits).map(quoted).collect())
}

/// The labels of the metrics that a query names, or of all.
fn labels_in(before: &str, after: &str, vocabulary: &Vocabulary) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    // By words, not by tokens: what follows the cursor need not begin anywhere.
    for word in [before, after].into_iter().flat_map(|text| text.split(|c| !in_word(c))) {
        if vocabulary.metrics.contains_key(word) {
            named.extend(vocabulary.labels(word).into_iter().map(str::to_owned));
        }
    }
    if named.is_empty() {
        named.extend(vocabulary.labels("").into_iter().map(str::to_owned));
    }
    named
}

/// Dot-commands and their arguments.
fn dot_command(before: &str, after: &str, vocabulary: &Vocabulary) -> Option<(usize, Vec<String>)> {
    let rest = before.strip_prefix('.')?;
    let Some(space) = rest.find(char::is_whitespace) else {
        let commands = dot::COMMANDS.iter().filter(|command| command.name.starts_with(rest));
        return Some((0, commands.map(|command| format!(".{}", command.name)).collect()));
    };
    let command = dot::find(rest.get(..space)?).ok()?;
    let start = 1 + space + 1;
    let argument = before.get(start..).unwrap_or_default();
    let word = word_start(before);
    let typed = before.get(word..).unwrap_or_default();
    let words = |offered: Vec<String>| {
        let fitting = offered.into_iter().filter(|one| one.starts_with(typed));
        Some((word, fitting.collect()))
    };
    match command.action {
        _ if command.takes_query() => {
            let (at, offered) = query(argument, after, vocabulary);
            Some((start + at, offered))
        }
        Action::Metrics => words(vocabulary.metric_names().collect()),
        Action::Functions => words(functions::names().map(str::to_owned).collect()),
        Action::Help => words(
            dot::COMMANDS
                .iter()
                .map(|command| command.name.to_owned())
                .chain(functions::names().map(str::to_owned))
                .chain(vocabulary.metric_names())
                .collect(),
        ),
        Action::Mode => words(Mode::value_variants().iter().map(|mode| mode.name().to_owned()).collect()),
        Action::Timer => words(["on", "off"].map(str::to_owned).into()),
        Action::Time => words(["newest", "now"].map(str::to_owned).into()),
        // The editor completes names of files.
        Action::Open | Action::Output | Action::Source => None,
        _ => Some((before.len(), Vec::new())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(line: &str) -> Vec<String> {
        let series = [
            Labels::from_pairs([("__name__", "requests_total"), ("code", "200"), ("job", "api")]),
            Labels::from_pairs([("__name__", "requests_total"), ("code", "500"), ("job", "web \"x\"")]),
            Labels::from_pairs([("__name__", "requests_seconds"), ("zone", "b")]),
        ];
        let (before, after) = line.split_once('|').expect("a cursor");
        let (start, offered) =
            complete(before, after, &Vocabulary::of(&series, vec!["rate".to_owned(), "recent".to_owned()]));
        offered.into_iter().map(|one| format!("{}{one}", &before[..start])).collect()
    }

    #[test]
    fn what_can_stand_there_is_offered() {
        assert_eq!(offered("sum(requ|"), ["sum(requests_seconds", "sum(requests_total"]);
        assert_eq!(offered("irat|"), ["irate("]);
        assert_eq!(offered("2 * on|"), ["2 * on ("]);
        assert_eq!(offered("requests_total{|"), ["requests_total{code=", "requests_total{job="]);
        assert_eq!(offered("requests_total{code=\"200\",|"), ["requests_total{code=\"200\",job="]);
        assert_eq!(
            offered("requests_total{code=|"),
            ["requests_total{code=\"200\"", "requests_total{code=\"500\""]
        );
        assert_eq!(offered("requests_total{code=\"5|"), ["requests_total{code=\"500\""]);
        assert_eq!(offered("requests_total{code=\"5|\"}"), ["requests_total{code=\"500"]);
        assert_eq!(offered("requests_total{job=\"w|"), ["requests_total{job=\"web \\\"x\\\"\""]);
        assert_eq!(offered("sum by (|) (requests_seconds)"), ["sum by (zone"]);
        assert_eq!(
            offered("rate(requests_total[1|"),
            [
                "rate(requests_total[10m",
                "rate(requests_total[15m",
                "rate(requests_total[15s",
                "rate(requests_total[1d",
                "rate(requests_total[1h",
                "rate(requests_total[1m"
            ]
        );
        assert_eq!(offered("sum(x) gr|"), ["sum(x) group_left (", "sum(x) group_right ("]);
        assert_eq!(offered("x @ s|"), ["x @ start()"]);
        assert_eq!(offered("\"requ|"), [""; 0]);
    }

    #[test]
    fn dot_commands_and_their_arguments_are_offered() {
        assert_eq!(offered(".me|"), [".metrics"]);
        assert_eq!(offered(".series requests_s|"), [".series requests_seconds"]);
        assert_eq!(offered(".graph sum(requests_t|"), [".graph sum(requests_total"]);
        assert_eq!(offered(".mode g|"), [".mode graph"]);
        assert_eq!(offered(".exit |"), [""; 0]);
        assert_eq!(offered("sum($r|"), ["sum($rate", "sum($recent"]);
        assert_eq!(offered(".watch 5s $re|"), [".watch 5s $recent"]);
        assert_eq!(offered("up{x=\"$r|"), [""; 0]);
    }
}
