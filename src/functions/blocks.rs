//! Sliding folds: what a window's samples add up to, at a cost that does not grow with the window.
//!
//! Time is cut into blocks as long as the range, at absolute multiples of it, so that a window `(end - range, end]` is the tail
//! of one block and the head of the next. Tails are folded backwards once a block, heads grow sample by sample, and a step
//! merges two states: each sample is touched twice, however many windows hold it. As the cuts are absolute, a window's result depends on its own
//! samples only, whatever part of the row is computed where.

use super::kernel::{RangeInput, RowOut};

/// Windows up to so many samples are folded plainly: that is faster, and has upstream's own bits.
const PLAIN_SAMPLES: usize = 16;

/// How samples combine. A state covers a run of neighbouring samples, at least one.
pub(super) trait Monoid {
    /// What a run of samples adds up to.
    type State: Copy;

    /// The state of the sample at `index` alone.
    fn of(&self, index: usize) -> Self::State;

    /// The run `state` with the sample at `index` behind it.
    fn append(&self, state: Self::State, index: usize) -> Self::State;

    /// The run `state` with the sample at `index` before it.
    fn prepend(&self, index: usize, state: Self::State) -> Self::State;

    /// Two runs, the second right behind the first.
    fn merge(&self, first: Self::State, second: Self::State) -> Self::State;

    /// The answer of a window, samples `first..end`, from its state; `None` where it must be folded plainly instead.
    fn finish(&self, step: usize, first: usize, end: usize, state: Self::State) -> Option<f64>;

    /// The answer of a window by the plain fold, in upstream's order.
    fn plain(&self, step: usize, first: usize, end: usize) -> f64;
}

/// Evaluates a row with `monoid`. `tails` is scratch memory. Windows without a sample have no answer.
pub(super) fn slide<M: Monoid>(
    input: &RangeInput<'_>,
    tails: &mut Vec<M::State>,
    out: &mut RowOut<'_>,
    monoid: &M,
) {
    let range_ms = input.windows.range_ms().max(1);
    let mut block: Option<Block<M::State>> = None;
    out.fill(|step| {
        let (first, end) = input.bounds(step);
        if first == end {
            return None;
        }
        if end - first <= PLAIN_SAMPLES {
            return Some(monoid.plain(step, first, end));
        }
        let end_time = input.windows.ends().at(input.steps.start + step);
        let border_time = end_time.div_euclid(range_ms).saturating_mul(range_ms);
        let current = match &mut block {
            Some(current) if current.border_time == border_time => current,
            _ => block.insert(Block::new(input, tails, monoid, border_time, first, end)),
        };
        current.extend_head(monoid, end);
        let tail = (first < current.border).then(|| tails[current.border - 1 - first]);
        let state = match (tail, current.head) {
            (Some(tail), Some(head)) => monoid.merge(tail, head),
            (tail, head) => tail.or(head)?,
        };
        Some(monoid.finish(step, first, end, state).unwrap_or_else(|| monoid.plain(step, first, end)))
    });
}

/// The border between two blocks, and the head of the later one so far.
struct Block<S> {
    border_time: i64,
    /// The first sample after the border.
    border: usize,
    head: Option<S>,
    head_end: usize,
}

impl<S: Copy> Block<S> {
    /// Folds the tails of the samples from `first`, the first sample of the first window that ends behind the border, up to the border.
    fn new<M: Monoid<State = S>>(
        input: &RangeInput<'_>,
        tails: &mut Vec<S>,
        monoid: &M,
        border_time: i64,
        first: usize,
        end: usize,
    ) -> Self {
        let border = first_after(input, border_time, first, end);
        tails.clear();
        let mut indices = (first..border).rev();
        if let Some(last) = indices.next() {
            let mut state = monoid.of(last);
            tails.push(state);
            tails.extend(indices.map(|index| {
                state = monoid.prepend(index, state);
                state
            }));
        }
        Self { border_time, border, head: None, head_end: border }
    }

    fn extend_head<M: Monoid<State = S>>(&mut self, monoid: &M, end: usize) {
        for index in self.head_end..end {
            self.head = Some(match self.head {
                Some(state) => monoid.append(state, index),
                None => monoid.of(index),
            });
        }
        self.head_end = self.head_end.max(end);
    }
}

/// The first of the samples `first..end` with a time after `time_ms`, or `end`.
fn first_after(input: &RangeInput<'_>, time_ms: i64, first: usize, end: usize) -> usize {
    let times = &input.floats.timestamps;
    let (mut low, mut high) = (first, end);
    while low < high {
        let middle = low + (high - low) / 2;
        if times.at(middle) <= time_ms {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
