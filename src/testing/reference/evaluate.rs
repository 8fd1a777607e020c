//! The walk over the syntax tree: the value of each node at one step.

use crate::model::{Labels, ValueType};
use crate::storage::Storage;
use crate::syntax::ast::{
    AggregateExpr, BinaryExpr, Duration, DurationExpr, DurationExprKind, Expr, ExprKind,
};
use crate::syntax::{BinaryOp, UnaryOp};
use crate::testing::answer::Failure;

use super::Reference;
use super::aggregate::{Grouping, Parameter, aggregate};
use super::binary::{self, Names};
use super::calls::check_label_names;
use super::statistics::Wanted;
use super::value::{Sample, StepValue, Value, without_metadata};

/// How long a chain of operators the reference follows, by recursion.
const MAX_CHAIN: usize = 500;

/// One query on one store.
pub(super) struct Run<'a> {
    pub(super) options: &'a Reference,
    pub(super) store: &'a dyn Storage,
    pub(super) start_ms: i64,
    pub(super) end_ms: i64,
    pub(super) step_ms: i64,
}

/// The step that is evaluated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// The first of the steps around this one: of the query, or of the innermost subquery.
    pub(super) start_ms: i64,
    /// How far from its time a selector with `@` looks, for a mistake of Prometheus: in a subquery that happens to start where
    /// the expression around it does, the subquery's offset counts for it.
    pub(super) misplaced_ms: i64,
    /// Whether this is the parameter of an aggregation, at which Prometheus does not look beforehand: `@ start()` and
    /// `@ end()` say nothing there, and the time that another `@` names for an instant selector moves on with the steps.
    pub(super) in_parameter: bool,
    pub(super) now_ms: i64,
    /// It is the only one: some checks between nodes are left to the end then.
    pub(super) single: bool,
    /// What the nodes above want of histograms.
    pub(super) wanted: Wanted,
}

impl Step {
    /// The first step of a query.
    pub(super) fn first(start_ms: i64, single: bool) -> Self {
        let wanted = Wanted::default();
        Self { start_ms, misplaced_ms: 0, in_parameter: false, now_ms: start_ms, single, wanted }
    }
}

