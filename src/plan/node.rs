//! The one intermediate representation: a tree of operators with absolute times.

use std::sync::Arc;

use super::passes::{Pass, PassFigures};
use crate::{
    aggregations::fold::FoldOperator,
    functions::{
        ElementwiseKernel, LabelJoin, LabelReplace, RangeFunction, Special, StepTimes, WindowSpecification,
    },
    model::{Labels, Matcher, Span, ValueType},
    operators::elementwise::ElementOperator,
    storage::SelectRequest,
};

/// A query, ready to run.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The topmost operator.
    pub(crate) root: Node,
    /// What is fetched for it.
    pub(crate) requests: Vec<SelectRequest>,
    /// What each selector reads of that; nodes name theirs by its index.
    pub(crate) reads: Vec<Read>,
    /// The type of the answer.
    pub(crate) value_type: ValueType,
    /// How many slots an account of an execution needs: nodes name theirs by its index.
    pub(crate) slots: u32,
    /// Whether some subquery is consumed at several steps, so that what is covered below it must be known for each step.
    pub(crate) counts_by_step: bool,
    /// Whether there is an aggregation.
    pub(crate) has_aggregations: bool,
    /// Whether there is arithmetic on scalars.
    pub(crate) has_scalar_operators: bool,
    /// What each pass of the optimiser did.
    pub(crate) passes: [PassFigures; Pass::ALL.len()],
}

/// What one selector reads.
#[derive(Debug)]
pub(crate) struct Read {
    /// The request whose series it reads.
    pub(crate) request: usize,
    /// What it asks for itself, where that is less than what is fetched.
    pub(crate) part: Option<Box<SelectRequest>>,
    /// How each series is read.
    pub(crate) reading: Reading,
    /// Whether histograms are seen without their buckets, which changes what is known of their resets.
    pub(crate) statistics_only: bool,
}

impl Plan {
    /// What a selector asks for.
    pub(crate) fn wanted(&self, read: usize) -> Option<&SelectRequest> {
        let read = self.reads.get(read)?;
        read.part.as_deref().or_else(|| self.requests.get(read.request))
    }
}

/// How a series is read: at each step up to a time, from where that step's window begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reading {
    /// The last time that each step looks at.
    pub(crate) ends: StepTimes,
    /// How far a step looks back from there, in ms.
    pub(crate) back_ms: i64,
}

/// An operator and the steps it is evaluated at.
#[derive(Debug)]
pub(crate) struct Node {
    /// The part of the query it comes from.
    pub(crate) span: Span,
    /// When it is evaluated.
    pub(crate) steps: StepTimes,
    /// Where an execution notes what it gave; [`NO_SLOT`] for scalars, which always give one value a step.
    pub(crate) slot: u32,
    /// Whether its series differ even without the labels that nobody needs, so that none have to be looked for that are equal.
    pub(crate) distinct: bool,
    /// What it does.
    pub(crate) kind: NodeKind,
}

/// The slot of what needs none.
pub(crate) const NO_SLOT: u32 = 0;

