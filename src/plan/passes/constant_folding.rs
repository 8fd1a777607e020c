//! Arithmetic on numbers is done once: `x > 2 * 1024 ^ 3` compares with a number.
//!
//! What the number was computed from is kept, since Prometheus holds a sample for each part of it.

use super::{Counted, Plan};
use crate::plan::{
    Node, NodeKind,
    walk::{for_each_operand, rewrite},
};

pub(super) fn run(plan: &mut Plan) -> Counted {
    let mut counted = Counted::default();
    if !plan.has_scalar_operators {
        return counted;
    }
    rewrite(&mut plan.root, &mut |node| {
        let value = match &node.kind {
            NodeKind::ScalarBinary { operator, lhs, rhs } => {
                number(lhs).zip(number(rhs)).map(|(lhs, rhs)| operator.of_scalars(lhs, rhs))
            }
            NodeKind::ScalarFunction { function, lhs, rhs, .. } => {
                number(lhs).zip(number(rhs)).map(|(lhs, rhs)| function(lhs, rhs))
            }
            NodeKind::ScalarNegate(child) => number(child).map(|value| -value),
            _ => return,
        };
        counted.place(value.is_some());
        if let Some(value) = value {
            let (span, steps) = (node.span, node.steps);
            for_each_operand(node, unfold);
            let from = Box::new(node.take());
            *node = Node::new(span, steps, from.slot, NodeKind::Folded { value, from });
        }
    });
    counted
}

/// Undoes what is part of something larger now: a long chain would become as deep as it is long.
fn unfold(node: &mut Node) {
    if let NodeKind::Folded { from, .. } = &mut node.kind {
        *node = from.take();
    }
}

/// The value of a number.
fn number(node: &Node) -> Option<f64> {
    match &node.kind {
        NodeKind::Number(value) | NodeKind::Folded { value, .. } => Some(*value),
        NodeKind::Plus(child) => number(child),
        _ => None,
    }
}
