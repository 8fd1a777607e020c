//! Why a selector finds nothing: no such metric, no such label, no such value, or no sample in the time it looks at.

use std::collections::BTreeSet;

use promql_engine::{
    model::{Labels, METRIC_NAME, MatchOperator, Matcher, Span, is_stale},
    storage::{ColumnBuffer, SelectRequest, SeriesSet},
    syntax::ast::{Expr, ExprKind, VectorSelector},
};

use super::{
    Reason,
    examiner::{Examiner, canonical, series},
};
use crate::{suggest, times};

/// Values of a label, or names, that are listed.
const LISTED: usize = 6;
/// Series whose samples are looked at to say when they are; the first of very many tell enough.
const LOOKED_AT: usize = 10_000;

/// What a selector finds in all of time.
struct Found {
    span: Span,
    /// How the selector is called in a sentence.
    name: String,
    /// The labels of the series that have the name asked for, or of all where none is asked for.
    named: Vec<Labels>,
    /// The conditions besides the name.
    conditions: Vec<Matcher>,
}

/// Finds why a selector, of instants or of ranges, has no sample. `call` is the function around it, where that matters.
pub(super) fn examine(
    examiner: &mut Examiner<'_>,
    selector: &VectorSelector,
    expr: &Expr,
    call: Option<&str>,
) {
    let Ok(mut matchers) = selector.compile_matchers() else { return };
    let is_name = |m: &Matcher| m.name() == METRIC_NAME && m.operator() == MatchOperator::Equal;
    let name = matchers.iter().find(|m| is_name(m)).map(|m| m.value().to_owned());
    let names: Vec<Matcher> = matchers.iter().filter(|m| is_name(m)).cloned().collect();
    let all = |matchers: Vec<Matcher>| SelectRequest::new(matchers, i64::MIN, i64::MAX);
    let store = examiner.store;
    let Ok(named) = store.series(&all(names)) else { return };
    if named.is_empty() {
        return unknown(examiner, name.as_deref(), expr.span);
    }
    let request = all(matchers.clone());
    matchers.retain(|m| !is_name(m));
    let known = Found {
        span: expr.span,
        name: name.unwrap_or_else(|| "the store".to_owned()),
        named,
        conditions: matchers,
    };
    let Ok(set) = store.select(&request) else { return };
    if set.is_empty() {
        return conditions(examiner, &known);
    }
    outside(examiner, &known, &*set, expr, call);
}

/// There is no metric of this name.
fn unknown(examiner: &mut Examiner<'_>, name: Option<&str>, span: Span) {
    let Ok(all) = examiner.store.series(&SelectRequest::everything()) else { return };
    let names: BTreeSet<&str> = all.iter().filter_map(Labels::metric_name).collect();
    let (Some(name), false) = (name, names.is_empty()) else {
        return examiner.found(Reason::new("no_samples", span, "there are no samples at all"));
    };
    let reason = Reason::new("unknown_metric", span, format!("there is no metric `{name}`"));
    // What begins like it first: the series of a histogram, a counter without its ending.
    let longer = |known: &&&str| known.strip_prefix(name).is_some_and(|rest| rest.starts_with('_'));
    let mut near: Vec<&str> = names.iter().filter(longer).copied().collect();
    if near.is_empty() {
        near.extend(suggest::nearest(name, names.iter().copied()));
    }
    if near.is_empty() {
        near = names.iter().filter(|known| known.contains(name)).copied().collect();
    }
    let note = match near.is_empty() {
        false => format!("did you mean {}?", list(near.iter().map(|near| format!("`{near}`")), " or ")),
        true => format!(
            "there {}: {}",
            if names.len() == 1 { "is 1".to_owned() } else { format!("are {}", names.len()) },
            list(names.iter().map(|name| format!("`{name}`")), ", ")
        ),
    };
    examiner.found(reason.note(note));
}

