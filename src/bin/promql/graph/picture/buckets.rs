//! Distributions: the buckets of a native histogram, or of series with a label `le`, as rows of one ladder of bounds.

use std::collections::{BTreeMap, HashSet};

use promql_engine::{exec::value::MatrixSeries, model::Labels};

use crate::graph::{Frame, unit::Unit};

/// Rows of a distribution; more buckets are merged with their neighbours.
const ROWS: usize = 20;

/// Observations by their size, over time.
pub(super) struct Distribution {
    /// What was observed where.
    pub(super) labels: String,
    /// From the smallest observations to the greatest, without holes.
    pub(super) rows: Vec<Row>,
    /// At each step the count of each row; empty where the step has none.
    pub(super) counts: Vec<Vec<f64>>,
    /// Of the last step: count and sum of the observations, where they are known.
    pub(super) totals: Option<(f64, f64)>,
}

/// The bounds of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    pub(super) lower: f64,
    pub(super) upper: f64,
}

/// A bucket of one step.
struct Counted {
    step: usize,
    row: Row,
    count: f64,
}

impl Row {
    /// `100ms – 250ms`, `≤ 5ms`, `> 10s`.
    pub(super) fn range(&self, unit: Unit) -> String {
        match (self.lower, self.upper) {
            (lower, upper) if lower == upper => text(unit, lower),
            (f64::NEG_INFINITY, f64::INFINITY) => "all".to_owned(),
            (f64::NEG_INFINITY, upper) => format!("≤ {}", text(unit, upper)),
            (lower, f64::INFINITY) => format!("> {}", text(unit, lower)),
            (lower, upper) => format!("{} – {}", text(unit, lower), text(unit, upper)),
        }
    }

    /// The end of the row alone, where its neighbours say the rest: `≤ 250ms`, `> 10s`.
    pub(super) fn end(&self, unit: Unit) -> String {
        match (self.lower, self.upper) {
            (lower, upper) if lower == upper || upper == f64::INFINITY => self.range(unit),
            (_, upper) => format!("≤ {}", text(unit, upper)),
        }
    }
}

/// A bound to three figures.
fn text(unit: Unit, bound: f64) -> String {
    unit.text(bound, bound.abs() / 100.0)
}

impl Distribution {
    /// The native histograms of a series.
    pub(super) fn of_histograms(series: &MatrixSeries, frame: &Frame) -> Self {
        let buckets = series.histograms.iter().flat_map(|(time, histogram)| {
            let step = step(*time, frame);
            // Without the empty ones, so that the ladder ends where the observations do.
            let buckets = histogram.as_ref().buckets().filter(|bucket| bucket.count != 0.0);
            buckets.map(move |bucket| Counted {
                step,
                row: Row { lower: bucket.lower + 0.0, upper: bucket.upper + 0.0 },
                count: bucket.count,
            })
        });
        let totals = series.histograms.last().map(|(_, histogram)| (histogram.count, histogram.sum));
        Self::of(series.labels.to_string(), buckets.collect(), totals)
    }

    /// The buckets of all steps on one ladder.
    fn of(labels: String, buckets: Vec<Counted>, totals: Option<(f64, f64)>) -> Self {
        let rows = ladder(&buckets);
        let steps = buckets.iter().map(|bucket| bucket.step + 1).max().unwrap_or(0);
        let mut counts = vec![Vec::new(); steps];
        for bucket in &buckets {
            let counts = &mut counts[bucket.step];
            counts.resize(rows.len(), 0.0);
            if let Some(count) = place(&rows, bucket.row).and_then(|row| counts.get_mut(row))
                && bucket.count.is_finite()
            {
                *count += bucket.count;
            }
        }
        Self { labels, rows, counts, totals }
    }
}

/// The number of a step.
fn step(time_ms: i64, frame: &Frame) -> usize {
    usize::try_from(time_ms.saturating_sub(frame.start_ms) / frame.step_ms.max(1)).unwrap_or(0)
}

