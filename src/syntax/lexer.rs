//! Text to tokens: the rules of [`raw`](super::raw), read according to where the lexer is.
//!
//! Four places have rules of their own. In braces every word is a label's name. Right behind `[` only the terms of a
//! duration may stand; behind the first number the ordinary rules return, with words still limited. In the series
//! notation (the `load` lines of test scripts) values follow the labels. Elsewhere words are keywords or names.
//!
//! The lexer stops at its first error: what follows it would be read in the wrong place.

use logos::Logos;

use super::error::{SyntaxError, SyntaxErrorKind};
use super::ops::BinaryOp;
use super::raw::Raw;
use super::scan::{Numeric, StringProblem, scan_numeric, scan_string};
use super::series_lexer::SeriesState;
use super::token::{Token, TokenKind, keyword};
use super::unicode::is_letter;
use crate::model::Span;

/// An iterator over the tokens of a query, comments and a final [`TokenKind::Eof`] included. It ends after an error.
#[derive(Clone)]
pub struct Lexer<'a> {
    pub(crate) input: &'a str,
    raw: logos::Lexer<'a, Raw>,
    unquoted_utf8_names: bool,
    pub(crate) done: bool,
    paren_depth: usize,
    in_braces: bool,
    in_brackets: bool,
    /// Behind `[`, before the first number.
    in_duration: bool,
    colon_seen: bool,
    /// A term of a duration was seen behind `[`.
    term_seen: bool,
    pub(crate) series: Option<SeriesState>,
}

/// One step of the lexer: a token, or nothing where trivia was skipped.
pub(crate) type Step = Result<Token, SyntaxError>;

impl<'a> Lexer<'a> {
    /// The tokens of a query. `unquoted_utf8_names` is the parser option of the same name.
    pub fn new(input: &'a str, unquoted_utf8_names: bool) -> Self {
        Self {
            input,
            raw: Raw::lexer(input),
            unquoted_utf8_names,
            done: false,
            paren_depth: 0,
            in_braces: false,
            in_brackets: false,
            in_duration: false,
            colon_seen: false,
            term_seen: false,
            series: None,
        }
    }

    /// The tokens of one line of the series notation: labels, then values.
    pub fn series(input: &'a str, unquoted_utf8_names: bool) -> Self {
        Self { series: Some(SeriesState::Metric), ..Self::new(input, unquoted_utf8_names) }
    }

    /// The next token, or an error, after which there is nothing.
    #[inline]
    pub(crate) fn step(&mut self) -> Step {
        if self.series.is_some_and(|state| state != SeriesState::Metric) {
            return self.series_step();
        }
        loop {
            let Some(raw) = self.raw.next() else { return self.end() };
            let span = self.raw.span();
            let (start, end) = (span.start, span.end);
            match raw {
                Ok(Raw::Space) => {}
                Ok(Raw::Comment) if !self.in_duration => return Ok(token(TokenKind::Comment, start, end)),
                Ok(raw) if self.in_braces => return self.in_braces(raw, start, end),
                Ok(raw) if self.in_brackets => return self.in_brackets(raw, start, end),
                Ok(raw) => return self.anywhere(raw, start, end),
                Err(()) => return self.other(start, end),
            }
        }
    }

    pub(crate) fn fail(&mut self, kind: SyntaxErrorKind, start: usize, end: usize) -> Step {
        self.done = true;
        Err(SyntaxError { kind, span: span(start, end) })
    }

    fn unexpected(&mut self, start: usize) -> Step {
        let found = self.input[start..].chars().next().unwrap_or('\0');
        self.fail(SyntaxErrorKind::UnexpectedCharacter { found }, start, start + found.len_utf8())
    }

    fn end(&mut self) -> Step {
        let end = self.input.len();
        if self.in_braces {
            return self.fail(SyntaxErrorKind::Unclosed { open: '{' }, end, end);
        }
        if self.in_duration {
            return self.fail(SyntaxErrorKind::Unclosed { open: '[' }, end, end);
        }
        if self.paren_depth != 0 {
            return self.fail(SyntaxErrorKind::Unclosed { open: '(' }, end, end);
        }
        if self.in_brackets {
            return self.fail(SyntaxErrorKind::Unclosed { open: '[' }, end, end);
        }
        self.done = true;
        Ok(token(TokenKind::Eof, end, end))
    }

    /// Sets where the next token starts: the rules matched more than counts here.
    pub(crate) fn continue_at(&mut self, position: usize) {
        self.raw = Raw::lexer(self.input);
        self.raw.bump(position);
    }

    /// Where the next token starts.
    pub(crate) fn next_start(&self) -> usize {
        self.raw.span().end
    }

