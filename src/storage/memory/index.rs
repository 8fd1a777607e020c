//! The inverted index: from a label's values to the series that have them.
//!
//! Series are ranked by label order, and every posting list holds ranks, so what lists are cut and
//! joined to is in the order that `select` promises, without sorting. Built once after the last new series.

use std::borrow::Cow;
use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::model::{LabelInterner, Matcher};

/// The values of one label, sorted, each with its run of ranks.
#[derive(Debug, Default)]
struct LabelPostings {
    values: Vec<Box<str>>,
    /// Where each value's run ends in `ranks`.
    ends: Vec<u32>,
    ranks: Vec<u32>,
}

impl LabelPostings {
    /// The ranks of all values with an index in this range.
    fn run(&self, first: usize, last: usize) -> &[u32] {
        let end = |index: usize| self.ends.get(index).map_or(self.ranks.len(), |end| *end as usize);
        let start = first.checked_sub(1).map_or(0, end);
        let stop = last.checked_sub(1).map_or(0, end);
        self.ranks.get(start..stop).unwrap_or_default()
    }

    /// The runs of those values of a range that `accept` accepts: one question a distinct value, not a series.
    fn runs_where(&self, range: Range<usize>, accept: impl Fn(&str) -> bool) -> Vec<&[u32]> {
        range
            .filter(|at| self.values.get(*at).is_some_and(|value| accept(value)))
            .map(|at| self.run(at, at + 1))
            .collect()
    }

    /// The ranks of some values, of so many in all.
    fn of_values(&self, values: &[String], of: usize) -> Ranks<'_> {
        match values {
            [value] => Cow::Borrowed(self.of_value(value)),
            _ => union(values.iter().map(|value| self.of_value(value)).collect(), of),
        }
    }

    fn of_value(&self, value: &str) -> &[u32] {
        match self.values.binary_search_by(|v| (**v).cmp(value)) {
            Ok(at) => self.run(at, at + 1),
            Err(_) => &[],
        }
    }
}

/// Ranks, ascending.
type Ranks<'a> = Cow<'a, [u32]>;

/// Postings of every label, and the ranks themselves.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// From rank to the series' number in the store.
    ids: Vec<u32>,
    labels: FxHashMap<Box<str>, LabelPostings>,
}

impl Index {
    /// The index of these series.
    pub(super) fn build(series: &LabelInterner) -> Self {
        let sets = series.as_slice();
        let mut ids: Vec<u32> = (0..sets.len() as u32).collect();
        // Stable on purpose: files and scrapes come mostly in order, and this sort uses that.
        ids.sort_by(|a, b| sets[*a as usize].cmp(&sets[*b as usize]));

        let mut pairs: FxHashMap<&str, Vec<(&str, u32)>> = FxHashMap::default();
        for (rank, id) in ids.iter().enumerate() {
            for (name, value) in sets[*id as usize].iter() {
                pairs.entry(name).or_default().push((value, rank as u32));
            }
        }
        let labels = pairs
            .into_iter()
            .map(|(name, mut pairs)| {
                pairs.sort_by(|a, b| a.0.cmp(b.0));
                let mut postings =
                    LabelPostings { ranks: Vec::with_capacity(pairs.len()), ..Default::default() };
                for (value, rank) in pairs {
                    if postings.values.last().is_none_or(|last| **last != *value) {
                        postings.values.push(value.into());
                        postings.ends.push(postings.ranks.len() as u32);
                    }
                    postings.ranks.push(rank);
                    if let Some(end) = postings.ends.last_mut() {
                        *end += 1;
                    }
                }
                (Box::from(name), postings)
            })
            .collect();
        Self { ids, labels }
    }

