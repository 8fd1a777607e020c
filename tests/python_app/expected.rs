//! What the queries must give, computed from the scrapes without the engine: a few lines of arithmetic a query.

use super::Lines;

/// The samples of a scrape by series as written; of one without labels, by its name.
pub(crate) fn lines(text: &str) -> Lines {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (series, value) = line.rsplit_once(' ').expect("series and value");
            (series.to_owned(), value.parse().expect("a number"))
        })
        .collect()
}

/// The growth a second of a counter that is never reset, over the range that ends at `end`, its start excluded: what the
/// samples saw, stretched to the ends of the range as Prometheus does it.
pub(crate) fn rate(samples: &[(i64, f64)], end: i64, range_ms: i64) -> f64 {
    let seen: Vec<_> = samples.iter().filter(|(time, _)| *time > end - range_ms && *time <= end).collect();
    let (first, last) = (seen[0], seen[seen.len() - 1]);
    let seconds = |ms: i64| ms as f64 / 1000.0;
    let growth = last.1 - first.1;
    let covered = seconds(last.0 - first.0);
    let between = covered / (seen.len() - 1) as f64;
    let reach = |gap: f64| if gap >= 1.1 * between { between / 2.0 } else { gap };
    let mut before = seconds(first.0 - (end - range_ms));
    if growth > 0.0 {
        // A counter was never below zero.
        before = before.min(covered * first.1 / growth);
    }
    growth * (covered + reach(before) + reach(seconds(end - last.0))) / covered / seconds(range_ms)
}

/// The φ-quantile of cumulative buckets, straight lines within each.
pub(crate) fn quantile(phi: f64, mut buckets: Vec<(f64, f64)>) -> f64 {
    buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut highest = 0.0f64;
    for (_, count) in &mut buckets {
        // The rates of buckets differ by how far each is stretched; a bucket holds all below it none the less.
        highest = highest.max(*count);
        *count = highest;
    }
    let rank = phi * highest;
    let at = buckets.iter().position(|(_, count)| *count >= rank).expect("the last bucket holds all");
    let (below_bound, below) = if at == 0 { (0.0, 0.0) } else { buckets[at - 1] };
    let (bound, count) = buckets[at];
    if bound.is_infinite() {
        return below_bound;
    }
    below_bound + (bound - below_bound) * (rank - below) / (count - below)
}
