//! What can be wrong with a query: a kind and a span each; the query's text comes in for display only.

use std::fmt;

use super::ops::{AggregateOp, BinaryOp};
use super::token::TokenKind;
use crate::model::{Span, ValueType};

/// One thing that is wrong with a query.
#[derive(Debug, Clone, PartialEq)]
pub struct SyntaxError {
    /// What is wrong.
    pub kind: SyntaxErrorKind,
    /// Where.
    pub span: Span,
}

/// What is wrong with a query. Each kind names an input that has it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum SyntaxErrorKind {
    /// More than 4 GiB of query.
    TooLong,
    /// Nothing but space and comments.
    Empty,
    /// `((((…))))` deeper than the option allows.
    NestingTooDeep {
        /// The option's value.
        limit: usize,
    },
    /// `foo $ bar`
    UnexpectedCharacter {
        /// The character.
        found: char,
    },
    /// `(foo`
    Unclosed {
        /// What was opened.
        open: char,
    },
    /// `foo)`
    NothingToClose {
        /// What closes nothing.
        close: char,
    },
    /// `foo[:5m]`
    UnexpectedColon,
    /// `foo =~ "bar"`
    MatcherOutsideBraces,
    /// `5mm`
    BadNumber,
    /// `"foo`
    UnterminatedString,
    /// `"\q"`
    BadEscape,
    /// A string with the replacement character U+FFFD, which stands for bytes that were no UTF-8.
    InvalidUtf8,
    /// `{{sum 5}}` in the series notation.
    HistogramWordWithoutColon,
    /// `{{foo:5}}` in the series notation.
    UnknownHistogramWord,
    /// `foo bar`
    Unexpected {
        /// What was found.
        found: TokenKind,
        /// Its text.
        text: Box<str>,
        /// What would have been right.
        expected: &'static str,
        /// A word that may have been meant.
        suggestion: Option<&'static str>,
    },
    /// `.5.5`
    InvalidNumber,
    /// `1e999`
    NumberOutOfRange,
    /// `1.5h`, `5m1h`, `5ys`
    InvalidDuration,
    /// `foo[300y]`
    DurationOutOfRange,
    /// `foo[0s]`
    DurationNotPositive,
    /// `foo[1m / 0]`
    DivisionByZero,
    /// `rat(foo[5m])`
    UnknownFunction {
        /// The name.
        name: Box<str>,
        /// A function or aggregation that may have been meant.
        suggestion: Option<&'static str>,
    },
    /// `mad_over_time(foo[5m])` without the option.
    ExperimentalFunction {
        /// The name.
        name: &'static str,
    },
    /// `limitk(1, foo)` without the option.
    ExperimentalAggregation {
        /// The aggregation.
        op: AggregateOp,
    },
    /// `foo + fill(0) bar` without the option.
    FillDisabled,
    /// `rate(foo[5m],)`
    TrailingComma,
    /// `topk(foo)`, `sum()`
    AggregationArguments {
        /// The aggregation.
        op: AggregateOp,
        /// How many it takes.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// `sum by ("") (foo)`
    InvalidLabelName,
    /// `sum(foo) offset 5m`
    OffsetWithoutSelector,
    /// `foo offset 5m offset 5m`
    OffsetTwice,
    /// `sum(foo) @ 5`
    AtWithoutSelector,
    /// `foo @ 1 @ 2`
    AtTwice,
    /// `foo @ NaN`
    TimestampOutOfBounds,
    /// `sum(foo) anchored`, `foo[5m:1m] smoothed`
    ExtendedRangeWithoutSelector,
    /// `foo anchored smoothed`
    AnchoredAndSmoothed,
    /// `sum(foo)[5m]`
    RangeWithoutSelector,
    /// `foo offset 5m [5m]`
    OffsetBeforeRange,
    /// `foo @ 5 [5m]`
    AtBeforeRange,
    /// `foo{a=~"("}`
    InvalidPattern {
        /// What is wrong with it.
        message: Box<str>,
    },
    /// `{}`, `{a=""}`
    MatchesEverything,
    /// `foo{__name__="bar"}`
    NameTwice,
    /// `rate(foo)`
    WrongType {
        /// What it should be.
        expected: ValueType,
        /// What it is.
        found: ValueType,
        /// Of what.
        place: Place,
    },
    /// `foo[5m] + 1`
    OperandType {
        /// What it is.
        found: ValueType,
    },
    /// `-"a"`
    SignType {
        /// What it is.
        found: ValueType,
    },
    /// `foo[5m][5m:1m]`
    SubqueryType {
        /// What it is.
        found: ValueType,
    },
    /// `time(1)`
    CallArguments {
        /// The function.
        name: &'static str,
        /// The fewest it takes.
        minimum: usize,
        /// The most it takes; `None` is any number.
        maximum: Option<usize>,
        /// How many there are.
        found: usize,
    },
    /// `info(foo, bar)`: the second argument selects labels only.
    InfoSelector,
    /// `foo + bool bar`
    BoolWithoutComparison,
    /// `1 == 1`
    ComparisonWithoutBool,
    /// `foo and 1`
    SetOperatorOnScalar {
        /// The operator.
        op: BinaryOp,
    },
    /// `foo + on(a) group_left(a) bar`
    LabelOnBothSides {
        /// The label.
        label: Box<str>,
    },
    /// `1 + on(a) foo`
    MatchingOnScalar,
    /// `1 + fill(0) foo`
    FillOnScalar,
    /// `foo and on(a) group_left bar`
    GroupingOnSetOperator {
        /// The operator.
        op: BinaryOp,
    },
    /// `foo and fill(0) bar`
    FillOnSetOperator {
        /// The operator.
        op: BinaryOp,
    },
}

