//! Letters, as Go's `unicode.IsLetter` has them: the general category L.
//!
//! `char::is_alphabetic` is wider (it takes marks and letter-like numbers, too); the tables of `regex` are exact.

use std::sync::LazyLock;

use regex::Regex;

static LETTER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\A\p{L}\z").ok());

/// Whether `c` is a letter of any script.
pub(crate) fn is_letter(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic();
    }
    c.is_alphabetic() && LETTER.as_ref().is_some_and(|letter| letter.is_match(c.encode_utf8(&mut [0; 4])))
}
