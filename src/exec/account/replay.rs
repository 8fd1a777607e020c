//! The walk through a plan as Prometheus evaluates it: what is held when, and the most that is held at one time.
//!
//! Prometheus evaluates operands in order and holds all of their samples. Most operators then work step by step: at each, the
//! operands' samples of that step are held a second time, and the results up to there with them; only at the end the operands go. Range functions
//! hold one window at a time beside what they have given. A few operators forget to let go; so does this.

use std::sync::{PoisonError, RwLockReadGuard, atomic::Ordering};

use super::{
    super::reads::ReadSet,
    Account, RowCost, Slot,
    counts::{Cell, StepCounts},
    tally::Tally,
};
use crate::plan::{AggregateKind, Node, NodeKind, Plan, RangeCall, RangeSource};

/// What a query cost, as Prometheus counts it.
#[derive(Debug, Default)]
pub(crate) struct Cost {
    /// What was covered and read.
    pub(crate) tally: Tally,
    /// The most samples held at one time.
    pub(crate) peak: u64,
}

/// Walks through an executed plan.
pub(crate) fn replay(
    account: Account,
    plan: &Plan,
    reads: &[ReadSet<'_>],
    start_timestamps: bool,
    by_step: bool,
) -> Cost {
    let mut tally = Tally::new(plan.root.steps.count, by_step);
    let mut replay = Replay { slots: account.slots, reads, start_timestamps, peak: 0 };
    replay.operator(&plan.root, 0, &mut tally);
    Cost { tally, peak: replay.peak }
}

/// An operand's samples at each step.
enum Given<'a> {
    /// As many at each.
    Same(Cell),
    /// Not so: what is counted step by step, the number of all floats, and the number of steps.
    Each(RwLockReadGuard<'a, StepCounts>, u64, usize),
}

impl Given<'_> {
    fn at(&self, step: usize) -> Cell {
        match self {
            Self::Same(cell) => *cell,
            Self::Each(counts, floats, steps) => counts.at(step, *floats, *steps),
        }
    }

    fn uniform(&self) -> Option<Cell> {
        match self {
            Self::Same(cell) => Some(*cell),
            Self::Each(..) => None,
        }
    }
}

struct Replay<'a> {
    slots: Vec<Slot>,
    reads: &'a [ReadSet<'a>],
    start_timestamps: bool,
    peak: u64,
}

