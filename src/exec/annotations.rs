//! Warnings and infos: what a user should hear of although the query answered.

use std::{collections::BTreeMap, fmt};

use crate::{
    functions::{ForcedMonotonicity, StepTimes, rfc3339},
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
            self.reported_count(),
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
    spans: BTreeMap<(Severity, String), (Rank, Span)>,
    forced: BTreeMap<(String, Rank), Forced>,
}

/// When Prometheus evaluates a part of a query, among its parts: what ends later comes later, and what contains it after it.
type Rank = (u32, std::cmp::Reverse<u32>);

const fn rank(node: Span) -> Rank {
    (node.end, std::cmp::Reverse(node.start))
}

/// Where and when the counts of classic histograms fell.
#[derive(Debug, Clone, PartialEq)]
struct Forced {
    span: Span,
    first_ms: i64,
    last_ms: i64,
    extent: ForcedMonotonicity,
    /// The steps of the function, and how many histograms were corrected at each.
    steps: StepTimes,
    counts: BTreeMap<i64, i64>,
}

impl Forced {
    fn join(&mut self, time_ms: i64, extent: &ForcedMonotonicity) {
        self.first_ms = self.first_ms.min(time_ms);
        self.last_ms = self.last_ms.max(time_ms);
        self.extent.least_bound = self.extent.least_bound.min(extent.least_bound);
        self.extent.greatest_bound = self.extent.greatest_bound.max(extent.greatest_bound);
        self.extent.greatest_difference = self.extent.greatest_difference.max(extent.greatest_difference);
        *self.counts.entry(time_ms).or_default() += 1;
    }

    /// The number Prometheus gives. From the second step on it merges the remark with itself, so the number doubles at each
    /// step, whether or not anything was corrected there, and wraps around.
    fn reported_count(&self) -> i64 {
        let mut count = 0i64;
        for step in 0..self.steps.count {
            let own = self.counts.get(&self.steps.at(step)).copied().unwrap_or_default();
            count = if count == 0 { own } else { count.wrapping_add(own).wrapping_mul(2) };
        }
        count
    }
}

impl Annotations {
    /// Adds a warning.
    pub(crate) fn warn(&mut self, message: String, span: Span) {
        self.add(Severity::Warning, message, span, span);
    }

    /// Adds an info.
    pub(crate) fn inform(&mut self, message: String, span: Span) {
        self.add(Severity::Info, message, span, span);
    }

    /// Adds a remark that the operator at `node` makes on another part of the query.
    ///
    /// One remark is made once, whatever its positions: the one made last counts, as in Prometheus.
    pub(crate) fn add(&mut self, severity: Severity, message: String, span: Span, node: Span) {
        let new = (rank(node), span);
        let known = self.spans.entry((severity, message)).or_insert(new);
        if known.0 < new.0 {
            *known = new;
        }
    }

    /// Notes that a classic histogram's counts were lifted; what is known of all steps is told together.
    pub(crate) fn forced(
        &mut self,
        message: String,
        (span, steps): (Span, StepTimes),
        time_ms: i64,
        extent: ForcedMonotonicity,
    ) {
        self.forced
            .entry((message, rank(span)))
            .or_insert_with(|| Forced {
                span,
                first_ms: time_ms,
                last_ms: time_ms,
                extent,
                steps,
                counts: BTreeMap::new(),
            })
            .join(time_ms, &extent);
    }

    /// All of them, warnings first.
    pub fn iter(&self) -> impl Iterator<Item = Annotation> {
        let forced = self.forced.iter().map(|((message, _), forced)| Annotation {
            severity: Severity::Info,
            message: format!("{message}{forced}"),
            start: forced.span.start,
            end: forced.span.end,
        });
        let plain = self.spans.iter().map(|((severity, message), (_, span))| Annotation {
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
