//! Which parts of a query are the same at every step.
//!
//! A part is step-invariant where all its selectors have `@` and no function in it looks at the time of evaluation. The
//! topmost such parts are evaluated once; where they stand decides what counts as a duplicate, so this follows Prometheus.

use rustc_hash::FxHashSet;

use super::{QueryTimes, info::has_common_reference};
use crate::syntax::ast::{Call, Expr, ExprKind, SubqueryExpr, VectorSelector};

/// Functions whose result depends on the time of evaluation, whatever their arguments.
const TIME_DEPENDENT: &[&str] = &[
    "days_in_month",
    "day_of_month",
    "day_of_week",
    "day_of_year",
    "hour",
    "minute",
    "month",
    "year",
    "predict_linear",
    "time",
    "timestamp",
];

/// Functions that stand for a number known before evaluation.
const NUMBERS: &[&str] = &["start", "end", "range", "step"];

/// The step-invariant parts of one syntax tree that are worth evaluating once, by identity.
#[derive(Debug)]
pub(super) struct Invariance {
    times: QueryTimes,
    wrapped: FxHashSet<*const Expr>,
}

impl Invariance {
    /// Examines a tree.
    pub(super) fn of(expr: &Expr, times: &QueryTimes) -> Self {
        let mut invariance = Self { times: *times, wrapped: FxHashSet::default() };
        let (_, wrap) = invariance.examine(expr);
        if wrap {
            invariance.wrapped.insert(expr);
        }
        invariance
    }

    /// Whether this very node is to be evaluated once.
    pub(super) fn is_wrapped(&self, expr: &Expr) -> bool {
        self.wrapped.contains(&std::ptr::from_ref(expr))
    }

    fn wrap(&mut self, expr: &Expr, wrap: bool) {
        if wrap {
            self.wrapped.insert(expr);
        }
    }

    /// Whether the node is invariant, and whether wrapping it brings anything.
    fn examine(&mut self, expr: &Expr) -> (bool, bool) {
        match &expr.kind {
            ExprKind::Number(_) | ExprKind::String(_) => (true, false),
            ExprKind::Paren(inner) => self.examine(inner),
            ExprKind::Unary(unary) => self.examine(&unary.expr),
            ExprKind::Aggregate(aggregate) => {
                // Prometheus looks at the input only; a parameter that varies is seen once too.
                self.examine(aggregate.expr.unparenthesised())
            }
            ExprKind::VectorSelector(selector) => (fixed(selector), fixed(selector)),
            ExprKind::MatrixSelector(matrix) => (fixed(&matrix.selector), false),
            ExprKind::Subquery(subquery) => self.examine_subquery(subquery),
            ExprKind::Binary(binary) => {
                let spine: Vec<_> = binary.left_spine().collect();
                let mut left = match spine.last() {
                    Some(innermost) => self.examine(&innermost.lhs),
                    None => return (false, false),
                };
                for binary in spine.into_iter().rev() {
                    let right = self.examine(&binary.rhs);
                    if left.0 && right.0 {
                        left = (true, true);
                    } else {
                        self.wrap(&binary.lhs, left.1);
                        self.wrap(&binary.rhs, right.1);
                        left = (false, false);
                    }
                }
                left
            }
            ExprKind::Call(call) if NUMBERS.contains(&call.function.name) => (true, false),
            ExprKind::Call(call) => {
                let mut invariant = !TIME_DEPENDENT.contains(&call.function.name);
                let mut timestamps_of_fixed = call.function.name == "timestamp";
                let mut wraps = Vec::with_capacity(call.args.len());
                if call.function.name == "info" {
                    return self.examine_info(call);
                }
                for argument in &call.args {
                    let argument = argument.unparenthesised();
                    let (argument_invariant, wrap) = self.examine(argument);
                    wraps.push(wrap);
                    invariant &= argument_invariant;
                    timestamps_of_fixed &=
                        argument_invariant && matches!(argument.kind, ExprKind::VectorSelector(_));
                }
                if invariant || timestamps_of_fixed {
                    return (true, true);
                }
                for (argument, wrap) in call.args.iter().zip(wraps) {
                    self.wrap(argument.unparenthesised(), wrap);
                }
                (false, false)
            }
        }
    }

    /// The second argument is no vector and is not evaluated; the first must look at one time for the info series to do so.
    fn examine_info(&mut self, call: &Call) -> (bool, bool) {
        let Some(input) = call.args.first().map(Expr::unparenthesised) else { return (false, false) };
        let (invariant, wrap) = self.examine(input);
        if invariant && has_common_reference(input, &self.times) {
            return (true, true);
        }
        self.wrap(input, wrap);
        (false, false)
    }

    fn examine_subquery(&mut self, subquery: &SubqueryExpr) -> (bool, bool) {
        let (invariant, _) = self.examine(&subquery.expr);
        self.wrap(&subquery.expr, invariant);
        (subquery.at.is_some(), false)
    }
}

fn fixed(selector: &VectorSelector) -> bool {
    selector.at.is_some()
}