/// Of what a type was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// What an aggregation aggregates.
    Aggregated(AggregateOp),
    /// The parameter of an aggregation.
    Parameter(AggregateOp),
    /// An argument of a function.
    Argument {
        /// The function.
        function: &'static str,
        /// Which argument, from 1.
        position: usize,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aggregated(op) => write!(f, "{op} aggregates"),
            Self::Parameter(op) => write!(f, "the parameter of {op} is"),
            Self::Argument { function, position } => write!(f, "argument {position} of {function}() is"),
        }
    }
}

/// A type as documentation names it, with its article.
const fn type_name(value_type: ValueType) -> &'static str {
    match value_type {
        ValueType::Scalar => "a scalar",
        ValueType::Vector => "an instant vector",
        ValueType::Matrix => "a range vector",
        ValueType::String => "a string",
    }
}

fn write_suggestion(f: &mut fmt::Formatter<'_>, suggestion: Option<&str>) -> fmt::Result {
    suggestion.map_or(Ok(()), |word| write!(f, "; did you mean {word}?"))
}

impl fmt::Display for SyntaxErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => f.write_str("the query is longer than 4 GiB"),
            Self::Empty => f.write_str("the query is empty"),
            Self::NestingTooDeep { limit } => write!(f, "expressions nest deeper than {limit} levels"),
            Self::UnexpectedCharacter { found } => write!(f, "unexpected character {found:?}"),
            Self::Unclosed { open } => write!(f, "{open:?} is never closed"),
            Self::NothingToClose { close } => write!(f, "{close:?} closes nothing"),
            Self::UnexpectedColon => {
                f.write_str("a colon stands between the range and the step of a subquery only")
            }
            Self::MatcherOutsideBraces => f.write_str("=~ and !~ compare labels, inside braces only"),
            Self::BadNumber => f.write_str("this is neither a number nor a duration"),
            Self::UnterminatedString => f.write_str("the string is never closed"),
            Self::BadEscape => f.write_str("the string has an escape sequence that does not exist"),
            Self::InvalidUtf8 => f.write_str("the string is not valid UTF-8"),
            Self::HistogramWordWithoutColon => f.write_str("expected a colon behind the histogram's field"),
            Self::UnknownHistogramWord => f.write_str("a histogram has no such field"),
            Self::Unexpected { found, text, expected, suggestion } => {
                f.write_str("unexpected ")?;
                match found {
                    TokenKind::Eof => f.write_str("end of input")?,
                    TokenKind::String => write!(f, "string {text}")?,
                    _ => write!(f, "{} {text:?}", found.description())?,
                }
                write!(f, ", expected {expected}")?;
                write_suggestion(f, *suggestion)
            }
            Self::InvalidNumber => f.write_str("this is not a number"),
            Self::NumberOutOfRange => f.write_str("the number is out of range"),
            Self::InvalidDuration => f.write_str(
                "not a duration: whole numbers with units y, w, d, h, m, s, ms, from large to small",
            ),
            Self::DurationOutOfRange => f.write_str("the duration is out of range (about 292 years)"),
            Self::DurationNotPositive => f.write_str("the duration must be greater than 0"),
            Self::DivisionByZero => f.write_str("the duration divides by zero"),
            Self::UnknownFunction { name, suggestion } => {
                write!(f, "there is no function {name}")?;
                write_suggestion(f, *suggestion)
            }
            Self::ExperimentalFunction { name } => {
                write!(f, "{name}() is experimental; the parser option experimental_functions is off")
            }
            Self::ExperimentalAggregation { op } => {
                write!(f, "{op}() is experimental; the parser option experimental_functions is off")
            }
            Self::FillDisabled => {
                f.write_str("fill modifiers are experimental; the parser option fill_modifiers is off")
            }
            Self::TrailingComma => f.write_str("expected an argument behind the comma"),
            Self::AggregationArguments { op, expected, found } => {
                let plural = if *expected == 1 { "" } else { "s" };
                write!(f, "{op} takes {expected} argument{plural}, not {found}")
            }
            Self::InvalidLabelName => f.write_str("this cannot be the name of a label"),
            Self::OffsetWithoutSelector => f.write_str("offset belongs behind a selector or a subquery"),
            Self::OffsetTwice => f.write_str("offset is set twice"),
            Self::AtWithoutSelector => f.write_str("@ belongs behind a selector or a subquery"),
            Self::AtTwice => f.write_str("@ is set twice"),
            Self::TimestampOutOfBounds => f.write_str("the time behind @ is out of bounds"),
            Self::ExtendedRangeWithoutSelector => {
                f.write_str("anchored and smoothed belong behind a selector")
            }
            Self::AnchoredAndSmoothed => f.write_str("a selector is anchored or smoothed, not both"),
            Self::RangeWithoutSelector => f.write_str(
                "a range belongs behind a selector; for other expressions use a subquery, [range:step]",
            ),
            Self::OffsetBeforeRange => f.write_str("offset belongs behind the range"),
            Self::AtBeforeRange => f.write_str("@ belongs behind the range"),
            Self::InvalidPattern { message } => write!(f, "invalid regular expression: {message}"),
            Self::MatchesEverything => {
                f.write_str("a selector needs a matcher that does not accept the empty string")
            }
            Self::NameTwice => f.write_str("the metric's name is set before the braces and inside them"),
            Self::WrongType { expected, found, place } => {
                write!(f, "{place} {}, not {}", type_name(*expected), type_name(*found))
            }
            Self::OperandType { found } => {
                write!(f, "operators take scalars and instant vectors, not {}", type_name(*found))
            }
            Self::SignType { found } => {
                write!(f, "a sign stands before scalars and instant vectors, not {}", type_name(*found))
            }
            Self::SubqueryType { found } => {
                write!(f, "a subquery is made of an instant vector, not {}", type_name(*found))
            }
            Self::CallArguments { name, minimum, maximum, found } => {
                write!(f, "{name}() takes ")?;
                match maximum {
                    Some(maximum) if maximum == minimum => write!(f, "{minimum}")?,
                    Some(maximum) => write!(f, "{minimum} to {maximum}")?,
                    None => write!(f, "at least {minimum}")?,
                }
                let plural = if *maximum == Some(1) { "" } else { "s" };
                write!(f, " argument{plural}, not {found}")
            }
            Self::InfoSelector => {
                f.write_str("the second argument of info() is a selector of labels, in braces only")
            }
            Self::BoolWithoutComparison => f.write_str("bool belongs to comparisons only"),
            Self::ComparisonWithoutBool => f.write_str("a comparison of scalars needs bool"),
            Self::SetOperatorOnScalar { op } => write!(f, "{op} joins instant vectors only"),
            Self::LabelOnBothSides { label } => {
                write!(f, "the label {label} stands in on and in the group modifier")
            }
            Self::MatchingOnScalar => f.write_str("on and ignoring belong between instant vectors"),
            Self::FillOnScalar => f.write_str("fill belongs between instant vectors"),
            Self::GroupingOnSetOperator { op } => write!(f, "{op} takes no group_left or group_right"),
            Self::FillOnSetOperator { op } => write!(f, "{op} takes no fill"),
        }
    }
}

