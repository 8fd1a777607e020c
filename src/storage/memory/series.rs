//! The samples of one series.

use std::sync::Arc;

use super::times::TimesRef;
use crate::model::histogram::{Header, HistogramBuffer, HistogramSamples, Layout};

/// Floats inline, histograms behind a box, since few series have any.
#[derive(Debug, Default)]
pub(super) struct Series {
    pub(super) float_times: TimesRef,
    values: Vec<f64>,
    /// Empty as long as none is known, else as long as `values`.
    start_timestamps: Vec<i64>,
    histograms: Option<Box<Histograms>>,
}

#[derive(Debug, Default)]
struct Histograms {
    times: TimesRef,
    /// Its own times stay empty: they stand in the store's shared columns.
    samples: HistogramBuffer,
    start_timestamps: Vec<i64>,
}

/// Adds to a column of start times that is empty as long as none is known.
fn push_start(column: &mut Vec<i64>, samples_before: usize, start_ms: i64) {
    if start_ms != 0 && column.is_empty() {
        column.resize(samples_before, 0);
    }
    if start_ms != 0 || !column.is_empty() {
        column.push(start_ms);
    }
}

impl Series {
    pub(super) fn push_float(&mut self, value: f64, start_ms: i64) {
        push_start(&mut self.start_timestamps, self.values.len(), start_ms);
        self.values.push(value);
    }

    pub(super) fn newest_float(&self) -> Option<f64> {
        self.values.last().copied()
    }

    pub(super) fn reserve(&mut self, samples: usize) {
        self.values.reserve(samples);
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    pub(super) fn start_timestamps(&self) -> &[i64] {
        &self.start_timestamps
    }

    pub(super) fn histogram_times(&self) -> TimesRef {
        self.histograms.as_ref().map_or_else(TimesRef::default, |histograms| histograms.times)
    }

    pub(super) fn histogram_samples(&self) -> HistogramSamples<'_> {
        self.histograms.as_ref().map_or_else(HistogramSamples::default, |histograms| HistogramSamples {
            headers: &histograms.samples.headers,
            layouts: &histograms.samples.layouts,
            buckets: &histograms.samples.buckets,
        })
    }

    pub(super) fn histogram_start_timestamps(&self) -> &[i64] {
        self.histograms.as_ref().map_or(&[], |histograms| &histograms.start_timestamps)
    }

    /// The layout's number and the place of the first bucket of the next histogram; `None` where they cannot be counted.
    pub(super) fn place_histogram(&mut self, layout: &Arc<Layout>, buckets: usize) -> Option<(u32, u32)> {
        let samples = &mut self.histograms.get_or_insert_default().samples;
        let first = u32::try_from(samples.buckets.len()).ok()?;
        u32::try_from(samples.buckets.len() + buckets).ok()?;
        // The layout of the sample before is by far the likeliest.
        let known =
            samples.layouts.iter().rposition(|known| Arc::ptr_eq(known, layout) || **known == **layout);
        Some((u32::try_from(known.unwrap_or(samples.layouts.len())).ok()?, first))
    }

    pub(super) fn push_histogram(
        &mut self,
        times: TimesRef,
        header: Header,
        layout: &Arc<Layout>,
        buckets: &[f64],
        start_ms: i64,
    ) {
        let histograms = self.histograms.get_or_insert_default();
        histograms.times = times;
        push_start(&mut histograms.start_timestamps, histograms.samples.headers.len(), start_ms);
        if header.layout as usize == histograms.samples.layouts.len() {
            histograms.samples.layouts.push(Arc::clone(layout));
        }
        histograms.samples.headers.push(header);
        histograms.samples.buckets.extend_from_slice(buckets);
    }

    pub(super) fn samples(&self) -> u64 {
        (self.float_times.len() + self.histogram_times().len()) as u64
    }

    pub(super) fn size(&self) -> usize {
        let mut size = self.values.capacity() * 8 + self.start_timestamps.capacity() * 8;
        if let Some(histograms) = &self.histograms {
            size += histograms.samples.headers.capacity() * size_of::<Header>();
            size += histograms.samples.buckets.capacity() * 8 + histograms.start_timestamps.capacity() * 8;
        }
        size
    }
}
