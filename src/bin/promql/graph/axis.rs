//! The marks of a time axis.

use crate::times;

use super::{Frame, scale};

/// Round times with their places, from 0 to 1; at most about `most`.
pub(super) fn time_marks(frame: &Frame, most: usize) -> Vec<(f64, String)> {
    let step = scale::time_step(frame.span_ms(), most);
    let mut marks = Vec::new();
    let mut mark = frame.start_ms.div_euclid(step).saturating_mul(step);
    if mark < frame.start_ms {
        mark = mark.saturating_add(step);
    }
    // The bound is for times at the end of what can be counted, where adding a step stands still.
    while mark <= frame.end_ms && marks.len() <= most + 1 {
        marks.push((frame.place(mark), text(mark, step)));
        mark = mark.saturating_add(step);
    }
    marks
}

/// A mark as exact as its neighbours are far.
fn text(time_ms: i64, step_ms: i64) -> String {
    match step_ms {
        step if step % 86_400_000 == 0 => times::day(time_ms),
        step if step % 60_000 == 0 => times::time_of_day(time_ms).chars().take(5).collect(),
        _ => times::time_of_day(time_ms).trim_end_matches('Z').to_owned(),
    }
}
