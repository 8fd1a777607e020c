//! Zero buckets of different width: the narrower one grows over the buckets next to it.

use super::compact::compact;
use super::kahan::{Compensation, increment};
use super::{FloatHistogram, HistogramRef};

/// A zero bucket after it has grown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grown {
    pub(super) zero_count: f64,
    pub(super) zero_threshold: f64,
    pub(super) compensation: f64,
}

impl HistogramRef<'_> {
    /// The zero bucket this histogram would have with a threshold of at least `threshold`, which is not below
    /// its own. It grows further, to the end of a populated bucket that the threshold would cut.
    pub(super) fn grown_zero_bucket(&self, threshold: f64, compensation: Option<&Compensation>) -> Grown {
        let mut compensated = compensation.map_or(0.0, |compensation| compensation.zero_count);
        let mut threshold = threshold;
        if threshold == self.zero_threshold {
            return Grown {
                zero_count: self.zero_count,
                zero_threshold: threshold,
                compensation: compensated,
            };
        }
        // Starts over where a negative bucket moves the threshold, for positive ones may then lie within too.
        // Compensations found so far stay, as in upstream's sums.
        'again: loop {
            let mut count = self.zero_count;
            for (position, bucket) in self.positive().enumerate() {
                if bucket.lower >= threshold {
                    break;
                }
                (count, compensated) = increment(bucket.count, count, compensated);
                if let Some(compensation) = compensation {
                    let value = compensation.positive.get(position).copied().unwrap_or(0.0);
                    (count, compensated) = increment(value, count, compensated);
                }
                if bucket.upper > threshold {
                    if bucket.count != 0.0 {
                        threshold = bucket.upper;
                    }
                    break;
                }
            }
            for (position, bucket) in self.negative().enumerate() {
                if bucket.upper <= -threshold {
                    break;
                }
                (count, compensated) = increment(bucket.count, count, compensated);
                if let Some(compensation) = compensation {
                    let value = compensation.negative.get(position).copied().unwrap_or(0.0);
                    (count, compensated) = increment(value, count, compensated);
                }
                if bucket.lower < -threshold {
                    if bucket.count != 0.0 {
                        threshold = -bucket.lower;
                        continue 'again;
                    }
                    break;
                }
            }
            return Grown { zero_count: count, zero_threshold: threshold, compensation: compensated };
        }
    }
}

impl FloatHistogram {
    /// Grows the zero bucket until it suits both histograms; gives the other's zero count, and its
    /// compensation, at that threshold.
    pub(super) fn reconcile_zero_buckets(
        &mut self,
        other: HistogramRef<'_>,
        mut compensation: Option<&mut Compensation>,
    ) -> (f64, f64) {
        let mut grown =
            Grown { zero_count: other.zero_count, zero_threshold: other.zero_threshold, compensation: 0.0 };
        // Each turn grows one of the two to a bound of its buckets, so this ends; thresholds that are NaN are let be.
        loop {
            if self.zero_threshold > grown.zero_threshold {
                grown = other.grown_zero_bucket(self.zero_threshold, None);
            }
            if grown.zero_threshold > self.zero_threshold {
                let own = self.as_ref().grown_zero_bucket(grown.zero_threshold, compensation.as_deref());
                self.zero_count = own.zero_count;
                self.zero_threshold = own.zero_threshold;
                if let Some(compensation) = compensation.as_deref_mut() {
                    compensation.zero_count = own.compensation;
                }
                self.drop_buckets_in_zero_bucket(compensation.as_deref_mut());
            }
            if !(self.zero_threshold > grown.zero_threshold || grown.zero_threshold > self.zero_threshold) {
                return (grown.zero_count, grown.compensation);
            }
        }
    }

    /// Drops the buckets within the zero bucket, whose counts it already holds, and compacts.
    fn drop_buckets_in_zero_bucket(&mut self, compensation: Option<&mut Compensation>) {
        let threshold = self.zero_threshold;
        let histogram = self.as_ref();
        let positive = histogram.positive().take_while(|bucket| bucket.lower < threshold).count();
        let negative = histogram.negative().take_while(|bucket| bucket.upper > -threshold).count();
        let clear =
            |values: &mut [f64], count: usize| values.iter_mut().take(count).for_each(|value| *value = 0.0);
        clear(&mut self.positive_buckets, positive);
        clear(&mut self.negative_buckets, negative);
        match compensation {
            Some(compensation) => {
                clear(&mut compensation.positive, positive);
                clear(&mut compensation.negative, negative);
                let values = Some(&mut compensation.positive);
                compact(&mut self.positive_spans, &mut self.positive_buckets, values, 0);
                let values = Some(&mut compensation.negative);
                compact(&mut self.negative_spans, &mut self.negative_buckets, values, 0);
            }
            None => self.compact(0),
        }
    }
}