/// The rows of these buckets. Where buckets overlap, as they do when the resolution changes, a row holds them together; a hole
/// is a row of its own.
fn ladder(buckets: &[Counted]) -> Vec<Row> {
    let mut seen = HashSet::new();
    let bits = |row: &Row| (row.lower.to_bits(), row.upper.to_bits());
    let mut rows: Vec<Row> =
        buckets.iter().map(|bucket| bucket.row).filter(|row| seen.insert(bits(row))).collect();
    rows.sort_by(|a, b| a.lower.total_cmp(&b.lower).then(a.upper.total_cmp(&b.upper)));
    let mut whole: Vec<Row> = Vec::new();
    for row in rows {
        match whole.last_mut() {
            Some(last) if row.lower < last.upper => last.upper = last.upper.max(row.upper),
            Some(last) if row.lower > last.upper => {
                let hole = Row { lower: last.upper, upper: row.lower };
                whole.extend([hole, row]);
            }
            _ => whole.push(row),
        }
    }
    let together = whole.len().div_ceil(ROWS).max(1);
    let ends = |rows: &[Row]| Some(Row { lower: rows.first()?.lower, upper: rows.last()?.upper });
    whole.chunks(together).filter_map(ends).collect()
}

/// The row that holds a bucket.
fn place(rows: &[Row], bucket: Row) -> Option<usize> {
    let first = rows.partition_point(|row| row.upper < bucket.upper);
    // A bucket of zeros alone begins where its neighbour ends.
    let fits = |row: &&usize| rows.get(**row).is_some_and(|row| row.lower <= bucket.lower);
    [first + 1, first].iter().find(fits).copied().filter(|row| *row < rows.len())
}

/// The distributions of series that all have a label `le` and belong together by two and more; else `None`.
///
/// Each counts what is at or below its bound, so a bucket is what it has more than the one before; where counts fall, as they
/// can between two scrapes, the bucket is empty.
pub(super) fn classic(series: &[MatrixSeries], frame: &Frame) -> Option<Vec<Distribution>> {
    let mut groups: BTreeMap<Labels, Vec<(f64, &MatrixSeries)>> = BTreeMap::new();
    for series in series {
        let bound: f64 = series.labels.get("le")?.parse().ok().filter(|bound: &f64| !bound.is_nan())?;
        if series.floats.is_empty() {
            return None;
        }
        groups.entry(series.labels.retain(|name| name != "le")).or_default().push((bound, series));
    }
    if groups.is_empty() || groups.values().any(|group| group.len() < 2) {
        return None;
    }
    let distribution = |(labels, mut group): (Labels, Vec<(f64, &MatrixSeries)>)| {
        group.sort_by(|a, b| a.0.total_cmp(&b.0));
        // By step: the bound and the count of the last bucket that was seen there.
        let mut below: Vec<(f64, f64)> = Vec::new();
        let least = if group[0].0 > 0.0 { 0.0 } else { f64::NEG_INFINITY };
        let mut buckets = Vec::new();
        for (upper, series) in group {
            for (time, value) in series.floats.iter().filter(|(_, value)| value.is_finite()) {
                let step = step(*time, frame);
                if below.len() <= step {
                    below.resize(step + 1, (least, 0.0));
                }
                let (lower, before) = below[step];
                buckets.push(Counted { step, row: Row { lower, upper }, count: (value - before).max(0.0) });
                below[step] = (upper, before.max(*value));
            }
        }
        Distribution::of(labels.to_string(), buckets, None)
    };
    Some(groups.into_iter().map(distribution).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(lower: f64, upper: f64) -> Counted {
        Counted { step: 0, row: Row { lower, upper }, count: 1.0 }
    }

    #[test]
    fn rows_have_no_holes_and_do_not_overlap() {
        let buckets = [(4.0, 8.0), (0.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (1.0, 2.0), (0.5, 1.0), (4.0, 5.6)];
        let buckets: Vec<Counted> = buckets.into_iter().map(|(lower, upper)| counted(lower, upper)).collect();
        let rows: Vec<(f64, f64)> = ladder(&buckets).iter().map(|row| (row.lower, row.upper)).collect();
        assert_eq!(rows, [(-1.0, 0.0), (0.0, 0.0), (0.0, 1.0), (1.0, 2.0), (2.0, 4.0), (4.0, 8.0)]);
        let counts = Distribution::of(String::new(), buckets, None).counts;
        assert_eq!(counts, [[1.0, 1.0, 2.0, 1.0, 0.0, 2.0]]);
    }

    #[test]
    fn many_buckets_are_merged() {
        let buckets: Vec<Counted> = (0..101).map(|n| counted(f64::from(n), f64::from(n + 1))).collect();
        let distribution = Distribution::of(String::new(), buckets, None);
        assert_eq!(distribution.rows.len(), 17);
        assert_eq!(distribution.rows[16], Row { lower: 96.0, upper: 101.0 });
        assert_eq!((distribution.counts[0][0], distribution.counts[0][16]), (6.0, 5.0));
    }
}
