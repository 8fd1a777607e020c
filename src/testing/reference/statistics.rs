//! Histograms of which only count and sum are read, and what is known of resets then.
//!
//! Under `histogram_count` and some others Prometheus leaves the buckets out while it reads, and finds resets before it
//! does: between each histogram and the one read before it. A reader that jumps to a later time has read none before.

use std::collections::BTreeSet;

use super::histogram::Histogram;
use super::value::{Stored, Value};
use crate::model::histogram::CounterResetHint;
use crate::syntax::ast::{Expr, ExprKind};
use crate::syntax::{AggregateOp, BinaryOp};

/// What the nodes above a selector want of histograms.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted {
    counts: bool,
    buckets: bool,
}

impl Wanted {
    /// What is wanted below a node.
    pub(super) fn below(mut self, expr: &Expr) -> Self {
        match &expr.kind {
            ExprKind::Subquery(_) => self.buckets = true,
            ExprKind::Aggregate(aggregate) => self.buckets |= aggregate.op == AggregateOp::CountValues,
            ExprKind::Binary(binary) => {
                use BinaryOp::{Equal, NotEqual, TrimLower, TrimUpper};
                self.buckets |= matches!(binary.op, Equal | NotEqual | TrimLower | TrimUpper);
            }
            ExprKind::Call(call) => {
                self.counts |= matches!(
                    call.function.name,
                    "histogram_count"
                        | "histogram_sum"
                        | "histogram_avg"
                        | "timestamp"
                        | "start_timestamp"
                        | "absent"
                );
                self.buckets |= matches!(
                    call.function.name,
                    "histogram_quantile"
                        | "histogram_quantiles"
                        | "histogram_fraction"
                        | "histogram_stddev"
                        | "histogram_stdvar"
                        | "changes"
                );
            }
            _ => {}
        }
        self
    }

    pub(super) const fn only_counts(self) -> bool {
        self.counts && !self.buckets
    }
}

/// A stretch of time that the reader is sent through at one step: from where it is to be, to what it has to reach.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) from_ms: i64,
    pub(super) until_ms: i64,
}

/// The samples the reader jumps to, by their place.
fn jumps(samples: &[Stored], stretches: &[Stretch]) -> BTreeSet<usize> {
    let mut jumps = BTreeSet::new();
    let mut at: Option<usize> = None;
    for stretch in stretches {
        let time = |at: usize| samples.get(at).map_or(i64::MAX, |sample| sample.time_ms);
        if at.is_none_or(|at| time(at) < stretch.from_ms) {
            let place = samples.partition_point(|sample| sample.time_ms < stretch.from_ms);
            jumps.insert(place);
            at = Some(place);
        }
        while at.is_some_and(|at| time(at) < stretch.until_ms) {
            at = at.map(|at| at + 1);
        }
    }
    jumps
}

/// Leaves count and sum of the histograms in a series.
pub(super) fn without_buckets(samples: &mut [Stored], stretches: &[Stretch]) {
    let jumps = jumps(samples, stretches);
    let mut before: Option<Histogram> = None;
    for (place, sample) in samples.iter_mut().enumerate() {
        if jumps.contains(&place) {
            before = None;
        }
        let Value::Histogram(histogram) = &mut sample.value else { continue };
        let whole = histogram.as_ref().clone();
        let mut bare = Histogram::empty(whole.schema, Vec::new());
        (bare.hint, bare.count, bare.sum) = (whole.hint, whole.count, whole.sum);
        if sample.value.is_stale() {
            sample.value = bare.into();
            continue;
        }
        if let (CounterResetHint::Unknown, Some(before)) = (whole.hint, &before) {
            let reset = whole.is_reset_after(before);
            bare.hint = if reset { CounterResetHint::Reset } else { CounterResetHint::NotReset };
        }
        before = Some(whole);
        sample.value = bare.into();
    }
}
