//! Addition and subtraction of histograms that may differ in schema, zero bucket, layout and custom bounds.

use super::custom_bounds::{Gathered, intersect};
use super::kahan::side_in_schema;
use super::merge::{Addend, add_buckets};
use super::spans::check_spans;
use super::{CounterResetHint, FloatHistogram, HistogramError, HistogramRef};

/// What had to be settled between two histograms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reconciled {
    /// One says it was reset and the other that it was not; the result's hint is unknown.
    pub counter_reset_collision: bool,
    /// Custom bounds differ; the result has the common ones.
    pub custom_bounds: bool,
}

impl FloatHistogram {
    /// Adds another histogram: the coarser schema, the wider zero bucket and the common custom bounds win.
    /// The result is not compacted. On an error nothing has changed.
    pub fn add(&mut self, other: HistogramRef<'_>) -> Result<Reconciled, HistogramError> {
        self.add_signed(other, false)
    }

    /// Subtracts another histogram, otherwise as [`FloatHistogram::add`]. The `-` of PromQL also makes a gauge of
    /// the result: [`FloatHistogram::subtract_as_gauge`].
    pub fn subtract(&mut self, other: HistogramRef<'_>) -> Result<Reconciled, HistogramError> {
        self.add_signed(other, true)
    }

    /// Subtracts another histogram and marks the result as a gauge.
    pub fn subtract_as_gauge(&mut self, other: HistogramRef<'_>) -> Result<Reconciled, HistogramError> {
        let reconciled = self.subtract(other)?;
        self.counter_reset_hint = CounterResetHint::Gauge;
        Ok(reconciled)
    }

    fn add_signed(&mut self, other: HistogramRef<'_>, negative: bool) -> Result<Reconciled, HistogramError> {
        self.check_schemas(other)?;
        if other.schema < self.schema {
            check_spans(&self.positive_spans, self.positive_buckets.len())?;
            check_spans(&self.negative_spans, self.negative_buckets.len())?;
        } else if other.schema > self.schema {
            check_spans(other.positive_spans, other.positive_buckets.len())?;
            check_spans(other.negative_spans, other.negative_buckets.len())?;
        }
        let mut reconciled = Reconciled::default();
        (self.counter_reset_hint, reconciled.counter_reset_collision) =
            self.counter_reset_hint.combine(other.counter_reset_hint);

        let signed = |value: f64| if negative { -value } else { value };
        if !self.uses_custom_buckets() {
            let (zero_count, _) = self.reconcile_zero_buckets(other, None);
            self.zero_count += signed(zero_count);
        }
        self.count += signed(other.count);
        self.sum += signed(other.sum);

        if self.uses_custom_buckets() && self.custom_bounds != other.custom_bounds {
            reconciled.custom_bounds = true;
            let common = intersect(&self.custom_bounds, other.custom_bounds);
            let mut gathered = Gathered::new(&common);
            gathered.gather(&self.positive_spans, &self.positive_buckets, &self.custom_bounds, &[], false);
            let (spans, buckets) = other.side(true);
            gathered.gather(spans, buckets, other.custom_bounds, &[], negative);
            (self.positive_spans, self.positive_buckets, _) = gathered.finish();
            self.custom_bounds = common;
            return Ok(reconciled);
        }

        if other.schema < self.schema {
            // The spans were checked above.
            self.reduce_resolution(other.schema)?;
        }
        for positive in [true, false] {
            let (spans, buckets) = other.side(positive);
            let coarser;
            let (spans, buckets) = if other.schema > self.schema {
                coarser = side_in_schema(other, positive, self.schema);
                (coarser.0.as_slice(), coarser.1.as_slice())
            } else {
                (spans, buckets)
            };
            let (schema, zero_threshold) = (self.schema, self.zero_threshold);
            let addend = Addend { spans, buckets, compensations: &[], negative, zero_threshold, schema };
            if positive {
                add_buckets(&mut self.positive_spans, &mut self.positive_buckets, addend);
            } else {
                add_buckets(&mut self.negative_spans, &mut self.negative_buckets, addend);
            }
        }
        Ok(reconciled)
    }
}
