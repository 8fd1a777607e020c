//! Answers: what a query gives back.

use crate::model::{Labels, ValueType, histogram::FloatHistogram};

/// The value of a query.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// One number (an instant query of a scalar).
    Scalar {
        /// The time of evaluation, in ms.
        time_ms: i64,
        /// The number.
        value: f64,
    },
    /// A string (an instant query of a string).
    String {
        /// The time of evaluation, in ms.
        time_ms: i64,
        /// The string.
        value: String,
    },
    /// One sample a series (an instant query of an instant vector).
    Vector(Vec<VectorSample>),
    /// Samples over time (a range query, or an instant query of a range vector), series in label order.
    Matrix(Vec<MatrixSeries>),
}

/// A sample's value.
#[derive(Debug, Clone, PartialEq)]
pub enum SampleValue {
    /// A number.
    Float(f64),
    /// A native histogram.
    Histogram(Box<FloatHistogram>),
}

/// One series of an instant vector.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorSample {
    /// Its labels.
    pub labels: Labels,
    /// The time of evaluation, in ms.
    pub time_ms: i64,
    /// Its value.
    pub value: SampleValue,
}

/// One series of a matrix.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MatrixSeries {
    /// Its labels.
    pub labels: Labels,
    /// Its floats: times in ms and values, ascending.
    pub floats: Vec<(i64, f64)>,
    /// Its histograms: times in ms and values, ascending; no time stands in both lists.
    pub histograms: Vec<(i64, FloatHistogram)>,
}

impl Value {
    /// Its type.
    pub const fn value_type(&self) -> ValueType {
        match self {
            Self::Scalar { .. } => ValueType::Scalar,
            Self::String { .. } => ValueType::String,
            Self::Vector(_) => ValueType::Vector,
            Self::Matrix(_) => ValueType::Matrix,
        }
    }

    /// Number of series; 1 for scalars and strings.
    pub const fn series_count(&self) -> usize {
        match self {
            Self::Scalar { .. } | Self::String { .. } => 1,
            Self::Vector(samples) => samples.len(),
            Self::Matrix(series) => series.len(),
        }
    }
}
