//! An answer in the plainest shape: what the test tools compare, whoever gave it.

use std::collections::BTreeSet;

use crate::model::Labels;
use crate::model::histogram::FloatHistogram;

/// What a query came to.
pub type Outcome = Result<Answer, Failure>;

/// A value and what was said about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The value.
    pub value: Shape,
    /// Texts of the warnings, as the HTTP API gives them.
    pub warnings: BTreeSet<String>,
    /// Texts of the infos, as the HTTP API gives them.
    pub infos: BTreeSet<String>,
}

/// A value of one of the four types.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A scalar of an instant query.
    Scalar(f64),
    /// A string of an instant query.
    Text(String),
    /// An instant vector, in the order it was given; each element has one point.
    Vector(Vec<Element>),
    /// A range vector of an instant query, or the answer of a range query.
    Matrix(Vec<Element>),
}

/// One series of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    /// Its labels.
    pub labels: Labels,
    /// Float points: times in ms, values.
    pub floats: Vec<(i64, f64)>,
    /// Histogram points.
    pub histograms: Vec<(i64, FloatHistogram)>,
}

/// How a query failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// At which point.
    pub stage: Stage,
    /// What was said.
    pub message: String,
}

/// Where a query failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It was refused before evaluation.
    Parse,
    /// Its evaluation met data or numbers it cannot work with.
    Execution,
    /// A limit was reached, the query cancelled, or the store failed.
    Interrupted,
    /// It uses what is not implemented.
    Unsupported,
}

impl Answer {
    /// An answer without annotations.
    pub fn of(value: Shape) -> Self {
        Self { value, warnings: BTreeSet::new(), infos: BTreeSet::new() }
    }
}

impl Shape {
    /// The type's name in the HTTP API.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Scalar(_) => "scalar",
            Self::Text(_) => "string",
            Self::Vector(_) => "vector",
            Self::Matrix(_) => "matrix",
        }
    }
}

impl Shape {
    /// The value with the numbers among its labels rounded to so many digits behind the first: `count_values` makes labels of
    /// numbers, whose last digits may differ as those of values may. `None` where labels become equal by that.
    pub fn with_rounded_labels(&self, digits: usize) -> Option<Self> {
        let mut value = self.clone();
        let (Self::Vector(elements) | Self::Matrix(elements)) = &mut value else { return Some(value) };
        let mut seen = BTreeSet::new();
        for element in elements {
            let rounded = element.labels.iter().map(|(name, value)| match value.parse::<f64>() {
                Ok(number) => (name.to_owned(), format!("{number:.digits$e}")),
                Err(_) => (name.to_owned(), value.to_owned()),
            });
            element.labels = Labels::from_pairs(rounded);
            if !seen.insert(element.labels.clone()) {
                return None;
            }
        }
        Some(value)
    }
}

impl Failure {
    pub(crate) fn execution(message: impl Into<String>) -> Self {
        Self { stage: Stage::Execution, message: message.into() }
    }

    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self { stage: Stage::Unsupported, message: message.into() }
    }

    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self { stage: Stage::Parse, message: message.into() }
    }
}
