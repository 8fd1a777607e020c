//! Where a query looks at no bucket of a selector's histograms, the store is told so and need not decode them.
//!
//! That such histograms are seen without buckets is no matter of this pass: Prometheus sees them so, and finds other resets in
//! them.

use super::{Counted, Plan};

pub(super) fn run(plan: &mut Plan) -> Counted {
    let mut counted = Counted::default();
    for (number, request) in plan.requests.iter_mut().enumerate() {
        let mut reads = plan.reads.iter().filter(|read| read.request == number);
        request.hints.statistics_only = reads.all(|read| read.statistics_only);
        counted.place(request.hints.statistics_only);
    }
    counted
}
