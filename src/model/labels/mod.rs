//! Labels of a series: sorted pairs in one shared string, or in a part of one.
//!
//! The encoding stands in `encoding`, building in `builder` and, for one label of many values, in `template`, sorting in `order`,
//! projections for grouping and matching in `signature`, printing in `display`.

mod builder;
mod display;
mod encoding;
mod order;
mod signature;
mod template;

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

pub use builder::LabelsBuilder;
pub(crate) use display::is_plain_label_name;
use encoding::{Pairs, compare_names, encoded_length, text_bounds};
pub(crate) use order::in_label_order;
pub(crate) use template::{LabelSets, LabelTemplate};

use super::same_bytes;

/// The label that holds the metric's name.
pub const METRIC_NAME: &str = "__name__";

/// A sorted set of labels, each name once, no value empty. Cloning shares; equality and hashing read one run of bytes.
///
/// What is left of a set when labels at its ends go, the metric's name above all, shares its memory, too.
///
/// The order is Prometheus': by the first name or value that differs, then fewer labels first.
#[derive(Clone, Default)]
pub struct Labels {
    /// `None` where there is no label.
    shared: Option<Arc<str>>,
    /// Bytes of `shared` that stand ahead of this set's.
    before: u32,
    /// Bytes of `shared` that stand behind this set's.
    behind: u32,
}

impl Labels {
    /// Labels of these pairs, in any order. Empty values are dropped; of a name given twice the last value counts.
    pub fn from_pairs<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut builder = LabelsBuilder::default();
        for (name, value) in pairs {
            builder.set(name.as_ref(), value.as_ref());
        }
        builder.finish()
    }

    /// The set behind encoded text.
    fn of_text(text: &str) -> Self {
        let shared = (!text.is_empty()).then(|| Arc::from(text));
        Self { shared, before: 0, behind: 0 }
    }

    /// The encoded text.
    #[inline]
    fn text(&self) -> &str {
        match &self.shared {
            Some(shared) => &shared[self.before as usize..shared.len() - self.behind as usize],
            None => "",
        }
    }

    /// The encoded text as bytes, which cut more cheaply.
    #[inline]
    fn bytes(&self) -> &[u8] {
        match &self.shared {
            Some(shared) => &shared.as_bytes()[self.before as usize..shared.len() - self.behind as usize],
            None => &[],
        }
    }

    /// The set behind a part of the encoded text (whole pairs), which shares its memory.
    pub(crate) fn part(&self, range: Range<usize>) -> Self {
        if range.is_empty() {
            return Self::default();
        }
        let cut = |own: u32, more: usize| own.checked_add(u32::try_from(more).ok()?);
        let behind = self.bytes().len() - range.end;
        match (cut(self.before, range.start), cut(self.behind, behind)) {
            (Some(before), Some(behind)) => Self { shared: self.shared.clone(), before, behind },
            _ => Self::of_text(&self.text()[range]),
        }
    }

    /// The pairs, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        Pairs(self.text())
    }

    /// How many labels there are; counts them.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is no label.
    pub fn is_empty(&self) -> bool {
        self.shared.is_none()
    }

    /// The value of a label.
    pub fn get(&self, name: &str) -> Option<&str> {
        let data = self.text();
        let bytes = data.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let (name_start, name_end) = text_bounds(&bytes[at..]);
            let order = compare_names(&bytes[at + name_start..at + name_end], name.as_bytes());
            let value_at = at + name_end;
            let (start, end) = text_bounds(&bytes[value_at..]);
            match order {
                Ordering::Less => at = value_at + end,
                Ordering::Equal => return Some(&data[value_at + start..value_at + end]),
                Ordering::Greater => break,
            }
        }
        None
    }

    /// The metric's name.
    pub fn metric_name(&self) -> Option<&str> {
        // As a rule it comes first.
        match self.text().strip_prefix("\u{8}__name__") {
            Some(behind) => Some(encoding::take_text(behind).0),
            None => self.get(METRIC_NAME),
        }
    }

    /// The labels whose names `keep` accepts.
    pub fn retain(&self, mut keep: impl FnMut(&str) -> bool) -> Self {
        let mut kept = Kept::of(self);
        let (mut kept_from, mut at) = (0, 0);
        for (name, value) in self.iter() {
            let next = at + encoded_length(name) + encoded_length(value);
            if !keep(name) {
                kept.push(kept_from..at);
                kept_from = next;
            }
            at = next;
        }
        kept.push(kept_from..at);
        kept.finish()
    }

    /// These labels without the metric's name.
    pub fn without_metric_name(&self) -> Self {
        self.without(&[METRIC_NAME])
    }

    /// Whether a label has one of some names, which are sorted.
    pub(crate) fn has_any(&self, names: &[&str]) -> bool {
        let last = names.last().and_then(|name| name.bytes().next());
        let mut own = self.iter().map(|(name, _)| name).take_while(|name| name.bytes().next() <= last);
        own.any(|name| names.contains(&name))
    }

    /// These labels without those of some names, which are sorted.
    pub(crate) fn without(&self, names: &[&str]) -> Self {
        let bytes = self.bytes();
        let last = names.last().and_then(|name| name.bytes().next());
        let mut kept = Kept::of(self);
        let (mut kept_from, mut at) = (0, 0);
        while at < bytes.len() {
            let (start, end) = text_bounds(&bytes[at..]);
            let name = &bytes[at + start..at + end];
            if name.first().copied() > last {
                // Nor is any label behind it one of these.
                break;
            }
            let next = at + end + text_bounds(&bytes[at + end..]).1;
            if names.iter().any(|of| of.as_bytes() == name) {
                kept.push(kept_from..at);
                kept_from = next;
            }
            at = next;
        }
        kept.push(kept_from..bytes.len());
        kept.finish()
    }
}

/// What some runs of a set's encoded pairs make: a part of the set where it is one run.
struct Kept<'a> {
    of: &'a Labels,
    first: Range<usize>,
    /// All runs, where there are several.
    text: String,
}

impl<'a> Kept<'a> {
    fn of(of: &'a Labels) -> Self {
        Self { of, first: 0..0, text: String::new() }
    }

    fn push(&mut self, run: Range<usize>) {
        if run.is_empty() {
            return;
        }
        if self.first.is_empty() {
            self.first = run;
            return;
        }
        let data = self.of.text();
        if self.text.is_empty() {
            self.text.reserve(data.len());
            self.text.push_str(&data[self.first.clone()]);
        }
        self.text.push_str(&data[run]);
    }

    fn finish(self) -> Labels {
        if self.text.is_empty() { self.of.part(self.first) } else { Labels::of_text(&self.text) }
    }
}

impl PartialEq for Labels {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        same_bytes(self.bytes(), other.bytes())
    }
}

impl Eq for Labels {}

impl Hash for Labels {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text().hash(state);
    }
}

impl Ord for Labels {
    fn cmp(&self, other: &Self) -> Ordering {
        encoding::compare(self.bytes(), other.bytes())
    }
}

impl PartialOrd for Labels {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for Labels {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self::from_pairs(pairs)
    }
}
