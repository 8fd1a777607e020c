//! How a run of the program ends: what went wrong, and the exit code that says so.

use std::{io, process::ExitCode};

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Standard output went away; `promql … | head` is no error.
    Output(io::Error),
    /// The reason has been written already.
    Said,
    /// It failed; this is the reason.
    Failed(String),
    /// It was asked in the wrong way; this is the reason.
    Usage(String),
    /// It worked, and the answer is empty where `--fail-empty` forbids that.
    Empty,
}

impl Failure {
    /// A failure with this reason.
    pub(crate) fn failed(reason: impl Into<String>) -> Self {
        Self::Failed(reason.into())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// The exit code of a run; a reason not yet written is written.
pub(crate) fn finish(result: Result<u8, Failure>, write: impl Fn(&str)) -> ExitCode {
    let code = match result {
        Ok(code) => code,
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(Failure::Output(error)) => {
            write(&format!("cannot write the answer: {error}"));
            1
        }
        Err(Failure::Said) => 1,
        Err(Failure::Failed(reason)) => {
            write(&reason);
            1
        }
        Err(Failure::Usage(reason)) => {
            write(&reason);
            2
        }
        Err(Failure::Empty) => 4,
    };
    ExitCode::from(code)
}
