//! Times and durations as people type them, and times as people read them.

use std::{
    fmt,
    str::FromStr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta, Utc};

/// What an offset of a [`TimeArgument`] counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// The epoch: the time is absolute.
    Epoch,
    /// The clock.
    Now,
    /// The newest sample of the sources.
    Newest,
}

/// A time on the command line: absolute, or relative to the clock or to the newest sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimeArgument {
    /// What the offset counts from.
    pub(crate) anchor: Anchor,
    /// The offset, in ms.
    pub(crate) offset_ms: i64,
}

impl TimeArgument {
    /// The newest sample's time.
    pub(crate) const NEWEST: Self = Self { anchor: Anchor::Newest, offset_ms: 0 };

    /// The time in ms; without samples the newest one counts as now.
    pub(crate) fn resolve(self, newest_ms: Option<i64>) -> i64 {
        let base = match self.anchor {
            Anchor::Epoch => 0,
            Anchor::Now => now_ms(),
            Anchor::Newest => newest_ms.unwrap_or_else(now_ms),
        };
        base.saturating_add(self.offset_ms)
    }
}

/// Why a time or a duration was refused, as the user reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TimeError(String);

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TimeError {}

impl FromStr for TimeArgument {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let text = text.trim();
        let relative = |anchor, rest: &str| {
            let rest = rest.trim();
            let (sign, duration) = match (rest.strip_prefix('-'), rest.strip_prefix('+')) {
                _ if rest.is_empty() => return Ok(Self { anchor, offset_ms: 0 }),
                (Some(duration), _) => (-1, duration),
                (_, Some(duration)) => (1, duration),
                _ => return Err(unknown_time(text)),
            };
            let DurationArgument(ms) = duration.trim().parse()?;
            Ok(Self { anchor, offset_ms: sign * ms })
        };
        if let Some(rest) = text.strip_prefix("now") {
            return relative(Anchor::Now, rest);
        }
        if let Some(rest) = text.strip_prefix("newest") {
            return relative(Anchor::Newest, rest);
        }
        let offset_ms = seconds(text).or_else(|| calendar(text)).ok_or_else(|| unknown_time(text))?;
        Ok(Self { anchor: Anchor::Epoch, offset_ms })
    }
}

fn unknown_time(text: &str) -> TimeError {
    TimeError(format!(
        "`{text}` is no time; expected RFC 3339 (2026-11-25T09:00:00Z), Unix seconds, now, newest, or one of those two with an offset (newest-5m)"
    ))
}

/// Unix seconds, with a fraction where wanted.
fn seconds(text: &str) -> Option<i64> {
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E');
    if !text.chars().all(plain) {
        return None;
    }
    let ms = (text.parse::<f64>().ok()? * 1000.0).round();
    // Beyond 2^53 ms a float no longer tells neighbouring milliseconds apart.
    (ms.abs() < 9.0e15).then_some(ms as i64)
}

/// RFC 3339, or a date with or without a time of day, which are then UTC.
pub(crate) fn calendar(text: &str) -> Option<i64> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp_millis());
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
            return Some(time.and_utc().timestamp_millis());
        }
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis())
}

/// A positive duration in ms: PromQL's notation (`1h30m`), or seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DurationArgument(pub(crate) i64);

impl DurationArgument {
    /// As long as one waits for something: a year at most, so that it can be added to any time of the clock.
    pub(crate) fn wait(self) -> Duration {
        Duration::from_millis(self.0.clamp(1, UNITS[0].1).unsigned_abs())
    }
}

/// The units of a duration, from the largest, in ms; each may stand once, in this order.
const UNITS: [(&str, i64); 7] = [
    ("y", 365 * 86_400_000),
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

impl FromStr for DurationArgument {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let text = text.trim();
        match seconds(text).or_else(|| units(text)) {
            Some(ms) if ms > 0 => Ok(Self(ms)),
            _ => Err(TimeError(format!(
                "`{text}` is no positive duration; expected one such as 30s, 5m, 1h30m, or seconds"
            ))),
        }
    }
}

fn units(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut total = 0i64;
    let mut next_unit = 0;
    while !rest.is_empty() {
        let (digits, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let (name, after) = after.split_at(after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len()));
        let unit = next_unit + UNITS[next_unit..].iter().position(|(unit, _)| *unit == name)?;
        total = total.checked_add(digits.parse::<i64>().ok()?.checked_mul(UNITS[unit].1)?)?;
        next_unit = unit + 1;
        rest = after;
    }
    // Half the range leaves room for an offset to be added to any time.
    (total < i64::MAX / 4).then_some(total)
}

/// The clock, in ms.
pub(crate) fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

fn utc(ms: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(ms)
}

/// RFC 3339 in UTC, with milliseconds only where there are some.
pub(crate) fn rfc3339(ms: i64) -> String {
    let format = if ms % 1000 == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis };
    match utc(ms) {
        Some(time) => time.to_rfc3339_opts(format, true),
        None => format!("{ms} ms"),
    }
}

