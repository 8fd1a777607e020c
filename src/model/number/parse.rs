//! Reading numbers by Go's rules: `strconv.ParseFloat` and `strconv.ParseInt` with base 0.
//!
//! Beyond Rust's own syntax Go reads hexadecimal floats (`0x1.8p3`), underscores between digits,
//! and the base prefixes `0x`, `0o`, `0b` and a leading `0` for integers. It refuses a float that
//! is too large rather than reading an infinity.

use std::fmt;

/// Why a text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NumberError {
    /// The text is not the spelling of a number, such as `1..2` or the empty text.
    Syntax,
    /// The number is too large for its type, such as `1e999`.
    Range,
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "not a number",
            Self::Range => "a number out of range",
        })
    }
}

impl std::error::Error for NumberError {}

/// Reads a number literal as PromQL does: an integer of any base, else a float.
pub fn parse_number(text: &str) -> Result<f64, NumberError> {
    match parse_integer(text) {
        Ok(integer) => Ok(integer as f64),
        Err(_) => parse_float(text),
    }
}

/// Reads a float as Go's `strconv.ParseFloat(text, 64)`: decimal or hexadecimal, `Inf`, `Infinity` and
/// `NaN` in any case, underscores between digits.
pub fn parse_float(text: &str) -> Result<f64, NumberError> {
    let (negative, unsigned) = split_sign(text);
    if matches!(unsigned.as_bytes().first(), Some(b'i' | b'I' | b'n' | b'N')) {
        return parse_special(text, negative, unsigned);
    }
    // Most numbers have no underscore: no copy for them.
    let owned;
    let digits = if unsigned.contains('_') {
        if !underscores_separate_digits(unsigned) {
            return Err(NumberError::Syntax);
        }
        owned = unsigned.replace('_', "");
        owned.as_str()
    } else {
        unsigned
    };
    let magnitude = match strip_prefix_ignore_case(digits, b'x') {
        Some(hex) => parse_hexadecimal(hex)?,
        None => parse_decimal(digits)?,
    };
    Ok(if negative { -magnitude } else { magnitude })
}

