//! The series of a reading by their raw text: each distinct text is parsed once.
//!
//! A recording repeats the same few hundred texts in the same order with every scrape. So each entry remembers
//! which entry followed it, and the usual line costs one comparison of bytes and no hash.

use rustc_hash::FxHashMap;

use super::series::{extent, parse};
use super::{Dialect, Fault};
use crate::formats::error::FormatErrorKind;
use crate::model::{LabelInterner, Labels, METRIC_NAME};
use crate::storage::{MetricType, StorageError};

/// What a series' text means under one metric type.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    raw: &'a [u8],
    kind: Kind,
    /// The series' dense number.
    pub(super) series: u32,
    /// The metric it is a part of, for start timestamps: the same number for all buckets, the sum and the count.
    pub(super) group: Option<u32>,
    /// Whether it is a `_created` line of its group.
    pub(super) created: bool,
    /// The entry that followed last time.
    next: u32,
}

/// The types under which one text may mean different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Counter,
    Histogram,
    Summary,
}

impl Kind {
    fn of(metric_type: MetricType) -> Self {
        match metric_type {
            MetricType::Counter => Self::Counter,
            MetricType::Histogram => Self::Histogram,
            MetricType::Summary => Self::Summary,
            _ => Self::Plain,
        }
    }

    /// What the names of a metric's series end in.
    const fn suffixes(self) -> &'static [&'static str] {
        match self {
            Self::Plain => &[],
            Self::Counter => &["_total"],
            Self::Histogram => &["_bucket", "_count", "_sum"],
            Self::Summary => &["_count", "_sum"],
        }
    }
}

/// All series read so far.
#[derive(Debug)]
pub(super) struct SeriesCache<'a> {
    dialect: Dialect,
    entries: Vec<Entry<'a>>,
    by_text: [FxHashMap<&'a [u8], u32>; 4],
    labels: LabelInterner,
    groups: LabelInterner,
    last: u32,
}

/// A line's series: the entry's number and the bytes it takes.
pub(super) struct Found {
    pub(super) entry: u32,
    pub(super) end: usize,
}

impl<'a> SeriesCache<'a> {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            entries: Vec::new(),
            by_text: Default::default(),
            labels: LabelInterner::default(),
            groups: LabelInterner::default(),
            last: 0,
        }
    }

    pub(super) fn entry(&self, number: u32) -> Option<&Entry<'a>> {
        self.entries.get(number as usize)
    }

    /// The labels of a series.
    pub(super) fn labels(&self, series: u32) -> Option<&Labels> {
        self.labels.get(series)
    }

    /// How many distinct series.
    pub(super) fn series(&self) -> usize {
        self.labels.as_slice().len()
    }

    /// The series that a sample line starts with.
    pub(super) fn find(&mut self, line: &'a [u8], metric_type: MetricType) -> Result<Found, Fault> {
        let kind = Kind::of(metric_type);
        if let Some(found) = self.predicted(line, kind) {
            self.last = found.entry;
            return Ok(found);
        }
        let end = extent(line, self.dialect);
        let raw = &line[..end];
        let number = match self.by_text[kind as usize].get(raw) {
            Some(number) => *number,
            None => self.add(raw, kind, metric_type)?,
        };
        if let Some(last) = self.entries.get_mut(self.last as usize) {
            last.next = number;
        }
        self.last = number;
        Ok(Found { entry: number, end })
    }

    /// The entry that followed the last one before, if the line starts with its text and with no longer one.
    fn predicted(&self, line: &[u8], kind: Kind) -> Option<Found> {
        let next = self.entry(self.last)?.next;
        let entry = self.entry(next)?;
        if entry.kind != kind || !line.starts_with(entry.raw) {
            return None;
        }
        let end = entry.raw.len();
        let complete = entry.raw.ends_with(b"}") || {
            let mut rest = line[end..].iter();
            // A bare name: what follows must be blanks and no brace.
            matches!(rest.clone().next(), Some(b' ' | b'\t'))
                && rest.find(|byte| !matches!(byte, b' ' | b'\t')) != Some(&b'{')
        };
        complete.then_some(Found { entry: next, end })
    }

    fn add(&mut self, raw: &'a [u8], kind: Kind, metric_type: MetricType) -> Result<u32, Fault> {
        let full =
            || Fault { offset: 0, kind: FormatErrorKind::Storage(StorageError::Full { what: "series" }) };
        let labels = parse(raw, self.dialect, metric_type)?;
        let number = u32::try_from(self.entries.len()).map_err(|_| full())?;
        let (group, created) = match self.dialect {
            Dialect::OpenMetrics if kind != Kind::Plain => {
                let (group, created) = group_of(&labels, kind);
                (Some(self.groups.intern(&group).ok_or_else(full)?), created)
            }
            _ => (None, false),
        };
        // A `_created` line is no series.
        let series = if created { u32::MAX } else { self.labels.intern(&labels).ok_or_else(full)? };
        // The first guess of what follows: whatever is added next.
        self.entries.push(Entry { raw, kind, series, group, created, next: number.saturating_add(1) });
        self.by_text[kind as usize].insert(raw, number);
        Ok(number)
    }
}

/// The labels that all series of one metric share, its name without suffix; and whether this is a `_created` line.
fn group_of(labels: &Labels, kind: Kind) -> (Labels, bool) {
    let name = labels.metric_name().unwrap_or_default();
    let created = name.strip_suffix("_created");
    let base = created
        .or_else(|| kind.suffixes().iter().find_map(|suffix| name.strip_suffix(suffix)))
        .unwrap_or(name);
    let pairs = labels.iter().filter_map(|(label, value)| match label {
        METRIC_NAME => Some((label, base)),
        "le" if kind == Kind::Histogram => None,
        "quantile" if kind == Kind::Summary => None,
        _ => Some((label, value)),
    });
    (Labels::from_pairs(pairs), created.is_some())
}
