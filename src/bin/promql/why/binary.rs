//! Why a binary operation gives nothing: a side is empty, a comparison holds for no value, or no series has a partner.

use promql_engine::{
    model::ValueType,
    syntax::{
        BinaryOp,
        ast::{BinaryExpr, Expr, ExprKind},
    },
};

use super::{
    Reason,
    examiner::{Examiner, Row, canonical, series},
    matching,
};

/// Finds why an operation gives nothing.
pub(super) fn examine(examiner: &mut Examiner<'_>, binary: &BinaryExpr, expr: &Expr) {
    let (left_empty, right_empty) = (examiner.is_empty(&binary.lhs), examiner.is_empty(&binary.rhs));
    match (binary.op, left_empty, right_empty) {
        (BinaryOp::Unless, true, _) => return examiner.examine(&binary.lhs),
        (BinaryOp::Unless, false, _) => {
            let count = examiner.rows(&canonical(&binary.lhs)).map_or(0, |rows| rows.len());
            let message = format!("each of the {} on the left has a partner on the right", series(count));
            return examiner.found(Reason::new("all_excluded", expr.span, message));
        }
        (_, true, true) => {
            examiner.examine(&binary.lhs);
            return examiner.examine(&binary.rhs);
        }
        (_, true, false) => return examiner.examine(&binary.lhs),
        (_, false, true) => return examiner.examine(&binary.rhs),
        (_, false, false) => {}
    }
    let vectors = [&binary.lhs, &binary.rhs].map(|side| side.value_type() == ValueType::Vector);
    if vectors == [true, true] && matching::has_no_partners(examiner, binary, expr) {
        return;
    }
    if binary.op.is_comparison() && !binary.return_bool {
        return filtered(examiner, binary, expr);
    }
    let vector = if vectors[0] { &binary.lhs } else { &binary.rhs };
    examiner.nothing_for(&format!("`{}`", binary.op), vector, expr.span);
}

/// The comparison holds for no pair.
fn filtered(examiner: &mut Examiner<'_>, binary: &BinaryExpr, expr: &Expr) {
    let mut whole = binary.clone();
    whole.return_bool = true;
    let pairs = examiner
        .rows(&canonical(&Expr { span: expr.span, kind: ExprKind::Binary(Box::new(whole)) }))
        .unwrap_or_default();
    let [left, right] =
        [&binary.lhs, &binary.rhs].map(|side| examiner.rows(&canonical(side)).unwrap_or_default());
    if pairs.iter().all(|row| row.floats.is_empty()) {
        return examiner.nothing_for(&format!("`{}`", binary.op), &binary.lhs, expr.span);
    }
    let is_scalar = |side: &Expr| side.value_type() == ValueType::Scalar;
    let text = |side: &Expr| {
        let text = canonical(side);
        if text.chars().count() > 30 { "…".to_owned() } else { text }
    };
    let (comparison, values) = match (is_scalar(&binary.lhs), is_scalar(&binary.rhs)) {
        (_, true) => {
            (format!("{} {}", binary.op, text(&binary.rhs)), format!("the values are {}", spread(&left)))
        }
        (true, _) => {
            (format!("{} {}", text(&binary.lhs), binary.op), format!("the values are {}", spread(&right)))
        }
        _ => (
            binary.op.to_string(),
            format!("on the left the values are {}, on the right {}", spread(&left), spread(&right)),
        ),
    };
    let what = if is_scalar(&binary.lhs) || is_scalar(&binary.rhs) { "series" } else { "pair" };
    let count = crate::output::count(pairs.len() as u64, what, if what == "pair" { "pairs" } else { what });
    let message = format!("`{comparison}` filters out all of the {count}: {values}");
    examiner.found(Reason::new("all_filtered", expr.span, message));
}

/// From the least to the greatest value.
fn spread(rows: &[Row]) -> String {
    let floats = || rows.iter().flat_map(|row| row.floats.iter().copied());
    let numbers = || floats().filter(|value| !value.is_nan());
    let text = promql_engine::model::number::format_api_value;
    match (numbers().reduce(f64::min), numbers().reduce(f64::max)) {
        (Some(least), Some(greatest)) if least == greatest => text(least),
        (Some(least), Some(greatest)) => {
            let nan = if floats().any(f64::is_nan) { ", and NaN" } else { "" };
            format!("from {} to {}{nan}", text(least), text(greatest))
        }
        _ if floats().next().is_some() => "NaN, for which no comparison holds".to_owned(),
        _ => "native histograms".to_owned(),
    }
}
