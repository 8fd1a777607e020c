//! What only the sources can tell: whether there are such series, and how far their samples lie apart.

use promql_engine::{
    storage::SelectRequest,
    syntax::ast::{Expr, ExprKind},
};

use super::{Findings, Knowledge, NO_SERIES, SHORT_RANGE};
use crate::{
    times,
    why::{OF_TWO_SAMPLES, scrape_interval},
};

pub(super) fn check(expr: &Expr, above: &[&Expr], knowledge: &Knowledge<'_>, findings: &mut Findings) {
    let selector = match &expr.kind {
        ExprKind::VectorSelector(selector) => selector,
        ExprKind::MatrixSelector(matrix) => &matrix.selector,
        _ => return,
    };
    let around = above.iter().rev().find(|expr| !matches!(expr.kind, ExprKind::Paren(_)));
    let function = match around.map(|expr| &expr.kind) {
        Some(ExprKind::Call(call)) => call.function.name,
        _ => "",
    };
    if let Some(store) = knowledge.store
        && !matches!(function, "absent" | "absent_over_time")
        && let Ok(matchers) = selector.compile_matchers()
        && let Ok(found) = store.series(&SelectRequest::new(matchers, i64::MIN, i64::MAX))
        && found.is_empty()
    {
        return findings.add(&NO_SERIES, expr.span, "the sources have no such series", None);
    }
    if let ExprKind::MatrixSelector(matrix) = &expr.kind
        && OF_TWO_SAMPLES.contains(&function)
        && let Some(range_ms) = matrix.range.milliseconds()
    {
        let of_data = || knowledge.store.and_then(|store| scrape_interval(store, matrix));
        let Some(interval_ms) = knowledge.interval_ms.or_else(of_data) else { return };
        if range_ms < interval_ms.saturating_mul(2) {
            let message = format!(
                "{function}() needs two samples, and they are {} apart: in {} there is not always more than one",
                times::duration(interval_ms),
                times::duration(range_ms)
            );
            let fix = format!(
                "at least [{}], better [{}]",
                times::duration(2 * interval_ms),
                times::duration(4 * interval_ms)
            );
            findings.add(&SHORT_RANGE, expr.span, message, Some(fix));
        }
    }
}
