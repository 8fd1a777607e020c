//! Labels of a series: sorted pairs in one shared string.
//!
//! The encoding stands in `encoding`, building in `builder`, projections for grouping and matching in `signature`,
//! printing in `display`.

mod builder;
mod display;
mod encoding;
mod signature;

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

pub use builder::LabelsBuilder;
pub(crate) use display::is_plain_label_name;
use encoding::{Pairs, compare_names, push_text, take_pair, text_bounds};

/// The label that holds the metric's name.
pub const METRIC_NAME: &str = "__name__";

/// A sorted set of labels, each name once, no value empty. Cloning shares; equality and hashing read one run of bytes.
///
/// The order is Prometheus': by the first name or value that differs, then fewer labels first.
#[derive(Clone)]
pub struct Labels(Arc<str>);

impl Default for Labels {
    fn default() -> Self {
        Self(Arc::from(""))
    }
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

    /// The pairs, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        Pairs(&self.0)
    }

    /// How many labels there are; counts them.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is no label.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a label.
    pub fn get(&self, name: &str) -> Option<&str> {
        let data: &str = &self.0;
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
        self.get(METRIC_NAME)
    }

    /// The labels whose names `keep` accepts.
    pub fn retain(&self, mut keep: impl FnMut(&str) -> bool) -> Self {
        let mut out = String::with_capacity(self.0.len());
        for (name, value) in self.iter() {
            if keep(name) {
                push_text(&mut out, name);
                push_text(&mut out, value);
            }
        }
        Self(Arc::from(out))
    }

    /// These labels without the metric's name.
    pub fn without_metric_name(&self) -> Self {
        let data: &str = &self.0;
        let mut at = 0;
        while at < data.len() {
            let (length, name, _) = take_pair(&data[at..]);
            match name.cmp(METRIC_NAME) {
                Ordering::Less => at += length,
                Ordering::Equal if at == 0 => return Self(Arc::from(&data[length..])),
                Ordering::Equal => return Self(Arc::from([&data[..at], &data[at + length..]].concat())),
                Ordering::Greater => break,
            }
        }
        self.clone()
    }
}

impl PartialEq for Labels {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Eq for Labels {}

impl Hash for Labels {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Ord for Labels {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) {
            return Ordering::Equal;
        }
        encoding::compare(&self.0, &other.0)
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
