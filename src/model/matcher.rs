//! Matchers: what a selector asks of a label.

use std::fmt;

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

/// A compiled condition on one label; a missing label has the empty value.
#[derive(Debug, Clone)]
pub struct Matcher {
    name: String,
    operator: MatchOperator,
    value: String,
    regex: Option<regex::Regex>,
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.operator == other.operator && self.value == other.value
    }
}

impl Matcher {
    /// Compiles a matcher. Patterns have the meaning of Go's RE2 syntax, anchored at both ends, `.` matching newlines.
    pub fn new(name: &str, operator: MatchOperator, value: &str) -> Result<Self, MatcherError> {
        let regex = match operator {
            MatchOperator::Equal | MatchOperator::NotEqual => None,
            MatchOperator::Regex | MatchOperator::NotRegex => {
                let error = |error: regex::Error| MatcherError {
                    pattern: value.to_owned(),
                    message: error.to_string(),
                };
                regex::Regex::new(value).map_err(error)?;
                Some(regex::Regex::new(&format!("^(?s:{value})$")).map_err(error)?)
            }
        };
        Ok(Self { name: name.to_owned(), operator, value: value.to_owned(), regex })
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

    /// Whether it accepts series without the label.
    pub fn matches_empty(&self) -> bool {
        self.matches("")
    }

    /// The only values it accepts, where they are few and known.
    pub fn set_values(&self) -> Option<&[String]> {
        (self.operator == MatchOperator::Equal).then(|| std::slice::from_ref(&self.value))
    }

    /// What every accepted value begins with, where that is known.
    pub fn prefix(&self) -> Option<&str> {
        None
    }

    /// Whether it accepts this value; pass the empty string for a missing label.
    pub fn matches(&self, value: &str) -> bool {
        match self.operator {
            MatchOperator::Equal => self.value == value,
            MatchOperator::NotEqual => self.value != value,
            MatchOperator::Regex => self.regex.as_ref().is_some_and(|regex| regex.is_match(value)),
            MatchOperator::NotRegex => !self.regex.as_ref().is_some_and(|regex| regex.is_match(value)),
        }
    }
}

/// Why a pattern was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatcherError {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for MatcherError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid pattern {:?}: {}", self.pattern, self.message)
    }
}

impl std::error::Error for MatcherError {}
