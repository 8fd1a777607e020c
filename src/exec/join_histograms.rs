//! The histogram half of [`super::join`]: pairs of which a sample is a native histogram, and remarks on pairs without a result.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use rustc_hash::FxHashMap;

use super::{
    join::{Join, Operand, Pair},
    map_histograms::annotate,
    parallel,
    row::{HistogramCells, Row, bit, for_each_bit},
    table::Table,
};
use crate::{
    error::Error,
    model::histogram::FloatHistogram,
    operators::histograms::{PairRemark, PairResult, Sample, SampleKind, apply},
};

/// What one pair of rows gives where a histogram takes part.
#[derive(Default)]
pub(super) struct Found {
    cells: HistogramCells,
    /// Steps and results of comparisons with `bool`.
    truths: Vec<(usize, bool)>,
}

/// Where the samples of a pair are.
pub(super) enum Operands<'a> {
    /// In a row of each side's table, or filled in; the "many" side first.
    InTables((&'a Table, Operand), (&'a Table, Operand)),
    /// In a row of each side.
    InRows(&'a Row, &'a Row),
}

impl<'a> Operands<'a> {
    /// Both samples at a step, the "many" side's first.
    fn at(&self, step: usize) -> Option<(Sample<'a>, Sample<'a>)> {
        match *self {
            Self::InTables(many, one) => Some((sample_of(many, step)?, sample_of(one, step)?)),
            Self::InRows(many, one) => Some((sample(many, step)?, sample(one, step)?)),
        }
    }
}

/// The histogram pairs of one join.
pub(super) struct HistogramPairs<'j> {
    join: &'j Join<'j>,
    swapped: bool,
    /// One a pair of rows, in their order.
    pub(super) found: Vec<Found>,
    /// Of each step's remarks the last one, which is all that Prometheus keeps, and the pair it is of.
    last: Mutex<FxHashMap<usize, (usize, PairRemark)>>,
}

impl<'j> HistogramPairs<'j> {
    /// Computes nothing yet.
    pub(super) fn new(join: &'j Join<'j>, swapped: bool) -> Self {
        Self { join, swapped, found: Vec::new(), last: Mutex::default() }
    }

    /// Computes what the next pairs give, and takes from their steps those that fail.
    pub(super) fn compute(&mut self, pairs: &mut [Pair], many: &Table, one: &Table) -> Result<(), Error> {
        let has_histograms = |table: &Table| (0..table.len()).any(|row| table.histograms(row).is_some());
        let is_trim = self.join.operator.is_trim();
        if !is_trim && !has_histograms(many) && !has_histograms(one) {
            return Ok(());
        }
        let first = self.found.len();
        let mut found: Vec<Found> = pairs.iter().map(|_| Found::default()).collect();
        let small = pairs.len() * many.steps() < 1024;
        let mut tasks: Vec<_> = (first..).zip(pairs.iter_mut().zip(&mut found)).collect();
        let batch = self.join.context.batch(tasks.len());
        parallel::run(self.join.context, tasks.chunks_mut(batch), small, |batch, _| {
            for (index, (pair, found)) in batch {
                let cells = |table: &'_ Table, operand: Operand| match operand {
                    Operand::Row(row) => table.histograms(row).is_some(),
                    Operand::Fill(_) => false,
                };
                if is_trim || cells(many, pair.many) || cells(one, pair.one) {
                    let operands = Operands::InTables((many, pair.many), (one, pair.one));
                    self.compute_pair(*index, &operands, &mut pair.steps, found)?;
                }
            }
            Ok(())
        })?;
        drop(tasks);
        self.found.extend(found);
        Ok(())
    }

    /// Computes what one pair gives at the steps at which both have a sample, and takes from these the ones that fail.
    pub(super) fn compute_pair(
        &self,
        index: usize,
        operands: &Operands<'_>,
        pair_steps: &mut [u64],
        found: &mut Found,
    ) -> Result<(), Error> {
        let steps = self.join.times.count;
        let mut out = FloatHistogram::default();
        let mut failed = vec![0u64; pair_steps.len()];
        let mut remarks = Vec::new();
        let mut failure = None;
        for_each_bit(pair_steps, |step| {
            let Some((many, one)) = operands.at(step) else { return };
            let (left, right) = if self.swapped { (one, many) } else { (many, one) };
            let result = match (left, right) {
                (Sample::Float(_), Sample::Float(_)) if !self.join.operator.is_trim() => return,
                (Sample::Float(_), Sample::Float(_)) => Ok(PairResult::Nothing(
                    PairRemark::IncompatibleTypes(SampleKind::Float, SampleKind::Float),
                )),
                _ => apply(self.join.operator, left, right, &mut out),
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
        pair_steps.iter_mut().zip(failed).for_each(|(own, failed)| *own &= !failed);
        if !remarks.is_empty() {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            for (step, remark) in remarks {
                let known = last.entry(step).or_insert((index, remark));
                if known.0 <= index {
                    *known = (index, remark);
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
        let remarks: BTreeSet<PairRemark> = last.into_values().map(|(_, remark)| remark).collect();
        for remark in remarks {
            annotate(self.join.context, remark, self.join.operator, self.join.span);
        }
    }
}

/// The sample of an operand at a step.
fn sample_of((table, operand): (&Table, Operand), step: usize) -> Option<Sample<'_>> {
    match operand {
        Operand::Fill(value) => Some(Sample::Float(value)),
        Operand::Row(row) if bit(table.present(row), step) => Some(Sample::Float(table.values(row)[step])),
        Operand::Row(row) => table.histograms(row)?.get(step).map(Sample::Histogram),
    }
}

/// The sample of a row at a step.
fn sample(row: &Row, step: usize) -> Option<Sample<'_>> {
    if bit(&row.present, step) {
        return Some(Sample::Float(row.values[step]));
    }
    row.histograms.get(step).map(Sample::Histogram)
}
