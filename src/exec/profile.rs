//! What each operator of one execution gave and cost, for those who ask why a query is slow.
//!
//! An execution that is not profiled pays one test an operator. A profiled one runs on one thread, so that times add up and
//! what a row has read is what was counted while it was computed.

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rustc_hash::FxHashMap;

use super::{
    account::Account,
    context::Worker,
    evaluate::BoxedRows,
    row::{Row, count_bits},
    rows::Rows,
    table::{Series, Table},
};
use crate::{
    error::Error,
    plan::{Node, Plan, walk},
};

/// What one operator gave and cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct NodeFigures {
    /// Series it gave; `None` for scalars, and for what another operator did on its behalf.
    pub series: Option<u64>,
    /// Samples it gave, over all steps.
    pub samples: u64,
    /// Samples that its own selector or windows covered, each as often as a step saw it.
    pub samples_covered: u64,
    /// The same, but what the window of the step before had is not counted again.
    pub samples_read: u64,
    /// Time spent in it and in all below it.
    pub elapsed: Duration,
    /// Bytes of the table it was held in, 0 where its rows were passed on one by one.
    pub bytes: u64,
}

/// Counters of one operator.
#[derive(Debug, Default)]
struct Slot {
    /// 1 more than the number of series.
    series: AtomicU64,
    samples: AtomicU64,
    nanoseconds: AtomicU64,
    bytes: AtomicU64,
}

/// Counters of all operators of a plan, or of none.
#[derive(Debug, Default)]
pub(crate) struct Profile {
    slots: Vec<Slot>,
    /// Which slot a node has; a node is known by where it lies, which does not change while the plan is executed.
    places: FxHashMap<usize, usize>,
}

fn place(node: &Node) -> usize {
    std::ptr::from_ref(node) as usize
}

impl Profile {
    /// Counters for every operator of a plan.
    pub(crate) fn of(plan: &Plan) -> Self {
        let places: FxHashMap<usize, usize> =
            walk(plan).enumerate().map(|(index, (_, node))| (place(node), index)).collect();
        Self { slots: (0..places.len()).map(|_| Slot::default()).collect(), places }
    }

    /// The figures, in the order of the plan's operators.
    pub(crate) fn figures(&self, plan: &Plan, account: &Account) -> Vec<NodeFigures> {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        self.slots
            .iter()
            .zip(walk(plan))
            .map(|(slot, (_, node))| {
                let [samples_covered, samples_read] = account.covered(node);
                NodeFigures {
                    series: get(&slot.series).checked_sub(1),
                    samples: get(&slot.samples),
                    samples_covered,
                    samples_read,
                    elapsed: Duration::from_nanos(get(&slot.nanoseconds)),
                    bytes: get(&slot.bytes),
                }
            })
            .collect()
    }

    fn slot(&self, node: &Node) -> Option<&Slot> {
        self.slots.get(*self.places.get(&place(node))?)
    }

    /// The time, where it is asked for.
    pub(crate) fn start(&self) -> Option<Instant> {
        (!self.slots.is_empty()).then(Instant::now)
    }

    /// Notes that a node has taken the time since `start`.
    pub(crate) fn took(&self, node: &Node, start: Option<Instant>) {
        if let (Some(start), Some(slot)) = (start, self.slot(node)) {
            slot.took(start);
        }
    }

    /// Notes that all rows of a node are held in a table.
    pub(crate) fn holds(&self, node: &Node, table: &Table) {
        if let Some(slot) = self.slot(node) {
            slot.bytes.store(table.size() as u64, Ordering::Relaxed);
        }
    }

    /// The rows of a node, counted when they are asked for, or now where they are there already.
    pub(crate) fn rows<'a>(
        &'a self,
        node: &Node,
        start: Option<Instant>,
        rows: BoxedRows<'a>,
    ) -> BoxedRows<'a> {
        let (Some(start), Some(slot)) = (start, self.slot(node)) else { return rows };
        slot.took(start);
        slot.series.store(rows.series().len() as u64 + 1, Ordering::Relaxed);
        match rows.table() {
            Some(table) => {
                slot.bytes.store(table.size() as u64, Ordering::Relaxed);
                slot.samples.store(table.samples(), Ordering::Relaxed);
                rows
            }
            None => Box::new(Measured { rows, slot }),
        }
    }
}

impl Slot {
    fn took(&self, start: Instant) {
        let nanoseconds = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }
}

/// Rows that are counted as they are computed.
struct Measured<'a> {
    rows: BoxedRows<'a>,
    slot: &'a Slot,
}

impl Rows for Measured<'_> {
    fn series(&self) -> &[Series] {
        self.rows.series()
    }

    fn into_series(self: Box<Self>) -> Vec<Series> {
        self.rows.into_series()
    }

    fn row(&self, row: usize, steps: Range<usize>, worker: &mut Worker, out: &mut Row) -> Result<(), Error> {
        let start = Instant::now();
        let result = self.rows.row(row, steps, worker, out);
        self.slot.took(start);
        let samples = count_bits(&out.present) + out.histograms.len();
        self.slot.samples.fetch_add(samples as u64, Ordering::Relaxed);
        result
    }

    fn table(&self) -> Option<&Arc<Table>> {
        self.rows.table()
    }

    fn work(&self, steps: usize) -> usize {
        self.rows.work(steps)
    }

    fn depth(&self) -> usize {
        self.rows.depth() + 1
    }
}
