//! The engine: a query, a store and a time in, an answer out.
//!
//! A synchronous [`Storage`] is asked by [`Engine::instant_query`] and [`Engine::range_query`]. A host that fetches by other means
//! takes the two steps apart: [`Engine::prepare`] parses and plans, [`PreparedQuery::requests`] lists what to fetch, and
//! [`PreparedQuery::execute`] runs on the series sets fetched, one a request. [`PreparedQuery::explain`] shows the plan, and
//! [`PreparedQuery::run_profiled`] what each part of it cost; [`PreparedQuery::estimate`] says beforehand what all of it may cost.

mod estimate;
mod options;
mod prepared;

pub use crate::{
    exec::NodeFigures,
    plan::{Optimisations, Pass, PassFigures, PlanNode},
};
pub use estimate::{CostEstimate, SelectorEstimate};
pub use options::EngineOptions;
pub use prepared::{PreparedQuery, QueryStatistics};

use std::fmt;

use crate::{
    error::Error,
    exec::{Annotations, memory::EngineMemory, value::Value},
    functions,
    storage::Storage,
    syntax::{FunctionSet, SyntaxErrors},
};

/// Evaluates queries. Cheap to make, and shared freely between threads.
#[derive(Debug, Clone)]
pub struct Engine {
    options: EngineOptions,
    functions: FunctionSet,
    memory: EngineMemory,
}

/// What a query gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The value.
    pub value: Value,
    /// Warnings and infos.
    pub annotations: Annotations,
    /// What the query cost.
    pub statistics: QueryStatistics,
}

/// Why a query gave no answer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum QueryError {
    /// It is not a query.
    Syntax(SyntaxErrors),
    /// It is one, but cannot be planned or evaluated.
    Evaluation(Error),
}

impl QueryError {
    /// Whether the query was refused before a sample was read.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Syntax(_) => true,
            Self::Evaluation(error) => matches!(error.kind, crate::ErrorKind::InvalidQuery(_)),
        }
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(errors) => errors.fmt(f),
            Self::Evaluation(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for QueryError {}

impl From<Error> for QueryError {
    fn from(error: Error) -> Self {
        Self::Evaluation(error)
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new(EngineOptions::default())
    }
}

impl Engine {
    /// An engine with these options.
    pub fn new(options: EngineOptions) -> Self {
        let functions = FunctionSet::new(functions::signatures().iter().copied());
        Self { options, functions, memory: EngineMemory::default() }
    }

    /// The engine's options.
    pub const fn options(&self) -> &EngineOptions {
        &self.options
    }

    /// The functions the engine knows, as its parser needs them.
    pub const fn functions(&self) -> &FunctionSet {
        &self.functions
    }

    /// Bytes that the tables of running queries hold, over all clones of the engine; 0 where none runs, however the last one ended.
    pub fn bytes_held(&self) -> u64 {
        self.memory.held()
    }

    /// Evaluates a query at one time, in ms since the epoch.
    pub fn instant_query(
        &self,
        storage: &dyn Storage,
        query: &str,
        time_ms: i64,
    ) -> Result<Answer, QueryError> {
        self.prepare_instant(query, time_ms)?.run(storage).map_err(QueryError::from)
    }

    /// Evaluates a query at every step from `start_ms` to at most `end_ms`, `step_ms` apart; all in ms.
    pub fn range_query(
        &self,
        storage: &dyn Storage,
        query: &str,
        start_ms: i64,
        end_ms: i64,
        step_ms: i64,
    ) -> Result<Answer, QueryError> {
        self.prepare_range(query, start_ms, end_ms, step_ms)?.run(storage).map_err(QueryError::from)
    }
}
