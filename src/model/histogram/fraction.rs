//! The fraction of a native histogram's observations between two values: the inverse of quantiles.

use super::bucket::Bucket;
use super::{HistogramAnnotation, HistogramRef};

impl HistogramRef<'_> {
    /// The fraction of observations from `lower` to `upper`, and what is to be said of it: NaN without
    /// observations or bounds. NaN observations are in no fraction, so all fractions may add up to less than 1.
    pub fn fraction(&self, lower: f64, upper: f64) -> (f64, Option<HistogramAnnotation>) {
        if self.count == 0.0 || lower.is_nan() || upper.is_nan() {
            return (f64::NAN, None);
        }
        if lower >= upper {
            return (0.0, None);
        }

        let mut buckets = self.buckets();
        let mut count = 0.0;
        let mut rank = 0.0;
        let mut lower_rank = None;
        let mut upper_rank = None;
        for mut bucket in buckets.by_ref() {
            count += bucket.count;
            let mut linear = self.uses_custom_buckets();
            if linear {
                // As in classic histograms: the first bucket starts at 0 if it ends above.
                if bucket.lower == f64::NEG_INFINITY && bucket.upper > 0.0 {
                    bucket.lower = 0.0;
                }
            } else if bucket.lower <= 0.0 && bucket.upper >= 0.0 {
                linear = true;
                self.narrow_zero_bucket(&mut bucket);
            }
            for (bound, bound_rank) in [(lower, &mut lower_rank), (upper, &mut upper_rank)] {
                if bound_rank.is_none() && bucket.lower >= bound {
                    *bound_rank = Some(rank);
                }
            }
            if lower_rank.is_some() && upper_rank.is_some() {
                break;
            }
            for (bound, bound_rank) in [(lower, &mut lower_rank), (upper, &mut upper_rank)] {
                if bound_rank.is_none() && bucket.lower < bound && bucket.upper > bound {
                    *bound_rank = Some(rank_within(&bucket, rank, bound, linear));
                }
            }
            if lower_rank.is_some() && upper_rank.is_some() {
                break;
            }
            rank += bucket.count;
        }

        let mut annotation = None;
        if self.sum.is_nan() {
            // NaN observations are in no bucket: only what the buckets hold can be reached.
            for bucket in buckets {
                count += bucket.count;
            }
            if count < self.count {
                annotation = Some(HistogramAnnotation::FractionNans);
            }
        } else {
            count = self.count;
        }
        let reachable = |rank: Option<f64>| match rank {
            Some(rank) if rank > count => count,
            Some(rank) => rank,
            None => count,
        };
        ((reachable(upper_rank) - reachable(lower_rank)) / self.count, annotation)
    }
}

/// The observations below `value`, which lies inside of `bucket`, `rank` of them below the bucket.
fn rank_within(bucket: &Bucket, rank: f64, value: f64, linear: bool) -> f64 {
    if linear && bucket.lower == f64::NEG_INFINITY {
        // Nothing is known of where they lie: all count, as in classic histograms.
        return bucket.count;
    }
    rank + bucket.count * bucket.fraction_below(value, linear)
}
