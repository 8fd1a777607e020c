//! Numbers as text, by Go's rules: how Prometheus writes a float in each place, and what it reads.
//!
//! Digits are the shortest that read back to the same float, in Go as in Rust; only the choice
//! between plain and exponent notation and the spelling of the special values differ.
//!
//! | writer | where | exponent notation |
//! |---|---|---|
//! | [`push_sample_value`] | canonical queries, `count_values`, printed samples | never |
//! | [`push_api_value`] | values in the HTTP API's JSON | below 1e-6 and from 1e21 |
//! | [`push_float`] | Go's `%v` and `%g`: histograms, messages | below 1e-4 and from 1e6 |
//! | [`push_openmetrics_float`] | values of `le` and `quantile` | as `push_float`; `1` is `1.0` |

mod parse;

pub use parse::{NumberError, parse_float, parse_integer, parse_number};

use std::fmt::Write;

/// Appends a float without an exponent: `10000000000`, `0.0000001`, `+Inf`, `-Inf`, `NaN`.
pub fn push_sample_value(out: &mut String, value: f64) {
    if !push_special(out, value) {
        // Writing to a string cannot fail.
        let _ = write!(out, "{value}");
    }
}

/// Appends a float as the HTTP API does: plain, with an exponent for the very small and the very large.
pub fn push_api_value(out: &mut String, value: f64) {
    let magnitude = value.abs();
    if magnitude != 0.0 && magnitude.is_finite() && !(1e-6..1e21).contains(&magnitude) {
        push_exponent(out, value);
    } else {
        push_sample_value(out, value);
    }
}

/// Appends a float as Go's `%v` and `%g` do: `0.1`, `1e-05`, `1e+06`, `1.234567e+06`, `+Inf`.
pub fn push_float(out: &mut String, value: f64) {
    let magnitude = value.abs();
    if magnitude != 0.0 && magnitude.is_finite() && !(1e-4..1e6).contains(&magnitude) {
        push_exponent(out, value);
    } else {
        push_sample_value(out, value);
    }
}

/// Appends a float as OpenMetrics wants the values of `le` and `quantile`: never a bare integer, and zero without a sign.
pub fn push_openmetrics_float(out: &mut String, value: f64) {
    let start = out.len();
    // Adding 0 makes 0 of −0.
    push_float(out, value + 0.0);
    if value.is_finite() && !out[start..].contains(['.', 'e']) {
        out.push_str(".0");
    }
}

/// [`push_sample_value`] as a string of its own.
pub fn format_sample_value(value: f64) -> String {
    let mut out = String::new();
    push_sample_value(&mut out, value);
    out
}

/// [`push_api_value`] as a string of its own.
pub fn format_api_value(value: f64) -> String {
    let mut out = String::new();
    push_api_value(&mut out, value);
    out
}

/// [`push_float`] as a string of its own.
pub fn format_float(value: f64) -> String {
    let mut out = String::new();
    push_float(&mut out, value);
    out
}

/// Appends the spelling of a value that has no digits; says whether it was one.
fn push_special(out: &mut String, value: f64) -> bool {
    let text = if value.is_nan() {
        "NaN"
    } else if value == f64::INFINITY {
        "+Inf"
    } else if value == f64::NEG_INFINITY {
        "-Inf"
    } else {
        return false;
    };
    out.push_str(text);
    true
}

/// Appends a finite float in exponent notation; Go's exponents have a sign and two digits at least.
fn push_exponent(out: &mut String, value: f64) {
    let start = out.len();
    // Writing to a string cannot fail.
    let _ = write!(out, "{value:e}");
    let Some(at) = out[start..].find('e').map(|offset| start + offset) else { return };
    let exponent: i32 = out[at + 1..].parse().unwrap_or_default();
    out.truncate(at);
    let sign = if exponent < 0 { '-' } else { '+' };
    let _ = write!(out, "e{sign}{:02}", exponent.unsigned_abs());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_notation_for_samples() {
        for (value, text) in [
            (1e10, "10000000000"),
            (0.1, "0.1"),
            (1e-7, "0.0000001"),
            (-0.0, "-0"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (crate::model::STALE_NAN, "NaN"),
            (1e21, "1000000000000000000000"),
        ] {
            assert_eq!(format_sample_value(value), text);
        }
    }

    #[test]
    fn the_api_switches_to_exponents_at_its_own_borders() {
        for (value, text) in [
            (1e-6, "0.000001"),
            (9.5e-7, "9.5e-07"),
            (-1e-7, "-1e-07"),
            (1e21, "1e+21"),
            (9e20, "900000000000000000000"),
            (0.0, "0"),
            (1.5e300, "1.5e+300"),
        ] {
            assert_eq!(format_api_value(value), text);
        }
    }

    #[test]
    fn general_notation_is_gos() {
        for (value, text) in [
            (999_999.0, "999999"),
            (1e6, "1e+06"),
            (1_234_567.0, "1.234567e+06"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (123_456.789, "123456.789"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(format_float(value), text);
        }
    }

    #[test]
    fn openmetrics_floats_are_never_bare_integers() {
        for (value, text) in
            [(1.0, "1.0"), (0.0, "0.0"), (0.25, "0.25"), (1e9, "1e+09"), (f64::INFINITY, "+Inf")]
        {
            let mut out = String::from("le=");
            push_openmetrics_float(&mut out, value);
            assert_eq!(out, format!("le={text}"));
        }
    }
}
