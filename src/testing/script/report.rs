//! What came of a script.

use std::fmt;

/// The evals of a script, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The file, as the caller named it.
    pub file: String,
    /// One entry an `eval`.
    pub evals: Vec<EvalReport>,
}

/// What came of one `eval`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvalReport {
    /// The line of the `eval`, counted from 1.
    pub line: usize,
    /// Its query.
    pub query: String,
    /// Whether the answer is what the script expects.
    pub verdict: Verdict,
}

/// Whether an answer is what the script expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Passed,
    /// It is not.
    Failed(Difference),
    /// The evaluator says that it does not support the query; the text says what of it.
    Unsupported(String),
}

/// How an answer differs from what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// How it was asked, where that is not how the script has it: as a range, or with `@` on its selectors.
    pub asked: Option<String>,
    /// The first difference, in words.
    pub summary: String,
    /// What was expected, as lines of a script.
    pub expected: Vec<String>,
    /// What came, as lines of a script.
    pub got: Vec<String>,
}

impl Report {
    /// How many evals passed.
    pub fn passed(&self) -> usize {
        self.evals.iter().filter(|eval| eval.verdict == Verdict::Passed).count()
    }

    /// How many evals there are.
    pub fn total(&self) -> usize {
        self.evals.len()
    }

    /// How many evals the evaluator does not support.
    pub fn unsupported(&self) -> usize {
        self.evals.iter().filter(|eval| matches!(eval.verdict, Verdict::Unsupported(_))).count()
    }

    /// The evals that did not pass.
    pub fn failures(&self) -> impl Iterator<Item = &EvalReport> {
        self.evals.iter().filter(|eval| eval.verdict != Verdict::Passed)
    }
}

/// `FILE: passed/total`, and each eval that did not pass.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}/{}", self.file, self.passed(), self.total())?;
        self.failures().try_for_each(|eval| write!(f, "\n{}:{eval}", self.file))
    }
}

/// `LINE: query`, and what is wrong, without the file's name.
impl fmt::Display for EvalReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.query)?;
        match &self.verdict {
            Verdict::Passed => Ok(()),
            Verdict::Unsupported(what) => write!(f, "\n  unsupported: {what}"),
            Verdict::Failed(difference) => write!(f, "\n{difference}"),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {}", self.summary)?;
        if let Some(asked) = &self.asked {
            write!(f, "\n  asked {asked}")?;
        }
        for (title, lines) in [("expected", &self.expected), ("got", &self.got)] {
            write!(f, "\n  {title}:")?;
            if lines.is_empty() {
                f.write_str(" nothing")?;
            }
            lines.iter().try_for_each(|line| write!(f, "\n    {line}"))?;
        }
        Ok(())
    }
}
