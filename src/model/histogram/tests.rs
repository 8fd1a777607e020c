//! Tables of histogram operations with Prometheus' answers, in the notation of `load` scripts; and laws that hold for all.

mod laws;
mod tables;

use super::{CounterResetHint, FloatHistogram, HistogramParts};

/// The histogram that a `load` expression describes; panics on what is none, for it is the tests' own text.
pub(crate) fn histogram(text: &str) -> FloatHistogram {
    let inner = text.strip_prefix("{{").and_then(|text| text.strip_suffix("}}")).expect("{{…}}");
    let number = |text: &str| match text {
        "NaN" => f64::NAN,
        "Inf" | "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        _ => text.parse().unwrap_or_else(|_| panic!("{text} is no number")),
    };
    let mut parts = HistogramParts::default();
    let mut rest = inner.trim();
    while let Some((name, after)) = rest.split_once(':') {
        let value;
        (value, rest) = if after.starts_with('[') {
            after.split_once(']').expect("a list ends")
        } else {
            after.split_once(' ').unwrap_or((after, ""))
        };
        rest = rest.trim();
        let list = || value.trim_start_matches('[').split_whitespace().map(number).collect();
        match name {
            "schema" => parts.schema = number(value) as i32,
            "count" => parts.count = number(value),
            "sum" => parts.sum = number(value),
            "z_bucket" => parts.z_bucket = number(value),
            "z_bucket_w" => parts.z_bucket_w = number(value),
            "offset" => parts.offset = number(value) as i32,
            "n_offset" => parts.n_offset = number(value) as i32,
            "buckets" => parts.buckets = list(),
            "n_buckets" => parts.n_buckets = list(),
            "custom_values" => parts.custom_values = list(),
            "counter_reset_hint" => {
                parts.counter_reset_hint = match value {
                    "gauge" => CounterResetHint::Gauge,
                    "reset" => CounterResetHint::Reset,
                    "not_reset" => CounterResetHint::NotReset,
                    _ => CounterResetHint::Unknown,
                };
            }
            _ => panic!("{name} is no part of a histogram"),
        }
    }
    FloatHistogram::from_parts(parts)
}
