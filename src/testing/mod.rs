//! Tools to test an engine or a store with: a script runner, a reference evaluator, generators.
//!
//! - [`reference`]: the plain step-by-step evaluator that the engine is held against;
//! - [`generator`]: random data sets and queries;
//! - [`answer`], [`compare`]: answers in a plain shape, and when two are the same;
//! - [`evaluator`]: whatever answers queries.

pub mod answer;
pub mod compare;
pub mod evaluator;
pub mod generator;
pub mod reference;
