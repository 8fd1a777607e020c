//! Kinds of tokens, and the registry of keywords.
//!
//! Every word of the language stands in one list here; lexer, grammar, completion and the fuzz dictionary read it.

use super::ops::{AggregateOp, BinaryOp};
use crate::model::Span;

/// A token: what it is and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its bytes.
    pub span: Span,
}

macro_rules! keywords {
    ($($word:literal => $kind:expr,)+) => {
        /// Every keyword in lower case with its token; case does not matter in a query.
        pub const KEYWORDS: &[(&str, TokenKind)] = &[$(($word, $kind),)+];

        /// The keyword a word is, if it is one.
        pub(crate) fn keyword(word: &str) -> Option<TokenKind> {
            let mut lower = [0u8; LONGEST_KEYWORD];
            let lower = lower.get_mut(..word.len())?;
            lower.copy_from_slice(word.as_bytes());
            lower.make_ascii_lowercase();
            Some(match std::str::from_utf8(lower).ok()? {
                $($word => $kind,)+
                _ => return None,
            })
        }
    };
}

const LONGEST_KEYWORD: usize = 12;

keywords! {
    "and" => TokenKind::Operator(BinaryOp::And),
    "or" => TokenKind::Operator(BinaryOp::Or),
    "unless" => TokenKind::Operator(BinaryOp::Unless),
    "atan2" => TokenKind::Operator(BinaryOp::Atan2),
    "sum" => TokenKind::Aggregate(AggregateOp::Sum),
    "avg" => TokenKind::Aggregate(AggregateOp::Avg),
    "count" => TokenKind::Aggregate(AggregateOp::Count),
    "min" => TokenKind::Aggregate(AggregateOp::Min),
    "max" => TokenKind::Aggregate(AggregateOp::Max),
    "group" => TokenKind::Aggregate(AggregateOp::Group),
    "stddev" => TokenKind::Aggregate(AggregateOp::Stddev),
    "stdvar" => TokenKind::Aggregate(AggregateOp::Stdvar),
    "topk" => TokenKind::Aggregate(AggregateOp::Topk),
    "bottomk" => TokenKind::Aggregate(AggregateOp::Bottomk),
    "count_values" => TokenKind::Aggregate(AggregateOp::CountValues),
    "quantile" => TokenKind::Aggregate(AggregateOp::Quantile),
    "limitk" => TokenKind::Aggregate(AggregateOp::Limitk),
    "limit_ratio" => TokenKind::Aggregate(AggregateOp::LimitRatio),
    "offset" => TokenKind::Offset,
    "smoothed" => TokenKind::Smoothed,
    "anchored" => TokenKind::Anchored,
    "by" => TokenKind::By,
    "without" => TokenKind::Without,
    "on" => TokenKind::On,
    "ignoring" => TokenKind::Ignoring,
    "group_left" => TokenKind::GroupLeft,
    "group_right" => TokenKind::GroupRight,
    "fill" => TokenKind::Fill,
    "fill_left" => TokenKind::FillLeft,
    "fill_right" => TokenKind::FillRight,
    "bool" => TokenKind::Bool,
    "start" => TokenKind::Start,
    "end" => TokenKind::End,
    "step" => TokenKind::Step,
    "range" => TokenKind::Range,
    "max_of" => TokenKind::MaxOf,
    "min_of" => TokenKind::MinOf,
    "inf" => TokenKind::Number,
    "nan" => TokenKind::Number,
}

/// The words of a native histogram in the series notation.
pub const HISTOGRAM_WORDS: &[&str] = &[
    "sum",
    "count",
    "schema",
    "offset",
    "n_offset",
    "buckets",
    "n_buckets",
    "z_bucket",
    "z_bucket_w",
    "custom_values",
    "counter_reset_hint",
];

