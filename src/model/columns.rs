//! Samples of one series as columns, borrowed from whoever holds them.

use super::histogram::HistogramSamples;

/// Times of a column: ascending, in ms since the epoch, without duplicates.
///
/// Targets that were scraped together share their times; a store says so in `shared` of [`Timestamps::Explicit`], and
/// what depends on times alone (window bounds, extrapolation) is then computed once for all of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Timestamps<'a> {
    /// `start_ms + i * interval_ms` for `i < count`; `interval_ms > 0`.
    Regular {
        /// The first time.
        start_ms: i64,
        /// The distance of neighbours.
        interval_ms: i64,
        /// How many.
        count: usize,
    },
    /// Any ascending times. Columns with the same `shared` identity within one series set have equal times; `None` promises nothing.
    Explicit {
        /// The times.
        times_ms: &'a [i64],
        /// The identity of a column that several series share.
        shared: Option<u64>,
    },
}

impl Default for Timestamps<'_> {
    fn default() -> Self {
        Self::Explicit { times_ms: &[], shared: None }
    }
}

impl Timestamps<'_> {
    /// How many.
    pub const fn len(&self) -> usize {
        match self {
            Self::Regular { count, .. } => *count,
            Self::Explicit { times_ms, .. } => times_ms.len(),
        }
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The time at `index`, which is below [`Timestamps::len`].
    #[inline]
    pub fn at(&self, index: usize) -> i64 {
        match self {
            Self::Regular { start_ms, interval_ms, .. } => start_ms + interval_ms * index as i64,
            Self::Explicit { times_ms, .. } => times_ms[index],
        }
    }
}

/// Float samples of one series.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FloatColumn<'a> {
    /// When; as long as `values`.
    pub timestamps: Timestamps<'a>,
    /// What; NaN, infinities and stale markers included.
    pub values: &'a [f64],
    /// Since when each counts, in ms; empty where unknown, 0 where one is unknown.
    pub start_timestamps: &'a [i64],
}

/// Histogram samples of one series.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HistogramColumn<'a> {
    /// When; as long as `samples`.
    pub timestamps: Timestamps<'a>,
    /// What.
    pub samples: HistogramSamples<'a>,
    /// Since when each counts, in ms; empty where unknown, 0 where one is unknown.
    pub start_timestamps: &'a [i64],
}

/// All samples of one series; a time stands in one of the two columns at most.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SeriesColumns<'a> {
    /// The float samples.
    pub floats: FloatColumn<'a>,
    /// The native histogram samples.
    pub histograms: HistogramColumn<'a>,
}
