//! The name and labels of an exposition line, in both dialects.
//!
//! ```text
//! name{label="value","quoted name"="value"}      {"quoted metric name",label="value"}
//! ```
//!
//! The Prometheus dialect allows blanks between all parts and does not insist on commas; OpenMetrics allows no
//! blank and wants the commas. Both allow a comma before the closing brace.

use super::{Dialect, Fault};
use crate::formats::error::FormatErrorKind;
use crate::model::number::{parse_float, push_openmetrics_float};
use crate::model::{Labels, METRIC_NAME};
use crate::storage::MetricType;

/// A line's bytes and how far they are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) line: &'a [u8],
    pub(super) at: usize,
    pub(super) dialect: Dialect,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(line: &'a [u8], dialect: Dialect) -> Self {
        Self { line, at: 0, dialect }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.line.get(self.at).copied()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.line.get(self.at..).unwrap_or_default()
    }

    /// Steps over this byte, if it is next.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Steps over blanks, in the dialect that allows them.
    pub(super) fn blanks(&mut self) {
        if self.dialect == Dialect::Prometheus {
            while matches!(self.peek(), Some(b' ' | b'\t')) {
                self.at += 1;
            }
        }
    }

    /// The fault that something else was expected here.
    pub(super) fn expected(&self, expected: &'static str) -> Fault {
        Fault { offset: self.at, kind: FormatErrorKind::expected(expected, self.rest()) }
    }

    /// Bytes up to a blank or the end.
    pub(super) fn token(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let end = rest.iter().position(|byte| matches!(byte, b' ' | b'\t')).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// An unquoted name; colons are for metric names.
    pub(super) fn name(&mut self, colons: bool) -> Option<&'a str> {
        let rest = self.rest();
        let fits = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || (colons && *byte == b':');
        let end = rest.iter().position(|byte| !fits(byte)).unwrap_or(rest.len());
        if end == 0 || rest[0].is_ascii_digit() {
            return None;
        }
        self.at += end;
        std::str::from_utf8(&rest[..end]).ok()
    }

    /// What stands between quotes, its escapes resolved.
    pub(super) fn quoted(&mut self, what: &'static str) -> Result<String, Fault> {
        if self.peek() != Some(b'"') {
            return Err(self.expected(what));
        }
        let opening = *self;
        self.at += 1;
        let start = self.at;
        let mut escaped = false;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.at += 2;
                }
                Some(_) => self.at += 1,
                None => return Err(opening.expected("a quoted string that is closed on its line")),
            }
        }
        let bytes = self.line.get(start..self.at).unwrap_or_default();
        self.at += 1;
        match std::str::from_utf8(bytes) {
            Ok(text) if escaped => Ok(unescape(text, true)),
            Ok(text) => Ok(text.to_owned()),
            Err(error) => {
                let broken = Cursor { at: start + error.valid_up_to(), ..*self };
                Err(broken.expected("valid UTF-8"))
            }
        }
    }
}

/// Resolves `\\` and `\n`, and `\"` too if `quotes`; another backslash stands for itself.
pub(super) fn unescape(text: &str, quotes: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let (c, skip) = match rest.as_bytes().get(at + 1) {
            Some(b'\\') => ('\\', 2),
            Some(b'n') => ('\n', 2),
            Some(b'"') if quotes => ('"', 2),
            _ => ('\\', 1),
        };
        out.push(c);
        rest = &rest[at + skip..];
    }
    out.push_str(rest);
    out
}

/// How many bytes of a sample line are its series, as text, whether it is well-formed or not.
pub(super) fn extent(line: &[u8], dialect: Dialect) -> usize {
    let name = line.iter().position(|byte| matches!(byte, b'{' | b' ' | b'\t')).unwrap_or(line.len());
    let mut cursor = Cursor { line, at: name, dialect };
    cursor.blanks();
    if cursor.peek() != Some(b'{') {
        return name;
    }
    let mut quoted = false;
    while let Some(byte) = cursor.peek() {
        cursor.at += 1;
        match byte {
            b'"' => quoted = !quoted,
            b'\\' if quoted => cursor.at += 1,
            b'}' if !quoted => return cursor.at,
            _ => {}
        }
    }
    line.len()
}

/// Reads a series; `metric_type` is that of the last `TYPE` line, which decides how `le` and `quantile` are written.
pub(super) fn parse(raw: &[u8], dialect: Dialect, metric_type: MetricType) -> Result<Labels, Fault> {
    let mut cursor = Cursor::new(raw, dialect);
    let mut pairs: Vec<(String, String)> = Vec::new();
    if cursor.peek() != Some(b'{') {
        let name = cursor.name(true).ok_or_else(|| cursor.expected("a metric name"))?;
        pairs.push((METRIC_NAME.to_owned(), name.to_owned()));
        cursor.blanks();
    }
    if cursor.eat(b'{') {
        label_list(&mut cursor, Some(metric_type), &mut pairs)?;
    }
    if cursor.at < raw.len() {
        return Err(cursor.expected("\"{\", or a blank and a value"));
    }
    if !pairs.iter().any(|(name, value)| name == METRIC_NAME && !value.is_empty()) {
        return Err(Cursor::new(raw, dialect).expected("a metric name, before or in the braces"));
    }
    Ok(Labels::from_pairs(pairs))
}

/// Reads labels up to and with the closing brace. Exemplars (no type) have no metric name.
pub(super) fn label_list(
    cursor: &mut Cursor<'_>,
    metric_type: Option<MetricType>,
    pairs: &mut Vec<(String, String)>,
) -> Result<(), Fault> {
    loop {
        cursor.blanks();
        if cursor.eat(b'}') {
            return Ok(());
        }
        let start = *cursor;
        let is_quoted = cursor.peek() == Some(b'"');
        let name = if is_quoted {
            cursor.quoted("a label name")?
        } else {
            cursor.name(false).ok_or_else(|| start.expected("a label name or \"}\""))?.to_owned()
        };
        cursor.blanks();
        let lone = is_quoted && metric_type.is_some() && matches!(cursor.peek(), Some(b',' | b'}'));
        if lone {
            if pairs.iter().any(|(name, _)| name == METRIC_NAME) {
                return Err(start.expected("a label, as the metric has a name already"));
            }
            pairs.push((METRIC_NAME.to_owned(), name));
            cursor.eat(b',');
            continue;
        }
        if !cursor.eat(b'=') {
            return Err(cursor.expected("\"=\""));
        }
        cursor.blanks();
        let value = cursor.quoted("a quoted label value")?;
        if pairs.iter().any(|(known, _)| *known == name) {
            return Err(Fault { offset: start.at, kind: FormatErrorKind::DuplicateLabel { name } });
        }
        let value = canonical_bound(metric_type, &name, value);
        pairs.push((name, value));
        cursor.blanks();
        let comma = cursor.eat(b',');
        if !comma && cursor.dialect == Dialect::OpenMetrics && cursor.peek() != Some(b'}') {
            return Err(cursor.expected("\",\" or \"}\""));
        }
    }
}

/// Bounds of buckets and quantiles are numbers: `1` and `1.0` must not make two series.
fn canonical_bound(metric_type: Option<MetricType>, name: &str, value: String) -> String {
    let is_bound = matches!(
        (metric_type, name),
        (Some(MetricType::Histogram), "le") | (Some(MetricType::Summary), "quantile")
    );
    match parse_float(&value) {
        Ok(number) if is_bound => {
            let mut out = String::new();
            push_openmetrics_float(&mut out, number);
            out
        }
        _ => value,
    }
}
