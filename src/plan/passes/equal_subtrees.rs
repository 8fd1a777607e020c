//! Parts of a query that are the same are evaluated once: both sums of `sum(x) / (1 + sum(x))` are one.
//!
//! Only such parts are shared whose rows are held anyway: aggregations, joins, what is under a subquery. To share a leaf would mean to
//! hold all its series. What the part has to say of the data is said at each of its places.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    Counted, Plan,
    same::{same, text},
};
use crate::{
    model::Span,
    plan::{
        NO_SLOT, Node, NodeKind, RangeSource,
        walk::{rewrite, walk_everywhere},
    },
};

pub(super) fn run(plan: &mut Plan, query: &str) -> Counted {
    let mut counted = Counted::default();
    if plan.reads.len() < 2 {
        return counted;
    }
    let wanted = repeated(plan, query);
    if wanted.is_empty() {
        return counted;
    }
    let mut root = plan.root.take();
    let mut known: FxHashMap<&str, Vec<Arc<Node>>> = FxHashMap::default();
    let mut share = |node: &mut Node| {
        let Some(text) = text(query, node.span).filter(|_| wanted.contains(&node.span)) else { return };
        let alike = known.entry(text).or_default();
        let shared = alike.iter().find(|other| same(plan, other, node)).map(Arc::clone);
        counted.place(shared.is_some());
        let (span, steps) = (node.span, node.steps);
        let shared = shared.unwrap_or_else(|| {
            let first = Arc::new(node.take());
            alike.push(Arc::clone(&first));
            first
        });
        *node = Node::new(span, steps, NO_SLOT, NodeKind::Shared(shared));
    };
    rewrite(&mut root, &mut |node| {
        if is_held(node) {
            share(node);
        } else if let Some(child) = under_subquery(node) {
            share(child);
        }
    });
    // What has turned out to be like nothing else stands where it stood.
    drop(known);
    stand_alone(&mut root);
    plan.root = root;
    counted
}

/// Puts parts back that nothing else shares, those inside of them, too.
fn stand_alone(node: &mut Node) {
    rewrite(node, &mut |node| {
        if let NodeKind::Shared(shared) = &mut node.kind
            && let Some(only) = Arc::get_mut(shared)
        {
            *node = only.take();
            stand_alone(node);
        }
    });
}

/// Where the parts stand that are worth sharing and whose text occurs several times; of parts inside of others that occur as often,
/// the outermost.
fn repeated(plan: &Plan, query: &str) -> FxHashSet<Span> {
    let mut parts: Vec<(usize, Span, Option<&str>)> = Vec::new();
    let mut times: FxHashMap<&str, usize> = FxHashMap::default();
    // A subquery's operand comes right behind it.
    let mut is_under_subquery = false;
    for (depth, node) in walk_everywhere(plan) {
        let is_worth = is_under_subquery || is_held(node);
        let text = text(query, node.span).filter(|_| is_worth && !node.kind.is_scalar());
        if let Some(text) = text {
            *times.entry(text).or_default() += 1;
        }
        parts.push((depth, node.span, text));
        is_under_subquery = match &node.kind {
            NodeKind::Range(call) | NodeKind::AbsentOverTime { call, .. } => match &call.source {
                RangeSource::Subquery { child, .. } => !child.kind.is_literal(),
                RangeSource::Selector { .. } => false,
            },
            _ => false,
        };
    }
    let mut around: Vec<(usize, usize)> = Vec::new();
    let mut wanted = FxHashSet::default();
    for (depth, span, text) in parts {
        while around.pop_if(|(above, _)| *above >= depth).is_some() {}
        let times = text.and_then(|text| times.get(text)).copied().unwrap_or_default();
        if times > 1 && around.iter().all(|(_, others)| *others != times) {
            wanted.insert(span);
            around.push((depth, times));
        }
    }
    wanted
}

/// What is evaluated at the steps of a subquery, where it is no operator whose rows are held in any case.
fn under_subquery(node: &mut Node) -> Option<&mut Node> {
    match &mut node.kind {
        NodeKind::Range(call) | NodeKind::AbsentOverTime { call, .. } => match &mut call.source {
            RangeSource::Subquery { child, .. }
                if !is_held(child) && !matches!(child.kind, NodeKind::Shared(_)) =>
            {
                Some(child)
            }
            _ => None,
        },
        _ => None,
    }
}

/// Whether an operator's rows are held in a table, or cost far more to compute than to copy.
fn is_held(node: &Node) -> bool {
    use NodeKind as K;
    matches!(
        node.kind,
        K::Aggregate { .. }
            | K::VectorBinary { .. }
            | K::Sort { .. }
            | K::SortByLabel { .. }
            | K::Absent { .. }
            | K::AbsentOverTime { .. }
            | K::HistogramQuantiles { .. }
            | K::HistogramFraction { .. }
            | K::HistogramStatistic { .. }
            | K::Info { .. }
    )
}
