//! Colours of a line as it is typed, and the brackets at the cursor with their partners.

use std::ops::Range;

use promql_engine::{
    functions,
    syntax::{
        Lexer,
        token::{Token, TokenKind},
    },
};

use super::{dot, variables};
use crate::terminal::{Paint, Style};

/// The line with colours; nothing else changes, so that the editor can count its columns. Without a cursor no bracket is
/// at it.
pub(super) fn highlight(line: &str, cursor: Option<usize>, style: &Style) -> String {
    if !style.colour {
        return line.to_owned();
    }
    let (mut out, query) = match dot::split(line) {
        Some((word, _)) => {
            let end = line.find(word).map_or(0, |at| at + word.len());
            let (command, rest) = line.split_at(end);
            let paint = if dot::find(word).is_ok() { Paint::Name } else { Paint::Plain };
            (style.paint(paint, command), rest)
        }
        None => (String::new(), line),
    };
    // Only these dot-commands take a query; the words of others are words.
    let takes_query = |word: &str| dot::find(word).is_ok_and(dot::DotCommand::takes_query);
    if dot::split(line).is_some_and(|(word, _)| !takes_query(word)) {
        out.push_str(query);
        return out;
    }
    let offset = line.len() - query.len();
    // The lexer knows no variables; names they are.
    let names = variables::masked(query);
    let tokens: Vec<Token> = Lexer::new(&names, true).map_while(Result::ok).collect();
    let pair = cursor.map_or([None, None], |cursor| brackets(&tokens, cursor.wrapping_sub(offset)));
    let mut written = 0;
    for (at, token) in tokens.iter().enumerate() {
        let range = token.span.start as usize..token.span.end as usize;
        let (Some(gap), Some(word)) = (query.get(written..range.start), query.get(range.clone())) else {
            break;
        };
        out.push_str(gap);
        let is_called = tokens.get(at + 1).is_some_and(|next| next.kind == TokenKind::LeftParen);
        let paint =
            if pair.contains(&Some(at)) { Paint::Bracket } else { paint(token.kind, word, is_called) };
        out.push_str(&style.paint(paint, word));
        written = range.end;
    }
    out.push_str(query.get(written..).unwrap_or_default());
    out
}

fn paint(kind: TokenKind, word: &str, is_called: bool) -> Paint {
    match kind {
        TokenKind::Comment => Paint::Faint,
        TokenKind::String => Paint::Good,
        TokenKind::Number | TokenKind::Duration => Paint::Number,
        TokenKind::Aggregate(_) => Paint::Name,
        TokenKind::Identifier
        | TokenKind::MinOf
        | TokenKind::MaxOf
        | TokenKind::Start
        | TokenKind::End
        | TokenKind::Step
        | TokenKind::Range
            if is_called =>
        {
            if functions::lookup(word).is_some() {
                Paint::Name
            } else {
                Paint::Error
            }
        }
        TokenKind::Operator(_) if word.starts_with(|c: char| c.is_ascii_alphabetic()) => Paint::Keyword,
        TokenKind::Offset
        | TokenKind::Smoothed
        | TokenKind::Anchored
        | TokenKind::By
        | TokenKind::Without
        | TokenKind::On
        | TokenKind::Ignoring
        | TokenKind::GroupLeft
        | TokenKind::GroupRight
        | TokenKind::Fill
        | TokenKind::FillLeft
        | TokenKind::FillRight
        | TokenKind::Bool => Paint::Keyword,
        _ => Paint::Plain,
    }
}

/// The tokens of the bracket at the cursor, or right before it, and of its partner.
fn brackets(tokens: &[Token], cursor: usize) -> [Option<usize>; 2] {
    let range = |token: &Token| Range { start: token.span.start as usize, end: token.span.end as usize };
    let mut open: Vec<usize> = Vec::new();
    let mut before = [None, None];
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::LeftParen | TokenKind::LeftBrace | TokenKind::LeftBracket => open.push(at),
            TokenKind::RightParen | TokenKind::RightBrace | TokenKind::RightBracket => {
                let Some(partner) = open.pop() else { continue };
                for end in [at, partner] {
                    let place = tokens.get(end).map(range).unwrap_or_default();
                    if place.start == cursor {
                        return [Some(partner), Some(at)];
                    }
                    if place.end == cursor {
                        before = [Some(partner), Some(at)];
                    }
                }
            }
            _ => {}
        }
    }
    before
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLOURED: Style = Style { colour: true, width: 80, read: true };

    /// Colours as letters before the words they are for.
    fn shown(line: &str, cursor: usize) -> String {
        let mut text = highlight(line, Some(cursor), &COLOURED);
        for (code, letter) in [
            ("36", "N:"),
            ("33", "#:"),
            ("32", "S:"),
            ("35", "K:"),
            ("2", "F:"),
            ("1;31", "E:"),
            ("1;4", "B:"),
        ] {
            text = text.replace(&format!("\u{1b}[{code}m"), letter);
        }
        text.replace("\u{1b}[0m", "")
    }

    #[test]
    fn words_have_their_colours() {
        let far = 1000;
        assert_eq!(
            shown("sum by (job) (rate(up{a=\"b\"}[5m])) > 1 # x", far),
            "N:sum K:by (job) (N:rate(up{a=S:\"b\"}[#:5m])) > #:1 F:# x"
        );
        assert_eq!(shown("rat(up) and nonesuch", far), "E:rat(up) K:and nonesuch");
        assert_eq!(shown(".graph rate(up[5m])", far), "N:.graph N:rate(up[#:5m])");
        assert_eq!(shown(".open rate(file)", far), "N:.open rate(file)");
        assert_eq!(shown("up + \"open", far), "up + \"open");
    }

    #[test]
    fn the_bracket_at_the_cursor_and_its_partner_stand_out() {
        assert_eq!(shown("(a[5m])", 0), "B:(a[#:5m]B:)");
        assert_eq!(shown("(a[5m])", 6), "B:(a[#:5m]B:)");
        assert_eq!(shown("(a[5m])", 7), "B:(a[#:5m]B:)");
        assert_eq!(shown("(a[5m])", 5), "(aB:[#:5mB:])");
        assert_eq!(shown("((a)", 0), "((a)");
    }

    #[test]
    fn without_colours_nothing_changes() {
        let style = Style { colour: false, ..COLOURED };
        assert_eq!(highlight("sum(up)", Some(3), &style), "sum(up)");
    }
}
