//! The line editor of a session at a terminal: prompt, history, completion of words, and when a statement is whole.

use std::{
    borrow::Cow,
    cell::Cell,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use promql_engine::functions;
use rustyline::{
    Cmd, CompletionType, ConditionalEventHandler, Config, Context, Editor, Event, EventContext, EventHandler,
    Helper, KeyEvent, RepeatCount,
    completion::{Completer, FilenameCompleter, Pair},
    error::ReadlineError,
    highlight::{CmdKind, Highlighter},
    hint::{Hint, Hinter},
    history::FileHistory,
    validate::{ValidationContext, ValidationResult, Validator},
};
use unicode_width::UnicodeWidthStr;

use super::{
    completion::{self, Vocabulary},
    dot::{self, Action},
    highlight, history, statements,
};
use crate::{
    commands::functions::usage,
    outcome::Failure,
    terminal::{Paint, Style},
};

/// What came from the keyboard.
pub(crate) enum Input {
    /// A whole statement.
    Statement(String),
    /// Ctrl-X Ctrl-E: what was typed is to be edited elsewhere.
    Edit(String),
    /// Ctrl-C: what was typed is dropped.
    Dropped,
    /// Ctrl-D, or the terminal is gone.
    End,
}

/// Reads statements from a terminal.
pub(crate) struct LineEditor {
    editor: Editor<Words, FileHistory>,
    history: Option<PathBuf>,
    /// What was typed when Ctrl-X Ctrl-E came.
    handed_over: Arc<Mutex<Option<String>>>,
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
        editor.set_helper(Some(Words {
            vocabulary: Vocabulary::default(),
            files: FilenameCompleter::new(),
            style,
            typing: Cell::new(true),
        }));
        let handed_over = Arc::default();
        let keys = Event::KeySeq(vec![KeyEvent::ctrl('X'), KeyEvent::ctrl('E')]);
        let handler = Box::new(HandOver(Arc::clone(&handed_over)));
        editor.bind_sequence(keys, EventHandler::Conditional(handler));
        let history = history::file();
        if let Some(file) = &history {
            // A first session has no file yet.
            editor.load_history(file).ok();
        }
        Ok(Self { editor, history, handed_over })
    }

    /// Says which names Tab may complete.
    pub(crate) fn set_vocabulary(&mut self, vocabulary: Vocabulary) {
        if let Some(helper) = self.editor.helper_mut() {
            helper.vocabulary = vocabulary;
        }
    }

    /// Adds a statement to the history.
    pub(crate) fn remember(&mut self, statement: &str) -> Result<(), Failure> {
        let statement = statement.trim_end();
        if statement.is_empty() {
            return Ok(());
        }
        self.editor.add_history_entry(statement).map_err(|error| Failure::failed(error.to_string()))?;
        if let Some(file) = &self.history {
            // At once, so that a killed session loses nothing; a full disk is no reason to stop.
            self.editor.append_history(file).ok();
        }
        Ok(())
    }

    /// The next statement.
    pub(crate) fn read(&mut self, prompt: &str) -> Result<Input, Failure> {
        match self.editor.readline(prompt) {
            Ok(statement) => {
                self.remember(&statement)?;
                Ok(Input::Statement(statement))
            }
            Err(ReadlineError::Interrupted) => {
                let handed_over = self.handed_over.lock().unwrap_or_else(PoisonError::into_inner).take();
                Ok(handed_over.map_or(Input::Dropped, Input::Edit))
            }
            Err(ReadlineError::Eof) => Ok(Input::End),
            Err(ReadlineError::Io(error)) => Err(error.into()),
            Err(error) => Err(Failure::failed(error.to_string())),
        }
    }
}

/// Ends the line as Ctrl-C does, and keeps what was typed.
struct HandOver(Arc<Mutex<Option<String>>>);

impl ConditionalEventHandler for HandOver {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext<'_>) -> Option<Cmd> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(context.line().to_owned());
        Some(Cmd::Interrupt)
    }
}

/// What the editor asks while a person types.
struct Words {
    vocabulary: Vocabulary,
    files: FilenameCompleter,
    style: Style,
    /// Whether the line is still being typed, so that the bracket at the cursor is of interest.
    typing: Cell<bool>,
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
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        position: usize,
        context: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (before, after) = line.split_at_checked(position).unwrap_or((line, ""));
        let takes_files = |(word, _): (&str, &str)| {
            dot::find(word)
                .is_ok_and(|command| matches!(command.action, Action::Open | Action::Output | Action::Source))
        };
        if dot::split(before).is_some_and(takes_files) && before.contains(' ') {
            return self.files.complete(line, position, context);
        }
        let (start, offered) = completion::complete(before, after, &self.vocabulary);
        let pair = |replacement: String| Pair { display: replacement.trim_end().to_owned(), replacement };
        Ok((start, offered.into_iter().map(pair).collect()))
    }
}

/// The signature of the function whose arguments are typed; it is shown and cannot be taken over.
struct Signature(String);

impl Hint for Signature {
    fn display(&self) -> &str {
        &self.0
    }

    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Hinter for Words {
    type Hint = Signature;

    fn hint(&self, line: &str, position: usize, _: &Context<'_>) -> Option<Signature> {
        // Behind the last line only: a hint in the middle would move what stands there.
        if position < line.len() || dot::split(line).is_some_and(|(_, arguments)| arguments.is_empty()) {
            return None;
        }
        let query = dot::split(line).map_or(line, |(_, arguments)| arguments);
        let name = super::position::call(query)?;
        let function = functions::lookup(&name)?;
        let hint = format!("   {}", usage(&function.signature));
        let used = line.rsplit('\n').next().map_or(0, UnicodeWidthStr::width) + PROMPT;
        (used + hint.width() < self.style.width).then_some(Signature(hint))
    }
}

/// About as wide as a prompt is; a hint that would break the line is not shown.
const PROMPT: usize = 12;

impl Highlighter for Words {
    fn highlight<'l>(&self, line: &'l str, position: usize) -> Cow<'l, str> {
        Cow::Owned(highlight::highlight(line, self.typing.get().then_some(position), &self.style))
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        Cow::Owned(self.style.paint(Paint::Faint, prompt))
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(self.style.paint(Paint::Faint, hint))
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.typing.set(kind != CmdKind::ForcedRefresh);
        // Any key may change the colour of the words around it, or the bracket at the cursor.
        self.style.colour && kind != CmdKind::ForcedRefresh
    }
}
