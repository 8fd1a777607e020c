//! An embeddable PromQL parser and columnar evaluation engine that answers as Prometheus 3.16 does.
//!
//! The layers, each usable on its own:
//!
//! - [`model`]: labels, matchers, samples, native histograms, times, values.
//! - [`syntax`]: text to a checked syntax tree and back.
//! - [`engine`]: queries in, answers out; a plan that lists its storage requests stands between.
//! - [`exec`]: answers and what is said about them.
//! - `rules` (feature `rules`): recording and alerting rules, read and evaluated.
//! - [`storage`]: the trait a time series database implements, and an in-memory store.

mod aggregations;
pub mod engine;
pub mod error;
pub mod exec;
#[cfg(feature = "formats")]
pub mod formats;
pub mod functions;
pub mod model;
mod operators;
mod plan;
#[cfg(feature = "rules")]
pub mod rules;
pub mod storage;
pub mod syntax;
#[cfg(feature = "testing")]
pub mod testing;

pub use engine::{Answer, Engine, EngineOptions, QueryError};
pub use error::{Error, ErrorKind, MatchClash, MatchClashKind, MatchSide};

/// The examples of README.md, run as tests of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
