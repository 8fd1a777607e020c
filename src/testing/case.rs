//! A question to an evaluator with all that its answer depends on, and how it is printed for whoever looks into it.

use std::fmt;

use crate::engine::EngineOptions;
use crate::storage::Storage;
use crate::syntax::ParserOptions;

use super::answer::Outcome;
use super::evaluator::Evaluator;
use super::generator::DataSet;
use super::reference::Reference;

/// A query on a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The data set.
    pub data: DataSet,
    /// The query.
    pub query: String,
    /// When it is asked.
    pub times: Times,
    /// What changes its meaning.
    pub settings: Settings,
}

/// The time or times of a query, in ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// An instant query.
    Instant(i64),
    /// A range query, both ends included.
    Range {
        /// The first step.
        start_ms: i64,
        /// The last step, or what lies less than a step behind it.
        end_ms: i64,
        /// The distance of two steps.
        step_ms: i64,
    },
}

/// The settings of an engine that change what a query means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How far back an instant selector looks, in ms.
    pub lookback_ms: i64,
    /// The step of a subquery without one, in ms.
    pub default_subquery_step_ms: i64,
    /// Whether names are dropped at the end of the query only.
    pub delayed_name_removal: bool,
    /// Whether counters restart where samples' start times say so.
    pub start_timestamps: bool,
    /// Whether the labels `__type__` and `__unit__` count.
    pub type_and_unit_labels: bool,
}

impl Default for Settings {
    /// Those of Prometheus' own test scripts.
    fn default() -> Self {
        Self {
            lookback_ms: 300_000,
            default_subquery_step_ms: 60_000,
            delayed_name_removal: true,
            start_timestamps: true,
            type_and_unit_labels: false,
        }
    }
}

impl Settings {
    /// An engine's options with these settings and all options of the parser on.
    pub fn engine_options(&self) -> EngineOptions {
        EngineOptions {
            parser: ParserOptions::all(),
            lookback_ms: self.lookback_ms,
            default_subquery_step_ms: self.default_subquery_step_ms,
            delayed_name_removal: self.delayed_name_removal,
            start_timestamps: self.start_timestamps,
            type_and_unit_labels: self.type_and_unit_labels,
            ..EngineOptions::default()
        }
    }

    /// The reference evaluator with these settings.
    pub fn reference(&self) -> Reference {
        Reference {
            lookback_ms: self.lookback_ms,
            default_subquery_step_ms: self.default_subquery_step_ms,
            delayed_name_removal: self.delayed_name_removal,
            start_timestamps: self.start_timestamps,
        }
    }
}

impl Case {
    /// The evaluator's answer from a store.
    ///
    /// # Errors
    ///
    /// The query's failure.
    pub fn ask(&self, evaluator: &dyn Evaluator, store: &dyn Storage) -> Outcome {
        match self.times {
            Times::Instant(time_ms) => evaluator.instant(store, &self.query, time_ms),
            Times::Range { start_ms, end_ms, step_ms } => {
                evaluator.range(store, &self.query, start_ms, end_ms, step_ms)
            }
        }
    }
}

impl Case {
    /// Whether the answers of the reference and of another evaluator may differ for what the plain evaluation of one step after the
    /// other cannot know.
    pub fn reference_knows_less(&self, reference: &Outcome, other: &Outcome) -> bool {
        let has = |text: &str| self.query.contains(text);
        let in_range = matches!(self.times, Times::Range { .. }) || has(":");
        // A subquery fails at any of its steps between the first and the last, those that lie in no window included.
        let fails_between_windows = reference.is_ok() && other.is_err() && has(":");
        let chooses = ["topk", "bottomk", "limitk", "limit_ratio"].into_iter().any(has);
        // An aggregation is evaluated once where its vector is the same at every step, even if its parameter is not.
        let parameter_is_ignored =
            (chooses || has("quantile")) && in_range && ["time()", "scalar("].into_iter().any(has);
        // Of equal values the first of the whole range are chosen, not the first of the step.
        let chooses_in_range = chooses && in_range;
        // Info series are looked for as those of all steps' series, and may clash at a step whose own series have others.
        let clashes_for_others = reference.is_ok() && other.is_err() && has("info(") && in_range;
        // Series may be one at the end that differ while names that will go still stand.
        let joins_later = has(" or ") && self.settings.delayed_name_removal;
        fails_between_windows || clashes_for_others || parameter_is_ignored || chooses_in_range || joins_later
    }
}

/// As a test script, settings other than its own in a comment.
impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.settings != Settings::default() {
            writeln!(f, "# {:?}", self.settings)?;
        }
        write!(f, "{}\neval ", self.data.to_load())?;
        match self.times {
            Times::Instant(time_ms) => write!(f, "instant at {time_ms}ms ")?,
            Times::Range { start_ms, end_ms, step_ms } => {
                write!(f, "range from {start_ms}ms to {end_ms}ms step {step_ms}ms ")?;
            }
        }
        writeln!(f, "{}", self.query)
    }
}