/// Reads an integer as Go's `strconv.ParseInt(text, 0, 64)`: the prefix chooses the base (`0x`, `0o`, `0b`,
/// a leading `0` for octal), underscores may separate digits.
pub fn parse_integer(text: &str) -> Result<i64, NumberError> {
    let (negative, unsigned) = split_sign(text);
    let (base, digits) = if let Some(rest) = strip_prefix_ignore_case(unsigned, b'x') {
        (16, rest)
    } else if let Some(rest) = strip_prefix_ignore_case(unsigned, b'o') {
        (8, rest)
    } else if let Some(rest) = strip_prefix_ignore_case(unsigned, b'b') {
        (2, rest)
    } else if unsigned.len() > 1 && unsigned.starts_with('0') {
        (8, &unsigned[1..])
    } else {
        (10, unsigned)
    };
    if unsigned.contains('_') && !underscores_separate_digits(unsigned) {
        return Err(NumberError::Syntax);
    }
    let mut magnitude: u64 = 0;
    let mut overflow = false;
    let mut any = false;
    for byte in digits.bytes().filter(|byte| *byte != b'_') {
        let digit = char::from(byte).to_digit(base).ok_or(NumberError::Syntax)?;
        any = true;
        match magnitude.checked_mul(u64::from(base)).and_then(|n| n.checked_add(u64::from(digit))) {
            Some(next) => magnitude = next,
            None => overflow = true,
        }
    }
    if !any {
        return Err(NumberError::Syntax);
    }
    let limit = if negative { 1 << 63 } else { (1 << 63) - 1 };
    if overflow || magnitude > limit {
        return Err(NumberError::Range);
    }
    Ok(if negative { (magnitude as i64).wrapping_neg() } else { magnitude as i64 })
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

/// What follows `0` and this letter, in either case.
fn strip_prefix_ignore_case(text: &str, letter: u8) -> Option<&str> {
    match text.as_bytes() {
        [b'0', second, _, ..] if second.eq_ignore_ascii_case(&letter) => text.get(2..),
        _ => None,
    }
}

fn parse_special(text: &str, negative: bool, unsigned: &str) -> Result<f64, NumberError> {
    if unsigned.eq_ignore_ascii_case("inf") || unsigned.eq_ignore_ascii_case("infinity") {
        return Ok(if negative { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    // A NaN takes no sign.
    if text.eq_ignore_ascii_case("nan") { Ok(f64::NAN) } else { Err(NumberError::Syntax) }
}

fn parse_decimal(digits: &str) -> Result<f64, NumberError> {
    // Rust's syntax is Go's here, once signs and the special spellings are dealt with.
    if !matches!(digits.as_bytes().first(), Some(b'0'..=b'9' | b'.')) {
        return Err(NumberError::Syntax);
    }
    let value: f64 = digits.parse().map_err(|_| NumberError::Syntax)?;
    if value.is_infinite() { Err(NumberError::Range) } else { Ok(value) }
}

/// Reads what follows `0x`: hexadecimal digits with at most one point, and an exponent of two, which is required.
fn parse_hexadecimal(text: &str) -> Result<f64, NumberError> {
    let (mantissa_text, exponent_text) = text.split_once(['p', 'P']).ok_or(NumberError::Syntax)?;
    let mut mantissa: u64 = 0;
    // The power of two that the mantissa still has to be multiplied by.
    let mut exponent: i64 = 0;
    let mut inexact = false;
    let mut any = false;
    let mut after_point = false;
    for byte in mantissa_text.bytes() {
        if byte == b'.' {
            if after_point {
                return Err(NumberError::Syntax);
            }
            after_point = true;
            continue;
        }
        let digit = char::from(byte).to_digit(16).ok_or(NumberError::Syntax)?;
        any = true;
        if mantissa >> 60 == 0 {
            mantissa = mantissa << 4 | u64::from(digit);
            exponent -= if after_point { 4 } else { 0 };
        } else {
            inexact |= digit != 0;
            exponent += if after_point { 0 } else { 4 };
        }
    }
    let (exponent_negative, exponent_digits) = split_sign(exponent_text);
    if !any || exponent_digits.is_empty() || !exponent_digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberError::Syntax);
    }
    // An exponent of many digits only has to stay larger than any float's.
    let written =
        exponent_digits.bytes().fold(0i64, |n, byte| (n * 10 + i64::from(byte - b'0')).min(1 << 40));
    exponent += if exponent_negative { -written } else { written };
    scale(mantissa, exponent, inexact)
}

/// `mantissa * 2^exponent`, rounded once, to even; `inexact` says that digits were cut off.
fn scale(mantissa: u64, exponent: i64, inexact: bool) -> Result<f64, NumberError> {
    if mantissa == 0 {
        return Ok(0.0);
    }
    let shift = i64::from(mantissa.leading_zeros());
    let mantissa = mantissa << shift;
    // The value is 0.1… * 2^top in binary; a float's lowest bit is at 2^-1074.
    let top = exponent - shift + 64;
    if top > 1024 {
        return Err(NumberError::Range);
    }
    let kept = (top + 1074).min(53);
    if kept < 0 {
        return Ok(0.0);
    }
    let dropped = (64 - kept) as u32;
    let below = if dropped == 64 { mantissa } else { mantissa & ((1 << dropped) - 1) };
    let half = 1u64 << (dropped - 1);
    let mut bits = if dropped == 64 { 0 } else { mantissa >> dropped };
    if below > half || (below == half && (inexact || bits & 1 == 1)) {
        bits += 1;
    }
    // Both factors are exact, and the product is representable or overflows: no second rounding.
    let lowest = top - kept;
    let value = bits as f64 * power_of_two(lowest / 2) * power_of_two(lowest - lowest / 2);
    if value.is_infinite() { Err(NumberError::Range) } else { Ok(value) }
}

/// `2^exponent`, for exponents of normal floats.
fn power_of_two(exponent: i64) -> f64 {
    f64::from_bits(((exponent + 1023).clamp(0, 2046) as u64) << 52)
}

/// Whether every underscore stands between two digits, or between a base prefix and a digit.
fn underscores_separate_digits(unsigned: &str) -> bool {
    let bytes = unsigned.as_bytes();
    let prefixed = matches!(bytes, [b'0', b'x' | b'X' | b'o' | b'O' | b'b' | b'B', ..]);
    let hexadecimal = prefixed && bytes[1].eq_ignore_ascii_case(&b'x');
    let is_digit = |byte: u8| byte.is_ascii_digit() || (hexadecimal && byte.is_ascii_hexdigit());
    let start = if prefixed { 2 } else { 0 };
    let mut after_digit = prefixed;
    let mut after_underscore = false;
    for &byte in &bytes[start..] {
        if byte == b'_' {
            if !after_digit {
                return false;
            }
            (after_digit, after_underscore) = (false, true);
        } else if is_digit(byte) {
            (after_digit, after_underscore) = (true, false);
        } else {
            if after_underscore {
                return false;
            }
            after_digit = false;
        }
    }
    !after_underscore
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_in_every_spelling() {
        for (text, value) in [
            ("1", 1.0),
            ("-1.5e3", -1500.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("+Inf", f64::INFINITY),
            ("-infinity", f64::NEG_INFINITY),
            ("iNf", f64::INFINITY),
            ("1_23.50_0_0e+1_2", 1.235e14),
            ("0x1p-2", 0.25),
            ("-0X1.8P3", -12.0),
            ("0x_1F_FFp-16", 0.124_984_741_210_937_5),
            ("0x1p-1074", 5e-324),
            ("0x0.8p-1074", 0.0),
            ("0x0.80001p-1074", 5e-324),
            ("0x1.fffffffffffff8p0", 2.0),
            ("0x1.fffffffffffff7fffffffffffffffp0", 1.999_999_999_999_999_8),
            ("0x1p-5000", 0.0),
        ] {
            assert_eq!(parse_float(text), Ok(value), "{text}");
        }
        assert!(parse_float("nAn").is_ok_and(f64::is_nan));
    }

    #[test]
    fn what_is_no_float() {
        for text in [
            "",
            "+",
            "-",
            ".",
            "e5",
            "1e",
            "1e+",
            "1..2",
            "1__2",
            "_1",
            "1_",
            "1_.5",
            "0x1",
            "0xp1",
            "0x1p",
            "+nan",
            "infinit",
            "0x.p1",
            "1 ",
            " 1",
            "--1",
            "0x1.2.3p1",
            "1d",
        ] {
            assert_eq!(parse_float(text), Err(NumberError::Syntax), "{text}");
        }
        for text in ["1e999", "-1e309", "0x1p1024", "0x1.fffffffffffff8p1023"] {
            assert_eq!(parse_float(text), Err(NumberError::Range), "{text}");
        }
    }

    #[test]
    fn integers_of_every_base() {
        for (text, value) in [
            ("0", 0),
            ("017", 15),
            ("0o17", 15),
            ("0x1F", 31),
            ("-0b101", -5),
            ("1_000", 1000),
            ("0x_ff", 255),
            ("0_7", 7),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(parse_integer(text), Ok(value), "{text}");
        }
        for text in ["", "-", "08", "0x", "1.5", "1__0", "_1", "0b2", "Inf"] {
            assert_eq!(parse_integer(text), Err(NumberError::Syntax), "{text}");
        }
        assert_eq!(parse_integer("9223372036854775808"), Err(NumberError::Range));
    }

    #[test]
    fn a_literal_is_an_integer_first_and_a_float_else() {
        assert_eq!(parse_number("010"), Ok(8.0));
        assert_eq!(parse_number("010.0"), Ok(10.0));
        assert_eq!(parse_number("09"), Ok(9.0));
        assert_eq!(parse_number("99999999999999999999"), Ok(1e20));
    }
}
