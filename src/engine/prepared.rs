//! A query between planning and execution: what it asks of a store is known, nothing is read.

use std::time::{Duration, Instant};

use super::{Answer, Engine, EngineOptions, NodeFigures, PlanNode, QueryError};
use crate::{
    error::{Error, ErrorKind},
    exec::{
        account::{Account, Cost, replay},
        context::{Context, ExecutionOptions},
        evaluate::Evaluator,
        finish,
        memory::{EngineMemory, Memory},
        profile::Profile,
        reads::{ReadSet, reads},
        value::Value,
    },
    plan::{self, PassFigures, Plan, PlanOptions, QueryTimes, build},
    storage::{SelectRequest, SeriesSet, Storage},
    syntax,
};

/// A planned query.
#[derive(Debug)]
pub struct PreparedQuery {
    pub(super) plan: Plan,
    options: EngineOptions,
    memory: EngineMemory,
    is_range_query: bool,
}

/// What a query cost, in the numbers of Prometheus' query statistics.
///
/// They count what the query's operators look at and hold one by one, not what the engine has fused or read once. A float counts as one
/// sample, a native histogram by its size: 11 samples and half of one a bucket, span and custom bound.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct QueryStatistics {
    /// Samples that selectors and windows covered, each as often as a step saw it (`totalQueryableSamples`).
    pub samples: u64,
    /// Samples that were read (`samplesRead`): what the window of the step before had is not counted again.
    pub samples_read: u64,
    /// The most samples held at one time (`peakSamples`), the number that `max_samples` limits.
    pub peak_samples: u64,
    /// Series that selectors found, selector by selector (`seriesTouched`). Whether those count that a store gives although they have no
    /// sample in the window depends on which selectors are fetched together.
    pub series: u64,
    /// The most bytes that the query's own tables held at one time, labels not counted: what `max_bytes` limits. Prometheus knows no such number.
    pub peak_bytes: u64,
    /// [`QueryStatistics::samples`] of each step; empty unless asked for by `EngineOptions::statistics_by_step`.
    pub samples_by_step: Vec<u64>,
    /// [`QueryStatistics::samples_read`] of each step; empty unless asked for.
    pub samples_read_by_step: Vec<u64>,
}

impl Engine {
    /// Parses and plans an instant query at a time in ms.
    pub fn prepare_instant(&self, query: &str, time_ms: i64) -> Result<PreparedQuery, QueryError> {
        self.prepare(query, QueryTimes { start_ms: time_ms, end_ms: time_ms, step_ms: 0 }, false)
    }

    /// Parses and plans a range query; all times in ms.
    pub fn prepare_range(
        &self,
        query: &str,
        start_ms: i64,
        end_ms: i64,
        step_ms: i64,
    ) -> Result<PreparedQuery, QueryError> {
        if step_ms <= 0 {
            let message = "the step of a range query must be greater than 0".to_owned();
            return Err(Error::new(ErrorKind::InvalidQuery(message), None).into());
        }
        self.prepare(query, QueryTimes { start_ms, end_ms, step_ms }, true)
    }

    fn prepare(
        &self,
        query: &str,
        times: QueryTimes,
        is_range_query: bool,
    ) -> Result<PreparedQuery, QueryError> {
        let parsed =
            syntax::parse(query, &self.options.parser, &self.functions).map_err(QueryError::Syntax)?;
        let options = PlanOptions {
            lookback_ms: self.options.lookback_ms,
            default_subquery_step_ms: self.options.default_subquery_step_ms,
            max_steps: self.options.max_steps,
            optimisations: self.options.optimisations,
            is_range_query,
        };
        let plan = build(query, &parsed.expr, times, options)?;
        Ok(PreparedQuery { plan, options: self.options.clone(), memory: self.memory.clone(), is_range_query })
    }
}

