//! Where a query looks at no bucket of a selector's histograms, the store is told so and need not decode them.
//!
//! That such histograms are seen without buckets is no matter of this pass: Prometheus sees them so, and finds other resets in
//! them.

use super::{Counted, Plan};

pub(super) fn run(plan: &mut Plan) -> Counted {
    let mut counted = Counted::default();
    plan.requests.iter_mut().for_each(|request| request.hints.statistics_only = true);
    for read in &plan.reads {
        plan.requests[read.request].hints.statistics_only &= read.statistics_only;
    }
    plan.requests.iter().for_each(|request| counted.place(request.hints.statistics_only));
    counted
}
