//! Answers as a script would list them, for reading a difference.

use super::expectation::ExpectedValue;
use crate::model::number::format_float;
use crate::testing::answer::{Element, Outcome, Shape};

/// Lines shown of one answer.
const MAX_LINES: usize = 20;
/// Points shown of one series.
const MAX_POINTS: usize = 40;

/// What was expected, a line a series.
pub(super) fn expected_lines(value: &ExpectedValue) -> Vec<String> {
    match value {
        ExpectedValue::Scalar(number) => vec![format_float(*number)],
        ExpectedValue::Text(text) => vec![format!("{text:?}")],
        ExpectedValue::Series(series) => cut(series.iter().map(|one| one.text.clone()), series.len()),
    }
}

/// What came, a line a series; of a matrix each point with its time.
pub(super) fn got_lines(outcome: &Outcome) -> Vec<String> {
    let answer = match outcome {
        Ok(answer) => answer,
        Err(failure) => return vec![format!("a failure: {}", failure.message)],
    };
    let mut lines = match &answer.value {
        Shape::Scalar(number) => vec![format_float(*number)],
        Shape::Text(text) => vec![format!("{text:?}")],
        Shape::Vector(elements) => cut(elements.iter().map(|one| element(one, false)), elements.len()),
        Shape::Matrix(elements) => cut(elements.iter().map(|one| element(one, true)), elements.len()),
    };
    lines.extend(answer.warnings.iter().chain(&answer.infos).cloned());
    lines
}

fn cut(lines: impl Iterator<Item = String>, count: usize) -> Vec<String> {
    let mut kept: Vec<String> = lines.take(MAX_LINES).collect();
    if count > MAX_LINES {
        kept.push(format!("… and {} more", count - MAX_LINES));
    }
    kept
}

fn element(element: &Element, with_times: bool) -> String {
    let floats = element.floats.iter().map(|(time_ms, value)| (*time_ms, format_float(*value)));
    let histograms = element.histograms.iter().map(|(time_ms, histogram)| {
        let text = histogram.as_ref().to_load_expression();
        (*time_ms, text.unwrap_or_else(|_| histogram.to_string()))
    });
    let count = element.floats.len() + element.histograms.len();
    let mut text = element.labels.to_string();
    for (time_ms, value) in floats.chain(histograms).take(MAX_POINTS) {
        text.push(' ');
        text.push_str(&value);
        if with_times {
            text.push_str(&format!("@{}", seconds(time_ms)));
        }
    }
    if count > MAX_POINTS {
        text.push_str(&format!(" … and {} more", count - MAX_POINTS));
    }
    text
}

/// A time as the query language writes it behind `@`, in seconds.
pub(super) fn seconds(time_ms: i64) -> String {
    format_float(time_ms as f64 / 1000.0)
}