    fn in_braces(&mut self, raw: Raw, start: usize, end: usize) -> Step {
        let kind = match raw {
            Raw::Word => {
                // A colon belongs to names of metrics only.
                let end = match self.input[start..end].find(':') {
                    Some(0) => return self.unexpected(start),
                    Some(length) => {
                        self.continue_at(start + length);
                        start + length
                    }
                    None => self.extend_name(start, end, false),
                };
                return Ok(token(TokenKind::Identifier, start, end));
            }
            Raw::Comma => TokenKind::Comma,
            Raw::Assign => TokenKind::Assign,
            Raw::Equal => {
                self.continue_at(start + 1);
                return Ok(token(TokenKind::Assign, start, start + 1));
            }
            Raw::NotEqual => TokenKind::Operator(BinaryOp::NotEqual),
            Raw::RegexMatch => TokenKind::RegexMatch,
            Raw::RegexNotMatch => TokenKind::RegexNotMatch,
            Raw::PlainString | Raw::BacktickString => TokenKind::String,
            Raw::QuoteStart => return self.string(start),
            Raw::RightBrace => {
                self.in_braces = false;
                if self.series.is_some() {
                    self.series = Some(SeriesState::Values);
                }
                TokenKind::RightBrace
            }
            _ => return self.unexpected(start),
        };
        Ok(token(kind, start, end))
    }

    fn in_brackets(&mut self, raw: Raw, start: usize, end: usize) -> Step {
        match raw {
            Raw::Word if self.input.as_bytes()[start] == b':' => self.colon(start),
            Raw::Word => {
                let word = &self.input[start..end];
                let letters =
                    word.find(|c: char| !(c.is_ascii_alphabetic() || c == '_')).unwrap_or(word.len());
                let kind = keyword(&word[..letters]);
                let Some(kind @ (TokenKind::Step | TokenKind::Range | TokenKind::MaxOf | TokenKind::MinOf)) =
                    kind
                else {
                    return self.unexpected(start);
                };
                if letters < word.len() {
                    self.continue_at(start + letters);
                }
                self.term_seen = true;
                Ok(token(kind, start, start + letters))
            }
            Raw::LeftBracket => self.unexpected(start),
            Raw::NumberStart => {
                self.term_seen = true;
                self.in_duration = false;
                self.numeric(start)
            }
            Raw::LeftParen | Raw::RightParen | Raw::RightBracket => self.anywhere(raw, start, end),
            Raw::Add | Raw::Sub | Raw::Mul | Raw::Div | Raw::Mod | Raw::Pow | Raw::Comma => {
                self.anywhere(raw, start, end)
            }
            _ if self.in_duration => self.unexpected(start),
            _ => self.anywhere(raw, start, end),
        }
    }

    fn colon(&mut self, start: usize) -> Step {
        if self.in_duration && !self.term_seen || self.colon_seen {
            // Prometheus has passed the colon where only a term was allowed, and has not passed it elsewhere.
            let at = if self.in_duration { start + 1 } else { start };
            return self.fail(SyntaxErrorKind::UnexpectedColon, at, start + 1);
        }
        self.colon_seen = true;
        self.continue_at(start + 1);
        Ok(token(TokenKind::Colon, start, start + 1))
    }

    fn anywhere(&mut self, raw: Raw, start: usize, end: usize) -> Step {
        let kind = match raw {
            Raw::Word => return self.word(start, end),
            Raw::NumberStart => return self.numeric(start),
            Raw::PlainString | Raw::BacktickString => TokenKind::String,
            Raw::QuoteStart => return self.string(start),
            Raw::LeftParen => {
                self.paren_depth += 1;
                TokenKind::LeftParen
            }
            Raw::RightParen => {
                let Some(depth) = self.paren_depth.checked_sub(1) else {
                    return self.fail(SyntaxErrorKind::NothingToClose { close: ')' }, end, end);
                };
                self.paren_depth = depth;
                TokenKind::RightParen
            }
            Raw::LeftBrace => {
                self.in_braces = true;
                TokenKind::LeftBrace
            }
            Raw::LeftBracket => {
                (self.in_brackets, self.in_duration, self.colon_seen, self.term_seen) =
                    (true, true, false, false);
                TokenKind::LeftBracket
            }
            Raw::RightBracket => {
                if !self.in_brackets {
                    return self.fail(SyntaxErrorKind::NothingToClose { close: ']' }, start, end);
                }
                (self.in_brackets, self.in_duration) = (false, false);
                TokenKind::RightBracket
            }
            Raw::Comma => TokenKind::Comma,
            Raw::At => TokenKind::At,
            Raw::Assign => TokenKind::Assign,
            Raw::Equal => TokenKind::Operator(BinaryOp::Equal),
            Raw::NotEqual => TokenKind::Operator(BinaryOp::NotEqual),
            Raw::Greater => TokenKind::Operator(BinaryOp::Greater),
            Raw::Less => TokenKind::Operator(BinaryOp::Less),
            Raw::GreaterOrEqual => TokenKind::Operator(BinaryOp::GreaterOrEqual),
            Raw::LessOrEqual => TokenKind::Operator(BinaryOp::LessOrEqual),
            Raw::TrimUpper => TokenKind::Operator(BinaryOp::TrimUpper),
            Raw::TrimLower => TokenKind::Operator(BinaryOp::TrimLower),
            Raw::Add => TokenKind::Operator(BinaryOp::Add),
            Raw::Sub => TokenKind::Operator(BinaryOp::Sub),
            Raw::Mul => TokenKind::Operator(BinaryOp::Mul),
            Raw::Div => TokenKind::Operator(BinaryOp::Div),
            Raw::Mod => TokenKind::Operator(BinaryOp::Mod),
            Raw::Pow => TokenKind::Operator(BinaryOp::Pow),
            Raw::RegexMatch | Raw::RegexNotMatch => {
                return self.fail(SyntaxErrorKind::MatcherOutsideBraces, start, end);
            }
            Raw::RightBrace | Raw::Space | Raw::Comment => return self.unexpected(start),
        };
        Ok(token(kind, start, end))
    }

