//! A query with its time written into every selector: asked at any time, it has to give the same answer.

use crate::functions::{self, Function};
use crate::syntax::ast::{At, Expr, ExprKind};
use crate::syntax::{self, FunctionSet, ParserOptions};

/// The query with `@` of this time on every selector and subquery that has none, but not inside subqueries, which the `@`
/// pins as a whole. `None` where a function in it depends on the time itself, or where it does not parse.
pub(super) fn pinned(query: &str, time_ms: i64) -> Option<String> {
    let options = ParserOptions::all();
    let functions = FunctionSet::new(functions::signatures().iter().copied());
    let mut expr = syntax::parse(query, &options, &functions).ok()?.expr;
    let pin = |at: &mut Option<At>| {
        if !matches!(at, Some(At::Timestamp(_))) {
            *at = Some(At::Timestamp(time_ms));
        }
    };
    // A list of what is to be visited: a chain of operators is as deep as it is long.
    let mut open: Vec<&mut Expr> = vec![&mut expr];
    while let Some(next) = open.pop() {
        match &mut next.kind {
            ExprKind::Number(_) | ExprKind::String(_) => {}
            ExprKind::Paren(inner) => open.push(inner),
            ExprKind::Unary(unary) => open.push(&mut unary.expr),
            ExprKind::Binary(binary) => {
                let binary = &mut **binary;
                open.extend([&mut *binary.lhs, &mut *binary.rhs]);
            }
            ExprKind::Aggregate(aggregate) => {
                let aggregate = &mut **aggregate;
                open.push(&mut aggregate.expr);
                open.extend(&mut aggregate.param);
            }
            ExprKind::Call(call) => {
                if functions::lookup(call.function.name).is_some_and(Function::depends_on_time) {
                    return None;
                }
                open.extend(&mut call.args);
            }
            ExprKind::VectorSelector(selector) => pin(&mut selector.at),
            ExprKind::MatrixSelector(matrix) => pin(&mut matrix.selector.at),
            ExprKind::Subquery(subquery) => pin(&mut subquery.at),
        }
    }
    Some(expr.to_canonical(&options))
}

/// The times at which a pinned query is asked.
pub(super) fn other_times(time_ms: i64) -> Vec<i64> {
    if time_ms == 0 {
        return vec![-1000, 0, 1000];
    }
    vec![time_ms.saturating_mul(-10), 0, time_ms / 5, time_ms, time_ms.saturating_mul(10)]
}

/// Whether the query asks for its own range or step, and so answers otherwise as a range.
pub(super) fn knows_its_range(query: &str) -> bool {
    ["start()", "end()", "range()", "step()"].iter().any(|call| query.contains(call))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_selector_is_pinned_and_no_subquery_inside() {
        let pinned = |query| pinned(query, 60_000).unwrap_or_default();
        assert_eq!(
            pinned("sum(a) + rate(b[5m] offset 1m)"),
            "sum(a @ 60.000) + rate(b[5m] @ 60.000 offset 1m)"
        );
        assert_eq!(pinned("a @ 5 - b @ end()"), "a @ 5.000 - b @ 60.000");
        assert_eq!(pinned("max_over_time(hour(a)[1h:5m])"), "max_over_time(hour(a)[1h:5m] @ 60.000)");
        assert_eq!(pinned("topk(scalar(k), a)"), "topk(scalar(k @ 60.000), a @ 60.000)");
        assert_eq!(pinned("timestamp(a)"), "");
        assert_eq!(pinned("a +"), "");
    }

    #[test]
    fn the_range_is_known_by_name() {
        assert!(knows_its_range("x[range()]"));
        assert!(!knows_its_range("x[5m]"));
    }
}
