//! Where one statement ends and the next begins: a line each, unless the lexer says that more must come.

use std::io::BufRead;

use promql_engine::syntax::{Lexer, SyntaxErrorKind, token::TokenKind};

use super::{dot, variables};

/// Whether the text is a statement as it stands. More must come while a bracket or a raw string is open, or an
/// operator stands last; an empty line ends a statement all the same, so that nobody is stuck.
pub(crate) fn is_whole(text: &str) -> bool {
    let last_line = text.rsplit_once('\n').map(|(_, last)| last);
    if last_line.is_some_and(|line| line.trim().is_empty()) {
        return true;
    }
    match dot::split(text) {
        None => !wants_more(text),
        // `.let NAME = EXPR` among them: the name and the sign change nothing.
        Some((word, arguments)) => {
            !dot::find(word).is_ok_and(dot::DotCommand::takes_query) || !wants_more(arguments)
        }
    }
}

fn wants_more(text: &str) -> bool {
    let mut after_operator = false;
    for token in Lexer::new(&variables::masked(text), true) {
        match token {
            Ok(token) => match token.kind {
                TokenKind::Comment | TokenKind::Eof => {}
                kind => {
                    after_operator =
                        matches!(kind, TokenKind::Operator(_) | TokenKind::Offset | TokenKind::At);
                }
            },
            Err(error) => {
                return match error.kind {
                    SyntaxErrorKind::Unclosed { .. } => true,
                    // Only a raw string may hold line breaks; no later line mends another one.
                    SyntaxErrorKind::UnterminatedString => {
                        text.get(error.span.start as usize..).is_some_and(|rest| rest.starts_with('`'))
                    }
                    _ => false,
                };
            }
        }
    }
    after_operator
}

/// Whether there is nothing but space and comments.
pub(crate) fn is_blank(text: &str) -> bool {
    Lexer::new(text, true)
        .all(|token| token.is_ok_and(|token| matches!(token.kind, TokenKind::Comment | TokenKind::Eof)))
}

/// Reads statements from lines; what is left at the end of the input is one, too.
pub(crate) struct Statements<R> {
    lines: R,
}

impl<R: BufRead> Statements<R> {
    /// The statements of these lines.
    pub(crate) fn new(lines: R) -> Self {
        Self { lines }
    }
}

impl<R: BufRead> Iterator for Statements<R> {
    type Item = std::io::Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut text = String::new();
        loop {
            match self.lines.read_line(&mut text) {
                Err(error) => return Some(Err(error)),
                Ok(0) => return (!text.trim().is_empty()).then(|| Ok(text.trim_end().to_owned())),
                Ok(_) => {
                    // The break of this line only: the one before it may say that an empty line ends the statement.
                    if text.ends_with('\n') {
                        text.pop();
                    }
                    if text.ends_with('\r') {
                        text.pop();
                    }
                    if is_whole(&text) {
                        return Some(Ok(text));
                    }
                    text.push('\n');
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_continues_and_what_does_not() {
        for whole in [
            "",
            "up",
            "sum(up)",
            "up[5m]",
            "\"a",
            "sum(up))",
            "# only ( a comment",
            ".time newest",
            "sum(\n\n",
            "1 # +",
            "sum($x)",
            ".let x = up",
            ".let x =",
            ".metrics (",
        ] {
            assert!(is_whole(whole), "{whole}");
        }
        for open in [
            "sum(",
            "up{",
            "up[5m",
            "`raw",
            "1 +",
            "up and",
            "sum( # )",
            "sum(\nup",
            "up offset",
            "$x +",
            ".let x = sum(",
            ".graph sum(",
        ] {
            assert!(!is_whole(open), "{open}");
        }
    }

    #[test]
    fn statements_of_a_file() {
        let text = "up\n\nsum(\n  up\n)\n.time now\n1 +\n2\nsum(";
        let found: Vec<String> =
            Statements::new(text.as_bytes()).map(|statement| statement.expect("lines")).collect();
        assert_eq!(found, ["up", "", "sum(\n  up\n)", ".time now", "1 +\n2", "sum("]);
    }
}
