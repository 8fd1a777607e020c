//! Quantiles of classic histograms: series that differ in `le` only are one.

use crate::model::{Labels, number};

use super::value::Sample;

/// Counts closer than this, relatively, count as equal.
const COUNT_TOLERANCE: f64 = 1e-12;

/// `histogram_quantile` of a vector of buckets.
pub(super) fn quantiles(q: f64, samples: &[Sample]) -> Vec<Sample> {
    let mut histograms: Vec<(Labels, Vec<(f64, f64)>)> = Vec::new();
    for sample in samples {
        let bound = number::parse_float(sample.labels.get("le").unwrap_or_default());
        let Ok(bound) = bound else { continue };
        if bound.is_nan() {
            continue;
        }
        let key = sample.labels.retain(|name| name != "le");
        match histograms.iter_mut().find(|(labels, _)| *labels == key) {
            Some((_, buckets)) => buckets.push((bound, sample.value)),
            None => histograms.push((key, vec![(bound, sample.value)])),
        }
    }
    histograms.into_iter().map(|(labels, buckets)| Sample::new(labels, quantile(q, buckets))).collect()
}

fn quantile(q: f64, mut buckets: Vec<(f64, f64)>) -> f64 {
    if q.is_nan() {
        return f64::NAN;
    }
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
    if buckets.last().is_none_or(|(bound, _)| *bound != f64::INFINITY) {
        return f64::NAN;
    }
    let mut merged: Vec<(f64, f64)> = Vec::new();
    for (bound, count) in buckets {
        match merged.last_mut() {
            Some((last, sum)) if *last == bound => *sum += count,
            _ => merged.push((bound, count)),
        }
    }
    force_ascending(&mut merged);
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
