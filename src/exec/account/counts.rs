//! How many samples an operator gave at each step, counted a word of 64 steps at a time.

use super::super::row::{HistogramCells, bit, count_bits};
use crate::model::histogram::HistogramRef;

/// Samples at one step, in the three ways in which Prometheus counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Cell {
    /// Each as one.
    pub(crate) samples: u64,
    /// A histogram by its size with a time, as in a series.
    pub(crate) points: u64,
    /// A histogram by its size and one more, as in a vector.
    pub(crate) in_vector: u64,
}

impl Cell {
    /// So many floats.
    pub(crate) const fn floats(count: u64) -> Self {
        Self { samples: count, points: count, in_vector: count }
    }

    /// One histogram.
    fn histogram(histogram: HistogramRef<'_>) -> Self {
        let points = histogram.sample_count() as u64;
        Self { samples: 1, points, in_vector: histogram.vector_sample_count() as u64 }
    }

    /// Both together.
    pub(crate) fn add(&mut self, other: Self) {
        self.samples += other.samples;
        self.points += other.points;
        self.in_vector += other.in_vector;
    }
}

/// Samples at each step, over those rows that have no float at some step or have histograms.
///
/// Floats are counted in bit planes: bit `k` of plane `p` counts for `2^p` samples at step `k`, so that a word of presence
/// bits costs a few operations and not 64.
#[derive(Debug, Default)]
pub(crate) struct StepCounts {
    /// Floats in all planes.
    counted: u64,
    planes: Vec<Vec<u64>>,
    /// Histograms at each step; empty where there is none at all.
    histograms: Vec<Cell>,
}

impl StepCounts {
    /// Counts the floats of a run of one row's steps that begins at `first`; the row has `steps` in all.
    pub(crate) fn add_floats(&mut self, present: &[u64], found: u64, first: usize, steps: usize) {
        self.counted += found;
        let first_word = first / 64;
        for (word, bits) in present.iter().enumerate() {
            let (mut carry, mut plane) = (*bits, 0);
            while carry != 0 {
                if plane == self.planes.len() {
                    self.planes.push(vec![0; steps.div_ceil(64)]);
                }
                let Some(own) = self.planes[plane].get_mut(first_word + word) else { break };
                (*own, carry) = (*own ^ carry, *own & carry);
                plane += 1;
            }
        }
    }

    /// Counts the histograms of a run of one row's steps; gives their size in samples.
    pub(crate) fn add_histograms(&mut self, cells: &HistogramCells, first: usize, steps: usize) -> u64 {
        if self.histograms.is_empty() {
            self.histograms.resize(steps, Cell::default());
        }
        let samples = cells.samples.as_samples();
        let mut known: Option<(usize, Cell)> = None;
        let mut sum = 0;
        cells.for_each(|step, sample| {
            let cell = match known {
                Some((at, cell)) if at == sample => cell,
                _ => Cell::histogram(samples.at(sample)),
            };
            known = Some((sample, cell));
            sum += cell.points;
            if let Some(own) = self.histograms.get_mut(first + step) {
                own.add(cell);
            }
        });
        sum
    }

    /// The samples at every step, where they are as many at each; there are `floats` in all at so many steps.
    pub(crate) fn uniform(&self, floats: u64, steps: usize) -> Option<Cell> {
        (self.planes.is_empty() && self.histograms.is_empty())
            .then(|| Cell::floats(self.everywhere(floats, steps)))
    }

    /// The samples at a step, of `floats` in all at so many steps.
    pub(crate) fn at(&self, step: usize, floats: u64, steps: usize) -> Cell {
        let planes = self.planes.iter().enumerate();
        let counted: u64 = planes.map(|(plane, words)| u64::from(bit(words, step)) << plane).sum();
        let mut cell = Cell::floats(self.everywhere(floats, steps) + counted);
        if let Some(histograms) = self.histograms.get(step) {
            cell.add(*histograms);
        }
        cell
    }

    /// Rows with a float at every step.
    fn everywhere(&self, floats: u64, steps: usize) -> u64 {
        floats.saturating_sub(self.counted) / (steps as u64).max(1)
    }
}

/// How many bits of presence are set.
pub(crate) fn floats_in(present: &[u64]) -> u64 {
    count_bits(present) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_count_as_a_plain_sum_does() {
        let steps = 150;
        let mut counts = StepCounts::default();
        let mut plain = vec![0u64; steps];
        for row in 0..40u64 {
            let has = |step: usize| (step as u64 * 7 + row * row).is_multiple_of(row % 5 + 1);
            // The row in two runs, as threads cut it.
            for run in [0..128, 128..steps] {
                let mut present = vec![0u64; run.len().div_ceil(64)];
                for step in run.clone().filter(|step| has(*step)) {
                    super::super::super::row::set_bit(&mut present, step - run.start);
                    plain[step] += 1;
                }
                counts.add_floats(&present, floats_in(&present), run.start, steps);
            }
        }
        // Three more rows have a float at every step.
        let floats = plain.iter().sum::<u64>() + 3 * steps as u64;
        assert_eq!(counts.uniform(floats, steps), None);
        for (step, count) in plain.iter().enumerate() {
            assert_eq!(counts.at(step, floats, steps), Cell::floats(*count + 3), "{step}");
        }
        assert_eq!(StepCounts::default().uniform(450, steps), Some(Cell::floats(3)));
    }
}
