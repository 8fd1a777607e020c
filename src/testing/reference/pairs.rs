//! Functions of neighbours in a window, be they floats or histograms: irate, idelta, resets, changes.

use super::histogram::difference;
use super::rates::{Extension, restarted};
use super::value::{Stored, Value};

/// A window's samples of both kinds in the order of their times.
#[derive(Debug, Clone, Copy)]
pub(super) struct Neighbours<'a> {
    pub(super) samples: &'a [Stored],
    pub(super) start_ms: i64,
    pub(super) extension: Extension,
}

/// Whether start times tell of a new start between two samples.
fn started_anew(before: &Stored, now: &Stored) -> bool {
    restarted((before.start_ms, before.time_ms), (now.start_ms, now.time_ms))
}

/// `irate` and `idelta`: the last two samples.
pub(super) fn instant_change(window: Neighbours<'_>, is_counter: bool) -> Option<Value> {
    let [.., before, now] = window.samples else { return None };
    let seconds = (now.time_ms - before.time_ms) as f64 / 1000.0;
    let anew = is_counter && is_reset(before, now);
    match (&before.value, &now.value) {
        (Value::Float(from), Value::Float(to)) => {
            let change = if anew { *to } else { to - from };
            Some(Value::Float(if is_counter { change / seconds } else { change }))
        }
        (Value::Histogram(from), Value::Histogram(to)) => {
            let change = if anew { to.as_ref().clone() } else { difference(to, from).ok()?.0 };
            let change = change.into_gauge().compact();
            Some(if is_counter { change.over(seconds) } else { change }.into())
        }
        _ => None,
    }
}

/// How often neighbours differ in a certain way. An anchored window begins at the newest sample before the range.
fn count(window: Neighbours<'_>, differ: impl Fn(&Stored, &Stored) -> bool) -> Option<f64> {
    let mut samples = window.samples;
    if window.extension == Extension::Anchored {
        let before = samples.iter().take_while(|sample| sample.time_ms <= window.start_ms).count();
        if before == samples.len() {
            return None;
        }
        samples = &samples[before.saturating_sub(1)..];
    }
    let pairs = samples.windows(2).filter(|pair| differ(&pair[0], &pair[1]));
    (!samples.is_empty()).then(|| pairs.count() as f64)
}

pub(super) fn resets(window: Neighbours<'_>) -> Option<f64> {
    count(window, is_reset)
}

fn is_reset(before: &Stored, now: &Stored) -> bool {
    match (&before.value, &now.value) {
        (Value::Float(from), Value::Float(to)) => to < from || started_anew(before, now),
        (Value::Histogram(from), Value::Histogram(to)) => {
            started_anew(before, now) || to.is_reset_after(from)
        }
        _ => true,
    }
}

pub(super) fn changes(window: Neighbours<'_>) -> Option<f64> {
    count(window, |before, now| match (&before.value, &now.value) {
        (Value::Float(from), Value::Float(to)) => to != from && !(to.is_nan() && from.is_nan()),
        (Value::Histogram(from), Value::Histogram(to)) => !to.same_as(from),
        _ => true,
    })
}
