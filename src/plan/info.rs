//! `info()`: which info series to read, and as of when.

use super::{
    Node, NodeKind, QueryTimes,
    build::{Planner, Surroundings, resolve_at},
    durations,
};
use crate::{
    error::{Error, ErrorKind},
    functions::StepTimes,
    model::{METRIC_NAME, MatchOperator, Matcher, MatcherError, Span, ValueType},
    syntax::ast::{At, Duration, Expr, ExprKind},
};

/// The info metric that is read where none is named.
const TARGET_INFO: &str = "target_info";

/// The time a selector looks at, relative to the step or fixed, in ms.
#[derive(Debug, Clone, Copy)]
struct Reference {
    fixed_ms: Option<i64>,
    offset_ms: i64,
}

impl Reference {
    fn same_as(&self, other: &Self) -> bool {
        match (self.fixed_ms, other.fixed_ms) {
            (Some(a), Some(b)) => a.saturating_sub(self.offset_ms) == b.saturating_sub(other.offset_ms),
            (None, None) => self.offset_ms == other.offset_ms,
            _ => false,
        }
    }
}

/// What the selectors of an expression have in common.
#[derive(Debug, Default)]
struct References {
    first: Option<Reference>,
    differ: bool,
    free: bool,
}

/// The modifiers of the subqueries around, outermost first.
type Path = Vec<(Option<i64>, i64)>;

impl References {
    /// Notes the selectors under `expr`; whether there was one.
    fn inspect(&mut self, expr: &Expr, times: &QueryTimes, path: &mut Path) -> bool {
        if !matches!(expr.value_type(), ValueType::Vector | ValueType::Matrix) {
            return false;
        }
        let mut found = false;
        match &expr.kind {
            ExprKind::VectorSelector(selector) => {
                self.meet(selector.at, &selector.offset, times, path);
                return true;
            }
            ExprKind::MatrixSelector(matrix) => {
                self.meet(matrix.selector.at, &matrix.selector.offset, times, path);
                return true;
            }
            ExprKind::Paren(inner) => found |= self.inspect(inner, times, path),
            ExprKind::Unary(unary) => found |= self.inspect(&unary.expr, times, path),
            ExprKind::Aggregate(aggregate) => found |= self.inspect(&aggregate.expr, times, path),
            ExprKind::Subquery(subquery) => {
                path.push((resolve_at(subquery.at, times), offset_ms(&subquery.offset, times)));
                found |= self.inspect(&subquery.expr, times, path);
                path.pop();
            }
            ExprKind::Binary(binary) => {
                for binary in binary.left_spine() {
                    found |= self.inspect(&binary.rhs, times, path);
                    if !matches!(binary.lhs.kind, ExprKind::Binary(_)) {
                        found |= self.inspect(&binary.lhs, times, path);
                    }
                }
            }
            ExprKind::Call(call) => {
                // The second argument of info() is no vector, only written like one.
                let arguments = if call.function.name == "info" { 1 } else { call.args.len() };
                for argument in call.args.iter().take(arguments) {
                    found |= self.inspect(argument, times, path);
                }
            }
            ExprKind::Number(_) | ExprKind::String(_) => {}
        }
        self.free |= !found;
        found
    }

    fn meet(&mut self, at: Option<At>, offset: &Duration, times: &QueryTimes, path: &Path) {
        let mut reference =
            Reference { fixed_ms: resolve_at(at, times), offset_ms: offset_ms(offset, times) };
        // Offsets of the subqueries around add up until one of them is fixed.
        for (at, offset_ms) in path.iter().rev() {
            if reference.fixed_ms.is_some() {
                break;
            }
            reference.offset_ms = reference.offset_ms.saturating_add(*offset_ms);
            reference.fixed_ms = *at;
        }
        match &self.first {
            None => self.first = Some(reference),
            Some(first) => self.differ |= !first.same_as(&reference),
        }
    }
}

fn offset_ms(offset: &Duration, times: &QueryTimes) -> i64 {
    durations::milliseconds(offset, true, times).unwrap_or(0)
}

fn common_reference(expr: &Expr, times: &QueryTimes) -> Option<Reference> {
    let mut references = References::default();
    references.inspect(expr, times, &mut Vec::new());
    references.first.filter(|_| !references.differ && !references.free)
}

/// Whether all selectors under an expression look at the same time.
pub(super) fn has_common_reference(expr: &Expr, times: &QueryTimes) -> bool {
    common_reference(expr, times).is_some()
}

/// The matchers on the info metrics' names: those written, `.+_info` where all of them only exclude, or `target_info`.
fn name_matchers(written: Vec<Matcher>) -> Result<Vec<Matcher>, MatcherError> {
    let positive = |m: &Matcher| matches!(m.operator(), MatchOperator::Equal | MatchOperator::Regex);
    if written.iter().any(positive) {
        return Ok(written);
    }
    let implied = if written.is_empty() {
        Matcher::new(METRIC_NAME, MatchOperator::Equal, TARGET_INFO)?
    } else {
        Matcher::new(METRIC_NAME, MatchOperator::Regex, ".+_info")?
    };
    Ok(std::iter::once(implied).chain(written).collect())
}

impl Planner {
    /// Plans `info(v, selector?)`.
    pub(super) fn info(
        &mut self,
        arguments: &[Expr],
        span: Span,
        steps: StepTimes,
    ) -> Result<NodeKind, Error> {
        let refuse = |message: String| Error::new(ErrorKind::InvalidQuery(message), span);
        let Some(input) = arguments.first().map(Expr::unparenthesised) else {
            return Err(refuse("an argument is missing".to_owned()));
        };
        let written = match arguments.get(1).map(|argument| &argument.unparenthesised().kind) {
            Some(ExprKind::VectorSelector(selector)) => {
                selector.compile_matchers().map_err(|error| refuse(error.to_string()))?
            }
            Some(_) => return Err(refuse("the second argument of info() must be a selector".to_owned())),
            None => Vec::new(),
        };
        let (names, data): (Vec<_>, Vec<_>) = written.into_iter().partition(|m| m.name() == METRIC_NAME);
        let names = name_matchers(names).map_err(|error| refuse(error.to_string()))?;
        let lookups = match common_reference(input, &self.times) {
            Some(Reference { fixed_ms: Some(time_ms), offset_ms }) => steps.fixed(time_ms).earlier(offset_ms),
            Some(Reference { fixed_ms: None, offset_ms }) => steps.earlier(offset_ms),
            None => steps,
        };
        let around = Surroundings { function: Some("info"), ..Surroundings::default() };
        let child: Box<Node> = Box::new(self.node(input, steps, &around)?);
        let matchers = data.iter().chain(&names).cloned().collect();
        let selector = self.info_selector(matchers, lookups, &around);
        let infos = self.next_slot();
        Ok(NodeKind::Info { child, selector, infos, names, data })
    }
}