/// The operators.
#[derive(Debug)]
pub(crate) enum NodeKind {
    // Scalars.
    /// A number.
    Number(f64),
    /// A string.
    Text(String),
    /// The time of each step in seconds.
    Time,
    /// The value of the one series of a vector, or NaN.
    ScalarOf(Box<Node>),
    /// Two scalars.
    ScalarBinary { operator: ElementOperator, lhs: Box<Node>, rhs: Box<Node> },
    /// `max_of`, `min_of`.
    ScalarFunction { name: &'static str, function: fn(f64, f64) -> f64, lhs: Box<Node>, rhs: Box<Node> },
    /// A scalar with its sign changed.
    ScalarNegate(Box<Node>),
    /// A scalar whose value is known, and what it was computed from.
    Folded { value: f64, from: Box<Node> },

    /// A plus sign: its child's value, in another place of the query. Scalar or vector, as its child.
    Plus(Box<Node>),
    /// The same at every step: evaluated once, at the first. Scalar or vector, as its child.
    Invariant(Box<Node>),

    // Instant vectors.
    /// The newest sample of each series at each step.
    Select(Selector),
    /// A function of each series' window at each step.
    Range(Box<RangeCall>),
    /// A scalar as a vector of one series without labels.
    VectorOf(Box<Node>),
    /// A function of each float.
    Elementwise { name: &'static str, kernel: ElementwiseKernel, child: Box<Node>, parameters: Vec<Node> },
    /// A function of each float read as seconds since the epoch.
    Calendar { name: &'static str, function: fn(f64) -> f64, child: Box<Node> },
    /// The time of each sample of a selector, or of each step, in seconds; with `start` its start time.
    Timestamp { child: Box<Node>, start: bool },
    /// All signs changed.
    Negate(Box<Node>),
    /// A vector and a scalar; `swapped` where the scalar stands on the left.
    VectorScalar {
        operator: ElementOperator,
        return_bool: bool,
        vector: Box<Node>,
        scalar: Box<Node>,
        swapped: bool,
    },
    /// Two vectors, series matched on their labels.
    VectorBinary {
        operator: ElementOperator,
        return_bool: bool,
        matching: Box<Matching>,
        lhs: Box<Node>,
        rhs: Box<Node>,
    },
    /// `and`, `or`, `unless`.
    Set { operator: SetOperator, matching: Box<Matching>, lhs: Box<Node>, rhs: Box<Node> },
    /// An aggregation; one that `streams` reads its input row by row, any other one holds it.
    Aggregate { kind: AggregateKind, child: Box<Node>, without: bool, grouping: Vec<String>, streams: bool },
    /// `label_replace`.
    LabelReplace { child: Box<Node>, replace: Box<LabelReplace> },
    /// `label_join`.
    LabelJoin { child: Box<Node>, join: LabelJoin },
    /// `sort`, `sort_desc`.
    Sort { child: Box<Node>, descending: bool },
    /// `sort_by_label`, `sort_by_label_desc`.
    SortByLabel { child: Box<Node>, labels: Vec<String>, descending: bool },
    /// `absent`: 1 at steps without a sample.
    Absent { child: Box<Node>, labels: Labels },
    /// `absent_over_time`.
    AbsentOverTime { call: Box<RangeCall>, labels: Labels },
    /// `histogram_quantile` and, with the label to put the quantile in, `histogram_quantiles`.
    HistogramQuantiles { quantiles: Vec<Node>, label: Option<String>, child: Box<Node> },
    /// `histogram_fraction`.
    HistogramFraction { lower: Box<Node>, upper: Box<Node>, child: Box<Node> },
    /// A statistic of each native histogram.
    HistogramStatistic { statistic: Special, child: Box<Node> },

    /// `info`: the labels of info series, found by `instance` and `job`, put on other series.
    /// The series found of these have a slot of their own.
    Info { child: Box<Node>, selector: Selector, infos: u32, names: Vec<Matcher>, data: Vec<Matcher> },

    /// What is evaluated once for several places of the query, of which each has a node like this. The spans inside are those of the first.
    Shared(Arc<Node>),
    /// One of several aggregations over one input, and where that stands here.
    OneOf { folds: Arc<Folds>, which: usize, input: Span },

    // Range vectors: the answer of an instant query.
    /// The samples of a range selector or a subquery.
    RangeVector(Box<RangeSource>),
}

/// Several aggregations of one input by the same labels, made in one pass.
#[derive(Debug)]
pub(crate) struct Folds {
    pub(crate) operators: Vec<FoldOperator>,
    /// The input, as the first of them has it.
    pub(crate) child: Node,
    pub(crate) without: bool,
    pub(crate) grouping: Vec<String>,
    /// Whether the input is read row by row.
    pub(crate) streams: bool,
}

/// An instant selector.
#[derive(Debug)]
pub(crate) struct Selector {
    /// Which of the plan's reads it is.
    pub(crate) read: usize,
    /// The time looked up at each step, `offset` and `@` applied.
    pub(crate) lookups: StepTimes,
    /// How old a sample may be, in ms.
    pub(crate) lookback_ms: i64,
    /// `smoothed`: interpolated between the samples around the step.
    pub(crate) smoothed: bool,
    /// Samples behind this time are not seen, although lookups reach them.
    pub(crate) seen_until_ms: Option<i64>,
}

impl Selector {
    /// The same selector, as it looks at another time than the one whose samples are fetched for it.
    pub(crate) fn looking_at(self, time_ms: i64) -> Self {
        let fetched_for = self.lookups.start_ms;
        let fetched_until = fetched_for.saturating_add(if self.smoothed { self.lookback_ms } else { 0 });
        let until_ms = time_ms.min(fetched_until);
        let after_ms = time_ms.max(fetched_for).saturating_sub(self.lookback_ms);
        Self {
            lookups: self.lookups.fixed(until_ms),
            lookback_ms: until_ms.saturating_sub(after_ms).max(0),
            ..self
        }
    }
}

/// A call of a range function.
#[derive(Debug)]
pub(crate) struct RangeCall {
    /// The function's name.
    pub(crate) name: &'static str,
    /// Its kernels and rules.
    pub(crate) function: RangeFunction,
    /// The windows it sees.
    pub(crate) source: RangeSource,
    /// Its scalar arguments.
    pub(crate) parameters: Vec<Node>,
    /// Where those stand.
    pub(crate) argument_spans: Vec<Span>,
}

/// Where windows come from.
#[derive(Debug)]
pub(crate) enum RangeSource {
    /// A range selector.
    Selector {
        /// Which of the plan's reads it is.
        read: usize,
        /// The windows.
        windows: WindowSpecification,
        /// Where it stands.
        span: Span,
        /// Samples up to the first or behind the second of these times are not seen, although windows reach them.
        seen_ms: Option<(i64, i64)>,
    },
    /// A subquery.
    Subquery {
        /// What is evaluated, at the steps of the subquery.
        child: Box<Node>,
        /// The windows over those steps.
        windows: WindowSpecification,
        /// Where it stands.
        span: Span,
    },
}

impl RangeSource {
    /// The windows.
    pub(crate) const fn windows(&self) -> &WindowSpecification {
        match self {
            Self::Selector { windows, .. } | Self::Subquery { windows, .. } => windows,
        }
    }

    /// Where it stands.
    pub(crate) const fn span(&self) -> Span {
        match self {
            Self::Selector { span, .. } | Self::Subquery { span, .. } => *span,
        }
    }
}

/// How series of two vectors find their partners.
#[derive(Debug)]
pub(crate) struct Matching {
    /// How many partners are allowed.
    pub(crate) cardinality: crate::syntax::ast::Cardinality,
    /// The labels of `on` or `ignoring`.
    pub(crate) labels: Vec<String>,
    /// Whether it is `on`.
    pub(crate) on: bool,
    /// The labels of `group_left` or `group_right`.
    pub(crate) include: Vec<String>,
    /// The value of a missing left partner.
    pub(crate) fill_lhs: Option<f64>,
    /// The value of a missing right partner.
    pub(crate) fill_rhs: Option<f64>,
}

/// The set operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetOperator {
    And,
    Or,
    Unless,
}

/// The aggregations, with their parameters.
#[derive(Debug)]
pub(crate) enum AggregateKind {
    Fold(FoldOperator),
    Quantile(Box<Node>),
    Top { largest: bool, k: Box<Node> },
    Limit { k: Box<Node> },
    LimitRatio { ratio: Box<Node> },
    CountValues { label: String },
}

impl Drop for Node {
    // A chain of operators is as deep as it is long; the derived drop would recurse down all of it.
    fn drop(&mut self) {
        let mut pending = self.take_left();
        while let Some(mut node) = pending {
            pending = node.take_left();
        }
    }
}

impl Node {
    /// An operator.
    pub(super) const fn new(span: Span, steps: StepTimes, slot: u32, kind: NodeKind) -> Self {
        Self { span, steps, slot, distinct: false, kind }
    }

    /// The left operand of a binary operator, to be changed.
    pub(super) fn left_mut(&mut self) -> Option<&mut Node> {
        match &mut self.kind {
            NodeKind::VectorBinary { lhs, .. }
            | NodeKind::Set { lhs, .. }
            | NodeKind::ScalarBinary { lhs, .. }
            | NodeKind::VectorScalar { vector: lhs, swapped: false, .. }
            | NodeKind::VectorScalar { scalar: lhs, swapped: true, .. } => Some(lhs),
            _ => None,
        }
    }

    /// The left operand of a binary operator, which is left without it.
    pub(super) fn take_left(&mut self) -> Option<Node> {
        self.left_mut().map(Node::take)
    }

    /// The node itself; in its place stays one that means nothing.
    pub(super) fn take(&mut self) -> Node {
        let nothing = Self::new(self.span, self.steps, NO_SLOT, NodeKind::Number(0.0));
        std::mem::replace(self, nothing)
    }

    /// The operands of a binary operator, as written.
    pub(crate) fn operands(&self) -> Option<(&Node, &Node)> {
        match &self.kind {
            NodeKind::VectorBinary { lhs, rhs, .. }
            | NodeKind::Set { lhs, rhs, .. }
            | NodeKind::ScalarBinary { lhs, rhs, .. }
            | NodeKind::VectorScalar { vector: lhs, scalar: rhs, swapped: false, .. }
            | NodeKind::VectorScalar { scalar: lhs, vector: rhs, swapped: true, .. } => Some((lhs, rhs)),
            _ => None,
        }
    }

    /// The left operand of a binary operator.
    pub(crate) fn left(&self) -> Option<&Node> {
        self.operands().map(|(left, _)| left)
    }
}

impl NodeKind {
    /// Whether it is a number or a text, which stands in the line of the operator above.
    pub(super) const fn is_literal(&self) -> bool {
        matches!(self, Self::Number(_) | Self::Text(_) | Self::Folded { .. })
    }

    /// Whether it gives one value at every step. Of `Plus` and `Invariant` the operand tells.
    pub(crate) const fn is_scalar(&self) -> bool {
        matches!(
            self,
            Self::Number(_)
                | Self::Text(_)
                | Self::Time
                | Self::ScalarOf(_)
                | Self::ScalarBinary { .. }
                | Self::ScalarFunction { .. }
                | Self::ScalarNegate(_)
                | Self::Folded { .. }
        )
    }
}
