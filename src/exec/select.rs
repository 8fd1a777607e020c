//! Instant selectors: for each series the newest sample at each step, no older than the lookback.

use std::ops::Range;

use super::{
    context::Worker,
    evaluate::{BoxedRows, Evaluator},
    range::{histograms_within, within},
    row::{Row, fill_bits, set_bit},
    rows::Rows,
    table::{Series, series_of},
};
use crate::{
    error::Error,
    functions::{StepTimes, regular_counts},
    model::{FloatColumn, SeriesColumns, Span, Timestamps, histogram::HistogramSamples, is_stale},
    plan::{NO_SLOT, Node, Selector},
    storage::{ColumnBuffer, SeriesSet},
};

/// What is taken of the sample found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Take {
    /// Its value.
    Value,
    /// Its time, in seconds.
    Time,
    /// Its time, in seconds; NaN where it is a histogram.
    FloatTime,
    /// Its start time, in seconds.
    StartTime,
}

struct SelectRows<'a> {
    set: &'a dyn SeriesSet,
    series: Vec<Series>,
    lookups: StepTimes,
    lookback_ms: i64,
    take: Take,
    seen_until_ms: Option<i64>,
    slot: u32,
    evaluator: Evaluator<'a>,
}

/// The rows of a selector.
pub(crate) fn rows<'a>(
    evaluator: Evaluator<'a>,
    selector: &Selector,
    node: &Node,
) -> Result<BoxedRows<'a>, Error> {
    if selector.smoothed {
        return super::smoothed::rows(evaluator, selector, node);
    }
    Ok(Box::new(select(evaluator, selector, (node.span, node.slot), Take::Value)?))
}

/// The times of a selector's samples in seconds, NaN where the sample is a histogram, under the series' own labels.
pub(crate) fn sample_times<'a>(
    evaluator: Evaluator<'a>,
    selector: &Selector,
    node: &Node,
) -> Result<BoxedRows<'a>, Error> {
    // Of these, `info` counts those that it looks at.
    Ok(Box::new(select(evaluator, selector, (node.span, NO_SLOT), Take::FloatTime)?))
}

/// The times of a selector's samples (or, with `start`, their start times), in seconds.
pub(crate) fn timestamps<'a>(
    evaluator: Evaluator<'a>,
    selector: &Selector,
    node: &Node,
    start: bool,
) -> Result<BoxedRows<'a>, Error> {
    let take = if start { Take::StartTime } else { Take::Time };
    let mut rows = select(evaluator, selector, (node.span, node.slot), take)?;
    let delayed = evaluator.context.options.delayed_name_removal;
    for series in &mut rows.series {
        super::labels::drop_name(series, delayed);
    }
    Ok(Box::new(rows))
}

fn select<'a>(
    evaluator: Evaluator<'a>,
    selector: &Selector,
    (span, slot): (Span, u32),
    take: Take,
) -> Result<SelectRows<'a>, Error> {
    let set = evaluator.series_set(selector.read, span)?;
    let series = series_of(set);
    let Selector { lookups, lookback_ms, seen_until_ms, .. } = *selector;
    Ok(SelectRows { set, series, lookups, lookback_ms, take, seen_until_ms, slot, evaluator })
}

impl Rows for SelectRows<'_> {
    fn series(&self) -> &[Series] {
        &self.series
    }

    fn row(&self, row: usize, steps: Range<usize>, worker: &mut Worker, out: &mut Row) -> Result<(), Error> {
        out.reset(steps.len());
        let mut columns = self.set.columns(row, &mut worker.columns)?;
        if let Some(until_ms) = self.seen_until_ms {
            columns.floats = within(&columns.floats, i64::MIN, until_ms);
            columns.histograms = histograms_within(&columns.histograms, i64::MIN, until_ms);
        }
        let lookups = StepTimes {
            start_ms: self.lookups.at(steps.start),
            step_ms: self.lookups.step_ms,
            count: steps.len(),
        };
        if columns.histograms.timestamps.is_empty() {
            self.floats(&columns.floats, lookups, out);
        } else {
            self.mixed(&columns, lookups, out)?;
        }
        let context = self.evaluator.context;
        if self.take == Take::StartTime && !context.options.start_timestamps {
            // Found and forgotten at each step.
            context.account.note(self.slot, &steps, self.lookups.count, out);
            out.reset(steps.len());
            return Ok(());
        }
        context.account.gave(self.slot, &steps, self.lookups.count, out)?;
        Ok(())
    }
}

/// Walks the steps with the sample at or before each: `visit(step, index of the sample)`, where one is young enough.
fn for_each_found(
    timestamps: &Timestamps<'_>,
    lookups: StepTimes,
    lookback_ms: i64,
    mut visit: impl FnMut(usize, usize),
) {
    match *timestamps {
        Timestamps::Regular { start_ms, interval_ms, count } => {
            for (step, past) in regular_counts(start_ms, interval_ms, count, lookups).enumerate() {
                if past > 0 && timestamps.at(past - 1) > lookups.at(step).saturating_sub(lookback_ms) {
                    visit(step, past - 1);
                }
            }
        }
        Timestamps::Explicit { times_ms, .. } => {
            let mut past = 0;
            for step in 0..lookups.count {
                let time = lookups.at(step);
                past = advance(times_ms, past, time);
                if past > 0 && times_ms[past - 1] > time.saturating_sub(lookback_ms) {
                    visit(step, past - 1);
                }
            }
        }
    }
}

