//! Makes a failing case small: what can go without the failure going is left out.

use crate::functions;
use crate::syntax::{self, FunctionSet, ParserOptions};

use super::case::{Case, Settings, Times};
use super::generator::{DataSet, Item};

/// A way to change the samples of a series and their start times.
type Change<'c> = &'c dyn Fn(&mut Vec<Item>, &mut Vec<Option<i64>>);

mod query;

/// The smallest case found that fails as `fails` says, starting from one that does, after at most `attempts` questions.
pub fn shrink(case: &Case, attempts: usize, mut fails: impl FnMut(&Case) -> bool) -> Case {
    let mut best = case.clone();
    let mut left = attempts;
    let shrunk = std::cell::Cell::new(true);
    let mut attempt = |best: &mut Case, smaller: Case| {
        if left == 0 || smaller == *best {
            return false;
        }
        left -= 1;
        let failed = fails(&smaller);
        if failed {
            *best = smaller;
            shrunk.set(true);
        }
        failed
    };
    while shrunk.replace(false) {
        while query_candidates(&best.query).into_iter().any(|query| {
            let next = Case { query, ..best.clone() };
            attempt(&mut best, next)
        }) {}
        while time_candidates(best.times).into_iter().any(|times| {
            let next = Case { times, ..best.clone() };
            attempt(&mut best, next)
        }) {}
        let next = Case { settings: Settings::default(), ..best.clone() };
        attempt(&mut best, next);
        drop_series(&mut best, &mut attempt);
        drop_samples(&mut best, &mut attempt);
    }
    best
}

/// Queries with one thing less, those with the most less first.
fn query_candidates(query: &str) -> Vec<String> {
    let functions = FunctionSet::new(functions::signatures().iter().copied());
    let Ok(parsed) = syntax::parse(query, &ParserOptions::all(), &functions) else { return Vec::new() };
    let mut candidates: Vec<String> = query::variants(&parsed.expr).iter().map(ToString::to_string).collect();
    candidates.retain(|candidate| candidate.len() < query.len());
    candidates.sort_by_key(String::len);
    candidates.dedup();
    candidates
}

fn time_candidates(times: Times) -> Vec<Times> {
    let Times::Range { start_ms, end_ms, step_ms } = times else { return Vec::new() };
    let last = (end_ms - start_ms).max(0) / step_ms.max(1);
    let range = |first: i64, last: i64| Times::Range {
        start_ms: start_ms + first * step_ms,
        end_ms: start_ms + last * step_ms,
        step_ms,
    };
    let mut out = vec![Times::Instant(start_ms), Times::Instant(start_ms + last * step_ms)];
    if last > 0 {
        out.extend([range(0, (last - 1) / 2), range(last / 2 + 1, last), range(0, last - 1), range(1, last)]);
    }
    out
}

type Attempt<'a> = dyn FnMut(&mut Case, Case) -> bool + 'a;

/// Leaves out runs of series, long ones first.
fn drop_series(best: &mut Case, attempt: &mut Attempt<'_>) {
    let mut run = best.data.series().count().next_power_of_two();
    while run > 0 {
        let mut at = 0;
        while at < best.data.series().count() {
            let mut index = 0;
            let mut data = best.data.clone();
            for block in &mut data.blocks {
                block.series.retain(|_| {
                    index += 1;
                    !(at..at + run).contains(&(index - 1))
                });
            }
            data.blocks.retain(|block| !block.series.is_empty());
            let next = Case { data, ..best.clone() };
            if !attempt(best, next) {
                at += run;
            }
        }
        run /= 2;
    }
}

/// Leaves out runs of samples and start times, series by series, and makes plain numbers of odd ones.
fn drop_samples(best: &mut Case, attempt: &mut Attempt<'_>) {
    for series in 0..best.data.series().count() {
        let changed = |best: &Case, change: Change<'_>| {
            let mut data = best.data.clone();
            if let Some(series) = nth_series(&mut data, series) {
                change(&mut series.items, &mut series.starts);
                while series.items.last() == Some(&Item::Omitted) {
                    series.items.pop();
                }
                series.starts.truncate(series.items.len());
            }
            Case { data, ..best.clone() }
        };
        let next = changed(best, &|_, starts| starts.clear());
        attempt(best, next);
        let count = |best: &Case| best.data.series().nth(series).map_or(0, |series| series.items.len());
        let mut run = count(best).next_power_of_two();
        while run > 0 {
            let mut at = 0;
            while at < count(best) {
                let next = changed(best, &|items, _| {
                    items.iter_mut().skip(at).take(run).for_each(|item| *item = Item::Omitted);
                });
                attempt(best, next);
                at += run;
            }
            run /= 2;
        }
        for at in 0..count(best) {
            let simple = [0.0, 1.0, 2.0];
            let now = best.data.series().nth(series).and_then(|series| series.items.get(at));
            let simpler = match now {
                Some(Item::Float(now)) => {
                    simple.iter().position(|value| value == now).unwrap_or(simple.len())
                }
                _ => 0,
            };
            for value in &simple[..simpler] {
                let next = changed(best, &|items, _| {
                    if let Some(item @ Item::Float(_)) = items.get_mut(at) {
                        *item = Item::Float(*value);
                    }
                });
                if attempt(best, next) {
                    break;
                }
            }
        }
    }
}

fn nth_series(data: &mut DataSet, index: usize) -> Option<&mut super::generator::SeriesData> {
    data.blocks.iter_mut().flat_map(|block| &mut block.series).nth(index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::generator::{Choices, DataOptions, data_set};

    #[test]
    fn what_does_not_matter_goes() {
        let case = Case {
            data: data_set(&mut Choices::from_seed(3), DataOptions::default()),
            query:
                "sum by (job) (rate(events_total{job=\"j0\"}[5m] offset 1m) + on (job) group_left () quota)"
                    .into(),
            times: Times::Range { start_ms: 0, end_ms: 600_000, step_ms: 30_000 },
            settings: Settings { delayed_name_removal: false, ..Settings::default() },
        };
        let small = shrink(&case, 10_000, |case| {
            let has_quota = case.data.series().any(|series| {
                series.labels.metric_name() == Some("quota")
                    && series.items.iter().any(|item| *item != Item::Omitted)
            });
            case.query.contains("offset") && has_quota
        });
        assert_eq!(small.query, "events_total offset 1m");
        assert_eq!((small.data.series().count(), small.data.samples()), (1, 1));
        assert_eq!(small.times, Times::Instant(0));
        assert_eq!(small.settings, Settings::default());
    }
}
