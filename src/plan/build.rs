//! Syntax tree to plan.

use super::{
    AggregateKind, Matching, NO_SLOT, Node, NodeKind, Plan, RangeSource, Read, Reading, Selector,
    SetOperator, bucket_use::BucketUse, durations, invariance::Invariance, passes,
};
use crate::{
    aggregations::fold::FoldOperator,
    error::{Error, ErrorKind},
    functions::{Extension, StepTimes, WindowSpecification},
    model::{Matcher, Span, ValueType},
    operators::elementwise::ElementOperator,
    storage::{SelectHints, SelectRequest},
    syntax::{
        AggregateOp, BinaryOp, UnaryOp,
        ast::{AggregateExpr, At, BinaryExpr, Expr, ExprKind, SubqueryExpr, VectorSelector},
    },
};

/// What the engine's options say to the planner.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlanOptions {
    /// How old the newest sample of a series may be, in ms.
    pub(crate) lookback_ms: i64,
    /// The step of a subquery that names none, in ms.
    pub(crate) default_subquery_step_ms: i64,
    /// The most steps a query or subquery may have.
    pub(crate) max_steps: u64,
    /// Which passes of the optimiser run.
    pub(crate) optimisations: passes::Optimisations,
    /// Whether a range query is planned; else an instant query.
    pub(crate) is_range_query: bool,
}

/// When the whole query is evaluated. An instant query has `start_ms == end_ms` and `step_ms == 0`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueryTimes {
    pub(crate) start_ms: i64,
    pub(crate) end_ms: i64,
    pub(crate) step_ms: i64,
}

/// Plans a checked query; `query` is its text.
pub(crate) fn build(
    query: &str,
    expr: &Expr,
    times: QueryTimes,
    options: PlanOptions,
) -> Result<Plan, Error> {
    let value_type = expr.value_type();
    if options.is_range_query && !matches!(value_type, ValueType::Vector | ValueType::Scalar) {
        let kind = match value_type {
            ValueType::Matrix => "range vector",
            _ => "string",
        };
        let message =
            format!("a range query needs an expression that is an instant vector or a scalar, not a {kind}");
        return Err(Error::new(ErrorKind::InvalidQuery(message), expr.span));
    }
    let mut planner = Planner {
        times,
        options,
        step_ms: times.step_ms,
        in_parameter: false,
        misplaced_ms: 0,
        requests: Vec::new(),
        reads: Vec::new(),
        slots: NO_SLOT + 1,
        counts_by_step: false,
        has_aggregations: false,
        has_scalar_operators: false,
        buckets: BucketUse::default(),
        invariance: Invariance::of(expr, &times),
    };
    let steps = planner.steps(times.start_ms, times.end_ms, times.step_ms, expr.span)?;
    durations::check(expr, &times)?;
    let root = planner.node(expr, steps, &Surroundings::default())?;
    let mut plan = Plan {
        root,
        requests: planner.requests,
        reads: planner.reads,
        value_type,
        slots: planner.slots,
        counts_by_step: planner.counts_by_step,
        has_aggregations: planner.has_aggregations,
        has_scalar_operators: planner.has_scalar_operators,
        passes: passes::PassFigures::none(),
    };
    passes::run(&mut plan, query, options.optimisations);
    Ok(plan)
}

/// The time an `@` names.
pub(super) fn resolve_at(at: Option<At>, times: &QueryTimes) -> Option<i64> {
    at.map(|at| match at {
        At::Timestamp(time_ms) => time_ms,
        At::Start => times.start_ms,
        At::End => times.end_ms,
    })
}

/// What stands around a selector, for its request's hints.
#[derive(Debug, Clone, Default)]
pub(super) struct Surroundings {
    pub(super) function: Option<&'static str>,
    pub(super) grouping: Vec<String>,
    pub(super) by: bool,
}

