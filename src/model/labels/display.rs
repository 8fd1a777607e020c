//! Labels as text that can be pasted into a query: `name{label="value"}`.

use std::fmt;

use super::{Labels, METRIC_NAME};
use crate::model::quote::Quoted;

/// Whether a name can stand in a selector without quotes; metric names may have colons, label names may not.
fn is_plain(name: &str, colons: bool) -> bool {
    let plain = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric() || (colons && byte == b':');
    name.bytes().all(plain) && name.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}

/// Whether a label's name can stand in a selector without quotes.
pub(crate) fn is_plain_label_name(name: &str) -> bool {
    is_plain(name, false)
}

/// Prints `name{label="value"}`; only the name where there is nothing else, `{}` where there is nothing at all, and
/// `{"my.name", "label.x"="v"}` where names need quotes. A bare `inf` or `nan` would be a number, so it is quoted too.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let metric = self.metric_name();
        let is_number = |name: &str| name.eq_ignore_ascii_case("inf") || name.eq_ignore_ascii_case("nan");
        let bare = metric.filter(|name| is_plain(name, true) && !is_number(name));
        let mut separator = "";
        if let Some(name) = bare {
            f.write_str(name)?;
            if self.len() == 1 {
                return Ok(());
            }
        }
        f.write_str("{")?;
        if let (Some(name), None) = (metric, bare) {
            write!(f, "{}", Quoted(name))?;
            separator = ", ";
        }
        for (name, value) in self.iter().filter(|(name, _)| *name != METRIC_NAME) {
            f.write_str(separator)?;
            separator = ", ";
            if is_plain(name, false) {
                f.write_str(name)?;
            } else {
                write!(f, "{}", Quoted(name))?;
            }
            write!(f, "={}", Quoted(value))?;
        }
        f.write_str("}")
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_print_as_selectors() {
        for (pairs, expected) in [
            (&[][..], "{}"),
            (&[("__name__", "up")], "up"),
            (&[("__name__", "job:up:sum"), ("b", "2"), ("a", "1")], r#"job:up:sum{a="1", b="2"}"#),
            (&[("b", "2"), ("a", "1")], r#"{a="1", b="2"}"#),
            (&[("__name__", "my.name"), ("label.x", "v")], r#"{"my.name", "label.x"="v"}"#),
            (&[("__name__", "my.name")], r#"{"my.name"}"#),
            (&[("__name__", "Inf"), ("a", "1")], r#"{"Inf", a="1"}"#),
            (&[("__name__", "up"), ("a:b", "1"), ("0", "x")], r#"up{"0"="x", "a:b"="1"}"#),
            (&[("__name__", "up"), ("a", "say \"hi\"\n\\")], r#"up{a="say \"hi\"\n\\"}"#),
        ] {
            assert_eq!(Labels::from_pairs(pairs.iter().copied()).to_string(), expected);
        }
    }
}
