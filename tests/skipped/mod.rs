//! Says that a test has nothing to ask.

use std::fmt::Display;
use std::io::Write as _;

/// Tells why, also where the output of tests that pass is not shown: a macro's output would be kept back.
pub(crate) fn skipped(why: impl Display) {
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}
