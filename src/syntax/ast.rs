//! The syntax tree: what a query says, with the span of every node, and nothing about what it means.
//!
//! The tree is plain data. It keeps what the printer needs to say the same query again, and what a planner needs
//! without looking at the text: durations are nanoseconds, numbers are parsed, strings are unescaped. Patterns of
//! regular expressions stay raw.
//!
//! **Depth.** Recursive nesting (parentheses, calls, unary operators, the right side of `^`, subqueries) is bounded by
//! [`ParserOptions::max_nesting`](super::ParserOptions::max_nesting). Left-deep chains of binary operators are not:
//! `a + a + …` may have any number of terms and the first one lies that deep in the tree. Whoever walks a tree follows
//! the left side of a [`BinaryExpr`] in a loop, as [`BinaryExpr::left_spine`] does, and recurses elsewhere.

use super::ops::{AggregateOp, BinaryOp, UnaryOp};
use super::text::Text;
use crate::model::{MatchOperator, Matcher, MatcherError, MatcherErrorKind, Signature, Span, ValueType};

/// An expression and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// The bytes of the query it comes from, as Prometheus counts them: a modifier such as `anchored` may lie outside.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// The kinds of expressions.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `1.5`, `0x1f`, `5m` (300).
    Number(NumberLiteral),
    /// `"text"`.
    String(Text),
    /// `( … )`.
    Paren(Box<Expr>),
    /// `-x`, `+x`.
    Unary(UnaryExpr),
    /// `a + b`.
    Binary(Box<BinaryExpr>),
    /// `sum by (job) (x)`.
    Aggregate(Box<AggregateExpr>),
    /// `rate(x[5m])`.
    Call(Box<Call>),
    /// `metric{label="value"} offset 5m`.
    VectorSelector(Box<VectorSelector>),
    /// `metric[5m]`.
    MatrixSelector(Box<MatrixSelector>),
    /// `expr[1h:5m]`.
    Subquery(Box<SubqueryExpr>),
}

/// A number, or a duration in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NumberLiteral {
    /// The value; of a duration, its seconds.
    pub value: f64,
    /// Whether it was written as a duration (`5m`).
    pub is_duration: bool,
}

/// A sign before an expression. A sign before a number literal is part of the number.
#[derive(Debug, Clone, PartialEq)]
pub struct UnaryExpr {
    /// The sign.
    pub op: UnaryOp,
    /// What it stands before.
    pub expr: Box<Expr>,
}

/// Two operands and what joins them.
#[derive(Debug, Clone, PartialEq)]
pub struct BinaryExpr {
    /// The operator.
    pub op: BinaryOp,
    /// The left operand.
    pub lhs: Box<Expr>,
    /// The right operand.
    pub rhs: Box<Expr>,
    /// Whether a comparison gives 0 and 1 (`bool`) rather than filtering.
    pub return_bool: bool,
    /// How series find their partners; present exactly where both operands are instant vectors.
    pub matching: Option<VectorMatching>,
    /// Scalar where both operands are scalars, else instant vector.
    pub value_type: ValueType,
}

/// How many partners a series may have on the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cardinality {
    /// One partner each.
    OneToOne,
    /// `group_left`: many on the left for one on the right.
    ManyToOne,
    /// `group_right`: one on the left for many on the right.
    OneToMany,
    /// The set operators.
    ManyToMany,
}

impl Cardinality {
    /// The name in the HTTP API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OneToOne => "one-to-one",
            Self::ManyToOne => "many-to-one",
            Self::OneToMany => "one-to-many",
            Self::ManyToMany => "many-to-many",
        }
    }
}

/// How series of two instant vectors find their partners.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorMatching {
    /// How many partners are allowed.
    pub card: Cardinality,
    /// The labels of `on` or `ignoring`.
    pub labels: Vec<Box<str>>,
    /// Whether `labels` are those that decide (`on`) or those that do not (`ignoring`).
    pub on: bool,
    /// The labels of `group_left` or `group_right`.
    pub include: Vec<Box<str>>,
    /// The value of a missing left partner.
    pub fill_lhs: Option<f64>,
    /// The value of a missing right partner.
    pub fill_rhs: Option<f64>,
}

