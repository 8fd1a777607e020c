//! Samples covered and read by one evaluation, and how a subquery's are shared out to the steps that consume them.

use crate::functions::{StepTimes, WindowSpecification};

/// What an evaluation at some steps has covered and read.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Samples covered: each as often as a step saw it.
    pub(crate) covered: u64,
    /// Samples read: a sample that the step before has seen is not counted again.
    pub(crate) read: u64,
    /// Series looked at, selector by selector.
    pub(crate) series: u64,
    /// Covered and read at each step, where asked for.
    pub(crate) steps: Option<Vec<[u64; 2]>>,
}

impl Tally {
    /// An empty tally; of each step, too, where `by_step`.
    pub(crate) fn new(steps: usize, by_step: bool) -> Self {
        Self { steps: by_step.then(|| vec![[0; 2]; steps]), ..Self::default() }
    }

    /// Adds to a step.
    pub(crate) fn add(&mut self, step: usize, covered: u64, read: u64) {
        self.covered += covered;
        self.read += read;
        if let Some(own) = self.steps.as_mut().and_then(|steps| steps.get_mut(step)) {
            own[0] += covered;
            own[1] += read;
        }
    }

    /// Adds to the sums and, where they are kept, to the steps; `steps` has as much in all.
    pub(crate) fn add_all(&mut self, covered: u64, read: u64, steps: impl Iterator<Item = [u64; 2]>) {
        self.covered += covered;
        self.read += read;
        for (own, more) in self.steps.iter_mut().flatten().zip(steps) {
            own[0] += more[0];
            own[1] += more[1];
        }
    }

    /// Adds what was evaluated once for `steps` steps: each of them covers it, the first reads it.
    pub(crate) fn add_once(&mut self, once: &Self, steps: usize) {
        self.series += once.series;
        for step in 0..steps {
            self.add(step, once.covered, if step == 0 { once.read } else { 0 });
        }
    }

    /// Adds a subquery's tally, as the windows over its steps consume it: a step of the subquery is covered as often as a
    /// window has it, and read by the first such window. What no window has does not count.
    pub(crate) fn add_subquery(&mut self, inner: &Self, at: StepTimes, windows: &WindowSpecification) {
        self.series += inner.series;
        let ends = windows.ends;
        let Some(steps) = inner.steps.as_ref().filter(|_| ends.count > 1) else {
            return self.add(0, inner.covered, inner.read);
        };
        let (mut from, mut to) = (0, 0);
        let mut covered = 0u64;
        // The steps up to this one have been read, or never will be.
        let mut read_up_to = 0;
        for outer in 0..ends.count {
            let end_ms = ends.at(outer);
            while to < steps.len() && at.at(to) <= end_ms {
                covered += steps[to][0];
                to += 1;
            }
            while from < to && at.at(from) <= end_ms.saturating_sub(windows.range_ms) {
                covered -= steps[from][0];
                from += 1;
            }
            read_up_to = read_up_to.max(from);
            let read = steps.get(read_up_to..to).unwrap_or_default().iter().map(|step| step[1]).sum();
            read_up_to = read_up_to.max(to);
            self.add(outer, covered, read);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_between_windows_do_not_count() {
        let at = StepTimes { start_ms: 0, step_ms: 10, count: 10 };
        let mut inner = Tally::new(10, true);
        (0..10).for_each(|step| inner.add(step, 1, 1));
        let windows = |step_ms, range_ms| {
            WindowSpecification::plain(StepTimes { start_ms: 20, step_ms, count: 3 }, range_ms)
        };
        let shared = |step_ms, range_ms| {
            let mut tally = Tally::new(3, true);
            tally.add_subquery(&inner, at, &windows(step_ms, range_ms));
            (tally.covered, tally.read, tally.steps.unwrap_or_default())
        };
        // Windows end at 20, 50 and 80 and have one step each.
        assert_eq!(shared(30, 10), (3, 3, vec![[1, 1]; 3]));
        // They overlap.
        assert_eq!(shared(10, 30), (9, 5, vec![[3, 3], [3, 1], [3, 1]]));
        // One window for all.
        assert_eq!(shared(0, 20), (6, 2, vec![[2, 2], [2, 0], [2, 0]]));
    }
}
