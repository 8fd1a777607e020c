//! The vectorised evaluator: plans run over columns.
//!
//! Every operator says its output series first ([`rows::Rows::series`]); rows, columns of steps, are computed when the operator above asks.
//! Leaves and element-wise operators hold nothing: an aggregation over them reads a row, folds it and forgets it. What needs
//! whole vectors (joins, `topk`, sorting) holds a [`table::Table`]. Work is split by rows, groups and runs of steps, never
//! in a way that the bits of a result could show.
//!
//! - [`evaluate`]: plan nodes to rows, the one dispatch.
//! - [`select`], [`smoothed`], [`range`]: leaves; [`reads`]: what each selector reads of the fetched series; [`statistics_only`]: series without buckets. [`map`]: element-wise. [`aggregate`], [`choose`], [`count_values`]: aggregations.
//! - [`join`]: binary operators on vectors; [`join_clash`]: why they fail. [`info`]: `info()`. [`labels`]: functions on labels. [`shared`]: what several places of a query have in common. [`histogram`]: classic buckets.
//! - [`map_histograms`], [`join_histograms`], [`aggregate_histograms`], [`range_histograms`]: the native histogram halves of these.
//! - [`by_column`]: what depends on a column's times alone, windows above all, computed once for each distinct column.
//! - [`account`]: what a query costs in Prometheus' terms; [`memory`]: the bytes it really holds.
//! - [`parallel`], [`context`]: threads, limits, cancellation, annotations. [`profile`]: what each operator cost.

pub(crate) mod account;
pub(crate) mod aggregate;
pub(crate) mod aggregate_histograms;
mod annotation_texts;
pub(crate) mod annotations;
pub(crate) mod by_column;
mod choose;
pub(crate) mod context;
pub(crate) mod count_values;
pub(crate) mod evaluate;
pub(crate) mod finish;
pub(crate) mod histogram;
pub(crate) mod info;
pub(crate) mod join;
mod join_clash;
pub(crate) mod join_histograms;
pub(crate) mod join_streamed;
pub(crate) mod labels;
pub(crate) mod map;
pub(crate) mod map_histograms;
pub(crate) mod memory;
pub(crate) mod parallel;
pub(crate) mod profile;
pub(crate) mod range;
pub(crate) mod range_histograms;
pub(crate) mod reads;
pub(crate) mod row;
pub(crate) mod rows;
pub(crate) mod scalar;
pub(crate) mod select;
pub(crate) mod set_operators;
pub(crate) mod shared;
pub(crate) mod smoothed;
pub(crate) mod statistics_only;
pub(crate) mod table;
pub mod value;

pub use annotation_texts::{AnnotationLimits, AnnotationTexts};
pub use annotations::{Annotation, Annotations, Severity};
pub use context::CancellationToken;
pub use profile::NodeFigures;
