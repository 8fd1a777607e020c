//! Which series of two sides belong together: match groups, found on labels before a sample is read.

use rustc_hash::FxHashMap;

use crate::model::{Labels, METRIC_NAME};

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
    labels.project(&[TYPE_LABEL, UNIT_LABEL], false)
}

/// Which labels decide a match or a group.
#[derive(Debug)]
pub(crate) struct Projection {
    /// Sorted, as the labels' own projections want them.
    names: Vec<String>,
    keeps_named: bool,
}

impl Projection {
    /// The named labels (`on`, `by`), or all but those and the metric's metadata (`ignoring`, `without`).
    pub(crate) fn new(keeps_named: bool, names: &[String]) -> Self {
        let mut names = names.to_vec();
        if !keeps_named {
            names.extend([TYPE_LABEL, UNIT_LABEL].map(str::to_owned));
        }
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
pub(crate) struct MatchGroups {
    projection: Projection,
    /// By signature, so that a series of a known group costs no allocation.
    ids: FxHashMap<Box<[u8]>, u32>,
    signature: Vec<u8>,
}

impl MatchGroups {
    /// No group yet.
    pub(crate) fn new(projection: Projection) -> Self {
        Self { projection, ids: FxHashMap::default(), signature: Vec::new() }
    }

    /// The group of a series.
    pub(crate) fn id(&mut self, labels: &Labels) -> u32 {
        self.signature.clear();
        labels.signature_into(&mut self.signature, &self.projection.names, self.projection.keeps_named);
        if let Some(id) = self.ids.get(&*self.signature) {
            return *id;
        }
        let next = self.ids.len() as u32;
        self.ids.insert(self.signature.as_slice().into(), next);
        next
    }

    /// The groups of some series.
    pub(crate) fn ids<'a>(&mut self, series: impl ExactSizeIterator<Item = &'a Labels>) -> Vec<usize> {
        self.ids.reserve(series.len());
        series.map(|labels| self.id(labels) as usize).collect()
    }

    /// How many groups there are.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// What is left of the labels of a series.
    pub(crate) fn labels(&self, of: &Labels) -> Labels {
        self.projection.of(of)
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
    let mut labels_of = Vec::new();
    let of_row = rows
        .map(|labels| {
            let id = groups.id(labels);
            if id as usize == labels_of.len() {
                labels_of.push(groups.labels(labels));
            }
            id
        })
        .collect();
    (of_row, labels_of)
}
