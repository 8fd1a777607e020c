//! Requests that become part of others: what [`super::equal_selectors`] and [`super::subset_selectors`] have in common.

use super::Plan;
use crate::{
    model::Matcher,
    storage::{SelectHints, SelectRequest},
};

/// Whether every condition of `fewer` stands in `more`, too.
pub(super) fn includes(more: &[Matcher], fewer: &[Matcher]) -> bool {
    fewer.iter().all(|matcher| more.contains(matcher))
}

/// Whether two lists have the same conditions.
pub(super) fn same_matchers(a: &[Matcher], b: &[Matcher]) -> bool {
    a == b || includes(a, b) && includes(b, a)
}

/// Whether no time lies between what two requests read.
pub(super) fn adjoin(a: &SelectRequest, b: &SelectRequest) -> bool {
    a.start_ms <= b.end_ms.saturating_add(1) && b.start_ms <= a.end_ms.saturating_add(1)
}

/// Fetches for each request's base what the request would have; `bases` has a number a request, its own where it stays. A base may
/// have a base in turn, but there is no circle.
pub(super) fn merge(plan: &mut Plan, bases: &[usize]) {
    let root_of = |mut number: usize| {
        while bases[number] != number {
            number = bases[number];
        }
        number
    };
    if bases.iter().enumerate().all(|(number, base)| number == *base) {
        return;
    }
    let mut places = vec![None; bases.len()];
    let mut whole: Vec<SelectRequest> = Vec::new();
    for number in 0..bases.len() {
        if bases[number] == number {
            places[number] = Some(whole.len());
            whole.push(plan.requests[number].clone());
        }
    }
    let place_of = |number: usize| places[root_of(number)].unwrap_or_default();
    for (number, request) in plan.requests.iter().enumerate() {
        let base = &mut whole[place_of(number)];
        base.start_ms = base.start_ms.min(request.start_ms);
        base.end_ms = base.end_ms.max(request.end_ms);
        if bases[number] != number {
            base.hints = common_hints(&base.hints, &request.hints);
        }
    }
    for read in &mut plan.reads {
        let place = place_of(read.request);
        let (asked, base) = (read.part.as_deref().unwrap_or(&plan.requests[read.request]), &whole[place]);
        let is_all = (asked.start_ms, asked.end_ms) == (base.start_ms, base.end_ms)
            && same_matchers(&asked.matchers, &base.matchers);
        read.part = (!is_all).then(|| Box::new(asked.clone()));
        read.request = place;
    }
    plan.requests = whole;
}

/// What is true of two uses of one request.
fn common_hints(a: &SelectHints, b: &SelectHints) -> SelectHints {
    let same_grouping = (&a.grouping, a.by) == (&b.grouping, b.by);
    SelectHints {
        function: a.function.filter(|function| Some(*function) == b.function),
        range_ms: if a.range_ms == b.range_ms { a.range_ms } else { 0 },
        step_ms: if a.step_ms == b.step_ms { a.step_ms } else { 0 },
        grouping: if same_grouping { a.grouping.clone() } else { Vec::new() },
        by: same_grouping && a.by,
        statistics_only: a.statistics_only && b.statistics_only,
        labels: None,
    }
}
