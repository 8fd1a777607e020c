//! Runs test scripts in the language of Prometheus' own (`promqltest`) against any [`Evaluator`].
//!
//! A script loads series, asks queries and says what the answers have to be:
//!
//! ```
//! use promql_engine::Engine;
//! use promql_engine::testing::script::{RunOptions, Script, engine_options};
//!
//! let script = Script::parse("requests.test", r#"
//! load 1m
//!   requests_total{shop="north"} 0+60x10
//!   requests_total{shop="south"} 0+30x10
//!
//! eval instant at 10m rate(requests_total[5m])
//!   expect no_warn
//!   {shop="north"} 1
//!   {shop="south"} 0.5
//!
//! eval range from 0 to 2m step 1m sum(requests_total)
//!   {} 0 90 180
//! "#)?;
//! let report = script.run(&Engine::new(engine_options()), RunOptions::default())?;
//! assert_eq!((report.passed(), report.total()), (2, 2), "{report}");
//! # Ok::<(), promql_engine::testing::script::ScriptError>(())
//! ```
//!
//! # The language
//!
//! Lines are trimmed. A line that starts with `#` is a comment and, like an empty line, ends the command before it.
//!
//! | command | what it does |
//! |---|---|
//! | `load STEP` and lines of series | adds samples from time 0, a step apart; `load_with_nhcb` also adds classic histograms as native ones |
//! | `clear` | empties the store |
//! | `eval instant at TIME QUERY` | asks at one time |
//! | `eval range from TIME to TIME step STEP QUERY` | asks at every step |
//!
//! Below an `eval` stand its expectations, each on its own line:
//!
//! | line | what has to be |
//! |---|---|
//! | `{label="value"} 1 2 _ 4` | a series with these values, one a step; all series of the answer have to be listed |
//! | `42` | the scalar; ends the `eval` |
//! | `expect string "text"` | the string |
//! | `expect range vector from TIME to TIME step STEP` | the times of the values of an instant query's range vector; it is asked at the last |
//! | `expect ordered` | the vector in the order of the lines |
//! | `expect fail`, `expect fail msg:TEXT`, `expect fail regex:PATTERN` | the query fails, with this message |
//! | `expect warn`, `expect info` (also with `msg:` or `regex:`) | a matching annotation for each such line, and a line for each annotation |
//! | `expect no_warn`, `expect no_info` | no such annotation |
//!
//! The older forms `eval_fail`, `eval_warn`, `eval_info`, `eval_ordered` and the lines `expected_fail_message TEXT` and
//! `expected_fail_regexp PATTERN` (which end the `eval`) are understood. Of a series listed twice the last line counts.
//!
//! # How answers are compared
//!
//! Floats to 1e-6 relative; histograms compacted, their counter reset hints only where the script names one. Every
//! instant query is asked again as a range from a minute before to a minute after, and its middle step compared; and where no
//! function in it depends on the time, with `@` of the evaluation time on every selector, at five other times ([`RunOptions::reruns`]).
//!
//! [`Evaluator`]: super::evaluator::Evaluator

mod check;
mod command;
mod error;
mod expectation;
mod parse;
mod pin;
mod render;
mod report;
mod run;
#[cfg(test)]
mod tests;

pub use command::{Action, Command, Eval, Grid, Script, Times};
pub use error::{ScriptError, ScriptErrorKind};
pub use expectation::{Expectations, ExpectedSeries, ExpectedValue, TextPattern};
pub use report::{Difference, EvalReport, Report, Verdict};
pub use run::{RunOptions, engine_options};
