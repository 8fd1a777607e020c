//! Checks of the samples that a set lends.

use std::collections::HashMap;

use super::data::SeriesData;
use super::{Rule, Violation, answered, broken, in_window};
use crate::model::Timestamps;
use crate::storage::{ColumnBuffer, SelectRequest, SeriesSet};

/// Reads every series twice into one buffer, forwards and backwards: neither what the buffer held nor the order may show.
pub(super) fn check(
    set: &dyn SeriesSet,
    data: &[SeriesData],
    request: &SelectRequest,
) -> Result<(), Violation> {
    let mut buffer = ColumnBuffer::default();
    let mut shared: HashMap<u64, Vec<i64>> = HashMap::new();
    for index in (0..set.len()).chain((0..set.len()).rev()) {
        let labels = set.labels(index);
        let columns = answered(set.columns(index, &mut buffer), request)?;
        let floats = columns.floats;
        let wrong = |rule: Rule, detail: &str| Err(broken(rule, request, format!("{labels}: {detail}")));
        if floats.timestamps.len() != floats.values.len() {
            return wrong(Rule::ColumnShape, "times and values differ in number");
        }
        if !floats.start_timestamps.is_empty() && floats.start_timestamps.len() != floats.values.len() {
            return wrong(Rule::ColumnShape, "start times and values differ in number");
        }
        if matches!(floats.timestamps, Timestamps::Regular { interval_ms: ..=0, .. }) {
            return wrong(Rule::ColumnShape, "regular times need a positive interval");
        }
        if !columns.histograms.timestamps.is_empty() {
            return wrong(Rule::SamplesComplete, "histograms where floats were stored");
        }
        let times: Vec<i64> = (0..floats.values.len()).map(|at| floats.timestamps.at(at)).collect();
        if !times.is_sorted_by(|a, b| a < b) {
            return wrong(Rule::SampleOrder, "times do not ascend");
        }
        if let Timestamps::Explicit { shared: Some(identity), .. } = floats.timestamps
            && *shared.entry(identity).or_insert_with(|| times.clone()) != times
        {
            return wrong(Rule::SharedTimes, "another column with this identity has other times");
        }
        let window = request.start_ms..=request.end_ms;
        let found = times.iter().zip(floats.values).filter(|(time, _)| window.contains(time));
        let found = found.map(|(time, value)| (*time, value.to_bits()));
        let expected = data.iter().find(|one| one.labels == *labels).map(|one| in_window(one, request));
        let expected = expected.unwrap_or_default().into_iter().map(|(time, value)| (time, value.to_bits()));
        if !found.eq(expected) {
            return wrong(Rule::SamplesComplete, "samples in the window are not those stored");
        }
    }
    Ok(())
}