/// The state of planning.
#[derive(Debug)]
pub(super) struct Planner {
    pub(super) times: QueryTimes,
    pub(super) options: PlanOptions,
    /// The step of the query or of the subquery that is planned.
    step_ms: i64,
    /// Whether the parameter of an aggregation is planned, at which Prometheus does not look beforehand: `@ start()` and
    /// `@ end()` say nothing there, and the time that another `@` names moves on with the steps.
    pub(super) in_parameter: bool,
    /// How far from its time a selector or subquery with `@` looks, for a mistake of Prometheus: inside of a subquery that happens to start
    /// where the expression around it does, it takes the subquery's offset into account twice.
    pub(super) misplaced_ms: i64,
    requests: Vec<SelectRequest>,
    reads: Vec<Read>,
    slots: u32,
    counts_by_step: bool,
    has_aggregations: bool,
    has_scalar_operators: bool,
    buckets: BucketUse,
    invariance: Invariance,
}

pub(super) fn strings(names: &[Box<str>]) -> Vec<String> {
    names.iter().map(|name| name.to_string()).collect()
}

fn element_operator(op: BinaryOp) -> Option<ElementOperator> {
    use ElementOperator as E;
    Some(match op {
        BinaryOp::Add => E::Add,
        BinaryOp::Sub => E::Subtract,
        BinaryOp::Mul => E::Multiply,
        BinaryOp::Div => E::Divide,
        BinaryOp::Mod => E::Modulo,
        BinaryOp::Pow => E::Power,
        BinaryOp::Atan2 => E::Atan2,
        BinaryOp::Equal => E::Equal,
        BinaryOp::NotEqual => E::NotEqual,
        BinaryOp::Greater => E::Greater,
        BinaryOp::Less => E::Less,
        BinaryOp::GreaterOrEqual => E::GreaterOrEqual,
        BinaryOp::LessOrEqual => E::LessOrEqual,
        BinaryOp::TrimUpper => E::TrimUpper,
        BinaryOp::TrimLower => E::TrimLower,
        BinaryOp::And | BinaryOp::Or | BinaryOp::Unless => return None,
    })
}

impl Planner {
    /// An operator with a slot of its own.
    pub(super) fn new_node(&mut self, span: Span, steps: StepTimes, kind: NodeKind) -> Node {
        let slot = if kind.is_scalar() { NO_SLOT } else { self.next_slot() };
        self.has_aggregations |= matches!(kind, NodeKind::Aggregate { .. });
        self.has_scalar_operators |= matches!(
            kind,
            NodeKind::ScalarBinary { .. } | NodeKind::ScalarFunction { .. } | NodeKind::ScalarNegate(_)
        );
        Node::new(span, steps, slot, kind)
    }

    pub(super) const fn next_slot(&mut self) -> u32 {
        let slot = self.slots;
        self.slots = slot.saturating_add(1);
        slot
    }

    fn steps(&self, start_ms: i64, end_ms: i64, step_ms: i64, span: Span) -> Result<StepTimes, Error> {
        if end_ms < start_ms {
            return Ok(StepTimes { start_ms, step_ms, count: 0 });
        }
        let step_ms = if end_ms == start_ms { 0 } else { step_ms };
        let distance = (i128::from(end_ms) - i128::from(start_ms)) as u128;
        let count = if step_ms > 0 { distance / step_ms as u128 + 1 } else { 1 };
        let limit = self.options.max_steps;
        if count > u128::from(limit) {
            return Err(Error::new(ErrorKind::LimitExceeded { limit: "max_steps", value: limit }, span));
        }
        Ok(StepTimes { start_ms, step_ms, count: count as usize })
    }

    /// Plans an expression at these steps; a step-invariant one at their first.
    pub(super) fn node(
        &mut self,
        expr: &Expr,
        steps: StepTimes,
        around: &Surroundings,
    ) -> Result<Node, Error> {
        if !steps.is_single() && self.invariance.is_wrapped(expr) {
            let once = StepTimes { count: steps.count.min(1), ..steps.fixed(steps.start_ms) };
            let child = self.bare_node(expr, once, around)?;
            return Ok(self.new_node(expr.span, steps, NodeKind::Invariant(Box::new(child))));
        }
        self.bare_node(expr, steps, around)
    }

    fn bare_node(&mut self, expr: &Expr, steps: StepTimes, around: &Surroundings) -> Result<Node, Error> {
        let buckets = self.buckets;
        self.buckets = buckets.under(expr);
        let node = self.node_of_kind(expr, steps, around);
        self.buckets = buckets;
        node
    }

