//! Quantiles of native histograms.
//!
//! The bucket that holds the rank is found by counting from the nearer end. Inside of it observations are taken to
//! lie evenly: on a straight line in custom buckets and the zero bucket, on a logarithmic one in exponential buckets.

use crate::model::elementary::{exp2, log2};

use super::bucket::{Bucket, Places};
use super::{HistogramAnnotation, HistogramRef};

impl HistogramRef<'_> {
    /// The quantile `q`, and what is to be said of it: ±∞ outside of 0…1, NaN without observations.
    ///
    /// NaN observations are in no bucket and count as the highest: a rank that falls among them gives NaN.
    pub fn quantile(&self, q: f64) -> (f64, Option<HistogramAnnotation>) {
        if q < 0.0 {
            return (f64::NEG_INFINITY, None);
        }
        if q > 1.0 {
            return (f64::INFINITY, None);
        }
        if self.count == 0.0 || q.is_nan() {
            return (f64::NAN, None);
        }

        let has_nan = self.sum.is_nan();
        let ascending = has_nan || q < 0.5;
        let mut rank = if ascending { q * self.count } else { (1.0 - q) * self.count };
        let mut places = Places::new(*self, !ascending);
        let mut count = 0.0;
        let mut last = None;
        for place in places.by_ref() {
            last = Some(place);
            count += place.count;
            if place.count != 0.0 && count >= rank {
                break;
            }
        }
        let nothing =
            Bucket { lower: 0.0, upper: 0.0, lower_inclusive: false, upper_inclusive: false, count: 0.0 };
        let mut bucket = last.map_or(nothing, |place| self.bucket_at(place));

        if self.uses_custom_buckets() {
            if bucket.lower == f64::NEG_INFINITY {
                if bucket.upper <= 0.0 {
                    return (bucket.upper, None);
                }
                bucket.lower = 0.0;
            } else if bucket.upper == f64::INFINITY {
                return (bucket.lower, None);
            }
        } else if bucket.lower < 0.0 && bucket.upper > 0.0 {
            self.narrow_zero_bucket(&mut bucket);
        }

        // Rounding may have counted past the end.
        if count > self.count {
            count = self.count;
        }
        if count < rank {
            return if has_nan {
                (f64::NAN, Some(HistogramAnnotation::QuantileNanResult))
            } else {
                // Buckets and count disagree; the end of the last bucket is the best guess.
                (bucket.upper, None)
            };
        }
        if ascending {
            rank -= count - bucket.count;
        } else {
            rank = count - rank;
        }
        let mut annotation = None;
        if has_nan {
            for place in places {
                count += place.count;
            }
            // Otherwise the sum is NaN because of opposite infinities.
            if count < self.count {
                annotation = Some(HistogramAnnotation::QuantileNanSkew);
            }
        }

        let fraction = rank / bucket.count;
        let value = if self.uses_custom_buckets() || (bucket.lower <= 0.0 && bucket.upper >= 0.0) {
            bucket.lower + (bucket.upper - bucket.lower) * fraction
        } else {
            let lower = log2(bucket.lower.abs());
            let upper = log2(bucket.upper.abs());
            if bucket.lower > 0.0 {
                exp2(lower + (upper - lower) * fraction)
            } else {
                -exp2(upper + (lower - upper) * (1.0 - fraction))
            }
        };
        (value, annotation)
    }

    /// The zero bucket reaches only to the side that has buckets, if just one has.
    pub(super) fn narrow_zero_bucket(&self, bucket: &mut Bucket) {
        match (self.negative_buckets.is_empty(), self.positive_buckets.is_empty()) {
            (true, false) => bucket.lower = 0.0,
            (false, true) => bucket.upper = 0.0,
            _ => {}
        }
    }
}
