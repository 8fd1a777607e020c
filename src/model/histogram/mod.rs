//! Native histograms, as flat columns: a header a sample, layouts shared, buckets in one array.
//!
//! A sample is a [`Header`] (plain numbers), the [`Layout`] of its buckets (schema, spans, custom
//! bounds; shared by samples that look alike) and a run of absolute bucket counts. No sample owns a box.

use std::sync::Arc;

/// A run of buckets: `offset` empty ones after the last run (or from bucket 0), then `length` present ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BucketSpan {
    /// Gap to the run before; for the first run its first bucket's index, which may be negative.
    pub offset: i32,
    /// Number of buckets.
    pub length: u32,
}

/// Which buckets a histogram has.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Layout {
    /// Resolution −4…8, or −53 for custom bounds.
    pub schema: i32,
    /// Width of the zero bucket.
    pub zero_threshold: f64,
    /// Runs of positive (or custom) buckets.
    pub positive_spans: Vec<BucketSpan>,
    /// Runs of negative buckets.
    pub negative_spans: Vec<BucketSpan>,
    /// Upper bounds of custom buckets, ascending, without +Inf; empty in exponential schemas.
    pub custom_bounds: Vec<f64>,
}

/// What is known of a reset between a histogram and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CounterResetHint {
    /// Nothing: compare the buckets.
    #[default]
    Unknown,
    /// This one starts anew.
    Reset,
    /// This one continues.
    NotReset,
    /// A gauge, which cannot reset.
    Gauge,
}

/// The numbers of one histogram sample and where its buckets stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Header {
    /// Index of its layout.
    pub layout: u32,
    /// First of its buckets in the bucket array: the positive ones, then the negative ones.
    pub buckets: u32,
    /// What is known of a reset.
    pub counter_reset_hint: CounterResetHint,
    /// Count in the zero bucket.
    pub zero_count: f64,
    /// Count of all observations.
    pub count: f64,
    /// Sum of all observations; the stale marker here makes the sample one.
    pub sum: f64,
}

/// Histogram samples, borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HistogramSamples<'a> {
    /// One a sample.
    pub headers: &'a [Header],
    /// Layouts that headers name.
    pub layouts: &'a [Arc<Layout>],
    /// Absolute bucket counts of all samples.
    pub buckets: &'a [f64],
}

/// Histogram samples, owned.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HistogramBuffer {
    /// Times in ms, where the buffer holds a series.
    pub timestamps: Vec<i64>,
    /// One a sample.
    pub headers: Vec<Header>,
    /// Layouts that headers name.
    pub layouts: Vec<Arc<Layout>>,
    /// Absolute bucket counts of all samples.
    pub buckets: Vec<f64>,
}
