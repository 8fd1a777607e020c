//! Aggregations that fold read their input row by row: `sum by (job) (rate(x[5m]))` never holds the rates of all series.

use super::{Counted, Plan};
use crate::plan::{AggregateKind, NodeKind, walk::rewrite};

pub(super) fn run(plan: &mut Plan) -> Counted {
    let mut counted = Counted::default();
    if !plan.has_aggregations {
        return counted;
    }
    rewrite(&mut plan.root, &mut |node| {
        if let NodeKind::Aggregate { kind, streams, .. } = &mut node.kind {
            // The others look at all series of a step at once.
            *streams = matches!(kind, AggregateKind::Fold(_) | AggregateKind::LimitRatio { .. });
            counted.place(*streams);
        }
    });
    counted
}
