//! Rule tests as `promtool test rules` runs them: rule files, series, and what queries and alerts have to give.
//!
//! [`RuleTestFile::parse`] reads a file of tests, [`RuleTestFile::run`] runs one of them on the rules it names. Time begins at 0, or at
//! the test's `start_timestamp`; all groups are evaluated at every `evaluation_interval`, whatever interval they have of their own.

mod file;
mod reached;
mod report;
mod run;
mod time;

pub use file::{AlertTest, ExpectedAlert, ExpectedSample, ExpressionTest, RuleTest, RuleTestFile};
pub use reached::Reached;
pub use report::{RuleTestFailure, RuleTestReport};
