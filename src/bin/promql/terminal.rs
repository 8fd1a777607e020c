//! What the output goes to: a terminal or a pipe, how wide, in colour or not, and how to end quietly when the pipe breaks.

use std::{
    fs::File,
    io::{self, IsTerminal, Write},
    sync::{Mutex, MutexGuard, PoisonError},
};

use unicode_width::UnicodeWidthStr;

/// What a piece of text is, from which its colour follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    /// The word `error` and its carets.
    Error,
    /// What came where something else was expected.
    Good,
    /// The word `warning` and its carets.
    Warning,
    /// The word `info` and its carets.
    Info,
    /// Line numbers and bars.
    Gutter,
    /// Footers and what else may be overlooked.
    Faint,
    /// A metric's name, a command, a heading.
    Name,
    /// A word of the language.
    Keyword,
    /// A number or a duration.
    Number,
    /// A bracket at the cursor, and its partner.
    Bracket,
    /// All else.
    Plain,
    /// A line of a graph, by its number.
    Line(usize),
    /// A cell of a heat map, by how full it is: 0 to 3.
    Heat(usize),
}

/// How text is dressed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// Whether colours are written.
    pub(crate) colour: bool,
    /// Columns to fill.
    pub(crate) width: usize,
    /// Whether a person reads it, so that text breaks and is cut at the width; a program gets whole lines.
    pub(crate) read: bool,
}

impl Style {
    /// `text` in its colour, or as it is.
    pub(crate) fn paint(&self, paint: Paint, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        let code = match paint {
            Paint::Error => "1;31",
            Paint::Good => "32",
            Paint::Warning => "1;33",
            Paint::Info => "1;36",
            Paint::Gutter => "34",
            Paint::Faint => "2",
            Paint::Name => "36",
            Paint::Keyword => "35",
            Paint::Number => "33",
            Paint::Bracket => "1;4",
            Paint::Plain => return text.to_owned(),
            Paint::Line(line) => ["32", "33", "35", "36", "34", "31"][line % 6],
            Paint::Heat(fullness) => ["34", "36", "33", "31"][fullness.min(3)],
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// The process' standard streams.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminal {
    /// How standard output is dressed.
    pub(crate) out: Style,
    /// How standard error is dressed.
    pub(crate) err: Style,
    /// Whether a person types, and reads the prompt.
    pub(crate) interactive: bool,
    /// The lines of the screen.
    pub(crate) height: usize,
}

/// The file that answers go to instead of standard output, as `.output` says; one a process, as that is.
static FILE: Mutex<Option<File>> = Mutex::new(None);

fn file() -> MutexGuard<'static, Option<File>> {
    FILE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sends what is written from here on to a file, or to standard output again.
pub(crate) fn redirect(to: Option<File>) {
    *file() = to;
}

/// Width and height where nothing is known of them.
const DEFAULT_SIZE: (usize, usize) = (80, 24);

impl Terminal {
    /// Reads the environment: terminals, `NO_COLOR`, `TERM`, `COLUMNS`.
    pub(crate) fn detect() -> Self {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let wanted = set("NO_COLOR").is_none() && set("TERM").is_none_or(|term| term != "dumb");
        let columns =
            set("COLUMNS").and_then(|value| value.to_str()?.parse::<usize>().ok()).filter(|n| *n > 0);
        let (wide, high) = terminal_size::terminal_size()
            .map_or(DEFAULT_SIZE, |(width, height)| (usize::from(width.0), usize::from(height.0)));
        let width = columns.unwrap_or(wide).clamp(20, 10_000);
        let style = |terminal: bool| Style { colour: wanted && terminal, width, read: terminal };
        Self {
            out: style(io::stdout().is_terminal() && file().is_none()),
            err: style(io::stderr().is_terminal()),
            interactive: io::stdout().is_terminal() && io::stdin().is_terminal(),
            height: high.max(2),
        }
    }
}

/// A text broken at spaces so that it fits the width; words that are wider stay whole.
pub(crate) fn wrap(text: &str, width: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let mut used = 0;
        for (at, word) in line.split(' ').enumerate() {
            let wide = word.width();
            if at > 0 && used + 1 + wide > width {
                out.push('\n');
                used = 0;
            } else if at > 0 {
                out.push(' ');
                used += 1;
            }
            out.push_str(word);
            used += wide;
        }
    }
    out
}

/// Writes to standard output, or to the file of [`redirect`].
pub(crate) fn out(text: &str) -> io::Result<()> {
    if let Some(file) = &mut *file() {
        return file.write_all(text.as_bytes());
    }
    let mut stream = io::stdout().lock();
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

/// Writes to standard error; if nobody listens there, nobody can be told.
pub(crate) fn err(text: &str) {
    // What was answered before must stand before what is said about it, where both go to one place.
    io::stdout().flush().ok();
    io::stderr().lock().write_all(text.as_bytes()).ok();
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap("one two three", 7), "one two\nthree");
        assert_eq!(wrap("  indented\nincomprehensible words", 10), "  indented\nincomprehensible\nwords");
    }
}
