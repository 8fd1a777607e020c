//! Character classes and escapes of Go's patterns.

use std::fmt::Write;

use super::error::MatcherErrorKind;
use super::pattern::{Fault, Translator};

/// The members of `[[:name:]]`, as the inside of a class.
fn posix_members(name: &str) -> Option<&'static str> {
    Some(match name {
        "alnum" => "0-9A-Za-z",
        "alpha" => "A-Za-z",
        "ascii" => r"\x{0}-\x{7F}",
        "blank" => r"\t\x{20}",
        "cntrl" => r"\x{0}-\x{1F}\x{7F}",
        "digit" => "0-9",
        "graph" => "!-~",
        "lower" => "a-z",
        "print" => r"\x{20}-~",
        "punct" => r"!-/:-@\x{5B}-`\x{7B}-~",
        "space" => r"\t-\r\x{20}",
        "upper" => "A-Z",
        "word" => "0-9A-Za-z_",
        "xdigit" => "0-9A-Fa-f",
        _ => return None,
    })
}

fn negated_if(negated: bool, members: &str) -> String {
    if negated { format!("[^{members}]") } else { members.to_owned() }
}

impl Translator<'_> {
    /// A whole class of these items, with the case folded where the flags say so.
    pub(super) fn class_of(&self, items: &str, negated: bool) -> String {
        let class = match (items.is_empty(), negated) {
            (true, false) => return "[a&&b]".to_owned(),
            (true, true) => return "(?s:.)".to_owned(),
            (false, false) => format!("[{items}]"),
            (false, true) => format!("[^{items}]"),
        };
        if self.folds_case() { format!("(?i:{class})") } else { class }
    }

    /// `[…]`, rewritten.
    pub(super) fn bracket_class(&mut self) -> Result<String, Fault> {
        let start = self.at;
        self.at += 1;
        let negated = self.rest().starts_with('^');
        self.at += usize::from(negated);
        let mut items = String::new();
        let mut first = true;
        while first || !self.rest().starts_with(']') {
            first = false;
            if let Some(members) = self.named_class()? {
                items.push_str(&members);
                continue;
            }
            if let Some(members) = self.class_escape()? {
                items.push_str(&members);
                continue;
            }
            let item_at = self.at;
            let low = self.class_character(start)?;
            let mut high = low;
            if self.rest().len() >= 2 && self.rest().starts_with('-') && !self.rest().starts_with("-]") {
                self.at += 1;
                high = self.class_character(start)?;
                if high < low {
                    return Err((MatcherErrorKind::InvalidClassRange, item_at));
                }
            }
            push_range(&mut items, low, high);
        }
        self.at += 1;
        Ok(self.class_of(&items, negated))
    }

    /// `[:name:]` inside a class.
    fn named_class(&mut self) -> Result<Option<String>, Fault> {
        let rest = self.rest();
        let Some(named) = rest.strip_prefix("[:") else {
            return Ok(None);
        };
        let Some(end) = named.find(":]") else {
            return Ok(None);
        };
        let name = named.get(..end).unwrap_or_default();
        let (negated, name) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
        let members = posix_members(name).ok_or((MatcherErrorKind::InvalidClassRange, self.at))?;
        self.at += 2 + end + 2;
        Ok(Some(negated_if(negated, members)))
    }

    /// `\d`, `\pN` and the like, as the inside of a class; `None` for any other escape.
    pub(super) fn class_escape(&mut self) -> Result<Option<String>, Fault> {
        let Some(&letter) = self.rest().strip_prefix('\\').and_then(|rest| rest.as_bytes().first()) else {
            return Ok(None);
        };
        let members = match letter.to_ascii_lowercase() {
            b'd' => "0-9",
            b's' => r"\t\n\x{C}\r\x{20}",
            b'w' => "0-9A-Za-z_",
            b'p' => return self.unicode_class().map(Some),
            _ => return Ok(None),
        };
        self.at += 2;
        Ok(Some(negated_if(letter.is_ascii_uppercase(), members)))
    }

    fn class_character(&mut self, class_at: usize) -> Result<u32, Fault> {
        match self.peek() {
            None => Err((MatcherErrorKind::MissingBracket, class_at)),
            Some('\\') => self.escaped_code(),
            Some(character) => {
                self.at += character.len_utf8();
                Ok(character as u32)
            }
        }
    }

    /// The code point behind a backslash.
    pub(super) fn escaped_code(&mut self) -> Result<u32, Fault> {
        let start = self.at;
        let invalid = (MatcherErrorKind::InvalidEscape, start);
        self.at += 1;
        let letter = self.next().ok_or((MatcherErrorKind::TrailingBackslash, start))?;
        let octal_follows = matches!(self.peek(), Some('0'..='7'));
        match letter {
            '0' => Ok(self.octal(0)),
            // A single digit would be a backreference.
            '1'..='7' if octal_follows => Ok(self.octal(letter as u32 - '0' as u32)),
            'x' => self.hexadecimal().ok_or(invalid),
            'a' => Ok(7),
            'f' => Ok(12),
            'n' => Ok(10),
            'r' => Ok(13),
            't' => Ok(9),
            'v' => Ok(11),
            _ if letter.is_ascii() && !letter.is_ascii_alphanumeric() => Ok(letter as u32),
            _ => Err(invalid),
        }
    }

    /// Up to two more octal digits.
    fn octal(&mut self, mut code: u32) -> u32 {
        for _ in 0..2 {
            match self.peek().and_then(|next| next.to_digit(8)) {
                Some(digit) => code = code * 8 + digit,
                None => break,
            }
            self.at += 1;
        }
        code
    }

    /// `\x41` or `\x{1F642}`, from behind the letter.
    fn hexadecimal(&mut self) -> Option<u32> {
        let first = self.next()?;
        if first != '{' {
            return Some(first.to_digit(16)? * 16 + self.next()?.to_digit(16)?);
        }
        let mut code = self.next()?.to_digit(16)?;
        loop {
            match self.next()? {
                '}' => return Some(code),
                digit => code = code * 16 + digit.to_digit(16)?,
            }
            if code > char::MAX as u32 {
                return None;
            }
        }
    }
}

/// Writes a range of code points, without the surrogates, which are no characters.
fn push_range(items: &mut String, low: u32, high: u32) {
    let low = if (0xd800..0xe000).contains(&low) { 0xe000 } else { low };
    let high = if (0xd800..0xe000).contains(&high) { 0xd7ff } else { high };
    if low <= high {
        // Writing to a string cannot fail.
        let _ = write!(items, r"\x{{{low:X}}}-\x{{{high:X}}}");
    }
}