/// How many times are at most `time`, given that `from` are: looks at the neighbours first, then searches by halves.
fn advance(times: &[i64], from: usize, time: i64) -> usize {
    let rest = &times[from..];
    for (near, sample_time) in rest.iter().take(8).enumerate() {
        if *sample_time > time {
            return from + near;
        }
    }
    if rest.len() <= 8 { times.len() } else { from + 8 + rest[8..].partition_point(|t| *t <= time) }
}

impl SelectRows<'_> {
    fn taken(&self, column: &FloatColumn<'_>, index: usize) -> f64 {
        match self.take {
            Take::Value => column.values[index],
            Take::Time | Take::FloatTime => column.timestamps.at(index) as f64 / 1000.0,
            Take::StartTime => Self::start_time(column.start_timestamps, index),
        }
    }

    fn start_time(start_timestamps: &[i64], index: usize) -> f64 {
        start_timestamps.get(index).copied().unwrap_or(0) as f64 / 1000.0
    }

    fn floats(&self, column: &FloatColumn<'_>, lookups: StepTimes, out: &mut Row) {
        if self.take == Take::Value && self.every_sample(column, lookups, out) {
            return;
        }
        for_each_found(&column.timestamps, lookups, self.lookback_ms, |step, index| {
            if !is_stale(column.values[index]) {
                out.values[step] = self.taken(column, index);
                set_bit(&mut out.present, step);
            }
        });
    }

    /// Copies the samples where each step sees the one after that of the step before, as long as there are some, and none is NaN,
    /// let alone stale; the steps behind the last sample see that one.
    fn every_sample(&self, column: &FloatColumn<'_>, lookups: StepTimes, out: &mut Row) -> bool {
        let Timestamps::Regular { start_ms, interval_ms, count } = column.timestamps else { return false };
        let one = StepTimes { count: 1, ..lookups };
        let past = regular_counts(start_ms, interval_ms, count, one).next().unwrap_or(0);
        let Some(first) = past.checked_sub(1) else { return false };
        let Some(values) = column.values.get(first..) else { return false };
        let values = &values[..values.len().min(lookups.count)];
        let age_ms = lookups.start_ms.saturating_sub(column.timestamps.at(first));
        // Of a column's end the last sample may be older than its distance to the next one would be.
        if lookups.step_ms != interval_ms || age_ms >= interval_ms.min(self.lookback_ms) {
            return false;
        }
        // A count rather than a search: it runs on several values at once.
        let nans: usize = values.iter().map(|value| usize::from(value.is_nan())).sum();
        if nans > 0 {
            return false;
        }
        out.values[..values.len()].copy_from_slice(values);
        let last_ms = column.timestamps.at(first + values.len() - 1);
        let mut seen = values.len();
        while seen < lookups.count && last_ms > lookups.at(seen).saturating_sub(self.lookback_ms) {
            out.values[seen] = values[values.len() - 1];
            seen += 1;
        }
        fill_bits(&mut out.present, seen);
        true
    }

    /// A series with floats and histograms: the younger sample counts.
    fn mixed(&self, columns: &SeriesColumns<'_>, lookups: StepTimes, out: &mut Row) -> Result<(), Error> {
        let steps = lookups.count;
        let mut float_at = vec![None; steps];
        for_each_found(&columns.floats.timestamps, lookups, self.lookback_ms, |step, index| {
            float_at[step] = Some(index);
        });
        let mut histogram_at = vec![None; steps];
        for_each_found(&columns.histograms.timestamps, lookups, self.lookback_ms, |step, index| {
            histogram_at[step] = Some(index);
        });
        let samples: HistogramSamples<'_> = columns.histograms.samples;
        let mut last = None;
        for step in 0..steps {
            let float_time = float_at[step].map(|index| columns.floats.timestamps.at(index));
            match histogram_at[step] {
                Some(index)
                    if float_time.is_none_or(|time| time < columns.histograms.timestamps.at(index)) =>
                {
                    let sample = samples.at(index);
                    if is_stale(sample.sum) {
                        continue;
                    }
                    match self.take {
                        Take::Value => {
                            if last != Some(index) {
                                out.histograms.samples.push(sample);
                                last = Some(index);
                            }
                            out.histograms.place_last(step, steps);
                        }
                        Take::Time => {
                            out.values[step] = columns.histograms.timestamps.at(index) as f64 / 1000.0;
                            set_bit(&mut out.present, step);
                        }
                        Take::FloatTime => {
                            out.values[step] = f64::NAN;
                            set_bit(&mut out.present, step);
                        }
                        Take::StartTime => {
                            out.values[step] = Self::start_time(columns.histograms.start_timestamps, index);
                            set_bit(&mut out.present, step);
                        }
                    }
                }
                _ => {
                    let Some(index) = float_at[step] else { continue };
                    if !is_stale(columns.floats.values[index]) {
                        out.values[step] = self.taken(&columns.floats, index);
                        set_bit(&mut out.present, step);
                    }
                }
            }
        }
        Ok(())
    }
}

/// Lets a set of buffers be borrowed by a store's columns and by the rest of the worker at once.
pub(crate) fn with_buffer<R>(worker: &mut Worker, f: impl FnOnce(&mut ColumnBuffer, &mut Worker) -> R) -> R {
    let mut buffer = std::mem::take(&mut worker.columns);
    let result = f(&mut buffer, worker);
    worker.columns = buffer;
    result
}
