//! The vocabulary every layer shares: labels, matchers, samples, histograms, times.

pub(crate) mod elementary;
mod example;
mod interner;
mod labels;
mod matcher;
mod same;

pub(crate) mod sorting;
mod span;
mod stale;
pub(crate) mod start_timestamps;
mod value_type;

pub mod columns;
pub mod histogram;
pub mod number;
pub mod quote;

pub use columns::{FloatColumn, HistogramColumn, SeriesColumns, Timestamps};
pub use example::{Example, Unit};
pub use interner::LabelInterner;
pub(crate) use labels::{LabelSets, LabelTemplate, in_label_order};
pub use labels::{Labels, LabelsBuilder, METRIC_NAME};
pub use matcher::{AnchoredRegex, MatchOperator, Matcher, MatcherError, MatcherErrorKind};
pub(crate) use same::{same_bytes, same_text};
pub use span::Span;
pub(crate) use stale::has_stale;
pub use stale::{STALE_NAN, is_stale};
pub use value_type::{Signature, ValueType};
