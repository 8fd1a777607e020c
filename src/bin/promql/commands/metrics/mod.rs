//! `check metrics`: exposition text against the conventions for names, as `promtool check metrics` does, each finding with its
//! line.

mod family;
mod rules;
mod units;

use promql_engine::formats::{self, ReadOptions, Sample, Sink};
use promql_engine::storage::{Metadata, StorageError};

use crate::{
    outcome::Failure,
    output, sources,
    terminal::{self, Paint, Terminal},
};
use family::Family;

/// One thing against the conventions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Finding {
    /// The line, from 1.
    line: usize,
    metric: String,
    /// A word that stands for the rule.
    rule: &'static str,
    message: String,
}

/// Checks these files; gives the exit code.
pub(crate) fn run(files: &[String], terminal: &Terminal) -> Result<u8, Failure> {
    let mut found = 0;
    for file in files {
        let findings = check(file)?;
        found += findings.len();
        for Finding { line, metric, rule, message } in findings {
            let metric = terminal.out.paint(Paint::Name, &metric);
            terminal::out(&format!("{file}:{line}: {metric}: {message} [{rule}]\n"))?;
        }
    }
    if found == 0 {
        return Ok(0);
    }
    let total = output::count(found as u64, "finding", "findings");
    terminal::err(&format!("{}\n", terminal.err.paint(Paint::Faint, &total)));
    Ok(3)
}

/// The findings in one file, by line.
fn check(file: &str) -> Result<Vec<Finding>, Failure> {
    let (bytes, format) = sources::fetch(file)?;
    let format = format.unwrap_or_else(|| formats::sniff(&bytes));
    let options =
        ReadOptions { format: Some(format), default_timestamp_ms: Some(0), ..ReadOptions::default() };
    // What is no exposition text has no names to speak of.
    formats::read(file, &bytes, &options, &mut Nowhere)
        .map_err(|error| Failure::failed(error.to_string()))?;
    let mut findings: Vec<Finding> = family::families(&bytes, format).iter().flat_map(rules::check).collect();
    findings.sort();
    Ok(findings)
}

/// Takes what is only checked for its form.
struct Nowhere;

impl Sink for Nowhere {
    fn sample(&mut self, _: Sample<'_>) -> Result<(), StorageError> {
        Ok(())
    }

    fn metadata(&mut self, _: &str, _: &Metadata) {}
}

impl Family {
    /// A finding about the whole family.
    fn finding(&self, rule: &'static str, message: impl Into<String>) -> Finding {
        self.finding_at(self.line, rule, message)
    }

    fn finding_at(&self, line: usize, rule: &'static str, message: impl Into<String>) -> Finding {
        Finding { line, metric: self.name.clone(), rule, message: message.into() }
    }
}
