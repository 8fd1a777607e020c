//! What a number, a duration or a string means: Go's rules.

use std::num::IntErrorKind;

use super::error::SyntaxErrorKind;
use super::text::Text;

/// The value of a number token.
pub(crate) fn parse_number(text: &str) -> Result<f64, SyntaxErrorKind> {
    let bytes = text.as_bytes();
    if bytes.iter().all(u8::is_ascii_digit) && (bytes[0] != b'0' || bytes.len() == 1) {
        // Whole numbers up to 64 bits go through an integer in Go, which rounds to the same float.
        return parse_decimal(text);
    }
    match bytes[0].to_ascii_lowercase() {
        b'i' => return Ok(f64::INFINITY),
        b'n' => return Ok(f64::NAN),
        _ => {}
    }
    let mut digits = String::new();
    let plain = if text.contains('_') {
        if !underscores_separate(bytes) {
            return Err(SyntaxErrorKind::InvalidNumber);
        }
        digits.extend(text.chars().filter(|c| *c != '_'));
        digits.as_str()
    } else {
        text
    };
    if let Some(hex) = plain.strip_prefix("0x").or_else(|| plain.strip_prefix("0X")) {
        return i64::from_str_radix(hex, 16).map(|value| value as f64).map_err(|error| match error.kind() {
            IntErrorKind::PosOverflow => SyntaxErrorKind::NumberOutOfRange,
            _ => SyntaxErrorKind::InvalidNumber,
        });
    }
    if plain.starts_with('0')
        && plain.bytes().all(|b| b.is_ascii_digit())
        && let Ok(octal) = i64::from_str_radix(plain, 8)
    {
        return Ok(octal as f64);
    }
    parse_decimal(plain)
}

fn parse_decimal(text: &str) -> Result<f64, SyntaxErrorKind> {
    match text.parse::<f64>() {
        Ok(value) if value.is_infinite() => Err(SyntaxErrorKind::NumberOutOfRange),
        Ok(value) => Ok(value),
        Err(_) => Err(SyntaxErrorKind::InvalidNumber),
    }
}

/// Whether every underscore has a digit on both sides; the prefix `0x` counts as a digit.
fn underscores_separate(bytes: &[u8]) -> bool {
    let hex = matches!(bytes, [b'0', b'x' | b'X', ..]);
    let is_digit = |b: &u8| if hex { b.is_ascii_hexdigit() } else { b.is_ascii_digit() };
    bytes.iter().enumerate().filter(|(_, b)| **b == b'_').all(|(i, _)| {
        let before = i > 0 && (is_digit(&bytes[i - 1]) || hex && i == 2);
        before && bytes.get(i + 1).is_some_and(is_digit)
    })
}

const UNITS: [(&str, u64); 7] = [
    ("y", 365 * 24 * 3_600_000_000_000),
    ("w", 7 * 24 * 3_600_000_000_000),
    ("d", 24 * 3_600_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
];

/// The nanoseconds of a duration token such as `1h30m`: whole numbers with units, from large to small.
pub(crate) fn parse_duration(text: &str) -> Result<i64, SyntaxErrorKind> {
    let mut rest = text;
    let mut total = 0u64;
    let mut units: &[(&str, u64)] = &UNITS;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let count: u64 = rest[..digits].parse().map_err(|_| SyntaxErrorKind::InvalidDuration)?;
        rest = &rest[digits..];
        let letters = rest.bytes().take_while(|b| !b.is_ascii_digit()).count();
        let at = units.iter().position(|(unit, _)| *unit == &rest[..letters]);
        let at = at.ok_or(SyntaxErrorKind::InvalidDuration)?;
        rest = &rest[letters..];
        let term = count.checked_mul(units[at].1).filter(|term| *term <= 1 << 63);
        total = term
            .and_then(|term| total.checked_add(term))
            .filter(|total| *total <= i64::MAX as u64)
            .ok_or(SyntaxErrorKind::DurationOutOfRange)?;
        units = &units[at + 1..];
    }
    Ok(total as i64)
}

/// Nanoseconds as seconds, rounded as Go's `Duration.Seconds` rounds them.
pub(crate) fn seconds(nanoseconds: i64) -> f64 {
    (nanoseconds / 1_000_000_000) as f64 + (nanoseconds % 1_000_000_000) as f64 / 1e9
}

/// Seconds as nanoseconds, rounded.
pub(crate) fn nanoseconds(seconds: f64) -> i64 {
    to_integer((seconds * 1e9).round())
}

/// A float as an integer, as Prometheus gets it on common hardware: what does not fit is the smallest integer.
pub(crate) fn to_integer(value: f64) -> i64 {
    if value.abs() < 9_223_372_036_854_775_808.0 { value as i64 } else { i64::MIN }
}

/// Whether so many seconds are more nanoseconds than 64 bits hold.
pub(crate) fn seconds_out_of_range(seconds: f64) -> bool {
    seconds.abs() > 9_223_372_036.854_776
}

/// The text of a string token, whose escapes the lexer has checked.
pub(crate) fn unquote(token: &str) -> Text {
    let inner = token.get(1..token.len() - 1).unwrap_or_default();
    if token.starts_with('`') || !inner.contains('\\') {
        return Text::from(inner);
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        rest = unescape(&rest[at + 1..], &mut out);
    }
    out.extend_from_slice(rest.as_bytes());
    Text::from(out)
}

/// Decodes one escape, its backslash removed, and gives what follows it.
fn unescape<'a>(text: &'a str, out: &mut Vec<u8>) -> &'a str {
    let number = |range: std::ops::Range<usize>, base| {
        text.get(range).and_then(|digits| u32::from_str_radix(digits, base).ok()).unwrap_or(0)
    };
    let (byte, length) = match text.as_bytes().first() {
        Some(b'a') => (0x07, 1),
        Some(b'b') => (0x08, 1),
        Some(b'f') => (0x0c, 1),
        Some(b'n') => (b'\n', 1),
        Some(b'r') => (b'\r', 1),
        Some(b't') => (b'\t', 1),
        Some(b'v') => (0x0b, 1),
        Some(b'x') => (number(1..3, 16) as u8, 3),
        Some(b'0'..=b'7') => (number(0..3, 8) as u8, 3),
        Some(kind @ (b'u' | b'U')) => {
            let length = if *kind == b'u' { 5 } else { 9 };
            let c = char::from_u32(number(1..length, 16)).unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            return text.get(length..).unwrap_or_default();
        }
        Some(other) => (*other, 1),
        None => return text,
    };
    out.push(byte);
    text.get(length..).unwrap_or_default()
}
