//! Instant selectors with `smoothed`: the value at each step on the line between the samples around it.

use std::ops::Range;

use super::{
    context::{Context, Worker},
    evaluate::{BoxedRows, Evaluator},
    range::within,
    row::{Row, set_bit},
    rows::Rows,
    select::with_buffer,
    table::Series,
};
use crate::{
    error::{Error, ErrorKind},
    functions::StepTimes,
    model::{FloatColumn, Span, is_stale},
    plan::{Node, Selector},
    storage::SeriesSet,
};

struct SmoothedRows<'a> {
    set: &'a dyn SeriesSet,
    series: Vec<Series>,
    lookups: StepTimes,
    lookback_ms: i64,
    context: &'a Context,
    span: Span,
}

/// The rows of an instant selector with `smoothed`.
pub(crate) fn rows<'a>(
    evaluator: Evaluator<'a>,
    selector: &Selector,
    node: &Node,
) -> Result<BoxedRows<'a>, Error> {
    let set = evaluator.fetched_set(selector.request, node.span)?;
    Ok(Box::new(SmoothedRows {
        set,
        series: super::table::series_of(set),
        lookups: selector.lookups,
        lookback_ms: selector.lookback_ms,
        context: evaluator.context,
        span: node.span,
    }))
}

impl Rows for SmoothedRows<'_> {
    fn series(&self) -> &[Series] {
        &self.series
    }

    fn row(&self, row: usize, steps: Range<usize>, worker: &mut Worker, out: &mut Row) -> Result<(), Error> {
        out.reset(steps.len());
        with_buffer(worker, |buffer, _| {
            let columns = self.set.columns(row, buffer)?;
            let (first, last) = (self.lookups.at(steps.start), self.lookups.at(steps.end.saturating_sub(1)));
            let (after_ms, until_ms) =
                (first.saturating_sub(self.lookback_ms), last.saturating_add(self.lookback_ms));
            let histograms = super::range::histograms_within(&columns.histograms, after_ms, until_ms);
            if !histograms.samples.is_empty() {
                let what = "smoothed on an instant selector of native histograms";
                return Err(Error::new(ErrorKind::Unsupported(what), self.span));
            }
            let points = live_points(&within(&columns.floats, after_ms, until_ms));
            for (index, step) in steps.clone().enumerate() {
                if let Some(value) = self.value_at(&points, self.lookups.at(step)) {
                    out.values[index] = value;
                    set_bit(&mut out.present, index);
                }
            }
            let found = super::row::count_bits(&out.present) as u64;
            self.context.count_covered(found);
            self.context.count_samples(found)
        })
    }
}

/// The samples that are no stale markers.
fn live_points(column: &FloatColumn<'_>) -> Vec<(i64, f64)> {
    let values = column.values.iter().enumerate().filter(|(_, value)| !is_stale(**value));
    values.map(|(index, value)| (column.timestamps.at(index), *value)).collect()
}

impl SmoothedRows<'_> {
    /// The value at a time: a sample's own, between two samples on the line through them, behind the last its value; samples
    /// further off than the lookback do not count.
    fn value_at(&self, points: &[(i64, f64)], time_ms: i64) -> Option<f64> {
        let after_ms = time_ms.saturating_sub(self.lookback_ms);
        let until_ms = time_ms.saturating_add(self.lookback_ms);
        let next = points.partition_point(|(time, _)| *time < time_ms);
        let following = points.get(next).filter(|(time, _)| *time <= until_ms);
        if let Some((_, value)) = following.filter(|(time, _)| *time == time_ms) {
            return Some(*value);
        }
        let (from_ms, from) = *points.get(next.checked_sub(1)?).filter(|(time, _)| *time > after_ms)?;
        let Some((to_ms, to)) = following else { return Some(from) };
        Some(from + (to - from) * (time_ms - from_ms) as f64 / (to_ms - from_ms) as f64)
    }
}
