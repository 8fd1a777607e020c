//! Ways through a plan: down to look at it, up from the leaves to rewrite it.
//!
//! A chain of binary operators may be as deep as a query is long: whoever walks goes down its left side in a loop. All other
//! nesting is bounded by the parser.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{AggregateKind, Node, NodeKind, Plan, RangeSource};

/// Lets `$visit` see the operands of an operator, in the order written where there is one, borrowed in either way.
macro_rules! visit_operands {
    ($kind:expr, $visit:ident, $iter:ident, $($mutable:tt)?) => {{
        use NodeKind as K;
        match $kind {
            K::Number(_) | K::Text(_) | K::Time | K::Select(_) => {}
            // What stands behind these has no part in the operator above, or is not its own.
            K::Folded { .. } | K::Shared(_) | K::OneOf { .. } => {}
            K::ScalarOf(child)
            | K::ScalarNegate(child)
            | K::Invariant(child)
            | K::VectorOf(child)
            | K::Calendar { child, .. }
            | K::Timestamp { child, .. }
            | K::Negate(child)
            | K::Plus(child)
            | K::LabelReplace { child, .. }
            | K::LabelJoin { child, .. }
            | K::Sort { child, .. }
            | K::SortByLabel { child, .. }
            | K::Absent { child, .. }
            | K::HistogramStatistic { child, .. }
            | K::Info { child, .. } => $visit(child),
            K::ScalarBinary { lhs, rhs, .. }
            | K::ScalarFunction { lhs, rhs, .. }
            | K::VectorBinary { lhs, rhs, .. }
            | K::Set { lhs, rhs, .. }
            | K::VectorScalar { vector: lhs, scalar: rhs, swapped: false, .. }
            | K::VectorScalar { scalar: lhs, vector: rhs, swapped: true, .. } => {
                $visit(lhs);
                $visit(rhs);
            }
            K::Elementwise { child, parameters, .. } => {
                $visit(child);
                parameters.$iter().for_each($visit);
            }
            K::Aggregate { kind, child, .. } => {
                $visit(child);
                match kind {
                    AggregateKind::Quantile(k)
                    | AggregateKind::Top { k, .. }
                    | AggregateKind::Limit { k }
                    | AggregateKind::LimitRatio { ratio: k } => $visit(k),
                    AggregateKind::Fold(_) | AggregateKind::CountValues { .. } => {}
                }
            }
            K::Range(call) | K::AbsentOverTime { call, .. } => {
                if let RangeSource::Subquery { child, .. } = &$($mutable)? call.source {
                    $visit(child);
                }
                call.parameters.$iter().for_each($visit);
            }
            K::RangeVector(source) => {
                if let RangeSource::Subquery { child, .. } = &$($mutable)? **source {
                    $visit(child);
                }
            }
            K::HistogramQuantiles { quantiles, child, .. } => {
                $visit(child);
                quantiles.$iter().for_each($visit);
            }
            K::HistogramFraction { lower, upper, child } => {
                $visit(child);
                $visit(lower);
                $visit(upper);
            }
        }
    }};
}

/// The operands of an operator.
pub(super) fn operands<'n>(node: &'n Node) -> Vec<&'n Node> {
    let mut all = Vec::new();
    let mut visit = |operand: &'n Node| all.push(operand);
    match &node.kind {
        NodeKind::Shared(shared) => visit(shared),
        NodeKind::OneOf { folds, .. } => visit(&folds.child),
        kind => visit_operands!(kind, visit, iter,),
    }
    all
}

/// What stands in the place of the vector of an operator that works on each series by itself, borrowed in either way.
macro_rules! series_below {
    ($kind:expr) => {
        match $kind {
            NodeKind::Plus(child)
            | NodeKind::Negate(child)
            | NodeKind::Invariant(child)
            | NodeKind::Elementwise { child, .. }
            | NodeKind::Calendar { child, .. }
            | NodeKind::Timestamp { child, .. }
            | NodeKind::VectorScalar { vector: child, .. } => Some(child),
            _ => None,
        }
    };
}

/// The vector below an operator that works on each series by itself and lets its labels be, but for the metric's name.
pub(super) fn series_below(node: &Node) -> Option<&Node> {
    series_below!(&node.kind).map(|child| &**child)
}

/// The same, to be changed.
pub(super) fn series_below_mut(node: &mut Node) -> Option<&mut Node> {
    series_below!(&mut node.kind).map(|child| &mut **child)
}

/// Lets `visit` change the operands of an operator.
pub(super) fn for_each_operand(node: &mut Node, mut visit: impl FnMut(&mut Node)) {
    visit_operands!(&mut node.kind, visit, iter_mut, mut)
}

/// All nodes but plain numbers and texts, each before its operands, with its depth; what is evaluated once for several places at each of
/// them.
pub(crate) fn walk_everywhere(plan: &Plan) -> impl Iterator<Item = (usize, &Node)> {
    walk_where(plan, |_| true)
}

/// The same, with what is evaluated once at the first of its places.
pub(crate) fn walk(plan: &Plan) -> impl Iterator<Item = (usize, &Node)> {
    let mut met = FxHashSet::default();
    walk_where(plan, move |node| match &node.kind {
        NodeKind::Shared(shared) => met.insert(Arc::as_ptr(shared).cast::<()>()),
        NodeKind::OneOf { folds, .. } => met.insert(Arc::as_ptr(folds).cast()),
        _ => true,
    })
}

fn walk_where(plan: &Plan, mut enters: impl FnMut(&Node) -> bool) -> impl Iterator<Item = (usize, &Node)> {
    let mut pending = vec![(0, &plan.root)];
    std::iter::from_fn(move || {
        let (depth, node) = pending.pop()?;
        if enters(node) {
            let shown = operands(node).into_iter().rev().filter(|operand| !operand.kind.is_literal());
            pending.extend(shown.map(|operand| (depth + 1, operand)));
        }
        Some((depth, node))
    })
}

/// Lets `change` see each node under `node` and at last itself, after its operands.
pub(super) fn rewrite(node: &mut Node, change: &mut dyn FnMut(&mut Node)) {
    let mut above: Vec<Node> = Vec::new();
    let mut bottom = node.take();
    while let Some(left) = bottom.take_left() {
        above.push(std::mem::replace(&mut bottom, left));
    }
    for_each_operand(&mut bottom, |operand| rewrite(operand, change));
    change(&mut bottom);
    while let Some(mut parent) = above.pop() {
        if let Some(left) = parent.left_mut() {
            *left = bottom;
        }
        let mut is_left = true;
        for_each_operand(&mut parent, |operand| {
            if !std::mem::replace(&mut is_left, false) {
                rewrite(operand, change);
            }
        });
        change(&mut parent);
        bottom = parent;
    }
    *node = bottom;
}
