//! Comparisons that hold for every value or for none, and quantiles that are none.

use promql_engine::{
    model::{ValueType, number::format_float},
    syntax::{
        AggregateOp, BinaryOp, UnaryOp,
        ast::{Expr, ExprKind},
    },
};

use super::{AGGREGATED_QUANTILE, ALWAYS_TRUE, Findings, NEVER_TRUE, QUANTILE_OUT_OF_RANGE, is_long_chain};

pub(super) fn check(expr: &Expr, findings: &mut Findings) {
    match &expr.kind {
        ExprKind::Binary(binary) if binary.op.is_comparison() => {
            if binary.lhs.value_type() == ValueType::Scalar && binary.rhs.value_type() == ValueType::Scalar {
                return;
            }
            let (left, right) = (Bounds::of(&binary.lhs), Bounds::of(&binary.rhs));
            let holds = holds(binary.op, left, right);
            let (what, bounds) =
                if number(&binary.rhs).is_some() { (&binary.lhs, left) } else { (&binary.rhs, right) };
            let because = format!("the values are {bounds}");
            let span = expr.span;
            match holds {
                Some(false) => findings.add(
                    &NEVER_TRUE,
                    span,
                    format!("`{}` never holds: {because}", binary.op),
                    mend(what),
                ),
                // NaN passes no comparison but `!=`, so "always" is said only where NaN cannot be.
                Some(true) if !bounds.may_be_nan => {
                    findings.add(
                        &ALWAYS_TRUE,
                        span,
                        format!("`{}` always holds: {because}", binary.op),
                        None,
                    );
                }
                _ => {}
            }
        }
        ExprKind::Call(call) => {
            let quantile = matches!(call.function.name, "histogram_quantile" | "quantile_over_time");
            if let Some(first) = call.args.first().filter(|_| quantile) {
                out_of_range(first, findings);
            }
        }
        ExprKind::Aggregate(aggregate) => {
            if aggregate.op == AggregateOp::Quantile
                && let Some(param) = &aggregate.param
            {
                out_of_range(param, findings);
            }
            if matches!(aggregate.op, AggregateOp::Avg | AggregateOp::Sum) {
                aggregated_quantile(aggregate.op, &aggregate.expr, expr, findings);
            }
        }
        _ => {}
    }
}

fn out_of_range(param: &Expr, findings: &mut Findings) {
    if let Some(value) = number(param)
        && !(0.0..=1.0).contains(&value)
    {
        let fix = (1.0..=100.0).contains(&value).then(|| format!("write: {}", format_float(value / 100.0)));
        let message = format!("the quantile {} is not between 0 and 1", format_float(value));
        findings.add(&QUANTILE_OUT_OF_RANGE, param.span, message, fix);
    }
}

/// The mean of quantiles is a number without meaning; that of the counts behind them has one.
fn aggregated_quantile(op: AggregateOp, inside: &Expr, expr: &Expr, findings: &mut Findings) {
    match &inside.unparenthesised().kind {
        ExprKind::Call(call) if call.function.name == "histogram_quantile" => {
            let fix = Some(format!("aggregate first: histogram_quantile(…, {op} by (le, …) (…))"));
            findings.add(&AGGREGATED_QUANTILE, expr.span, format!("{op}() of quantiles"), fix);
        }
        ExprKind::VectorSelector(selector)
            if selector.matchers.iter().any(|m| &*m.name.to_lossy() == "quantile") =>
        {
            let fix = Some("take the quantile of a histogram".to_owned());
            findings.add(&AGGREGATED_QUANTILE, expr.span, format!("{op}() of a summary's quantiles"), fix);
        }
        _ => {}
    }
}

/// What is often meant where a count is compared with 0.
fn mend(counted: &Expr) -> Option<String> {
    match &counted.unparenthesised().kind {
        ExprKind::Aggregate(aggregate) if matches!(aggregate.op, AggregateOp::Count | AggregateOp::Group) => {
            Some("where nothing is there, nothing is counted: use absent(…)".to_owned())
        }
        ExprKind::Call(call) if matches!(call.function.name, "absent" | "absent_over_time") => {
            Some("where it is there, absent() gives nothing: compare nothing".to_owned())
        }
        _ => None,
    }
}

/// From where to where values can go.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bounds {
    least: f64,
    greatest: f64,
    may_be_nan: bool,
}

