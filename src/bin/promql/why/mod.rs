//! Why an answer is empty: the ladder from "no such metric" up to "all filtered by the comparison", climbed only when
//! there is nothing else to show.
//!
//! An [`Examiner`] walks down the query to the part that is empty first, by evaluating parts of it at the
//! same times. What it says of that part stands in a file each: [`selector`], [`call`], [`binary`], [`matching`]. A
//! remedy is named only after it was tried and gave something. [`clash`] does the same for a match that failed.

mod binary;
mod call;
mod clash;
mod examiner;
mod matching;
mod report;
mod selector;

use promql_engine::{
    model::Span,
    storage::Storage,
    syntax::{self, ParserOptions},
};

use crate::{evaluate::When, problem};
pub(crate) use call::{OF_TWO_SAMPLES, scrape_interval};
pub(crate) use clash::notes;
use examiner::Examiner;
pub(crate) use report::{json, lines, text};

/// One reason, with the part of the query that is empty because of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reason {
    /// Which rung of the ladder; a fixed word for programs.
    pub(crate) kind: &'static str,
    /// The part of the query.
    pub(crate) span: Span,
    /// What is the matter, in a sentence.
    pub(crate) message: String,
    /// What to look at, or what to write instead.
    pub(crate) notes: Vec<String>,
}

impl Reason {
    fn new(kind: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { kind, span, message: message.into(), notes: Vec::new() }
    }

    fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// The reasons for which this query, evaluated then, gave nothing. None where they cannot be told.
pub(crate) fn explain(store: &dyn Storage, query: &str, when: When) -> Vec<Reason> {
    let Ok(parsed) = syntax::parse(query, &ParserOptions::all(), &problem::functions()) else {
        return Vec::new();
    };
    let mut examiner = Examiner::new(store, when);
    examiner.examine(&parsed.expr);
    examiner.into_reasons()
}
