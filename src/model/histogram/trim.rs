//! The operators `</` and `>/`: what is left of a histogram below or above a value.
//!
//! A bucket that the value cuts is split as quantiles interpolate in it. Count and sum are estimated anew from
//! what is left, each bucket's observations taken at its middle, unless nothing was cut off.

use super::bucket::Bucket;
use super::{FloatHistogram, HistogramRef};

/// Which part stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    Below,
    Above,
}

impl FloatHistogram {
    /// Removes the observations above `value`: the operator `</`.
    pub fn trim_above(&mut self, value: f64) {
        self.trim(value, Keep::Below);
    }

    /// Removes the observations below `value`: the operator `>/`.
    pub fn trim_below(&mut self, value: f64) {
        self.trim(value, Keep::Above);
    }

    fn trim(&mut self, value: f64, keep: Keep) {
        let custom = self.uses_custom_buckets();
        let mut count = 0.0;
        let mut sum = 0.0;
        let mut trimmed = false;
        let mut populated = [false; 2];
        for (side, populated) in populated.iter_mut().enumerate() {
            let positive = side == 0;
            // Bounds come from the layout, so a view without counts serves while counts change.
            let mut kept: Vec<f64> = Vec::with_capacity(self.as_ref().side(positive).1.len());
            let histogram = self.as_ref();
            let buckets = if positive { histogram.positive() } else { histogram.negative() };
            for bucket in buckets {
                if bucket.count == 0.0 {
                    kept.push(bucket.count);
                    continue;
                }
                *populated = true;
                let (kept_count, middle) = trim_bucket(&bucket, value, keep, positive, custom);
                count += kept_count;
                sum += middle * kept_count;
                trimmed |= bucket.count != kept_count;
                kept.push(kept_count);
            }
            let buckets = if positive { &mut self.positive_buckets } else { &mut self.negative_buckets };
            for (bucket, kept) in buckets.iter_mut().zip(kept) {
                *bucket = kept;
            }
        }
        if self.zero_count > 0.0 {
            let [has_positive, has_negative] = populated;
            let (kept_count, middle) =
                trim_zero_bucket(self.as_ref(), value, keep, has_negative, has_positive);
            trimmed |= self.zero_count != kept_count;
            self.zero_count = kept_count;
            sum += middle * kept_count;
            count += kept_count;
        }
        if trimmed {
            self.count = count;
            self.sum = sum;
            self.compact(0);
        }
    }
}

/// The count that stays of a bucket, and where its observations are taken to lie.
fn trim_bucket(bucket: &Bucket, value: f64, keep: Keep, positive: bool, custom: bool) -> (f64, f64) {
    let (whole, cut) = match keep {
        Keep::Below => (bucket.upper <= value, bucket.lower < value),
        Keep::Above => (bucket.lower >= value, bucket.upper > value),
    };
    if whole {
        return (bucket.count, middle(bucket.lower, bucket.upper, positive, custom));
    }
    if !cut {
        return (0.0, 0.0);
    }
    if bucket.lower == f64::NEG_INFINITY || bucket.upper == f64::INFINITY {
        return trim_infinite_bucket(bucket, value, keep);
    }
    let below = if value <= bucket.lower {
        0.0
    } else if value >= bucket.upper {
        bucket.count
    } else {
        bucket.count * bucket.fraction_below(value, custom)
    };
    match keep {
        Keep::Below => (below, middle(bucket.lower, value, positive, custom)),
        Keep::Above => (bucket.count - below, middle(value, bucket.upper, positive, custom)),
    }
}

/// As [`trim_bucket`] for a bucket with an infinite bound that the value cuts: only where the first custom bucket
/// may be taken to start at 0 is it split; elsewhere nobody knows where its observations lie, and it goes or stays whole.
fn trim_infinite_bucket(bucket: &Bucket, value: f64, keep: Keep) -> (f64, f64) {
    let finite_or_zero = |value: f64| if value.is_infinite() { 0.0 } else { value };
    let (upper, count) = (bucket.upper, bucket.count);
    if bucket.lower == f64::NEG_INFINITY {
        let starts_at_zero = upper != f64::INFINITY;
        return match keep {
            Keep::Below if value >= upper => (count, 0.0),
            Keep::Below if value > 0.0 && upper > 0.0 && starts_at_zero => {
                (count * value / upper, value / 2.0)
            }
            Keep::Below if upper <= 0.0 => (count, value),
            Keep::Above if value <= bucket.lower => (count, 0.0),
            Keep::Above if value >= 0.0 && upper > value && starts_at_zero => {
                (count * (1.0 - value / upper), (value + upper) / 2.0)
            }
            _ => (0.0, finite_or_zero(upper)),
        };
    }
    match keep {
        Keep::Above if value >= bucket.lower => (count, value),
        _ => (0.0, finite_or_zero(bucket.lower)),
    }
}

/// As [`trim_bucket`] for the zero bucket, which reaches only to the side that has observations.
fn trim_zero_bucket(
    histogram: HistogramRef<'_>,
    value: f64,
    keep: Keep,
    has_negative: bool,
    has_positive: bool,
) -> (f64, f64) {
    let Bucket { mut lower, mut upper, count, .. } = histogram.zero_bucket();
    if has_negative && !has_positive {
        upper = 0.0;
    }
    if has_positive && !has_negative {
        lower = 0.0;
    }
    match keep {
        Keep::Below if value <= lower => (0.0, 0.0),
        Keep::Below if value >= upper => (count, (lower + upper) / 2.0),
        Keep::Below => (count * ((value - lower) / (upper - lower)), (lower + value) / 2.0),
        Keep::Above if value <= lower => (count, (lower + upper) / 2.0),
        Keep::Above if value >= upper => (0.0, 0.0),
        Keep::Above => (count * ((upper - value) / (upper - lower)), (value + upper) / 2.0),
    }
}

/// Where the observations between two bounds are taken to lie: at the arithmetic middle of custom buckets, at
/// the geometric one of exponential buckets, at the finite bound where one is infinite.
fn middle(lower: f64, upper: f64, positive: bool, custom: bool) -> f64 {
    if lower.is_infinite() {
        return match upper {
            _ if upper.is_infinite() => 0.0,
            _ if upper > 0.0 => upper / 2.0,
            _ => upper,
        };
    }
    if upper.is_infinite() {
        return lower;
    }
    if custom {
        return (lower + upper) / 2.0;
    }
    let geometric = (lower * upper).abs().sqrt();
    if positive { geometric } else { -geometric }
}