    fn node_of_kind(&mut self, expr: &Expr, steps: StepTimes, around: &Surroundings) -> Result<Node, Error> {
        let span = expr.span;
        let kind = match &expr.kind {
            ExprKind::Number(number) => NodeKind::Number(number.value),
            ExprKind::String(text) => NodeKind::Text(text.to_lossy().into_owned()),
            ExprKind::Paren(inner) => return self.node(inner, steps, around),
            ExprKind::Unary(unary) => {
                let child = self.node(&unary.expr, steps, around)?;
                match (unary.op, expr.value_type()) {
                    (UnaryOp::Plus, _) => NodeKind::Plus(Box::new(child)),
                    (UnaryOp::Minus, ValueType::Scalar) => NodeKind::ScalarNegate(Box::new(child)),
                    (UnaryOp::Minus, _) => NodeKind::Negate(Box::new(child)),
                }
            }
            ExprKind::Binary(binary) => return self.binary_chain(expr, binary, steps, around),
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate, steps)?,
            ExprKind::Call(call) => self.call(call, span, steps, around)?,
            ExprKind::VectorSelector(selector) => {
                NodeKind::Select(self.selector(selector, span, steps, around)?)
            }
            ExprKind::MatrixSelector(_) | ExprKind::Subquery(_) => {
                NodeKind::RangeVector(Box::new(self.range_source(expr, steps, around)?))
            }
        };
        Ok(self.new_node(span, steps, kind))
    }

    /// Plans a chain of binary operators from its innermost left operand outward, without recursing down the chain.
    fn binary_chain(
        &mut self,
        outermost: &Expr,
        binary: &BinaryExpr,
        steps: StepTimes,
        around: &Surroundings,
    ) -> Result<Node, Error> {
        let mut chain = vec![(outermost, binary, self.buckets)];
        let mut operand = &*binary.lhs;
        while let ExprKind::Binary(next) = &operand.kind {
            if !steps.is_single() && self.invariance.is_wrapped(operand) {
                break;
            }
            self.buckets = self.buckets.under(operand);
            chain.push((operand, next, self.buckets));
            operand = &next.lhs;
        }
        let mut left = self.node(operand, steps, around)?;
        while let Some((expr, binary, buckets)) = chain.pop() {
            self.buckets = buckets;
            let right = self.node(&binary.rhs, steps, around)?;
            let kind = Self::binary(binary, left, right)?;
            left = self.new_node(expr.span, steps, kind);
        }
        Ok(left)
    }

    fn binary(binary: &BinaryExpr, lhs: Node, rhs: Node) -> Result<NodeKind, Error> {
        let types = (binary.lhs.value_type(), binary.rhs.value_type());
        let (lhs, rhs) = (Box::new(lhs), Box::new(rhs));
        let matching = || {
            let matching = binary.matching.clone().unwrap_or_default();
            Box::new(Matching {
                cardinality: matching.card,
                labels: strings(&matching.labels),
                on: matching.on,
                include: strings(&matching.include),
                fill_lhs: matching.fill_lhs,
                fill_rhs: matching.fill_rhs,
            })
        };
        let Some(operator) = element_operator(binary.op) else {
            let operator = match binary.op {
                BinaryOp::And => SetOperator::And,
                BinaryOp::Or => SetOperator::Or,
                _ => SetOperator::Unless,
            };
            return Ok(NodeKind::Set { operator, matching: matching(), lhs, rhs });
        };
        let return_bool = binary.return_bool;
        Ok(match types {
            (ValueType::Scalar, ValueType::Scalar)
                if matches!(binary.op, BinaryOp::TrimUpper | BinaryOp::TrimLower) =>
            {
                let message = format!("operator {:?} not allowed for Scalar operations", binary.op.symbol());
                return Err(Error::execution(message, Span::new(lhs.span.start, rhs.span.end)));
            }
            (ValueType::Scalar, ValueType::Scalar) => NodeKind::ScalarBinary { operator, lhs, rhs },
            (ValueType::Scalar, _) => {
                NodeKind::VectorScalar { operator, return_bool, vector: rhs, scalar: lhs, swapped: true }
            }
            (_, ValueType::Scalar) => {
                NodeKind::VectorScalar { operator, return_bool, vector: lhs, scalar: rhs, swapped: false }
            }
            _ => NodeKind::VectorBinary { operator, return_bool, matching: matching(), lhs, rhs },
        })
    }

    fn aggregate(&mut self, aggregate: &AggregateExpr, steps: StepTimes) -> Result<NodeKind, Error> {
        use FoldOperator as F;
        let grouping = strings(&aggregate.grouping);
        let around = Surroundings {
            function: Some(aggregate.op.symbol()),
            grouping: grouping.clone(),
            by: !aggregate.without,
        };
        let parameter = aggregate.param.as_ref().map(|param| param.unparenthesised());
        let scalar = |planner: &mut Self| match parameter {
            Some(param) => {
                let outside = std::mem::replace(&mut planner.in_parameter, true);
                let node = planner.node(param, steps, &Surroundings::default());
                planner.in_parameter = outside;
                let mut node = node?;
                // Prometheus takes parentheses away when it looks at a query beforehand, and so not inside of a parameter.
                if let (true, Some(param)) = (outside, &aggregate.param) {
                    node.span = param.span;
                }
                Ok(Box::new(node))
            }
            None => Err(Error::new(
                ErrorKind::InvalidQuery(format!("{} needs a parameter", aggregate.op.symbol())),
                aggregate.expr.span,
            )),
        };
        let kind = match aggregate.op {
            AggregateOp::Sum => AggregateKind::Fold(F::Sum),
            AggregateOp::Avg => AggregateKind::Fold(F::Avg),
            AggregateOp::Count => AggregateKind::Fold(F::Count),
            AggregateOp::Min => AggregateKind::Fold(F::Min),
            AggregateOp::Max => AggregateKind::Fold(F::Max),
            AggregateOp::Group => AggregateKind::Fold(F::Group),
            AggregateOp::Stddev => AggregateKind::Fold(F::Stddev),
            AggregateOp::Stdvar => AggregateKind::Fold(F::Stdvar),
            AggregateOp::Quantile => AggregateKind::Quantile(scalar(self)?),
            AggregateOp::Topk => AggregateKind::Top { largest: true, k: scalar(self)? },
            AggregateOp::Bottomk => AggregateKind::Top { largest: false, k: scalar(self)? },
            AggregateOp::Limitk => AggregateKind::Limit { k: scalar(self)? },
            AggregateOp::LimitRatio => AggregateKind::LimitRatio { ratio: scalar(self)? },
            AggregateOp::CountValues => match parameter.map(|param| &param.kind) {
                Some(ExprKind::String(label)) => {
                    let label = label.as_str().filter(|name| !name.is_empty()).ok_or_else(|| {
                        let name = label.quoted();
                        Error::execution(format!("invalid label name {name}"), aggregate.expr.span)
                    })?;
                    AggregateKind::CountValues { label: label.to_owned() }
                }
                _ => {
                    return Err(scalar(self).err().unwrap_or_else(|| {
                        let message = "count_values needs a label name".to_owned();
                        Error::new(ErrorKind::InvalidQuery(message), aggregate.expr.span)
                    }));
                }
            },
        };
        let child = Box::new(self.node(aggregate.expr.unparenthesised(), steps, &around)?);
        Ok(NodeKind::Aggregate { kind, child, without: aggregate.without, grouping, streams: false })
    }

    /// The time an `@` names.
    pub(super) fn at(&self, at: Option<At>) -> Option<i64> {
        match at {
            Some(At::Start | At::End) if self.in_parameter => None,
            at => resolve_at(at, &self.times),
        }
    }

    /// An instant selector of info series.
    pub(super) fn info_selector(
        &mut self,
        matchers: Vec<Matcher>,
        lookups: StepTimes,
        around: &Surroundings,
    ) -> Selector {
        let lookback_ms = self.options.lookback_ms;
        let end_ms = lookups.at(lookups.count.saturating_sub(1));
        let start_ms = lookups.start_ms.saturating_sub(lookback_ms).saturating_add(1);
        let reading = Reading { ends: lookups, back_ms: lookback_ms };
        let read = self.push_read(matchers, (start_ms, end_ms, 0), reading, around);
        Selector { read, lookups, lookback_ms, smoothed: false, seen_until_ms: None }
    }

    /// Plans an instant selector.
    pub(super) fn selector(
        &mut self,
        selector: &VectorSelector,
        span: Span,
        steps: StepTimes,
        around: &Surroundings,
    ) -> Result<Selector, Error> {
        let lookups = self.lookups(selector, steps)?;
        let lookback_ms = self.options.lookback_ms;
        let last = lookups.at(lookups.count.saturating_sub(1));
        let end_ms = if selector.smoothed { last.saturating_add(lookback_ms) } else { last };
        let start_ms = lookups.start_ms.saturating_sub(lookback_ms).saturating_add(1);
        // Between samples a value is found by a reader that keeps all the query sees.
        let reading = if selector.smoothed {
            Reading {
                ends: StepTimes { count: 1, ..lookups.fixed(end_ms) },
                back_ms: end_ms.saturating_sub(start_ms).saturating_add(1),
            }
        } else {
            Reading { ends: lookups, back_ms: lookback_ms }
        };
        let read = self.read(selector, span, (start_ms, end_ms, 0), reading, around)?;
        let smoothed = selector.smoothed;
        let mut planned = Selector { read, lookups, lookback_ms, smoothed, seen_until_ms: None };
        if self.at(selector.at).is_none() {
            return Ok(planned);
        }
        let time_ms = lookups.start_ms.saturating_add(self.misplaced_ms);
        if self.in_parameter && !steps.is_single() {
            planned.seen_until_ms = Some(lookups.start_ms);
            planned.lookups = StepTimes { start_ms: time_ms, ..steps };
        } else if self.misplaced_ms != 0 {
            planned = planned.looking_at(time_ms);
        }
        Ok(planned)
    }

    fn lookups(&self, selector: &VectorSelector, steps: StepTimes) -> Result<StepTimes, Error> {
        let offset_ms = durations::milliseconds(&selector.offset, true, &self.times)?;
        Ok(match self.at(selector.at) {
            Some(time_ms) => steps.fixed(time_ms).earlier(offset_ms),
            None => steps.earlier(offset_ms),
        })
    }

    fn read(
        &mut self,
        selector: &VectorSelector,
        span: Span,
        (start_ms, end_ms, range_ms): (i64, i64, i64),
        reading: Reading,
        around: &Surroundings,
    ) -> Result<usize, Error> {
        let matchers = selector
            .compile_matchers()
            .map_err(|error| Error::new(ErrorKind::InvalidQuery(error.to_string()), span))?;
        Ok(self.push_read(matchers, (start_ms, end_ms, range_ms), reading, around))
    }

    fn push_read(
        &mut self,
        matchers: Vec<Matcher>,
        (start_ms, end_ms, range_ms): (i64, i64, i64),
        reading: Reading,
        around: &Surroundings,
    ) -> usize {
        let statistics_only = self.buckets.statistics_only();
        let hints = SelectHints {
            function: around.function,
            range_ms,
            step_ms: self.step_ms,
            grouping: around.grouping.clone(),
            by: around.by,
            statistics_only: false,
            labels: None,
        };
        let request = self.requests.len();
        self.requests.push(SelectRequest { matchers, start_ms, end_ms, hints });
        self.reads.push(Read { request, part: None, reading, statistics_only });
        self.reads.len() - 1
    }

    /// Plans a range selector or a subquery as the source of windows.
    pub(super) fn range_source(
        &mut self,
        expr: &Expr,
        steps: StepTimes,
        around: &Surroundings,
    ) -> Result<RangeSource, Error> {
        let span = expr.span;
        match &expr.unparenthesised().kind {
            ExprKind::MatrixSelector(matrix) => {
                let range_ms = durations::milliseconds(&matrix.range, false, &self.times)?;
                let ends = self.lookups(&matrix.selector, steps)?;
                let extension = match (matrix.selector.anchored, matrix.selector.smoothed) {
                    (true, _) => Extension::Anchored,
                    (_, true) => Extension::Smoothed,
                    _ => Extension::None,
                };
                let lookback_ms = self.options.lookback_ms;
                let windows =
                    WindowSpecification { ends, evaluated_at: steps, range_ms, extension, lookback_ms };
                let (after_ms, end_ms) = windows.reach();
                let bounds = (after_ms.saturating_add(1), end_ms, range_ms);
                let behind_ms = end_ms.saturating_sub(ends.at(ends.count.saturating_sub(1)));
                let reading = Reading {
                    ends: ends.earlier(behind_ms.saturating_neg()),
                    back_ms: ends.start_ms.saturating_sub(after_ms).saturating_add(behind_ms),
                };
                let read = self.read(&matrix.selector, span, bounds, reading, around)?;
                let mut source = RangeSource::Selector { read, windows, span, seen_ms: None };
                if let RangeSource::Selector { windows, seen_ms, .. } = &mut source
                    && self.at(matrix.selector.at).is_some()
                    && self.misplaced_ms != 0
                {
                    *seen_ms = Some((after_ms, end_ms));
                    windows.ends = ends.earlier(self.misplaced_ms.saturating_neg());
                }
                Ok(source)
            }
            ExprKind::Subquery(subquery) => self.subquery(expr, subquery, steps),
            _ => Err(Error::new(ErrorKind::InvalidQuery("a range vector is needed here".to_owned()), span)),
        }
    }

    fn subquery(
        &mut self,
        expr: &Expr,
        subquery: &SubqueryExpr,
        steps: StepTimes,
    ) -> Result<RangeSource, Error> {
        let span = expr.span;
        let range_ms = durations::milliseconds(&subquery.range, false, &self.times)?;
        let offset_ms = durations::milliseconds(&subquery.offset, true, &self.times)?;
        let step_ms = match &subquery.step {
            Some(step) => durations::milliseconds(step, false, &self.times)?,
            None => 0,
        };
        let step_ms = if step_ms > 0 { step_ms } else { self.options.default_subquery_step_ms.max(1) };
        let (ends, evaluated_to) = match self.at(subquery.at) {
            // The mistake moves the steps only; the windows over their values lie where they should.
            Some(time_ms) => {
                let ends = steps.fixed(time_ms).earlier(offset_ms);
                (ends, ends.earlier(self.misplaced_ms.saturating_neg()))
            }
            None => (steps.earlier(offset_ms), steps.earlier(offset_ms)),
        };
        // Steps lie on multiples of the subquery's step, after the first window's start.
        let before = evaluated_to.start_ms.saturating_sub(range_ms);
        let mut start_ms = step_ms * (before / step_ms);
        if start_ms <= before {
            start_ms = start_ms.saturating_add(step_ms);
        }
        self.counts_by_step |= ends.count > 1;
        let last_ms = evaluated_to.at(evaluated_to.count.saturating_sub(1));
        let inner = self.steps(start_ms, last_ms, step_ms, span)?;
        let (outer_step_ms, outer_buckets, outer_misplaced_ms) =
            (self.step_ms, self.buckets, self.misplaced_ms);
        (self.step_ms, self.buckets) = (step_ms, outer_buckets.under(expr));
        self.misplaced_ms = match self.at(subquery.at) {
            _ if start_ms != steps.start_ms => 0,
            Some(time_ms) => offset_ms.saturating_add(start_ms).saturating_sub(time_ms),
            None => outer_misplaced_ms.saturating_add(offset_ms),
        };
        let child = self.node(&subquery.expr, inner, &Surroundings::default());
        (self.step_ms, self.buckets) = (outer_step_ms, outer_buckets);
        self.misplaced_ms = outer_misplaced_ms;
        let child = match child {
            // What is evaluated at no step cannot fail.
            Err(Error { kind: ErrorKind::Execution(_), .. }) if inner.count == 0 => {
                self.new_node(span, inner, NodeKind::Number(0.0))
            }
            child => child?,
        };
        let child = Box::new(child);
        let windows =
            WindowSpecification { evaluated_at: steps, ..WindowSpecification::plain(ends, range_ms) };
        Ok(RangeSource::Subquery { child, windows, span })
    }
}
