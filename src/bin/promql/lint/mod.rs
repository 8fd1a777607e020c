//! `lint`: what a query says that its author can hardly have meant.
//!
//! Each rule has a code and looks at one node and the nodes around it. What the query alone tells is in [`labels`],
//! [`matchers`], [`values`] and [`counters`]; what only sources can tell (types, scrape intervals, whether there is such a
//! series) in [`data`]. `docs/lint.md` has a section a code.

mod counters;
mod data;
mod labels;
mod matchers;
mod values;

use promql_engine::{
    model::Span,
    storage::Storage,
    syntax::{
        AggregateOp,
        ast::{Expr, ExprKind},
    },
};

/// One rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Its code, which is also its heading in the documentation.
    pub(crate) code: &'static str,
    /// What it finds, in a line.
    pub(crate) summary: &'static str,
}

macro_rules! rules {
    ($($name:ident $code:literal $summary:literal)+) => {
        $(pub(super) const $name: Rule = Rule { code: $code, summary: $summary };)+

        /// All rules, by code.
        pub(crate) const RULES: &[Rule] = &[$($name),+];
    };
}

rules! {
    ABSENT_OF_MANY "absent-of-many" "absent() of a pattern says nothing of a single series"
    AGGREGATED_QUANTILE "aggregated-quantile" "a mean or a sum of quantiles is a quantile of nothing"
    ALWAYS_TRUE "always-true" "a comparison that holds for every value"
    COUNTER_WITHOUT_RATE "counter-without-rate" "the value of a counter depends on when its process began"
    IMPOSSIBLE_MATCHER "impossible-matcher" "matchers that no series fulfils"
    LOST_LABEL "lost-label" "a label is used that an aggregation inside drops"
    NEEDLESS_PATTERN "needless-pattern" "a pattern where a plain comparison does, or none at all"
    NEVER_TRUE "never-true" "a comparison that holds for no value"
    NO_SERIES "no-series" "the sources have no such series"
    QUANTILE_OUT_OF_RANGE "quantile-out-of-range" "a quantile that is not between 0 and 1"
    RATE_OF_GAUGE "rate-of-gauge" "rate() of what is no counter"
    RATE_OF_SUM "rate-of-sum" "rate() of a sum sees a reset of one counter as one of all"
    SHORT_RANGE "short-range" "a range in which two samples are not sure to lie"
    TOPK_IN_RULE "topk-in-rule" "a rule whose series come and go"
}

/// One thing found in a query.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Finding {
    /// The rule.
    pub(crate) rule: &'static str,
    /// The part of the query.
    pub(crate) span: Span,
    /// What is the matter with it.
    pub(crate) message: String,
    /// What to write instead.
    pub(crate) fix: Option<String>,
}

/// What is known besides the query.
#[derive(Default)]
pub(crate) struct Knowledge<'a> {
    /// The sources, where some were named.
    pub(crate) store: Option<&'a dyn Storage>,
    /// The distance of scrapes, in ms, where it was said.
    pub(crate) interval_ms: Option<i64>,
    /// Whether the query is that of a recording or alerting rule.
    pub(crate) is_rule: bool,
}

/// The findings under way.
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, rule: &Rule, span: Span, message: impl Into<String>, fix: Option<String>) {
        self.0.push(Finding { rule: rule.code, span, message: message.into(), fix });
    }
}

/// Looks a query over; findings in the order of their places.
pub(crate) fn lint(expr: &Expr, knowledge: &Knowledge<'_>) -> Vec<Finding> {
    let mut findings = Findings(Vec::new());
    if knowledge.is_rule {
        topk(expr, &mut findings);
    }
    // A list of what is to be visited: a chain of operators is as deep as it is long.
    let mut pending = vec![(expr, 0)];
    let mut above: Vec<&Expr> = Vec::new();
    while let Some((expr, depth)) = pending.pop() {
        above.truncate(depth);
        matchers::check(expr, &above, &mut findings);
        labels::check(expr, &mut findings);
        values::check(expr, &mut findings);
        counters::check(expr, &above, knowledge, &mut findings);
        data::check(expr, &above, knowledge, &mut findings);
        above.push(expr);
        pending.extend(expr.children().into_iter().rev().map(|child| (child, depth + 1)));
    }
    let mut found = findings.0;
    found.sort_by_key(|finding| (finding.span.start, finding.span.end, finding.rule));
    found.dedup();
    found
}

fn topk(expr: &Expr, findings: &mut Findings) {
    if let ExprKind::Aggregate(aggregate) = &expr.unparenthesised().kind
        && let AggregateOp::Topk | AggregateOp::Bottomk | AggregateOp::Limitk | AggregateOp::LimitRatio =
            aggregate.op
    {
        let message = format!(
            "{}() in a rule: its series come and go, and an alert begins anew each time",
            aggregate.op
        );
        findings.add(&TOPK_IN_RULE, expr.span, message, None);
    }
}

/// Chains longer than this are not looked into: nobody wrote them by hand.
const LONG_CHAIN: usize = 50;

/// Whether an expression is such a chain, down which nothing may recurse.
fn is_long_chain(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Binary(binary) if binary.left_spine().nth(LONG_CHAIN).is_some())
}