impl std::fmt::Display for Bounds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.least, self.greatest) {
            (least, greatest) if least == greatest => write!(f, "{}", format_float(least)),
            (least, f64::INFINITY) => write!(f, "{} or more", format_float(least)),
            (f64::NEG_INFINITY, greatest) => write!(f, "{} or less", format_float(greatest)),
            (least, greatest) => write!(f, "between {} and {}", format_float(least), format_float(greatest)),
        }
    }
}

const ANY: Bounds = Bounds { least: f64::NEG_INFINITY, greatest: f64::INFINITY, may_be_nan: true };

impl Bounds {
    const fn new(least: f64, greatest: f64) -> Self {
        Self { least, greatest, may_be_nan: false }
    }

    fn of(expr: &Expr) -> Self {
        if is_long_chain(expr) {
            return ANY;
        }
        let expr = expr.unparenthesised();
        if let Some(value) = number(expr) {
            return Self { may_be_nan: value.is_nan(), ..Self::new(value, value) };
        }
        match &expr.kind {
            ExprKind::Aggregate(aggregate) => match aggregate.op {
                AggregateOp::Count | AggregateOp::CountValues => Self::new(1.0, f64::INFINITY),
                AggregateOp::Group => Self::new(1.0, 1.0),
                AggregateOp::Min
                | AggregateOp::Max
                | AggregateOp::Avg
                | AggregateOp::Topk
                | AggregateOp::Bottomk
                | AggregateOp::Limitk
                | AggregateOp::LimitRatio => Self::of(&aggregate.expr),
                AggregateOp::Sum if Self::of(&aggregate.expr).least >= 0.0 => {
                    Self { greatest: f64::INFINITY, least: 0.0, ..Self::of(&aggregate.expr) }
                }
                AggregateOp::Stddev | AggregateOp::Stdvar => Self { least: 0.0, ..ANY },
                _ => ANY,
            },
            ExprKind::Call(call) => match call.function.name {
                "absent" | "absent_over_time" | "present_over_time" => Self::new(1.0, 1.0),
                "count_over_time" => Self::new(1.0, f64::INFINITY),
                "changes" | "resets" => Self::new(0.0, f64::INFINITY),
                "rate" | "irate" | "increase" | "abs" | "sqrt" | "exp" => Self { least: 0.0, ..ANY },
                "sgn" => Self { may_be_nan: true, ..Self::new(-1.0, 1.0) },
                "hour" => Self { may_be_nan: true, ..Self::new(0.0, 23.0) },
                "minute" => Self { may_be_nan: true, ..Self::new(0.0, 59.0) },
                "day_of_week" => Self { may_be_nan: true, ..Self::new(0.0, 6.0) },
                "day_of_month" => Self { may_be_nan: true, ..Self::new(1.0, 31.0) },
                "month" => Self { may_be_nan: true, ..Self::new(1.0, 12.0) },
                "sort" | "sort_desc" | "sort_by_label" | "sort_by_label_desc" | "label_replace"
                | "label_join" => call.args.first().map_or(ANY, Self::of),
                _ => ANY,
            },
            ExprKind::Binary(binary) if binary.return_bool => Self::new(0.0, 1.0),
            _ => ANY,
        }
    }
}

/// Whether a comparison holds for all values within these bounds, or for none; `None` where it depends.
fn holds(op: BinaryOp, left: Bounds, right: Bounds) -> Option<bool> {
    match op {
        BinaryOp::Greater => match () {
            () if left.greatest <= right.least => Some(false),
            () if left.least > right.greatest => Some(true),
            () => None,
        },
        BinaryOp::GreaterOrEqual => match () {
            () if left.greatest < right.least => Some(false),
            () if left.least >= right.greatest => Some(true),
            () => None,
        },
        BinaryOp::Less => holds(BinaryOp::Greater, right, left),
        BinaryOp::LessOrEqual => holds(BinaryOp::GreaterOrEqual, right, left),
        BinaryOp::Equal => match () {
            () if left.greatest < right.least || right.greatest < left.least => Some(false),
            () if left.least == left.greatest && left == right => Some(true),
            () => None,
        },
        BinaryOp::NotEqual => holds(BinaryOp::Equal, left, right).map(|equal| !equal),
        _ => None,
    }
}

/// The value of a number, with a sign or without.
fn number(expr: &Expr) -> Option<f64> {
    match &expr.unparenthesised().kind {
        ExprKind::Number(number) => Some(number.value),
        ExprKind::Unary(unary) => {
            let value = number(&unary.expr)?;
            Some(if unary.op == UnaryOp::Minus { -value } else { value })
        }
        _ => None,
    }
}
