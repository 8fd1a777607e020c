//! What a query costs before its samples count: from text to result at one step, for one series and for each one more.

use std::time::Duration;

use super::figure;
use crate::Settings;
use crate::engines::engine;
use crate::record::{FIXED_COST, FURTHER_SERIES, Figure};
use crate::suites::{data, measure};

/// One of each kind; `X` is one or a hundred.
const QUERIES: &[&str] = &["a_X", "abs(a_X)", "rate(a_X[1m])", "sum(a_X)", "a_X - b_X"];

pub(crate) fn measure(settings: &Settings) -> Vec<Figure> {
    let queries: Vec<&str> =
        QUERIES.iter().copied().filter(|query| query.contains(&settings.filter)).collect();
    if queries.is_empty() {
        return Vec::new();
    }
    let store = data::range_query();
    let engine = engine();
    let time_ms = data::INTERVALS * data::INTERVAL_MS;
    let time = |query: &str, size: &str| {
        let query = query.replace('X', size);
        let ask = || engine.range_query(&store, &query, time_ms, time_ms, data::INTERVAL_MS);
        measure::time(Duration::from_millis(300), ask).median_ns
    };
    let mut figures = Vec::new();
    for query in queries {
        let (one, hundred) = (time(query, "one"), time(query, "hundred"));
        figures.push(figure(FIXED_COST, query, "ns", one));
        figures.push(figure(FURTHER_SERIES, query, "ns", (hundred - one) / 99.0));
    }
    figures
}
