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
    labels.retain(|name| !is_metadata_label(name))
}

/// The labels that decide a match: those named by `on`, or all but the ignored ones and the metric's metadata.
pub(crate) fn match_labels(labels: &Labels, on: bool, names: &[String]) -> Labels {
    let named = |name: &str| names.iter().any(|n| n == name);
    if on { labels.retain(named) } else { labels.retain(|name| !is_metadata_label(name) && !named(name)) }
}

/// Dense ids for the match groups of several sides.
#[derive(Debug, Default)]
pub(crate) struct MatchGroups {
    ids: FxHashMap<Labels, u32>,
}

impl MatchGroups {
    /// The group of a series.
    pub(crate) fn id(&mut self, labels: &Labels, on: bool, names: &[String]) -> u32 {
        let next = self.ids.len() as u32;
        *self.ids.entry(match_labels(labels, on, names)).or_insert(next)
    }

    /// How many groups there are.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }
}

/// The groups of an aggregation: each row's group, and each group's labels.
pub(crate) fn group_rows<'a>(
    rows: impl Iterator<Item = &'a Labels>,
    without: bool,
    grouping: &[String],
) -> (Vec<u32>, Vec<Labels>) {
    let named = |name: &str| grouping.iter().any(|n| n == name);
    let mut ids: FxHashMap<Labels, u32> = FxHashMap::default();
    let mut groups = Vec::new();
    let row_groups = rows
        .map(|labels| {
            let key = match (without, grouping) {
                (true, _) => labels.retain(|name| !is_metadata_label(name) && !named(name)),
                (false, []) => Labels::default(),
                (false, _) => labels.retain(named),
            };
            *ids.entry(key).or_insert_with_key(|key| {
                groups.push(key.clone());
                groups.len() as u32 - 1
            })
        })
        .collect();
    (row_groups, groups)
}
