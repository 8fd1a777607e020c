//! Values between two nodes of the reference evaluator: one step's worth, in the plainest shapes.

use crate::model::Labels;

/// A float sample of a window, and since when it counts (0 where unknown).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) time_ms: i64,
    pub(super) value: f64,
    pub(super) start_ms: i64,
}

/// One element of an instant vector.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    pub(super) labels: Labels,
    pub(super) value: f64,
    /// The metric's name goes at the end of the query (delayed name removal).
    pub(super) drop_name: bool,
}

impl Sample {
    pub(super) fn new(labels: Labels, value: f64) -> Self {
        Self { labels, value, drop_name: false }
    }
}

/// One element of a range vector.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WindowSeries {
    pub(super) labels: Labels,
    pub(super) points: Vec<Point>,
    pub(super) drop_name: bool,
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
