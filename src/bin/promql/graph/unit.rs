//! What a query's values are measured in, as far as the names of its metrics tell, and numbers written so.

use promql_engine::syntax::{
    AggregateOp, BinaryOp,
    ast::{Expr, ExprKind},
};

/// What values are measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Unit {
    base: Base,
    per_second: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Base {
    #[default]
    None,
    Seconds,
    Bytes,
}

impl Unit {
    /// The unit of a query. A guess: where it is none, numbers stand alone.
    pub(crate) fn of(expr: &Expr) -> Self {
        let expr = expr.unparenthesised();
        match &expr.kind {
            ExprKind::VectorSelector(selector) => Self::of_name(selector.name.as_deref()),
            ExprKind::MatrixSelector(matrix) => Self::of_name(matrix.selector.name.as_deref()),
            ExprKind::Subquery(subquery) => Self::of(&subquery.expr),
            ExprKind::Unary(unary) => Self::of(&unary.expr),
            ExprKind::Aggregate(aggregate) => match aggregate.op {
                AggregateOp::Count | AggregateOp::Group | AggregateOp::CountValues | AggregateOp::Stdvar => {
                    Self::default()
                }
                _ => Self::of(&aggregate.expr),
            },
            ExprKind::Call(call) => {
                let all = || call.args.iter().map(Self::of).find(|unit| *unit != Self::default());
                let of_arguments = all().unwrap_or_default();
                match call.function.name {
                    "rate" | "irate" | "deriv" => Self { per_second: true, ..of_arguments },
                    // Of buckets: what was observed, not how often.
                    "histogram_quantile" | "histogram_quantiles" | "histogram_avg" | "histogram_stddev" => {
                        Self { per_second: false, ..of_arguments }
                    }
                    "timestamp" | "time" | "count_over_time" | "changes" | "resets" | "absent" | "hour"
                    | "histogram_count" | "histogram_fraction" => Self::default(),
                    _ => of_arguments,
                }
            }
            ExprKind::Binary(binary) => {
                let (left, right) = (Self::of_left(&binary.lhs), Self::of(&binary.rhs));
                let scalar = |side: &Expr| matches!(side.unparenthesised().kind, ExprKind::Number(_));
                match binary.op {
                    _ if binary.return_bool => Self::default(),
                    BinaryOp::Div if !scalar(&binary.rhs) => match (left, right) {
                        // Seconds a second over observations a second: seconds.
                        (left, right) if left.per_second == right.per_second && right.base == Base::None => {
                            Self { per_second: false, ..left }
                        }
                        _ => Self::default(),
                    },
                    BinaryOp::Mul if !scalar(&binary.rhs) && !scalar(&binary.lhs) => Self::default(),
                    BinaryOp::Pow | BinaryOp::Atan2 => Self::default(),
                    _ if left == Self::default() => right,
                    _ => left,
                }
            }
            ExprKind::Number(_) | ExprKind::String(_) | ExprKind::Paren(_) => Self::default(),
        }
    }

    /// The unit of a left operand. A long chain of operators is no nesting; its units are not looked for.
    fn of_left(expr: &Expr) -> Self {
        const LONG: usize = 50;
        match &expr.kind {
            ExprKind::Binary(binary) if binary.left_spine().nth(LONG).is_some() => Self::default(),
            _ => Self::of(expr),
        }
    }

    fn of_name(name: Option<&str>) -> Self {
        let name = name.unwrap_or_default();
        // Recording rules: the metric stands between the colons.
        let name = name.split(':').nth(1).unwrap_or(name);
        let mut stem = name;
        for suffix in ["_total", "_sum", "_bucket"] {
            stem = stem.strip_suffix(suffix).unwrap_or(stem);
        }
        let base = match stem {
            _ if name.ends_with("_count") => Base::None,
            stem if stem.ends_with("_seconds") => Base::Seconds,
            stem if stem.ends_with("_bytes") => Base::Bytes,
            _ => Base::None,
        };
        Self { base, per_second: false }
    }

    /// Of a histogram: what the bounds of its buckets are measured in.
    pub(super) fn of_bounds(self) -> Self {
        Self { per_second: false, ..self }
    }

