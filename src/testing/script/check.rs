//! Whether an outcome is what a script expects.

use std::collections::{BTreeMap, BTreeSet};

use super::command::{Eval, Grid, Times};
use super::expectation::{Expectations, ExpectedSeries, ExpectedValue, TextPattern};
use super::run::RunOptions;
use crate::formats::series::SequenceValue;
use crate::model::Labels;
use crate::model::histogram::FloatHistogram;
use crate::testing::answer::{Answer, Element, Outcome, Shape};
use crate::testing::compare::Tolerance;

/// Prometheus' own: 1e-6 relative, and next to nothing around 0. Orders are compared here, hints where they are named.
const TOLERANCE: Tolerance =
    Tolerance { relative: 1e-6, zero: f64::MIN_POSITIVE * 1e-6, ordered: false, hints: true };

/// What is wrong with an outcome, in words; nothing where it is as expected.
pub(super) fn check(eval: &Eval, outcome: &Outcome, options: RunOptions) -> Option<String> {
    let expected = &eval.expected;
    match (&expected.failure, outcome) {
        (None, Err(failure)) => Some(format!("failed: {}", failure.message)),
        (Some(wanted), Err(failure)) => (options.failure_texts && !wanted.accepts(&failure.message))
            .then(|| format!("expected the failure: {wanted}; got: {}", failure.message)),
        (Some(wanted), Ok(_)) => Some(format!("expected a failure ({wanted}), got an answer")),
        (None, Ok(answer)) => options
            .annotations
            .then(|| annotations(expected, answer))
            .flatten()
            .or_else(|| value(eval, &answer.value)),
    }
}

fn annotations(expected: &Expectations, answer: &Answer) -> Option<String> {
    of_one_kind("warning", &expected.warnings, expected.no_warnings, &answer.warnings)
        .or_else(|| of_one_kind("info", &expected.infos, expected.no_infos, &answer.infos))
}

/// Each expected text has to come; and where one is expected, no other may.
fn of_one_kind(
    kind: &str,
    expected: &[TextPattern],
    is_refused: bool,
    got: &BTreeSet<String>,
) -> Option<String> {
    if is_refused {
        return got.first().map(|text| format!("expected no {kind}, got: {text}"));
    }
    let missing = expected.iter().find(|pattern| !got.iter().any(|text| pattern.accepts(text)));
    if let Some(pattern) = missing {
        let came = if got.is_empty() {
            "none".to_owned()
        } else {
            got.iter().cloned().collect::<Vec<_>>().join("; ")
        };
        return Some(format!("expected the {kind}: {pattern}; got: {came}"));
    }
    let unexpected = |text: &&String| !expected.iter().any(|pattern| pattern.accepts(text));
    let found = got.iter().find(unexpected).filter(|_| !expected.is_empty());
    found.map(|text| format!("unexpected {kind}: {text}"))
}

/// What is wrong with the value.
pub(super) fn value(eval: &Eval, got: &Shape) -> Option<String> {
    let series = match &eval.expected.value {
        ExpectedValue::Scalar(number) => return TOLERANCE.difference(&Shape::Scalar(*number), got),
        ExpectedValue::Text(text) => return TOLERANCE.difference(&Shape::Text(text.clone()), got),
        ExpectedValue::Series(series) => series,
    };
    let expected = match got {
        Shape::Matrix(_) => {
            let grid = eval.expected.range_vector.or(match eval.times {
                Times::Range(grid) => Some(grid),
                Times::Instant { .. } => None,
            });
            matrix(series, grid)
        }
        _ => Ok(vector(series, got)),
    };
    let mut expected = match expected {
        Ok(expected) => expected,
        Err(problem) => return Some(problem),
    };
    adopt_unnamed_hints(&mut expected, series, got);
    TOLERANCE
        .difference(&expected, got)
        .or_else(|| eval.expected.ordered.then(|| order(series, got)).flatten())
        .or_else(|| unsorted(got))
}

