//! Numbers for people.

use crate::model::number::push_float;

/// Go's `%.4g`.
pub(super) fn general(value: f64, precision: usize) -> String {
    if !value.is_finite() {
        let mut out = String::new();
        push_float(&mut out, value);
        return out;
    }
    let precision = precision.max(1);
    let scientific = format!("{value:.*e}", precision - 1);
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if exponent < -4 || exponent >= precision as i32 {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trim(digits), exponent.abs());
    }
    trim(&format!("{value:.*}", usize::try_from(precision as i32 - 1 - exponent).unwrap_or(0)))
}

/// With a prefix of the thousands: `1.234k`, `12m`.
pub(super) fn humanize(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return general(value, 4);
    }
    let (scaled, prefix) = match value.abs() >= 1.0 {
        true => scaled_down(value, 1000.0, &["k", "M", "G", "T", "P", "E", "Z", "Y"]),
        false => scaled_up(value),
    };
    format!("{}{prefix}", general(scaled, 4))
}

/// With a prefix of the powers of 1024: `1.5Ki` is `1.5ki` here, as in Prometheus.
pub(super) fn humanize_1024(value: f64) -> String {
    if value.abs() <= 1.0 || !value.is_finite() {
        return general(value, 4);
    }
    let (scaled, prefix) = scaled_down(value, 1024.0, &["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"]);
    format!("{}{prefix}", general(scaled, 4))
}

/// Seconds as days, hours, minutes and seconds.
pub(super) fn humanize_duration(value: f64) -> String {
    if !value.is_finite() {
        return general(value, 4);
    }
    if value == 0.0 {
        return format!("{}s", general(value, 4));
    }
    if value.abs() < 1.0 {
        let (scaled, prefix) = scaled_up(value);
        return format!("{}{prefix}s", general(scaled, 4));
    }
    let (sign, magnitude) = if value < 0.0 { ("-", -value) } else { ("", value) };
    // What is too large for 64 bits is cut to them.
    let whole = magnitude as i64;
    let (seconds, minutes, hours, days) = (whole % 60, whole / 60 % 60, whole / 3600 % 24, whole / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{sign}{}s", general(magnitude, 4)),
        (0, 0, _) => format!("{sign}{minutes}m {seconds}s"),
        (0, ..) => format!("{sign}{hours}h {minutes}m {seconds}s"),
        _ => format!("{sign}{days}d {hours}h {minutes}m {seconds}s"),
    }
}

fn scaled_down(mut value: f64, factor: f64, prefixes: &[&'static str]) -> (f64, &'static str) {
    let mut prefix = "";
    for next in prefixes {
        if value.abs() < factor {
            break;
        }
        prefix = next;
        value /= factor;
    }
    (value, prefix)
}

fn scaled_up(mut value: f64) -> (f64, &'static str) {
    let mut prefix = "";
    for next in ["m", "u", "n", "p", "f", "a", "z", "y"] {
        if value.abs() >= 1.0 {
            break;
        }
        prefix = next;
        value *= 1000.0;
    }
    (value, prefix)
}