    /// Of a histogram: what its counts are measured in.
    pub(super) fn of_counts(self) -> Self {
        Self { base: Base::None, ..self }
    }

    /// The base of the round numbers of this unit.
    pub(super) fn number_base(self) -> f64 {
        if self.base == Base::Bytes { 2.0 } else { 10.0 }
    }

    /// A number in this unit; `step` says how exact it must be.
    pub(super) fn text(self, value: f64, step: f64) -> String {
        let (scale, name) = match self.base {
            // Seconds a second are a share of time.
            Base::Seconds if !self.per_second => match value.abs().max(step.abs()) {
                small if small < 1e-3 => (1e-6, "µs"),
                small if small < 1.0 => (1e-3, "ms"),
                large if large < 600.0 => (1.0, "s"),
                large if large < 36_000.0 => (60.0, "m"),
                _ => (3600.0, "h"),
            },
            Base::Bytes => match value.abs().max(step.abs()) {
                small if small < 1024.0 => (1.0, "B"),
                small if small < 1_048_576.0 => (1024.0, "KiB"),
                large if large < 1_073_741_824.0 => (1_048_576.0, "MiB"),
                large if large < 1_099_511_627_776.0 => (1_073_741_824.0, "GiB"),
                _ => (1_099_511_627_776.0, "TiB"),
            },
            _ => match value.abs().max(step.abs()) {
                large if (1e4..1e6).contains(&large) => (1e3, "k"),
                large if (1e6..1e9).contains(&large) => (1e6, "M"),
                large if (1e9..1e15).contains(&large) => (1e9, "G"),
                _ => (1.0, ""),
            },
        };
        let per_second = match self.base {
            Base::Seconds => "",
            _ if self.per_second => "/s",
            _ => "",
        };
        if value == 0.0 {
            return "0".to_owned();
        }
        format!("{}{name}{per_second}", decimal(value / scale, step / scale))
    }
}

/// A number with as many decimals as it takes to tell it from its neighbours a step away.
fn decimal(value: f64, step: f64) -> String {
    let digits = (-step.abs().log10().floor()).clamp(-1.0, 17.0) as i64 + 1;
    if !(1e-6..1e15).contains(&value.abs()) || digits > 12 {
        return format!("{value:.2e}");
    }
    let text = format!("{value:.*}", digits.max(0) as usize);
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use promql_engine::syntax::{self, ParserOptions};

    fn unit(query: &str) -> (Base, bool) {
        let parsed = syntax::parse(query, &ParserOptions::all(), &crate::problem::functions()).expect(query);
        let unit = Unit::of(&parsed.expr);
        (unit.base, unit.per_second)
    }

    #[test]
    fn units_of_queries() {
        assert_eq!(unit("histogram_quantile(0.9, rate(x_seconds_bucket[5m]))"), (Base::Seconds, false));
        assert_eq!(unit("sum(rate(requests_total[5m]))"), (Base::None, true));
        assert_eq!(unit("rate(sent_bytes_total[5m]) * 8"), (Base::Bytes, true));
        assert_eq!(unit("rate(x_seconds_sum[5m]) / rate(x_seconds_count[5m])"), (Base::Seconds, false));
        assert_eq!(unit("free_bytes / size_bytes"), (Base::None, false));
        assert_eq!(unit("count(free_bytes)"), (Base::None, false));
        assert_eq!(unit("job:free_bytes:sum > 100"), (Base::Bytes, false));
    }

    #[test]
    fn numbers_in_units() {
        let text = |base, per_second, value, step| Unit { base, per_second }.text(value, step);
        assert_eq!(text(Base::Seconds, false, 0.25, 0.25), "250ms");
        assert_eq!(text(Base::Seconds, false, 1.5, 0.5), "1.5s");
        assert_eq!(text(Base::Bytes, true, 3.0 * 1024.0, 1024.0), "3KiB/s");
        assert_eq!(text(Base::None, true, 12.5, 2.5), "12.5/s");
        assert_eq!(text(Base::None, false, 41_300.0, 100.0), "41.3k");
        assert_eq!(text(Base::None, false, 0.0, 1.0), "0");
        assert_eq!(text(Base::None, false, 1e-9, 1e-10), "1.00e-9");
    }
}
