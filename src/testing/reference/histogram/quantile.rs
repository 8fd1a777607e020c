//! Quantiles of native histograms.

use super::{Bucket, Histogram};

impl Histogram {
    /// The value below which the part `q` of all observations lies, as far as the buckets tell.
    pub(in crate::testing::reference) fn quantile(&self, q: f64) -> f64 {
        if q < 0.0 {
            return f64::NEG_INFINITY;
        }
        if q > 1.0 {
            return f64::INFINITY;
        }
        if self.count == 0.0 || q.is_nan() {
            return f64::NAN;
        }
        // Observations of NaN are in no bucket and count as the highest: ranks are then counted from below.
        let from_below = self.sum.is_nan() || q < 0.5;
        let mut buckets = self.ascending();
        if !from_below {
            buckets.reverse();
        }
        let mut rank = if from_below { q * self.count } else { (1.0 - q) * self.count };
        let mut bucket = Bucket { lower: 0.0, upper: 0.0, count: 0.0 };
        let mut counted = 0.0;
        for next in buckets {
            bucket = next;
            counted += bucket.count;
            if bucket.count != 0.0 && counted >= rank {
                break;
            }
        }
        if self.is_custom() {
            if bucket.lower == f64::NEG_INFINITY {
                if bucket.upper <= 0.0 {
                    return bucket.upper;
                }
                bucket.lower = 0.0;
            } else if bucket.upper == f64::INFINITY {
                return bucket.lower;
            }
        } else if bucket.lower < 0.0 && bucket.upper > 0.0 {
            bucket = self.one_sided(bucket);
        }
        let counted = if counted > self.count { self.count } else { counted };
        if counted < rank {
            return if self.sum.is_nan() { f64::NAN } else { bucket.upper };
        }
        rank = if from_below { rank - (counted - bucket.count) } else { counted - rank };
        let part = rank / bucket.count;
        if self.is_custom() || (bucket.lower <= 0.0 && bucket.upper >= 0.0) {
            return bucket.lower + (bucket.upper - bucket.lower) * part;
        }
        let (lower, upper) = (bucket.lower.abs().log2(), bucket.upper.abs().log2());
        if bucket.lower > 0.0 {
            (lower + (upper - lower) * part).exp2()
        } else {
            -(upper + (lower - upper) * (1.0 - part)).exp2()
        }
    }
}
