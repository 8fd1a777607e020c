//! Matchers: what a selector asks of a label.
//!
//! `pattern` and `class` translate Go's pattern syntax to the `regex` crate's, `shape` finds the patterns that need no regular
//! expression, `anchored` serves `label_replace`.

mod anchored;
mod class;
mod compile;
mod error;
mod pattern;
mod shape;
mod unicode;

use std::borrow::Cow;
use std::fmt;

pub use anchored::AnchoredRegex;
pub use error::{MatcherError, MatcherErrorKind};
use shape::Shape;

use super::{METRIC_NAME, quote::Quoted, same_text};

/// How a matcher compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MatchOperator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Regex,
    /// `!~`
    NotRegex,
}

impl MatchOperator {
    /// The operator as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Regex => "=~",
            Self::NotRegex => "!~",
        }
    }

    /// Whether the value is a pattern.
    pub const fn is_pattern(self) -> bool {
        matches!(self, Self::Regex | Self::NotRegex)
    }

    /// Whether it accepts what its opposite refuses: `!=` and `!~`.
    pub const fn is_negative(self) -> bool {
        matches!(self, Self::NotEqual | Self::NotRegex)
    }
}

impl fmt::Display for MatchOperator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A compiled condition on one label; a missing label has the empty value.
#[derive(Debug, Clone)]
pub struct Matcher {
    name: Cow<'static, str>,
    operator: MatchOperator,
    value: String,
    /// What a pattern accepts; `None` for `=` and `!=`.
    shape: Option<Shape>,
    matches_empty: bool,
}

/// A label's name; the one that nearly every selector has takes no memory.
fn owned_name(name: &str) -> Cow<'static, str> {
    if name == METRIC_NAME { Cow::Borrowed(METRIC_NAME) } else { Cow::Owned(name.to_owned()) }
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.operator == other.operator && self.value == other.value
    }
}

impl Eq for Matcher {}

impl Matcher {
    /// Compiles a matcher. Patterns have the meaning of Go's RE2 syntax, anchored at both ends, `.` matching newlines.
    ///
    /// # Errors
    /// Where Go refuses the pattern, or where it is too large to compile. `=` and `!=` never fail.
    ///
    /// ```
    /// use promql_engine::model::{MatchOperator, Matcher};
    ///
    /// let matcher = Matcher::new("code", MatchOperator::Regex, r"5\d\d|4(00|29)")?;
    /// assert!(matcher.matches("503") && matcher.matches("429"));
    /// assert!(!matcher.matches("1503") && !matcher.matches(""));
    /// # Ok::<(), promql_engine::model::MatcherError>(())
    /// ```
    pub fn new(name: &str, operator: MatchOperator, value: &str) -> Result<Self, MatcherError> {
        let shape = if operator.is_pattern() { Some(compile::shape(value)?) } else { None };
        let mut matcher =
            Self { name: owned_name(name), operator, value: value.to_owned(), shape, matches_empty: false };
        matcher.matches_empty = matcher.matches("");
        Ok(matcher)
    }

    /// A matcher for one value.
    pub fn equal(name: &str, value: &str) -> Self {
        Self {
            name: owned_name(name),
            operator: MatchOperator::Equal,
            value: value.to_owned(),
            shape: None,
            matches_empty: value.is_empty(),
        }
    }

    /// The label's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it compares.
    pub fn operator(&self) -> MatchOperator {
        self.operator
    }

    /// The value or the raw pattern.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether it accepts this value; pass the empty string for a missing label.
    #[inline]
    pub fn matches(&self, value: &str) -> bool {
        match &self.shape {
            None => same_text(&self.value, value) != self.operator.is_negative(),
            Some(shape) => shape.accepts(value) != self.operator.is_negative(),
        }
    }

    /// Whether it accepts series without the label.
    pub fn matches_empty(&self) -> bool {
        self.matches_empty
    }

    /// The only values it accepts, sorted, where they are few and known: of `=`, and of patterns such as `a|b|c` and `4(00|29)`.
    pub fn set_values(&self) -> Option<&[String]> {
        match (&self.shape, self.operator) {
            (None, MatchOperator::Equal) => Some(std::slice::from_ref(&self.value)),
            (Some(Shape::Values(values)), MatchOperator::Regex) => Some(&values.sorted),
            _ => None,
        }
    }

    /// The only values it refuses, sorted, where they are few and known: of `!=`, and of patterns such as `!~"a|b|c"`.
    pub fn refused_values(&self) -> Option<&[String]> {
        match (&self.shape, self.operator) {
            (None, MatchOperator::NotEqual) => Some(std::slice::from_ref(&self.value)),
            (Some(Shape::Values(values)), MatchOperator::NotRegex) => Some(&values.sorted),
            _ => None,
        }
    }

    /// A text that every accepted value begins with, where one is known; never empty.
    pub fn prefix(&self) -> Option<&str> {
        let prefix = match (&self.shape, self.operator) {
            (Some(Shape::Gaps(gaps)), MatchOperator::Regex) => &gaps.first,
            (Some(Shape::Compiled { prefix, .. }), MatchOperator::Regex) => prefix,
            (None, MatchOperator::Equal) => &self.value,
            _ => return None,
        };
        (!prefix.is_empty()).then_some(prefix)
    }
}

/// Prints the matcher as a selector has it: `name="value"`, the name in quotes where it needs them.
impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if super::labels::is_plain_label_name(&self.name) {
            f.write_str(&self.name)?;
        } else {
            write!(f, "{}", Quoted(&self.name))?;
        }
        write!(f, "{}{}", self.operator, Quoted(&self.value))
    }
}
