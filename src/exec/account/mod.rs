//! What a query costs in Prometheus' terms: samples held, covered and read, counted beside an execution that holds and reads less.
//!
//! Prometheus limits a query by the samples that its evaluation, operator by operator, holds at one time. The execution here fuses operators,
//! so it cannot ask itself; but how many samples each operator gives is the same. Those numbers are noted in a [`Slot`] an operator
//! while it runs, and [`replay`] walks the plan afterwards as Prometheus does and finds the peak.
//!
//! - [`counts`]: samples a step. [`replay`]: the walk. [`tally`]: samples covered and read, subqueries shared out to steps.

mod counts;
mod replay;
mod tally;

use std::{
    ops::Range,
    sync::{
        Mutex, OnceLock, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{row::Row, table::Table};
use crate::{
    error::{Error, ErrorKind},
    functions::{WindowCounts, Windows},
    plan::{NO_SLOT, Node, NodeKind, Plan},
};
use counts::{StepCounts, floats_in};
pub(crate) use replay::{Cost, replay};

/// The slots of one execution's operators.
#[derive(Debug, Default)]
pub(crate) struct Account {
    slots: Vec<Slot>,
    max_samples: u64,
    /// Whether windows are counted for each step, too.
    by_step: bool,
}

/// What one operator gave and covered.
#[derive(Debug, Default)]
struct Slot {
    /// Floats given, over all steps.
    floats: AtomicU64,
    /// Histograms given, by their size in samples.
    histograms: AtomicU64,
    /// Of rows that have no float at some step, how many have one at each; and histograms.
    counts: RwLock<StepCounts>,
    /// Of operators that see windows: one a row.
    rows: OnceLock<Box<[RowCost]>>,
    /// Samples in all windows of rows that are given as they are.
    passed: AtomicU64,
    /// Samples in windows and those read, for each step, where asked for.
    windows: Mutex<Vec<[u64; 2]>>,
    /// Series looked at, where the requests do not tell.
    series: AtomicU64,
}

/// What one row of an operator that sees windows holds, in samples.
#[derive(Debug, Default)]
struct RowCost {
    /// What it gave.
    given: AtomicU64,
    /// Samples in all of its windows.
    covered: AtomicU64,
    /// The same, a sample that an earlier window had not counted again.
    read: AtomicU64,
    /// The largest of its windows.
    greatest: AtomicU64,
    /// Its last window.
    last: AtomicU64,
}

/// Windows over one row's samples, histograms by their size; `before[i]` is the size of the first `i` histograms.
pub(crate) struct SizedWindows<'a> {
    pub(crate) floats: &'a Windows,
    pub(crate) histograms: Option<(&'a Windows, &'a [u64])>,
}

impl Account {
    /// An empty account.
    pub(crate) fn of(plan: &Plan, max_samples: u64, by_step: bool) -> Self {
        let slots = (0..plan.slots).map(|_| Slot::default()).collect();
        Self { slots, max_samples, by_step: by_step || plan.counts_by_step }
    }

    fn slot(&self, slot: u32) -> Option<&Slot> {
        if slot == NO_SLOT { None } else { self.slots.get(slot as usize) }
    }

    /// The error of a query that would hold more samples than it may.
    pub(crate) fn exceeded(&self) -> Error {
        Error::new(ErrorKind::LimitExceeded { limit: "max_samples", value: self.max_samples }, None)
    }

    fn checked(&self, held: u64) -> Result<(), Error> {
        if held > self.max_samples { Err(self.exceeded()) } else { Ok(()) }
    }

    /// Notes a run of steps of one row that an operator of `of` steps gave; says its size in samples. An operator that alone
    /// gives more than a query may hold fails at once.
    pub(crate) fn gave(&self, slot: u32, steps: &Range<usize>, of: usize, row: &Row) -> Result<u64, Error> {
        let [own, all] = self.note(slot, steps, of, row);
        self.checked(all).map(|()| own)
    }

    /// As [`Account::gave`], for an operator whose samples Prometheus does not count as held; says the size of these and of all so far.
    pub(crate) fn note(&self, slot: u32, steps: &Range<usize>, of: usize, row: &Row) -> [u64; 2] {
        let Some(slot) = self.slot(slot) else { return [0; 2] };
        let floats = floats_in(&row.present);
        let mut histograms = 0;
        // What of all floats is not counted step by step stands at every step.
        let is_partial = floats > 0 && floats < of as u64;
        if is_partial || !row.histograms.is_empty() {
            let mut counts = slot.counts.write().unwrap_or_else(PoisonError::into_inner);
            if is_partial {
                counts.add_floats(&row.present, floats, steps.start, of);
            }
            if !row.histograms.is_empty() {
                histograms = counts.add_histograms(&row.histograms, steps.start, of);
            }
        }
        let held = slot.floats.fetch_add(floats, Ordering::Relaxed) + floats;
        let sizes = match histograms {
            0 => slot.histograms.load(Ordering::Relaxed),
            more => slot.histograms.fetch_add(more, Ordering::Relaxed) + more,
        };
        [floats + histograms, held + sizes]
    }

    /// Notes what an operator gave as a whole, in place of what it had noted before.
    pub(crate) fn holds(&self, node: &Node, table: &Table) -> Result<(), Error> {
        let held = self.note_table(node.slot, table);
        // Steps at which nothing is found are not counted as held.
        if matches!(node.kind, NodeKind::AbsentOverTime { .. }) { Ok(()) } else { self.checked(held) }
    }

    /// Notes what was given as a whole; says its size.
    pub(crate) fn note_table(&self, slot: u32, table: &Table) -> u64 {
        let Some(slot) = self.slot(slot) else { return 0 };
        let mut counts = StepCounts::default();
        let (mut floats, mut histograms) = (0, 0);
        let steps = table.steps();
        for row in 0..table.len() {
            let present = table.present(row);
            let found = floats_in(present);
            floats += found;
            if found < steps as u64 {
                counts.add_floats(present, found, 0, steps);
            }
            if let Some(cells) = table.histograms(row) {
                histograms += counts.add_histograms(cells, 0, steps);
            }
        }
        slot.floats.store(floats, Ordering::Relaxed);
        slot.histograms.store(histograms, Ordering::Relaxed);
        *slot.counts.write().unwrap_or_else(PoisonError::into_inner) = counts;
        floats + histograms
    }

    /// Gets ready for the windows of so many rows.
    pub(crate) fn expect_rows(&self, slot: u32, rows: usize) {
        if let Some(slot) = self.slot(slot) {
            slot.rows.get_or_init(|| (0..rows).map(|_| RowCost::default()).collect());
        }
    }

    /// Notes what a row gave that sees windows.
    pub(crate) fn row_gave(&self, slot: u32, row: usize, samples: u64) {
        if let Some(row) = self.slot(slot).and_then(|slot| slot.rows.get()?.get(row)) {
            row.given.fetch_add(samples, Ordering::Relaxed);
        }
    }

    /// Notes the windows of one row, at all steps.
    pub(crate) fn saw(&self, slot: u32, row: usize, windows: &SizedWindows<'_>) {
        let Some(slot) = self.slot(slot) else { return };
        let counts = match windows.histograms {
            None => windows.floats.counts(),
            Some(_) => windows.counts(),
        };
        if let Some(row) = slot.rows.get().and_then(|rows| rows.get(row)) {
            row.covered.store(counts.covered, Ordering::Relaxed);
            row.read.store(counts.read, Ordering::Relaxed);
            row.greatest.store(counts.greatest, Ordering::Relaxed);
            row.last.store(counts.last, Ordering::Relaxed);
        }
        if self.by_step {
            let mut by_step = slot.windows.lock().unwrap_or_else(PoisonError::into_inner);
            by_step.resize(windows.floats.len(), [0; 2]);
            for (own, seen) in by_step.iter_mut().zip(windows.sizes()) {
                own[0] += seen[0];
                own[1] += seen[1];
            }
        }
    }

    /// Notes a series that is given as it is: so many samples of it are held, so many are given.
    pub(crate) fn passed(&self, slot: u32, held: u64, given: u64) -> Result<(), Error> {
        let Some(slot) = self.slot(slot) else { return Ok(()) };
        slot.passed.fetch_add(given, Ordering::Relaxed);
        self.checked(slot.floats.fetch_add(held, Ordering::Relaxed) + held)
    }

    /// Notes how many series an operator looked at whose request finds more.
    pub(crate) fn looked_at(&self, slot: u32, series: u64) {
        if let Some(slot) = self.slot(slot) {
            slot.series.store(series, Ordering::Relaxed);
        }
    }

    /// Samples that a leaf covered, each as often as a step saw it, and those that it read; none for other operators.
    pub(crate) fn covered(&self, node: &Node) -> [u64; 2] {
        let Some(slot) = self.slot(node.slot) else { return [0; 2] };
        let get = |number: &AtomicU64| number.load(Ordering::Relaxed);
        match &node.kind {
            NodeKind::Select(selector) if selector.smoothed => [0; 2],
            NodeKind::Select(_) => [get(&slot.floats) + get(&slot.histograms); 2],
            NodeKind::RangeVector(_) => [get(&slot.passed); 2],
            _ => slot.rows.get().map_or([0; 2], |rows| RowCost::seen(rows)),
        }
    }
}

impl RowCost {
    /// What the windows of some rows cover, and what was read for them.
    fn seen(rows: &[Self]) -> [u64; 2] {
        rows.iter().fold([0; 2], |[covered, read], row| {
            [covered + row.covered.load(Ordering::Relaxed), read + row.read.load(Ordering::Relaxed)]
        })
    }
}

impl SizedWindows<'_> {
    /// The size of each step's window, and of the part that the step before had not.
    fn sizes(&self) -> impl Iterator<Item = [u64; 2]> + '_ {
        let floats = |at: usize| at as u64;
        let of_floats = self
            .floats
            .grown()
            .map(move |[first, new, end]| [floats(end) - floats(first), floats(end) - floats(new)]);
        let mut of_histograms = self.histograms.map(|(windows, before)| {
            let size = |at: usize| before.get(at).copied().unwrap_or_default();
            windows.grown().map(move |[first, new, end]| [size(end) - size(first), size(end) - size(new)])
        });
        of_floats.map(move |[all, new]| {
            let [more, more_new] = of_histograms.as_mut().and_then(Iterator::next).unwrap_or_default();
            [all + more, new + more_new]
        })
    }

    fn counts(&self) -> WindowCounts {
        let mut counts = WindowCounts::default();
        for [all, new] in self.sizes() {
            counts.covered += all;
            counts.read += new;
            counts.greatest = counts.greatest.max(all);
            counts.last = all;
        }
        counts
    }
}
