//! Why a pattern was refused, and where.

use std::fmt;

use crate::model::quote::Quoted;

/// A refused pattern of a matcher or of `label_replace`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatcherError {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub kind: MatcherErrorKind,
    /// Where in the pattern, in bytes.
    pub offset: usize,
}

/// What is wrong with a pattern. The comments give an example each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MatcherErrorKind {
    /// Bytes that are no UTF-8.
    InvalidUtf8,
    /// `(a`
    MissingParenthesis,
    /// `a)`
    UnexpectedParenthesis,
    /// `[a`
    MissingBracket,
    /// `[b-a]`, `[[:word_:]]`
    InvalidClassRange,
    /// `\p{Nothing}`
    UnknownClass,
    /// `\C`, `\Z`, `\8`, `\x{110000}`
    InvalidEscape,
    /// `a\`
    TrailingBackslash,
    /// `*`, `a|+`
    MissingRepeatArgument,
    /// `a**`, `a{2}+`
    NestedRepeat,
    /// `a{1001}`, `a{2,1}`, `(a{100}){100}`
    InvalidRepeatCount,
    /// `(?P<1-2>a)`
    InvalidCaptureName,
    /// `(?=a)`, `(?x)`
    UnsupportedGroup,
    /// More than a thousand levels.
    TooDeep,
    /// The compiled pattern would pass the size limit, as `\pL{1000}` does.
    TooLarge,
}

impl MatcherError {
    /// An error of this kind at this byte of the pattern.
    pub fn new(pattern: &str, kind: MatcherErrorKind, offset: usize) -> Self {
        Self { pattern: pattern.to_owned(), kind, offset }
    }
}

impl MatcherErrorKind {
    const fn describe(self) -> &'static str {
        match self {
            Self::InvalidUtf8 => "not UTF-8",
            Self::MissingParenthesis => "a group is not closed",
            Self::UnexpectedParenthesis => "a parenthesis closes nothing",
            Self::MissingBracket => "a character class is not closed",
            Self::InvalidClassRange => "invalid range or named class",
            Self::UnknownClass => "unknown Unicode class",
            Self::InvalidEscape => "invalid escape",
            Self::TrailingBackslash => "a backslash at the end",
            Self::MissingRepeatArgument => "nothing to repeat",
            Self::NestedRepeat => "a repetition of a repetition needs parentheses",
            Self::InvalidRepeatCount => {
                "repeat counts go up to 1000, in ascending order, those of groups multiplied"
            }
            Self::InvalidCaptureName => "the name of a group is made of letters, digits and underscores",
            Self::UnsupportedGroup => "unknown kind of group or unknown flag",
            Self::TooDeep => "nested too deeply",
            Self::TooLarge => "too large when compiled",
        }
    }
}

impl fmt::Display for MatcherErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.describe())
    }
}

impl fmt::Display for MatcherError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid pattern {}: {}, at byte {}", Quoted(&self.pattern), self.kind, self.offset)
    }
}

impl std::error::Error for MatcherError {}
