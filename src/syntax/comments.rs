//! Where the comments of a query go when it is laid out anew.
//!
//! A comment belongs to the expression it stands before, or, on the line that an expression ends on, behind that one. What
//! stands inside a selector goes before it: matchers are sorted, and a comment between two of them has no place of its own.
//! Operands keep their order however a query is laid out, so that comments keep theirs.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::ast::{Expr, ExprKind};
use crate::model::Span;

/// Where a comment goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'a> {
    /// On a line of its own before the line that this expression begins.
    Before(&'a Expr),
    /// At the end of the line that this expression ends on.
    After(&'a Expr),
    /// On a line of its own before the parenthesis that closes this expression.
    Inside(&'a Expr),
    /// On a line of its own behind the query.
    End,
}

/// The comments that are still to be printed, in order.
#[derive(Default)]
pub(super) struct Comments<'a> {
    waiting: VecDeque<(Place<'a>, &'a str)>,
    /// The numbers of each expression and of the last one inside it, parents before children; by address.
    numbers: FxHashMap<*const Expr, (usize, usize)>,
}

impl<'a> Comments<'a> {
    /// Finds places for the comments of a query with this text and tree.
    pub(super) fn new(input: &'a str, root: &'a Expr, spans: &[Span]) -> Self {
        let mut comments = Self::default();
        if spans.is_empty() {
            return comments;
        }
        comments.number(root);
        for span in spans {
            let (start, end) = (span.start as usize, span.end as usize);
            let text = input.get(start..end).unwrap_or_default().trim_end();
            comments.waiting.push_back((place(input, root, start), text));
        }
        comments
    }

    /// Numbers all expressions; down the left side in a loop, because it may be of any length.
    fn number(&mut self, expr: &Expr) {
        let mut spine = Vec::new();
        let mut next = expr;
        loop {
            spine.push((next, self.numbers.len()));
            self.numbers.insert(next, (self.numbers.len(), 0));
            match &next.kind {
                ExprKind::Binary(binary) => next = &binary.lhs,
                _ => break,
            }
        }
        for (expr, number) in spine.into_iter().rev() {
            match &expr.kind {
                ExprKind::Binary(binary) => self.number(&binary.rhs),
                ExprKind::Unary(unary) => self.number(&unary.expr),
                ExprKind::Subquery(subquery) => self.number(&subquery.expr),
                _ => children(expr).into_iter().for_each(|child| self.number(child)),
            }
            self.numbers.insert(expr, (number, self.numbers.len() - 1));
        }
    }

    /// Whether the next comment stands inside the expression, which so cannot stand on one line.
    pub(super) fn any_inside(&self, expr: &Expr) -> bool {
        let Some((place, _)) = self.waiting.front() else { return false };
        let number = |expr: &Expr| self.numbers.get(&std::ptr::from_ref(expr)).copied().unwrap_or_default();
        let (first, last) = number(expr);
        match place {
            Place::Inside(inner) => (first..=last).contains(&number(inner).0),
            // What stands before or behind the whole expression is not inside.
            Place::Before(inner) | Place::After(inner) => (first + 1..=last).contains(&number(inner).0),
            Place::End => false,
        }
    }

    /// The next comment, where it goes before the line that this expression begins.
    pub(super) fn before(&mut self, expr: &Expr) -> Option<&'a str> {
        let edge = left_edge(expr);
        self.next_if(|place| matches!(place, Place::Before(at) if std::ptr::eq(*at, edge)))
    }

    /// The next comment, where it goes behind this expression.
    pub(super) fn after(&mut self, expr: &Expr) -> Option<&'a str> {
        self.next_if(|place| matches!(place, Place::After(at) if std::ptr::eq(*at, expr)))
    }

    /// The next comment, where it goes before this expression's closing parenthesis.
    pub(super) fn inside(&mut self, expr: &Expr) -> Option<&'a str> {
        self.next_if(|place| matches!(place, Place::Inside(at) if std::ptr::eq(*at, expr)))
    }

    /// The next comment, wherever it was to go.
    pub(super) fn next(&mut self) -> Option<&'a str> {
        self.next_if(|_| true)
    }

    fn next_if(&mut self, fits: impl Fn(&Place<'a>) -> bool) -> Option<&'a str> {
        if self.waiting.front().is_some_and(|(place, _)| fits(place)) {
            return self.waiting.pop_front().map(|(_, text)| text);
        }
        None
    }
}

/// The expressions between an expression's parentheses.
fn children(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Paren(inner) => vec![inner],
        ExprKind::Call(call) => call.args.iter().collect(),
        ExprKind::Aggregate(aggregate) => aggregate.param.iter().chain([&aggregate.expr]).collect(),
        _ => Vec::new(),
    }
}

/// The innermost expression that begins where this one does; a sign begins an expression of its own.
fn left_edge(mut expr: &Expr) -> &Expr {
    loop {
        expr = match &expr.kind {
            ExprKind::Binary(binary) => &binary.lhs,
            ExprKind::Subquery(subquery) => &subquery.expr,
            _ => return expr,
        }
    }
}

/// The place of a comment at `at`.
fn place<'a>(input: &str, root: &'a Expr, at: usize) -> Place<'a> {
    let start = |expr: &Expr| expr.span.start as usize;
    let end = |expr: &Expr| expr.span.end as usize;
    let same_line = |from: usize| input.get(from..at).is_some_and(|between| !between.contains('\n'));
    if at < start(root) {
        return Place::Before(left_edge(root));
    }
    if at >= end(root) {
        return if same_line(end(root)) { Place::After(root) } else { Place::End };
    }
    let mut expr = root;
    // The sign that an expression's line begins with, where it is not the expression itself that begins it.
    let mut sign = None;
    loop {
        match &expr.kind {
            ExprKind::Binary(binary) if at > start(&binary.rhs) => (expr, sign) = (&binary.rhs, None),
            ExprKind::Binary(binary) if at < end(&binary.lhs) => expr = &binary.lhs,
            ExprKind::Binary(binary) if same_line(end(&binary.lhs)) => return Place::After(&binary.lhs),
            ExprKind::Binary(binary) => return Place::Before(left_edge(&binary.rhs)),
            ExprKind::Unary(unary) => {
                sign = sign.or(Some(expr));
                if at < start(&unary.expr) {
                    break;
                }
                expr = &unary.expr;
            }
            ExprKind::Subquery(subquery) if at < end(&subquery.expr) => expr = &subquery.expr,
            ExprKind::Subquery(_) => return Place::After(expr),
            _ => {
                let list = children(expr);
                let Some(first) = list.first() else { break };
                let Some(index) = list.iter().rposition(|child| start(child) < at) else {
                    return Place::Before(left_edge(first));
                };
                if at >= end(list[index]) {
                    return match list.get(index + 1) {
                        _ if same_line(end(list[index])) => Place::After(list[index]),
                        Some(next) => Place::Before(left_edge(next)),
                        None => Place::Inside(expr),
                    };
                }
                (expr, sign) = (list[index], None);
            }
        }
    }
    Place::Before(sign.unwrap_or(expr))
}
