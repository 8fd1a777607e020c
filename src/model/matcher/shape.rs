//! What a pattern accepts, in the cheapest form that says so.
//!
//! Most patterns of real queries are no regular expressions at heart: `a|b|c`, `prod-.*`, `.*error.*`, `.+`. They become sets
//! of values or a few searches for plain texts, and only the rest is compiled. What is known besides (the values, the
//! beginning) serves the index of a store.

use std::sync::Arc;

use memchr::memmem::Finder;
use regex::bytes::Regex;
use regex_syntax::hir::{Class, Hir, HirKind};
use rustc_hash::FxHashSet;

use crate::model::same_text;

/// The most values a pattern is unfolded to, unless it is written as plain alternatives.
const MAX_VALUES: usize = 256;
/// From here on a set is hashed rather than gone through.
const HASH_FROM: usize = 8;

/// The accepted values.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    /// These, sorted.
    Values(Values),
    /// Plain texts with gaps between.
    Gaps(Gaps),
    /// What the compiled pattern accepts, all of it beginning with the prefix.
    Compiled {
        /// May be empty.
        prefix: String,
        /// Anchored at both ends. Shared, because a clone of a `Regex` begins without the memory that searching needs.
        regex: Arc<Regex>,
    },
}

/// A set of values.
#[derive(Debug, Clone)]
pub(super) struct Values {
    pub(super) sorted: Vec<String>,
    hashed: Option<FxHashSet<String>>,
}

impl Values {
    fn new(mut values: Vec<String>) -> Self {
        values.sort_unstable();
        values.dedup();
        let hashed = (values.len() >= HASH_FROM).then(|| values.iter().cloned().collect());
        Self { sorted: values, hashed }
    }

    fn contains(&self, value: &str) -> bool {
        match &self.hashed {
            Some(hashed) => hashed.contains(value),
            None => self.sorted.iter().any(|accepted| same_text(accepted, value)),
        }
    }
}

/// A text, then gaps each followed by a text; the last text ends the value.
#[derive(Debug, Clone, Default)]
pub(super) struct Gaps {
    pub(super) first: String,
    middle: Vec<(Gap, Finder<'static>)>,
    /// Without it there is no gap at all.
    last: Option<(Gap, String)>,
}

/// A run of any characters.
#[derive(Debug, Clone, Copy)]
struct Gap {
    /// The fewest characters.
    min: u32,
}

impl Gaps {
    fn accepts(&self, value: &str) -> bool {
        let value = value.as_bytes();
        let Some((last_gap, last)) = &self.last else {
            return value == self.first.as_bytes();
        };
        // For texts as short as label values, loops are several times faster than calls of `memcmp`.
        let (first, last) = (self.first.as_bytes(), last.as_bytes());
        if value.len() < first.len() + last.len()
            || !value.iter().zip(first).all(|(a, b)| a == b)
            || !value.iter().rev().zip(last.iter().rev()).all(|(a, b)| a == b)
        {
            return false;
        }
        let mut left = &value[first.len()..value.len() - last.len()];
        // The first place that fits leaves the most for what follows, so there is nothing to try again.
        for (gap, text) in &self.middle {
            let Some(open) = skip(left, *gap) else {
                return false;
            };
            match text.find(open) {
                Some(at) => left = &open[at + text.needle().len()..],
                None => return false,
            }
        }
        skip(left, *last_gap).is_some()
    }

    /// Adds a text to what ends the value so far.
    fn push_text(&mut self, text: &str) {
        match &mut self.last {
            Some((_, last)) => last.push_str(text),
            None => self.first.push_str(text),
        }
    }

    /// Adds a gap; neighbouring gaps are one.
    fn push_gap(&mut self, min: u32) {
        match &mut self.last {
            Some((gap, text)) if text.is_empty() => gap.min = gap.min.saturating_add(min),
            last => {
                if let Some((gap, text)) = last.replace((Gap { min }, String::new())) {
                    self.middle.push((gap, Finder::new(&text).into_owned()));
                }
            }
        }
    }
}

/// `text` without the characters a gap must have. It is the middle of a text, cut between characters.
#[inline]
fn skip(text: &[u8], gap: Gap) -> Option<&[u8]> {
    let mut rest = text;
    for _ in 0..gap.min {
        let (first, after) = rest.split_first()?;
        let continuing =
            if *first < 0x80 { 0 } else { after.iter().take_while(|byte| **byte & 0xc0 == 0x80).count() };
        rest = &after[continuing..];
    }
    Some(rest)
}

impl Shape {
    /// The shape of alternatives that are plain texts, and of plain texts with `.*` and `.+` between: no need to parse anything.
    pub(super) fn of_plain(pattern: &str) -> Option<Self> {
        const SPECIAL: [char; 13] = ['\\', '.', '+', '*', '?', '(', ')', '[', ']', '{', '}', '^', '$'];
        if !pattern.contains(SPECIAL) {
            return Some(Self::Values(Values::new(pattern.split('|').map(str::to_owned).collect())));
        }
        if pattern.contains(['|', '\\', '?', '(', ')', '[', ']', '{', '}', '^', '$']) {
            return None;
        }
        let mut gaps = Gaps::default();
        let mut rest = pattern;
        while let Some((text, after)) = rest.split_once('.') {
            gaps.push_text(text);
            let (min, after) = after
                .strip_prefix('*')
                .map(|after| (0, after))
                .or_else(|| Some((1, after.strip_prefix('+')?)))?;
            gaps.push_gap(min);
            rest = after;
        }
        gaps.push_text(rest);
        // A star or plus that is left needs the parser.
        let texts = pattern.replace(".*", "").replace(".+", "");
        (!texts.contains(SPECIAL)).then_some(Self::Gaps(gaps))
    }