/// Everything that is wrong with a query, first what a reader should see first. Never empty.
#[derive(Debug, Clone, PartialEq)]
pub struct SyntaxErrors {
    query: Box<str>,
    errors: Vec<SyntaxError>,
}

impl SyntaxErrors {
    pub(crate) fn new(query: &str, first: SyntaxError, rest: impl IntoIterator<Item = SyntaxError>) -> Self {
        Self { query: query.into(), errors: std::iter::once(first).chain(rest).collect() }
    }

    /// The first error.
    pub fn first(&self) -> &SyntaxError {
        &self.errors[0]
    }

    /// All errors, in the order in which the parser met them.
    pub fn iter(&self) -> std::slice::Iter<'_, SyntaxError> {
        self.errors.iter()
    }

    /// The query.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// Line and column of a position, both from 1; the column counts bytes, as Prometheus does.
    pub fn line_column(&self, position: u32) -> (usize, usize) {
        let before = &self.query.as_bytes()[..self.query.len().min(position as usize)];
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        let line_start = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        (line, before.len() - line_start + 1)
    }
}

impl fmt::Display for SyntaxErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.errors.iter().enumerate() {
            let (line, column) = self.line_column(error.span.start);
            write!(f, "{}{line}:{column}: {}", if i == 0 { "" } else { "\n" }, error.kind)?;
        }
        Ok(())
    }
}

impl std::error::Error for SyntaxErrors {}
