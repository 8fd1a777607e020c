//! Long answers and wide tables on a terminal go through a pager: `$PAGER`, or else `less -FRX`.

use std::{
    io::{self, Write},
    process::Stdio,
};

use promql_engine::exec::CancellationToken;
use unicode_width::UnicodeWidthStr;

use crate::{
    cancel, external,
    terminal::{self, Terminal},
};

/// Writes an answer: through the pager where a person reads it and it takes more than a screen.
pub(crate) fn show(text: &str, terminal: &Terminal) -> io::Result<()> {
    let width = terminal.out.width;
    let rows: usize = text.lines().map(|line| visible_width(line).div_ceil(width).max(1)).sum();
    page_if(rows >= terminal.height, "less -FRX", text, terminal)
}

/// Writes a table, whose lines should not be broken: through the pager also where they are wider than the screen.
pub(crate) fn show_table(text: &str, terminal: &Terminal) -> io::Result<()> {
    let is_wide = text.lines().any(|line| visible_width(line) > terminal.out.width);
    // Without -F, as such a table fits no screen; the arrow keys move it.
    if is_wide { page_if(true, "less -RXS", text, terminal) } else { show(text, terminal) }
}

fn page_if(wanted: bool, default: &str, text: &str, terminal: &Terminal) -> io::Result<()> {
    if !wanted || !terminal.interactive || !terminal.out.read {
        return terminal::out(text);
    }
    let command = std::env::var("PAGER");
    page(command.as_deref().unwrap_or(default), text)
}

/// Writes it through this pager, or as it is where there is none.
fn page(command: &str, text: &str) -> io::Result<()> {
    // Ctrl-C is for the pager, as long as it runs.
    let _watch = cancel::watch(CancellationToken::default());
    if command.trim().is_empty() {
        return terminal::out(text);
    }
    let Ok(mut child) = external::command(command).stdin(Stdio::piped()).spawn() else {
        return terminal::out(text);
    };
    if let Some(mut pipe) = child.stdin.take() {
        // Whoever has read enough ends the pager.
        pipe.write_all(text.as_bytes()).ok();
    }
    match child.wait()?.code() {
        // There is no such program.
        Some(126 | 127) => terminal::out(text),
        _ => Ok(()),
    }
}

/// The columns of a line; what only colours it takes none.
fn visible_width(line: &str) -> usize {
    if !line.contains('\u{1b}') {
        return line.width();
    }
    let coloured = line.split('\u{1b}').enumerate();
    coloured
        .map(|(at, piece)| match piece.split_once('m') {
            Some((_, text)) if at > 0 => text.width(),
            _ => piece.width(),
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::visible_width;

    #[test]
    fn colours_take_no_columns() {
        assert_eq!(visible_width("up 1"), 4);
        assert_eq!(visible_width("\u{1b}[36mmm\u{1b}[0m m"), 4);
    }
}
