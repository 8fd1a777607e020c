//! The store is told which labels matter: `sum by (job) (rate(x[5m]))` looks at no label of `x` but `job`.
//!
//! The metric's name has to be given, so that series without their other labels are still known to differ: where the name goes, nothing
//! needs to be found out by comparing them. The name itself stays, since remarks tell it.

use super::{Counted, Plan};
use crate::{
    model::{METRIC_NAME, MatchOperator, Matcher},
    operators::matching::is_metadata_label,
    plan::{
        AggregateKind, Node, NodeKind, RangeSource,
        walk::{rewrite, series_below, series_below_mut},
    },
};

pub(super) fn run(plan: &mut Plan) -> Counted {
    let mut counted = Counted::default();
    if !plan.has_aggregations {
        return counted;
    }
    let mut needed: Vec<(usize, Vec<String>)> = Vec::new();
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
            needed.push((read, grouping.iter().filter(|name| !is_metadata_label(name)).cloned().collect()));
        }
    });
    plan.root = root;
    if !needed.is_empty() {
        needed.sort_unstable_by_key(|(read, _)| *read);
        tell(plan, &needed);
    }
    counted
}

/// Puts the labels that each selector looks at into its request, where that is known of all that read from it.
fn tell(plan: &mut Plan, needed: &[(usize, Vec<String>)]) {
    let mut knows_all = vec![true; plan.requests.len()];
    for (index, read) in plan.reads.iter().enumerate() {
        let Ok(place) = needed.binary_search_by_key(&index, |(read, _)| *read) else {
            knows_all[read.request] = false;
            continue;
        };
        // A part is told by its matchers.
        let told_by = read.part.iter().flat_map(|part| &part.matchers).map(Matcher::name);
        let told_by = told_by.filter(|name| !is_metadata_label(name)).map(str::to_owned);
        let labels = plan.requests[read.request].hints.labels.get_or_insert_default();
        labels.extend(needed[place].1.iter().cloned().chain(told_by));
    }
    for (request, knows_all) in plan.requests.iter_mut().zip(knows_all) {
        match &mut request.hints.labels {
            Some(labels) if knows_all => {
                labels.sort_unstable();
                labels.dedup();
            }
            labels => *labels = None,
        }
    }
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
            _ => series_below(node)?,
        };
    }
}

/// Marks the operators of such a chain, which may be long.
fn mark_distinct(node: &mut Node) {
    let mut node = node;
    loop {
        node.distinct = true;
        match series_below_mut(node) {
            Some(below) => node = below,
            None => return,
        }
    }
}

fn has_fixed_name(plan: &Plan, read: usize) -> bool {
    let fixes_name = |matcher: &Matcher| {
        matcher.name() == METRIC_NAME
            && matcher.operator() == MatchOperator::Equal
            && !matcher.value().is_empty()
    };
    plan.wanted(read).is_some_and(|asked| asked.matchers.iter().any(fixes_name))
}
