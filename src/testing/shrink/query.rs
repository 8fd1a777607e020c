//! Simpler forms of an expression: a child in a node's place, or a node without one of its trimmings.

use crate::syntax::ast::{AggregateExpr, BinaryExpr, Call};
use crate::syntax::ast::{Duration, Expr, ExprKind, VectorMatching, VectorSelector};

/// All expressions that are one simplification away.
pub(super) fn variants(expr: &Expr) -> Vec<Expr> {
    let with = |kind: ExprKind| Expr { span: expr.span, kind };
    let value_type = expr.value_type();
    let mut out: Vec<Expr> =
        expr.children().into_iter().filter(|child| child.value_type() == value_type).cloned().collect();
    out.extend(own(expr).into_iter().map(with));
    for (index, child) in expr.children().into_iter().enumerate() {
        for variant in variants(child) {
            let mut whole = expr.clone();
            if let Some(slot) = children_mut(&mut whole).into_iter().nth(index) {
                *slot = variant;
                out.push(whole);
            }
        }
    }
    out
}

fn children_mut(expr: &mut Expr) -> Vec<&mut Expr> {
    match &mut expr.kind {
        ExprKind::Number(_)
        | ExprKind::String(_)
        | ExprKind::VectorSelector(_)
        | ExprKind::MatrixSelector(_) => Vec::new(),
        ExprKind::Paren(inner) => vec![inner],
        ExprKind::Unary(unary) => vec![&mut unary.expr],
        ExprKind::Binary(binary) => {
            let BinaryExpr { lhs, rhs, .. } = binary.as_mut();
            vec![lhs, rhs]
        }
        ExprKind::Aggregate(aggregate) => {
            let AggregateExpr { expr, param, .. } = aggregate.as_mut();
            std::iter::once(expr).chain(param).collect()
        }
        ExprKind::Call(call) => call.args.iter_mut().collect(),
        ExprKind::Subquery(subquery) => vec![&mut subquery.expr],
    }
}

/// The node's own simplifications, its children left alone; kinds of the same type.
fn own(expr: &Expr) -> Vec<ExprKind> {
    match &expr.kind {
        ExprKind::Number(_) | ExprKind::String(_) | ExprKind::Paren(_) | ExprKind::Unary(_) => Vec::new(),
        ExprKind::Binary(binary) => matchings(binary.matching.as_ref())
            .into_iter()
            .map(|matching| {
                let mut binary = binary.clone();
                binary.matching = Some(matching);
                ExprKind::Binary(binary)
            })
            .chain(binary.return_bool.then(|| {
                let mut binary = binary.clone();
                binary.return_bool = false;
                ExprKind::Binary(binary)
            }))
            .collect(),
        ExprKind::Aggregate(aggregate) => {
            let mut plain = aggregate.clone();
            plain.grouping.clear();
            let mut by = plain.clone();
            by.without = false;
            vec![ExprKind::Aggregate(plain), ExprKind::Aggregate(by)]
        }
        ExprKind::Call(call) => selectors_of(call),
        ExprKind::VectorSelector(selector) => plainer(selector)
            .into_iter()
            .map(|selector| ExprKind::VectorSelector(Box::new(selector)))
            .collect(),
        ExprKind::MatrixSelector(matrix) => plainer(&matrix.selector)
            .into_iter()
            .map(|selector| {
                let mut matrix = matrix.clone();
                matrix.selector = selector;
                ExprKind::MatrixSelector(matrix)
            })
            .collect(),
        ExprKind::Subquery(subquery) => {
            let (mut at, mut offset) = (subquery.clone(), subquery.clone());
            at.at = None;
            offset.offset = Duration::ZERO;
            vec![ExprKind::Subquery(at), ExprKind::Subquery(offset)]
        }
    }
}

/// The instant vectors within a call's range vectors.
fn selectors_of(call: &Call) -> Vec<ExprKind> {
    let inner = call.args.iter().filter_map(|arg| match &arg.kind {
        ExprKind::MatrixSelector(matrix) => Some(ExprKind::VectorSelector(Box::new(matrix.selector.clone()))),
        ExprKind::Subquery(subquery) => Some(subquery.expr.kind.clone()),
        _ => None,
    });
    inner.collect()
}

fn matchings(matching: Option<&VectorMatching>) -> Vec<VectorMatching> {
    let Some(matching) = matching else { return Vec::new() };
    let mut out = vec![
        VectorMatching { fill_lhs: None, fill_rhs: None, ..matching.clone() },
        VectorMatching { include: Vec::new(), ..matching.clone() },
    ];
    for (index, _) in matching.labels.iter().enumerate() {
        let mut fewer = matching.clone();
        fewer.labels.remove(index);
        out.push(fewer);
    }
    out
}

fn plainer(selector: &VectorSelector) -> Vec<VectorSelector> {
    let mut out = vec![
        VectorSelector { offset: Duration::ZERO, ..selector.clone() },
        VectorSelector { at: None, ..selector.clone() },
        VectorSelector { anchored: false, smoothed: false, ..selector.clone() },
    ];
    for (index, _) in selector.matchers.iter().enumerate() {
        let mut fewer = selector.clone();
        fewer.matchers.remove(index);
        out.push(fewer);
    }
    out
}
