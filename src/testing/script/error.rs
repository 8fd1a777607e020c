//! What is wrong with a script, and on which line.

use std::fmt;

use crate::formats::FormatErrorKind;
use crate::model::MatcherError;

/// A line that is no part of the language, or samples that cannot be loaded.
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptError {
    /// The file, as the caller named it.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub kind: ScriptErrorKind,
}

/// What is wrong with a line of a script.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ScriptErrorKind {
    /// Something else should stand here, such as a duration behind `at`.
    Expected {
        /// What should stand here.
        expected: &'static str,
        /// What stands here; empty where nothing does.
        found: String,
    },
    /// `expect` lines that exclude each other, such as `info` and `no_info`; the text says which.
    Contradiction(&'static str),
    /// A pattern behind `regex:` that is no regular expression.
    Pattern(MatcherError),
    /// A step or a series that is not in the notation of `load` blocks.
    Series {
        /// The character in the line, counted from 1, its indent left out below an `eval`.
        column: usize,
        /// What is wrong there.
        kind: FormatErrorKind,
    },
    /// A block whose samples the store refused, or whose classic histograms make no native ones.
    Load(FormatErrorKind),
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        if let ScriptErrorKind::Series { column, .. } = &self.kind {
            write!(f, ":{column}")?;
        }
        write!(f, ": {}", self.kind)
    }
}

impl fmt::Display for ScriptErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expected { expected, found } if found.is_empty() => {
                write!(f, "expected {expected}, found the end of the line")
            }
            Self::Expected { expected, found } => write!(f, "expected {expected}, found {found:?}"),
            Self::Contradiction(what) => f.write_str(what),
            Self::Pattern(error) => error.fmt(f),
            Self::Series { kind, .. } | Self::Load(kind) => kind.fmt(f),
        }
    }
}

impl std::error::Error for ScriptError {}