impl Default for VectorMatching {
    fn default() -> Self {
        Self {
            card: Cardinality::OneToOne,
            labels: Vec::new(),
            on: false,
            include: Vec::new(),
            fill_lhs: None,
            fill_rhs: None,
        }
    }
}

/// An aggregation.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregateExpr {
    /// The operator.
    pub op: AggregateOp,
    /// What is aggregated.
    pub expr: Expr,
    /// The parameter of `topk`, `bottomk`, `quantile`, `count_values`, `limitk` and `limit_ratio`.
    pub param: Option<Expr>,
    /// The labels of `by` or `without`.
    pub grouping: Vec<Box<str>>,
    /// Whether `grouping` is what to drop (`without`) or what to keep (`by`, or nothing).
    pub without: bool,
}

/// A call of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The function, as the parser's [`FunctionSet`](super::FunctionSet) has it.
    pub function: Signature,
    /// The arguments.
    pub args: Vec<Expr>,
}

/// One condition of a selector, its pattern raw.
#[derive(Debug, Clone, PartialEq)]
pub struct RawMatcher {
    /// The bytes from the name to the value.
    pub span: Span,
    /// The label's name.
    pub name: Text,
    /// How it compares.
    pub operator: MatchOperator,
    /// The value or pattern.
    pub value: Text,
}

impl RawMatcher {
    /// Compiles the condition. Bytes that are no UTF-8 become the replacement character; in a pattern they are an error,
    /// unless it is a text or a choice of texts, which Prometheus compares without reading it as a pattern.
    pub fn compile(&self) -> Result<Matcher, MatcherError> {
        let is_meta = |byte: &u8| br"\.+*?()[]{}^$".contains(byte);
        if self.operator.is_pattern()
            && self.value.as_str().is_none()
            && self.value.as_bytes().iter().any(is_meta)
        {
            return Err(MatcherError::new(&self.value.to_lossy(), MatcherErrorKind::InvalidUtf8, 0));
        }
        Matcher::new(&self.name.to_lossy(), self.operator, &self.value.to_lossy())
    }
}

/// What `@` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum At {
    /// A time, in ms since the epoch.
    Timestamp(i64),
    /// `start()`: the start of the query's range.
    Start,
    /// `end()`: the end of the query's range.
    End,
}

/// A length of time: written out, or to be computed from the query's step and range.
#[derive(Debug, Clone, PartialEq)]
pub enum Duration {
    /// Nanoseconds; negative for an offset into the future.
    Fixed(i64),
    /// An expression such as `1m + step()`.
    Expression(Box<DurationExpr>),
}

impl Duration {
    /// No time.
    pub const ZERO: Self = Self::Fixed(0);

    /// The milliseconds of a fixed duration, cut as Prometheus cuts them (toward zero).
    pub const fn milliseconds(&self) -> Option<i64> {
        match self {
            Self::Fixed(nanoseconds) => Some(*nanoseconds / 1_000_000),
            Self::Expression(_) => None,
        }
    }

    /// Whether this is a fixed zero, which for an offset means none was written (or `offset 0s`).
    pub const fn is_zero(&self) -> bool {
        matches!(self, Self::Fixed(0))
    }
}

/// A term of a duration expression; its value is in seconds. Chains of operators count as nesting here.
#[derive(Debug, Clone, PartialEq)]
pub struct DurationExpr {
    /// Where it stands.
    pub span: Span,
    /// Whether it stood in parentheses.
    pub wrapped: bool,
    /// What it is.
    pub kind: DurationExprKind,
}

/// The kinds of terms of a duration expression.
#[derive(Debug, Clone, PartialEq)]
pub enum DurationExprKind {
    /// A number of seconds or a duration.
    Number(NumberLiteral),
    /// `step()`: the query's step.
    Step,
    /// `range()`: the query's range.
    Range,
    /// `min_of(a, b)`.
    MinOf(Box<DurationExpr>, Box<DurationExpr>),
    /// `max_of(a, b)`.
    MaxOf(Box<DurationExpr>, Box<DurationExpr>),
    /// A sign. A literal in parentheses is a `+` before it, as in Prometheus' own tree.
    Unary(UnaryOp, Box<DurationExpr>),
    /// `+ - * / % ^` between two terms.
    Binary(BinaryOp, Box<DurationExpr>, Box<DurationExpr>),
}

