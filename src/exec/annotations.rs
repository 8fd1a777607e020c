//! Warnings and infos: what a user should hear of although the query answered.

use std::{collections::BTreeMap, fmt};

use crate::{
    functions::{ForcedMonotonicity, rfc3339},
    model::{Span, number::format_float},
};

/// How serious an annotation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The answer may be wrong or lacks something.
    Warning,
    /// The query is probably not what was meant.
    Info,
}

/// One remark on a query, in Prometheus' words, and the part of the query it is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Annotation {
    /// How serious it is.
    pub severity: Severity,
    /// What it says, without position.
    pub message: String,
    /// First byte of the part of the query it is about.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
}

impl Annotation {
    /// The text as the HTTP API gives it: kind, message, and line and column in `query`.
    pub fn render(&self, query: &str) -> String {
        let kind = match self.severity {
            Severity::Warning => "PromQL warning",
            Severity::Info => "PromQL info",
        };
        let before = query.as_bytes().get(..self.start as usize).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        format!("{kind}: {} ({line}:{column})", self.message)
    }
}

impl fmt::Display for Forced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ForcedMonotonicity { least_bound, greatest_bound, greatest_difference } = self.extent;
        write!(
            f,
            ", from buckets {} to {}, with a max diff of {}, over {} samples from {} to {}",
            format_float(least_bound),
            format_float(greatest_bound),
            two_digits(greatest_difference),
            self.count,
            rfc3339(self.first_ms),
            rfc3339(self.last_ms),
        )
    }
}

/// A number with two significant digits, as C's `%.2g` writes it.
fn two_digits(value: f64) -> String {
    let scientific = format!("{value:.1e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return format_float(value) };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |digits: &str| -> String {
        if digits.contains('.') {
            digits.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            digits.to_owned()
        }
    };
    if (-4..2).contains(&exponent) {
        let decimals = (1 - exponent).max(0) as usize;
        return trim(&format!("{value:.decimals$}"));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", trim(mantissa), exponent.abs())
}

/// The remarks on one query, each once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Annotations {
    spans: BTreeMap<(Severity, String), Span>,
    forced: BTreeMap<String, (Span, Forced)>,
}

/// Where and when the counts of classic histograms fell.
#[derive(Debug, Clone, PartialEq)]
struct Forced {
    first_ms: i64,
    last_ms: i64,
    extent: ForcedMonotonicity,
    count: u64,
}

impl Forced {
    fn join(&mut self, other: &Self) {
        self.first_ms = self.first_ms.min(other.first_ms);
        self.last_ms = self.last_ms.max(other.last_ms);
        self.extent.least_bound = self.extent.least_bound.min(other.extent.least_bound);
        self.extent.greatest_bound = self.extent.greatest_bound.max(other.extent.greatest_bound);
        self.extent.greatest_difference =
            self.extent.greatest_difference.max(other.extent.greatest_difference);
        self.count += other.count;
    }
}

impl Annotations {
    /// Adds a warning.
    pub(crate) fn warn(&mut self, message: String, span: Span) {
        self.add(Severity::Warning, message, span);
    }

    /// Adds an info.
    pub(crate) fn inform(&mut self, message: String, span: Span) {
        self.add(Severity::Info, message, span);
    }

    /// One remark is made once, whatever its positions: the last part of the query it is about counts, as in Prometheus.
    fn add(&mut self, severity: Severity, message: String, span: Span) {
        let known = self.spans.entry((severity, message)).or_insert(span);
        if known.start < span.start {
            *known = span;
        }
    }

    /// Notes that a classic histogram's counts were lifted; what is known of all steps is told together.
    pub(crate) fn forced(&mut self, message: String, span: Span, time_ms: i64, forced: ForcedMonotonicity) {
        let new = Forced { first_ms: time_ms, last_ms: time_ms, extent: forced, count: 1 };
        self.forced
            .entry(message)
            .and_modify(|(known_span, known)| {
                if span.start < known_span.start {
                    *known_span = span;
                }
                known.join(&new);
            })
            .or_insert((span, new));
    }

    /// All of them, warnings first.
    pub fn iter(&self) -> impl Iterator<Item = Annotation> {
        let forced = self.forced.iter().map(|(message, (span, forced))| Annotation {
            severity: Severity::Info,
            message: format!("{message}{forced}"),
            start: span.start,
            end: span.end,
        });
        let plain = self.spans.iter().map(|((severity, message), span)| Annotation {
            severity: *severity,
            message: message.clone(),
            start: span.start,
            end: span.end,
        });
        plain.chain(forced)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty() && self.forced.is_empty()
    }
}
