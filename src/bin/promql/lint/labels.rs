//! Labels that are used although an aggregation inside drops them.

use std::collections::BTreeSet;

use promql_engine::{
    model::ValueType,
    syntax::{
        AggregateOp, BinaryOp,
        ast::{BinaryExpr, Cardinality, Expr, ExprKind, VectorMatching},
    },
};

use super::{Findings, LOST_LABEL, is_long_chain};

type Names = BTreeSet<String>;

pub(super) fn check(expr: &Expr, findings: &mut Findings) {
    match &expr.kind {
        ExprKind::Aggregate(aggregate) if !aggregate.without => {
            let Some(there) = possible(&aggregate.expr) else { return };
            for label in aggregate.grouping.iter().filter(|label| !there.contains(&***label)) {
                let message =
                    format!("{} by ({label}): what is aggregated has no label `{label}`", aggregate.op);
                findings.add(&LOST_LABEL, expr.span, message, remedy(&aggregate.expr, label));
            }
        }
        ExprKind::Call(call) => {
            let is_of_buckets = matches!(
                call.function.name,
                "histogram_quantile" | "histogram_quantiles" | "histogram_fraction"
            );
            let vector = call.args.iter().find(|arg| arg.value_type() == ValueType::Vector);
            if let Some(vector) = vector.filter(|_| is_of_buckets)
                && is_of_classic_buckets(vector)
                && possible(vector).is_some_and(|there| !there.contains("le"))
            {
                let message = format!("{}() needs the label `le` of the buckets", call.function.name);
                findings.add(&LOST_LABEL, vector.span, message, remedy(vector, "le"));
            }
        }
        ExprKind::Binary(binary) => {
            if let Some(matching) = &binary.matching {
                check_matching(binary, matching, expr, findings);
            }
        }
        _ => {}
    }
}

fn check_matching(binary: &BinaryExpr, matching: &VectorMatching, expr: &Expr, findings: &mut Findings) {
    let (left, right) = (possible(&binary.lhs), possible(&binary.rhs));
    let sides = [(&binary.lhs, &left, "left"), (&binary.rhs, &right, "right")];
    if matching.on {
        for (side, there, name) in sides {
            let Some(there) = there else { continue };
            for label in matching.labels.iter().filter(|label| !there.contains(&***label)) {
                let message = format!("on ({label}): the {name} side has no label `{label}`");
                findings.add(&LOST_LABEL, side.span, message, remedy(side, label));
            }
        }
    } else if let (Some(left), Some(right)) = (&left, &right)
        && matching.card == Cardinality::OneToOne
        && !matches!(binary.op, BinaryOp::Or | BinaryOp::Unless)
    {
        let ignored = |label: &&String| !matching.labels.iter().any(|other| **other == ***label);
        let only = |one: &Names, other: &Names| -> Vec<String> {
            one.difference(other).filter(ignored).cloned().collect()
        };
        let (only_left, only_right) = (only(left, right), only(right, left));
        if !only_left.is_empty() || !only_right.is_empty() {
            let mut parts = Vec::new();
            for (labels, side) in [(only_left, "left"), (only_right, "right")] {
                if !labels.is_empty() {
                    parts.push(format!("`{}` only on the {side}", labels.join("`, `")));
                }
            }
            let message =
                format!("`{}` matches on all labels, but there is {}", binary.op, parts.join(" and "));
            let common: Vec<&str> = left.intersection(right).map(String::as_str).collect();
            let fix = format!(
                "aggregate both sides alike, or match on ({}) with a group modifier",
                common.join(", ")
            );
            findings.add(&LOST_LABEL, expr.span, message, Some(fix));
        }
    }
    // The labels that `group_left` and `group_right` fetch come from the other side.
    let one = match matching.card {
        Cardinality::ManyToOne => Some((&binary.rhs, &right, "group_left", "right")),
        Cardinality::OneToMany => Some((&binary.lhs, &left, "group_right", "left")),
        Cardinality::OneToOne | Cardinality::ManyToMany => None,
    };
    if let Some((side, Some(there), modifier, name)) = one {
        for label in matching.include.iter().filter(|label| !there.contains(&***label)) {
            let message = format!("{modifier} ({label}): the {name} side has no label `{label}`");
            findings.add(&LOST_LABEL, side.span, message, remedy(side, label));
        }
    }
}