impl Run<'_> {
    pub(super) fn value(&self, expr: &Expr, step: Step) -> Result<StepValue, Failure> {
        let step = Step { wanted: step.wanted.below(expr), ..step };
        match &expr.kind {
            ExprKind::Number(number) => Ok(StepValue::Scalar(number.value)),
            ExprKind::String(text) => Ok(StepValue::Text(text.to_lossy().into_owned())),
            ExprKind::Paren(inner) => self.value(inner, step),
            ExprKind::Unary(unary) => {
                let value = self.value(&unary.expr, step)?;
                if unary.op == UnaryOp::Plus { Ok(value) } else { self.negate(value, step) }
            }
            ExprKind::Binary(binary) => self.binary(binary, step),
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate, step).map(StepValue::Vector),
            ExprKind::Call(call) => self.call(call, step),
            ExprKind::VectorSelector(selector) => self.instant_vector(selector, step).map(StepValue::Vector),
            ExprKind::MatrixSelector(matrix) => {
                self.windows(matrix, step)?.extended(self).map(StepValue::Windows)
            }
            ExprKind::Subquery(subquery) => Ok(StepValue::Windows(self.subquery(subquery, step)?.series)),
        }
    }

    pub(super) fn vector(&self, expr: &Expr, step: Step) -> Result<Vec<Sample>, Failure> {
        match self.value(expr, step)? {
            StepValue::Vector(samples) => Ok(samples),
            _ => Err(Failure::refused("an instant vector is needed here")),
        }
    }

    pub(super) fn scalar(&self, expr: &Expr, step: Step) -> Result<f64, Failure> {
        match self.value(expr, step)? {
            StepValue::Scalar(value) => Ok(value),
            _ => Err(Failure::refused("a scalar is needed here")),
        }
    }

    /// Drops the names of elements at once where that is not left to the end of the query.
    pub(super) fn drop_names(&self, samples: &mut [Sample]) {
        for sample in samples {
            sample.drop_name = true;
            if !self.options.delayed_name_removal {
                sample.labels = without_metadata(&sample.labels);
            }
        }
    }

    /// Refuses label sets that stand twice, where Prometheus does so between nodes.
    pub(super) fn checked(&self, samples: Vec<Sample>, step: Step) -> Result<Vec<Sample>, Failure> {
        if self.options.delayed_name_removal && step.single {
            return Ok(samples);
        }
        unique(samples)
    }

    fn negate(&self, value: StepValue, step: Step) -> Result<StepValue, Failure> {
        match value {
            StepValue::Scalar(value) => Ok(StepValue::Scalar(-value)),
            StepValue::Vector(mut samples) => {
                for sample in &mut samples {
                    sample.value = match &sample.value {
                        Value::Float(value) => Value::Float(-value),
                        Value::Histogram(histogram) => histogram.as_ref().clone().times(-1.0).into(),
                    };
                }
                self.drop_names(&mut samples);
                if self.options.delayed_name_removal {
                    return Ok(StepValue::Vector(samples));
                }
                self.checked(samples, step).map(StepValue::Vector)
            }
            _ => Err(Failure::refused("a sign stands before a scalar or an instant vector")),
        }
    }

    fn binary(&self, binary: &BinaryExpr, step: Step) -> Result<StepValue, Failure> {
        if binary.left_spine().nth(MAX_CHAIN).is_some() {
            return Err(Failure::unsupported("a chain of that many operators in the reference evaluator"));
        }
        let names = Names { delayed: self.options.delayed_name_removal };
        let (op, with_bool) = (binary.op, binary.return_bool);
        let samples = match (binary.lhs.value_type(), binary.rhs.value_type()) {
            (ValueType::Scalar, ValueType::Scalar) => {
                let (a, b) = (self.scalar(&binary.lhs, step)?, self.scalar(&binary.rhs, step)?);
                if binary::trims(op) {
                    return Err(Failure::execution(format!(
                        "operator {:?} not allowed for Scalar operations",
                        op.symbol()
                    )));
                }
                return Ok(StepValue::Scalar(binary::scalars(op, a, b)));
            }
            (ValueType::Scalar, _) => {
                let scalar = self.scalar(&binary.lhs, step)?;
                binary::with_scalar(op, self.vector(&binary.rhs, step)?, scalar, true, with_bool, names)
            }
            (_, ValueType::Scalar) => {
                let vector = self.vector(&binary.lhs, step)?;
                binary::with_scalar(op, vector, self.scalar(&binary.rhs, step)?, false, with_bool, names)
            }
            _ => {
                let (lhs, rhs) = (self.vector(&binary.lhs, step)?, self.vector(&binary.rhs, step)?);
                let matching = binary.matching.clone().unwrap_or_default();
                if op.is_set() {
                    binary::sets(op, &matching, lhs, rhs)
                } else {
                    binary::vectors(op, &matching, with_bool, lhs, rhs, names)?
                }
            }
        };
        self.checked(samples, step).map(StepValue::Vector)
    }

    fn aggregate(&self, expr: &AggregateExpr, step: Step) -> Result<Vec<Sample>, Failure> {
        let parameter = match &expr.param {
            None => Parameter::None,
            Some(param) => match self.value(param, Step { in_parameter: true, ..step })? {
                StepValue::Scalar(number) => Parameter::Number(number),
                StepValue::Text(text) => {
                    check_label_names([param])?;
                    Parameter::Text(text)
                }
                _ => return Err(Failure::refused("the parameter is a scalar or a string")),
            },
        };
        let samples = self.vector(&expr.expr, step)?;
        let grouping = Grouping { labels: &expr.grouping, without: expr.without };
        aggregate(expr.op, &parameter, grouping, samples)
    }

    /// Refuses durations that come to nothing or less, wherever they stand, before anything is evaluated.
    pub(super) fn check_durations(&self, expr: &Expr) -> Result<(), Failure> {
        match &expr.kind {
            ExprKind::VectorSelector(selector) => self.duration(&selector.offset, true).map(|_| ())?,
            ExprKind::MatrixSelector(matrix) => {
                self.duration(&matrix.selector.offset, true)?;
                self.duration(&matrix.range, false)?;
            }
            ExprKind::Subquery(subquery) => {
                self.duration(&subquery.offset, true)?;
                self.duration(&subquery.range, false)?;
                subquery.step.as_ref().map_or(Ok(0), |step| self.duration(step, false))?;
            }
            _ => {}
        }
        expr.children().into_iter().try_for_each(|child| self.check_durations(child))
    }

    /// The milliseconds of a duration, its expression computed.
    pub(super) fn duration(&self, duration: &Duration, may_be_negative: bool) -> Result<i64, Failure> {
        match duration {
            Duration::Fixed(nanoseconds) => Ok(nanoseconds / 1_000_000),
            Duration::Expression(expr) => {
                let seconds = self.duration_seconds(expr)?;
                if !seconds.is_finite() || seconds.abs() > i64::MAX as f64 / 1e9 {
                    return Err(Failure::refused("a duration is out of range"));
                }
                if seconds <= 0.0 && !may_be_negative {
                    return Err(Failure::refused("a duration must be greater than 0"));
                }
                Ok((seconds * 1000.0) as i64)
            }
        }
    }

    fn duration_seconds(&self, expr: &DurationExpr) -> Result<f64, Failure> {
        Ok(match &expr.kind {
            DurationExprKind::Number(number) => number.value,
            DurationExprKind::Step => self.step_ms as f64 / 1000.0,
            DurationExprKind::Range => (self.end_ms - self.start_ms) as f64 / 1000.0,
            DurationExprKind::MinOf(a, b) => {
                super::math::smaller(self.duration_seconds(a)?, self.duration_seconds(b)?)
            }
            DurationExprKind::MaxOf(a, b) => {
                super::math::larger(self.duration_seconds(a)?, self.duration_seconds(b)?)
            }
            DurationExprKind::Unary(UnaryOp::Minus, inner) => -self.duration_seconds(inner)?,
            DurationExprKind::Unary(UnaryOp::Plus, inner) => self.duration_seconds(inner)?,
            DurationExprKind::Binary(op, a, b) => {
                let (a, b) = (self.duration_seconds(a)?, self.duration_seconds(b)?);
                if b == 0.0 && matches!(op, BinaryOp::Div | BinaryOp::Mod) {
                    return Err(Failure::refused("a duration is divided by zero"));
                }
                binary::scalars(*op, a, b)
            }
        })
    }
}

/// The samples, unless two have the same labels.
pub(super) fn unique(samples: Vec<Sample>) -> Result<Vec<Sample>, Failure> {
    let mut seen = std::collections::BTreeSet::<&Labels>::new();
    if samples.iter().all(|sample| seen.insert(&sample.labels)) {
        Ok(samples)
    } else {
        Err(Failure::execution("vector cannot contain metrics with the same labelset"))
    }
}
