//! From a pattern to what matches it: translated, parsed, given a shape, and compiled where it needs to be.

use regex::bytes::{Regex, RegexBuilder};

use super::error::{MatcherError, MatcherErrorKind};
use super::pattern::{Fault, Flags, translate};
use super::shape::{Shape, prefix};
use super::unicode::Names;

/// Bytes a compiled pattern may take.
const SIZE_LIMIT: usize = 64 << 20;
/// Levels of nesting that the `regex` crate may see: Go's, and those that the translation adds.
const NEST_LIMIT: u32 = 4_000;

/// The shape of a matcher's pattern.
pub(super) fn shape(pattern: &str) -> Result<Shape, MatcherError> {
    if let Some(shape) = Shape::of_plain(pattern) {
        return Ok(shape);
    }
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
        return Ok(shape);
    }
    let regex = build(&format!(r"\A(?:{})\z", translated.source)).ok_or_else(too_large)?;
    Ok(Shape::Compiled { prefix: prefix(&hir), regex })
}

/// A pattern between `^(?s:` and `)$`, as text, with the names of its groups. So `a)(b` is a pattern too, as in Prometheus.
pub(super) fn with_captures(pattern: &str) -> Result<(Regex, Vec<Option<String>>), MatcherError> {
    const BEFORE: &str = "^(?s:";
    let error = |(kind, offset): Fault| {
        MatcherError::new(pattern, kind, offset.saturating_sub(BEFORE.len()).min(pattern.len()))
    };
    let translated =
        translate(&format!("{BEFORE}{pattern})$"), Flags::new(false), Names::Loose).map_err(error)?;
    let regex = build(&translated.source).ok_or_else(|| error((MatcherErrorKind::TooLarge, 0)))?;
    Ok((regex, translated.capture_names))
}

/// Compiles a translated pattern; `None` where it is too large.
fn build(source: &str) -> Option<Regex> {
    // The translation is valid, so what can fail is a bound.
    RegexBuilder::new(source).size_limit(SIZE_LIMIT).nest_limit(NEST_LIMIT).build().ok()
}
