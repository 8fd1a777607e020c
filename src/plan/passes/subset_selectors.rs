//! A selector that is a subset of another is read from what that one fetches: of `x{code="500"} / ignoring (code) sum(x)` only `x` is
//! asked for.
//!
//! It is one where it has all matchers of the other and some more, and the times they read adjoin or overlap.

use super::{
    Counted, Plan,
    merge::{adjoin, includes, merge},
};

/// Requests beyond which the pass does nothing: it looks at each pair.
const MOST_REQUESTS: usize = 100;

pub(super) fn run(plan: &mut Plan) -> Counted {
    let mut counted = Counted::default();
    let count = plan.requests.len();
    if !(2..=MOST_REQUESTS).contains(&count) {
        return counted;
    }
    let base_of = |number: usize| {
        let own = &plan.requests[number];
        let is_base = |base: &usize| {
            let other = &plan.requests[*base];
            other.matchers.len() < own.matchers.len()
                && includes(&own.matchers, &other.matchers)
                && adjoin(other, own)
        };
        // The widest: it is no subset of another one.
        (0..count).filter(is_base).min_by_key(|base| plan.requests[*base].matchers.len())
    };
    let bases: Vec<usize> = (0..count).map(|number| base_of(number).unwrap_or(number)).collect();
    bases.iter().enumerate().for_each(|(number, base)| counted.place(number != *base));
    merge(plan, &bases);
    counted
}
