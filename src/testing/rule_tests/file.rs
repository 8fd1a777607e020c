//! Files of rule tests.

use std::collections::BTreeMap;

use crate::formats::load::{LoadBlock, LoadSeries};
use crate::formats::series::{SequenceValue, parse_series, parse_values};
use crate::model::Labels;
use crate::model::histogram::FloatHistogram;
use crate::rules::fields::{Fields, text};
use crate::rules::yaml::{self, Node};
use crate::rules::{RuleError, RuleErrorKind};
use crate::syntax::write_duration;

/// From evaluation to evaluation where a file says nothing, in ms.
const DEFAULT_INTERVAL_MS: i64 = 60_000;

/// A file of rule tests.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleTestFile {
    /// The rule files, as patterns relative to the file's folder.
    pub rule_files: Vec<String>,
    /// From evaluation to evaluation, in ms.
    pub evaluation_interval_ms: i64,
    /// The names of groups in the order they are evaluated in; others come first.
    pub group_eval_order: Vec<String>,
    /// Whether neighbouring floats are equal.
    pub fuzzy_compare: bool,
    /// The tests.
    pub tests: Vec<RuleTest>,
}

/// A test: series, and what has to come of them.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleTest {
    /// Its name, empty where it has none.
    pub name: String,
    /// The line it begins on, counted from 1.
    pub line: usize,
    /// When it begins, in ms since the epoch.
    pub start_ms: i64,
    /// The series, their times counted from the start.
    pub series: Vec<LoadSeries>,
    /// Queries and their answers.
    pub expressions: Vec<ExpressionTest>,
    /// Alerts that have to fire.
    pub alerts: Vec<AlertTest>,
    /// What `$externalLabels` is in templates.
    pub external_labels: BTreeMap<String, String>,
    /// What `$externalURL` is in templates.
    pub external_url: String,
}

/// A query and its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpressionTest {
    /// The query.
    pub query: String,
    /// When it is asked, in ms from the test's start.
    pub time_ms: i64,
    /// The samples it has to give.
    pub samples: Vec<ExpectedSample>,
    /// The line it stands on, counted from 1.
    pub line: usize,
}

/// A sample of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectedSample {
    /// Its labels.
    pub labels: Labels,
    /// Its value, where it is no histogram.
    pub value: f64,
    /// Its value, where it is a histogram.
    pub histogram: Option<FloatHistogram>,
}

/// What an alert has to be at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertTest {
    /// The alert.
    pub name: String,
    /// When, in ms from the test's start.
    pub time_ms: i64,
    /// Those that have to fire.
    pub alerts: Vec<ExpectedAlert>,
    /// The line it stands on, counted from 1.
    pub line: usize,
}

/// A firing alert.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExpectedAlert {
    /// Its labels, `alertname` among them.
    pub labels: BTreeMap<String, String>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
}

impl RuleTestFile {
    /// Reads a file of tests.
    ///
    /// # Errors
    /// The first fault, with its line.
    pub fn parse(input: &str) -> Result<Self, RuleError> {
        let Some(root) = yaml::parse(input)? else {
            return Ok(Self {
                rule_files: Vec::new(),
                evaluation_interval_ms: DEFAULT_INTERVAL_MS,
                group_eval_order: Vec::new(),
                fuzzy_compare: false,
                tests: Vec::new(),
            });
        };
        let mut fields = Fields::of(&root)?;
        let interval = fields.duration_ms("evaluation_interval")?.filter(|interval| *interval > 0);
        let evaluation_interval_ms = interval.unwrap_or(DEFAULT_INTERVAL_MS);
        let group_eval_order = fields.texts("group_eval_order")?;
        if let Some(repeated) = group_eval_order
            .iter()
            .enumerate()
            .find_map(|(at, name)| group_eval_order[..at].contains(name).then_some(name))
        {
            return Err(root.error(RuleErrorKind::RepeatedName(repeated.clone())));
        }
        let file = Self {
            rule_files: fields.texts("rule_files")?,
            evaluation_interval_ms,
            group_eval_order,
            fuzzy_compare: fields.boolean("fuzzy_compare")?,
            tests: fields
                .list("tests")?
                .iter()
                .map(|node| read_test(node, evaluation_interval_ms))
                .collect::<Result<_, _>>()?,
        };
        fields.finish()?;
        Ok(file)
    }
}

fn texts(fields: &mut Fields<'_>, name: &str) -> Result<BTreeMap<String, String>, RuleError> {
    Ok(fields.map(name)?.into_iter().map(|(name, value, _)| (name, value)).collect())
}

