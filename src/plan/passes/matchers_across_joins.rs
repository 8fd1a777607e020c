//! What one side of an operator asks of a label that has to be equal on both sides is asked of the other side, too:
//! `x and on (job) y{job="api"}` reads `x{job="api"}`.
//!
//! Series that are left out must not be missed: they find no partner, and give no value, error or remark. So only plain selectors lose
//! series, and of arithmetic and comparisons only the side of which several may match, where the other side is an aggregation by labels
//! of the match: it cannot have duplicates, which would be an error that the presence of any series on this side brings about.

use super::{Counted, Plan};
use crate::{
    model::{METRIC_NAME, Matcher},
    plan::{
        AggregateKind, Matching, Node, NodeKind, RangeSource, Selector, SetOperator,
        walk::{rewrite, series_below},
    },
    syntax::ast::Cardinality,
};

pub(super) fn run(plan: &mut Plan) -> Counted {
    let mut counted = Counted::default();
    if plan.reads.len() < 2 {
        return counted;
    }
    let mut root = plan.root.take();
    rewrite(&mut root, &mut |node| match &node.kind {
        NodeKind::Set { operator, matching, lhs, rhs } => {
            let to_right = *operator != SetOperator::Or && pass(plan, matching, lhs, rhs);
            let to_left = *operator == SetOperator::And && pass(plan, matching, rhs, lhs);
            counted.place(to_right || to_left);
        }
        NodeKind::VectorBinary { matching, lhs, rhs, .. } => {
            let (many, one) = match matching.cardinality {
                Cardinality::OneToMany => (rhs, lhs),
                _ => (lhs, rhs),
            };
            let fills = matching.fill_lhs.is_some() || matching.fill_rhs.is_some();
            let changed = !fills && is_unique(one, matching) && pass(plan, matching, one, many);
            counted.place(changed);
        }
        _ => {}
    });
    plan.root = root;
    counted
}

/// Asks of `to` what `from` asks of labels that both sides have in common; whether that is anything new.
fn pass(plan: &mut Plan, matching: &Matching, from: &Node, to: &Node) -> bool {
    let NodeKind::Select(selector @ Selector { smoothed: false, .. }) = &to.kind else { return false };
    let Some(to) = plan.reads.get(selector.read).map(|read| read.request) else { return false };
    let mut known = Vec::new();
    conditions(plan, from, &mut known);
    let own = &plan.requests[to].matchers;
    known.retain(|matcher| {
        let name = matcher.name();
        let is_listed = matching.labels.iter().any(|label| label == name);
        let is_matched = if matching.on { is_listed } else { !is_listed && name != METRIC_NAME };
        is_matched && !own.contains(matcher)
    });
    let is_new = !known.is_empty();
    plan.requests[to].matchers.extend(known);
    is_new
}

/// What is known of the labels of all series that a node gives.
fn conditions(plan: &Plan, node: &Node, known: &mut Vec<Matcher>) {
    let of_read = |read: usize| plan.wanted(read).map(|asked| asked.matchers.clone()).unwrap_or_default();
    let mut node = node;
    // Labels that are not dropped on the way up; all where there is no list.
    let mut kept: Option<Vec<String>> = None;
    let matchers = loop {
        node = match &node.kind {
            NodeKind::Select(selector) => break of_read(selector.read),
            NodeKind::Range(call) => match &call.source {
                RangeSource::Selector { read, .. } => break of_read(*read),
                RangeSource::Subquery { child, .. } => child,
            },
            NodeKind::Aggregate { kind, child, without: false, grouping, .. } if gives_groups(kind) => {
                let is_kept = |name: &String| kept.as_ref().is_none_or(|kept| kept.contains(name));
                kept = Some(grouping.iter().filter(|name| is_kept(name)).cloned().collect());
                child
            }
            _ => match series_below(node) {
                Some(below) => below,
                None => return,
            },
        }
    };
    let is_known = |matcher: &Matcher| {
        matcher.name() != METRIC_NAME
            && kept.as_ref().is_none_or(|kept| kept.iter().any(|name| name == matcher.name()))
    };
    known.extend(matchers.into_iter().filter(is_known));
}

/// Whether an aggregation gives one series a group, with no labels but those it groups by.
const fn gives_groups(kind: &AggregateKind) -> bool {
    matches!(kind, AggregateKind::Fold(_) | AggregateKind::Quantile(_))
}

/// Whether no two series of a node fall into one match group.
fn is_unique(node: &Node, matching: &Matching) -> bool {
    match &node.kind {
        NodeKind::Aggregate { kind, without: false, grouping, .. } if gives_groups(kind) => {
            grouping.iter().all(|name| {
                let is_listed = matching.labels.contains(name);
                if matching.on { is_listed } else { !is_listed && name != METRIC_NAME }
            })
        }
        _ => false,
    }
}
