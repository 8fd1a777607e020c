//! What every operator of one execution shares: options, limits, cancellation, annotations, counters.

use std::{
    cell::Cell,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use super::{
    account::Account, annotations::Annotations, memory::Memory, profile::Profile, row::Row,
    shared::KeptTables, table::Table,
};
use crate::{
    error::{Error, ErrorKind},
    functions::Scratch,
    storage::ColumnBuffer,
};

/// Lets a host stop a query that runs: cheap to clone, safe to call from anywhere.
#[derive(Debug, Clone, Default)]
pub struct CancellationToken(Arc<AtomicBool>);

impl CancellationToken {
    /// Stops the queries that hold this token at their next batch.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether [`CancellationToken::cancel`] was called.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How an execution is run, and how far it may go.
#[derive(Debug, Clone)]
pub(crate) struct ExecutionOptions {
    pub(crate) threads: usize,
    pub(crate) batch_series: usize,
    pub(crate) delayed_name_removal: bool,
    pub(crate) start_timestamps: bool,
    pub(crate) type_and_unit_labels: bool,
    pub(crate) deadline: Option<(Instant, u64)>,
    pub(crate) cancellation: CancellationToken,
}

/// Shared by all operators of one execution.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) options: ExecutionOptions,
    /// Figures of each operator, where they are asked for.
    pub(crate) profile: Profile,
    /// What each operator gave, for the query's cost.
    pub(crate) account: Account,
    /// The bytes that its tables hold.
    pub(crate) memory: Memory,
    annotations: Mutex<Annotations>,
    /// What was evaluated for several places of the query.
    pub(super) kept: KeptTables,
}

impl Context {
    pub(crate) fn new(options: ExecutionOptions, account: Account, memory: Memory) -> Self {
        Self {
            options,
            profile: Profile::default(),
            account,
            memory,
            annotations: Mutex::default(),
            kept: KeptTables::default(),
        }
    }

    /// Notes a warning or an info; asked for once a batch or rarer, so that the lock does not matter.
    pub(crate) fn annotate(&self, add: impl FnOnce(&mut Annotations)) {
        add(&mut self.annotations.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Runs a part of the query and gives the remarks made meanwhile apart.
    pub(super) fn remarks_of<R>(&self, part: impl FnOnce() -> R) -> (R, Annotations) {
        let swap = |other: Annotations| {
            let mut annotations = self.annotations.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *annotations, other)
        };
        let before = swap(Annotations::default());
        let result = part();
        (result, swap(before))
    }

    /// The same, with figures of each operator.
    pub(crate) fn profiled(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// What was counted and noted.
    pub(crate) fn into_parts(self) -> (Account, Annotations) {
        (self.account, self.annotations.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Fails where the query was cancelled or has run too long. Asked for at every batch.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.options.cancellation.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled, None));
        }
        match self.options.deadline {
            Some((deadline, limit_ms)) if Instant::now() >= deadline => {
                Err(Error::new(ErrorKind::LimitExceeded { limit: "max_duration_ms", value: limit_ms }, None))
            }
            _ => Ok(()),
        }
    }

    /// How many of so many rows, groups or pairs make a task: not all, so that no thread waits long for another.
    pub(crate) fn batch(&self, of: usize) -> usize {
        let fair = of.div_ceil(4 * self.options.threads.max(1));
        self.options.batch_series.min(fair).max(1)
    }

    /// Fails where a table of this size would be too much.
    pub(crate) fn check_table(&self, rows: usize, steps: usize) -> Result<(), Error> {
        self.memory.check((rows as u64).saturating_mul(steps as u64).saturating_mul(8))
    }

    /// Accounts for a table as long as it lives; fails where it is too much.
    pub(crate) fn hold(&self, table: Table) -> Result<Arc<Table>, Error> {
        let charge = self.memory.take(table.size() as u64)?;
        Ok(Arc::new(table.charged(charge)))
    }
}

/// Memory of one worker, reused from row to row.
#[derive(Debug, Default)]
pub(crate) struct Worker {
    pub(crate) columns: ColumnBuffer,
    pub(crate) scratch: Scratch,
    pub(crate) rows: Vec<Row>,
    pub(crate) timestamps: Vec<i64>,
    pub(crate) values: Vec<f64>,
    pub(crate) start_timestamps: Vec<i64>,
}

/// Values that a vector of a worker may have room for to be kept beyond one piece of work.
const KEPT_VALUES: usize = 4096;

impl Worker {
    /// Works with the memory that the calling thread keeps from query to query, so that a small query need not ask for any.
    pub(crate) fn of_thread<R>(work: impl FnOnce(&mut Self) -> R) -> R {
        thread_local! {
            static KEPT: Cell<Option<Worker>> = const { Cell::new(None) };
        }
        // Work may be done inside of work, which then finds nothing.
        let mut worker = KEPT.take().unwrap_or_default();
        let result = work(&mut worker);
        worker.forget_most();
        KEPT.set(Some(worker));
        result
    }

    /// Lets go of what is large, or belongs to a query.
    fn forget_most(&mut self) {
        let Self { columns, scratch, rows, timestamps, values, start_timestamps } = self;
        *scratch = Scratch::default();
        rows.retain(|row| row.values.capacity() <= KEPT_VALUES && row.histograms.is_empty());
        rows.truncate(8);
        let ColumnBuffer { histograms, .. } = columns;
        let lengths =
            [columns.timestamps.capacity(), columns.values.capacity(), columns.start_timestamps.capacity()];
        let own = [timestamps.capacity(), values.capacity(), start_timestamps.capacity()];
        if !histograms.headers.is_empty() || lengths.iter().chain(&own).any(|room| *room > KEPT_VALUES) {
            *self = Self { rows: std::mem::take(rows), ..Self::default() };
        }
    }

    /// A row to fill; give it back with [`Worker::give_row`].
    pub(crate) fn take_row(&mut self) -> Row {
        self.rows.pop().unwrap_or_default()
    }

    /// Takes a row back for reuse.
    pub(crate) fn give_row(&mut self, row: Row) {
        self.rows.push(row);
    }
}
