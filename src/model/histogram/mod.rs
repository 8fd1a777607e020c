//! Native histograms, as flat columns: a header a sample, layouts shared, buckets in one array.
//!
//! A sample is a [`Header`] (plain numbers), the [`Layout`] of its buckets (schema, spans, custom
//! bounds; shared by samples that look alike) and a run of absolute bucket counts. No sample owns a box.
//!
//! | to | use |
//! |---|---|
//! | hold a column of samples | [`HistogramSamples`] (borrowed), [`HistogramBuffer`] (owned) |
//! | read one sample: buckets, quantiles, equality, resets, text | [`HistogramRef`], from [`HistogramSamples::at`] |
//! | compute: add, scale, trim, compact | [`FloatHistogram`], which reuses its allocations |
//! | sum or average many | [`HistogramSum`], [`HistogramMean`] |
//! | apply a range function | [`range`] |
//!
//! Every operation keeps Prometheus' order of floating-point operations and its bucket layouts, empty
//! buckets included, because both can be seen in results (`==`, printed counts).

mod annotation;
mod arithmetic;
mod bounds;
mod bounds_table;
mod bucket;
mod column;
mod compact;
mod custom_bounds;
mod error;
mod float_histogram;
mod fraction;
mod hint;
mod kahan;
mod mean;
mod merge;
mod moments;
mod quantile;
mod reset;
mod resolution;
mod spans;
mod sum;
mod text;
mod trim;
mod validate;
mod view;
mod zero_bucket;

#[cfg(test)]
mod tests;

pub mod range;

pub use annotation::{HistogramAnnotation, HistogramAnnotations, HistogramOperation};
pub use arithmetic::Reconciled;
#[cfg(feature = "testing")]
pub(crate) use bounds::bound;
pub use bounds::{CUSTOM_BUCKETS_SCHEMA, MAX_SCHEMA, MIN_SCHEMA};
pub use bucket::{AllBuckets, Bucket, SideBuckets};
pub use column::{BucketSpan, Header, HistogramBuffer, HistogramSamples, Layout};
pub use error::HistogramError;
pub use float_histogram::{FloatHistogram, HistogramParts};
pub use hint::CounterResetHint;
pub use kahan::Compensation;
pub use mean::HistogramMean;
pub use sum::HistogramSum;
pub use view::HistogramRef;
