//! `</` and `>/`: what is left of a histogram without the observations above or below a number.

use super::{Bucket, Histogram};

/// Which observations stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::testing::reference) enum Keep {
    Below,
    Above,
}

/// What stays of a bucket, and the value that the observations that stay are taken to have.
type Rest = (f64, f64);

impl Histogram {
    pub(in crate::testing::reference) fn trimmed(mut self, keep: Keep, limit: f64) -> Self {
        let linear = self.is_custom();
        let rest = |bucket: Bucket, positive: bool| of_bucket(bucket, keep, limit, linear, positive);
        let positive: Vec<Rest> = self.positive_outwards().map(|bucket| rest(bucket, true)).collect();
        let negative: Vec<Rest> = self.negative_outwards().map(|bucket| rest(bucket, false)).collect();
        let populated = |side: &super::Buckets| side.values().any(|count| *count != 0.0);
        let sides = (populated(&self.negative), populated(&self.positive));
        let (mut count, mut sum, mut changed) = (0.0, 0.0, false);
        for (side, rests) in [(&mut self.positive, positive), (&mut self.negative, negative)] {
            for (bucket, (kept, value)) in side.values_mut().zip(rests) {
                if *bucket != 0.0 {
                    changed |= *bucket != kept;
                    (count, sum) = (count + kept, sum + value * kept);
                    *bucket = kept;
                }
            }
        }
        if self.zero_count > 0.0 {
            let (kept, value) = of_zero_bucket(self.zero_bucket(), keep, limit, sides);
            changed |= self.zero_count != kept;
            (count, sum) = (count + kept, sum + value * kept);
            self.zero_count = kept;
        }
        if !changed {
            return self;
        }
        Self { count, sum, ..self }.compact()
    }
}

fn of_bucket(bucket: Bucket, keep: Keep, limit: f64, linear: bool, positive: bool) -> Rest {
    let Bucket { lower, upper, count } = bucket;
    let whole = if keep == Keep::Below { upper <= limit } else { lower >= limit };
    if whole {
        return (count, middle(lower, upper, linear, positive));
    }
    let cut = if keep == Keep::Below { lower < limit } else { upper > limit };
    if !cut {
        return (0.0, 0.0);
    }
    if lower == f64::NEG_INFINITY || upper == f64::INFINITY {
        return of_endless_bucket(bucket, keep, limit);
    }
    let below = count * bucket.part_below(limit, linear);
    match keep {
        Keep::Below => (below, middle(lower, limit, linear, positive)),
        Keep::Above => (count - below, middle(limit, upper, linear, positive)),
    }
}

/// A bucket without one of its ends goes whole where the limit cuts it, unless zero may stand for the missing end.
fn of_endless_bucket(bucket: Bucket, keep: Keep, limit: f64) -> Rest {
    let Bucket { lower, upper, count } = bucket;
    if lower == f64::NEG_INFINITY {
        let from_zero = upper > 0.0 && upper < f64::INFINITY;
        return match keep {
            Keep::Below if from_zero && limit > 0.0 => (count * limit / upper, limit / 2.0),
            Keep::Below if upper <= 0.0 => (count, limit),
            Keep::Above if from_zero && limit >= 0.0 => {
                (count * (1.0 - limit / upper), (limit + upper) / 2.0)
            }
            _ => (0.0, 0.0),
        };
    }
    if keep == Keep::Above && limit >= lower { (count, limit) } else { (0.0, 0.0) }
}

fn of_zero_bucket(bucket: Bucket, keep: Keep, limit: f64, sides: (bool, bool)) -> Rest {
    let (mut lower, mut upper) = (bucket.lower, bucket.upper);
    match sides {
        (true, false) => upper = 0.0,
        (false, true) => lower = 0.0,
        _ => {}
    }
    let whole = (bucket.count, (lower + upper) / 2.0);
    let width = upper - lower;
    match keep {
        Keep::Below if limit <= lower => (0.0, 0.0),
        Keep::Below if limit >= upper => whole,
        Keep::Below => (bucket.count * ((limit - lower) / width), (lower + limit) / 2.0),
        Keep::Above if limit <= lower => whole,
        Keep::Above if limit >= upper => (0.0, 0.0),
        Keep::Above => (bucket.count * ((upper - limit) / width), (limit + upper) / 2.0),
    }
}

/// The middle of what is left between two bounds.
fn middle(lower: f64, upper: f64, linear: bool, positive: bool) -> f64 {
    match (lower.is_infinite(), upper.is_infinite()) {
        (true, true) => 0.0,
        (true, false) if upper > 0.0 => upper / 2.0,
        (true, false) => upper,
        (false, true) => lower,
        (false, false) if linear => (lower + upper) / 2.0,
        (false, false) => (lower * upper).abs().sqrt().copysign(if positive { 1.0 } else { -1.0 }),
    }
}
