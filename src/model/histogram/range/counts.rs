//! `resets` and `changes`: how often neighbouring samples differ in that way.

use super::HistogramWindow;
use crate::model::{HistogramColumn, histogram::CounterResetHint};

/// How many samples of a window start anew.
pub fn resets(window: HistogramWindow<'_>) -> usize {
    (1..window.len()).filter(|position| window.was_reset(*position)).count()
}

/// How many samples of a window differ from the one before.
pub fn changes(window: HistogramWindow<'_>) -> usize {
    (1..window.len())
        .filter(|position| !window.sample(*position).equals(&window.sample(position - 1)))
        .count()
}

/// What is known of a column without stale markers, whatever the window: one pass serves all windows ([`HistogramWindow::with_facts`]).
#[derive(Debug, Clone, Default)]
pub struct ColumnFacts {
    /// The samples that start anew after the one before, ascending.
    pub(super) resets: Vec<u32>,
    /// The samples that are gauges, or of another layout than the one before, ascending.
    pub(super) odd: Vec<u32>,
}

impl ColumnFacts {
    /// The facts of a column.
    pub fn of(column: &HistogramColumn<'_>) -> Self {
        let window = HistogramWindow::new(column, 0, column.samples.len());
        let headers = column.samples.headers.windows(2);
        let odd = headers.map(|pair| {
            pair[1].counter_reset_hint == CounterResetHint::Gauge || pair[1].layout != pair[0].layout
        });
        let numbers = |(index, _): (usize, bool)| index as u32 + 1;
        let resets = (1..window.len()).map(|position| window.was_reset(position));
        Self {
            resets: resets.enumerate().filter(|(_, reset)| *reset).map(numbers).collect(),
            odd: odd.enumerate().filter(|(_, odd)| *odd).map(numbers).collect(),
        }
    }
}

/// Those of ascending positions in a column that lie in `first < position < end`.
pub(super) fn between(positions: &[u32], first: usize, end: usize) -> impl Iterator<Item = usize> {
    let from = positions.partition_point(|position| *position as usize <= first);
    positions[from..].iter().map(|position| *position as usize).take_while(move |position| *position < end)
}
