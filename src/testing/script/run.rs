//! Running a script.

use super::check;
use super::command::{Action, Eval, Grid, Script, Times};
use super::error::{ScriptError, ScriptErrorKind};
use super::pin::{knows_its_range, other_times, pinned};
use super::render::{expected_lines, got_lines, seconds};
use super::report::{Difference, EvalReport, Report, Verdict};
use crate::engine::EngineOptions;
use crate::storage::MemoryStore;
use crate::syntax::ParserOptions;
use crate::testing::answer::{Answer, Element, Outcome, Shape, Stage};
use crate::testing::evaluator::Evaluator;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunOptions {
    /// Warnings and infos; off for an evaluator that gives none.
    pub annotations: bool,
    /// The texts of failures; off for an evaluator that has words of its own.
    pub failure_texts: bool,
    /// Instant queries, asked again as ranges and with `@` on their selectors.
    pub reruns: bool,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self { annotations: true, failure_texts: true, reruns: true }
    }
}

/// The settings of the engine that Prometheus' own scripts are written for.
pub fn engine_options() -> EngineOptions {
    EngineOptions {
        parser: ParserOptions::all(),
        delayed_name_removal: true,
        start_timestamps: true,
        max_samples: 10_000,
        ..EngineOptions::default()
    }
}

/// From the middle of the range that an instant query is asked as to its ends, and its step.
const RERUN_STEP_MS: i64 = 60_000;

impl Script {
    /// Runs the script, from an empty store.
    ///
    /// # Errors
    ///
    /// Samples that the store refuses. Answers that are not as expected are in the report.
    pub fn run(&self, evaluator: &dyn Evaluator, options: RunOptions) -> Result<Report, ScriptError> {
        let mut store = MemoryStore::new();
        let mut evals = Vec::new();
        for command in &self.commands {
            match &command.action {
                Action::Clear => store = MemoryStore::new(),
                Action::Load(block) => block.fill(&mut store).map_err(|error| ScriptError {
                    file: self.file.clone(),
                    line: command.line,
                    kind: ScriptErrorKind::Load(error),
                })?,
                Action::Eval(eval) => {
                    let verdict = Run { evaluator, options, store: &store, eval }.verdict();
                    evals.push(EvalReport { line: command.line, query: eval.query.clone(), verdict });
                }
            }
        }
        Ok(Report { file: self.file.clone(), evals })
    }
}

/// One `eval` in the state of the script.
struct Run<'a> {
    evaluator: &'a dyn Evaluator,
    options: RunOptions,
    store: &'a MemoryStore,
    eval: &'a Eval,
}

impl Run<'_> {
    fn verdict(&self) -> Verdict {
        self.asked().err().unwrap_or(Verdict::Passed)
    }

    /// Asks in every way, up to the first answer that is not as expected.
    fn asked(&self) -> Result<(), Verdict> {
        let query = &self.eval.query;
        let time_ms = match self.eval.times {
            Times::Range(Grid { start_ms, end_ms, step_ms }) => {
                let outcome = self.evaluator.range(self.store, query, start_ms, end_ms, step_ms);
                return self.judge(&outcome, check::check(self.eval, &outcome, self.options), None);
            }
            Times::Instant { time_ms } => time_ms,
        };
        self.instant(query, time_ms, None)?;
        if self.options.reruns
            && let Some(pinned) = pinned(query, time_ms)
        {
            for other_ms in other_times(time_ms) {
                self.instant(&pinned, other_ms, Some(format!("as {pinned} at {}", seconds(other_ms))))?;
            }
        }
        Ok(())
    }

    /// Asks at one time, and as a range around it.
    fn instant(&self, query: &str, time_ms: i64, asked: Option<String>) -> Result<(), Verdict> {
        let outcome = self.evaluator.instant(self.store, query, time_ms);
        let wrong = check::check(self.eval, &outcome, self.options);
        self.judge(&outcome, wrong, asked.clone())?;
        let expected = &self.eval.expected;
        let Ok(Answer { value, .. }) = &outcome else { return Ok(()) };
        let has_no_range = expected.range_vector.is_some() || matches!(value, Shape::Text(_));
        if !self.options.reruns || has_no_range || knows_its_range(query) {
            return Ok(());
        }
        let asked =
            format!("{} from a minute before to a minute after", asked.as_deref().unwrap_or("as it is"));
        let (start_ms, end_ms) =
            (time_ms.saturating_sub(RERUN_STEP_MS), time_ms.saturating_add(RERUN_STEP_MS));
        let outcome = self.evaluator.range(self.store, query, start_ms, end_ms, RERUN_STEP_MS);
        let wrong = match &outcome {
            Err(failure) => Some(format!("failed: {}", failure.message)),
            // A range query's answer is in label order.
            Ok(_) if expected.ordered => None,
            Ok(answer) => check::unsorted(&answer.value)
                .or_else(|| check::value(self.eval, &middle(&answer.value, time_ms, value))),
        };
        self.judge(&outcome, wrong, Some(asked))
    }

    fn judge(&self, outcome: &Outcome, wrong: Option<String>, asked: Option<String>) -> Result<(), Verdict> {
        if let Err(failure) = outcome
            && failure.stage == Stage::Unsupported
        {
            return Err(Verdict::Unsupported(failure.message.clone()));
        }
        let Some(summary) = wrong else { return Ok(()) };
        let expected = expected_lines(&self.eval.expected.value);
        Err(Verdict::Failed(Difference { asked, summary, expected, got: got_lines(outcome) }))
    }
}

/// What a matrix holds at one time: a scalar where the instant query gave one, else a vector.
fn middle(matrix: &Shape, time_ms: i64, instant: &Shape) -> Shape {
    let Shape::Matrix(elements) = matrix else { return matrix.clone() };
    let mut vector = Vec::new();
    for element in elements {
        let mut found =
            Element { labels: element.labels.clone(), floats: Vec::new(), histograms: Vec::new() };
        found.floats.extend(element.floats.iter().filter(|point| point.0 == time_ms));
        found.histograms.extend(element.histograms.iter().filter(|point| point.0 == time_ms).cloned());
        if !found.floats.is_empty() || !found.histograms.is_empty() {
            vector.push(found);
        }
    }
    match (instant, &vector[..]) {
        (Shape::Scalar(_), [Element { floats, .. }]) if floats.len() == 1 => Shape::Scalar(floats[0].1),
        _ => Shape::Vector(vector),
    }
}
