//! Whether what stands above a selector looks at the buckets of its histograms.

use crate::syntax::{
    AggregateOp, BinaryOp,
    ast::{Expr, ExprKind},
};

/// What the operators around a place of the query want of histograms. The rule is Prometheus'.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct BucketUse {
    /// Some operator looks at counts and sums only, or at no value at all.
    bare: bool,
    /// Some operator looks at buckets.
    whole: bool,
}

impl BucketUse {
    /// What is wanted of the operands of `expr`, given what is wanted of itself.
    pub(super) fn under(mut self, expr: &Expr) -> Self {
        match &expr.kind {
            ExprKind::Call(call) => match call.function.name {
                "histogram_count" | "histogram_sum" | "histogram_avg" | "timestamp" | "start_timestamp"
                | "absent" => self.bare = true,
                "histogram_quantile"
                | "histogram_quantiles"
                | "histogram_fraction"
                | "histogram_stddev"
                | "histogram_stdvar"
                | "changes" => self.whole = true,
                _ => {}
            },
            // A subquery finds resets among the samples it makes.
            ExprKind::Subquery(_) => self.whole = true,
            ExprKind::Aggregate(aggregate) => self.whole |= aggregate.op == AggregateOp::CountValues,
            ExprKind::Binary(binary) => {
                let looks = matches!(
                    binary.op,
                    BinaryOp::TrimUpper | BinaryOp::TrimLower | BinaryOp::Equal | BinaryOp::NotEqual
                );
                self.whole |= looks;
            }
            _ => {}
        }
        self
    }

    /// Whether counts and sums are enough.
    pub(super) const fn statistics_only(self) -> bool {
        self.bare && !self.whole
    }
}
