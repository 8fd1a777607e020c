//! Matchers that are patterns for no reason, or that no series fulfils; `absent` of patterns.

use promql_engine::{
    model::{MatchOperator, Matcher, Span, quote::Quoted},
    syntax::ast::{Expr, ExprKind, RawMatcher},
};

use super::{ABSENT_OF_MANY, Findings, IMPOSSIBLE_MATCHER, NEEDLESS_PATTERN};

pub(super) fn check(expr: &Expr, above: &[&Expr], findings: &mut Findings) {
    let selector = match &expr.kind {
        ExprKind::VectorSelector(selector) => selector,
        ExprKind::MatrixSelector(matrix) => &matrix.selector,
        _ => return,
    };
    let compiled: Vec<(&RawMatcher, Matcher)> =
        selector.matchers.iter().filter_map(|raw| raw.compile().ok().map(|matcher| (raw, matcher))).collect();
    for (raw, matcher) in &compiled {
        needless(raw.span, matcher, findings);
    }
    impossible(&compiled, findings);
    let around = above.iter().rev().find(|expr| !matches!(expr.kind, ExprKind::Paren(_)));
    let is_pattern = |matcher: &Matcher| {
        matcher.operator().is_pattern() && matcher.set_values().is_none_or(|values| values.len() > 1)
    };
    if let Some(ExprKind::Call(call)) = around.map(|expr| &expr.kind)
        && matches!(call.function.name, "absent" | "absent_over_time")
        && let Some((_, matcher)) = compiled.iter().find(|(_, matcher)| is_pattern(matcher))
    {
        let message = format!(
            "{}() answers only where no series at all fits {matcher}; one that goes missing is not noticed",
            call.function.name
        );
        findings.add(
            &ABSENT_OF_MANY,
            expr.span,
            message,
            Some("write one absent() a series, joined by `or`".to_owned()),
        );
    }
}

/// A pattern where a plain comparison does, or none.
fn needless(span: Span, matcher: &Matcher, findings: &mut Findings) {
    let label = matcher.name();
    let (plain, values) = match matcher.operator() {
        MatchOperator::Regex => ("=", matcher.set_values()),
        MatchOperator::NotRegex => ("!=", matcher.refused_values()),
        MatchOperator::Equal | MatchOperator::NotEqual => return,
    };
    if let Some([value]) = values {
        let fix = Some(format!("write: {label}{plain}{}", Quoted(value)));
        return findings.add(&NEEDLESS_PATTERN, span, format!("{matcher} fits one value only"), fix);
    }
    if matches!(matcher.value(), ".*" | "(.*)" | "^.*$") {
        match matcher.operator() {
            MatchOperator::Regex => {
                let fix = Some("leave it out".to_owned());
                findings.add(&NEEDLESS_PATTERN, span, format!("{matcher} fits every series"), fix);
            }
            _ => findings.add(&IMPOSSIBLE_MATCHER, span, format!("no series fits {matcher}"), None),
        }
    }
}

/// Several conditions on one label that exclude each other.
fn impossible(compiled: &[(&RawMatcher, Matcher)], findings: &mut Findings) {
    for (at, (raw, matcher)) in compiled.iter().enumerate() {
        let Some(values) = matcher.set_values() else { continue };
        let others = compiled.iter().enumerate().filter(|(other, (_, rival))| {
            let earlier_equal = rival.set_values().is_some() && *other > at;
            *other != at && !earlier_equal && rival.name() == matcher.name()
        });
        for (_, (_, rival)) in others {
            if !values.iter().any(|value| rival.matches(value)) {
                let message = format!("no series fits both {rival} and {matcher}");
                findings.add(&IMPOSSIBLE_MATCHER, raw.span, message, None);
            }
        }
    }
}
