//! The inverted index: from a label's values to the series that have them.
//!
//! Series are ranked by label order, and every posting list holds ranks, so what lists are cut and
//! joined to is in the order that `select` promises, without sorting. Built once after the last new series.

use rustc_hash::FxHashMap;

use crate::model::LabelInterner;
use crate::model::{MatchOperator, Matcher};

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

    fn of_value(&self, value: &str) -> &[u32] {
        match self.values.binary_search_by(|v| (**v).cmp(value)) {
            Ok(at) => self.run(at, at + 1),
            Err(_) => &[],
        }
    }
}

/// Which series the index leaves to be looked at.
enum Candidates<'a> {
    /// All of them.
    All,
    /// These, ascending.
    Lent(&'a [u32]),
    /// These, ascending.
    Owned(Vec<u32>),
}

impl Candidates<'_> {
    fn as_slice(&self, all: usize) -> (Option<&[u32]>, usize) {
        match self {
            Candidates::All => (None, all),
            Candidates::Lent(ranks) => (Some(ranks), ranks.len()),
            Candidates::Owned(ranks) => (Some(ranks), ranks.len()),
        }
    }
}

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
    pub(super) fn select(&self, series: &LabelInterner, matchers: &[Matcher]) -> Vec<u32> {
        let mut candidates = Candidates::All;
        // The list with the fewest series first; what the index does not serve is asked of each survivor.
        let mut rest: Vec<&Matcher> = Vec::new();
        let mut lists: Vec<Candidates<'_>> = Vec::new();
        for matcher in matchers {
            match self.postings(matcher) {
                Some(list) => lists.push(list),
                None => rest.push(matcher),
            }
        }
        lists.sort_by_key(|list| list.as_slice(self.ids.len()).1);
        for list in lists {
            candidates = match (candidates, list) {
                (Candidates::All, list) => list,
                (some, Candidates::All) => some,
                (a, b) => {
                    let (a, _) = a.as_slice(0);
                    let (b, _) = b.as_slice(0);
                    Candidates::Owned(intersect(a.unwrap_or_default(), b.unwrap_or_default()))
                }
            };
        }
        let sets = series.as_slice();
        let id_of = |rank: &u32| self.ids.get(*rank as usize).copied();
        let accepted = |id: &u32| {
            sets.get(*id as usize).is_some_and(|labels| {
                rest.iter().all(|m| m.matches(labels.get(m.name()).unwrap_or_default()))
            })
        };
        match candidates.as_slice(self.ids.len()).0 {
            None => self.ids.iter().copied().filter(accepted).collect(),
            Some(ranks) => ranks.iter().filter_map(id_of).filter(accepted).collect(),
        }
    }

    /// The series that one matcher accepts, where the index can tell cheaply.
    fn postings(&self, matcher: &Matcher) -> Option<Candidates<'_>> {
        if matcher.matches("") {
            return None;
        }
        // From here on only series with the label come into question.
        let Some(postings) = self.labels.get(matcher.name()) else {
            return Some(Candidates::Lent(&[]));
        };
        match matcher.operator() {
            MatchOperator::Equal => Some(Candidates::Lent(postings.of_value(matcher.value()))),
            // Only `!= ""` comes here: every value is another one than the empty one.
            MatchOperator::NotEqual => Some(self.with_label(postings)),
            MatchOperator::Regex | MatchOperator::NotRegex => {
                if let Some(values) = matcher.set_values() {
                    return Some(union(values.iter().map(|value| postings.of_value(value)).collect()));
                }
                let (mut first, mut last) = (0, postings.values.len());
                if let Some(prefix) = matcher.prefix() {
                    first = postings.values.partition_point(|value| **value < *prefix);
                    last = first
                        + postings
                            .values
                            .get(first..)
                            .map_or(0, |v| v.partition_point(|v| v.starts_with(prefix)));
                }
                // One question a distinct value, not a series.
                let runs: Vec<&[u32]> = (first..last)
                    .filter(|at| postings.values.get(*at).is_some_and(|value| matcher.matches(value)))
                    .map(|at| postings.run(at, at + 1))
                    .collect();
                if runs.len() == postings.values.len() {
                    return Some(self.with_label(postings));
                }
                Some(union(runs))
            }
        }
    }

    /// All series that have a label; for `__name__` and `job` often all series there are.
    fn with_label<'a>(&self, postings: &'a LabelPostings) -> Candidates<'a> {
        if postings.ranks.len() == self.ids.len() {
            return Candidates::All;
        }
        let mut ranks = postings.ranks.clone();
        ranks.sort_unstable();
        Candidates::Owned(ranks)
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

fn union<'a>(runs: Vec<&'a [u32]>) -> Candidates<'a> {
    match *runs.as_slice() {
        [] => Candidates::Lent(&[]),
        [one] => Candidates::Lent(one),
        _ => {
            // A series has one value of a label, so the runs have no rank in common.
            let mut ranks = runs.concat();
            ranks.sort_unstable();
            Candidates::Owned(ranks)
        }
    }
}

/// What stands in both lists; `few` is the shorter one and leads.
fn intersect(few: &[u32], many: &[u32]) -> Vec<u32> {
    let mut out = Vec::with_capacity(few.len());
    let mut rest = many;
    let gallop = many.len() / 16 > few.len();
    for rank in few {
        let skip = if gallop {
            rest.partition_point(|other| other < rank)
        } else {
            rest.iter().take_while(|other| *other < rank).count()
        };
        rest = rest.get(skip..).unwrap_or_default();
        if rest.first() == Some(rank) {
            out.push(*rank);
        }
    }
    out
}
