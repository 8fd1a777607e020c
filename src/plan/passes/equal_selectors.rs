//! Equal selectors are fetched once: `rate(x[5m]) / x` asks for `x` one time.
//!
//! Their matchers are the same, in any order, and the times they read adjoin or overlap: of `x - x offset 1w` the days between would
//! be fetched for nothing.

use std::hash::BuildHasher;

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::{
    Counted, Plan,
    merge::{adjoin, merge, same_matchers},
};
use crate::model::Matcher;

pub(super) fn run(plan: &mut Plan) -> Counted {
    let mut counted = Counted::default();
    if plan.requests.len() < 2 {
        return counted;
    }
    let mut bases: Vec<usize> = (0..plan.requests.len()).collect();
    let mut known: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
    for (number, request) in plan.requests.iter().enumerate() {
        let alike = known.entry(signature(&request.matchers)).or_default();
        let equal = |base: &&usize| {
            let base = &plan.requests[**base];
            same_matchers(&base.matchers, &request.matchers) && adjoin(base, request)
        };
        match alike.iter().find(equal) {
            Some(base) => bases[number] = *base,
            None => alike.push(number),
        }
        counted.place(bases[number] != number);
    }
    merge(plan, &bases);
    counted
}

/// The same for the same conditions in any order.
fn signature(matchers: &[Matcher]) -> u64 {
    let hash =
        |matcher: &Matcher| FxBuildHasher.hash_one((matcher.name(), matcher.operator(), matcher.value()));
    matchers.iter().map(hash).fold(0, u64::wrapping_add)
}
