//! Values between two nodes of the reference evaluator: one step's worth, in the plainest shapes.

use crate::model::{Labels, is_stale};

use super::histogram::Histogram;

/// A float or a native histogram.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Float(f64),
    Histogram(Box<Histogram>),
}

impl Value {
    pub(super) const fn float(&self) -> Option<f64> {
        match self {
            Self::Float(value) => Some(*value),
            Self::Histogram(_) => None,
        }
    }

    pub(super) const fn histogram(&self) -> Option<&Histogram> {
        match self {
            Self::Float(_) => None,
            Self::Histogram(histogram) => Some(histogram),
        }
    }

    pub(super) fn is_stale(&self) -> bool {
        is_stale(match self {
            Self::Float(value) => *value,
            Self::Histogram(histogram) => histogram.sum,
        })
    }
}

impl From<Histogram> for Value {
    fn from(histogram: Histogram) -> Self {
        Self::Histogram(Box::new(histogram))
    }
}

/// A sample as it is stored, and since when it counts (0 where unknown).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stored {
    pub(super) time_ms: i64,
    pub(super) value: Value,
    pub(super) start_ms: i64,
}

/// A float sample of a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) time_ms: i64,
    pub(super) value: f64,
    pub(super) start_ms: i64,
}

/// A histogram sample of a window.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct HistogramPoint {
    pub(super) time_ms: i64,
    pub(super) value: Histogram,
    pub(super) start_ms: i64,
}

/// One element of an instant vector.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    pub(super) labels: Labels,
    pub(super) value: Value,
    /// The metric's name goes at the end of the query (delayed name removal).
    pub(super) drop_name: bool,
}

impl Sample {
    pub(super) fn new(labels: Labels, value: f64) -> Self {
        Self { labels, value: Value::Float(value), drop_name: false }
    }

    /// The number that orders go by; a histogram counts as 0.
    pub(super) fn rank(&self) -> f64 {
        self.value.float().unwrap_or(0.0)
    }
}

/// One element of a range vector: its samples of either kind.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WindowSeries {
    pub(super) labels: Labels,
    pub(super) points: Vec<Point>,
    pub(super) histograms: Vec<HistogramPoint>,
    pub(super) drop_name: bool,
}

impl WindowSeries {
    /// A window of these samples, without the stale markers among them.
    pub(super) fn new(labels: Labels, samples: Vec<Stored>, drop_name: bool) -> Self {
        let mut window = Self { labels, points: Vec::new(), histograms: Vec::new(), drop_name };
        for Stored { time_ms, value, start_ms } in samples {
            match value {
                value if value.is_stale() => {}
                Value::Float(value) => window.points.push(Point { time_ms, value, start_ms }),
                Value::Histogram(value) => {
                    window.histograms.push(HistogramPoint { time_ms, value: *value, start_ms });
                }
            }
        }
        window
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.points.is_empty() && self.histograms.is_empty()
    }
}

/// What a node gives at one step.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum StepValue {
    Scalar(f64),
    Text(String),
    Vector(Vec<Sample>),
    Windows(Vec<WindowSeries>),
}

/// Labels that describe a metric rather than tell its series apart: what "drop the name" drops.
pub(super) fn is_metadata(name: &str) -> bool {
    matches!(name, "__name__" | "__type__" | "__unit__")
}

pub(super) fn without_metadata(labels: &Labels) -> Labels {
    labels.retain(|name| !is_metadata(name))
}
