//! What is wrong with a rule file, and where.

use std::fmt;

use super::template::TemplateError;
use crate::syntax::SyntaxErrors;

/// A fault of a rule file or of a file of rule tests.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1.
    pub column: usize,
    /// The group and the rule it is about, where it is about one.
    pub rule: Option<Box<RuleName>>,
    /// What is wrong.
    pub kind: RuleErrorKind,
}

/// Which rule of a file is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleName {
    /// The name of its group.
    pub group: String,
    /// Its place in the group, counted from 1.
    pub number: usize,
    /// Its name, which need not be its own.
    pub name: String,
}

/// The kinds of faults, with what triggers them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RuleErrorKind {
    /// The text is no YAML; the words are those of the YAML parser.
    Yaml(String),
    /// Lists and mappings nest too deep.
    TooDeep,
    /// The text, aliases repeated, stands for too much.
    TooLarge,
    /// A value of another kind stands there: a list for a text, a word for a duration.
    Expected(&'static str),
    /// A key that is none of those known here.
    UnknownField(String),
    /// A key that stands twice in one mapping.
    RepeatedField(String),
    /// A value that has to be there is missing.
    MissingField(&'static str),
    /// A name that has to be unique comes again.
    RepeatedName(String),
    /// `record` and `alert` in one rule.
    RecordAndAlert,
    /// Neither `record` nor `alert`.
    NeitherRecordNorAlert,
    /// A field that only alerting rules have.
    FieldOfAlerts(&'static str),
    /// A name of a recording rule with braces in it, which is a query more likely.
    BracesInName(String),
    /// A text that is no name of a label or annotation.
    InvalidName(String),
    /// The query does not parse.
    Expression(Box<SyntaxErrors>),
    /// A template of a label or an annotation does not parse.
    Template {
        /// The label or annotation.
        name: String,
        /// What is wrong.
        error: Box<TemplateError>,
    },
    /// A line of the series notation, or an expected sample, that cannot be read.
    Series(String),
}

impl RuleError {
    pub(crate) const fn at(line: usize, column: usize, kind: RuleErrorKind) -> Self {
        Self { line, column, rule: None, kind }
    }
}

impl fmt::Display for RuleErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Yaml(message) => write!(f, "not YAML: {message}"),
            Self::TooDeep => f.write_str("lists and mappings nest too deep"),
            Self::TooLarge => f.write_str("aliases make the text too large"),
            Self::Expected(what) => write!(f, "expected {what}"),
            Self::UnknownField(name) => write!(f, "unknown field `{name}`"),
            Self::RepeatedField(name) => write!(f, "`{name}` stands twice"),
            Self::MissingField(name) => write!(f, "`{name}` is missing"),
            Self::RepeatedName(name) => write!(f, "the name `{name}` comes again"),
            Self::RecordAndAlert => f.write_str("a rule is either `record` or `alert`, not both"),
            Self::NeitherRecordNorAlert => f.write_str("a rule needs `record` or `alert`"),
            Self::FieldOfAlerts(name) => write!(f, "a recording rule has no `{name}`"),
            Self::BracesInName(name) => write!(f, "braces in the name `{name}`; do they belong into `expr`?"),
            Self::InvalidName(name) => write!(f, "`{name}` is no valid name"),
            Self::Expression(errors) => write!(f, "the query does not parse: {errors}"),
            Self::Template { name, error } => write!(f, "the template of `{name}` does not parse: {error}"),
            Self::Series(message) => f.write_str(message),
        }
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.line, self.column)?;
        if let Some(RuleName { group, number, name }) = self.rule.as_deref() {
            write!(f, "group `{group}`, rule {number}, `{name}`: ")?;
        }
        self.kind.fmt(f)
    }
}

impl std::error::Error for RuleError {}
