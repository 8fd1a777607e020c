//! Range functions on windows of histogram samples, step by step, with upstream's order of operations.
//!
//! A function writes its result into a histogram of the caller's and says whether there is one; remarks go to
//! an annotation set. An error is a stored histogram whose spans and buckets disagree: the query fails.
//! Windows with floats among the histograms are the caller's business.

mod counts;
mod extended;
mod instant;
mod interpolation;
mod over_time;
mod rate;

pub use counts::{ColumnFacts, changes, resets};
pub use extended::extended_rate;
pub use instant::instant_rate;
pub use interpolation::interpolate;
pub use over_time::{avg_over_time, sum_over_time};
pub use rate::rate;

use super::{
    CounterResetHint, FloatHistogram, HistogramAnnotation, HistogramAnnotations, HistogramError,
    HistogramOperation, HistogramRef, HistogramSamples, Reconciled,
};
use crate::model::{HistogramColumn, Timestamps, start_timestamps};

/// What kind of growth is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Growth {
    /// Of a counter, whose resets are made good (`rate`, `increase`, `irate`); else of a gauge (`delta`, `idelta`).
    pub counter: bool,
    /// Per second (`rate`, `irate`).
    pub per_second: bool,
}

/// Where a range selector's window lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RangeBorders {
    /// Its start in ms, exclusive.
    pub start_ms: i64,
    /// Its end in ms, inclusive.
    pub end_ms: i64,
}

impl RangeBorders {
    /// Its width in seconds.
    fn seconds(self) -> f64 {
        seconds_between(self.start_ms, self.end_ms)
    }
}

/// Seconds from one time to another.
fn seconds_between(from_ms: i64, to_ms: i64) -> f64 {
    to_ms.saturating_sub(from_ms) as f64 / 1000.0
}

/// The histogram samples one step of a range selector sees, in ascending order of time, without stale markers.
#[derive(Debug, Clone, Copy)]
pub struct HistogramWindow<'a> {
    timestamps: Timestamps<'a>,
    samples: HistogramSamples<'a>,
    start_timestamps: &'a [i64],
    facts: Option<&'a ColumnFacts>,
    first: usize,
    end: usize,
}

impl<'a> HistogramWindow<'a> {
    /// The samples `first..end` of a column.
    pub fn new(column: &HistogramColumn<'a>, first: usize, end: usize) -> Self {
        let end = end.min(column.samples.len()).min(column.timestamps.len());
        Self {
            timestamps: column.timestamps,
            samples: column.samples,
            start_timestamps: column.start_timestamps,
            facts: None,
            first: first.min(end),
            end,
        }
    }

    /// The same, told what is known of its column, so that windows need not look at all their samples.
    #[must_use]
    pub const fn with_facts(self, facts: &'a ColumnFacts) -> Self {
        Self { facts: Some(facts), ..self }
    }

    /// The positions, but for the first, of samples that start anew, where they are known and no start timestamps matter.
    fn known_resets(&self) -> Option<impl Iterator<Item = usize>> {
        let facts = self.facts.filter(|_| self.start_timestamps.is_empty())?;
        let first = self.first;
        Some(counts::between(&facts.resets, first, self.end).map(move |index| index - first))
    }

    /// Whether all samples between the first and the last are known to have the first one's layout and to be no gauges.
    fn is_uniform(&self) -> bool {
        let odd = |facts: &ColumnFacts| {
            counts::between(&facts.odd, self.first, self.end.saturating_sub(1)).next().is_some()
        };
        self.facts.is_some_and(|facts| !odd(facts))
    }

    /// How many samples.
    pub const fn len(&self) -> usize {
        self.end - self.first
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The sample at a position in the window.
    fn sample(&self, position: usize) -> HistogramRef<'a> {
        self.samples.at(self.first + position)
    }

    /// Its time in ms.
    fn time(&self, position: usize) -> i64 {
        self.timestamps.at(self.first + position)
    }

    /// Since when it counts, in ms; 0 where that is not known.
    fn start(&self, position: usize) -> i64 {
        start_timestamps::of(self.start_timestamps, self.first + position)
    }

    /// Whether the start timestamps say that this sample, not the first one, starts anew.
    fn start_was_reset(&self, position: usize) -> bool {
        !self.start_timestamps.is_empty()
            && start_timestamps::is_reset(
                self.start(position - 1),
                self.time(position - 1),
                self.start(position),
                self.time(position),
            )
    }

    /// Whether this sample, not the first one, starts anew, by start timestamps, hint or buckets.
    fn was_reset(&self, position: usize) -> bool {
        if let Some(facts) = self.facts {
            return facts.resets.binary_search(&((self.first + position) as u32)).is_ok();
        }
        let hint = self.samples.headers.get(self.first + position).map(|header| header.counter_reset_hint);
        self.start_was_reset(position)
            || match hint {
                Some(CounterResetHint::Reset) => true,
                Some(CounterResetHint::NotReset) => false,
                _ => self.sample(position).detect_reset(&self.sample(position - 1)),
            }
    }

    /// All samples.
    fn iter(&self) -> impl Iterator<Item = HistogramRef<'a>> + use<'a> {
        let samples = self.samples;
        (self.first..self.end).map(move |index| samples.at(index))
    }
}

/// Notes the outcome of an addition or subtraction; `false` if the two do not go together.
///
/// Collisions of counter reset hints are not noted: range functions treat resets themselves.
fn note(
    result: Result<Reconciled, HistogramError>,
    operation: HistogramOperation,
    annotations: &mut HistogramAnnotations,
) -> Result<bool, HistogramError> {
    match result {
        Ok(reconciled) => {
            if reconciled.custom_bounds {
                annotations.insert(HistogramAnnotation::MismatchedCustomBuckets(operation));
            }
            Ok(true)
        }
        Err(HistogramError::IncompatibleSchemas) => {
            annotations.insert(HistogramAnnotation::MixedExponentialCustom);
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Adds, and notes the outcome.
fn add(
    sum: &mut FloatHistogram,
    other: HistogramRef<'_>,
    annotations: &mut HistogramAnnotations,
) -> Result<bool, HistogramError> {
    note(sum.add(other), HistogramOperation::Addition, annotations)
}

/// Subtracts, and notes the outcome.
fn subtract(
    difference: &mut FloatHistogram,
    other: HistogramRef<'_>,
    annotations: &mut HistogramAnnotations,
) -> Result<bool, HistogramError> {
    note(difference.subtract(other), HistogramOperation::Subtraction, annotations)
}
