//! Which series of two sides belong together: match groups, found on labels before a sample is read.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use crate::model::{Labels, METRIC_NAME, same_bytes};

/// The label of a metric's type, dropped wherever the name is.
pub(crate) const TYPE_LABEL: &str = "__type__";
/// The label of a metric's unit, dropped wherever the name is.
pub(crate) const UNIT_LABEL: &str = "__unit__";

/// Whether a label describes the metric itself: its name, type or unit.
pub(crate) fn is_metadata_label(name: &str) -> bool {
    name == METRIC_NAME || name == TYPE_LABEL || name == UNIT_LABEL
}

/// The labels left when an operation has changed what the metric measures.
pub(crate) fn drop_metadata(labels: &Labels) -> Labels {
    labels.without(&[METRIC_NAME, TYPE_LABEL, UNIT_LABEL])
}

/// Which labels decide a match or a group.
#[derive(Debug)]
pub(crate) struct Projection<'n> {
    /// Sorted, as the labels' own projections want them.
    names: Vec<&'n str>,
    keeps_named: bool,
}

impl<'n> Projection<'n> {
    /// The named labels (`on`, `by`), or all but those and the metric's metadata (`ignoring`, `without`).
    pub(crate) fn new(keeps_named: bool, names: &'n [String]) -> Self {
        let metadata = if keeps_named { &[][..] } else { &[TYPE_LABEL, UNIT_LABEL] };
        let mut names: Vec<&str> = names.iter().map(String::as_str).chain(metadata.iter().copied()).collect();
        names.sort_unstable();
        Self { names, keeps_named }
    }

    /// What is left of some labels.
    pub(crate) fn of(&self, labels: &Labels) -> Labels {
        labels.project(&self.names, self.keeps_named)
    }
}

/// Dense ids for the groups of series, of one side or of several.
#[derive(Debug)]
pub(crate) struct MatchGroups<'n> {
    projection: Projection<'n>,
    /// What is left of the labels of each group's first series.
    labels: Vec<Labels>,
    /// Ids by hash, or [`FREE`]; a power of two, at most half of it used.
    table: Vec<u32>,
    /// The group of the series before.
    last: usize,
    signature: Vec<u8>,
}

/// Marks a free place of a table.
const FREE: u32 = u32::MAX;

impl<'n> MatchGroups<'n> {
    /// No group yet.
    pub(crate) fn new(projection: Projection<'n>) -> Self {
        Self { projection, labels: Vec::new(), table: Vec::new(), last: 0, signature: Vec::new() }
    }

    /// The group of a series.
    pub(crate) fn id(&mut self, labels: &Labels) -> u32 {
        if self.labels.len() * 2 >= self.table.len() {
            self.grow((self.labels.len() * 4).max(16));
        }
        let Projection { names, keeps_named } = &self.projection;
        let run = labels.projected_run(&mut self.signature, names, *keeps_named);
        let signature = run.clone().map_or(&*self.signature, |run| &labels.as_signature()[run]);
        // Neighbours are often of one group, or of groups that were neighbours on the other side.
        let is_group = |id: &usize| {
            self.labels.get(*id).is_some_and(|known| same_bytes(known.as_signature(), signature))
        };
        let near = [self.last, self.last + 1].into_iter().find(is_group);
        let id = near.unwrap_or_else(|| {
            let place = place(&self.table, &self.labels, signature);
            if self.table[place] == FREE {
                self.table[place] = self.labels.len() as u32;
                self.labels.push(run.map_or_else(|| self.projection.of(labels), |run| labels.part(run)));
            }
            self.table[place] as usize
        });
        self.last = id;
        id as u32
    }

    /// Makes room for at least half as many groups.
    fn grow(&mut self, places: usize) {
        self.table.clear();
        self.table.resize(places.next_power_of_two(), FREE);
        for id in 0..self.labels.len() {
            let place = place(&self.table, &self.labels, self.labels[id].as_signature());
            self.table[place] = id as u32;
        }
    }

    /// The groups of some series.
    pub(crate) fn ids<'a>(&mut self, series: impl ExactSizeIterator<Item = &'a Labels>) -> Vec<usize> {
        series.map(|labels| self.id(labels) as usize).collect()
    }

    /// How many groups there are.
    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }

    /// What is left of the labels of a series.
    pub(crate) fn labels(&self, of: &Labels) -> Labels {
        self.projection.of(of)
    }

    /// What is left of each group's labels.
    pub(crate) fn into_labels(self) -> Vec<Labels> {
        self.labels
    }
}

/// Where a signature's id stands in a table, or would stand.
fn place(table: &[u32], known: &[Labels], signature: &[u8]) -> usize {
    let mut hasher = FxHasher::default();
    hasher.write(signature);
    let mask = table.len() - 1;
    let mut place = hasher.finish() as usize & mask;
    loop {
        match known.get(table[place] as usize) {
            Some(known) if !same_bytes(known.as_signature(), signature) => place = (place + 1) & mask,
            _ => return place,
        }
    }
}

/// The groups of an aggregation: each row's group, and each group's labels.
pub(crate) fn group_rows<'a>(
    rows: impl Iterator<Item = &'a Labels>,
    without: bool,
    grouping: &[String],
) -> (Vec<u32>, Vec<Labels>) {
    if !without && grouping.is_empty() {
        let of_row: Vec<u32> = rows.map(|_| 0).collect();
        let groups = if of_row.is_empty() { Vec::new() } else { vec![Labels::default()] };
        return (of_row, groups);
    }
    let mut groups = MatchGroups::new(Projection::new(!without, grouping));
    let of_row = rows.map(|labels| groups.id(labels)).collect();
    (of_row, groups.into_labels())
}
