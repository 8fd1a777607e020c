//! Texts in double quotes as Go writes them, which is how Prometheus prints label values and names.

use std::fmt::{self, Write};
use std::sync::LazyLock;

use regex::Regex;

/// A text that displays in double quotes, with the escapes of Go's `strconv.Quote`: `\a \b \f \n \r \t \v \\ \"`, `\x7f` for
/// other control characters, `\u00a0` and `\U000e0001` for what is not a letter, mark, number, punctuation or symbol.
#[derive(Debug, Clone, Copy)]
pub struct Quoted<'a>(pub &'a str);

/// Whether Go's `unicode.IsPrint` holds.
fn is_printable(character: char) -> bool {
    static PRINTABLE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[\pL\pM\pN\pP\pS]$").ok());
    if character.is_ascii() {
        return matches!(character, ' '..='~');
    }
    let mut bytes = [0; 4];
    let text = character.encode_utf8(&mut bytes);
    PRINTABLE.as_ref().is_some_and(|class| class.is_match(text))
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        let mut plain_from = 0;
        for (at, character) in self.0.char_indices() {
            let escape = match character {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\t' => "\\t",
                '\r' => "\\r",
                '\u{7}' => "\\a",
                '\u{8}' => "\\b",
                '\u{c}' => "\\f",
                '\u{b}' => "\\v",
                _ if is_printable(character) => continue,
                _ => "",
            };
            f.write_str(&self.0[plain_from..at])?;
            plain_from = at + character.len_utf8();
            match character as u32 {
                _ if !escape.is_empty() => f.write_str(escape)?,
                // Go's `\x` here is a byte, not a character, and so stands for ASCII only.
                code @ ..0x80 => write!(f, "\\x{code:02x}")?,
                code @ ..0x1_0000 => write!(f, "\\u{code:04x}")?,
                code => write!(f, "\\U{code:08x}")?,
            }
        }
        f.write_str(&self.0[plain_from..])?;
        f.write_char('"')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_go() {
        for (text, expected) in [
            ("", r#""""#),
            ("a b", r#""a b""#),
            ("\"\\\n\t\r\u{7}\u{8}\u{c}\u{b}", r#""\"\\\n\t\r\a\b\f\v""#),
            ("\0\u{1b}\u{7f}", r#""\x00\x1b\x7f""#),
            ("\u{80}\u{a0}\u{ad}", r#""\u0080\u00a0\u00ad""#),
            ("ünï→日本e\u{301}🙂", "\"ünï→日本e\u{301}🙂\""),
            ("\u{2028}\u{feff}\u{e000}\u{fffd}", "\"\\u2028\\ufeff\\ue000\u{fffd}\""),
            ("\u{e0001}x\u{10ffff}", r#""\U000e0001x\U0010ffff""#),
        ] {
            assert_eq!(Quoted(text).to_string(), expected);
        }
    }
}
