//! Duration expressions: `5m + step()` to milliseconds.

use super::build::QueryTimes;
use crate::model::elementary;
use crate::{
    error::{Error, ErrorKind},
    model::Span,
    syntax::Visitor,
    syntax::ast::{Duration, DurationExpr, DurationExprKind, Expr, ExprKind},
    syntax::ops::{BinaryOp, UnaryOp},
};

/// Seconds that fit an i64 of nanoseconds: the bound of Prometheus' durations.
const LARGEST_SECONDS: f64 = 9_223_372_036.854_776;

fn refused(message: &str, span: Span) -> Error {
    Error::new(ErrorKind::InvalidQuery(message.to_owned()), span)
}

/// The duration in milliseconds.
pub(super) fn milliseconds(
    duration: &Duration,
    may_be_negative: bool,
    times: &QueryTimes,
) -> Result<i64, Error> {
    match duration {
        Duration::Fixed(nanoseconds) => Ok(nanoseconds / 1_000_000),
        Duration::Expression(expression) => {
            let seconds = seconds(expression, times)?;
            if !seconds.is_finite() {
                return Err(refused("the duration is NaN or infinite", expression.span));
            }
            if seconds <= 0.0 && !may_be_negative {
                return Err(refused("the duration must be greater than 0", expression.span));
            }
            if seconds.abs() > LARGEST_SECONDS {
                return Err(refused("the duration is out of range", expression.span));
            }
            Ok((seconds * 1000.0) as i64)
        }
    }
}

/// Refuses durations that come to nothing or less, wherever they stand: that comes before all else that can be wrong with a
/// query.
pub(super) fn check(expr: &Expr, times: &QueryTimes) -> Result<(), Error> {
    struct Check<'t>(&'t QueryTimes, Result<(), Error>);
    impl Visitor for Check<'_> {
        fn enter(&mut self, expr: &Expr) -> bool {
            let checks: [Option<(&Duration, bool)>; 3] = match &expr.kind {
                ExprKind::VectorSelector(selector) => [Some((&selector.offset, true)), None, None],
                ExprKind::MatrixSelector(matrix) => {
                    [Some((&matrix.range, false)), Some((&matrix.selector.offset, true)), None]
                }
                ExprKind::Subquery(subquery) => {
                    let step = subquery.step.as_ref().map(|step| (step, false));
                    [step, Some((&subquery.range, false)), Some((&subquery.offset, true))]
                }
                _ => [None; 3],
            };
            for (duration, may_be_negative) in checks.into_iter().flatten() {
                if self.1.is_ok() {
                    self.1 = milliseconds(duration, may_be_negative, self.0).map(|_| ());
                }
            }
            self.1.is_ok()
        }
    }
    let mut check = Check(times, Ok(()));
    expr.visit(&mut check);
    check.1
}

fn seconds(expression: &DurationExpr, times: &QueryTimes) -> Result<f64, Error> {
    Ok(match &expression.kind {
        DurationExprKind::Number(number) => number.value,
        DurationExprKind::Step => times.step_ms as f64 / 1000.0,
        DurationExprKind::Range => (times.end_ms - times.start_ms) as f64 / 1000.0,
        DurationExprKind::MinOf(a, b) => go_min(seconds(a, times)?, seconds(b, times)?),
        DurationExprKind::MaxOf(a, b) => -go_min(-seconds(a, times)?, -seconds(b, times)?),
        DurationExprKind::Unary(UnaryOp::Plus, inner) => seconds(inner, times)?,
        DurationExprKind::Unary(UnaryOp::Minus, inner) => -seconds(inner, times)?,
        DurationExprKind::Binary(op, a, b) => {
            let (a, b) = (seconds(a, times)?, seconds(b, times)?);
            match op {
                BinaryOp::Add => a + b,
                BinaryOp::Sub => a - b,
                BinaryOp::Mul => a * b,
                BinaryOp::Div if b == 0.0 => return Err(refused("division by zero", expression.span)),
                BinaryOp::Div => a / b,
                BinaryOp::Mod if b == 0.0 => return Err(refused("modulo by zero", expression.span)),
                BinaryOp::Mod => a % b,
                BinaryOp::Pow => elementary::pow(a, b),
                _ => return Err(refused("this operator does not combine durations", expression.span)),
            }
        }
    })
}

/// The smaller of two numbers; NaN where one is, as Go's `math.Min`.
fn go_min(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.min(b) }
}