    /// The numbers of the series that all matchers accept, in label order.
    pub(super) fn select<'a>(&'a self, series: &LabelInterner, matchers: &[Matcher]) -> Vec<u32> {
        // Matchers that need the label leave lists of series; the shortest first keeps the cuts short. Those that name their values
        // come before all others, which then need not look at more values than there are series left.
        let wanting = || matchers.iter().filter(|matcher| !matcher.matches_empty());
        let cut = |mut lists: Vec<Ranks<'a>>| {
            lists.sort_by_key(|list| list.len());
            lists.into_iter().reduce(|few, many| Cow::Owned(intersect(&few, &many)))
        };
        let mut named =
            wanting().filter(|m| m.set_values().is_some()).filter_map(|matcher| self.accepted(matcher));
        let mut candidates = named.next();
        if let (Some(first), Some(second)) = (&mut candidates, named.next()) {
            let mut lists = vec![std::mem::take(first), second];
            lists.extend(named);
            candidates = cut(lists);
        }
        let mut rest: Vec<&Matcher> = Vec::new();
        let mut lists: Vec<Ranks<'_>> = Vec::new();
        for matcher in wanting().filter(|matcher| matcher.set_values().is_none()) {
            let values = self.labels.get(matcher.name()).map_or(0, |postings| postings.values.len());
            if candidates.as_ref().is_some_and(|left| left.len() < values) {
                rest.push(matcher);
            } else {
                lists.extend(self.accepted(matcher));
            }
        }
        if !lists.is_empty() {
            lists.extend(candidates);
            candidates = cut(lists);
        }

        // Matchers that do without the label take some series away again.
        for matcher in matchers.iter().filter(|matcher| matcher.matches_empty()) {
            let left = candidates.as_ref().map_or(self.ids.len(), |ranks| ranks.len());
            match self.refused(matcher, left) {
                Some(refused) if refused.is_empty() => {}
                Some(refused) => {
                    let left = candidates.unwrap_or_else(|| Cow::Owned((0..self.ids.len() as u32).collect()));
                    candidates = Some(Cow::Owned(subtract(&left, &refused)));
                }
                None => rest.push(matcher),
            }
        }

        let sets = series.as_slice();
        let accepted = |id: &u32| {
            rest.is_empty()
                || sets.get(*id as usize).is_some_and(|labels| {
                    rest.iter().all(|m| m.matches(labels.get(m.name()).unwrap_or_default()))
                })
        };
        match candidates {
            None => self.ids.iter().copied().filter(accepted).collect(),
            Some(ranks) => ranks
                .iter()
                .filter_map(|rank| self.ids.get(*rank as usize).copied())
                .filter(accepted)
                .collect(),
        }
    }

    /// The series that a matcher accepts which needs the label; `None` where these are all series.
    fn accepted(&self, matcher: &Matcher) -> Option<Ranks<'_>> {
        let Some(postings) = self.labels.get(matcher.name()) else {
            return Some(Cow::Borrowed(&[]));
        };
        if let Some(values) = matcher.set_values() {
            return Some(postings.of_values(values, self.ids.len()));
        }
        let (mut first, mut last) = (0, postings.values.len());
        if let Some(prefix) = matcher.prefix() {
            first = postings.values.partition_point(|value| **value < *prefix);
            let from = postings.values.get(first..).unwrap_or_default();
            last = first + from.partition_point(|value| value.starts_with(prefix));
        }
        let runs = postings.runs_where(first..last, |value| matcher.matches(value));
        // For `__name__` and `job` these are often all series there are.
        let everything = runs.len() == postings.values.len() && postings.ranks.len() == self.ids.len();
        if everything { None } else { Some(union(runs, self.ids.len())) }
    }

    /// The series that a matcher refuses which accepts those without the label; `None` where asking each of the series left
    /// is cheaper than asking each value.
    fn refused(&self, matcher: &Matcher, left: usize) -> Option<Ranks<'_>> {
        let Some(postings) = self.labels.get(matcher.name()) else {
            return Some(Cow::Borrowed(&[]));
        };
        if let Some(values) = matcher.refused_values() {
            return Some(postings.of_values(values, self.ids.len()));
        }
        if left < postings.values.len() {
            return None;
        }
        let runs = postings.runs_where(0..postings.values.len(), |value| !matcher.matches(value));
        Some(union(runs, self.ids.len()))
    }

    /// The values of a label, sorted.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.labels.get(name).into_iter().flat_map(|postings| postings.values.iter().map(AsRef::as_ref))
    }

    /// The names of all labels, in no order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.labels.keys().map(AsRef::as_ref)
    }
}

