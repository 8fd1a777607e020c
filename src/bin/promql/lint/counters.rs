//! Counters without `rate`, `rate` of what is no counter, `rate` of sums.

use promql_engine::{
    storage::MetricType,
    syntax::{
        AggregateOp,
        ast::{Expr, ExprKind},
    },
};

use super::{COUNTER_WITHOUT_RATE, Findings, Knowledge, RATE_OF_GAUGE, RATE_OF_SUM, is_long_chain};
use crate::shell::inspect;

/// Functions for counters.
const OF_COUNTERS: [&str; 4] = ["rate", "irate", "increase", "resets"];

pub(super) fn check(expr: &Expr, above: &[&Expr], knowledge: &Knowledge<'_>, findings: &mut Findings) {
    match &expr.kind {
        ExprKind::Call(call) if OF_COUNTERS.contains(&call.function.name) => {
            for arg in &call.args {
                of_argument(call.function.name, arg.unparenthesised(), knowledge, findings);
            }
        }
        ExprKind::VectorSelector(selector) => {
            let Some(name) = selector.name.as_deref() else { return };
            if is_counter(name, knowledge) && is_taken_by_value(above) {
                let message =
                    format!("the value of the counter {name} says little: it counts since its process began");
                let fix = Some(format!("write: rate({name}[5m])"));
                findings.add(&COUNTER_WITHOUT_RATE, expr.span, message, fix);
            }
        }
        _ => {}
    }
}

fn of_argument(function: &str, arg: &Expr, knowledge: &Knowledge<'_>, findings: &mut Findings) {
    match &arg.kind {
        ExprKind::MatrixSelector(matrix) => {
            let Some(name) = matrix.selector.name.as_deref() else { return };
            if metric_type(name, knowledge) == Some(MetricType::Gauge) {
                let instead = if function == "increase" { "delta" } else { "deriv" };
                let message = format!(
                    "{function}() is for counters: it takes each fall of the gauge {name} for a reset"
                );
                findings.add(&RATE_OF_GAUGE, arg.span, message, Some(format!("use {instead}()")));
            }
        }
        ExprKind::Subquery(subquery) => {
            let inside = subquery.expr.unparenthesised();
            if let ExprKind::Aggregate(aggregate) = &inside.kind
                && matches!(aggregate.op, AggregateOp::Sum | AggregateOp::Avg)
                && !has_rate(&aggregate.expr)
            {
                let op = aggregate.op;
                let message = format!("{function}() of {op}(): where one counter begins anew, all seem to");
                let fix = Some(format!("the other way around: {op}({function}(…))"));
                findings.add(&RATE_OF_SUM, arg.span, message, fix);
            }
        }
        _ => {}
    }
}

/// Whether a function for counters stands inside; what it gives is none.
fn has_rate(expr: &Expr) -> bool {
    let mut pending = vec![expr];
    while let Some(expr) = pending.pop() {
        if matches!(&expr.kind, ExprKind::Call(call) if OF_COUNTERS.contains(&call.function.name)) {
            return true;
        }
        if !is_long_chain(expr) {
            pending.extend(expr.children());
        }
    }
    false
}

/// Whether what stands above a selector works with its values, so that it matters what they mean.
fn is_taken_by_value(above: &[&Expr]) -> bool {
    let for_counters = |expr: &&&Expr| matches!(&expr.kind, ExprKind::Call(call) if OF_COUNTERS.contains(&call.function.name));
    // As deep as that are only the terms of a chain, and what stands above them is operators.
    const DEEP: usize = 500;
    if above.len() > DEEP {
        return false;
    }
    if above.iter().any(|expr| for_counters(&expr)) {
        // `rate-of-sum` has said it.
        return false;
    }
    for (at, expr) in above.iter().enumerate().rev() {
        match &expr.kind {
            ExprKind::Aggregate(aggregate) => {
                return !matches!(aggregate.op, AggregateOp::Count | AggregateOp::Group);
            }
            ExprKind::Binary(binary) if binary.op.is_set() => return false,
            ExprKind::Binary(binary) if binary.op.is_comparison() => return true,
            // Differences and shares of counters are asked for on purpose, as is the age behind `time() -`.
            ExprKind::Binary(_) => return false,
            // A subquery or a function makes something else of it.
            ExprKind::Call(_) | ExprKind::Subquery(_) => return false,
            _ if at == 0 => return false,
            _ => {}
        }
    }
    false
}

fn is_counter(name: &str, knowledge: &Knowledge<'_>) -> bool {
    match metric_type(name, knowledge) {
        Some(MetricType::Counter) => true,
        Some(MetricType::Histogram) => name.ends_with("_bucket"),
        Some(_) => false,
        None => name.ends_with("_total") || name.ends_with("_bucket"),
    }
}

/// What the sources say of a metric.
fn metric_type(name: &str, knowledge: &Knowledge<'_>) -> Option<MetricType> {
    let known = inspect::family(knowledge.store?, name).ok()??;
    Some(known.metric_type).filter(|known| *known != MetricType::Unknown)
}
