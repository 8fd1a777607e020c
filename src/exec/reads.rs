//! What each selector reads of the fetched series: all of a request's, or those of them that it asks for itself.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{
    range::{histograms_within, within},
    statistics_only::StatisticsOnly,
};
use crate::{
    error::{Error, ErrorKind},
    model::{Labels, Matcher, SeriesColumns},
    plan::{Plan, Read},
    storage::{ColumnBuffer, SelectRequest, SeriesSet, StorageError},
};

/// The series of one selector.
pub(crate) enum ReadSet<'a> {
    /// As they were fetched, or some of them.
    Whole(Part<'a>),
    /// Without the buckets of their histograms.
    Bare(StatisticsOnly<Part<'a>>),
}

/// Some of the series that were fetched.
pub(crate) struct Part<'a> {
    set: &'a dyn SeriesSet,
    /// Which of them, in order; all where there is no list.
    rows: Option<Vec<usize>>,
    /// Where fewer times are read than were fetched: first and last of them in ms, and which series were found to have samples there.
    seen: Option<(i64, i64, Box<[AtomicBool]>)>,
}

/// The series of a plan's selectors, given what was fetched for each of its requests.
pub(crate) fn reads<'a>(
    plan: &Plan,
    fetched: &'a [Box<dyn SeriesSet + '_>],
) -> Result<Vec<ReadSet<'a>>, Error> {
    plan.reads
        .iter()
        .map(|read| {
            let set = fetched.get(read.request).ok_or_else(|| {
                let message = "fewer series sets were fetched than the query has requests".to_owned();
                Error::new(ErrorKind::InvalidQuery(message), None)
            })?;
            let part = Part::of(&**set, plan, read);
            Ok(if read.statistics_only {
                ReadSet::Bare(StatisticsOnly::new(part, read.reading))
            } else {
                ReadSet::Whole(part)
            })
        })
        .collect()
}

impl ReadSet<'_> {
    /// The series, to be read.
    pub(crate) fn series_set(&self) -> &dyn SeriesSet {
        match self {
            Self::Whole(Part { set, rows: None, seen: None }) => *set,
            Self::Whole(part) => part,
            Self::Bare(bare) => bare,
        }
    }

    fn part(&self) -> &Part<'_> {
        let (Self::Whole(part) | Self::Bare(StatisticsOnly { set: part, .. })) = self;
        part
    }

    /// Whether the selector alone would have fetched a series, known once it was read.
    pub(crate) fn is_found(&self, index: usize) -> bool {
        self.part()
            .seen
            .as_ref()
            .is_none_or(|(_, _, seen)| seen.get(index).is_some_and(|seen| seen.load(Ordering::Relaxed)))
    }

    /// How many series the selector alone would have fetched: those of them that have samples at the times it asks for. Known
    /// once they were read.
    pub(crate) fn found(&self) -> u64 {
        let part = self.part();
        match &part.seen {
            None => part.len() as u64,
            Some((_, _, seen)) => seen.iter().filter(|seen| seen.load(Ordering::Relaxed)).count() as u64,
        }
    }
}

impl<'a> Part<'a> {
    fn of(set: &'a dyn SeriesSet, plan: &Plan, read: &Read) -> Self {
        let whole = Self { set, rows: None, seen: None };
        let (Some(asked), Some(fetched)) = (&read.part, plan.requests.get(read.request)) else {
            return whole;
        };
        let SelectRequest { matchers, start_ms, end_ms, .. } = &**asked;
        let more: Vec<&Matcher> = matchers.iter().filter(|own| !fetched.matchers.contains(own)).collect();
        let accepts = |labels: &Labels| {
            more.iter().all(|matcher| matcher.matches(labels.get(matcher.name()).unwrap_or_default()))
        };
        let rows: Option<Vec<usize>> =
            (!more.is_empty()).then(|| (0..set.len()).filter(|index| accepts(set.labels(*index))).collect());
        let len = rows.as_ref().map_or(set.len(), Vec::len);
        let is_shorter = (*start_ms, *end_ms) != (fetched.start_ms, fetched.end_ms);
        let seen =
            is_shorter.then(|| (*start_ms, *end_ms, (0..len).map(|_| AtomicBool::new(false)).collect()));
        Self { set, rows, seen }
    }

    fn index(&self, index: usize) -> usize {
        self.rows.as_ref().map_or(index, |rows| rows[index])
    }
}

impl SeriesSet for Part<'_> {
    fn len(&self) -> usize {
        self.rows.as_ref().map_or_else(|| self.set.len(), Vec::len)
    }

    fn labels(&self, index: usize) -> &Labels {
        self.set.labels(self.index(index))
    }

    fn columns<'s>(
        &'s self,
        index: usize,
        buffer: &'s mut ColumnBuffer,
    ) -> Result<SeriesColumns<'s>, StorageError> {
        let columns = self.set.columns(self.index(index), buffer)?;
        if let Some((start_ms, end_ms, seen)) = &self.seen {
            let after_ms = start_ms.saturating_sub(1);
            let has_samples = !within(&columns.floats, after_ms, *end_ms).timestamps.is_empty()
                || !histograms_within(&columns.histograms, after_ms, *end_ms).timestamps.is_empty();
            if has_samples {
                seen[index].store(true, Ordering::Relaxed);
            }
        }
        Ok(columns)
    }
}
