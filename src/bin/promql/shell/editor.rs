//! The line editor of a session at a terminal: prompt, history, completion of words, and when a statement is whole.

use std::{borrow::Cow, path::PathBuf};

use rustyline::{
    CompletionType, Config, Context, Editor, Helper,
    completion::Completer,
    error::ReadlineError,
    highlight::Highlighter,
    hint::Hinter,
    history::FileHistory,
    validate::{ValidationContext, ValidationResult, Validator},
};

use super::{dot, history, statements};
use crate::{
    outcome::Failure,
    terminal::{Paint, Style},
};

/// What came from the keyboard.
pub(crate) enum Input {
    /// A whole statement.
    Statement(String),
    /// Ctrl-C: what was typed is dropped.
    Dropped,
    /// Ctrl-D, or the terminal is gone.
    End,
}

/// Reads statements from a terminal.
pub(crate) struct LineEditor {
    editor: Editor<Words, FileHistory>,
    history: Option<PathBuf>,
}

impl LineEditor {
    /// An editor with the history of former sessions.
    pub(crate) fn new(style: Style) -> Result<Self, Failure> {
        let config = Config::builder()
            .completion_type(CompletionType::List)
            .max_history_size(10_000)
            .and_then(|config| config.history_ignore_dups(true))
            .map(|config| config.build())
            .map_err(|error| Failure::failed(error.to_string()))?;
        let mut editor = Editor::with_config(config).map_err(|error| Failure::failed(error.to_string()))?;
        editor.set_helper(Some(Words { known: Vec::new(), style }));
        let history = history::file();
        if let Some(file) = &history {
            // A first session has no file yet.
            editor.load_history(file).ok();
        }
        Ok(Self { editor, history })
    }

    /// Says which words Tab may complete.
    pub(crate) fn set_words(&mut self, mut known: Vec<String>) {
        known.sort_unstable();
        known.dedup();
        if let Some(helper) = self.editor.helper_mut() {
            helper.known = known;
        }
    }

    /// The next statement.
    pub(crate) fn read(&mut self, prompt: &str) -> Result<Input, Failure> {
        match self.editor.readline(prompt) {
            Ok(statement) => {
                if !statement.trim().is_empty() {
                    let statement = statement.trim_end();
                    self.editor
                        .add_history_entry(statement)
                        .map_err(|error| Failure::failed(error.to_string()))?;
                    if let Some(file) = &self.history {
                        // At once, so that a killed session loses nothing; a full disk is no reason to stop.
                        self.editor.append_history(file).ok();
                    }
                }
                Ok(Input::Statement(statement))
            }
            Err(ReadlineError::Interrupted) => Ok(Input::Dropped),
            Err(ReadlineError::Eof) => Ok(Input::End),
            Err(ReadlineError::Io(error)) => Err(error.into()),
            Err(error) => Err(Failure::failed(error.to_string())),
        }
    }
}

/// What the editor asks while a person types.
struct Words {
    /// Metrics, functions and keywords, sorted.
    known: Vec<String>,
    style: Style,
}

impl Helper for Words {}

impl Validator for Words {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(match statements::is_whole(context.input()) {
            true => ValidationResult::Valid(None),
            false => ValidationResult::Incomplete,
        })
    }
}

impl Completer for Words {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let before = line.get(..position).unwrap_or(line);
        if let Some(word) = before.strip_prefix('.').filter(|word| !word.contains(char::is_whitespace)) {
            let commands = dot::COMMANDS.iter().filter(|command| command.name.starts_with(word));
            return Ok((0, commands.map(|command| format!(".{}", command.name)).collect()));
        }
        let in_word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let start = before
            .char_indices()
            .rev()
            .take_while(|(_, c)| in_word(*c))
            .last()
            .map_or(position, |(at, _)| at);
        let word = before.get(start..).unwrap_or_default();
        let known = self.known.iter().filter(|known| !word.is_empty() && known.starts_with(word));
        Ok((start, known.cloned().collect()))
    }
}

impl Hinter for Words {
    type Hint = String;
}

impl Highlighter for Words {
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        Cow::Owned(self.style.paint(Paint::Faint, prompt))
    }
}
