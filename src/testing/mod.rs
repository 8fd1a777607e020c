//! Tools to test an engine or a store with: a script runner, a reference evaluator, generators.
//!
//! - [`script`]: runs scripts of queries and expected answers;
//! - `rule_tests` (feature `rules`): runs rule tests;
//! - [`mod@reference`]: the plain step-by-step evaluator that the engine is held against;
//! - [`generator`]: random data sets and queries;
//! - [`case`]: a query, its data, times and settings; [`shrink`]: makes a failing one small;
//! - [`answer`], [`compare`]: answers in a plain shape, and when two are the same;
//! - [`storage_suite`]: whether a store keeps the contract; [`faulty_store`]: one that fails on purpose;
//! - [`generous_store`]: one that gives more than it is asked for; [`thrifty_store`]: one that leaves out what no one will look at;
//! - [`evaluator`]: whatever answers queries; [`passes`]: whether the optimiser shows in what they come to;
//! - [`fuzz`]: rules that every input must keep to, for fuzzers and plain tests.

pub mod answer;
pub mod case;
pub mod compare;
pub mod evaluator;
pub mod faulty_store;
pub mod fuzz;
pub mod generator;
pub mod generous_store;
pub mod passes;
pub mod reference;
#[cfg(feature = "rules")]
pub mod rule_tests;
pub mod script;
pub mod shrink;
pub mod storage_suite;
pub mod thrifty_store;
