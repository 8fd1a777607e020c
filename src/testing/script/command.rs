//! What a script consists of.

use super::expectation::Expectations;
use crate::formats::load::LoadBlock;

/// A script: its commands in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// The file, as the caller named it.
    pub file: String,
    /// The commands.
    pub commands: Vec<Command>,
}

/// One command.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// Its first line, counted from 1.
    pub line: usize,
    /// What it does.
    pub action: Action,
}

/// What a command does.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Adds samples.
    Load(LoadBlock),
    /// Empties the store.
    Clear,
    /// Asks a query and compares its answer.
    Eval(Box<Eval>),
}

/// A query and what is expected of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Eval {
    /// The query, as written.
    pub query: String,
    /// When it is asked.
    pub times: Times,
    /// What has to come.
    pub expected: Expectations,
}

/// When a query is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// At one time.
    Instant {
        /// The time, in ms.
        time_ms: i64,
    },
    /// At every step of a range.
    Range(Grid),
}

/// Times at equal distances, in ms; the end is the latest allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// The first time.
    pub start_ms: i64,
    /// No time is later.
    pub end_ms: i64,
    /// From one time to the next.
    pub step_ms: i64,
}

impl Script {
    /// Its evals, in order.
    pub fn evals(&self) -> impl Iterator<Item = &Eval> {
        self.commands.iter().filter_map(|command| match &command.action {
            Action::Eval(eval) => Some(&**eval),
            Action::Load(_) | Action::Clear => None,
        })
    }
}

impl Grid {
    /// The time of a step, counted from 0; `None` behind the end.
    pub fn at(&self, step: usize) -> Option<i64> {
        let offset_ms = i64::try_from(step).ok()?.checked_mul(self.step_ms)?;
        self.start_ms.checked_add(offset_ms).filter(|time_ms| *time_ms <= self.end_ms)
    }
}
