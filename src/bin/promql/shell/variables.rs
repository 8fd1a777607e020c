//! `.let`: names for expressions. `$NAME` in a query stands for the expression as a whole, in parentheses where it
//! takes them to stay whole.

use std::{collections::BTreeMap, ops::Range};

use promql_engine::syntax::{self, ExprKind, ParserOptions, SyntaxErrors};

use crate::{
    problem,
    query_text::{Expansion, Piece},
    suggest,
};

/// The most that a query may become with its variables put in; each may hold others, twice.
const MAX_BYTES: usize = 1 << 20;

/// The variables of a session.
#[derive(Debug, Default)]
pub(crate) struct Variables(BTreeMap<String, Variable>);

#[derive(Debug)]
struct Variable {
    /// Its expression on one line, other variables put in.
    text: String,
    /// Whether it stays whole without parentheses, whatever stands around it.
    is_plain: bool,
}

/// Why variables cannot be put into a text, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExpansionError {
    pub(crate) span: (usize, usize),
    pub(crate) message: String,
}

impl Variables {
    /// Gives an expression a name. It must have been expanded already.
    pub(crate) fn set(&mut self, name: &str, evaluated: &str) -> Result<(), SyntaxErrors> {
        let parsed = syntax::parse(evaluated, &ParserOptions::all(), &problem::functions())?;
        let is_plain = match &parsed.expr.kind {
            // Others begin with a sign.
            ExprKind::Number(literal) => literal.value.is_finite() && literal.value.is_sign_positive(),
            ExprKind::String(_)
            | ExprKind::VectorSelector(_)
            | ExprKind::MatrixSelector(_)
            | ExprKind::Paren(_) => true,
            _ => false,
        };
        // Its canonical text has one line and no comment, which would swallow what follows.
        let text = parsed.expr.to_canonical(&ParserOptions::all());
        self.0.insert(name.to_owned(), Variable { text, is_plain });
        Ok(())
    }

    /// Forgets a name; says whether it was there.
    pub(crate) fn remove(&mut self, name: &str) -> bool {
        self.0.remove(name).is_some()
    }

    /// The names and their expressions, sorted.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, variable)| (name.as_str(), variable.text.as_str()))
    }

    /// A query with its variables put in.
    pub(crate) fn expand(&self, typed: &str) -> Result<Expansion, ExpansionError> {
        let mut evaluated = String::with_capacity(typed.len());
        let mut pieces = Vec::new();
        let mut copied = 0;
        for span in uses(typed) {
            let error = |message: String| ExpansionError { span: (span.start, span.end), message };
            let name = typed.get(span.start + 1..span.end).unwrap_or_default();
            let variable = self.0.get(name).ok_or_else(|| error(self.unknown(name)))?;
            evaluated.push_str(typed.get(copied..span.start).unwrap_or_default());
            let start = evaluated.len();
            // Names must not grow together.
            if evaluated.ends_with(in_word) {
                evaluated.push(' ');
            }
            match variable.is_plain {
                true => evaluated.push_str(&variable.text),
                false => evaluated.extend(["(", variable.text.as_str(), ")"]),
            }
            if evaluated.len() > MAX_BYTES {
                return Err(error(format!(
                    "with `${name}` the query is longer than {} MiB",
                    MAX_BYTES >> 20
                )));
            }
            if typed.get(span.end..).is_some_and(|rest| rest.starts_with(in_word)) {
                evaluated.push(' ');
            }
            copied = span.end;
            pieces.push(Piece { evaluated: start..evaluated.len(), typed: span });
        }
        evaluated.push_str(typed.get(copied..).unwrap_or_default());
        Ok(Expansion { typed: typed.to_owned(), evaluated, pieces })
    }

    fn unknown(&self, name: &str) -> String {
        let near = suggest::nearest(name, self.0.keys().map(String::as_str));
        let hint = near.map_or_else(String::new, |near| format!("; did you mean `${near}`?"));
        format!("there is no variable `${name}`{hint}")
    }
}

/// Whether a text is the name of a variable.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.bytes().all(in_name)
}

/// A text whose variables look like names, byte for byte, to those who do not know variables.
pub(crate) fn masked(text: &str) -> String {
    let mut masked = text.to_owned();
    for span in uses(text) {
        masked.replace_range(span.start..span.start + 1, "_");
    }
    masked
}

const fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | ':' | '.')
}

/// Where variables stand: `$` before a name, outside of strings and comments.
fn uses(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let rest = bytes.get(at + 1..).unwrap_or_default();
        at += 1 + match byte {
            b'#' => rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()),
            quote @ (b'"' | b'\'' | b'`') => string_length(rest, *quote),
            b'$' => {
                let length = rest.iter().take_while(|byte| in_name(**byte)).count();
                if rest.first().is_some_and(|byte| !byte.is_ascii_digit()) && length > 0 {
                    found.push(at..at + 1 + length);
                }
                length
            }
            _ => 0,
        };
    }
    found
}

/// The bytes of a string behind its opening quote, the closing one with them.
fn string_length(rest: &[u8], quote: u8) -> usize {
    let mut escaped = false;
    for (at, byte) in rest.iter().enumerate() {
        if escaped {
            escaped = false;
        } else if *byte == b'\\' && quote != b'`' {
            escaped = true;
        } else if *byte == quote {
            return at + 1;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in "([$a-c\"'`\\\\# \n5é]|\\$up|\\$d){0,40}") {
            prop_assert_eq!(masked(&text).len(), text.len());
            if let Ok(expansion) = variables().expand(&text) {
                // Every place lies in what was typed, and their order stays.
                let mut before = 0;
                for at in 0..=expansion.evaluated.len() {
                    let (start, end) = expansion.text().place((at, at));
                    prop_assert!(before <= start && start <= end && end <= text.len());
                    before = start;
                }
            }
        }
    }

    fn variables() -> Variables {
        let mut variables = Variables::default();
        for (name, text) in
            [("up", "up{job=\"a\"} # that one"), ("sum", "sum(up)"), ("n", "5"), ("less", "-1"), ("d", "5m")]
        {
            variables.set(name, text).expect(text);
        }
        variables
    }

    #[test]
    fn variables_stay_whole() {
        let expanded = |text: &str| variables().expand(text).map(|expansion| expansion.evaluated);
        let as_typed = |text: &str| expanded(text) == Ok(text.to_owned());
        assert_eq!(expanded("rate($up[$d])"), Ok("rate(up{job=\"a\"}[5m])".to_owned()));
        assert_eq!(expanded("$sum by (job) / 2 ^ $less"), Ok("(sum(up)) by (job) / 2 ^ (-1)".to_owned()));
        assert_eq!(expanded("foo$n + $n.5"), Ok("foo 5 + 5 .5".to_owned()));
        assert!(as_typed("up{a=~\"x$n\", b=\"\\\"$n\", c=`$n\\`} # $n"));
        assert!(as_typed("$ + $1") && as_typed("\"$n"));
        assert_eq!(
            expanded("1 + $summ").map_err(|error| (error.span, error.message)),
            Err(((4, 9), "there is no variable `$summ`; did you mean `$sum`?".to_owned()))
        );
    }

    #[test]
    fn places_in_what_is_evaluated_are_places_in_what_was_typed() {
        let expansion = variables().expand("rate($up[$d]) + x").expect("known names");
        let typed = |part: &str| {
            let start = expansion.evaluated.find(part).expect(part);
            let (start, end) = expansion.text().place((start, start + part.len()));
            &expansion.typed[start..end]
        };
        assert_eq!(typed("rate"), "rate");
        assert_eq!(typed("job"), "$up");
        assert_eq!(typed("up{job=\"a\"}[5m]"), "$up[$d]");
        assert_eq!(typed("5m])"), "$d])");
        assert_eq!(typed(") + x"), ") + x");
        assert_eq!(expansion.text().place((25, 25)), (17, 17));
    }

    #[test]
    fn variables_do_not_grow_without_end() {
        let mut variables = Variables::default();
        variables.set("x", "up + up").expect("a query");
        let mut last = Ok(());
        for _ in 0..40 {
            last = variables
                .expand("$x + $x")
                .map(|twice| variables.set("x", &twice.evaluated).expect("a query"));
        }
        assert!(last.is_err_and(|error| error.message.contains("longer than 1 MiB")));
    }
}
