//! Ctrl-C: cancels the query that runs, and ends the program only where none does.
//!
//! While a person types, the line editor reads Ctrl-C as a key; the signal arrives only between.

use std::sync::{Mutex, MutexGuard, PoisonError};

use promql_engine::exec::CancellationToken;

/// The query that runs, if any.
static RUNNING: Mutex<Option<CancellationToken>> = Mutex::new(None);

fn running() -> MutexGuard<'static, Option<CancellationToken>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes the signal over. Where the system refuses, Ctrl-C ends the program as it always did.
pub(crate) fn install() {
    ctrlc::set_handler(|| match &*running() {
        Some(token) => token.cancel(),
        // As a shell expects of a program that a signal ended.
        None => std::process::exit(130),
    })
    .ok();
}

/// Makes `token` the one that Ctrl-C cancels, until the guard goes.
pub(crate) fn watch(token: CancellationToken) -> Watch {
    *running() = Some(token);
    Watch
}

/// While it lives, Ctrl-C cancels the query.
pub(crate) struct Watch;

impl Drop for Watch {
    fn drop(&mut self) {
        *running() = None;
    }
}
