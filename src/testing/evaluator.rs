//! Whatever answers queries: the engine in some configuration, or the reference.

use crate::engine::{self, Engine, QueryError};
use crate::error::ErrorKind;
use crate::exec::{Severity, value::SampleValue, value::Value};
use crate::functions;
use crate::storage::Storage;
use crate::syntax::{self, FunctionSet, ParserOptions};

use super::answer::{Answer, Element, Failure, Outcome, Shape, Stage};
use super::reference::Reference;

/// Something that answers queries from a store.
pub trait Evaluator: Sync {
    /// The answer at one time, in ms.
    ///
    /// # Errors
    ///
    /// The query's failure.
    fn instant(&self, store: &dyn Storage, query: &str, time_ms: i64) -> Outcome;

    /// The answer at every step of a range, both ends included, in ms.
    ///
    /// # Errors
    ///
    /// The query's failure.
    fn range(&self, store: &dyn Storage, query: &str, start_ms: i64, end_ms: i64, step_ms: i64) -> Outcome;
}

impl Evaluator for Engine {
    fn instant(&self, store: &dyn Storage, query: &str, time_ms: i64) -> Outcome {
        outcome(query, self.instant_query(store, query, time_ms))
    }

    fn range(&self, store: &dyn Storage, query: &str, start_ms: i64, end_ms: i64, step_ms: i64) -> Outcome {
        outcome(query, self.range_query(store, query, start_ms, end_ms, step_ms))
    }
}

/// Parses with all options on, as the corpora and scripts do.
impl Evaluator for Reference {
    fn instant(&self, store: &dyn Storage, query: &str, time_ms: i64) -> Outcome {
        Self::instant(self, store, &parse(query)?, time_ms)
    }

    fn range(&self, store: &dyn Storage, query: &str, start_ms: i64, end_ms: i64, step_ms: i64) -> Outcome {
        Self::range(self, store, &parse(query)?, start_ms, end_ms, step_ms)
    }
}

fn parse(query: &str) -> Result<syntax::Expr, Failure> {
    let functions = FunctionSet::new(functions::signatures().iter().copied());
    let parsed = syntax::parse(query, &ParserOptions::all(), &functions);
    parsed.map(|parsed| parsed.expr).map_err(|errors| Failure::refused(errors.to_string()))
}

/// An answer of the engine to `query` in the plain shape.
///
/// # Errors
///
/// The engine's refusal or failure, in the plain shape too.
pub fn outcome(query: &str, answer: Result<engine::Answer, QueryError>) -> Outcome {
    let answer = answer.map_err(|error| Failure { stage: stage(&error), message: error.to_string() })?;
    let mut plain = Answer::of(shape(answer.value));
    for annotation in answer.annotations.iter() {
        let texts = match annotation.severity {
            Severity::Warning => &mut plain.warnings,
            Severity::Info => &mut plain.infos,
        };
        texts.insert(annotation.render(query));
    }
    Ok(plain)
}

fn stage(error: &QueryError) -> Stage {
    match error {
        QueryError::Syntax(_) => Stage::Parse,
        QueryError::Evaluation(error) => match &error.kind {
            ErrorKind::InvalidQuery(_) => Stage::Parse,
            ErrorKind::Unsupported(_) => Stage::Unsupported,
            ErrorKind::Execution(_) | ErrorKind::DuplicateLabelSet { .. } | ErrorKind::ManyToMany(_) => {
                Stage::Execution
            }
            ErrorKind::LimitExceeded { .. } | ErrorKind::Cancelled | ErrorKind::Storage(_) => {
                Stage::Interrupted
            }
        },
    }
}

fn shape(value: Value) -> Shape {
    match value {
        Value::Scalar { value, .. } => Shape::Scalar(value),
        Value::String { value, .. } => Shape::Text(value),
        Value::Vector(samples) => Shape::Vector(
            samples
                .into_iter()
                .map(|sample| {
                    let mut element =
                        Element { labels: sample.labels, floats: Vec::new(), histograms: Vec::new() };
                    match sample.value {
                        SampleValue::Float(value) => element.floats.push((sample.time_ms, value)),
                        SampleValue::Histogram(value) => element.histograms.push((sample.time_ms, *value)),
                    }
                    element
                })
                .collect(),
        ),
        Value::Matrix(series) => Shape::Matrix(
            series
                .into_iter()
                .map(|series| Element {
                    labels: series.labels,
                    floats: series.floats,
                    histograms: series.histograms,
                })
                .collect(),
        ),
    }
}
