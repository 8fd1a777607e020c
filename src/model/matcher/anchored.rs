//! Patterns with capture groups, and replacement templates: what `label_replace` needs.

use std::sync::{Arc, LazyLock};

use regex::{Regex, bytes::CaptureLocations};

use super::compile;
use super::error::MatcherError;

/// A pattern of Go's syntax that must match a whole value, `.` matching newlines too, with its capture groups.
///
/// ```
/// use promql_engine::model::AnchoredRegex;
///
/// let pattern = AnchoredRegex::new("(?P<service>.*):(.*)")?;
/// assert_eq!(pattern.expand("api:80", "$2/${service}/$$1").as_deref(), Some("80/api/$1"));
/// assert_eq!(pattern.expand("api", "$1"), None);
/// # Ok::<(), promql_engine::model::MatcherError>(())
/// ```
#[derive(Debug, Clone)]
pub struct AnchoredRegex {
    /// The pattern and the names of its groups, from group 1.
    compiled: Arc<compile::Captures>,
}

impl AnchoredRegex {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// Where Go refuses the pattern between `^(?s:` and `)$`, or where it is too large to compile.
    pub fn new(pattern: &str) -> Result<Self, MatcherError> {
        Ok(Self { compiled: compile::with_captures(pattern)? })
    }

    /// Whether the pattern matches the value.
    pub fn is_match(&self, value: &str) -> bool {
        self.compiled.0.is_match(value.as_bytes())
    }

    /// The template with the groups of this match put in, or `None` where the pattern does not match.
    ///
    /// `$1`, `${1}`, `$name` and `${name}` stand for a group, or for nothing where there is none or it took no part; a name
    /// is as long as letters, digits and underscores go, so `$1x` means `${1x}`. `$$` is a dollar sign, and so is a `$` that
    /// begins none of these.
    pub fn expand(&self, value: &str, template: &str) -> Option<String> {
        let mut out = String::new();
        self.expander().expand(value, template, &mut out).then_some(out)
    }

    /// Expands templates for many values with memory of its own.
    pub(crate) fn expander(&self) -> Expander<'_> {
        Expander { pattern: self, groups: self.compiled.0.capture_locations() }
    }
}

/// An [`AnchoredRegex`] with the memory that a match needs.
pub(crate) struct Expander<'a> {
    pattern: &'a AnchoredRegex,
    groups: CaptureLocations,
}

impl Expander<'_> {
    /// Writes what [`AnchoredRegex::expand`] gives to `out`, in place of what it held; says whether the pattern matches.
    pub(crate) fn expand(&mut self, value: &str, template: &str, out: &mut String) -> bool {
        let (regex, capture_names) = &*self.pattern.compiled;
        out.clear();
        if regex.captures_read(&mut self.groups, value.as_bytes()).is_none() {
            return false;
        }
        let group = |number: usize| {
            let (start, end) = self.groups.get(number)?;
            value.get(start..end)
        };
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            if let Some(literal) = after.strip_prefix('$') {
                out.push('$');
                rest = literal;
            } else if let Some((name, literal)) = reference(after) {
                rest = literal;
                let text = match group_number(name) {
                    Some(number) => group(number),
                    None => {
                        let named = |(at, known): (usize, &Option<String>)| {
                            (known.as_deref() == Some(name)).then(|| group(at + 1)).flatten()
                        };
                        capture_names.iter().enumerate().find_map(named)
                    }
                };
                out.push_str(text.unwrap_or_default());
            } else {
                out.push('$');
                rest = after;
            }
        }
        out.push_str(rest);
        true
    }
}

/// The name behind a dollar sign, in braces or as long as it goes, and what follows.
fn reference(text: &str) -> Option<(&str, &str)> {
    let (in_braces, text) = text.strip_prefix('{').map_or((false, text), |inner| (true, inner));
    let end = text.find(|character| !is_name_character(character)).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    if name.is_empty() {
        return None;
    }
    Some((name, if in_braces { rest.strip_prefix('}')? } else { rest }))
}

/// Whether Go counts a character among letters, digits and the underscore.
fn is_name_character(character: char) -> bool {
    static LETTER_OR_DIGIT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[\pL\p{Nd}]$").ok());
    if character.is_ascii() {
        return character == '_' || character.is_ascii_alphanumeric();
    }
    let mut bytes = [0; 4];
    let text = character.encode_utf8(&mut bytes);
    LETTER_OR_DIGIT.as_ref().is_some_and(|class| class.is_match(text))
}

/// The number of a group that a reference names by number; with leading zeros or too many digits it is a name.
fn group_number(name: &str) -> Option<usize> {
    let plain = name.bytes().all(|byte| byte.is_ascii_digit()) && (name.len() == 1 || !name.starts_with('0'));
    if plain { name.parse().ok().filter(|number| *number < 1_000_000_000) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_expand_as_in_go() {
        let pattern = AnchoredRegex::new("(?P<a>.)(.)?(?P<n>x)?(?<a>z)?").unwrap();
        for (value, template, expected) in [
            ("pq", "$1$2", "pq"),
            ("pq", "$1x-${1}x", "-px"),
            ("pq", "$a-$2-$9-$b", "p-q--"),
            ("pq", "$$1 $", "$1 $"),
            ("pq", "${1 ${} $- $", "${1 ${} $- $"),
            ("pq", "$01 $1_", " "),
            ("p", "[$2]", "[]"),
            ("pq", "$0", "pq"),
            ("pq", "é$1é", "é"),
            ("pq", "$999999999999999999999", ""),
        ] {
            assert_eq!(pattern.expand(value, template).as_deref(), Some(expected), "{template}");
        }
        assert_eq!(pattern.expand("", "x"), None);
    }
}
