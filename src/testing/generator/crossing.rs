//! New queries out of parts of given ones: what people thought of, in combinations that nobody did.
//!
//! A part of a query is replaced by a part of another one of the same type; then words of the text give way to others of their kind
//! (`rate` to `delta`, `by` to `without`). Not all that comes out parses: which errors it has is a question, too.

use super::Choices;
use crate::functions;
use crate::model::ValueType;
use crate::syntax::ast::{Expr, ExprKind};
use crate::syntax::{self, FunctionSet, ParserOptions};

/// Words and the like that may stand for each other.
const KINDS: &[&[&str]] = &[
    &["rate(", "increase(", "delta(", "irate(", "idelta(", "resets(", "changes(", "deriv(", "integral("],
    &[
        "avg_over_time(",
        "sum_over_time(",
        "min_over_time(",
        "stddev_over_time(",
        "last_over_time(",
        "count_over_time(",
    ],
    &["sum", "avg", "min", "max", "count", "stddev", "stdvar", "group"],
    &["topk", "bottomk", "limitk", "quantile", "limit_ratio"],
    &[" by ", " without "],
    &[" on ", " ignoring "],
    &["group_left", "group_right"],
    &[" and ", " or ", " unless ", " + ", " - ", " * ", " / ", " % ", " ^ ", " atan2 "],
    &[" == ", " != ", " > ", " < ", " >= ", " <= ", " </ ", " >/ ", " > bool ", " == bool "],
    &[
        "histogram_count(",
        "histogram_sum(",
        "histogram_avg(",
        "abs(",
        "exp(",
        "ln(",
        "sgn(",
        "timestamp(",
        "sort(",
    ],
    &["anchored", "smoothed", "offset 1m", "offset -1m", "@ start()", "@ end()", "@ 300"],
    &["[1m]", "[5m]", "[10m]", "[1m30s]", "[7m:1m]", "[10m:]", "[step() * 2]"],
];

/// The longest query that comes out, in bytes.
const LONGEST: usize = 600;
/// The most nodes of a part.
const LARGEST_PART: usize = 25;

/// Queries to cross, and all their parts.
#[derive(Debug, Default)]
pub struct Parts {
    queries: Vec<Expr>,
    parts: Vec<Expr>,
}

impl Parts {
    /// The parts of those queries that parse.
    pub fn of<'a>(queries: impl IntoIterator<Item = &'a str>) -> Self {
        let functions = FunctionSet::new(functions::signatures().iter().copied());
        let mut parts = Self::default();
        for query in queries {
            let Ok(parsed) = syntax::parse(query, &ParserOptions::all(), &functions) else { continue };
            let mut waiting = vec![&parsed.expr];
            while let Some(part) = waiting.pop() {
                if size(part) <= LARGEST_PART {
                    parts.parts.push(part.clone());
                }
                waiting.extend(part.children());
            }
            parts.queries.push(parsed.expr);
        }
        parts
    }

    /// Whether there is nothing to cross.
    pub fn is_empty(&self) -> bool {
        self.queries.is_empty()
    }

    /// A query crossed with parts of these, and now and then of `others`; `None` where it would grow too long.
    pub fn cross(&self, choices: &mut Choices, others: &Self) -> Option<String> {
        let mut query = choices.pick(&self.queries).clone();
        for _ in 0..=choices.below(3) {
            let mut at = choices.below(size(&query));
            let part = node(&mut query, &mut at)?;
            let parts = if choices.rarely(3) { others } else { self };
            if let Some(other) = parts.of_type(choices, part.value_type()) {
                *part = other.clone();
            }
        }
        let mut text = query.to_string();
        for _ in 0..choices.below(3) {
            let kind = *choices.pick(KINDS);
            let word = *choices.pick(kind);
            let places: Vec<usize> = text.match_indices(word).map(|(place, _)| place).collect();
            if !places.is_empty() {
                let place = *choices.pick(&places);
                let other = *choices.pick(kind);
                text.replace_range(place..place + word.len(), other);
            }
        }
        (text.len() <= LONGEST).then_some(text)
    }

    fn of_type(&self, choices: &mut Choices, value_type: ValueType) -> Option<&Expr> {
        let from = choices.below(self.parts.len());
        let (before, after) = self.parts.split_at(from.min(self.parts.len()));
        after.iter().chain(before).find(|part| part.value_type() == value_type)
    }
}

/// The number of nodes.
fn size(expr: &Expr) -> usize {
    let (mut count, mut waiting) = (0, vec![expr]);
    while let Some(expr) = waiting.pop() {
        count += 1;
        waiting.extend(expr.children());
    }
    count
}

/// The node that `at` others stand before, in preorder; counts `at` down. The queries given are not deep.
fn node<'e>(expr: &'e mut Expr, at: &mut usize) -> Option<&'e mut Expr> {
    if *at == 0 {
        return Some(expr);
    }
    *at -= 1;
    let children: Vec<&mut Expr> = match &mut expr.kind {
        ExprKind::Paren(inner) => vec![inner],
        ExprKind::Unary(unary) => vec![&mut unary.expr],
        ExprKind::Binary(binary) => {
            let binary = &mut **binary;
            vec![&mut binary.lhs, &mut binary.rhs]
        }
        ExprKind::Aggregate(aggregate) => {
            let aggregate = &mut **aggregate;
            std::iter::once(&mut aggregate.expr).chain(&mut aggregate.param).collect()
        }
        ExprKind::Call(call) => call.args.iter_mut().collect(),
        ExprKind::Subquery(subquery) => vec![&mut subquery.expr],
        _ => Vec::new(),
    };
    children.into_iter().find_map(|child| node(child, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_the_same_type_change_places() {
        let parts = Parts::of(["sum(rate(a[5m]))", "max(delta(b[1m]))", "no query ("]);
        assert_eq!(parts.queries.len(), 2);
        let mut choices = Choices::from_seed(1);
        let crossed: Vec<String> = (0..200).filter_map(|_| parts.cross(&mut choices, &parts)).collect();
        assert!(crossed.iter().any(|query| query == "max(rate(a[5m]))"), "{crossed:?}");
        assert!(crossed.iter().any(|query| query.contains("max(") && query.contains("sum(")));
        let functions = FunctionSet::new(functions::signatures().iter().copied());
        let parsing = crossed.iter().filter(|q| syntax::parse(q, &ParserOptions::all(), &functions).is_ok());
        assert!(parsing.count() > 150);
    }
}
