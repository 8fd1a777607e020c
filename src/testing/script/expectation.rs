//! What a script expects of an answer, and the lines that say so.

use super::command::Grid;
use super::error::ScriptErrorKind;
use crate::formats::series::SequenceValue;
use crate::model::{AnchoredRegex, Labels};

/// What has to come of a query.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Expectations {
    /// The value.
    pub value: ExpectedValue,
    /// The times of an instant query's range vector.
    pub range_vector: Option<Grid>,
    /// Whether the order of a vector counts.
    pub ordered: bool,
    /// That the query fails, and with which message.
    pub failure: Option<TextPattern>,
    /// Warnings that have to come; none other may, if there is one here.
    pub warnings: Vec<TextPattern>,
    /// Infos that have to come; none other may, if there is one here.
    pub infos: Vec<TextPattern>,
    /// No warning may come.
    pub no_warnings: bool,
    /// No info may come.
    pub no_infos: bool,
}

/// The value that has to come.
#[derive(Debug, Clone, PartialEq)]
pub enum ExpectedValue {
    /// A vector or a matrix of exactly these series, perhaps of none.
    Series(Vec<ExpectedSeries>),
    /// A scalar.
    Scalar(f64),
    /// A string.
    Text(String),
}

/// A series of the expected value.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectedSeries {
    /// The line it stands on, as written.
    pub text: String,
    /// Its labels.
    pub labels: Labels,
    /// Its values, one a step.
    pub values: Vec<SequenceValue>,
}

/// A text, or what it has to look like.
#[derive(Debug, Clone)]
pub enum TextPattern {
    /// Any text.
    Any,
    /// This text.
    Exactly(String),
    /// A text in which this pattern matches somewhere.
    Matching {
        /// The pattern as written.
        pattern: String,
        /// The pattern, with anything before and behind it.
        regex: AnchoredRegex,
    },
}

impl Default for ExpectedValue {
    fn default() -> Self {
        Self::Series(Vec::new())
    }
}

impl PartialEq for TextPattern {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, Self::Any) => true,
            (Self::Exactly(a), Self::Exactly(b)) => a == b,
            (Self::Matching { pattern: a, .. }, Self::Matching { pattern: b, .. }) => a == b,
            _ => false,
        }
    }
}

impl TextPattern {
    /// The pattern of this regular expression.
    ///
    /// # Errors
    ///
    /// Where it is none.
    pub fn matching(pattern: &str) -> Result<Self, ScriptErrorKind> {
        let regex = AnchoredRegex::new(&format!("(?s:.*)(?-s:{pattern})(?s:.*)"));
        let regex = regex.map_err(ScriptErrorKind::Pattern)?;
        Ok(Self::Matching { pattern: pattern.to_owned(), regex })
    }

    /// Whether the text is as it has to be.
    pub fn accepts(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exactly(wanted) => wanted == text,
            Self::Matching { regex, .. } => regex.is_match(text),
        }
    }
}

impl std::fmt::Display for TextPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any => f.write_str("any text"),
            Self::Exactly(text) => f.write_str(text),
            Self::Matching { pattern, .. } => write!(f, "a match of {pattern}"),
        }
    }
}

impl Expectations {
    /// Takes what stands behind `expect` on a line, except the two forms with times and strings.
    pub(super) fn read(&mut self, text: &str) -> Result<(), ScriptErrorKind> {
        let (what, rest) = match text.split_once(char::is_whitespace) {
            Some((what, rest)) => (what, rest.trim_start()),
            None => (text, ""),
        };
        let pattern = if rest.is_empty() {
            TextPattern::Any
        } else if let Some(message) = rest.strip_prefix("msg:").filter(|message| !message.is_empty()) {
            TextPattern::Exactly(message.trim().to_owned())
        } else if let Some(pattern) = rest.strip_prefix("regex:").filter(|pattern| !pattern.is_empty()) {
            TextPattern::matching(pattern.trim())?
        } else {
            let expected = "msg: or regex: and a text";
            return Err(ScriptErrorKind::Expected { expected, found: rest.to_owned() });
        };
        match what {
            "ordered" => self.ordered = true,
            "fail" if self.failure.is_some() => {
                return Err(ScriptErrorKind::Contradiction("a query is expected to fail once"));
            }
            "fail" => self.failure = Some(pattern),
            "warn" => self.warnings.push(pattern),
            "info" => self.infos.push(pattern),
            "no_warn" => self.no_warnings = true,
            "no_info" => self.no_infos = true,
            _ => {
                let expected = "fail, ordered, warn, no_warn, info, no_info, string or range vector";
                return Err(ScriptErrorKind::Expected { expected, found: what.to_owned() });
            }
        }
        if self.no_warnings && !self.warnings.is_empty() {
            return Err(ScriptErrorKind::Contradiction("warn and no_warn exclude each other"));
        }
        if self.no_infos && !self.infos.is_empty() {
            return Err(ScriptErrorKind::Contradiction("info and no_info exclude each other"));
        }
        Ok(())
    }
}
