//! What the store holds, for `.metrics`, `.labels`, `.series` and the banner; read through the storage trait only.

use std::collections::{BTreeMap, BTreeSet};

use promql_engine::{
    QueryError,
    model::{Labels, METRIC_NAME, MatchOperator, Matcher},
    storage::{Metadata, SelectRequest, Storage},
};

use crate::{
    evaluate::{self, When},
    outcome::Failure,
    output,
    terminal::{Paint, Style},
};

/// The matchers of a selector such as `up{job="api"}`.
pub(crate) fn matchers(selector: &str) -> Result<Vec<Matcher>, QueryError> {
    let prepared = evaluate::prepare(&evaluate::engine(), selector, When::Instant(0))?;
    Ok(prepared.requests().first().map(|request| request.matchers.clone()).unwrap_or_default())
}

/// The label sets of the series that all matchers accept.
fn accepted(store: &dyn Storage, matchers: Vec<Matcher>) -> Result<Vec<Labels>, Failure> {
    let request = SelectRequest { matchers, ..SelectRequest::everything() };
    store.series(&request).map_err(|error| Failure::failed(error.to_string()))
}

/// The label sets of every series, or of those of one metric.
fn series_of(store: &dyn Storage, metric: Option<&str>) -> Result<Vec<Labels>, Failure> {
    let matcher = metric.map(|name| Matcher::new(METRIC_NAME, MatchOperator::Equal, name)).transpose();
    accepted(store, matcher.map_err(|error| Failure::failed(error.to_string()))?.into_iter().collect())
}

/// The names of all metrics, sorted.
pub(crate) fn metric_names(store: &dyn Storage) -> Result<BTreeSet<String>, Failure> {
    let series = series_of(store, None)?;
    Ok(series.iter().filter_map(|labels| labels.metric_name().map(str::to_owned)).collect())
}

/// A line a metric whose name fits the pattern: name, series, type, help.
pub(crate) fn metrics(store: &dyn Storage, pattern: &str, style: &Style) -> Result<String, Failure> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for labels in series_of(store, None)? {
        let name = labels.metric_name().unwrap_or_default();
        if fits(pattern, name) {
            *counts.entry(name.to_owned()).or_default() += 1;
        }
    }
    if counts.is_empty() {
        return Ok(match pattern {
            "" => "(no metrics)\n".to_owned(),
            pattern => format!("(no metric fits `{pattern}`)\n"),
        });
    }
    let mut rows = Vec::new();
    for (name, count) in &counts {
        let known = family(store, name)?;
        let (kind, help) = known.map_or(("", String::new()), |known| (known.metric_type.name(), known.help));
        rows.push([name.clone(), format!("{count} series"), kind.to_owned(), help.replace('\n', " ")]);
    }
    Ok(output::columns(&rows, style))
}

/// What is known of the metric; the series of a histogram or summary stand under their family's name.
pub(crate) fn family(store: &dyn Storage, name: &str) -> Result<Option<Metadata>, Failure> {
    let ask = |name: &str| store.metadata(name).map_err(|error| Failure::failed(error.to_string()));
    if let Some(known) = ask(name)? {
        return Ok(Some(known));
    }
    for suffix in ["_total", "_bucket", "_count", "_sum", "_created", "_info"] {
        if let Some(known) = name.strip_suffix(suffix).map(ask).transpose()?.flatten() {
            return Ok(Some(known));
        }
    }
    Ok(None)
}

/// Whether a name has the pattern in it; with `*`, whether the whole name fits.
fn fits(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else {
        return name.contains(first);
    };
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    for piece in middle {
        match rest.find(piece) {
            Some(at) => rest = rest.get(at + piece.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// A line a label: name, number of values, the first of them.
pub(crate) fn labels(store: &dyn Storage, matchers: Vec<Matcher>, style: &Style) -> Result<String, Failure> {
    let mut values: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for labels in accepted(store, matchers)? {
        for (name, value) in labels.iter().filter(|(name, _)| *name != METRIC_NAME) {
            values.entry(name.to_owned()).or_default().insert(value.to_owned());
        }
    }
    if values.is_empty() {
        return Ok("(no labels)\n".to_owned());
    }
    const SHOWN: usize = 8;
    let rows: Vec<[String; 3]> = values
        .iter()
        .map(|(name, values)| {
            let mut list: Vec<String> = values.iter().take(SHOWN).map(|value| format!("{value:?}")).collect();
            if values.len() > SHOWN {
                list.push("…".to_owned());
            }
            let count =
                if values.len() == 1 { "1 value".to_owned() } else { format!("{} values", values.len()) };
            [name.clone(), count, list.join(" ")]
        })
        .collect();
    Ok(output::columns(&rows, style))
}

/// A line a series, in label order.
pub(crate) fn series(store: &dyn Storage, matchers: Vec<Matcher>) -> Result<String, Failure> {
    let series = accepted(store, matchers)?;
    if series.is_empty() {
        return Ok("(no series)\n".to_owned());
    }
    Ok(series.iter().map(|labels| format!("{labels}\n")).collect())
}

/// The metric's own line of `.help`: how many series, what it is.
pub(crate) fn explain_metric(
    store: &dyn Storage,
    name: &str,
    style: &Style,
) -> Result<Option<String>, Failure> {
    let count = series_of(store, Some(name))?.len();
    if count == 0 {
        return Ok(None);
    }
    let known = family(store, name)?.unwrap_or_default();
    let help = if known.help.is_empty() { String::new() } else { format!("{}\n", known.help) };
    Ok(Some(format!(
        "{}: a {} of {count} series\n{help}",
        style.paint(Paint::Name, name),
        known.metric_type.name()
    )))
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_of_names() {
        assert!(fits("", "up") && fits("requests", "app_requests_total"));
        assert!(
            fits("app*total", "app_requests_total")
                && fits("*", "up")
                && fits("*_total", "app_requests_total")
        );
        assert!(!fits("app*", "my_app") && !fits("a*b*c", "acb") && !fits("aa*aa", "aaa"));
    }
}