    /// What no rule matched: a letter of another script, a quote that is not closed, or nothing of the language.
    fn other(&mut self, start: usize, end: usize) -> Step {
        let first = self.input[start..].chars().next().unwrap_or('\0');
        if matches!(first, '"' | '\'' | '`') && !self.in_duration {
            return self.string(start);
        }
        let letter = self.unquoted_utf8_names && !first.is_ascii() && is_letter(first);
        if letter && !self.in_brackets {
            let end = (start + first.len_utf8()).max(end);
            self.continue_at(start + first.len_utf8());
            if self.in_braces {
                let end = self.extend_name(start, end.min(start + first.len_utf8()), false);
                return Ok(token(TokenKind::Identifier, start, end));
            }
            return self.word(start, start + first.len_utf8());
        }
        self.unexpected(start)
    }

    /// Where a name ends whose first part the rules have matched, and moves there.
    fn extend_name(&mut self, start: usize, end: usize, colons: bool) -> usize {
        if !self.unquoted_utf8_names {
            return end;
        }
        let belongs = |c: char| match c {
            '.' | '_' => true,
            ':' => colons,
            _ => c.is_ascii_alphanumeric() || !c.is_ascii() && is_letter(c),
        };
        let rest = &self.input[end..];
        let length = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        if length > 0 {
            self.continue_at(end + length);
        }
        debug_assert!(start < end + length);
        end + length
    }

    pub(crate) fn word(&mut self, start: usize, end: usize) -> Step {
        let end = self.extend_name(start, end, true);
        let word = &self.input[start..end];
        let kind = match keyword(word) {
            Some(TokenKind::Fill | TokenKind::FillLeft | TokenKind::FillRight) if !self.before_paren(end) => {
                TokenKind::Identifier
            }
            Some(kind) => kind,
            None if word.contains(':') => TokenKind::MetricIdentifier,
            None => TokenKind::Identifier,
        };
        if self.series.is_some() {
            let labels_follow = self.input.as_bytes().get(end) == Some(&b'{');
            self.series = Some(if labels_follow { SeriesState::Metric } else { SeriesState::Values });
        }
        Ok(token(kind, start, end))
    }

    fn before_paren(&self, position: usize) -> bool {
        self.input[position..].trim_start_matches([' ', '\t', '\r', '\n']).starts_with('(')
    }

    pub(crate) fn numeric(&mut self, start: usize) -> Step {
        let (kind, end) = match scan_numeric(self.input, start, true, self.series.is_some()) {
            Numeric::Number(end) => (TokenKind::Number, end),
            Numeric::Duration(end) => (TokenKind::Duration, end),
            Numeric::Bad(end) => return self.fail(SyntaxErrorKind::BadNumber, start, end),
        };
        self.continue_at(end);
        Ok(token(kind, start, end))
    }

    fn string(&mut self, start: usize) -> Step {
        let end = self.input.len();
        match scan_string(self.input, start) {
            Ok(end) => {
                self.continue_at(end);
                Ok(token(TokenKind::String, start, end))
            }
            Err(StringProblem::Unterminated) => self.fail(SyntaxErrorKind::UnterminatedString, start, end),
            Err(StringProblem::UnterminatedRaw) => self.fail(SyntaxErrorKind::UnterminatedString, start, end),
            Err(StringProblem::Escape(_)) => self.fail(SyntaxErrorKind::BadEscape, start, end),
            Err(StringProblem::Replacement(_)) => self.fail(SyntaxErrorKind::InvalidUtf8, start, end),
        }
    }
}

impl Iterator for Lexer<'_> {
    type Item = Result<Token, SyntaxError>;

    fn next(&mut self) -> Option<Self::Item> {
        (!self.done).then(|| self.step())
    }
}

pub(crate) const fn span(start: usize, end: usize) -> Span {
    Span::new(start as u32, end as u32)
}

pub(crate) const fn token(kind: TokenKind, start: usize, end: usize) -> Token {
    Token { kind, span: span(start, end) }
}
