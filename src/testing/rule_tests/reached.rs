//! Which rules a test has to do with.
//!
//! A test asks for an alert that it names, and for a recording rule whose series a query of it selects, directly or by way of
//! another rule that it asks for.

use std::collections::BTreeSet;

use crate::model::{METRIC_NAME, MatchOperator};
use crate::rules::Group;
use crate::syntax::ast::VectorSelector;
use crate::syntax::{Expr, ExprKind, FunctionSet, ParserOptions, Visitor, parse};

use super::file::RuleTest;

/// Rules by their group's place and their own in it, both counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reached {
    /// Those that the test asks for.
    pub asked: BTreeSet<(usize, usize)>,
    /// Those that gave a series at some evaluation.
    pub gave: BTreeSet<(usize, usize)>,
}

/// The metrics and alerts that an expression selects by name.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Visitor for Names {
    fn enter(&mut self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::VectorSelector(selector) => self.select(selector),
            ExprKind::MatrixSelector(matrix) => self.select(&matrix.selector),
            _ => {}
        }
        true
    }
}

impl Names {
    fn select(&mut self, selector: &VectorSelector) {
        self.0.extend(selector.name.as_deref().map(str::to_owned));
        for matcher in selector.matchers.iter().filter(|m| m.operator == MatchOperator::Equal) {
            if matcher.name == *METRIC_NAME || matcher.name == *"alertname" {
                self.0.insert(matcher.value.to_lossy().into_owned());
            }
        }
    }
}

/// The rules that a test asks for.
pub(super) fn asked(
    test: &RuleTest,
    groups: &[&Group],
    options: &ParserOptions,
    functions: &FunctionSet,
) -> BTreeSet<(usize, usize)> {
    let mut names = Names::default();
    names.0.extend(test.alerts.iter().map(|alert| alert.name.clone()));
    for expression in &test.expressions {
        if let Ok(parsed) = parse(&expression.query, options, functions) {
            parsed.expr.visit(&mut names);
        }
    }
    let mut asked = BTreeSet::new();
    loop {
        let before = asked.len();
        for (group, rules) in groups.iter().enumerate() {
            for (at, rule) in rules.definition().rules.iter().enumerate() {
                if names.0.contains(&rule.name) && asked.insert((group, at)) {
                    rule.expr.visit(&mut names);
                }
            }
        }
        if asked.len() == before {
            return asked;
        }
    }
}
