//! A line of the Prometheus text format, version 0.0.4: blanks are free, timestamps are whole milliseconds.

use super::series::Cursor;
use super::{Dialect, Fault, Reading, float, help};
use crate::formats::sink::Sink;
use crate::storage::MetricType;

const TYPES: &str = "\"counter\", \"gauge\", \"histogram\", \"summary\" or \"untyped\"";

impl<'a, S: Sink> Reading<'a, '_, S> {
    pub(super) fn exposition_line(&mut self, line: &'a [u8]) -> Result<(), Fault> {
        let indent = line.iter().position(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(line.len());
        let text = &line[indent..];
        let done = match text.first() {
            None => Ok(()),
            Some(b'#') => self.exposition_comment(text),
            Some(_) => self.exposition_sample(text),
        };
        done.map_err(|fault| Fault { offset: fault.offset + indent, ..fault })
    }

    fn exposition_sample(&mut self, line: &'a [u8]) -> Result<(), Fault> {
        let found = self.cache.find(line, self.metric_type)?;
        let mut cursor = Cursor { line, at: found.end, dialect: Dialect::Prometheus };
        cursor.blanks();
        let start = cursor;
        let token = cursor.token();
        let value = float(&start, token, "a value")?;
        cursor.blanks();
        let mut timestamp_ms = None;
        if cursor.peek().is_some() {
            let start = cursor;
            let token = cursor.token();
            let milliseconds = std::str::from_utf8(token)
                .ok()
                .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| start.expected("a timestamp in whole milliseconds, or the end of the line"))?;
            timestamp_ms = Some(milliseconds);
            cursor.blanks();
            if cursor.peek().is_some() {
                return Err(cursor.expected("the end of the line"));
            }
        }
        self.sample(found.entry, value, timestamp_ms)
    }

    /// `# HELP`, `# TYPE`, or any other comment, which says nothing.
    fn exposition_comment(&mut self, line: &[u8]) -> Result<(), Fault> {
        let mut cursor = Cursor { line, at: 1, dialect: Dialect::Prometheus };
        cursor.blanks();
        let spaced = cursor.at > 1;
        let word = cursor.token();
        if !spaced || cursor.peek().is_none() || !matches!(word, b"HELP" | b"TYPE") {
            return Ok(());
        }
        cursor.blanks();
        let name = self.enter_family(&mut cursor)?;
        // One blank parts the name from the text; more belong to the text.
        if cursor.peek().is_some() && !cursor.eat(b' ') && !cursor.eat(b'\t') {
            return Err(cursor.expected("a space"));
        }
        if word == b"HELP" {
            let help = help(&cursor, false)?;
            self.describe(&name, |metadata| metadata.help = help);
            return Ok(());
        }
        let metric_type = match cursor.rest() {
            b"counter" => MetricType::Counter,
            b"gauge" => MetricType::Gauge,
            b"histogram" => MetricType::Histogram,
            b"summary" => MetricType::Summary,
            b"untyped" => MetricType::Unknown,
            _ => return Err(cursor.expected(TYPES)),
        };
        self.metric_type = metric_type;
        self.describe(&name, |metadata| metadata.metric_type = metric_type);
        Ok(())
    }
}