/// The metric is there, but no series of it fits the conditions.
fn conditions(examiner: &mut Examiner<'_>, known: &Found) {
    let fitting = |matcher: &Matcher| {
        let fits = |labels: &&Labels| matcher.matches(labels.get(matcher.name()).unwrap_or_default());
        known.named.iter().filter(fits).count()
    };
    let impossible: Vec<&Matcher> = known.conditions.iter().filter(|matcher| fitting(matcher) == 0).collect();
    for matcher in &impossible {
        examiner.found(impossible_matcher(known, matcher));
    }
    if !impossible.is_empty() {
        return;
    }
    let message = format!(
        "{} has {}; each matcher fits some of them, but none fits all",
        known.name,
        series(known.named.len())
    );
    let mut reason = Reason::new("no_series_fits_all_matchers", known.span, message);
    for left_out in &known.conditions {
        let others = || known.conditions.iter().filter(|matcher| *matcher != left_out);
        let fits = |labels: &&Labels| {
            others().all(|matcher| matcher.matches(labels.get(matcher.name()).unwrap_or_default()))
        };
        let rest: Vec<&Labels> = known.named.iter().filter(fits).collect();
        if !rest.is_empty() {
            let note = format!("without {left_out}: {}", series(rest.len()));
            let values = values_of(rest.iter().copied(), left_out.name());
            let there = if values.is_empty() {
                ", without that label".to_owned()
            } else {
                format!(", {} = {}", left_out.name(), listed(&values))
            };
            reason = reason.note(note + &there);
        }
    }
    examiner.found(reason);
}

/// A condition that no series of the metric fulfils.
fn impossible_matcher(known: &Found, matcher: &Matcher) -> Reason {
    let label = matcher.name();
    let has = format!("{} has {}", known.name, series(known.named.len()));
    let values = values_of(&known.named, label);
    if values.is_empty() {
        let labels: BTreeSet<&str> = known
            .named
            .iter()
            .flat_map(|labels| labels.iter().map(|(name, _)| name))
            .filter(|name| *name != METRIC_NAME)
            .collect();
        let near = suggest::nearest(label, labels.iter().copied());
        let labels = match labels.is_empty() {
            true => "they have no labels".to_owned(),
            false => format!("its labels: {}", list(labels.iter().map(|name| (*name).to_owned()), ", ")),
        };
        let message = format!("{has}, none with a label `{label}`; {labels}");
        let reason = Reason::new("unknown_label", known.span, message);
        return match near {
            Some(near) => reason.note(format!("did you mean `{near}`?")),
            None => reason,
        };
    }
    let message = format!("{has}, none with {matcher}; `{label}` is {}", listed(&values));
    let reason = Reason::new("no_series_fits", known.span, message);
    let near = match matcher.operator() {
        MatchOperator::Equal => suggest::nearest(matcher.value(), values.iter().copied()),
        _ => None,
    };
    // Patterns match whole values, which those who know `grep` do not expect.
    let within = matcher.operator() == MatchOperator::Regex
        && Matcher::new(label, MatchOperator::Regex, &format!(".*(?:{}).*", matcher.value()))
            .is_ok_and(|wider| values.iter().any(|value| wider.matches(value)));
    match near {
        Some(near) => reason.note(format!("did you mean {label}={near:?}?")),
        None if within => reason.note(format!(
            "a pattern must fit the whole value; {label}=~{:?} fits",
            if matcher.value().contains('|') {
                format!(".*({}).*", matcher.value())
            } else {
                format!(".*{}.*", matcher.value())
            }
        )),
        None => reason,
    }
}

