//! Whether two parts of a query are the same: they read alike, and what surrounds them leaves them the same times.

use std::{mem::discriminant, sync::Arc};

use crate::{
    model::Span,
    plan::{Node, NodeKind, Plan, RangeSource, walk::operands},
};

/// Texts beyond this length are not compared: in a chain of operators each part has all before it for its own, and comparing
/// them all would cost the square of the chain's length.
const LONGEST_TEXT: usize = 2_000;

/// A part's text, where it is short enough to be compared.
pub(super) fn text(query: &str, span: Span) -> Option<&str> {
    query.get(span.start as usize..span.end as usize).filter(|text| (1..=LONGEST_TEXT).contains(&text.len()))
}

/// Whether two nodes of equal texts give the same: text says what is computed, but not at which times.
pub(super) fn same(plan: &Plan, a: &Node, b: &Node) -> bool {
    let mut pending = vec![(a, b)];
    while let Some((a, b)) = pending.pop() {
        if discriminant(&a.kind) != discriminant(&b.kind) || a.steps != b.steps || !same_source(plan, a, b) {
            return false;
        }
        let (below_a, below_b) = (operands(a), operands(b));
        if below_a.len() != below_b.len() {
            return false;
        }
        pending.extend(below_a.into_iter().zip(below_b));
    }
    true
}

/// Whether two nodes of one kind read the same.
fn same_source(plan: &Plan, a: &Node, b: &Node) -> bool {
    use NodeKind as K;
    match (&a.kind, &b.kind) {
        (K::Select(a), K::Select(b)) | (K::Info { selector: a, .. }, K::Info { selector: b, .. }) => {
            (a.lookups, a.lookback_ms, a.seen_until_ms) == (b.lookups, b.lookback_ms, b.seen_until_ms)
                && same_reads(plan, a.read, b.read)
        }
        (K::Range(a), K::Range(b))
        | (K::AbsentOverTime { call: a, .. }, K::AbsentOverTime { call: b, .. }) => {
            same_windows(plan, &a.source, &b.source)
        }
        (K::RangeVector(a), K::RangeVector(b)) => same_windows(plan, a, b),
        (K::Number(a) | K::Folded { value: a, .. }, K::Number(b) | K::Folded { value: b, .. }) => {
            a.to_bits() == b.to_bits()
        }
        (K::Shared(a), K::Shared(b)) => Arc::ptr_eq(a, b),
        (K::OneOf { folds: a, which: one, .. }, K::OneOf { folds: b, which: other, .. }) => {
            Arc::ptr_eq(a, b) && one == other
        }
        _ => true,
    }
}

fn same_windows(plan: &Plan, a: &RangeSource, b: &RangeSource) -> bool {
    a.windows() == b.windows()
        && match (a, b) {
            (
                RangeSource::Selector { read: a, seen_ms: seen_a, .. },
                RangeSource::Selector { read: b, seen_ms: seen_b, .. },
            ) => seen_a == seen_b && same_reads(plan, *a, *b),
            (RangeSource::Subquery { .. }, RangeSource::Subquery { .. }) => true,
            _ => false,
        }
}

fn same_reads(plan: &Plan, a: usize, b: usize) -> bool {
    let (Some(read), Some(other)) = (plan.reads.get(a), plan.reads.get(b)) else { return false };
    let asks = |index: usize| plan.wanted(index).map(|asked| (&asked.matchers, asked.start_ms, asked.end_ms));
    read.statistics_only == other.statistics_only && read.reading == other.reading && asks(a) == asks(b)
}
