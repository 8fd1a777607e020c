//! From the tokens of a line to labels and values.

use std::sync::Arc;

use super::{Budget, SequenceValue, SeriesError};
use crate::formats::error::FormatErrorKind;
use crate::model::histogram::{
    CUSTOM_BUCKETS_SCHEMA, FloatHistogram, HistogramError, MAX_SCHEMA, MIN_SCHEMA,
};
use crate::model::number::parse_number;
use crate::model::{Labels, METRIC_NAME, STALE_NAN, Span};
use crate::syntax::token::{Token, TokenKind};
use crate::syntax::{BinaryOp, Lexer, SyntaxError, unquote};

/// A line and the token that is next.
pub(super) struct Reader<'a> {
    line: &'a str,
    lexer: Lexer<'a>,
    next: Token,
    budget: &'a mut Budget,
    /// Whether a label given twice is an error.
    pub(super) unique_labels: bool,
}

pub(super) type Read<T> = Result<T, SeriesError>;

const PLUS: TokenKind = TokenKind::Operator(BinaryOp::Add);
const MINUS: TokenKind = TokenKind::Operator(BinaryOp::Sub);

impl<'a> Reader<'a> {
    pub(super) fn new(line: &'a str, budget: &'a mut Budget) -> Read<Self> {
        let end = Span { start: 0, end: 0 };
        if u32::try_from(line.len()).is_err() {
            let kind = FormatErrorKind::expected("a line of less than 4 GiB", line.as_bytes());
            return Err(SeriesError { span: end, kind });
        }
        let lexer = Lexer::series(line, true);
        let mut reader = Self {
            line,
            lexer,
            next: Token { kind: TokenKind::Eof, span: end },
            budget,
            unique_labels: false,
        };
        reader.advance()?;
        Ok(reader)
    }

    /// Takes the next token.
    pub(super) fn advance(&mut self) -> Read<Token> {
        let taken = self.next;
        loop {
            match self.lexer.next() {
                Some(Ok(Token { kind: TokenKind::Comment, .. })) => {}
                Some(Ok(token)) => {
                    self.next = token;
                    return Ok(taken);
                }
                Some(Err(error)) => return Err(self.lexical(&error)),
                None => {
                    let end = u32::try_from(self.line.len()).unwrap_or(u32::MAX);
                    self.next = Token { kind: TokenKind::Eof, span: Span { start: end, end } };
                    return Ok(taken);
                }
            }
        }
    }

    fn lexical(&self, error: &SyntaxError) -> SeriesError {
        let kind = FormatErrorKind::expected("an item of the series notation", self.rest(error.span));
        SeriesError { span: error.span, kind }
    }

    fn rest(&self, span: Span) -> &[u8] {
        self.line.as_bytes().get(span.start as usize..).unwrap_or_default()
    }

