//! What came of a test.

use super::reached::Reached;

/// The outcome of a test.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleTestReport {
    /// What was not as expected; a test passes without.
    pub failures: Vec<RuleTestFailure>,
    /// How many queries and alerts were looked at.
    pub checks: usize,
    /// Which rules the test has to do with.
    pub reached: Reached,
}

/// An expectation that was not met.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleTestFailure {
    /// The line of the expectation, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub summary: String,
    /// What was expected, a line a sample or alert.
    pub expected: Vec<String>,
    /// What came.
    pub got: Vec<String>,
}

impl RuleTestFailure {
    /// A failure that is no difference of answers.
    pub(super) const fn plain(line: usize, summary: String) -> Self {
        Self { line, summary, expected: Vec::new(), got: Vec::new() }
    }
}
