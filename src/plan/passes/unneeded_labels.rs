//! The store is told which labels matter: `sum by (job) (rate(x[5m]))` looks at no label of `x` but `job`.
//!
//! The metric's name has to be given, so that series without their other labels are still known to differ: where the name goes, nothing
//! needs to be found out by comparing them. The name itself stays, since remarks tell it.

use rustc_hash::FxHashMap;

use super::{Counted, Plan};
use crate::{
    model::{METRIC_NAME, MatchOperator},
    operators::matching::{TYPE_LABEL, UNIT_LABEL},
    plan::{AggregateKind, Node, NodeKind, RangeSource, walk::rewrite},
};

pub(super) fn run(plan: &mut Plan) -> Counted {
    let mut counted = Counted::default();
    if !plan.has_aggregations {
        return counted;
    }
    let mut needed: FxHashMap<usize, Vec<String>> = FxHashMap::default();
    let mut root = plan.root.take();
    rewrite(&mut root, &mut |node| {
        let NodeKind::Aggregate { kind, child, without: false, grouping, .. } = &mut node.kind else {
            return;
        };
        // The others give series as they are.
        let looks_at_groups = matches!(
            kind,
            AggregateKind::Fold(_) | AggregateKind::Quantile(_) | AggregateKind::CountValues { .. }
        );
        let read = looks_at_groups.then(|| leaf(child)).flatten().filter(|read| has_fixed_name(plan, *read));
        counted.place(read.is_some());
        if let Some(read) = read {
            mark_distinct(child);
            let metadata = [METRIC_NAME, TYPE_LABEL, UNIT_LABEL].map(str::to_owned);
            needed.insert(read, grouping.iter().cloned().chain(metadata).collect());
        }
    });
    plan.root = root;
    for (number, request) in plan.requests.iter_mut().enumerate() {
        let mut labels = Vec::new();
        let mut is_known = true;
        for (index, read) in plan.reads.iter().enumerate().filter(|(_, read)| read.request == number) {
            // A part is told by its matchers.
            let matchers = read.part.iter().flat_map(|part| &part.matchers);
            labels.extend(matchers.map(|matcher| matcher.name().to_owned()));
            match needed.remove(&index) {
                Some(own) => labels.extend(own),
                None => is_known = false,
            }
        }
        labels.sort_unstable();
        labels.dedup();
        request.hints.labels = is_known.then_some(labels);
    }
    counted
}

/// The selector at the end of a chain of operators that work on each series by itself and let its labels be.
fn leaf(node: &Node) -> Option<usize> {
    let mut node = node;
    loop {
        node = match &node.kind {
            NodeKind::Select(selector) => return Some(selector.read),
            NodeKind::Range(call) => match &call.source {
                RangeSource::Selector { read, .. } => return Some(*read),
                RangeSource::Subquery { .. } => return None,
            },
            NodeKind::Plus(child)
            | NodeKind::Negate(child)
            | NodeKind::Invariant(child)
            | NodeKind::Elementwise { child, .. }
            | NodeKind::Calendar { child, .. }
            | NodeKind::Timestamp { child, .. }
            | NodeKind::VectorScalar { vector: child, .. } => child,
            _ => return None,
        }
    }
}

fn mark_distinct(node: &mut Node) {
    let mut node = node;
    loop {
        node.distinct = true;
        node = match &mut node.kind {
            NodeKind::Plus(child)
            | NodeKind::Negate(child)
            | NodeKind::Invariant(child)
            | NodeKind::Elementwise { child, .. }
            | NodeKind::Calendar { child, .. }
            | NodeKind::Timestamp { child, .. }
            | NodeKind::VectorScalar { vector: child, .. } => child,
            _ => return,
        }
    }
}

fn has_fixed_name(plan: &Plan, read: usize) -> bool {
    let is_name = |matchers: &[crate::model::Matcher]| {
        matchers.iter().any(|matcher| {
            matcher.name() == METRIC_NAME
                && matcher.operator() == MatchOperator::Equal
                && !matcher.value().is_empty()
        })
    };
    plan.wanted(read).is_some_and(|asked| is_name(&asked.matchers))
}
