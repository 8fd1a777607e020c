//! An embeddable PromQL parser and columnar evaluation engine that answers as Prometheus 3.16 does.
//!
//! The layers, each usable on its own:
//!
//! - [`model`]: labels, matchers, samples, native histograms, times, values.
//! - [`syntax`]: text to a checked syntax tree and back.
//! - [`plan`]: a syntax tree to an executable plan that lists its storage requests.
//! - [`exec`]: the vectorised evaluator.
//! - [`storage`]: the trait a time series database implements, and an in-memory store.

pub mod aggregations;
pub mod error;
pub mod exec;
#[cfg(feature = "formats")]
pub mod formats;
pub mod functions;
pub mod model;
pub mod operators;
pub mod plan;
pub mod storage;
pub mod syntax;
#[cfg(feature = "testing")]
pub mod testing;