/// The expected matrix; the values stand at the grid's times.
fn matrix(series: &[ExpectedSeries], grid: Option<Grid>) -> Result<Shape, String> {
    let mut elements = Vec::with_capacity(series.len());
    for one in series {
        let mut element = Element { labels: one.labels.clone(), floats: Vec::new(), histograms: Vec::new() };
        for (step, value) in one.values.iter().enumerate() {
            let Some(time_ms) = grid.and_then(|grid| grid.at(step)) else {
                let count = one.values.len();
                return Err(match grid {
                    Some(_) => {
                        format!("{}: {count} values are expected, the query has fewer steps", one.labels)
                    }
                    None => "got a range vector, whose times no `expect range vector` gives".to_owned(),
                });
            };
            push(&mut element, time_ms, value);
        }
        elements.push(element);
    }
    Ok(Shape::Matrix(elements))
}

/// The expected vector, at the time of the one that came.
fn vector(series: &[ExpectedSeries], got: &Shape) -> Shape {
    let time_ms = match got {
        Shape::Vector(elements) => elements.first().and_then(|element| {
            let float = element.floats.first().map(|point| point.0);
            float.or_else(|| element.histograms.first().map(|point| point.0))
        }),
        _ => None,
    };
    let elements = series.iter().map(|one| {
        let mut element = Element { labels: one.labels.clone(), floats: Vec::new(), histograms: Vec::new() };
        if let Some(value) = one.values.first() {
            push(&mut element, time_ms.unwrap_or_default(), value);
        }
        element
    });
    Shape::Vector(elements.collect())
}

fn push(element: &mut Element, time_ms: i64, value: &SequenceValue) {
    match value {
        SequenceValue::Omitted => {}
        SequenceValue::Float(value) => element.floats.push((time_ms, *value)),
        SequenceValue::Histogram { histogram, .. } => {
            element.histograms.push((time_ms, FloatHistogram::clone(histogram)));
        }
    }
}

/// A counter reset hint that the script does not name is not compared: the expected histogram takes the one that came.
fn adopt_unnamed_hints(expected: &mut Shape, series: &[ExpectedSeries], got: &Shape) {
    let ((Shape::Vector(expected), Shape::Vector(got)) | (Shape::Matrix(expected), Shape::Matrix(got))) =
        (expected, got)
    else {
        return;
    };
    let got: BTreeMap<&Labels, &Element> = got.iter().map(|element| (&element.labels, element)).collect();
    for (element, one) in expected.iter_mut().zip(series) {
        let Some(found) = got.get(&one.labels) else { continue };
        let named = one.values.iter().filter_map(|value| match value {
            SequenceValue::Histogram { hint_set, .. } => Some(*hint_set),
            _ => None,
        });
        let pairs = element.histograms.iter_mut().zip(&found.histograms);
        for (((_, histogram), (_, came)), is_named) in pairs.zip(named) {
            if !is_named {
                histogram.counter_reset_hint = came.counter_reset_hint;
            }
        }
    }
}

/// The first place where a vector's order is not that of the script.
fn order(series: &[ExpectedSeries], got: &Shape) -> Option<String> {
    let Shape::Vector(elements) = got else {
        return Some(format!("expected an ordered vector, got a {}", got.type_name()));
    };
    series.iter().zip(elements).enumerate().find_map(|(place, (expected, got))| {
        let wanted = &expected.labels;
        (*wanted != got.labels)
            .then(|| format!("expected {wanted} at place {}, got {}", place + 1, got.labels))
    })
}

/// A matrix is in label order, whatever a script says.
pub(super) fn unsorted(got: &Shape) -> Option<String> {
    let Shape::Matrix(elements) = got else { return None };
    let falls = elements.windows(2).find(|pair| pair[0].labels > pair[1].labels)?;
    Some(format!("a matrix has to be in label order; {} stands before {}", falls[0].labels, falls[1].labels))
}
