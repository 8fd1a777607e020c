//! Quantiles and fractions of classic histograms: cumulative buckets, each a series with a label `le`.

/// How far two neighbouring counts may differ, relative to their sum, and still be the same number computed in two ways.
const TOLERANCE: f64 = 1e-12;

/// One cumulative bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// The greatest observation it counts: the number in `le`.
    pub upper_bound: f64,
    /// How many observations.
    pub count: f64,
}

/// Where counts fell from one bucket to the next and were lifted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ForcedMonotonicity {
    /// The least bound of such a bucket.
    pub least_bound: f64,
    /// The greatest bound of such a bucket.
    pub greatest_bound: f64,
    /// The greatest fall.
    pub greatest_difference: f64,
}

/// Sorts buckets by bound. False where the last is not the one for +Inf.
fn sort(buckets: &mut [Bucket]) -> bool {
    let order = |a: &Bucket, b: &Bucket| {
        a.upper_bound.partial_cmp(&b.upper_bound).unwrap_or(std::cmp::Ordering::Equal)
    };
    if !buckets.is_sorted_by(|a, b| a.upper_bound <= b.upper_bound) {
        // NaN bounds are not expected, and must not upset the sort either.
        if buckets.iter().any(|bucket| bucket.upper_bound.is_nan()) {
            buckets.sort_by(|a, b| a.upper_bound.total_cmp(&b.upper_bound));
        } else {
            buckets.sort_by(order);
        }
    }
    buckets.last().is_some_and(|bucket| bucket.upper_bound == f64::INFINITY)
}

/// Sorts buckets by bound and adds up those with the same one. False where the last is not the one for +Inf.
fn prepare(buckets: &mut Vec<Bucket>) -> bool {
    if !sort(buckets) {
        return false;
    }
    buckets.dedup_by(|next, kept| {
        let same = next.upper_bound == kept.upper_bound;
        if same {
            kept.count += next.count;
        }
        same
    });
    true
}

/// Whether two counts are one, but for rounding.
fn almost_equal(a: f64, b: f64) -> bool {
    if a == b || (a.is_nan() && b.is_nan()) {
        return true;
    }
    let sum = a.abs() + b.abs();
    let difference = (a - b).abs();
    if a == 0.0 || b == 0.0 || sum < f64::MIN_POSITIVE {
        return difference < TOLERANCE * f64::MIN_POSITIVE;
    }
    difference / sum.min(f64::MAX) < TOLERANCE
}

/// Makes counts ascend: differences within the tolerance are dropped silently, falls are lifted and reported.
fn force_monotonicity(buckets: &mut [Bucket]) -> Option<ForcedMonotonicity> {
    let mut forced: Option<ForcedMonotonicity> = None;
    let mut previous = buckets.first()?.count;
    for bucket in &mut buckets[1..] {
        let count = bucket.count;
        if count == previous {
            continue;
        }
        if almost_equal(previous, count) {
            bucket.count = previous;
        } else if count < previous {
            bucket.count = previous;
            let bound = bucket.upper_bound;
            let report = forced.get_or_insert(ForcedMonotonicity {
                least_bound: bound,
                greatest_bound: bound,
                greatest_difference: 0.0,
            });
            report.least_bound = report.least_bound.min(bound);
            report.greatest_bound = report.greatest_bound.max(bound);
            report.greatest_difference = report.greatest_difference.max(previous - count);
        } else {
            previous = count;
        }
    }
    forced
}

/// The φ-quantile of the observations in classic buckets, in any order; they are sorted and tidied in place.
///
/// Within a bucket observations count as evenly spread; the first bucket begins at 0 if its bound is positive. In the last bucket the
/// answer is the bound below it. NaN without observations, with fewer than two buckets, or without one for +Inf; infinite for a
/// quantile outside 0…1.
pub fn bucket_quantile(quantile: f64, buckets: &mut Vec<Bucket>) -> (f64, Option<ForcedMonotonicity>) {
    if quantile.is_nan() {
        return (f64::NAN, None);
    }
    if quantile < 0.0 {
        return (f64::NEG_INFINITY, None);
    }
    if quantile > 1.0 {
        return (f64::INFINITY, None);
    }
    if !prepare(buckets) {
        return (f64::NAN, None);
    }
    let forced = force_monotonicity(buckets);
    (quantile_of_monotone(quantile, buckets), forced)
}

/// Leaves buckets as Prometheus leaves them after a quantile and takes them for the next one: tidied, and behind those, once
/// more, as many of the last as there were too many with the same bound.
pub(crate) fn leave_for_next_quantile(quantile: f64, buckets: &mut [Bucket]) {
    if !(0.0..=1.0).contains(&quantile) || !sort(buckets) {
        return;
    }
    let mut tidied = buckets.to_vec();
    prepare(&mut tidied);
    force_monotonicity(&mut tidied);
    buckets[..tidied.len()].copy_from_slice(&tidied);
}

fn quantile_of_monotone(quantile: f64, buckets: &[Bucket]) -> f64 {
    let [lower @ .., last] = buckets else { return f64::NAN };
    let Some(second_last) = lower.last() else { return f64::NAN };
    if last.count == 0.0 {
        return f64::NAN;
    }
    let mut rank = quantile * last.count;
    let index = lower.partition_point(|bucket| bucket.count < rank || bucket.count.is_nan() || rank.is_nan());
    let Some(bucket) = lower.get(index) else { return second_last.upper_bound };
    if index == 0 && bucket.upper_bound <= 0.0 {
        return bucket.upper_bound;
    }
    let (mut start, mut count) = (0.0, bucket.count);
    if let Some(below) = index.checked_sub(1).and_then(|below| lower.get(below)) {
        start = below.upper_bound;
        count -= below.count;
        rank -= below.count;
    }
    start + (bucket.upper_bound - start) * (rank / count)
}

