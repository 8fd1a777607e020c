//! Numbers, durations and quoted strings as Go prints them, since canonical text must agree to the byte.

use std::fmt::Write;
use std::sync::LazyLock;

use regex::Regex;

/// A number without an exponent, as short as it reads back.
pub(crate) fn write_number(out: &mut String, value: f64) {
    let _ = match value {
        _ if value.is_nan() => out.write_str("NaN"),
        _ if value == f64::INFINITY => out.write_str("+Inf"),
        _ if value == f64::NEG_INFINITY => out.write_str("-Inf"),
        _ => write!(out, "{value}"),
    };
}

/// A number with an exponent where it has more than six digits before the point or four zeros behind it.
pub(crate) fn write_short_number(out: &mut String, value: f64) {
    let size = value.abs();
    if !value.is_finite() || size == 0.0 || (1e-4..1e6).contains(&size) {
        return write_number(out, value);
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |positive| ('-', positive));
    let _ = write!(out, "{digits}e{sign}{exponent:0>2}");
}

/// A duration in units: years and weeks only where nothing remains, `90d` being easier to read than `12w6d`.
pub(crate) fn write_duration(out: &mut String, nanoseconds: i64) {
    let milliseconds = nanoseconds / 1_000_000;
    if milliseconds == 0 {
        out.push_str("0s");
        return;
    }
    if milliseconds < 0 {
        out.push('-');
    }
    let mut rest = milliseconds.unsigned_abs();
    const UNITS: [(&str, u64, bool); 7] = [
        ("y", 365 * 86_400_000, true),
        ("w", 7 * 86_400_000, true),
        ("d", 86_400_000, false),
        ("h", 3_600_000, false),
        ("m", 60_000, false),
        ("s", 1_000, false),
        ("ms", 1, false),
    ];
    for (unit, size, exact) in UNITS {
        if rest >= size && (!exact || rest.is_multiple_of(size)) {
            let _ = write!(out, "{}{unit}", rest / size);
            rest %= size;
        }
    }
}

static GRAPHIC: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\A[\p{L}\p{M}\p{N}\p{P}\p{S}]\z").ok());

fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    GRAPHIC.as_ref().is_some_and(|graphic| graphic.is_match(c.encode_utf8(&mut [0; 4])))
}

/// A string in double quotes, with Go's escapes.
pub(crate) fn write_quoted(out: &mut String, bytes: &[u8]) {
    out.push('"');
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            let _ = match c {
                '"' | '\\' => write!(out, "\\{c}"),
                '\x07' => out.write_str("\\a"),
                '\x08' => out.write_str("\\b"),
                '\x0c' => out.write_str("\\f"),
                '\n' => out.write_str("\\n"),
                '\r' => out.write_str("\\r"),
                '\t' => out.write_str("\\t"),
                '\x0b' => out.write_str("\\v"),
                _ if is_printable(c) => out.write_char(c),
                _ if c.is_ascii() => write!(out, "\\x{:02x}", c as u32),
                _ if (c as u32) < 0x10000 => write!(out, "\\u{:04x}", c as u32),
                _ => write!(out, "\\U{:08x}", c as u32),
            };
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out.push('"');
}