/// The values of `counter_reset_hint` in the series notation.
pub const COUNTER_RESET_HINTS: &[&str] = &["unknown", "reset", "not_reset", "gauge"];

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// The end of the input; an empty token.
    Eof,
    /// `# …` up to the end of the line.
    Comment,
    /// A name without a colon.
    Identifier,
    /// A name with a colon, as recording rules have.
    MetricIdentifier,
    /// A number.
    Number,
    /// A duration such as `1h30m`.
    Duration,
    /// A quoted string.
    String,
    /// `(`
    LeftParen,
    /// `)`
    RightParen,
    /// `{`
    LeftBrace,
    /// `}`
    RightBrace,
    /// `[`
    LeftBracket,
    /// `]`
    RightBracket,
    /// `,`
    Comma,
    /// `:` in brackets
    Colon,
    /// `=`
    Assign,
    /// `=~`
    RegexMatch,
    /// `!~`
    RegexNotMatch,
    /// `@`
    At,
    /// A binary operator; `!=` in braces, too.
    Operator(BinaryOp),
    /// The name of an aggregation.
    Aggregate(AggregateOp),
    /// `offset`
    Offset,
    /// `smoothed`
    Smoothed,
    /// `anchored`
    Anchored,
    /// `by`
    By,
    /// `without`
    Without,
    /// `on`
    On,
    /// `ignoring`
    Ignoring,
    /// `group_left`
    GroupLeft,
    /// `group_right`
    GroupRight,
    /// `fill` before `(`
    Fill,
    /// `fill_left` before `(`
    FillLeft,
    /// `fill_right` before `(`
    FillRight,
    /// `bool`
    Bool,
    /// `start`
    Start,
    /// `end`
    End,
    /// `step`
    Step,
    /// `range`
    Range,
    /// `max_of`
    MaxOf,
    /// `min_of`
    MinOf,
    /// Space between values of the series notation.
    Space,
    /// `_`, a value left out, in the series notation.
    Blank,
    /// `x`, repetition, in the series notation.
    Times,
    /// `{{`
    OpenHistogram,
    /// `}}`
    CloseHistogram,
    /// A word of [`HISTOGRAM_WORDS`].
    HistogramWord,
    /// A word of [`COUNTER_RESET_HINTS`].
    CounterResetHint,
}

impl TokenKind {
    /// Whether it is a word of letters, so that it may also be the name of a label.
    pub(crate) const fn is_label_word(self) -> bool {
        match self {
            Self::Identifier | Self::MetricIdentifier | Self::Aggregate(_) => true,
            Self::Operator(op) => {
                matches!(op, BinaryOp::And | BinaryOp::Or | BinaryOp::Unless | BinaryOp::Atan2)
            }
            Self::Offset | Self::Smoothed | Self::Anchored | Self::By | Self::On | Self::Ignoring => true,
            Self::GroupLeft
            | Self::GroupRight
            | Self::Fill
            | Self::FillLeft
            | Self::FillRight
            | Self::Bool => true,
            Self::Start | Self::End | Self::Step | Self::Range | Self::MaxOf | Self::MinOf => true,
            _ => false,
        }
    }

    /// Whether it may be the name of a metric at the start of an expression.
    pub(crate) const fn is_metric_word(self) -> bool {
        match self {
            Self::Bool | Self::On | Self::Ignoring | Self::GroupLeft | Self::GroupRight => false,
            Self::Operator(BinaryOp::Atan2) => false,
            Self::Without => true,
            other => other.is_label_word(),
        }
    }

    /// Whether an expression may start with it.
    pub(crate) const fn starts_expression(self) -> bool {
        match self {
            Self::Number | Self::Duration | Self::String | Self::LeftParen | Self::LeftBrace => true,
            Self::Operator(BinaryOp::Add | BinaryOp::Sub) => true,
            other => other.is_metric_word(),
        }
    }

    /// What a reader calls it, without an article.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Eof => "end of input",
            Self::Comment => "comment",
            Self::Identifier | Self::MetricIdentifier => "name",
            Self::Number => "number",
            Self::Duration => "duration",
            Self::String => "string",
            Self::Operator(_) => "operator",
            Self::Aggregate(_) => "aggregation",
            Self::LeftParen
            | Self::RightParen
            | Self::LeftBrace
            | Self::RightBrace
            | Self::LeftBracket
            | Self::RightBracket
            | Self::Comma
            | Self::Colon
            | Self::Assign
            | Self::RegexMatch
            | Self::RegexNotMatch
            | Self::At => "punctuation",
            Self::Space => "space",
            Self::Blank | Self::Times | Self::OpenHistogram | Self::CloseHistogram => "series notation",
            Self::HistogramWord | Self::CounterResetHint => "histogram word",
            _ => "keyword",
        }
    }
}
