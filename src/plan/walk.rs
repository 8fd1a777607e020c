//! Ways through a plan: down to look at it, up from the leaves to rewrite it.
//!
//! A chain of binary operators may be as deep as a query is long: whoever walks goes down its left side in a loop. All other
//! nesting is bounded by the parser.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{AggregateKind, Node, NodeKind, Plan, RangeSource};

/// The operands of an operator, in the order written where there is one, borrowed in either way.
macro_rules! operands {
    ($kind:expr, $iter:ident, $($mutable:tt)?) => {{
        use NodeKind as K;
        let mut all: Vec<&$($mutable)? Node> = Vec::new();
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
            | K::Info { child, .. } => all.push(child),
            K::ScalarBinary { lhs, rhs, .. }
            | K::ScalarFunction { lhs, rhs, .. }
            | K::VectorBinary { lhs, rhs, .. }
            | K::Set { lhs, rhs, .. } => all.extend([lhs, rhs].map(|operand| &$($mutable)? **operand)),
            K::VectorScalar { vector, scalar, swapped: false, .. } => {
                all.extend([vector, scalar].map(|operand| &$($mutable)? **operand));
            }
            K::VectorScalar { vector, scalar, swapped: true, .. } => {
                all.extend([scalar, vector].map(|operand| &$($mutable)? **operand));
            }
            K::Elementwise { child, parameters, .. } => {
                all.push(child);
                all.extend(parameters.$iter());
            }
            K::Aggregate { kind, child, .. } => {
                all.push(child);
                match kind {
                    AggregateKind::Quantile(k)
                    | AggregateKind::Top { k, .. }
                    | AggregateKind::Limit { k }
                    | AggregateKind::LimitRatio { ratio: k } => all.push(k),
                    AggregateKind::Fold(_) | AggregateKind::CountValues { .. } => {}
                }
            }
            K::Range(call) | K::AbsentOverTime { call, .. } => {
                if let RangeSource::Subquery { child, .. } = &$($mutable)? call.source {
                    all.push(child);
                }
                all.extend(call.parameters.$iter());
            }
            K::RangeVector(source) => {
                if let RangeSource::Subquery { child, .. } = &$($mutable)? **source {
                    all.push(child);
                }
            }
            K::HistogramQuantiles { quantiles, child, .. } => {
                all.push(child);
                all.extend(quantiles.$iter());
            }
            K::HistogramFraction { lower, upper, child } => {
                all.extend([child, lower, upper].map(|operand| &$($mutable)? **operand));
            }
        }
        all
    }};
}

/// The operands of an operator.
pub(super) fn operands(node: &Node) -> Vec<&Node> {
    match &node.kind {
        NodeKind::Shared(shared) => vec![shared],
        NodeKind::OneOf { folds, .. } => vec![&folds.child],
        kind => operands!(kind, iter,),
    }
}

/// The operands of an operator, to be changed.
pub(super) fn operands_mut(node: &mut Node) -> Vec<&mut Node> {
    operands!(&mut node.kind, iter_mut, mut)
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
    operands_mut(&mut bottom).into_iter().for_each(|operand| rewrite(operand, change));
    change(&mut bottom);
    while let Some(mut parent) = above.pop() {
        if let Some(left) = parent.left_mut() {
            *left = bottom;
        }
        let right = operands_mut(&mut parent).into_iter().skip(1);
        right.for_each(|operand| rewrite(operand, change));
        change(&mut parent);
        bottom = parent;
    }
    *node = bottom;
}
