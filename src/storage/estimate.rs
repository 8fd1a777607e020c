//! What a request would give, guessed from a few of its series: the basis of a query's cost before it runs.

use super::{ColumnBuffer, SelectRequest, SeriesSet, StorageError};
use crate::model::{Timestamps, is_stale};

/// Series that an estimate looks at.
const SAMPLED_SERIES: usize = 50;

/// Histograms whose size an estimate looks at, of each series.
const SAMPLED_HISTOGRAMS: usize = 20;

/// What a request would give, as far as a bounded look can tell.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct SelectEstimate {
    /// Series that match.
    pub series: u64,
    /// Samples of all of them in the window together; `None` where the store cannot tell without reading them.
    pub samples: Option<u64>,
    /// How far a series' samples lie apart, in ms; `None` where that is not known.
    pub interval_ms: Option<f64>,
    /// What a sample counts for: 1 for a float, more for a native histogram.
    pub sample_size: f64,
}

impl SelectEstimate {
    /// So many series of floats, of whose samples nothing is known.
    pub const fn of_series(series: u64) -> Self {
        Self { series, samples: None, interval_ms: None, sample_size: 1.0 }
    }

    /// Looks at up to 50 series of a set, spread evenly over it, and takes the others to be like these. It costs the reading of
    /// their columns: for a store that lends them, or decodes one series at little cost.
    ///
    /// # Errors
    ///
    /// Those of [`SeriesSet::columns`].
    pub fn of_set(set: &dyn SeriesSet, request: &SelectRequest) -> Result<Self, StorageError> {
        let len = set.len();
        let looked_at = len.min(SAMPLED_SERIES);
        let mut buffer = ColumnBuffer::default();
        let (mut samples, mut gaps, mut span_ms) = (0u64, 0u64, 0f64);
        let (mut sizes, mut sized) = (0f64, 0u64);
        for number in 0..looked_at {
            // Rounded down this meets each series at most once.
            let index = number * len / looked_at;
            buffer.clear();
            let columns = set.columns(index, &mut buffer)?;
            let floats = window(&columns.floats.timestamps, request);
            let histograms = window(&columns.histograms.timestamps, request);
            for (times, run) in
                [(columns.floats.timestamps, &floats), (columns.histograms.timestamps, &histograms)]
            {
                samples += run.len() as u64;
                if run.len() > 1 {
                    gaps += run.len() as u64 - 1;
                    span_ms += times.at(run.end - 1) as f64 - times.at(run.start) as f64;
                }
            }
            sizes += floats.len() as f64;
            sized += floats.len() as u64;
            if !histograms.is_empty() {
                let every = histograms.len().div_ceil(SAMPLED_HISTOGRAMS);
                let seen: Vec<f64> = histograms
                    .clone()
                    .step_by(every)
                    .map(|at| columns.histograms.samples.at(at))
                    .filter(|histogram| !is_stale(histogram.sum))
                    .map(|histogram| histogram.sample_count() as f64)
                    .collect();
                let mean = seen.iter().sum::<f64>() / seen.len().max(1) as f64;
                sizes += mean * histograms.len() as f64;
                sized += histograms.len() as u64;
            }
        }
        let scale = len as f64 / looked_at.max(1) as f64;
        Ok(Self {
            series: len as u64,
            samples: Some((samples as f64 * scale).round() as u64),
            interval_ms: (gaps > 0).then(|| span_ms / gaps as f64),
            sample_size: if sized > 0 { (sizes / sized as f64).max(1.0) } else { 1.0 },
        })
    }
}

/// The samples that lie in the request's window.
fn window(times: &Timestamps<'_>, request: &SelectRequest) -> std::ops::Range<usize> {
    let before = |limit: &dyn Fn(i64) -> bool| {
        let (mut low, mut high) = (0, times.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if limit(times.at(middle)) { low = middle + 1 } else { high = middle }
        }
        low
    };
    let start = before(&|time| time < request.start_ms);
    start..before(&|time| time <= request.end_ms).max(start)
}
