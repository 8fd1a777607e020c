//! Histograms of which only counts and sums are read, as under `histogram_count`.
//!
//! Buckets are left out then; what they would tell of resets is told by hints, found before they go. As in Prometheus, such
//! hints are there for every sample but the first that is read, and can collide in an aggregation.

use std::sync::Arc;

use crate::model::{
    HistogramColumn,
    histogram::{CounterResetHint, Header, HistogramRef, HistogramSamples, Layout},
    is_stale,
};

/// A column without buckets.
#[derive(Default)]
pub(super) struct Statistics {
    headers: Vec<Header>,
    layouts: Vec<Arc<Layout>>,
}

impl Statistics {
    /// What is left of a column without its buckets, kept here.
    pub(super) fn take<'c>(&'c mut self, column: HistogramColumn<'c>) -> HistogramColumn<'c> {
        let mut last: Option<HistogramRef<'_>> = None;
        for (header, sample) in column.samples.headers.iter().zip(column.samples.iter()) {
            let mut hint = header.counter_reset_hint;
            if !is_stale(sample.sum) {
                if let (CounterResetHint::Unknown, Some(last)) = (hint, &last) {
                    let reset = sample.detect_reset(last);
                    hint = if reset { CounterResetHint::Reset } else { CounterResetHint::NotReset };
                }
                last = Some(sample.with_hint(hint));
            }
            self.headers.push(Header { buckets: 0, zero_count: 0.0, counter_reset_hint: hint, ..*header });
        }
        let bare = |layout: &Arc<Layout>| Arc::new(Layout { schema: layout.schema, ..Layout::default() });
        self.layouts.extend(column.samples.layouts.iter().map(bare));
        HistogramColumn {
            samples: HistogramSamples { headers: &self.headers, layouts: &self.layouts, buckets: &[] },
            ..column
        }
    }
}
