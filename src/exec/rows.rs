//! What an operator offers to the one above it: its output series at once, their rows when asked.

use std::{ops::Range, sync::Arc};

use super::{
    context::{Context, Worker},
    evaluate::BoxedRows,
    parallel,
    row::Row,
    table::{Series, Table},
};
use crate::{error::Error, model::Labels};

/// Steps of a row computed at a time: a multiple of 64, so that presence words are never shared between tasks.
const STEPS_AT_A_TIME: usize = 512;

/// Work (see [`Rows::work`]) below which a second thread costs more than it brings.
pub(crate) const SMALL: usize = 40_000;

/// An operator's output.
pub(crate) trait Rows: Send + Sync {
    /// The output series.
    fn series(&self) -> &[Series];

    /// The output series, where the rows are not needed any more.
    fn into_series(self: Box<Self>) -> Vec<Series> {
        self.series().to_vec()
    }

    /// The labels that a row's series had before the operator took names away.
    fn input_labels(&self, row: usize) -> &Labels {
        &self.series()[row].labels
    }

    /// Computes a run of steps of one row; the run starts at a multiple of 64. The bits do not depend on how a row is cut.
    fn row(&self, row: usize, steps: Range<usize>, worker: &mut Worker, out: &mut Row) -> Result<(), Error>;

    /// The table behind the rows, where they are held already.
    fn table(&self) -> Option<&Arc<Table>> {
        None
    }

    /// How many operators compute a row one inside the other.
    fn depth(&self) -> usize {
        1
    }

    /// About how much work `steps` steps of a row are, in samples copied.
    fn work(&self, steps: usize) -> usize {
        steps
    }
}

impl Rows for Arc<Table> {
    fn series(&self) -> &[Series] {
        &self.series
    }

    fn into_series(self: Box<Self>) -> Vec<Series> {
        Arc::try_unwrap(*self).map_or_else(|table| table.series.clone(), |table| table.series)
    }

    fn row(&self, row: usize, steps: Range<usize>, _: &mut Worker, out: &mut Row) -> Result<(), Error> {
        self.copy_row(row, steps, out);
        Ok(())
    }

    fn table(&self) -> Option<&Arc<Table>> {
        Some(self)
    }
}

/// Rows of an operator that does not account for them itself.
pub(crate) struct Noted<'a> {
    pub(crate) rows: BoxedRows<'a>,
    pub(crate) context: &'a Context,
    /// Its slot and its number of steps.
    pub(crate) node: (u32, usize),
}

impl Rows for Noted<'_> {
    fn series(&self) -> &[Series] {
        self.rows.series()
    }

    fn into_series(self: Box<Self>) -> Vec<Series> {
        self.rows.into_series()
    }

    fn input_labels(&self, row: usize) -> &Labels {
        self.rows.input_labels(row)
    }

    fn row(&self, row: usize, steps: Range<usize>, worker: &mut Worker, out: &mut Row) -> Result<(), Error> {
        self.rows.row(row, steps.clone(), worker, out)?;
        self.context.account.gave(self.node.0, &steps, self.node.1, out)?;
        Ok(())
    }

    fn depth(&self) -> usize {
        self.rows.depth() + 1
    }

    fn work(&self, steps: usize) -> usize {
        self.rows.work(steps)
    }
}

/// The runs of steps a row is computed in: long enough to be cheap, and at least one a thread.
pub(crate) fn step_runs(steps: usize, threads: usize) -> impl Iterator<Item = Range<usize>> + Clone {
    let run = steps.div_ceil(threads.max(1)).next_multiple_of(64).max(STEPS_AT_A_TIME);
    (0..steps).step_by(run).map(move |start| start..steps.min(start + run))
}

/// The runs of steps of rows that are held: to cut them costs little, so that there are several a thread.
pub(crate) fn held_runs(steps: usize, threads: usize) -> impl Iterator<Item = Range<usize>> + Clone {
    let run = steps.div_ceil(4 * threads.max(1)).next_multiple_of(64);
    (0..steps).step_by(run.max(64)).map(move |start| start..steps.min(start + run))
}

/// The same rows, held in a table where they are computed through so many operators that more could overflow the stack.
pub(crate) fn shallow<'a>(
    context: &Context,
    rows: BoxedRows<'a>,
    steps: usize,
) -> Result<BoxedRows<'a>, Error> {
    const DEEPEST: usize = 64;
    Ok(if rows.depth() < DEEPEST { rows } else { Box::new(materialise(context, &*rows, steps)?) })
}

/// Whether so many rows are too little work for a second thread.
pub(crate) fn is_small(rows: &dyn Rows, steps: usize) -> bool {
    rows.series().len().saturating_mul(rows.work(steps)) < SMALL
}

/// Computes all rows.
pub(crate) fn materialise(context: &Context, rows: &dyn Rows, steps: usize) -> Result<Arc<Table>, Error> {
    if let Some(table) = rows.table() {
        return Ok(Arc::clone(table));
    }
    let count = rows.series().len();
    context.check_table(count, steps)?;
    let mut table = Table::new(rows.series().to_vec(), steps);
    let batch = context.batch(count);
    let histograms = std::sync::Mutex::new(Vec::new());
    let mut cells = table.rows_mut().enumerate().collect::<Vec<_>>();
    let batches = cells.chunks_mut(batch);
    parallel::run(context, batches, is_small(rows, steps), |batch, worker| {
        let mut row = worker.take_row();
        for (index, (values, present)) in batch {
            rows.row(*index, 0..steps, worker, &mut row)?;
            values.copy_from_slice(&row.values);
            present.copy_from_slice(&row.present);
            if !row.histograms.is_empty() {
                let cells = std::mem::take(&mut row.histograms);
                histograms.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((*index, cells));
            }
        }
        worker.give_row(row);
        Ok(())
    })?;
    drop(cells);
    for (index, cells) in histograms.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        table.set_histograms(index, cells);
    }
    context.hold(table)
}