/// All ranks of runs that have none in common, since a series has one value of a label; there are `of` ranks in all.
fn union<'a>(runs: Vec<&'a [u32]>, of: usize) -> Ranks<'a> {
    match *runs.as_slice() {
        [] => Cow::Borrowed(&[]),
        [one] => Cow::Borrowed(one),
        _ => {
            let count: usize = runs.iter().map(|run| run.len()).sum();
            // A bit a rank sorts them, where that is not much more to look through.
            if count * 16 >= of {
                return Cow::Owned(in_order(&runs, count, of));
            }
            let mut ranks = runs.concat();
            // Stable on purpose: this sort merges runs that are sorted.
            ranks.sort();
            Cow::Owned(ranks)
        }
    }
}

/// The `count` ranks of some runs in order, of `of` ranks in all.
fn in_order(runs: &[&[u32]], count: usize, of: usize) -> Vec<u32> {
    let mut bits = vec![0u64; of.div_ceil(64)];
    for rank in runs.iter().copied().flatten() {
        if let Some(word) = bits.get_mut(*rank as usize / 64) {
            *word |= 1 << (rank % 64);
        }
    }
    let mut ranks = Vec::with_capacity(count);
    for (word, first) in bits.into_iter().zip((0u32..).step_by(64)) {
        let mut rest = word;
        while rest != 0 {
            ranks.push(first + rest.trailing_zeros());
            rest &= rest - 1;
        }
    }
    ranks
}

/// Whether one list is so much longer that searching it beats walking it.
const fn is_much_longer(many: &[u32], few: &[u32]) -> bool {
    many.len() / 16 > few.len()
}

/// `ranks` from the first that is not before `rank`.
fn skip_to(ranks: &[u32], rank: u32, search: bool) -> &[u32] {
    let skip = if search {
        ranks.partition_point(|other| *other < rank)
    } else {
        ranks.iter().take_while(|other| **other < rank).count()
    };
    ranks.get(skip..).unwrap_or_default()
}

/// What stands in both lists; `few` is the shorter one and leads.
fn intersect(few: &[u32], many: &[u32]) -> Vec<u32> {
    let mut out = Vec::with_capacity(few.len());
    let mut rest = many;
    for rank in few {
        rest = skip_to(rest, *rank, is_much_longer(many, few));
        if rest.first() == Some(rank) {
            out.push(*rank);
        }
    }
    out
}

/// What stands in `ranks` and not in `refused`.
fn subtract(ranks: &[u32], refused: &[u32]) -> Vec<u32> {
    let mut rest = refused;
    let search = is_much_longer(refused, ranks);
    let keep = |rank: &u32| {
        rest = skip_to(rest, *rank, search);
        rest.first() != Some(rank)
    };
    let mut out = ranks.to_vec();
    out.retain(keep);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_cut_and_joined_in_order() {
        let many: Vec<u32> = (0..1_000).filter(|rank| rank % 3 != 0).collect();
        for few in [vec![], vec![0, 1, 2, 3, 998, 999], (0..1_000).step_by(2).collect::<Vec<_>>()] {
            let both: Vec<u32> = few.iter().copied().filter(|rank| many.contains(rank)).collect();
            assert_eq!(intersect(&few, &many), both);
            let only: Vec<u32> = few.iter().copied().filter(|rank| !many.contains(rank)).collect();
            assert_eq!(subtract(&few, &many), only);
            let others: Vec<u32> = many.iter().copied().filter(|rank| !few.contains(rank)).collect();
            assert_eq!(subtract(&many, &few), others);
        }
        for of in [10, 70, 1_000] {
            assert_eq!(*union(vec![&[4, 9], &[1], &[2, 3]], of), [1, 2, 3, 4, 9]);
        }
    }
}
