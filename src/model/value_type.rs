//! The four types of PromQL, and what a function takes and gives.

use std::fmt;

/// The type of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// One number a step.
    Scalar,
    /// A set of series with at most one sample each a step (an instant vector).
    Vector,
    /// A set of series with a range of samples each a step (a range vector).
    Matrix,
    /// A string.
    String,
}

impl ValueType {
    /// The name in the HTTP API and in Prometheus' messages: `scalar`, `vector`, `matrix`, `string`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Vector => "vector",
            Self::Matrix => "matrix",
            Self::String => "string",
        }
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a function takes and gives; the parser checks calls against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// The function's name.
    pub name: &'static str,
    /// Types of the arguments, the optional ones included.
    pub argument_types: &'static [ValueType],
    /// How many of the last arguments may be left out, or −1 where the last one may repeat, none or many times.
    pub variadic: i32,
    /// Type of the result.
    pub return_type: ValueType,
    /// Whether a server refuses it unless experimental functions are on.
    pub experimental: bool,
}
