//! Instant selectors: for each series the newest sample at each step, no older than the lookback.

use std::ops::Range;

use super::{
    by_column::ByColumn,
    context::Worker,
    evaluate::{BoxedRows, Evaluator},
    range::{histograms_within, within},
    row::{Row, fill_bits, set_bit},
    rows::Rows,
    table::Series,
};
use crate::{
    error::Error,
    functions::{StepTimes, regular_counts},
    model::{FloatColumn, Labels, SeriesColumns, Span, Timestamps, histogram::HistogramSamples, is_stale},
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
    found: ByColumn<Found>,
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
    Ok(Box::new(select(evaluator, selector, (node.span, node.slot), Take::Value, named)?))
}

/// The times of a selector's samples in seconds, NaN where the sample is a histogram, under the series' own labels.
pub(crate) fn sample_times<'a>(
    evaluator: Evaluator<'a>,
    selector: &Selector,
    node: &Node,
) -> Result<BoxedRows<'a>, Error> {
    // Of these, `info` counts those that it looks at.
    Ok(Box::new(select(evaluator, selector, (node.span, NO_SLOT), Take::FloatTime, named)?))
}

/// The times of a selector's samples (or, with `start`, their start times), in seconds.
pub(crate) fn timestamps<'a>(
    evaluator: Evaluator<'a>,
    selector: &Selector,
    node: &Node,
    start: bool,
) -> Result<BoxedRows<'a>, Error> {
    let take = if start { Take::StartTime } else { Take::Time };
    let delayed = evaluator.context.options.delayed_name_removal;
    let name = |labels: &Labels| Series::unnamed(labels, delayed);
    Ok(Box::new(select(evaluator, selector, (node.span, node.slot), take, name)?))
}

fn named(labels: &Labels) -> Series {
    Series::named(labels.clone())
}

fn select<'a>(
    evaluator: Evaluator<'a>,
    selector: &Selector,
    (span, slot): (Span, u32),
    take: Take,
    name: impl Fn(&Labels) -> Series,
) -> Result<SelectRows<'a>, Error> {
    let set = evaluator.series_set(selector.read, span)?;
    let series = (0..set.len()).map(|row| name(set.labels(row))).collect();
    let Selector { lookups, lookback_ms, seen_until_ms, .. } = *selector;
    let found = ByColumn::default();
    Ok(SelectRows { set, series, lookups, lookback_ms, take, seen_until_ms, found, slot, evaluator })
}

