//! Scalars: one value a step, or one for all.

use crate::{functions::Parameter, operators::elementwise::Side};

/// A scalar expression's value.
#[derive(Debug, Clone)]
pub(crate) enum Scalar {
    /// The same at every step.
    Constant(f64),
    /// One a step.
    Column(Vec<f64>),
}

impl Scalar {
    /// The value at a step.
    pub(crate) fn at(&self, step: usize) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Column(values) => values.get(step).copied().unwrap_or(f64::NAN),
        }
    }

    /// Its values at a run of steps, as a function's argument.
    pub(crate) fn parameter(&self, steps: std::ops::Range<usize>) -> Parameter<'_> {
        match self {
            Self::Constant(value) => Parameter::Constant(*value),
            Self::Column(values) => Parameter::Column(values.get(steps).unwrap_or_default()),
        }
    }

    /// Its values at a run of steps, as an operand.
    pub(crate) fn side(&self, steps: std::ops::Range<usize>) -> Side<'_> {
        match self {
            Self::Constant(value) => Side::Constant(*value),
            Self::Column(values) => Side::Column(values.get(steps).unwrap_or_default()),
        }
    }

    /// Both scalars put together, step by step.
    pub(crate) fn zip(&self, other: &Self, steps: usize, f: impl Fn(f64, f64) -> f64) -> Self {
        match (self, other) {
            (Self::Constant(a), Self::Constant(b)) => Self::Constant(f(*a, *b)),
            _ => Self::Column((0..steps).map(|k| f(self.at(k), other.at(k))).collect()),
        }
    }

    /// All values, each once or as often as it stands.
    pub(crate) fn values(&self) -> &[f64] {
        match self {
            Self::Constant(value) => std::slice::from_ref(value),
            Self::Column(values) => values,
        }
    }
}
