//! The reference evaluator: what a query means, step by step, in the plainest code.
//!
//! It evaluates one step at a time, reads the store anew at every step, refolds every window from its first sample,
//! finds groups and partners by comparing labels, and knows nothing of columns, plans or threads. It shares the syntax
//! tree, the labels and the storage trait with the engine and nothing else, so that the two can be held against each
//! other: `tests/differential.rs` does. It is slow and means to be.
//!
//! Of the model it takes the bounds of native histograms' buckets and how a histogram is written as a text; sums, resets,
//! quantiles and all else of histograms it has in words of its own. It gives no annotations.
//!
//! - `evaluate`: the walk over the tree; `select`: what selectors and subqueries see, `statistics` without the buckets of
//!   histograms;
//! - `calls`: functions, `windows` those of windows; `math`: functions of one number; `labels`: of labels; `info`: of info series;
//! - `over_time`, `rates`, `sums`: folds of a window of floats; `histogram_windows`, `histogram_rates`: of histograms;
//!   `pairs`: of neighbours of either kind;
//! - `histogram`: one native histogram; `histogram_calls`: functions of histograms, native or of buckets, `classic`;
//! - `aggregate`, `choose`, `binary`: aggregations and operators.

mod aggregate;
mod binary;
mod calls;
mod choose;
mod classic;
mod evaluate;
mod histogram;
mod histogram_calls;
mod histogram_rates;
mod histogram_windows;
mod info;
mod labels;
mod math;
mod over_time;
mod pairs;
mod rates;
mod select;
mod statistics;
mod sums;
mod value;
mod windows;

use std::collections::BTreeMap;

use crate::model::{Labels, ValueType};
use crate::storage::Storage;
use crate::syntax::Expr;

use super::answer::{Answer, Element, Failure, Outcome, Shape};
use evaluate::{Run, Step, unique};
use value::{Sample, StepValue, Value, without_metadata};

/// The settings that change what a query means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// How far back an instant selector looks, in ms.
    pub lookback_ms: i64,
    /// The step of a subquery without one, in ms.
    pub default_subquery_step_ms: i64,
    /// Whether names are dropped at the end of the query only.
    pub delayed_name_removal: bool,
    /// Whether counters restart where samples' start times say so.
    pub start_timestamps: bool,
}

impl Default for Reference {
    fn default() -> Self {
        Self {
            lookback_ms: 300_000,
            default_subquery_step_ms: 60_000,
            delayed_name_removal: true,
            start_timestamps: true,
        }
    }
}

impl Reference {
    /// The answer at one time.
    ///
    /// # Errors
    ///
    /// A [`Failure`], as the query's evaluation meets it.
    pub fn instant(&self, store: &dyn Storage, expr: &Expr, time_ms: i64) -> Outcome {
        let run = Run { options: self, store, start_ms: time_ms, end_ms: time_ms, step_ms: 0 };
        run.check_durations(expr)?;
        let value = match run.value(expr, Step::first(time_ms, true))? {
            StepValue::Scalar(value) => Shape::Scalar(value),
            StepValue::Text(text) => Shape::Text(text),
            StepValue::Vector(samples) => {
                let samples = self.finished(samples)?.into_iter();
                Shape::Vector(samples.map(|sample| element(sample, time_ms)).collect())
            }
            StepValue::Windows(windows) => {
                let mut series = Series::default();
                for window in windows {
                    let labels = self.final_labels(&window.labels, window.drop_name);
                    for point in window.points {
                        series.push(&labels, point.time_ms, Value::Float(point.value))?;
                    }
                    for point in window.histograms {
                        series.push(&labels, point.time_ms, point.value.into())?;
                    }
                }
                series.into_matrix()
            }
        };
        Ok(Answer::of(value))
    }

    /// The answer at every step of a range, both ends included.
    ///
    /// # Errors
    ///
    /// As [`Reference::instant`], and where the query's type has no range answer.
    pub fn range(
        &self,
        store: &dyn Storage,
        expr: &Expr,
        start_ms: i64,
        end_ms: i64,
        step_ms: i64,
    ) -> Outcome {
        if !matches!(expr.value_type(), ValueType::Scalar | ValueType::Vector) || step_ms <= 0 {
            return Err(Failure::refused("a range query is of a scalar or an instant vector"));
        }
        let run = Run { options: self, store, start_ms, end_ms, step_ms };
        run.check_durations(expr)?;
        let mut series = Series::default();
        let mut now_ms = start_ms;
        while now_ms <= end_ms {
            let step = Step { now_ms, ..Step::first(start_ms, start_ms == end_ms) };
            match run.value(expr, step)? {
                StepValue::Scalar(value) => series.push(&Labels::default(), now_ms, Value::Float(value))?,
                StepValue::Vector(samples) => {
                    for sample in self.finished(samples)? {
                        series.push(&sample.labels, now_ms, sample.value)?;
                    }
                }
                StepValue::Text(_) | StepValue::Windows(_) => {
                    return Err(Failure::refused("a range query is of a scalar or an instant vector"));
                }
            }
            now_ms += step_ms;
        }
        Ok(Answer::of(series.into_matrix()))
    }

    fn final_labels(&self, labels: &Labels, drop_name: bool) -> Labels {
        let drops = drop_name && self.delayed_name_removal;
        if drops { without_metadata(labels) } else { labels.clone() }
    }

    /// The elements with their final labels, each set once.
    fn finished(&self, mut samples: Vec<Sample>) -> Result<Vec<Sample>, Failure> {
        for sample in &mut samples {
            sample.labels = self.final_labels(&sample.labels, sample.drop_name);
        }
        unique(samples)
    }
}

fn element(sample: Sample, time_ms: i64) -> Element {
    let mut element = Element { labels: sample.labels, floats: Vec::new(), histograms: Vec::new() };
    match sample.value {
        Value::Float(value) => element.floats.push((time_ms, value)),
        Value::Histogram(value) => element.histograms.push((time_ms, (&*value).into())),
    }
    element
}

/// The points of an answer by series and time.
#[derive(Debug, Default)]
struct Series(BTreeMap<Labels, BTreeMap<i64, Value>>);

impl Series {
    fn push(&mut self, labels: &Labels, time_ms: i64, value: Value) -> Result<(), Failure> {
        match self.0.entry(labels.clone()).or_default().insert(time_ms, value) {
            Some(_) => Err(Failure::execution("vector cannot contain metrics with the same labelset")),
            None => Ok(()),
        }
    }

    fn into_matrix(self) -> Shape {
        let elements = self.0.into_iter().map(|(labels, points)| {
            let mut whole = Element { labels, floats: Vec::new(), histograms: Vec::new() };
            for (time_ms, value) in points {
                match value {
                    Value::Float(value) => whole.floats.push((time_ms, value)),
                    Value::Histogram(value) => whole.histograms.push((time_ms, (&*value).into())),
                }
            }
            whole
        });
        Shape::Matrix(elements.collect())
    }
}
