//! How far a number, a duration or a string reaches: Go's rules, byte by byte.
//!
//! What is found here is not yet valid: `0x` or `.5.5` are numbers to the lexer, and [`literal`](super::literal)
//! refuses them with a better word than "unexpected character".

/// A cursor over bytes that accepts or refuses one at a time.
struct Cursor<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.position).copied()
    }

    fn is(&self, accepted: impl Fn(u8) -> bool) -> bool {
        self.peek().is_some_and(accepted)
    }

    fn accept(&mut self, accepted: impl Fn(u8) -> bool) -> bool {
        let found = self.is(accepted);
        self.position += usize::from(found);
        found
    }

    fn accept_run(&mut self, accepted: impl Fn(u8) -> bool) {
        while self.accept(&accepted) {}
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

const fn is_exponent(byte: u8) -> bool {
    matches!(byte, b'e' | b'E')
}

/// What starts at a digit, or at a dot before a digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numeric {
    /// A number up to this byte.
    Number(usize),
    /// A duration up to this byte.
    Duration(usize),
    /// Neither; read up to this byte.
    Bad(usize),
}

/// Scans a number or, where `durations` allows it, a duration that starts at `start`.
pub(crate) fn scan_numeric(input: &str, start: usize, durations: bool, series: bool) -> Numeric {
    let mut cursor = Cursor { bytes: input.as_bytes(), position: start };
    if scan_number(&mut cursor, series) {
        Numeric::Number(cursor.position)
    } else if durations && scan_duration(&mut cursor) {
        Numeric::Duration(cursor.position)
    } else {
        Numeric::Bad(cursor.position)
    }
}

fn scan_number(cursor: &mut Cursor<'_>, series: bool) -> bool {
    let start = cursor.position;
    // In the series notation `x` repeats: `0x3` is no hexadecimal number there.
    let hex = !series && cursor.accept(|b| b == b'0') && cursor.accept(|b| b == b'x' || b == b'X');
    if hex {
        cursor.accept(|b| b == b'_');
    }
    let is_digit = |b: u8| if hex { b.is_ascii_hexdigit() } else { b.is_ascii_digit() };
    cursor.accept(|b| b == b'.');
    cursor.accept(is_digit);
    let (mut dot_seen, mut exponent_seen) = (false, false);
    while cursor.is(|b| is_digit(b) || matches!(b, b'.' | b'_') || is_exponent(b)) {
        if dot_seen && cursor.accept(|b| b == b'.') || exponent_seen && cursor.accept(is_exponent) {
            return false;
        }
        if cursor.accept(|b| b == b'.') {
            dot_seen = true;
            if cursor.accept(|b| matches!(b, b'_' | b'.')) || hex {
                return false;
            }
        } else if cursor.accept(is_exponent) {
            exponent_seen = true;
            cursor.accept(|b| matches!(b, b'+' | b'-'));
            if cursor.accept(|b| matches!(b, b'.' | b'_') || is_exponent(b)) || cursor.peek().is_none() {
                return false;
            }
        } else if cursor.accept(|b| b == b'_') {
            if cursor.accept(|b| matches!(b, b'.' | b'_') || is_exponent(b)) || cursor.peek().is_none() {
                return false;
            }
        } else {
            cursor.accept_run(is_digit);
        }
    }
    cursor.position > start && (series && cursor.is(|b| b == b'x') || !cursor.is(is_word))
}

fn scan_duration(cursor: &mut Cursor<'_>) -> bool {
    if !cursor.accept(|b| b"smhdwy".contains(&b)) {
        return false;
    }
    cursor.accept(|b| b == b's');
    while cursor.accept(|b| b.is_ascii_digit()) {
        cursor.accept_run(|b| b.is_ascii_digit());
        if !cursor.accept(|b| b"smhdw".contains(&b)) {
            return false;
        }
        cursor.accept(|b| b == b's');
    }
    !cursor.is(is_word)
}

/// Why a string ends badly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StringProblem {
    Unterminated,
    UnterminatedRaw,
    Escape(usize),
    Replacement(usize),
}

/// Scans a quoted string that starts at `start` with its quote; the end lies behind the closing quote.
pub(crate) fn scan_string(input: &str, start: usize) -> Result<usize, StringProblem> {
    let bytes = input.as_bytes();
    let quote = bytes.get(start).copied().unwrap_or(b'"');
    let mut at = start + 1;
    loop {
        match bytes.get(at) {
            None if quote == b'`' => return Err(StringProblem::UnterminatedRaw),
            None => return Err(StringProblem::Unterminated),
            Some(b'\n') if quote != b'`' => return Err(StringProblem::Unterminated),
            Some(byte) if *byte == quote => return Ok(at + 1),
            Some(b'\\') if quote != b'`' => {
                at = scan_escape(bytes, at, quote).ok_or(StringProblem::Escape(at))?;
            }
            // U+FFFD, what a decoder puts where the bytes were no UTF-8; Go cannot tell the two apart.
            Some(0xEF) if bytes[at..].starts_with("\u{FFFD}".as_bytes()) => {
                return Err(StringProblem::Replacement(at));
            }
            Some(_) => at += 1,
        }
    }
}

fn scan_escape(bytes: &[u8], at: usize, quote: u8) -> Option<usize> {
    let kind = *bytes.get(at + 1)?;
    let (digits_at, count, base) = match kind {
        b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'\\' => return Some(at + 2),
        _ if kind == quote => return Some(at + 2),
        b'0'..=b'7' => (at + 1, 3, 8),
        b'x' => (at + 2, 2, 16),
        b'u' => (at + 2, 4, 16),
        b'U' => (at + 2, 8, 16),
        _ => return None,
    };
    let mut value = 0u32;
    for byte in bytes.get(digits_at..digits_at + count)? {
        value = value.checked_mul(base)?.checked_add(char::from(*byte).to_digit(base)?)?;
    }
    let valid = match kind {
        b'0'..=b'7' | b'x' => value <= 255,
        _ => char::from_u32(value).is_some(),
    };
    valid.then_some(digits_at + count)
}