/// Which fraction of the observations in classic buckets lies between two values, with the assumptions of [`bucket_quantile`].
/// The buckets are sorted and tidied in place.
pub fn bucket_fraction(lower: f64, upper: f64, buckets: &mut Vec<Bucket>) -> f64 {
    if !prepare(buckets) {
        return f64::NAN;
    }
    let total = buckets.last().map_or(0.0, |bucket| bucket.count);
    if total == 0.0 || lower.is_nan() || upper.is_nan() {
        return f64::NAN;
    }
    if lower >= upper {
        return 0.0;
    }
    let (low, high) = (rank_of(lower, buckets, total), rank_of(upper, buckets, total));
    (high - low) / total
}

/// How many observations lie below `value`.
fn rank_of(value: f64, buckets: &[Bucket], total: f64) -> f64 {
    let mut bound = if buckets[0].upper_bound <= 0.0 { f64::NEG_INFINITY } else { 0.0 };
    let mut rank = 0.0;
    for bucket in buckets {
        if bound >= value {
            break;
        }
        if bucket.upper_bound > value {
            // A bucket without a lower end counts as a whole; one without an upper end adds nothing.
            rank = if bound == f64::NEG_INFINITY {
                bucket.count
            } else {
                rank + (bucket.count - rank) * (value - bound) / (bucket.upper_bound - bound)
            };
            return if rank > total { total } else { rank };
        }
        rank = bucket.count;
        bound = bucket.upper_bound;
    }
    if rank > total { total } else { rank }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(pairs: &[(f64, f64)]) -> Vec<Bucket> {
        pairs.iter().map(|(upper_bound, count)| Bucket { upper_bound: *upper_bound, count: *count }).collect()
    }

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    #[test]
    fn quantiles_follow_the_rules_for_each_kind_of_bucket() {
        for (q, pairs, expected) in [
            (0.5, &[(1.0, 4.0), (2.0, 8.0), (INF, 8.0)][..], 1.0),
            (0.75, &[(INF, 8.0), (1.0, 4.0), (2.0, 8.0)], 1.5),
            (0.25, &[(1.0, 4.0), (2.0, 8.0), (INF, 8.0)], 0.5),
            (1.0, &[(1.0, 4.0), (INF, 8.0)], 1.0),
            (0.25, &[(-1.0, 4.0), (INF, 8.0)], -1.0),
            (0.5, &[(1.0, 2.0), (1.0, 2.0), (2.0, 8.0), (INF, 8.0)], 1.0),
            (0.5, &[(1.0, 4.0), (2.0, 8.0)], NAN),
            (0.5, &[(INF, 8.0)], NAN),
            (0.5, &[(1.0, 0.0), (INF, 0.0)], NAN),
            (0.5, &[], NAN),
            (NAN, &[(1.0, 4.0), (INF, 8.0)], NAN),
            (-0.1, &[(1.0, 4.0), (INF, 8.0)], f64::NEG_INFINITY),
            (1.1, &[(1.0, 4.0), (INF, 8.0)], INF),
        ] {
            let (got, forced) = bucket_quantile(q, &mut buckets(pairs));
            assert!(got == expected || (got.is_nan() && expected.is_nan()), "{q} of {pairs:?} = {got}");
            assert_eq!(forced, None);
        }
    }

    #[test]
    fn falls_are_lifted_and_reported_unless_they_are_rounding() {
        let mut fallen = buckets(&[(1.0, 5.0), (2.0, 3.0), (4.0, 4.0), (INF, 10.0)]);
        let (got, forced) = bucket_quantile(0.5, &mut fallen);
        assert_eq!(got, 1.0);
        assert_eq!(
            forced,
            Some(ForcedMonotonicity { least_bound: 2.0, greatest_bound: 4.0, greatest_difference: 2.0 })
        );
        let mut rounded = buckets(&[(1.0, 1e12 + 0.5), (2.0, 1e12), (INF, 2e12)]);
        assert_eq!(bucket_quantile(0.9, &mut rounded), (2.0, None));
    }

    #[test]
    fn fractions_interpolate_inside_buckets() {
        let two = &[(1.0, 4.0), (2.0, 8.0), (INF, 8.0)][..];
        let negative = &[(-1.0, 4.0), (1.0, 6.0), (INF, 8.0)][..];
        for (lower, upper, pairs, expected) in [
            (0.0, 1.0, two, 0.5),
            (0.5, 1.5, two, 0.5),
            (f64::NEG_INFINITY, INF, two, 1.0),
            (1.0, 1.0, two, 0.0),
            (NAN, 1.0, two, NAN),
            (-5.0, 0.0, negative, 0.125),
            (f64::NEG_INFINITY, -2.0, negative, 0.5),
            (0.0, 10.0, negative, 0.125),
            (0.0, 1.0, &[(1.0, 4.0)], NAN),
        ] {
            let got = bucket_fraction(lower, upper, &mut buckets(pairs));
            assert!(
                got == expected || (got.is_nan() && expected.is_nan()),
                "{lower}..{upper} of {pairs:?} = {got}"
            );
        }
    }
}