/// The series are there, but not at these times.
fn outside(examiner: &mut Examiner<'_>, known: &Found, set: &dyn SeriesSet, expr: &Expr, call: Option<&str>) {
    let is_range = matches!(expr.unparenthesised().kind, ExprKind::MatrixSelector(_));
    let query = match call {
        Some(call) => call.to_owned(),
        None if is_range => format!("count_over_time({})", canonical(expr)),
        None => canonical(expr),
    };
    let Some(window) = examiner.request(&query) else { return };
    let (mut before, mut after, mut ended) = (None::<i64>, None::<i64>, None::<i64>);
    // A sample that no step saw: the steps of a range query may lie far apart.
    let mut inside = None::<i64>;
    let mut buffer = ColumnBuffer::default();
    for index in 0..set.len().min(LOOKED_AT) {
        buffer.clear();
        let Ok(columns) = set.columns(index, &mut buffer) else { return };
        let floats = columns.floats;
        let stale = |at: usize| floats.values.get(at).is_some_and(|value| is_stale(*value));
        for at in 0..floats.timestamps.len() {
            let time = floats.timestamps.at(at);
            match (stale(at), time < window.start_ms, time > window.end_ms) {
                (true, _, false) => ended = ended.max(Some(time)),
                (true, _, true) => {}
                (false, true, _) => before = before.max(Some(time)),
                (false, _, true) => after = after.map_or(Some(time), |known| Some(known.min(time))),
                (false, false, false) => inside = inside.max(Some(time)),
            }
        }
        let histograms = columns.histograms.timestamps;
        for time in (0..histograms.len()).map(|at| histograms.at(at)) {
            if time < window.start_ms {
                before = before.max(Some(time));
            } else if time > window.end_ms {
                after = after.map_or(Some(time), |known| Some(known.min(time)));
            } else {
                inside = inside.max(Some(time));
            }
        }
    }
    let count = series(set.len());
    let end = window.end_ms;
    let size_ms = end.saturating_sub(window.start_ms.saturating_sub(1));
    let size = times::duration(size_ms);
    let lookback = if !is_range && size_ms == examiner.lookback_ms() { " (the lookback)" } else { "" };
    let until = times::rfc3339(end);
    let ended = ended.filter(|time| before.max(inside).is_none_or(|last| last < *time));
    if let Some(time) = ended {
        let message = format!("{} has {count}, but the last ended at {}", known.name, times::rfc3339(time));
        let reason = Reason::new("ended", known.span, message);
        return examiner
            .found(reason.note("a stale marker stands there; at earlier times there are samples"));
    }
    let message = match inside.is_some() {
        false => format!("{} has {count}, but no sample in the {size}{lookback} up to {until}", known.name),
        true => format!(
            "{} has {count}, but their samples in the {size} up to {until} lie between what the steps see",
            known.name
        ),
    };
    let mut reason = Reason::new("no_sample_in_time", known.span, message);
    if let Some(time) = before {
        let age = rough(end.saturating_sub(time));
        reason = reason.note(format!("the newest sample before is {age} old: {}", times::rfc3339(time)));
    }
    if let Some(time) = after {
        let gap = rough(time.saturating_sub(end));
        reason = reason.note(format!("the next sample is {gap} later: {}", times::rfc3339(time)));
    }
    examiner.found(reason);
}

/// A distance to read: milliseconds only where there is little else.
fn rough(ms: i64) -> String {
    times::duration(if ms < 60_000 { ms } else { ms / 1000 * 1000 })
}

fn values_of<'a>(series: impl IntoIterator<Item = &'a Labels>, label: &str) -> BTreeSet<&'a str> {
    series.into_iter().filter_map(|labels| labels.get(label)).collect()
}

/// `"a", "b" and 3 more`.
fn listed(values: &BTreeSet<&str>) -> String {
    list(values.iter().map(|value| format!("{value:?}")), ", ")
}

/// The first items of a list, and how many more there are.
pub(super) fn list(items: impl IntoIterator<Item = String>, between: &str) -> String {
    let items: Vec<String> = items.into_iter().collect();
    let shown: Vec<&str> = items.iter().take(LISTED).map(String::as_str).collect();
    let more = match items.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    shown.join(between) + &more
}
