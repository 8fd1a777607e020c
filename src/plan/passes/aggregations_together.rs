//! Several aggregations of one input by the same labels are made in one pass: `sum by (job) (rate(x[5m])) / count by (job) (rate(x[5m]))`
//! computes each rate once.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{
    Counted, Plan,
    same::{same, text},
};
use crate::{
    aggregations::fold::FoldOperator,
    plan::{
        AggregateKind, Folds, Node, NodeKind,
        walk::{rewrite, walk_everywhere},
    },
};

/// What aggregations made together have in common: the input's text, and the grouping.
type Key<'q> = (&'q str, bool, Vec<String>);

/// Aggregations of one key.
struct Found<'p> {
    child: &'p Node,
    operators: Vec<FoldOperator>,
    /// Whether the texts are equal, but not what they stand for.
    differ: bool,
}

pub(super) fn run(plan: &mut Plan, query: &str) -> Counted {
    let mut counted = Counted::default();
    if plan.reads.len() < 2 {
        return counted;
    }
    let mut found: FxHashMap<Key<'_>, Found<'_>> = FxHashMap::default();
    for (_, node) in walk_everywhere(plan) {
        let Some((operator, key)) = fold(node, query) else { continue };
        let NodeKind::Aggregate { child, .. } = &node.kind else { continue };
        let found = found.entry(key).or_insert_with(|| Found { child, operators: Vec::new(), differ: false });
        found.differ |= !same(plan, found.child, child);
        if !found.operators.contains(&operator) {
            found.operators.push(operator);
        }
    }
    let together: FxHashMap<Key<'_>, Vec<FoldOperator>> = found
        .into_iter()
        .filter(|(_, found)| found.operators.len() > 1 && !found.differ)
        .map(|(key, found)| (key, found.operators))
        .collect();
    let mut made: FxHashMap<Key<'_>, Arc<Folds>> = FxHashMap::default();
    rewrite(&mut plan.root, &mut |node| {
        let Some((operator, key)) = fold(node, query) else { return };
        let operators = together.get(&key);
        counted.place(operators.is_some());
        let Some(operators) = operators else { return };
        let Some(which) = operators.iter().position(|other| *other == operator) else { return };
        let NodeKind::Aggregate { child, without, grouping, streams, .. } = &mut node.kind else { return };
        let input = child.span;
        let folds = made.entry(key).or_insert_with(|| {
            let (operators, grouping) = (operators.clone(), std::mem::take(grouping));
            let (without, streams) = (*without, *streams);
            Arc::new(Folds { operators, child: child.take(), without, grouping, streams })
        });
        node.kind = NodeKind::OneOf { folds: Arc::clone(folds), which, input };
    });
    counted
}

/// The operator and the key of an aggregation that folds.
fn fold<'q>(node: &Node, query: &'q str) -> Option<(FoldOperator, Key<'q>)> {
    match &node.kind {
        NodeKind::Aggregate { kind: AggregateKind::Fold(operator), child, without, grouping, .. } => {
            Some((*operator, (text(query, child.span)?, *without, grouping.clone())))
        }
        _ => None,
    }
}
