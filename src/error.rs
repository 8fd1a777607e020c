//! One error type for every layer: a kind, and where in the query it lies.
//!
//! Rendering (the query line with a caret under the span) lives with the programs that print.

mod clash;

use std::fmt;

use crate::model::{Labels, Span};
pub use clash::{MatchClash, MatchClashKind, MatchSide};

/// A failed parse, plan or execution: what went wrong, and the part of the query it concerns.
#[derive(Debug, Clone, PartialEq)]
pub struct Error {
    /// What went wrong.
    pub kind: ErrorKind,
    /// The part of the query it concerns, in bytes; `None` where no part of a query is to blame.
    pub span: Option<Span>,
}

/// What went wrong while a query was planned or executed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A part of the language this version does not evaluate, such as native histogram arithmetic.
    Unsupported(&'static str),
    /// A query's request that is refused before evaluation, such as a range query of a string.
    InvalidQuery(String),
    /// The evaluation failed on the data it met; the text says on what.
    Execution(String),
    /// Several series have the same labels at one time once an operator is through with them, as in `abs({job="a"})` of
    /// metrics that differ in their name alone.
    DuplicateLabelSet {
        /// The label set that would stand several times.
        labels: Labels,
        /// The series that come to have it, all of them, with the labels they had before; empty where the operator makes
        /// series anew and there is no before, as `count_values`.
        series: Vec<Labels>,
    },
    /// A vector match found more than one partner where one was allowed.
    ManyToMany(Box<MatchClash>),
    /// A bound of the engine's options was reached; the name says which.
    LimitExceeded {
        /// The option's name, such as `max_samples`.
        limit: &'static str,
        /// Its value.
        value: u64,
    },
    /// The host cancelled the query.
    Cancelled,
    /// The store failed.
    Storage(crate::storage::StorageError),
}

impl Error {
    /// An error of `kind` at `span`.
    pub fn new(kind: ErrorKind, span: impl Into<Option<Span>>) -> Self {
        Self { kind, span: span.into() }
    }

    /// An [`ErrorKind::Execution`] with this text.
    pub fn execution(message: impl Into<String>, span: impl Into<Option<Span>>) -> Self {
        Self::new(ErrorKind::Execution(message.into()), span)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Unsupported(what) => write!(f, "{what} is not supported yet"),
            ErrorKind::InvalidQuery(message) | ErrorKind::Execution(message) => f.write_str(message),
            ErrorKind::ManyToMany(clash) => clash.fmt(f),
            ErrorKind::DuplicateLabelSet { .. } => {
                f.write_str("vector cannot contain metrics with the same labelset")
            }
            ErrorKind::LimitExceeded { limit, value } => {
                write!(f, "the query exceeds the limit {limit} = {value}")
            }
            ErrorKind::Cancelled => f.write_str("the query was cancelled"),
            ErrorKind::Storage(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<crate::storage::StorageError> for Error {
    fn from(error: crate::storage::StorageError) -> Self {
        Self::new(ErrorKind::Storage(error), None)
    }
}
