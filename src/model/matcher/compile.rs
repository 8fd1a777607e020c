//! From a pattern to what matches it: translated, parsed, given a shape, and compiled where it needs to be.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use regex::bytes::{Regex, RegexBuilder};
use rustc_hash::FxHashMap;

use super::error::{MatcherError, MatcherErrorKind};
use super::pattern::{Fault, Flags, translate};
use super::shape::{Shape, prefix};
use super::unicode::Names;

/// Bytes a compiled pattern may take.
const SIZE_LIMIT: usize = 64 << 20;
/// Of patterns seen lately, so many are kept, if they have at most so many bytes and their compiled form about as many.
const KNOWN_PATTERNS: usize = 64;
const KNOWN_LENGTH: usize = 1 << 10;
const KNOWN_SIZE: usize = 1 << 20;
/// Levels of nesting that the `regex` crate may see: Go's, and those that the translation adds.
const NEST_LIMIT: u32 = 4_000;

/// A pattern with the names of its groups, from group 1.
pub(super) type Captures = (Regex, Vec<Option<String>>);

/// The shape of a matcher's pattern.
pub(super) fn shape(pattern: &str) -> Result<Shape, MatcherError> {
    static KNOWN: Lately<Shape> = Lately::new();
    match Shape::of_plain(pattern) {
        Some(shape) => Ok(shape),
        None => KNOWN.get(pattern, || translated_shape(pattern)),
    }
}

fn translated_shape(pattern: &str) -> Result<(Shape, bool), MatcherError> {
    let error = |(kind, offset): Fault| MatcherError::new(pattern, kind, offset);
    let translated = translate(pattern, Flags::new(true), Names::Exact).map_err(error)?;
    let too_large = || error((MatcherErrorKind::TooLarge, 0));
    let hir = regex_syntax::ParserBuilder::new()
        .utf8(false)
        .nest_limit(NEST_LIMIT)
        .build()
        .parse(&translated.source)
        .map_err(|_| too_large())?;
    if let Some(shape) = Shape::of(&hir) {
        return Ok((shape, true));
    }
    let (regex, small) = build(&format!(r"\A(?:{})\z", translated.source)).ok_or_else(too_large)?;
    Ok((Shape::Compiled { prefix: prefix(&hir), regex: Arc::new(regex) }, small))
}

/// A pattern between `^(?s:` and `)$`, as text, with the names of its groups. So `a)(b` is a pattern too, as in Prometheus.
pub(super) fn with_captures(pattern: &str) -> Result<Arc<Captures>, MatcherError> {
    static KNOWN: Lately<Arc<Captures>> = Lately::new();
    KNOWN.get(pattern, || translated_with_captures(pattern))
}

fn translated_with_captures(pattern: &str) -> Result<(Arc<Captures>, bool), MatcherError> {
    const BEFORE: &str = "^(?s:";
    let error = |(kind, offset): Fault| {
        MatcherError::new(pattern, kind, offset.saturating_sub(BEFORE.len()).min(pattern.len()))
    };
    let translated =
        translate(&format!("{BEFORE}{pattern})$"), Flags::new(false), Names::Loose).map_err(error)?;
    let (regex, small) = build(&translated.source).ok_or_else(|| error((MatcherErrorKind::TooLarge, 0)))?;
    Ok((Arc::new((regex, translated.capture_names)), small))
}

/// What was made of the patterns seen lately. A dashboard asks the same ones again and again, and compiling one costs more
/// than evaluating a small query.
struct Lately<T>(LazyLock<Mutex<FxHashMap<Box<str>, T>>>);

impl<T: Clone> Lately<T> {
    const fn new() -> Self {
        Self(LazyLock::new(Mutex::default))
    }

    /// What is known of a pattern, or what `make` makes of it, which is kept if it says so.
    fn get(
        &self,
        pattern: &str,
        make: impl FnOnce() -> Result<(T, bool), MatcherError>,
    ) -> Result<T, MatcherError> {
        // A panic while the lock is held leaves a cache as good as any.
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known().get(pattern) {
            return Ok(found.clone());
        }
        let (made, keep) = make()?;
        if keep && pattern.len() <= KNOWN_LENGTH {
            let mut known = known();
            if known.len() >= KNOWN_PATTERNS {
                known.clear();
            }
            known.insert(pattern.into(), made.clone());
        }
        Ok(made)
    }
}

/// Compiles a translated pattern, and says whether it is small enough to keep; `None` where it is too large.
fn build(source: &str) -> Option<(Regex, bool)> {
    // The translation is valid, so what can fail is a bound.
    let build = |limit| RegexBuilder::new(source).size_limit(limit).nest_limit(NEST_LIMIT).build().ok();
    let small = build(KNOWN_SIZE).map(|regex| (regex, true));
    small.or_else(|| build(SIZE_LIMIT).map(|regex| (regex, false)))
}