impl PreparedQuery {
    /// What to fetch, in the order in which [`PreparedQuery::execute`] wants it.
    pub fn requests(&self) -> &[SelectRequest] {
        &self.plan.requests
    }

    /// What each pass of the optimiser did, in the order in which they ran; of those that did not run all figures are 0.
    pub fn passes(&self) -> &[PassFigures] {
        &self.plan.passes
    }

    /// Fetches from a store and executes.
    pub fn run(&self, storage: &dyn Storage) -> Result<Answer, Error> {
        self.execute(&self.fetch(storage)?)
    }

    fn fetch<'a>(&self, storage: &'a dyn Storage) -> Result<Vec<Box<dyn SeriesSet + 'a>>, Error> {
        Ok(self.requests().iter().map(|request| storage.select(request)).collect::<Result<_, _>>()?)
    }

    /// The plan, operator by operator, each before its operands.
    pub fn explain(&self) -> Vec<PlanNode> {
        plan::explain(&self.plan)
    }

    /// Fetches from a store and executes on one thread; gives, beside the answer, what each operator of
    /// [`PreparedQuery::explain`] gave and cost, in the same order. The answer's bits are those of [`PreparedQuery::run`].
    pub fn run_profiled(&self, storage: &dyn Storage) -> Result<(Answer, Vec<NodeFigures>), Error> {
        let fetched = self.fetch(storage)?;
        let context = self.context(1).profiled(Profile::of(&self.plan));
        let reads = reads(&self.plan, &fetched)?;
        let evaluator = Evaluator { context: &context, reads: &reads };
        let value = finish::answer(evaluator, &self.plan, self.is_range_query)?;
        let figures = context.profile.figures(&self.plan, &context.account);
        Ok((self.answer(value, context, &reads)?, figures))
    }

    /// Executes on what was fetched: one series set a request, in the order of [`PreparedQuery::requests`].
    pub fn execute(&self, fetched: &[Box<dyn SeriesSet + '_>]) -> Result<Answer, Error> {
        let context = self.context(self.options.threads.max(1));
        let reads = reads(&self.plan, fetched)?;
        let evaluator = Evaluator { context: &context, reads: &reads };
        let value = finish::answer(evaluator, &self.plan, self.is_range_query)?;
        self.answer(value, context, &reads)
    }

    fn context(&self, threads: usize) -> Context {
        let options = &self.options;
        let limit_ms = options.max_duration_ms;
        let deadline = Instant::now().checked_add(Duration::from_millis(limit_ms));
        let account = Account::of(&self.plan, options.max_samples, options.statistics_by_step);
        let execution = ExecutionOptions {
            threads,
            batch_series: options.batch_series.max(1),
            delayed_name_removal: options.delayed_name_removal,
            start_timestamps: options.start_timestamps,
            type_and_unit_labels: options.type_and_unit_labels,
            deadline: deadline.map(|deadline| (deadline, limit_ms)),
            cancellation: options.cancellation.clone(),
        };
        Context::new(execution, account, Memory::new(self.memory.clone(), options.max_bytes))
    }

    fn answer(&self, value: Value, context: Context, reads: &[ReadSet<'_>]) -> Result<Answer, Error> {
        let options = &self.options;
        let peak_bytes = context.memory.peak();
        let (account, annotations) = context.into_parts();
        let exceeded = account.exceeded();
        let Cost { tally, peak } =
            replay(account, &self.plan, reads, options.start_timestamps, options.statistics_by_step);
        if peak > options.max_samples {
            return Err(exceeded);
        }
        let by_step = |which: usize| tally.steps.iter().flatten().map(|step| step[which]).collect();
        let statistics = QueryStatistics {
            samples: tally.covered,
            samples_read: tally.read,
            peak_samples: peak,
            series: tally.series,
            peak_bytes,
            samples_by_step: by_step(0),
            samples_read_by_step: by_step(1),
        };
        Ok(Answer { value, annotations, statistics })
    }
}
