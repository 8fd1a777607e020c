//! Warnings and infos: what a user should hear of although the query answered.

use std::{cmp::Reverse, collections::BTreeMap, fmt};

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
///
/// Of remarks with the same text Prometheus keeps the one of the operator that it evaluates last: an operator comes after its
/// operands, and operands in the order written. Threads add remarks in any order, so each is added with its operator.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Annotations {
    spans: BTreeMap<(Severity, String), Place>,
    forced: BTreeMap<String, (Place, Forced)>,
    counted: BTreeMap<String, (Place, u64)>,
}

/// What a remark is about, and the operator that makes it: one span says both where the operator is the part's own or
/// the one right around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    pub(crate) about: Span,
    pub(crate) operator: Span,
}

impl From<Span> for Place {
    fn from(span: Span) -> Self {
        Self { about: span, operator: span }
    }
}

impl Place {
    /// When the operator is evaluated, as against others.
    fn order(&self) -> [(u32, Reverse<u32>); 2] {
        [self.operator, self.about].map(|span| (span.end, Reverse(span.start)))
    }
}

/// Where and when the counts of classic histograms fell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Forced {
    first_ms: i64,
    last_ms: i64,
    extent: ForcedMonotonicity,
    /// How many samples Prometheus counts.
    count: i64,
}

impl Forced {
    /// One histogram's counts fell at one step.
    pub(crate) const fn once(time_ms: i64, extent: ForcedMonotonicity) -> Self {
        Self { first_ms: time_ms, last_ms: time_ms, extent, count: 1 }
    }

    /// Some histogram's counts fell at another, or the same, step.
    pub(crate) fn join(&mut self, other: &Self) {
        self.first_ms = self.first_ms.min(other.first_ms);
        self.last_ms = self.last_ms.max(other.last_ms);
        self.extent.least_bound = self.extent.least_bound.min(other.extent.least_bound);
        self.extent.greatest_bound = self.extent.greatest_bound.max(other.extent.greatest_bound);
        self.extent.greatest_difference =
            self.extent.greatest_difference.max(other.extent.greatest_difference);
        self.count = self.count.wrapping_add(other.count);
    }

    /// One call's next step begins. Prometheus merges what it has noted so far with itself there, and so counts it twice.
    pub(crate) const fn next_step(&mut self) {
        self.count = self.count.wrapping_mul(2);
    }
}

impl Annotations {
    /// Adds a warning.
    pub(crate) fn warn(&mut self, message: String, place: impl Into<Place>) {
        self.add(Severity::Warning, message, place.into());
    }

    /// Adds an info.
    pub(crate) fn inform(&mut self, message: String, place: impl Into<Place>) {
        self.add(Severity::Info, message, place.into());
    }

    fn add(&mut self, severity: Severity, message: String, place: Place) {
        let known = self.spans.entry((severity, message)).or_insert(place);
        if known.order() < place.order() {
            *known = place;
        }
    }

    /// Adds a warning that tells how often there was reason for it. As with [`Annotations::forced`], the operator evaluated first
    /// is the one whose place is told.
    pub(crate) fn count(&mut self, message: String, place: Place, times: u64) {
        self.counted
            .entry(message)
            .and_modify(|(known_place, known)| {
                if place.order() < known_place.order() {
                    *known_place = place;
                }
                *known += times;
            })
            .or_insert((place, times));
    }

    /// Notes that a classic histogram's counts were lifted; what is known of all steps is told together.
    /// Here it is the operator evaluated first whose place is told.
    pub(crate) fn forced(&mut self, message: String, place: Place, forced: Forced) {
        self.forced
            .entry(message)
            .and_modify(|(known_place, known)| {
                if place.order() < known_place.order() {
                    *known_place = place;
                }
                known.join(&forced);
            })
            .or_insert((place, forced));
    }

    /// Takes over the remarks of `other`; `moved` says where a part of the query stands now.
    pub(crate) fn absorb(&mut self, other: &Self, moved: impl Fn(Span) -> Span) {
        let place = |place: &Place| Place { about: moved(place.about), operator: moved(place.operator) };
        for ((severity, message), at) in &other.spans {
            self.add(*severity, message.clone(), place(at));
        }
        for (message, (at, forced)) in &other.forced {
            self.forced(message.clone(), place(at), forced.clone());
        }
        for (message, (at, times)) in &other.counted {
            self.count(message.clone(), place(at), *times);
        }
    }

    /// All of them, warnings first.
    pub fn iter(&self) -> impl Iterator<Item = Annotation> {
        let forced = self.forced.iter().map(|(message, (place, forced))| Annotation {
            severity: Severity::Info,
            message: format!("{message}{forced}"),
            start: place.about.start,
            end: place.about.end,
        });
        let plain = self.spans.iter().map(|((severity, message), place)| Annotation {
            severity: *severity,
            message: message.clone(),
            start: place.about.start,
            end: place.about.end,
        });
        let counted = self.counted.iter().map(|(message, (place, times))| Annotation {
            severity: Severity::Warning,
            message: if *times > 1 { format!("{message} ({times} occurrences)") } else { message.clone() },
            start: place.about.start,
            end: place.about.end,
        });
        counted.chain(plain).chain(forced)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty() && self.forced.is_empty() && self.counted.is_empty()
    }
}