impl Rows for SelectRows<'_> {
    fn series(&self) -> &[Series] {
        &self.series
    }

    fn into_series(self: Box<Self>) -> Vec<Series> {
        self.series
    }

    fn row(&self, row: usize, steps: Range<usize>, worker: &mut Worker, out: &mut Row) -> Result<(), Error> {
        out.reset(steps.len());
        let mut columns = self.set.columns(row, &mut worker.columns)?;
        if let Some(until_ms) = self.seen_until_ms {
            columns.floats = within(&columns.floats, i64::MIN, until_ms);
            columns.histograms = histograms_within(&columns.histograms, i64::MIN, until_ms);
        }
        if columns.histograms.timestamps.is_empty() {
            self.floats(&columns.floats, steps.clone(), out);
        } else {
            self.mixed(&columns, steps.clone(), out)?;
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

/// Which sample of a column each step sees.
#[derive(Debug)]
enum Found {
    /// The one after that of the step before, as long as there are so many samples; the steps behind see the last one, up to this step.
    Run { first: usize, samples: usize, seen: usize },
    /// One a step, or [`NONE`].
    Each(Box<[u32]>),
}

/// Marks a step that sees no sample.
const NONE: u32 = u32::MAX;

impl Found {
    fn new(timestamps: &Timestamps<'_>, lookups: StepTimes, lookback_ms: i64) -> Self {
        if let Some(run) = Self::run(timestamps, lookups, lookback_ms) {
            return run;
        }
        let mut found = vec![NONE; lookups.count];
        for_each_found(timestamps, lookups, lookback_ms, |step, index| {
            found[step] = u32::try_from(index).unwrap_or(NONE);
        });
        Self::Each(found.into())
    }

    /// What a regular column gives whose samples lie as far apart as the steps do.
    fn run(timestamps: &Timestamps<'_>, lookups: StepTimes, lookback_ms: i64) -> Option<Self> {
        let Timestamps::Regular { start_ms, interval_ms, count } = *timestamps else { return None };
        if lookups.step_ms != interval_ms {
            return None;
        }
        let one = StepTimes { count: 1, ..lookups };
        let first = regular_counts(start_ms, interval_ms, count, one).next()?.checked_sub(1)?;
        let samples = (count - first).min(lookups.count);
        // Of a column's end the last sample may be older than its distance to the next one would be.
        let age_ms = lookups.start_ms.saturating_sub(timestamps.at(first));
        if age_ms >= interval_ms.min(lookback_ms) {
            return None;
        }
        let last_ms = timestamps.at(first + samples - 1);
        let sees_last = |step: &usize| last_ms > lookups.at(*step).saturating_sub(lookback_ms);
        let seen = (samples..lookups.count).take_while(sees_last).count();
        Some(Self::Run { first, samples, seen: samples + seen })
    }

    /// The sample that a step sees.
    fn at(&self, step: usize) -> Option<usize> {
        match self {
            Self::Run { first, samples, seen } => (step < *seen).then(|| first + step.min(samples - 1)),
            Self::Each(found) => found.get(step).filter(|index| **index != NONE).map(|index| *index as usize),
        }
    }

    /// Copies the samples of a run of steps, where they are one run, too, and none is NaN, let alone stale.
    fn copy(&self, values: &[f64], steps: Range<usize>, out: &mut Row) -> bool {
        let Self::Run { first, samples, seen } = *self else { return false };
        let own = steps.start.min(samples - 1)..steps.end.min(samples);
        let Some(values) = values.get(first + own.start..first + own.end) else { return false };
        // A count rather than a search: it runs on several values at once.
        let nans: usize = values.iter().map(|value| usize::from(value.is_nan())).sum();
        let Some(last) = values.last().filter(|_| nans == 0) else { return false };
        // Steps that begin behind the samples see the last one only.
        let copied = if steps.start < samples { values } else { &[] };
        out.values[..copied.len()].copy_from_slice(copied);
        let seen = seen.min(steps.end).saturating_sub(steps.start);
        if let Some(behind) = out.values.get_mut(copied.len()..seen) {
            behind.fill(*last);
        }
        fill_bits(&mut out.present, seen);
        true
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

    fn floats(&self, column: &FloatColumn<'_>, steps: Range<usize>, out: &mut Row) {
        let timestamps = &column.timestamps;
        if matches!(timestamps, Timestamps::Explicit { shared: None, .. }) {
            let take = |step, index| self.take_float(column, index, step, out);
            return for_each_found(timestamps, self.lookups_at(&steps), self.lookback_ms, take);
        }
        let found = self.found.get(timestamps, || Found::new(timestamps, self.lookups, self.lookback_ms));
        if self.take == Take::Value && found.copy(column.values, steps.clone(), out) {
            return;
        }
        for (index, step) in steps.enumerate() {
            if let Some(sample) = found.at(step) {
                self.take_float(column, sample, index, out);
            }
        }
    }

    /// Puts what is taken of a sample at a step of a row, unless the sample is stale.
    #[inline]
    fn take_float(&self, column: &FloatColumn<'_>, sample: usize, step: usize, out: &mut Row) {
        if !is_stale(column.values[sample]) {
            out.values[step] = self.taken(column, sample);
            set_bit(&mut out.present, step);
        }
    }

    /// The times looked up at a run of steps.
    fn lookups_at(&self, steps: &Range<usize>) -> StepTimes {
        StepTimes { start_ms: self.lookups.at(steps.start), count: steps.len(), ..self.lookups }
    }

    /// A series with floats and histograms: the younger sample counts.
    fn mixed(&self, columns: &SeriesColumns<'_>, steps: Range<usize>, out: &mut Row) -> Result<(), Error> {
        let lookups = self.lookups_at(&steps);
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
                    self.take_float(&columns.floats, index, step, out);
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
