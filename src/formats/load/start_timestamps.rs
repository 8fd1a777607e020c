//! Lines of start timestamps: `requests@st -60s 0-1mx3 _`.
//!
//! Each item is a duration from the sample that stands at the same place in the next line, `_` where nothing is known.

use crate::formats::error::FormatErrorKind;
use crate::formats::series::{MAX_VALUES, SequenceValue, SeriesError, SeriesLine, parse_series};
use crate::model::Span;

/// The series and the values, if a line holds start timestamps.
pub(super) fn split(line: &str) -> Option<(&str, &str)> {
    let (name, values) = line.split_once([' ', '\t'])?;
    Some((name.strip_suffix("@st")?, values))
}

/// Reads what [`split`] found; values are ms.
pub(super) fn parse(name: &str, values: &str) -> Result<SeriesLine, SeriesError> {
    let labels = parse_series(name)?.labels;
    let mut found = Vec::new();
    let behind = name.len() + "@st ".len();
    for item in values.split_whitespace() {
        let offset = behind + (item.as_ptr() as usize).saturating_sub(values.as_ptr() as usize);
        read_item(item, &mut found).map_err(|kind| {
            let at = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
            SeriesError { span: Span { start: at(offset), end: at(offset + item.len()) }, kind }
        })?;
    }
    Ok(SeriesLine { labels, values: found })
}

fn read_item(item: &str, found: &mut Vec<SequenceValue>) -> Result<(), FormatErrorKind> {
    let expected = |what| FormatErrorKind::expected(what, item.as_bytes());
    let times = |text: &str| text.parse::<u64>().map_err(|_| expected("a number of times behind `x`"));
    if item == "_" {
        found.push(SequenceValue::Omitted);
        return Ok(());
    }
    if let Some(text) = item.strip_prefix("_x") {
        let times = bounded(times(text)?, found.len())?;
        found.extend(std::iter::repeat_n(SequenceValue::Omitted, times));
        return Ok(());
    }
    let duration = || expected("a duration such as -1m, or `_`");
    let (mut value, rest) = prefix(item).ok_or_else(duration)?;
    let (increment, rest) = match rest.as_bytes().first() {
        None => {
            found.push(SequenceValue::Float(value as f64));
            return Ok(());
        }
        Some(b'x') => (0, rest),
        Some(sign @ (b'+' | b'-')) => {
            let (size, rest) = prefix(&rest[1..]).ok_or_else(duration)?;
            (if *sign == b'-' { -size } else { size }, rest)
        }
        Some(_) => return Err(duration()),
    };
    let text = rest.strip_prefix('x').ok_or_else(|| expected("`x` and how many times"))?;
    for _ in 0..=bounded(times(text)?, found.len())? {
        found.push(SequenceValue::Float(value as f64));
        value = value.saturating_add(increment);
    }
    Ok(())
}

fn bounded(times: u64, have: usize) -> Result<usize, FormatErrorKind> {
    let limit = FormatErrorKind::LimitExceeded { limit: "max_values", value: MAX_VALUES as u64 };
    usize::try_from(times).ok().filter(|times| *times < MAX_VALUES.saturating_sub(have)).ok_or(limit)
}

/// A signed duration at the beginning of a text, in ms, and what follows it.
fn prefix(text: &str) -> Option<(i64, &str)> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_part = |c: char| c.is_ascii_digit() || "smhdwy".contains(c);
    let end = unsigned.find(|c| !is_part(c)).unwrap_or(unsigned.len());
    let (duration, rest) = unsigned.split_at(end);
    let size = super::duration_ms(duration)?;
    Some((if text.starts_with('-') { -size } else { size }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_durations_with_steps() {
        let (name, values) = split("m{a=\"b\"}@st _ _x2 -30s-1mx2 0 1ms").unwrap();
        let line = parse(name, values).unwrap();
        let floats: Vec<f64> = line
            .values
            .iter()
            .map(|value| if let SequenceValue::Float(ms) = value { *ms } else { f64::NAN })
            .collect();
        assert!(floats[..3].iter().all(|ms| ms.is_nan()));
        assert_eq!(floats[3..], [-30_000.0, -90_000.0, -150_000.0, 0.0, 1.0]);
        for wrong in ["1", "1mx", "1m+x2", "1m+1m", "_x", "1m*2", "1mx99999999999"] {
            assert!(parse("m", wrong).is_err(), "{wrong}");
        }
    }
}