/// An instant vector selector.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorSelector {
    /// The metric's name where it stands before the braces.
    pub name: Option<Box<str>>,
    /// The conditions in the braces, in the order written; a quoted name in braces is one on `__name__`.
    pub matchers: Vec<RawMatcher>,
    /// `offset`; zero where there is none.
    pub offset: Duration,
    /// `@`.
    pub at: Option<At>,
    /// `anchored`.
    pub anchored: bool,
    /// `smoothed`.
    pub smoothed: bool,
}

/// A range vector selector. Its modifiers are in the selector, also those written behind the range.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixSelector {
    /// What is selected.
    pub selector: VectorSelector,
    /// Where the part before the range stands.
    pub selector_span: Span,
    /// The range.
    pub range: Duration,
}

/// A subquery.
#[derive(Debug, Clone, PartialEq)]
pub struct SubqueryExpr {
    /// What is evaluated at every step.
    pub expr: Expr,
    /// The range.
    pub range: Duration,
    /// The step; `None` asks for the engine's default.
    pub step: Option<Duration>,
    /// `offset`; zero where there is none.
    pub offset: Duration,
    /// `@`.
    pub at: Option<At>,
}

impl Expr {
    /// The type of the value. Costs no more than the nesting, however long a chain of operators is.
    pub fn value_type(&self) -> ValueType {
        let mut expr = self;
        loop {
            return match &expr.kind {
                ExprKind::Number(_) => ValueType::Scalar,
                ExprKind::String(_) => ValueType::String,
                ExprKind::Paren(inner) => {
                    expr = inner;
                    continue;
                }
                ExprKind::Unary(unary) => {
                    expr = &unary.expr;
                    continue;
                }
                ExprKind::Binary(binary) => binary.value_type,
                ExprKind::Call(call) => call.function.return_type,
                ExprKind::Aggregate(_) | ExprKind::VectorSelector(_) => ValueType::Vector,
                ExprKind::MatrixSelector(_) | ExprKind::Subquery(_) => ValueType::Matrix,
            };
        }
    }

    /// The expression without the parentheses around it.
    pub fn unparenthesised(&self) -> &Self {
        let mut expr = self;
        while let ExprKind::Paren(inner) = &expr.kind {
            expr = inner;
        }
        expr
    }
}

impl BinaryExpr {
    /// This operation and the chain of binary operations down its left side, outermost first.
    pub fn left_spine(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |binary| match &binary.lhs.kind {
            ExprKind::Binary(next) => Some(next.as_ref()),
            _ => None,
        })
    }
}

impl Drop for BinaryExpr {
    // A chain of operators is as deep as it is long; the derived drop would recurse down all of it.
    fn drop(&mut self) {
        let mut lhs = take(&mut self.lhs);
        while let ExprKind::Binary(binary) = &mut lhs.kind {
            lhs = take(&mut binary.lhs);
        }
    }
}

fn take(expr: &mut Expr) -> Expr {
    let nothing = NumberLiteral { value: 0.0, is_duration: false };
    std::mem::replace(expr, Expr { span: Span::default(), kind: ExprKind::Number(nothing) })
}

impl VectorSelector {
    /// A selector of this name, without modifiers.
    pub fn new(name: Option<Box<str>>, matchers: Vec<RawMatcher>) -> Self {
        Self { name, matchers, offset: Duration::ZERO, at: None, anchored: false, smoothed: false }
    }

    /// Compiles all conditions, the name's last.
    pub fn compile_matchers(&self) -> Result<Vec<Matcher>, MatcherError> {
        let name =
            self.name.as_deref().map(|n| Matcher::new(crate::model::METRIC_NAME, MatchOperator::Equal, n));
        self.matchers.iter().map(RawMatcher::compile).chain(name).collect()
    }
}
