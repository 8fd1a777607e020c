//! The values of the series notation: `1 2+3x4 _x2 stale {{schema:1 sum:2 buckets:[1 2]}}`.
//!
//! Spaces are tokens here, because they part the values; native histograms have words and a list of buckets of their own.

use super::error::SyntaxErrorKind;
use super::lexer::{Lexer, Step, token};
use super::ops::BinaryOp;
use super::scan::{Numeric, scan_numeric};
use super::token::{COUNTER_RESET_HINTS, HISTOGRAM_WORDS, TokenKind, keyword};

/// Where in the series notation the lexer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SeriesState {
    /// The metric and its labels, which follow the query language.
    Metric,
    /// Between and in values.
    Values,
    /// Between `{{` and `}}`.
    Histogram,
    /// Behind `}}`, before `x`, `+` or `-`.
    AfterHistogram,
    /// A list of buckets.
    Buckets,
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

impl Lexer<'_> {
    fn byte(&self, position: usize) -> Option<u8> {
        self.input.as_bytes().get(position).copied()
    }

    fn emit(&mut self, kind: TokenKind, start: usize, end: usize) -> Step {
        self.continue_at(end);
        Ok(token(kind, start, end))
    }

    fn bad_character(&mut self, start: usize, at: usize) -> Step {
        match self.input[at..].chars().next() {
            Some(found) => {
                self.fail(SyntaxErrorKind::UnexpectedCharacter { found }, start, at + found.len_utf8())
            }
            None => self.fail(SyntaxErrorKind::Unclosed { open: '{' }, start, at),
        }
    }

    /// A space token is its first character; the rest of the run is skipped.
    fn space(&mut self, start: usize, at: usize) -> Step {
        let rest = &self.input[at..];
        let run = rest.bytes().position(|b| !is_space(b)).unwrap_or(rest.len());
        self.continue_at(at + run);
        Ok(token(TokenKind::Space, start, at + 1))
    }

    fn plain_number(&mut self, start: usize, at: usize) -> Step {
        match scan_numeric(self.input, at, false, true) {
            Numeric::Number(end) => self.emit(TokenKind::Number, start, end),
            Numeric::Duration(end) | Numeric::Bad(end) => self.fail(SyntaxErrorKind::BadNumber, start, end),
        }
    }

    pub(crate) fn series_step(&mut self) -> Step {
        let at = self.next_start();
        match self.series {
            Some(SeriesState::Histogram) => self.histogram_step(at),
            Some(SeriesState::Buckets) => self.bucket_step(at),
            Some(SeriesState::AfterHistogram) => {
                self.series = Some(SeriesState::Values);
                let kind = match self.byte(at) {
                    Some(b'x') => TokenKind::Times,
                    Some(b'+') => TokenKind::Operator(BinaryOp::Add),
                    Some(b'-') => TokenKind::Operator(BinaryOp::Sub),
                    _ => return self.value_step(at),
                };
                self.emit(kind, at, at + 1)
            }
            _ => self.value_step(at),
        }
    }

    fn value_step(&mut self, at: usize) -> Step {
        let Some(byte) = self.byte(at) else {
            self.done = true;
            return Ok(token(TokenKind::Eof, at, at));
        };
        match byte {
            b'{' if self.byte(at + 1) == Some(b'{') => {
                self.series = Some(SeriesState::Histogram);
                self.emit(TokenKind::OpenHistogram, at, at + 2)
            }
            b if is_space(b) => self.space(at, at),
            b'+' => self.emit(TokenKind::Operator(BinaryOp::Add), at, at + 1),
            b'-' => self.emit(TokenKind::Operator(BinaryOp::Sub), at, at + 1),
            b'x' => self.emit(TokenKind::Times, at, at + 1),
            b'_' => self.emit(TokenKind::Blank, at, at + 1),
            b'0'..=b'9' => self.plain_number(at, at),
            b'.' if self.byte(at + 1).is_some_and(|b| b.is_ascii_digit()) => self.plain_number(at, at),
            b if is_letter(b) => {
                let rest = &self.input[at..];
                let end = rest.bytes().position(|b| !(is_letter(b) || b.is_ascii_digit() || b == b':'));
                let end = at + end.unwrap_or(rest.len());
                self.continue_at(end);
                self.word(at, end)
            }
            _ => self.bad_character(at, at),
        }
    }

    fn histogram_step(&mut self, at: usize) -> Step {
        match self.byte(at) {
            Some(b) if is_space(b) => self.space(at, at),
            Some(b) if is_letter(b) => self.histogram_word(at),
            Some(b':') => self.emit(TokenKind::Colon, at, at + 1),
            Some(b'-') => self.emit(TokenKind::Operator(BinaryOp::Sub), at, at + 1),
            Some(b'0'..=b'9') => self.plain_number(at, at),
            Some(b'[') => {
                self.series = Some(SeriesState::Buckets);
                self.emit(TokenKind::LeftBracket, at, at + 1)
            }
            Some(b'}') if self.byte(at + 1) == Some(b'}') => {
                self.series = Some(SeriesState::AfterHistogram);
                self.emit(TokenKind::CloseHistogram, at, at + 2)
            }
            _ => self.bad_character(at, at),
        }
    }

    fn histogram_word(&mut self, at: usize) -> Step {
        let rest = &self.input[at..];
        let end = at + rest.bytes().position(|b| !is_letter(b)).unwrap_or(rest.len());
        let word = &self.input[at..end];
        let is = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(word));
        if is(HISTOGRAM_WORDS) && self.byte(end) == Some(b':') {
            self.emit(TokenKind::HistogramWord, at, end)
        } else if is(HISTOGRAM_WORDS) {
            self.fail(SyntaxErrorKind::HistogramWordWithoutColon, at, end)
        } else if keyword(word) == Some(TokenKind::Number) {
            self.emit(TokenKind::Number, at, end)
        } else if is(COUNTER_RESET_HINTS) {
            self.emit(TokenKind::CounterResetHint, at, end)
        } else {
            self.fail(SyntaxErrorKind::UnknownHistogramWord, at, end)
        }
    }

    fn bucket_step(&mut self, start: usize) -> Step {
        let mut at = start;
        // Letters gather until they are `Inf` or `NaN`.
        while self.byte(at).is_some_and(is_letter) {
            at += 1;
            if keyword(&self.input[start..at]) == Some(TokenKind::Number) {
                return self.emit(TokenKind::Number, start, at);
            }
        }
        match self.byte(at) {
            Some(b) if is_space(b) => self.space(start, at),
            Some(b'-') if start == at => self.emit(TokenKind::Operator(BinaryOp::Sub), at, at + 1),
            Some(b'0'..=b'9') => self.plain_number(start, at),
            Some(b']') => {
                self.series = Some(SeriesState::Histogram);
                self.emit(TokenKind::RightBracket, start, at + 1)
            }
            _ => self.bad_character(start, at),
        }
    }
}