    /// The shape of a parsed pattern that needs no compiling.
    pub(super) fn of(hir: &Hir) -> Option<Self> {
        let mut values = vec![String::new()];
        if unfold(hir, &mut values) {
            return Some(Self::Values(Values::new(values)));
        }
        let mut gaps = Gaps::default();
        add_gaps(hir, &mut gaps).then_some(Self::Gaps(gaps))
    }

    pub(super) fn accepts(&self, value: &str) -> bool {
        match self {
            Self::Values(values) => values.contains(value),
            Self::Gaps(gaps) => gaps.accepts(value),
            Self::Compiled { prefix, regex } => {
                // To begin with nothing is asked of no memory, see `same_bytes`.
                (prefix.is_empty() || value.starts_with(prefix.as_str())) && regex.is_match(value.as_bytes())
            }
        }
    }
}

/// Appends everything `hir` accepts to each of `values`; `false` where that is too much or not finite.
fn unfold(hir: &Hir, values: &mut Vec<String>) -> bool {
    match hir.kind() {
        HirKind::Empty => true,
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => {
                values.iter_mut().for_each(|value| value.push_str(text));
                true
            }
            Err(_) => false,
        },
        HirKind::Class(Class::Unicode(class)) => {
            let size: usize = class.iter().map(|range| range.len()).sum();
            if size * values.len() > MAX_VALUES {
                return false;
            }
            let characters = class.iter().flat_map(|range| range.start()..=range.end());
            let each = characters.flat_map(|character| {
                values.iter().map(move |value| {
                    let mut value = value.clone();
                    value.push(character);
                    value
                })
            });
            *values = each.collect();
            true
        }
        HirKind::Capture(capture) => unfold(&capture.sub, values),
        HirKind::Concat(parts) => parts.iter().all(|part| unfold(part, values)),
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                let mut one = values.clone();
                if !unfold(part, &mut one) || all.len() + one.len() > MAX_VALUES {
                    return false;
                }
                all.append(&mut one);
            }
            *values = all;
            true
        }
        HirKind::Repetition(repetition) => match (repetition.min, repetition.max) {
            (0, Some(1)) => {
                let mut with = values.clone();
                if !unfold(&repetition.sub, &mut with) || values.len() + with.len() > MAX_VALUES {
                    return false;
                }
                values.append(&mut with);
                true
            }
            (min, Some(max)) if min == max && max <= 8 => (0..max).all(|_| unfold(&repetition.sub, values)),
            _ => false,
        },
        HirKind::Look(_) | HirKind::Class(Class::Bytes(_)) => false,
    }
}

fn is_any_character(hir: &Hir) -> bool {
    matches!(hir.kind(), HirKind::Class(Class::Unicode(class))
        if matches!(class.ranges(), [all] if all.start() == '\0' && all.end() == char::MAX))
}

/// Adds a sequence of plain texts and `.*`, `.+` or `.{n,}` to what was before; `false` where there is anything else.
fn add_gaps(hir: &Hir, gaps: &mut Gaps) -> bool {
    match hir.kind() {
        HirKind::Empty => true,
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).is_ok_and(|text| {
            gaps.push_text(text);
            true
        }),
        HirKind::Capture(capture) => add_gaps(&capture.sub, gaps),
        HirKind::Concat(parts) => parts.iter().all(|part| add_gaps(part, gaps)),
        HirKind::Repetition(repetition) if repetition.max.is_none() && is_any_character(&repetition.sub) => {
            gaps.push_gap(repetition.min);
            true
        }
        _ => false,
    }
}

/// The plain text that all accepted values begin with.
pub(super) fn prefix(hir: &Hir) -> String {
    let mut prefix = String::new();
    add_prefix(hir, &mut prefix);
    prefix
}

/// Adds to the prefix; `true` where the whole of `hir` went into it.
fn add_prefix(hir: &Hir, prefix: &mut String) -> bool {
    match hir.kind() {
        HirKind::Empty => true,
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).is_ok_and(|text| {
            prefix.push_str(text);
            true
        }),
        HirKind::Capture(capture) => add_prefix(&capture.sub, prefix),
        HirKind::Concat(parts) => parts.iter().all(|part| add_prefix(part, prefix)),
        _ => false,
    }
}