    pub(super) fn text(&self, token: Token) -> &'a str {
        self.line.get(token.span.start as usize..token.span.end as usize).unwrap_or_default()
    }

    pub(super) const fn peek(&self) -> TokenKind {
        self.next.kind
    }

    /// The fault that something else should be next.
    pub(super) fn expected<T>(&self, what: &'static str) -> Read<T> {
        self.fault(self.next.span, FormatErrorKind::expected(what, self.rest(self.next.span)))
    }

    pub(super) fn fault<T>(&self, span: Span, kind: FormatErrorKind) -> Read<T> {
        Err(SeriesError { span, kind })
    }

    /// Takes the next token if it is of this kind.
    pub(super) fn eat(&mut self, kind: TokenKind) -> Read<bool> {
        let found = self.next.kind == kind;
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn want(&mut self, kind: TokenKind, what: &'static str) -> Read<Token> {
        if self.next.kind == kind { self.advance() } else { self.expected(what) }
    }

    /// The series' name and labels.
    pub(super) fn labels(&mut self) -> Read<Labels> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        let name = match self.peek() {
            TokenKind::LeftBrace | TokenKind::Space | TokenKind::Eof => None,
            kind if kind.is_metric_word() => Some(self.advance()?),
            _ => return self.expected("a metric name"),
        };
        let name = name.map(|token| self.text(token).to_owned());
        if self.eat(TokenKind::LeftBrace)? {
            while self.peek() != TokenKind::RightBrace {
                let span = self.next.span;
                let (name, value) = self.label()?;
                if self.unique_labels && pairs.iter().any(|(known, _)| *known == name) {
                    return self.fault(span, FormatErrorKind::DuplicateLabel { name });
                }
                pairs.push((name, value));
                if !self.eat(TokenKind::Comma)? {
                    break;
                }
            }
            self.want(TokenKind::RightBrace, "`,` or `}`")?;
        }
        if let Some(name) = name {
            pairs.retain(|(label, _)| label != METRIC_NAME);
            pairs.push((METRIC_NAME.to_owned(), name));
        }
        Ok(Labels::from_pairs(pairs))
    }

    fn label(&mut self) -> Read<(String, String)> {
        let quoted = self.peek() == TokenKind::String;
        if !quoted && self.peek() != TokenKind::Identifier {
            return self.expected("a label name");
        }
        let token = self.advance()?;
        let name = if quoted { self.unquoted(token)? } else { self.text(token).to_owned() };
        if quoted && matches!(self.peek(), TokenKind::Comma | TokenKind::RightBrace) {
            return Ok((METRIC_NAME.to_owned(), name));
        }
        self.want(TokenKind::Assign, "`=`")?;
        let value = self.want(TokenKind::String, "a quoted value")?;
        Ok((name, self.unquoted(value)?))
    }

    fn unquoted(&self, token: Token) -> Read<String> {
        match unquote(self.text(token)).as_str() {
            Some(text) => Ok(text.to_owned()),
            None => {
                let kind = FormatErrorKind::expected("a text in UTF-8", self.text(token).as_bytes());
                self.fault(token.span, kind)
            }
        }
    }

    /// The values up to the end of the line.
    pub(super) fn values(&mut self) -> Read<Vec<SequenceValue>> {
        let mut values = Vec::new();
        loop {
            match self.peek() {
                TokenKind::Eof => return Ok(values),
                TokenKind::Space => {
                    self.advance()?;
                    if !matches!(self.peek(), TokenKind::Space | TokenKind::Eof) {
                        self.item(&mut values)?;
                    }
                }
                _ => return self.expected("a blank"),
            }
        }
    }

    fn item(&mut self, values: &mut Vec<SequenceValue>) -> Read<()> {
        match self.peek() {
            TokenKind::Blank => {
                let begin = self.advance()?.span;
                let times = if self.peek() == TokenKind::Times { self.times()? } else { 1 };
                self.repeat(values, &SequenceValue::Omitted, times, begin)
            }
            TokenKind::OpenHistogram => self.histograms(values),
            _ => self.floats(values),
        }
    }

    fn repeat(
        &mut self,
        values: &mut Vec<SequenceValue>,
        value: &SequenceValue,
        times: u64,
        span: Span,
    ) -> Read<()> {
        let times = self.spend(times, span)?;
        values.extend(std::iter::repeat_n(value.clone(), times));
        Ok(())
    }

    /// Takes so many values off what the line may still stand for.
    fn spend(&mut self, values: u64, span: Span) -> Read<usize> {
        match self.budget.spend(values) {
            Ok(values) => Ok(values),
            Err(kind) => self.fault(span, kind),
        }
    }

    fn floats(&mut self, values: &mut Vec<SequenceValue>) -> Read<()> {
        let begin = self.next.span;
        let first = if self.peek() == TokenKind::Identifier {
            if self.text(self.next) != "stale" {
                return self.expected("a number, `stale` or `_`");
            }
            self.advance()?;
            STALE_NAN
        } else {
            self.signed_number()?
        };
        let increment = match self.peek() {
            PLUS | MINUS => Some(self.signed_number()?),
            _ => None,
        };
        if increment.is_none() && self.peek() != TokenKind::Times {
            return self.repeat(values, &SequenceValue::Float(first), 1, begin);
        }
        let times = self.times()?.saturating_add(1);
        let times = self.spend(times, begin)?;
        values.reserve(times);
        let mut value = first;
        for _ in 0..times {
            values.push(SequenceValue::Float(value));
            // A sum in turn, not a product: rounding adds up as it does in Prometheus.
            value = increment.map_or(value, |increment| value + increment);
        }
        Ok(())
    }

    fn histograms(&mut self, values: &mut Vec<SequenceValue>) -> Read<()> {
        let begin = self.next.span;
        let (base, hint_set) = self.histogram()?;
        let sign = self.peek();
        if sign != PLUS && sign != MINUS {
            let more = if sign == TokenKind::Times { self.times()? } else { 0 };
            let value = SequenceValue::Histogram { histogram: Arc::new(base), hint_set };
            self.spend(size(&value), begin)?;
            return self.repeat(values, &value, more.saturating_add(1), begin);
        }
        self.advance()?;
        let (increment, hint_set) = self.histogram()?;
        let mut left = self.times()?;
        let mut current = base;
        loop {
            let value = SequenceValue::Histogram { histogram: Arc::new(current.clone()), hint_set };
            self.spend(size(&value), begin)?;
            values.push(value);
            if left == 0 {
                return Ok(());
            }
            left -= 1;
            if let Err(kind) = combine(&mut current, &increment, sign == MINUS) {
                return self.fault(begin, kind);
            }
        }
    }

    /// `x4`.
    fn times(&mut self) -> Read<u64> {
        self.want(TokenKind::Times, "`x` and how many times")?;
        self.digits("a whole number of times")
    }

    fn digits(&mut self, what: &'static str) -> Read<u64> {
        let token = self.want(TokenKind::Number, what)?;
        match self.text(token).parse() {
            Ok(value) => Ok(value),
            Err(_) => self.fault(token.span, FormatErrorKind::expected(what, self.rest(token.span))),
        }
    }

    /// A number with or without a sign.
    pub(super) fn signed_number(&mut self) -> Read<f64> {
        let minus = self.peek() == MINUS;
        if minus || self.peek() == PLUS {
            self.advance()?;
        }
        let value = self.number()?;
        Ok(if minus { -value } else { value })
    }

    pub(super) fn number(&mut self) -> Read<f64> {
        let token = self.want(TokenKind::Number, "a number")?;
        match parse_number(self.text(token)) {
            Ok(value) => Ok(value),
            Err(_) => self.fault(token.span, FormatErrorKind::expected("a number", self.rest(token.span))),
        }
    }

    /// A whole number with or without a minus.
    pub(super) fn integer(&mut self) -> Read<i64> {
        let minus = self.eat(MINUS)?;
        let value = self.digits("a whole number")? as i64;
        Ok(if minus { value.wrapping_neg() } else { value })
    }
}

