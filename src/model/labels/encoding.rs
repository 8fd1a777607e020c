//! The bytes behind [`Labels`](super::Labels): name, value, name, value …, each text behind its length.
//!
//! A length is one byte below 0x7f, or 0x7f and five bytes of seven bits each, so that the whole stays UTF-8. Equal sets
//! have equal bytes and the reverse, so equality and hashing run over the bytes without looking at the texts.

use std::cmp::Ordering;

const LONG: u8 = 0x7f;

/// Appends one text behind its length.
pub(super) fn push_text(out: &mut String, text: &str) {
    let length = text.len();
    if length < LONG as usize {
        out.push(char::from(length as u8));
    } else {
        out.push(char::from(LONG));
        for shift in [28, 21, 14, 7, 0] {
            out.push(char::from(((length >> shift) & 0x7f) as u8));
        }
    }
    out.push_str(text);
}

/// How many bytes a text takes, its length included.
#[inline]
pub(super) const fn encoded_length(text: &str) -> usize {
    text.len() + if text.len() < LONG as usize { 1 } else { 6 }
}

/// Where the first text stands in `data`, without its length.
#[inline]
pub(super) fn text_bounds(data: &[u8]) -> (usize, usize) {
    match data {
        [LONG, a, b, c, d, e, ..] => {
            let length = [a, b, c, d, e].iter().fold(0usize, |n, byte| (n << 7) | **byte as usize);
            (6, 6 + length)
        }
        [length, ..] => (1, 1 + *length as usize),
        [] => (0, 0),
    }
}

/// The first text and what follows it.
#[inline]
pub(super) fn take_text(data: &str) -> (&str, &str) {
    let (start, end) = text_bounds(data.as_bytes());
    (&data[start..end], &data[end..])
}

/// The first pair's length in bytes, its name and its value.
#[inline]
pub(super) fn take_pair(data: &str) -> (usize, &str, &str) {
    let (name, rest) = take_text(data);
    let (value, after) = take_text(rest);
    (data.len() - after.len(), name, value)
}

/// The order of two names. They mostly differ in their first bytes, so a loop beats a call of `memcmp` by far.
#[inline]
pub(super) fn compare_names(a: &[u8], b: &[u8]) -> Ordering {
    for (left, right) in a.iter().zip(b) {
        if left != right {
            return left.cmp(right);
        }
    }
    a.len().cmp(&b.len())
}

/// The pairs of encoded labels.
#[derive(Debug, Clone)]
pub(super) struct Pairs<'a>(pub(super) &'a str);

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a str, &'a str);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let (length, name, value) = take_pair(self.0);
        self.0 = &self.0[length..];
        Some((name, value))
    }
}

/// Whether bytes are such as [`push_text`] writes for sorted labels; what comes from outside is asked this first.
pub(super) fn is_valid(data: &str) -> bool {
    let mut rest = data;
    let mut last = None;
    while !rest.is_empty() {
        let mut pair = [""; 2];
        for text in &mut pair {
            let (start, end) = text_bounds(rest.as_bytes());
            let short_form_fits = start == 6 && end - start < LONG as usize;
            let (Some(taken), Some(after)) = (rest.get(start..end), rest.get(end..)) else {
                return false;
            };
            if short_form_fits || rest.is_empty() || (start == 1 && rest.as_bytes().first() == Some(&LONG)) {
                return false;
            }
            *text = taken;
            rest = after;
        }
        let [name, value] = pair;
        if value.is_empty() || last.is_some_and(|last| last >= name) {
            return false;
        }
        last = Some(name);
    }
    true
}

/// The order of label sets: by the first name or value that differs, else the one with fewer labels first.
pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    let differs = first_difference(left, right);
    if differs == left.len() || differs == right.len() {
        return left.len().cmp(&right.len());
    }
    // Up to there both have the same texts: skip them on one side.
    let mut at = 0;
    loop {
        let (start, end) = text_bounds(&left[at..]);
        if differs < at + start {
            // The lengths differ, so the texts may differ anywhere.
            let (right_start, right_end) = text_bounds(&right[at..]);
            return compare_names(&left[at + start..at + end], &right[at + right_start..at + right_end]);
        }
        if differs < at + end {
            return left[differs].cmp(&right[differs]);
        }
        at += end;
    }
}

/// The first place where two runs of bytes differ, or the length of the shorter one.
pub(super) fn first_difference(a: &[u8], b: &[u8]) -> usize {
    let mut at = 0;
    for (x, y) in a.as_chunks().0.iter().zip(b.as_chunks().0) {
        let different = u64::from_le_bytes(*x) ^ u64::from_le_bytes(*y);
        if different != 0 {
            return at + different.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    at + a[at..].iter().zip(&b[at..]).take_while(|(x, y)| x == y).count()
}