fn read_test(node: &Node, evaluation_interval_ms: i64) -> Result<RuleTest, RuleError> {
    let mut fields = Fields::of(node)?;
    let interval = fields.duration_ms("interval")?.filter(|interval| *interval > 0);
    let start_ms = match fields.node("start_timestamp") {
        None => 0,
        Some(at) => start(text(at)?).ok_or_else(|| {
            at.error(RuleErrorKind::Expected("a time: Unix seconds, or 2024-05-01T12:00:00Z"))
        })?,
    };
    let test = RuleTest {
        name: fields.text("name")?.to_owned(),
        line: node.line,
        start_ms,
        series: read_series(fields.list("input_series")?, interval.unwrap_or(evaluation_interval_ms))?,
        expressions: fields
            .list("promql_expr_test")?
            .iter()
            .map(read_expression)
            .collect::<Result<_, _>>()?,
        alerts: fields.list("alert_rule_test")?.iter().map(read_alert).collect::<Result<_, _>>()?,
        external_labels: texts(&mut fields, "external_labels")?,
        external_url: fields.text("external_url")?.to_owned(),
    };
    fields.finish()?;
    Ok(test)
}

/// A time in ms since the epoch.
fn start(text: &str) -> Option<i64> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds.is_finite() => Some((seconds * 1000.0).round() as i64),
        Ok(_) => None,
        Err(_) => super::time::rfc3339_ms(text),
    }
}

/// The series, as a `load` block of their lines would hold them.
fn read_series(nodes: &[Node], interval_ms: i64) -> Result<Vec<LoadSeries>, RuleError> {
    let mut command = "load ".to_owned();
    write_duration(&mut command, interval_ms.saturating_mul(1_000_000));
    let mut lines = vec![command];
    for node in nodes {
        let mut fields = Fields::of(node)?;
        let line = format!("  {} {}", fields.text("series")?, fields.text("values")?);
        lines.push(line.replace(['\n', '\r'], " "));
        fields.finish()?;
    }
    let borrowed: Vec<&str> = lines.iter().map(String::as_str).collect();
    let block = LoadBlock::parse("input_series", 1, &borrowed).map_err(|error| {
        let message = format!(
            "{} in `{}`",
            error.kind,
            lines.get(error.line.saturating_sub(1)).map_or("", |l| l.trim())
        );
        let node = error.line.checked_sub(2).and_then(|at| nodes.get(at));
        let (line, column) = node.map_or((1, 1), |node| (node.line, node.column));
        RuleError::at(line, column, RuleErrorKind::Series(message))
    })?;
    Ok(block.series)
}

fn read_expression(node: &Node) -> Result<ExpressionTest, RuleError> {
    let mut fields = Fields::of(node)?;
    let test = ExpressionTest {
        query: fields.text("expr")?.to_owned(),
        time_ms: fields.duration_ms("eval_time")?.unwrap_or(0),
        samples: fields.list("exp_samples")?.iter().map(read_sample).collect::<Result<_, _>>()?,
        line: node.line,
    };
    fields.finish()?;
    Ok(test)
}

fn read_sample(node: &Node) -> Result<ExpectedSample, RuleError> {
    let mut fields = Fields::of(node)?;
    let series = |message: String| node.error(RuleErrorKind::Series(message));
    let labels = match fields.text("labels")?.trim() {
        "" => Labels::default(),
        written => match parse_series(written) {
            Ok(line) if line.values.is_empty() => line.labels,
            Ok(_) => return Err(series(format!("expected the labels of a series, found `{written}`"))),
            Err(error) => return Err(series(format!("{} in `{written}`", error.kind))),
        },
    };
    let histogram = match fields.text("histogram")? {
        "" => None,
        written => match parse_values(written).map(|mut values| (values.len(), values.pop())) {
            Ok((1, Some(SequenceValue::Histogram { histogram, .. }))) => Some((*histogram).clone()),
            Ok(_) => return Err(series(format!("expected one histogram, found `{written}`"))),
            Err(error) => return Err(series(format!("{} in `{written}`", error.kind))),
        },
    };
    let sample = ExpectedSample { labels, value: fields.number("value")?, histogram };
    fields.finish()?;
    Ok(sample)
}

fn read_alert(node: &Node) -> Result<AlertTest, RuleError> {
    let mut fields = Fields::of(node)?;
    let name = fields.text("alertname")?.to_owned();
    if name.is_empty() {
        return Err(node.error(RuleErrorKind::MissingField("alertname")));
    }
    let mut alerts = Vec::new();
    for node in fields.list("exp_alerts")? {
        let mut fields = Fields::of(node)?;
        let mut labels = texts(&mut fields, "exp_labels")?;
        labels.insert("alertname".to_owned(), name.clone());
        alerts.push(ExpectedAlert { labels, annotations: texts(&mut fields, "exp_annotations")? });
        fields.finish()?;
    }
    alerts.sort();
    let test =
        AlertTest { name, time_ms: fields.duration_ms("eval_time")?.unwrap_or(0), alerts, line: node.line };
    fields.finish()?;
    Ok(test)
}