/// How many values a new histogram counts for: its numbers.
fn size(value: &SequenceValue) -> u64 {
    const HEADER: usize = 16;
    let SequenceValue::Histogram { histogram, .. } = value else { return 1 };
    let spans = histogram.positive_spans.len() + histogram.negative_spans.len();
    let buckets = histogram.positive_buckets.len() + histogram.negative_buckets.len();
    (HEADER + spans + buckets + histogram.custom_bounds.len()) as u64
}

/// The next histogram of a sequence.
fn combine(
    current: &mut FloatHistogram,
    increment: &FloatHistogram,
    subtract: bool,
) -> Result<(), FormatErrorKind> {
    for schema in [current.schema, increment.schema] {
        if !matches!(schema, MIN_SCHEMA..=MAX_SCHEMA | CUSTOM_BUCKETS_SCHEMA) {
            return Err(FormatErrorKind::Histogram(HistogramError::InvalidSchema(schema).to_string()));
        }
    }
    // Elsewhere Prometheus would lower the resolution; in a sequence it refuses.
    if current.schema > increment.schema {
        let (fine, coarse) = (current.schema, increment.schema);
        let text = format!("a histogram of schema {coarse} cannot be added to one of schema {fine}");
        return Err(FormatErrorKind::Histogram(text));
    }
    let combined =
        if subtract { current.subtract(increment.as_ref()) } else { current.add(increment.as_ref()) };
    combined.map(|_| ()).map_err(|error| FormatErrorKind::Histogram(error.to_string()))
}
