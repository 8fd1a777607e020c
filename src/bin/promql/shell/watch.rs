//! `.watch`: a query again and again, until Ctrl-C.

use std::{
    thread,
    time::{Duration, Instant},
};

use promql_engine::exec::CancellationToken;

use crate::times::DurationArgument;

/// How often, how many times, and what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Watching<'a> {
    /// From one answer to the next.
    pub(crate) every: Duration,
    /// After how many it ends by itself.
    pub(crate) times: Option<u64>,
    /// The query; empty where none is given.
    pub(crate) query: &'a str,
}

impl<'a> Watching<'a> {
    /// Reads `[EVERY] [--times N] [EXPR]`. A first word is EVERY where it is a duration with its unit and something follows.
    pub(crate) fn parse(arguments: &'a str) -> Option<Self> {
        let mut watching = Self { every: Duration::from_secs(2), times: None, query: arguments.trim() };
        let (word, rest) = split(watching.query);
        let has_unit = word.ends_with(|c: char| c.is_ascii_alphabetic());
        if let (true, false, Ok(every)) = (has_unit, rest.is_empty(), word.parse::<DurationArgument>()) {
            watching.every = every.wait();
            watching.query = rest;
        }
        if let Some(rest) = watching.query.strip_prefix("--times ") {
            let (times, rest) = split(rest.trim_start());
            watching.times = Some(times.parse().ok()?);
            watching.query = rest;
        }
        Some(watching)
    }
}

fn split(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
    (word, rest.trim_start())
}

/// Waits until then; `false` where Ctrl-C came before.
pub(crate) fn wait_until(end: Instant, token: &CancellationToken) -> bool {
    const LOOK: Duration = Duration::from_millis(20);
    while !token.is_cancelled() {
        let rest = end.saturating_duration_since(Instant::now());
        if rest.is_zero() {
            return true;
        }
        thread::sleep(rest.min(LOOK));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments() {
        let parsed = |text| Watching::parse(text).map(|w| (w.every.as_millis(), w.times, w.query));
        assert_eq!(parsed("up + 1"), Some((2000, None, "up + 1")));
        assert_eq!(parsed("500ms up"), Some((500, None, "up")));
        assert_eq!(parsed("1m30s --times 3 sum(up)"), Some((90_000, Some(3), "sum(up)")));
        assert_eq!(parsed("--times 3 up"), Some((2000, Some(3), "up")));
        assert_eq!(parsed("5m"), Some((2000, None, "5m")));
        assert_eq!(parsed("5 + up"), Some((2000, None, "5 + up")));
        assert_eq!(parsed("--times x up"), None);
        assert_eq!(parsed("1000000y up"), Some((365 * 86_400_000, None, "up")));
    }
}
