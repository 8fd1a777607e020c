//! The histogram half of [`super::join`]: pairs of which a sample is a native histogram, and remarks on pairs without a result.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use super::{
    join::{Join, Operand, Pair},
    map_histograms::annotate,
    parallel,
    row::{HistogramCells, bit, for_each_bit},
    table::Table,
};
use crate::{
    error::Error,
    model::histogram::FloatHistogram,
    operators::histograms::{PairRemark, PairResult, Sample, SampleKind, apply},
};

/// What one pair of rows gives where a histogram takes part.
#[derive(Default)]
struct Found {
    cells: HistogramCells,
    /// Steps and results of comparisons with `bool`.
    truths: Vec<(usize, bool)>,
}

/// The histogram pairs of one join.
pub(super) struct HistogramPairs<'j> {
    join: &'j Join<'j>,
    many: &'j Table,
    one: &'j Table,
    swapped: bool,
    /// Whether there is anything to do at all.
    involved: bool,
    /// One a pair of rows, in their order.
    found: Vec<Found>,
    /// Of each step's remarks the last one, which is all that Prometheus keeps, and the pair it is of.
    last: Mutex<Vec<Option<(usize, PairRemark)>>>,
}

impl<'j> HistogramPairs<'j> {
    /// Computes nothing yet.
    pub(super) fn new(join: &'j Join<'j>, many: &'j Table, one: &'j Table, swapped: bool) -> Self {
        let has_histograms = |table: &Table| (0..table.len()).any(|row| table.histograms(row).is_some());
        let involved = join.operator.is_trim() || has_histograms(many) || has_histograms(one);
        let last = Mutex::new(vec![None; if involved { many.steps() } else { 0 }]);
        Self { join, many, one, swapped, involved, found: Vec::new(), last }
    }

    /// Computes what the next pairs give, and takes from their steps those that fail.
    pub(super) fn compute(&mut self, pairs: &mut [Pair]) -> Result<(), Error> {
        if !self.involved {
            return Ok(());
        }
        let first = self.found.len();
        let mut found: Vec<Found> = pairs.iter().map(|_| Found::default()).collect();
        let small = pairs.len() * self.many.steps() < 1024;
        let mut tasks: Vec<_> = (first..).zip(pairs.iter_mut().zip(&mut found)).collect();
        let batch = self.join.context.batch(tasks.len());
        parallel::run(self.join.context, tasks.chunks_mut(batch), small, |batch, _| {
            let mut out = FloatHistogram::default();
            for (index, (pair, found)) in batch {
                self.compute_pair(*index, pair, &mut out, found)?;
            }
            Ok(())
        })?;
        drop(tasks);
        self.found.extend(found);
        Ok(())
    }

    fn compute_pair(
        &self,
        index: usize,
        pair: &mut Pair,
        out: &mut FloatHistogram,
        found: &mut Found,
    ) -> Result<(), Error> {
        let cells = |table: &'j Table, operand: Operand| match operand {
            Operand::Row(row) => table.histograms(row),
            Operand::Fill(_) => None,
        };
        let has_histograms = cells(self.many, pair.many).or(cells(self.one, pair.one)).is_some();
        if !has_histograms && !self.join.operator.is_trim() {
            return Ok(());
        }
        let steps = self.many.steps();
        let mut failed = vec![0u64; pair.steps.len()];
        let mut remarks = Vec::new();
        let mut failure = None;
        for_each_bit(&pair.steps, |step| {
            let (many, one) = (sample(self.many, pair.many, step), sample(self.one, pair.one, step));
            let (Some(many), Some(one)) = (many, one) else { return };
            let (left, right) = if self.swapped { (one, many) } else { (many, one) };
            let result = match (left, right) {
                (Sample::Float(_), Sample::Float(_)) if !self.join.operator.is_trim() => return,
                (Sample::Float(_), Sample::Float(_)) => Ok(PairResult::Nothing(
                    PairRemark::IncompatibleTypes(SampleKind::Float, SampleKind::Float),
                )),
                _ => apply(self.join.operator, left, right, out),
            };
            match result {
                Ok(PairResult::Nothing(remark)) => {
                    super::row::set_bit(&mut failed, step);
                    remarks.push((step, remark));
                }
                Ok(PairResult::Computed(remark)) => {
                    found.cells.put(step, steps, out.as_ref());
                    remarks.extend(remark.map(|remark| (step, remark)));
                }
                Ok(PairResult::Compared(holds)) if self.join.return_bool => found.truths.push((step, holds)),
                Ok(PairResult::Compared(true)) => {
                    if let Sample::Histogram(left) = left {
                        found.cells.put(step, steps, left);
                    }
                }
                Ok(PairResult::Compared(false)) => {}
                Err(error) => failure = failure.take().or(Some(error)),
            }
        });
        if let Some(error) = failure {
            return Err(Error::execution(error.to_string(), self.join.span));
        }
        pair.steps.iter_mut().zip(failed).for_each(|(own, failed)| *own &= !failed);
        if !remarks.is_empty() {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            for (step, remark) in remarks {
                if last[step].is_none_or(|(known, _)| known <= index) {
                    last[step] = Some((index, remark));
                }
            }
        }
        Ok(())
    }

    /// Writes the results into the join's table, a row a pair, and says what there is to say.
    pub(super) fn finish(self, table: &mut Table) {
        for (row, found) in self.found.into_iter().enumerate() {
            if !found.cells.is_empty() {
                table.set_histograms(row, found.cells);
            }
            for (step, holds) in found.truths {
                table.set(row, step, f64::from(u8::from(holds)));
            }
        }
        let last = self.last.into_inner().unwrap_or_else(PoisonError::into_inner);
        let remarks: BTreeSet<PairRemark> = last.into_iter().flatten().map(|(_, remark)| remark).collect();
        for remark in remarks {
            annotate(self.join.context, remark, self.join.operator, self.join.span);
        }
    }
}

/// The sample of an operand at a step.
fn sample(table: &Table, operand: Operand, step: usize) -> Option<Sample<'_>> {
    match operand {
        Operand::Fill(value) => Some(Sample::Float(value)),
        Operand::Row(row) if bit(table.present(row), step) => Some(Sample::Float(table.values(row)[step])),
        Operand::Row(row) => table.histograms(row)?.get(step).map(Sample::Histogram),
    }
}