/// What to write so that the label stays.
fn remedy(expr: &Expr, label: &str) -> Option<String> {
    match &expr.unparenthesised().kind {
        ExprKind::Aggregate(aggregate) if aggregate.without => {
            Some(format!("take `{label}` out of: without ({})", aggregate.grouping.join(", ")))
        }
        ExprKind::Aggregate(aggregate) => {
            let mut labels: Vec<&str> = aggregate.grouping.iter().map(AsRef::as_ref).collect();
            labels.push(label);
            Some(format!("write: {} by ({})", aggregate.op, labels.join(", ")))
        }
        _ => None,
    }
}

/// Whether the names of the metrics inside say that they are buckets.
fn is_of_classic_buckets(expr: &Expr) -> bool {
    let mut pending = vec![expr];
    while let Some(expr) = pending.pop() {
        let name = match &expr.kind {
            ExprKind::VectorSelector(selector) => selector.name.as_deref(),
            ExprKind::MatrixSelector(matrix) => matrix.selector.name.as_deref(),
            _ => None,
        };
        if name.is_some_and(|name| name.ends_with("_bucket")) {
            return true;
        }
        pending.extend(expr.children());
    }
    false
}

/// The labels a vector can have at most, its name aside; `None` where that depends on the data.
fn possible(expr: &Expr) -> Option<Names> {
    if is_long_chain(expr) {
        return None;
    }
    let expr = expr.unparenthesised();
    match &expr.kind {
        ExprKind::Aggregate(aggregate) => {
            let keeps_all = matches!(
                aggregate.op,
                AggregateOp::Topk | AggregateOp::Bottomk | AggregateOp::Limitk | AggregateOp::LimitRatio
            );
            if keeps_all {
                return possible(&aggregate.expr);
            }
            let grouping = || aggregate.grouping.iter().map(|label| label.to_string());
            let mut names: Names = if aggregate.without {
                let dropped: Names = grouping().collect();
                possible(&aggregate.expr)?.difference(&dropped).cloned().collect()
            } else {
                grouping().collect()
            };
            if aggregate.op == AggregateOp::CountValues {
                match aggregate.param.as_ref().map(|param| &param.unparenthesised().kind) {
                    Some(ExprKind::String(label)) => names.insert(label.to_lossy().into_owned()),
                    _ => return None,
                };
            }
            Some(names)
        }
        ExprKind::Unary(unary) => possible(&unary.expr),
        ExprKind::Call(call) => match call.function.name {
            "vector"
            | "label_replace"
            | "label_join"
            | "info"
            | "histogram_quantiles"
            | "absent"
            | "absent_over_time" => None,
            _ => call
                .args
                .iter()
                .find(|arg| matches!(arg.value_type(), ValueType::Vector | ValueType::Matrix))
                .and_then(possible),
        },
        ExprKind::Subquery(subquery) => possible(&subquery.expr),
        ExprKind::Binary(binary) => match (&binary.matching, binary.op) {
            (None, _) if binary.lhs.value_type() == ValueType::Vector => possible(&binary.lhs),
            (None, _) => possible(&binary.rhs),
            (Some(_), BinaryOp::Or) => {
                let (left, right) = (possible(&binary.lhs)?, possible(&binary.rhs)?);
                Some(left.union(&right).cloned().collect())
            }
            (Some(_), BinaryOp::And | BinaryOp::Unless) => possible(&binary.lhs),
            (Some(matching), _) => match matching.card {
                Cardinality::OneToOne if matching.on => {
                    Some(matching.labels.iter().map(|label| label.to_string()).collect())
                }
                Cardinality::OneToOne => possible(&binary.lhs),
                Cardinality::ManyToOne => with(possible(&binary.lhs), matching),
                Cardinality::OneToMany => with(possible(&binary.rhs), matching),
                Cardinality::ManyToMany => None,
            },
        },
        _ => None,
    }
}

fn with(names: Option<Names>, matching: &VectorMatching) -> Option<Names> {
    let mut names = names?;
    names.extend(matching.include.iter().map(|label| label.to_string()));
    Some(names)
}
