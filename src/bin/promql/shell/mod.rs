//! The session at a terminal or on a pipe: a loop around [`Session`], which does the work.

pub(crate) mod completion;
pub(crate) mod dot;
pub(crate) mod edit;
mod editor;
mod highlight;
mod history;
mod init;
pub(crate) mod inspect;
mod position;
pub(crate) mod statements;
pub(crate) mod variables;
pub(crate) mod watch;

use std::io::{self, BufRead};

use crate::{
    outcome::Failure,
    render::{self, Diagnostic, Severity},
    session::{Flow, Session},
    terminal,
};
use editor::{Input, LineEditor};

/// Runs the file that every session runs first, if there is one. What fails there ends that file only.
pub(crate) fn start(session: &mut Session) -> Result<Flow, Failure> {
    let Some(path) = init::file() else { return Ok(Flow::Continue) };
    let path = path.to_string_lossy();
    session.source(&path).or_else(|failure| {
        say(session, failure)?;
        say(session, Failure::failed(format!("{path} was run up to there")))?;
        Ok(Flow::Continue)
    })
}

/// Runs the session to its end; gives its exit code.
pub(crate) fn run(session: &mut Session) -> Result<u8, Failure> {
    if session.terminal.interactive { converse(session) } else { pipe(session, io::stdin().lock()) }
}

/// A session with a person.
fn converse(session: &mut Session) -> Result<u8, Failure> {
    terminal::out(&format!("{}{}", session.banner(), session.welcome()))?;
    let mut editor = LineEditor::new(session.terminal.out)?;
    let mut words_of = None;
    loop {
        if let Err(failure) = session.refresh() {
            say(session, failure)?;
        }
        // Collecting the words reads every series' labels: once, and when the sources change.
        if words_of != Some(session.generation()) {
            editor.set_vocabulary(session.vocabulary());
            words_of = Some(session.generation());
        }
        let result = match editor.read(&session.prompt())? {
            Input::Dropped => continue,
            Input::End => return Ok(0),
            Input::Statement(statement) => session.run(&statement),
            Input::Edit(text) => session.edit(&text),
        };
        if let Some(text) = session.take_edited() {
            editor.remember(&text)?;
        }
        match result {
            Ok(Flow::Continue) => {}
            Ok(Flow::Exit(code)) => return Ok(code),
            Err(failure) => say(session, failure)?,
        }
    }
}

/// A session with a program or a file: no prompt, no banner; what fails does not end it, and shows in the exit code.
fn pipe(session: &mut Session, lines: impl BufRead) -> Result<u8, Failure> {
    let mut code = 0;
    for statement in statements::Statements::new(lines) {
        match session.run(&statement?) {
            Ok(Flow::Continue) => {}
            Ok(Flow::Exit(exit)) => return Ok(exit),
            Err(Failure::Empty) => code = code.max(4),
            Err(failure) => {
                say(session, failure)?;
                code = 1;
            }
        }
    }
    Ok(code)
}

/// Says what failed and goes on, unless nobody listens any more.
fn say(session: &Session, failure: Failure) -> Result<(), Failure> {
    match failure {
        Failure::Output(error) => Err(Failure::Output(error)),
        Failure::Said | Failure::Empty => Ok(()),
        Failure::Failed(message) | Failure::Usage(message) => {
            let diagnostic =
                Diagnostic { severity: Severity::Error, message: &message, span: None, note: None };
            terminal::err(&render::render(&diagnostic, "", &session.terminal.err));
            Ok(())
        }
    }
}