/// The time of day, for the prompt and for points whose day is clear: `09:00:00Z`.
pub(crate) fn time_of_day(ms: i64) -> String {
    let format = if ms % 1000 == 0 { "%H:%M:%SZ" } else { "%H:%M:%S%.3fZ" };
    utc(ms).map_or_else(|| format!("{ms} ms"), |time| time.format(format).to_string())
}

/// The day, for the marks of an axis: `Nov 25`.
pub(crate) fn day(ms: i64) -> String {
    utc(ms).map_or_else(|| format!("{ms} ms"), |time| time.format("%b %d").to_string())
}

/// Whether both times lie on one day, in UTC.
pub(crate) fn same_day(first_ms: i64, last_ms: i64) -> bool {
    const DAY: i64 = 86_400_000;
    first_ms.div_euclid(DAY) == last_ms.div_euclid(DAY)
}

/// From first to last: `2026-11-25 09:00:00Z–10:00:00Z`, with both days where they differ.
pub(crate) fn span(first_ms: i64, last_ms: i64) -> String {
    let day = |ms: i64| utc(ms).map_or_else(String::new, |time| time.format("%Y-%m-%d ").to_string());
    let (first, last) = (time_of_day(first_ms), time_of_day(last_ms));
    if same_day(first_ms, last_ms) {
        format!("{}{first}–{last}", day(first_ms))
    } else {
        format!("{}{first} – {}{last}", day(first_ms), day(last_ms))
    }
}

/// A span of ms as a duration: `1h30m`.
pub(crate) fn duration(ms: i64) -> String {
    let mut rest = TimeDelta::milliseconds(ms).num_milliseconds().max(0);
    if rest == 0 {
        return "0s".to_owned();
    }
    let mut text = String::new();
    // Years and weeks are left out: `10d` says more than `1w3d`.
    for (name, size) in UNITS.iter().skip(2) {
        if rest >= *size {
            text.push_str(&format!("{}{name}", rest / size));
            rest %= size;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> (Anchor, i64) {
        let time: TimeArgument = text.parse().expect(text);
        (time.anchor, time.offset_ms)
    }

    #[test]
    fn times_in_every_notation() {
        assert_eq!(time("1764061200"), (Anchor::Epoch, 1_764_061_200_000));
        assert_eq!(time("1764061200.25"), (Anchor::Epoch, 1_764_061_200_250));
        assert_eq!(time("2025-11-25T09:00:00Z"), (Anchor::Epoch, 1_764_061_200_000));
        assert_eq!(time("2025-11-25T10:00:00+01:00"), (Anchor::Epoch, 1_764_061_200_000));
        assert_eq!(time("2025-11-25 09:00"), (Anchor::Epoch, 1_764_061_200_000));
        assert_eq!(time("2025-11-25"), (Anchor::Epoch, 1_764_028_800_000));
        assert_eq!(time("now"), (Anchor::Now, 0));
        assert_eq!(time("now-1h"), (Anchor::Now, -3_600_000));
        assert_eq!(time("newest - 1h30m"), (Anchor::Newest, -5_400_000));
        assert_eq!(time("newest+10"), (Anchor::Newest, 10_000));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "yesterday", "nowish", "now-", "newest-5", "1e99", "nan", "2025-13-01", "now-1m1h"] {
            let parsed = text.parse::<TimeArgument>();
            assert_eq!(parsed.is_ok(), text == "newest-5", "{text}: {parsed:?}");
        }
    }

    #[test]
    fn durations() {
        let ms = |text: &str| text.parse::<DurationArgument>().map(|d| d.0).ok();
        assert_eq!(ms("15s"), Some(15_000));
        assert_eq!(ms("1h30m"), Some(5_400_000));
        assert_eq!(ms("1m500ms"), Some(60_500));
        assert_eq!(ms("0.5"), Some(500));
        for refused in ["", "0", "0s", "-1m", "1", "1x", "m", "1m1m", "99999999999y"] {
            assert_eq!(ms(refused).is_some(), refused == "1", "{refused}");
        }
        assert_eq!(duration(5_400_000), "1h30m");
        assert_eq!(duration(0), "0s");
    }

    #[test]
    fn times_as_text() {
        assert_eq!(rfc3339(1_764_061_200_000), "2025-11-25T09:00:00Z");
        assert_eq!(rfc3339(1_764_061_200_250), "2025-11-25T09:00:00.250Z");
        assert_eq!(rfc3339(i64::MAX), format!("{} ms", i64::MAX));
        assert_eq!(span(0, 3_600_000), "1970-01-01 00:00:00Z–01:00:00Z");
        assert_eq!(span(0, 86_400_000), "1970-01-01 00:00:00Z – 1970-01-02 00:00:00Z");
    }

    #[test]
    fn the_newest_sample_stands_in_for_now() {
        assert_eq!(TimeArgument::NEWEST.resolve(Some(5)), 5);
        assert!(TimeArgument::NEWEST.resolve(None) > 1_700_000_000_000);
    }
}
