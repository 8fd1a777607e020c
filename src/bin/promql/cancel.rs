//! Ctrl-C: cancels what runs, and ends the program only where nothing does.
//!
//! While a person types, the line editor reads Ctrl-C as a key; the signal arrives only between.

use std::sync::{Mutex, MutexGuard, PoisonError};

use promql_engine::exec::CancellationToken;

/// What runs, the innermost last: a query, and perhaps what repeats it.
static RUNNING: Mutex<Vec<CancellationToken>> = Mutex::new(Vec::new());

fn running() -> MutexGuard<'static, Vec<CancellationToken>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes the signal over. Where the system refuses, Ctrl-C ends the program as it always did.
pub(crate) fn install() {
    ctrlc::set_handler(|| match &**running() {
        // As a shell expects of a program that a signal ended.
        [] => std::process::exit(130),
        tokens => tokens.iter().for_each(CancellationToken::cancel),
    })
    .ok();
}

/// Makes `token` one that Ctrl-C cancels, until the guard goes.
pub(crate) fn watch(token: CancellationToken) -> Watch {
    running().push(token);
    Watch
}

/// While it lives, Ctrl-C cancels. Guards go in the reverse of the order they came in.
pub(crate) struct Watch;

impl Drop for Watch {
    fn drop(&mut self) {
        running().pop();
    }
}
