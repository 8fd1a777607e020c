//! Compensated sums of histograms: what rounding takes away is kept beside every number.

use super::custom_bounds::{Gathered, intersect};
use super::merge::{Addend, add_buckets_compensated};
use super::resolution::{reduced, reduced_compensated};
use super::spans::check_spans;
use super::{FloatHistogram, HistogramError, HistogramRef, Reconciled};

/// One step of a Kahan–Neumaier sum: `(sum, compensation)` with `value` added. An infinite sum has no compensation.
#[inline]
pub(super) fn increment(value: f64, sum: f64, compensation: f64) -> (f64, f64) {
    let total = sum + value;
    let compensation = if total.is_infinite() {
        0.0
    } else if sum.abs() >= value.abs() {
        compensation + ((sum - total) + value)
    } else {
        compensation + ((value - total) + sum)
    };
    (total, compensation)
}

/// The compensations of a histogram's numbers; its buckets are those of the histogram it goes with.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Compensation {
    pub(super) zero_count: f64,
    pub(super) count: f64,
    pub(super) sum: f64,
    pub(super) positive: Vec<f64>,
    pub(super) negative: Vec<f64>,
}

impl Compensation {
    /// Becomes the compensation of a histogram that nothing was added to.
    pub fn reset(&mut self, histogram: &FloatHistogram) {
        self.zero_count = 0.0;
        self.count = 0.0;
        self.sum = 0.0;
        self.positive.clear();
        self.positive.resize(histogram.positive_buckets.len(), 0.0);
        self.negative.clear();
        self.negative.resize(histogram.negative_buckets.len(), 0.0);
    }

    /// Becomes a copy of another one, in the allocations at hand.
    pub(super) fn copy_from(&mut self, other: &Self) {
        self.zero_count = other.zero_count;
        self.count = other.count;
        self.sum = other.sum;
        self.positive.clone_from(&other.positive);
        self.negative.clone_from(&other.negative);
    }

    /// Multiplies every compensation.
    pub(super) fn multiply(&mut self, factor: f64) {
        self.for_each(|value| *value *= factor);
    }

    /// Divides every compensation; the divisor is a number of samples, not 0.
    pub(super) fn divide(&mut self, divisor: f64) {
        self.for_each(|value| *value /= divisor);
    }

    fn for_each(&mut self, mut change: impl FnMut(&mut f64)) {
        change(&mut self.zero_count);
        change(&mut self.count);
        change(&mut self.sum);
        self.positive.iter_mut().for_each(&mut change);
        self.negative.iter_mut().for_each(&mut change);
    }
}

impl FloatHistogram {
    /// Adds another histogram with compensated sums; otherwise as [`FloatHistogram::add`]. The compensation
    /// belongs to this histogram ([`Compensation::reset`]) and is added to it in the end
    /// ([`FloatHistogram::add_compensation`]).
    pub fn add_compensated(
        &mut self,
        other: HistogramRef<'_>,
        compensation: &mut Compensation,
    ) -> Result<Reconciled, HistogramError> {
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

        if !self.uses_custom_buckets() {
            let (zero_count, zero_compensation) = self.reconcile_zero_buckets(other, Some(compensation));
            for value in [zero_count, zero_compensation] {
                (self.zero_count, compensation.zero_count) =
                    increment(value, self.zero_count, compensation.zero_count);
            }
        }
        (self.count, compensation.count) = increment(other.count, self.count, compensation.count);
        (self.sum, compensation.sum) = increment(other.sum, self.sum, compensation.sum);

        if self.uses_custom_buckets() && self.custom_bounds != other.custom_bounds {
            reconciled.custom_bounds = true;
            let common = intersect(&self.custom_bounds, other.custom_bounds);
            let mut gathered = Gathered::new(&common);
            let (spans, buckets) = (&self.positive_spans, &self.positive_buckets);
            gathered.gather(spans, buckets, &self.custom_bounds, &compensation.positive, false);
            let (spans, buckets) = other.side(true);
            gathered.gather(spans, buckets, other.custom_bounds, &[], false);
            (self.positive_spans, self.positive_buckets, compensation.positive) = gathered.finish();
            self.custom_bounds = common;
            return Ok(reconciled);
        }

        let reduce_other = !self.uses_custom_buckets() && other.schema > self.schema;
        if !self.uses_custom_buckets() && other.schema < self.schema {
            (self.positive_spans, self.positive_buckets, compensation.positive) = reduced_compensated(
                &self.positive_spans,
                &self.positive_buckets,
                &compensation.positive,
                self.schema,
                other.schema,
            );
            (self.negative_spans, self.negative_buckets, compensation.negative) = reduced_compensated(
                &self.negative_spans,
                &self.negative_buckets,
                &compensation.negative,
                self.schema,
                other.schema,
            );
            self.schema = other.schema;
        }
        for positive in [true, false] {
            let (spans, buckets) = other.side(positive);
            let coarser;
            let (spans, buckets, compensations) = if reduce_other {
                let zeros = vec![0.0; buckets.len()];
                coarser = reduced_compensated(spans, buckets, &zeros, other.schema, self.schema);
                (coarser.0.as_slice(), coarser.1.as_slice(), coarser.2.as_slice())
            } else {
                (spans, buckets, [].as_slice())
            };
            let (schema, zero_threshold) = (self.schema, self.zero_threshold);
            let addend = Addend { spans, buckets, compensations, negative: false, zero_threshold, schema };
            let (spans, buckets, compensations) = if positive {
                (&mut self.positive_spans, &mut self.positive_buckets, &mut compensation.positive)
            } else {
                (&mut self.negative_spans, &mut self.negative_buckets, &mut compensation.negative)
            };
            add_buckets_compensated(spans, buckets, compensations, addend);
        }
        Ok(reconciled)
    }

    /// Adds its own compensation to the histogram.
    pub fn add_compensation(&mut self, compensation: &Compensation) {
        self.zero_count += compensation.zero_count;
        self.count += compensation.count;
        self.sum += compensation.sum;
        let (schema, zero_threshold) = (self.schema, self.zero_threshold);
        for positive in [true, false] {
            let (spans, buckets, compensations) = if positive {
                (&self.positive_spans, &mut self.positive_buckets, &compensation.positive)
            } else {
                (&self.negative_spans, &mut self.negative_buckets, &compensation.negative)
            };
            let addend = Addend {
                spans,
                buckets: compensations,
                compensations: &[],
                negative: false,
                zero_threshold,
                schema,
            };
            let skipped = addend.skipped();
            for (sum, value) in buckets.iter_mut().zip(compensations).skip(skipped) {
                *sum += value;
            }
        }
    }
}

/// One side of `other` in the schema of the receiver, plainly summed.
pub(super) fn side_in_schema(
    other: HistogramRef<'_>,
    positive: bool,
    schema: i32,
) -> (Vec<super::BucketSpan>, Vec<f64>) {
    let (spans, buckets) = other.side(positive);
    reduced(spans, buckets, other.schema, schema)
}

#[cfg(test)]
mod tests {
    use super::increment;

    #[test]
    fn what_rounding_takes_away_is_kept() {
        let mut sum = (0.0, 0.0);
        for value in [1.0, 1e100, 1.0, -1e100] {
            sum = increment(value, sum.0, sum.1);
        }
        assert_eq!(sum, (0.0, 2.0));
        assert_eq!(increment(f64::MAX, f64::MAX, 3.0), (f64::INFINITY, 0.0));
    }
}
