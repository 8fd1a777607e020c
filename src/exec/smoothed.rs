//! Instant selectors with `smoothed`: the value at each step on the line between the samples around it.

use std::ops::Range;

use super::{
    account::SizedWindows,
    aggregate_histograms,
    context::{Context, Worker},
    evaluate::{BoxedRows, Evaluator},
    range::within,
    range_histograms::{Fresh, sizes_before},
    row::{Row, set_bit},
    rows::Rows,
    select::with_buffer,
    table::Series,
};
use crate::{
    error::Error,
    functions::{StepTimes, WindowSpecification, Windows},
    model::{
        FloatColumn, HistogramColumn, METRIC_NAME, SeriesColumns, Span, Timestamps,
        histogram::{CounterResetHint, FloatHistogram, HistogramAnnotations, range::interpolate},
        is_stale,
        quote::Quoted,
    },
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
    slot: u32,
}

/// The rows of an instant selector with `smoothed`.
pub(crate) fn rows<'a>(
    evaluator: Evaluator<'a>,
    selector: &Selector,
    node: &Node,
) -> Result<BoxedRows<'a>, Error> {
    let set = evaluator.series_set(selector.read, node.span)?;
    evaluator.context.account.expect_rows(node.slot, set.len());
    Ok(Box::new(SmoothedRows {
        set,
        series: super::table::series_of(set),
        lookups: selector.lookups,
        lookback_ms: selector.lookback_ms,
        context: evaluator.context,
        span: node.span,
        slot: node.slot,
    }))
}

impl Rows for SmoothedRows<'_> {
    fn series(&self) -> &[Series] {
        &self.series
    }

    fn into_series(self: Box<Self>) -> Vec<Series> {
        self.series
    }

    fn row(&self, row: usize, steps: Range<usize>, worker: &mut Worker, out: &mut Row) -> Result<(), Error> {
        out.reset(steps.len());
        with_buffer(worker, |buffer, _| {
            let columns = self.set.columns(row, buffer)?;
            let (first, last) = (self.lookups.at(steps.start), self.lookups.at(steps.end.saturating_sub(1)));
            let (after_ms, until_ms) =
                (first.saturating_sub(self.lookback_ms), last.saturating_add(self.lookback_ms));
            let histograms = super::range::histograms_within(&columns.histograms, after_ms, until_ms);
            let points = live_points(&within(&columns.floats, after_ms, until_ms));
            if steps.start == 0 {
                self.note_windows(row, &columns);
            }
            if !histograms.samples.is_empty() {
                let mut fresh = Fresh::default();
                let histograms = fresh.take(histograms);
                self.fill_with_histograms(row, &points, &histograms, steps.clone(), out)?;
                self.context.account.note(self.slot, &steps, self.lookups.count, out);
                return Ok(());
            }
            for (index, step) in steps.clone().enumerate() {
                if let Some(value) = self.value_at(&points, self.lookups.at(step)) {
                    out.values[index] = value;
                    set_bit(&mut out.present, index);
                }
            }
            self.context.account.note(self.slot, &steps, self.lookups.count, out);
            Ok(())
        })
    }
}

/// The samples that are no stale markers.
fn live_points(column: &FloatColumn<'_>) -> Vec<(i64, f64)> {
    let values = column.values.iter().enumerate().filter(|(_, value)| !is_stale(**value));
    values.map(|(index, value)| (column.timestamps.at(index), *value)).collect()
}

impl SmoothedRows<'_> {
    /// Notes what each step looks at: all samples up to the lookback away, before and behind.
    fn note_windows(&self, row: usize, columns: &SeriesColumns<'_>) {
        let ends = self.lookups.earlier(self.lookback_ms.saturating_neg());
        let specification = WindowSpecification::plain(ends, self.lookback_ms.saturating_mul(2));
        let (after_ms, until_ms) = specification.reach();
        let points = live_points(&within(&columns.floats, after_ms, until_ms));
        let times: Vec<i64> = points.into_iter().map(|(time, _)| time).collect();
        let explicit = |times_ms| Timestamps::Explicit { times_ms, shared: None };
        let floats = Windows::new(&explicit(&times), &specification);
        let mut fresh = Fresh::default();
        let histograms = fresh.take(super::range::histograms_within(&columns.histograms, after_ms, until_ms));
        let windows = Windows::new(&histograms.timestamps, &specification);
        let before = sizes_before(&histograms);
        let sized = SizedWindows { floats: &floats, histograms: Some((&windows, &before)) };
        self.context.account.saw(self.slot, row, &sized);
    }

    /// Fills in a row in which histograms occur.
    fn fill_with_histograms(
        &self,
        row: usize,
        points: &[(i64, f64)],
        histograms: &HistogramColumn<'_>,
        steps: Range<usize>,
        out: &mut Row,
    ) -> Result<(), Error> {
        let times: Vec<i64> =
            (0..histograms.samples.len()).map(|index| histograms.timestamps.at(index)).collect();
        let (mut remarks, mut mixed) = (HistogramAnnotations::NONE, false);
        let mut histogram = FloatHistogram::default();
        let run = steps.len();
        for (index, step) in steps.enumerate() {
            let time_ms = self.lookups.at(step);
            let after_ms = time_ms.saturating_sub(self.lookback_ms);
            let until_ms = time_ms.saturating_add(self.lookback_ms);
            let first = times.partition_point(|time| *time <= after_ms);
            let end = times.partition_point(|time| *time <= until_ms);
            if first >= end {
                if let Some(value) = self.value_at(points, time_ms) {
                    out.values[index] = value;
                    set_bit(&mut out.present, index);
                }
                continue;
            }
            if points.iter().any(|(time, _)| *time > after_ms && *time <= until_ms) {
                mixed = true;
                continue;
            }
            let next = times.partition_point(|time| *time < time_ms);
            let following = (next < end).then(|| (times[next], histograms.samples.at(next)));
            let earlier = (next > first).then(|| (times[next - 1], histograms.samples.at(next - 1)));
            match (earlier, following) {
                (_, Some((time, sample))) if time == time_ms => out.histograms.put(index, run, sample),
                (Some(before), Some(after)) => {
                    let is_gauge = |hint| hint == CounterResetHint::Gauge;
                    let counter =
                        !(is_gauge(before.1.counter_reset_hint) && is_gauge(after.1.counter_reset_hint));
                    let found = interpolate(before, after, time_ms, counter, &mut histogram, &mut remarks)
                        .map_err(|error| Error::execution(error.to_string(), self.span))?;
                    if found {
                        out.histograms.put(index, run, histogram.as_ref());
                    }
                }
                (Some((_, mut sample)), None) => {
                    // A hint speaks of neighbours, not of the value.
                    sample.counter_reset_hint = CounterResetHint::Unknown;
                    out.histograms.put(index, run, sample);
                }
                (None, _) => {}
            }
        }
        let metric = self.series[row].labels.get(METRIC_NAME).unwrap_or_default();
        if mixed {
            let message = "encountered a mix of histograms and floats for metric name";
            self.context
                .annotate(|annotations| annotations.warn(format!("{message} {}", Quoted(metric)), self.span));
        }
        for remark in remarks.iter() {
            aggregate_histograms::annotate(self.context, remark, metric, self.span);
        }
        Ok(())
    }

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
