//! Plans: what a query reads and how its parts combine, known before a sample is read.
//!
//! [`build`] turns a checked syntax tree into a [`Plan`]: every node knows the steps it is evaluated at, `@`, `offset`, duration
//! expressions and subquery grids are resolved to absolute times, parts that are the same at every step are marked
//! [`NodeKind::Invariant`], and all storage requests stand in one list. [`passes`] make the plan cheaper; [`explain()`] says what came of it.

mod bucket_use;
pub(crate) mod build;
mod call;
mod durations;
mod explain;
mod info;
mod invariance;
mod node;
mod passes;
mod walk;

pub(crate) use build::{PlanOptions, QueryTimes, build};
pub use explain::PlanNode;
pub(crate) use explain::explain;
pub(crate) use node::{
    AggregateKind, Folds, Matching, NO_SLOT, Node, NodeKind, Plan, RangeCall, RangeSource, Read, Reading,
    Selector, SetOperator,
};
pub use passes::{Optimisations, Pass, PassFigures};
pub(crate) use walk::{walk, walk_everywhere};
