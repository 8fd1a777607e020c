//! What an engine does by default, and how far it goes.

use super::Optimisations;
use crate::{exec::CancellationToken, syntax::ParserOptions};

/// Options of an [`Engine`](super::Engine). The default is a Prometheus server without feature flags.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EngineOptions {
    /// What the parser accepts beyond the plain language.
    pub parser: ParserOptions,
    /// How old the newest sample of a series may be to count, in ms. Default 5 minutes.
    pub lookback_ms: i64,
    /// The step of a subquery that names none, in ms. Default 1 minute.
    pub default_subquery_step_ms: i64,
    /// Which passes of the optimiser run. No value, error or annotation depends on it.
    pub optimisations: Optimisations,
    /// Remove metric names at the end of a query instead of at each operator.
    pub delayed_name_removal: bool,
    /// Use the samples' start times to find resets of counters.
    pub start_timestamps: bool,
    /// Series carry their type and unit in the labels `__type__` and `__unit__`.
    pub type_and_unit_labels: bool,
    /// Threads a query may use. Default: as many as the machine has. The answer's bits do not depend on it.
    pub threads: usize,
    /// Series worked on at a time. The answer's bits do not depend on it.
    pub batch_series: usize,
    /// Samples a query may hold at one time, counted as Prometheus does (see
    /// [`QueryStatistics::peak_samples`](super::QueryStatistics::peak_samples)). Default 50 million.
    pub max_samples: u64,
    /// Count samples covered and read for each step, too.
    pub statistics_by_step: bool,
    /// Steps a query or one of its subqueries may have. Default 10 million.
    pub max_steps: u64,
    /// Bytes that a query's tables may take at one time, labels not counted. Default 8 GiB.
    pub max_bytes: u64,
    /// How long a query may run, in ms. Default 2 minutes.
    pub max_duration_ms: u64,
    /// Stops the engine's running queries.
    pub cancellation: CancellationToken,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            parser: ParserOptions::default(),
            lookback_ms: 5 * 60 * 1000,
            default_subquery_step_ms: 60 * 1000,
            optimisations: Optimisations::default(),
            delayed_name_removal: false,
            start_timestamps: false,
            type_and_unit_labels: false,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            batch_series: 64,
            max_samples: 50_000_000,
            statistics_by_step: false,
            max_steps: 10_000_000,
            max_bytes: 8 << 30,
            max_duration_ms: 120_000,
            cancellation: CancellationToken::default(),
        }
    }
}
