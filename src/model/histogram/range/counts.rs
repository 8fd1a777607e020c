//! `resets` and `changes`: how often neighbouring samples differ in that way.

use super::HistogramWindow;
use crate::model::HistogramColumn;

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

/// For each sample of a column, without stale markers, whether it starts anew after the one before. That depends on
/// no window, so one pass serves all windows ([`HistogramWindow::with_resets`]).
pub fn find_resets(column: &HistogramColumn<'_>, resets: &mut Vec<bool>) {
    let window = HistogramWindow::new(column, 0, column.samples.len());
    resets.clear();
    resets.extend((0..window.len()).map(|position| position > 0 && window.was_reset(position)));
}
