//! `.graph`, `-o graph` and `--svg`: an answer as a picture.
//!
//! [`picture`] says what is shown: floats over time as lines, buckets over time as a heat map, and what stands at one time as bars.
//! It knows no size; every place is a share from 0 to 1. Two back ends draw it: [`terminal`] in characters, [`mod@svg`] in a file.

mod axis;
mod picture;
mod scale;
pub(crate) mod svg;
mod terminal;
mod unit;

use promql_engine::{
    exec::value::Value,
    syntax::{self, ParserOptions},
};

use crate::{evaluate::When, problem, terminal::Style};
use picture::Picture;
use unit::Unit;

/// What stands along the time axis, and what the values are measured in.
#[derive(Debug, Clone, Copy)]
struct Frame {
    start_ms: i64,
    end_ms: i64,
    step_ms: i64,
    unit: Unit,
}

impl Frame {
    /// The frame of a query; at one time it is that time.
    fn of(query: &str, when: When) -> Self {
        let parsed = syntax::parse(query, &ParserOptions::all(), &problem::functions());
        let unit = parsed.map(|parsed| Unit::of(&parsed.expr)).unwrap_or_default();
        match when {
            When::Instant(time_ms) => Self { start_ms: time_ms, end_ms: time_ms, step_ms: 1, unit },
            When::Range { start_ms, end_ms, step_ms } => Self { start_ms, end_ms, step_ms, unit },
        }
    }

    /// From the first step to the end of the axis, in ms; at least 1.
    fn span_ms(&self) -> i64 {
        self.end_ms.saturating_sub(self.start_ms).max(1)
    }

    /// Where a time stands, from 0 to 1.
    fn place(&self, time_ms: i64) -> f64 {
        time_ms.saturating_sub(self.start_ms) as f64 / self.span_ms() as f64
    }
}

/// Steps of a range for which each column of dots of a terminal this wide has one.
pub(crate) fn fitting_step(span_ms: i64, style: &Style) -> i64 {
    let columns = style.width.saturating_sub(10).max(10) * terminal::DOTS_ACROSS;
    let step = span_ms / columns as i64;
    // Whole seconds, where there is more than one.
    if step > 1000 { (step + 999) / 1000 * 1000 } else { step.max(1) }
}

/// Whether an answer over time is native histograms and nothing else.
pub(crate) fn is_histograms(value: &Value) -> bool {
    match value {
        Value::Matrix(series) => !series.is_empty() && series.iter().all(|series| series.floats.is_empty()),
        _ => false,
    }
}

/// The answer drawn in characters; `None` where it has neither time nor series.
pub(crate) fn text(value: &Value, query: &str, when: When, style: &Style) -> Option<String> {
    Some(terminal::draw(&Picture::of(value, &Frame::of(query, when))?, style))
}

/// The answer drawn as an SVG document, the query as its title; `None` where it has neither time nor series.
pub(crate) fn svg(value: &Value, query: &str, when: When) -> Option<String> {
    Some(svg::draw(&Picture::of(value, &Frame::of(query, when))?, query))
}
