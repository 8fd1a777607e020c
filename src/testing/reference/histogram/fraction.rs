//! Which part of the observations lies between two values.

use super::{Bucket, Histogram};

impl Histogram {
    pub(in crate::testing::reference) fn fraction(&self, lower: f64, upper: f64) -> f64 {
        if self.count == 0.0 || lower.is_nan() || upper.is_nan() {
            return f64::NAN;
        }
        if lower >= upper {
            return 0.0;
        }
        let buckets: Vec<Bucket> = self.ascending();
        let in_buckets: f64 = buckets.iter().map(|bucket| bucket.count).sum();
        let known = if self.sum.is_nan() { in_buckets } else { self.count };
        let below = |value: f64| {
            let rank = self.rank(&buckets, value).unwrap_or(known);
            if rank > known { known } else { rank }
        };
        (below(upper) - below(lower)) / self.count
    }

    /// How many observations lie below a value; `None` where it lies above all buckets.
    fn rank(&self, buckets: &[Bucket], value: f64) -> Option<f64> {
        let mut rank = 0.0;
        for bucket in buckets {
            let mut bucket = *bucket;
            let is_zero = !self.is_custom() && bucket.lower <= 0.0 && bucket.upper >= 0.0;
            if is_zero {
                bucket = self.one_sided(bucket);
            } else if self.is_custom() && bucket.lower == f64::NEG_INFINITY && bucket.upper > 0.0 {
                bucket.lower = 0.0;
            }
            if bucket.lower >= value {
                return Some(rank);
            }
            if bucket.upper > value {
                let linear = self.is_custom() || is_zero;
                // Of a bucket without a lower end nothing is known but its count.
                if linear && bucket.lower == f64::NEG_INFINITY {
                    return Some(bucket.count);
                }
                return Some(rank + bucket.count * bucket.part_below(value, linear));
            }
            rank += bucket.count;
        }
        None
    }
}
