//! Floats over time: a line a series.

use promql_engine::exec::value::MatrixSeries;

use crate::graph::{Frame, scale::Scale};

/// Marks of the value axis, about.
const MARKS: usize = 5;

/// Lines with their axes.
pub(in crate::graph) struct Lines {
    pub(in crate::graph) frame: Frame,
    /// Marks of the value axis: place and text.
    pub(in crate::graph) marks: Vec<(f64, String)>,
    pub(in crate::graph) lines: Vec<Line>,
}

/// A series.
pub(in crate::graph) struct Line {
    pub(in crate::graph) labels: String,
    /// Its least, greatest and last value.
    pub(in crate::graph) figures: String,
    /// Its points, across and up; a step without a value ends a run and starts another.
    pub(in crate::graph) runs: Vec<Vec<(f64, f64)>>,
}

impl Lines {
    /// The lines of these series; `None` where none has a finite float.
    pub(super) fn of(series: &[MatrixSeries], frame: &Frame) -> Option<Self> {
        let all = || series.iter().flat_map(finite).map(|(_, value)| value);
        let (least, greatest) = (all().reduce(f64::min)?, all().reduce(f64::max)?);
        let scale = Scale::around(least, greatest, MARKS, frame.unit.number_base());
        let text = |mark| frame.unit.text(mark, scale.step);
        let marks = scale.marks().map(|mark| (scale.place(mark), text(mark))).collect();
        let lines = series.iter().filter(|series| !series.floats.is_empty());
        Some(Self { frame: *frame, marks, lines: lines.map(|series| line(series, frame, &scale)).collect() })
    }
}

/// The points that can be drawn.
fn finite(series: &MatrixSeries) -> impl DoubleEndedIterator<Item = (i64, f64)> {
    series.floats.iter().copied().filter(|(_, value)| value.is_finite())
}

fn line(series: &MatrixSeries, frame: &Frame, scale: &Scale) -> Line {
    let mut runs: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut before: Option<i64> = None;
    for (time, value) in finite(series) {
        let point = (frame.place(time), scale.place(value));
        match runs.last_mut() {
            Some(run) if before.is_some_and(|before| time - before <= frame.step_ms) => run.push(point),
            _ => runs.push(vec![point]),
        }
        before = Some(time);
    }
    let values = || finite(series).map(|(_, value)| value);
    let text =
        |value: Option<f64>| value.map_or("-".to_owned(), |value| frame.unit.text(value, scale.step / 20.0));
    let figures = format!(
        "min {}  max {}  last {}",
        text(values().reduce(f64::min)),
        text(values().reduce(f64::max)),
        text(values().next_back()),
    );
    Line { labels: series.labels.to_string(), figures, runs }
}
