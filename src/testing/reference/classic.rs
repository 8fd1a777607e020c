//! Classic histograms: buckets as series that differ in `le` only.

use crate::model::{Labels, number};

use super::value::Sample;

/// Counts closer than this, relatively, count as equal.
const COUNT_TOLERANCE: f64 = 1e-12;

/// Upper bounds and counts.
pub(super) type Buckets = Vec<(f64, f64)>;

/// The histograms among float samples, each with its labels but `le`; what has no bound is in none.
pub(super) fn histograms(samples: &[Sample]) -> Vec<(Labels, Buckets)> {
    let mut histograms: Vec<(Labels, Buckets)> = Vec::new();
    for sample in samples {
        let Some(count) = sample.value.float() else { continue };
        let bound = number::parse_float(sample.labels.get("le").unwrap_or_default());
        let Ok(bound) = bound else { continue };
        if bound.is_nan() {
            continue;
        }
        let key = sample.labels.retain(|name| name != "le");
        match histograms.iter_mut().find(|(labels, _)| *labels == key) {
            Some((_, buckets)) => buckets.push((bound, count)),
            None => histograms.push((key, vec![(bound, count)])),
        }
    }
    histograms
}

fn by_bound(a: &(f64, f64), b: &(f64, f64)) -> std::cmp::Ordering {
    a.0.partial_cmp(&b.0).unwrap_or(std::cmp::Ordering::Equal)
}

/// Buckets in order, of equal bounds one; nothing where the last does not count all observations.
fn in_order(mut buckets: Buckets) -> Option<Buckets> {
    buckets.sort_by(by_bound);
    if buckets.last().is_none_or(|(bound, _)| *bound != f64::INFINITY) {
        return None;
    }
    let mut merged: Buckets = Vec::new();
    for (bound, count) in buckets {
        match merged.last_mut() {
            Some((last, sum)) if *last == bound => *sum += count,
            _ => merged.push((bound, count)),
        }
    }
    Some(merged)
}

/// The part of the observations between two values.
pub(super) fn fraction(lower: f64, upper: f64, buckets: Buckets) -> f64 {
    let Some(buckets) = in_order(buckets) else { return f64::NAN };
    let count = buckets.last().map_or(0.0, |(_, count)| *count);
    if count == 0.0 || lower.is_nan() || upper.is_nan() {
        return f64::NAN;
    }
    if lower >= upper {
        return 0.0;
    }
    let below = |value: f64| {
        let rank = rank(&buckets, value).unwrap_or(count);
        if rank > count { count } else { rank }
    };
    (below(upper) - below(lower)) / count
}

/// How many observations lie below a value; `None` where it lies above all buckets.
fn rank(buckets: &[(f64, f64)], value: f64) -> Option<f64> {
    // The first bucket begins at zero, unless it ends there or below.
    let mut lower = if buckets[0].0 <= 0.0 { f64::NEG_INFINITY } else { 0.0 };
    let mut rank = 0.0;
    for (upper, count) in buckets {
        if lower >= value {
            return Some(rank);
        }
        if *upper > value {
            if lower == f64::NEG_INFINITY {
                return Some(*count);
            }
            return Some(rank + (count - rank) * (value - lower) / (upper - lower));
        }
        (rank, lower) = (*count, *upper);
    }
    None
}

pub(super) fn quantile(q: f64, buckets: &mut Buckets) -> f64 {
    if q.is_nan() {
        return f64::NAN;
    }
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    let Some(mut merged) = in_order(buckets.clone()) else { return f64::NAN };
    force_ascending(&mut merged);
    // Prometheus tidies in place: a next quantile finds the merged buckets, and behind them the last ones once more.
    buckets.sort_by(by_bound);
    buckets[..merged.len()].copy_from_slice(&merged);
    let last = merged.len() - 1;
    let observations = merged[last].1;
    if last == 0 || observations == 0.0 {
        return f64::NAN;
    }
    let rank = q * observations;
    let at = first_reaching(&merged[..last], rank);
    if at == last {
        return merged[last - 1].0;
    }
    if at == 0 && merged[0].0 <= 0.0 {
        return merged[0].0;
    }
    let (start, before) = if at == 0 { (0.0, 0.0) } else { merged[at - 1] };
    let (end, count) = merged[at];
    start + (end - start) * ((rank - before) / (count - before))
}

/// The first bucket whose count reaches the rank, found as a binary search finds it where a NaN breaks the order.
fn first_reaching(buckets: &[(f64, f64)], rank: f64) -> usize {
    let (mut low, mut high) = (0, buckets.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        if buckets[middle].1 >= rank { high = middle } else { low = middle + 1 }
    }
    low
}

/// Buckets count all that those below count; what says otherwise is lifted.
fn force_ascending(buckets: &mut [(f64, f64)]) {
    let mut before = buckets[0].1;
    for (_, count) in &mut buckets[1..] {
        let close = (*count - before).abs() / (count.abs() + before.abs()).min(f64::MAX) < COUNT_TOLERANCE;
        if *count == before {
            continue;
        }
        if close || *count < before {
            *count = before;
        } else {
            before = *count;
        }
    }
}