impl Replay<'_> {
    fn hold(&mut self, samples: u64) -> u64 {
        self.peak = self.peak.max(samples);
        samples
    }

    fn slot(&mut self, slot: u32) -> Option<&mut Slot> {
        self.slots.get_mut(slot as usize)
    }

    /// The size of all that an operator gave.
    fn points(&mut self, node: &Node) -> u64 {
        match &node.kind {
            kind if kind.is_scalar() => node.steps.count as u64,
            NodeKind::Plus(child) => self.points(child),
            NodeKind::Shared(shared) => self.points(shared),
            NodeKind::Invariant(child) => self.points(child) * node.steps.count as u64,
            NodeKind::Timestamp { child, start } if matches!(child.kind, NodeKind::Select(_)) => {
                if *start && !self.start_timestamps { 0 } else { self.points(child) }
            }
            _ => self.slot(node.slot).map_or(0, |slot| *slot.floats.get_mut() + *slot.histograms.get_mut()),
        }
    }

    /// What an operator gave at each step.
    fn given(&self, node: &Node) -> Given<'_> {
        match &node.kind {
            kind if kind.is_scalar() => Given::Same(Cell::floats(1)),
            NodeKind::Plus(child) => self.given(child),
            NodeKind::Shared(shared) => self.given(shared),
            NodeKind::Invariant(child) => Given::Same(self.given(child).at(0)),
            NodeKind::Timestamp { child, start } if matches!(child.kind, NodeKind::Select(_)) => {
                if *start && !self.start_timestamps {
                    Given::Same(Cell::default())
                } else {
                    self.given(child)
                }
            }
            _ => self.given_of(node.slot, node.steps.count),
        }
    }

    fn given_of(&self, slot: u32, steps: usize) -> Given<'_> {
        let Some(slot) = self.slots.get(slot as usize) else { return Given::Same(Cell::default()) };
        let floats = slot.floats.load(Ordering::Relaxed);
        let counts = slot.counts.read().unwrap_or_else(PoisonError::into_inner);
        match counts.uniform(floats, steps) {
            Some(cell) => Given::Same(cell),
            None => Given::Each(counts, floats, steps),
        }
    }

    /// An operator and all below it, while `held` samples are; gives what is held behind it.
    fn operator(&mut self, node: &Node, held: u64, tally: &mut Tally) -> u64 {
        if node.steps.count == 0 {
            return held;
        }
        // A chain of operators is as deep as it is long: go down its left side in a loop.
        let mut chain = Vec::new();
        let mut bottom = node;
        while let Some((left, right)) = bottom.operands() {
            chain.push((bottom, left, right));
            bottom = left;
        }
        let mut now = self.simple(bottom, held, tally);
        while let Some((node, left, right)) = chain.pop() {
            let with_right = self.operator(right, now, tally);
            now = self.step_by_step(node, &[left, right], held, with_right);
        }
        now
    }

    /// An operator that works step by step on operands which are held: `before` without them, `held` with them.
    fn step_by_step(&mut self, node: &Node, operands: &[&Node], before: u64, held: u64) -> u64 {
        let gathered = operands.iter().map(|operand| self.given(operand));
        let most = most_at_a_step(gathered, &self.given(node), node.steps.count);
        self.hold(held + most);
        let points = self.points(node);
        self.hold(before + points)
    }

    /// Evaluates operands and then an operator on them, step by step.
    fn on(&mut self, node: &Node, operands: &[&Node], held: u64, tally: &mut Tally) -> u64 {
        let with_operands = operands.iter().fold(held, |held, operand| self.operator(operand, held, tally));
        self.step_by_step(node, operands, held, with_operands)
    }

    /// An operator that is no binary one.
    fn simple(&mut self, node: &Node, held: u64, tally: &mut Tally) -> u64 {
        use NodeKind as K;
        match &node.kind {
            K::Text(_) => held,
            K::Number(_) | K::Time => self.on(node, &[], held, tally),
            K::Folded { from, .. } => self.operator(from, held, tally),
            // Here it costs what it would cost alone.
            K::Shared(shared) => self.operator(shared, held, tally),
            K::OneOf { folds, .. } => {
                self.operator(&folds.child, held, tally);
                let points = self.points(node);
                self.hold(held + points)
            }
            K::Plus(child) | K::Negate(child) | K::ScalarNegate(child) => self.operator(child, held, tally),
            K::LabelReplace { child, .. } | K::LabelJoin { child, .. } => self.operator(child, held, tally),
            K::ScalarOf(child)
            | K::VectorOf(child)
            | K::Sort { child, .. }
            | K::SortByLabel { child, .. }
            | K::Absent { child, .. }
            | K::HistogramStatistic { child, .. } => self.on(node, &[child], held, tally),
            // A function of the time itself has no operand.
            K::Calendar { child, .. } if matches!(child.kind, K::VectorOf(_)) && child.span == node.span => {
                self.on(node, &[], held, tally)
            }
            K::Calendar { child, .. } => self.on(node, &[child], held, tally),
            K::ScalarFunction { lhs, rhs, .. } => self.on(node, &[lhs, rhs], held, tally),
            K::Elementwise { child, parameters, .. } => {
                let operands: Vec<&Node> = std::iter::once(&**child).chain(parameters).collect();
                self.on(node, &operands, held, tally)
            }
            K::HistogramQuantiles { quantiles, label, child } => {
                let mut operands: Vec<&Node> = quantiles.iter().collect();
                operands.insert(if label.is_some() { 0 } else { operands.len() }, child);
                self.on(node, &operands, held, tally)
            }
            K::HistogramFraction { lower, upper, child } => {
                self.on(node, &[lower, upper, child], held, tally)
            }
            K::Invariant(child) => self.invariant(node, child, held, tally),
            K::Select(selector) => {
                tally.series += self.series(selector.read);
                if selector.smoothed { self.smoothed(node, held) } else { self.select(node, held, tally) }
            }
            K::Timestamp { child, .. } => match &child.kind {
                K::Select(selector) => {
                    tally.series += self.series(selector.read);
                    // Found and given are held together at each step.
                    self.found(child, tally);
                    self.step_by_step(node, &[child], held, held)
                }
                _ => self.on(node, &[child], held, tally),
            },
            K::Aggregate { kind, child, .. } => {
                let parameter = match kind {
                    AggregateKind::CountValues { .. } => return self.on(node, &[child], held, tally),
                    AggregateKind::Fold(_) => None,
                    AggregateKind::Quantile(k)
                    | AggregateKind::Top { k, .. }
                    | AggregateKind::Limit { k }
                    | AggregateKind::LimitRatio { ratio: k } => Some(&**k),
                };
                let with_parameter =
                    parameter.map_or(held, |parameter| self.operator(parameter, held, tally));
                self.operator(child, with_parameter, tally);
                let points = self.points(node);
                self.hold(held + points)
            }
            K::Range(call) | K::AbsentOverTime { call, .. } => self.range(node, call, held, tally),
            K::Info { child, selector: _, infos, .. } => self.info(node, child, *infos, held, tally),
            K::RangeVector(source) => self.range_vector(node, source, held, tally),
            K::ScalarBinary { .. } | K::VectorScalar { .. } | K::VectorBinary { .. } | K::Set { .. } => held,
        }
    }

    fn series(&self, read: usize) -> u64 {
        self.reads.get(read).map_or(0, ReadSet::found)
    }

    fn select(&mut self, node: &Node, held: u64, tally: &mut Tally) -> u64 {
        let points = self.found(node, tally);
        self.hold(held + points)
    }

    /// Tallies what a selector found; gives its size.
    fn found(&mut self, node: &Node, tally: &mut Tally) -> u64 {
        let points = self.points(node);
        let steps = node.steps.count;
        let by_step = tally.steps.is_some();
        let given = self.given(node);
        let each = (0..if by_step { steps } else { 0 }).map(|step| [given.at(step).points; 2]);
        tally.add_all(points, points, each);
        points
    }

    /// Of an interpolated selector the windows are held, not what it gives; the last one of each series is never let go.
    fn smoothed(&mut self, node: &Node, mut held: u64) -> u64 {
        let mut rows = self.slot(node.slot).and_then(|slot| slot.rows.take()).unwrap_or_default();
        for row in &mut rows {
            self.hold(held + *row.greatest.get_mut());
            held += *row.last.get_mut();
        }
        self.put_back(node, rows);
        held
    }

    fn invariant(&mut self, node: &Node, child: &Node, held: u64, tally: &mut Tally) -> u64 {
        let mut once = Tally::new(1, false);
        let now = self.operator(child, held, &mut once);
        tally.add_once(&once, node.steps.count);
        let points = self.points(child);
        self.hold(now + points * (node.steps.count as u64).saturating_sub(1))
    }

    /// A range function: the windows of one series after the other, beside what was given so far.
    fn range(&mut self, node: &Node, call: &RangeCall, held: u64, tally: &mut Tally) -> u64 {
        let mut held = held;
        let mut subquery = 0;
        match &call.source {
            RangeSource::Selector { read, .. } => tally.series += self.series(*read),
            RangeSource::Subquery { child, windows, .. } => {
                let by_step = windows.ends.count > 1;
                let mut inner = Tally::new(child.steps.count, by_step);
                held = self.operator(child, held, &mut inner);
                subquery = if child.steps.count == 0 { 0 } else { self.points(child) };
                tally.add_subquery(&inner, child.steps, windows);
            }
        }
        for parameter in &call.parameters {
            held = self.operator(parameter, held, tally);
        }
        let Some(slot) = self.slot(node.slot) else { return held };
        let mut rows = slot.rows.take().unwrap_or_default();
        if matches!(call.source, RangeSource::Selector { .. }) {
            let by_step = slot.windows.get_mut().unwrap_or_else(PoisonError::into_inner);
            let [covered, read] = RowCost::seen(&rows);
            tally.add_all(covered, read, by_step.iter().copied());
        }
        for row in &mut rows {
            let given = *row.given.get_mut();
            self.hold(held + *row.greatest.get_mut());
            self.hold(held + *row.last.get_mut() + given);
            held += given;
        }
        self.put_back(node, rows);
        held.saturating_sub(subquery)
    }

    /// What several places of the query have in common is walked at each.
    fn put_back(&mut self, node: &Node, rows: Box<[RowCost]>) {
        if let Some(slot) = self.slot(node.slot) {
            slot.rows = rows.into();
        }
    }

    /// `info()` goes on holding its operands behind it.
    fn info(&mut self, node: &Node, child: &Node, infos: u32, held: u64, tally: &mut Tally) -> u64 {
        let with_input = self.operator(child, held, tally);
        let steps = node.steps.count;
        let Some(slot) = self.slot(infos) else { return with_input };
        let found = *slot.floats.get_mut();
        tally.series += *slot.series.get_mut();
        let by_step = if tally.steps.is_some() { steps } else { 0 };
        let most = {
            let given = self.given_of(infos, steps);
            tally.add_all(found, found, (0..by_step).map(|step| [given.at(step).points; 2]));
            let operands = [false, true].into_iter();
            let operands =
                operands.map(|is_info| if is_info { self.given_of(infos, steps) } else { self.given(child) });
            most_at_a_step(operands, &self.given(node), steps)
        };
        self.hold(with_input + found);
        self.hold(with_input + found + most);
        let points = self.points(node);
        self.hold(with_input + found + points)
    }

    /// A range selector or subquery that is the answer.
    fn range_vector(&mut self, node: &Node, source: &RangeSource, held: u64, tally: &mut Tally) -> u64 {
        match source {
            RangeSource::Selector { read, .. } => {
                tally.series += self.series(*read);
                let points = self.points(node);
                if let Some(slot) = self.slot(node.slot) {
                    let covered = *slot.passed.get_mut();
                    tally.add(0, covered, covered);
                }
                self.hold(held + points)
            }
            RangeSource::Subquery { child, windows, .. } => {
                let mut inner = Tally::new(child.steps.count, false);
                let held = self.operator(child, held, &mut inner);
                tally.add_subquery(&inner, child.steps, windows);
                held
            }
        }
    }
}

/// The most that an operator holds at a step beside its whole operands: their samples of that step once more, and the results so far.
fn most_at_a_step<'g>(
    operands: impl Iterator<Item = Given<'g>> + Clone,
    given: &Given<'_>,
    steps: usize,
) -> u64 {
    let uniform = operands.clone().try_fold(0, |sum, operand| Some(sum + operand.uniform()?.samples));
    if let (Some(operands), Some(given)) = (uniform, given.uniform()) {
        return operands + given.in_vector * steps as u64;
    }
    let operands: Vec<Given<'_>> = operands.collect();
    let (mut results, mut most) = (0, 0);
    for step in 0..steps {
        let gathered: u64 = operands.iter().map(|operand| operand.at(step).samples).sum();
        results += given.at(step).in_vector;
        most = most.max(gathered + results);
    }
    most
}
