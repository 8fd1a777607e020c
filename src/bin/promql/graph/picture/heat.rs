//! Buckets over time: a row a bucket, the fuller the hotter.

use crate::graph::Frame;

use super::Distribution;

/// A distribution over time.
pub(in crate::graph) struct Heat {
    pub(in crate::graph) frame: Frame,
    pub(in crate::graph) labels: String,
    /// From the greatest observations down: the row's text, and at each step how full it is, as a share of the fullest of all;
    /// `None` at a step without observations.
    pub(in crate::graph) rows: Vec<(String, Vec<Option<f64>>)>,
    /// The count of the fullest.
    most: f64,
}

impl Heat {
    pub(super) fn of(distribution: &Distribution, frame: &Frame) -> Self {
        let most = distribution.counts.iter().flatten().copied().fold(0.0, f64::max);
        let share = |count: f64| if most > 0.0 { (count / most).max(0.0) } else { 0.0 };
        let row = |(at, row): (usize, &super::buckets::Row)| {
            let cells = distribution.counts.iter().map(|counts| counts.get(at).map(|count| share(*count)));
            (row.end(frame.unit.of_bounds()), cells.collect())
        };
        let rows = distribution.rows.iter().enumerate().rev().map(row).collect();
        Self { frame: *frame, labels: distribution.labels.clone(), rows, most }
    }

    /// How full each of so many columns of a row is: the mean of the steps that stand there, or of the nearest.
    pub(in crate::graph) fn columns(&self, row: usize, columns: usize) -> Vec<Option<f64>> {
        let cells = self.rows.get(row).map_or(&[][..], |(_, cells)| cells.as_slice());
        let last = (self.frame.span_ms() / self.frame.step_ms.max(1)) as usize;
        let end = columns.saturating_sub(1).max(1);
        (0..columns)
            .map(|column| {
                // Steps are as wide as their distance, around their time.
                let step = |column: f64| (column / end as f64 * last as f64).clamp(0.0, last as f64);
                let first = step(column as f64 - 0.5).ceil() as usize;
                let after = step(column as f64 + 0.5).ceil() as usize;
                let nearest = step(column as f64).round() as usize;
                let range = if first < after { first..after } else { nearest..nearest + 1 };
                let range = if column == end { range.start..last.max(range.start) + 1 } else { range };
                let mean = |(sum, count): (f64, usize), cell: &f64| (sum + cell, count + 1);
                let (sum, count) = range.filter_map(|step| cells.get(step)?.as_ref()).fold((0.0, 0), mean);
                (count > 0).then(|| sum / count as f64)
            })
            .collect()
    }

    /// What a share stands for.
    pub(in crate::graph) fn count(&self, share: f64) -> String {
        self.frame.unit.of_counts().text(self.most * share, self.most / 10.0)
    }
}
