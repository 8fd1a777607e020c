//! Histograms as text: for people ([`Display`](fmt::Display)), as `load` expressions, and as the HTTP API's buckets.

use std::fmt;

use super::spans::Indexed;
use super::{Bucket, CounterResetHint, FloatHistogram, HistogramError, HistogramRef};
use crate::model::number::push_float;

/// `{count:4, sum:5, [-0.001,0.001]:1, (0.5,1]:3}`: populated buckets, ascending.
impl fmt::Display for HistogramRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::from("{count:");
        push_float(&mut text, self.count);
        text.push_str(", sum:");
        push_float(&mut text, self.sum);
        let populated = |bucket: &Bucket| bucket.count != 0.0;
        // Unlike in `buckets`, the bounds are not cut off at the zero bucket.
        let zero = (self.zero_count != 0.0).then(|| self.zero_bucket());
        let buckets = self.negative_reversed().filter(populated).chain(zero);
        for bucket in buckets.chain(self.positive().filter(populated)) {
            text.push_str(if bucket.lower_inclusive { ", [" } else { ", (" });
            push_float(&mut text, bucket.lower);
            text.push(',');
            push_float(&mut text, bucket.upper);
            text.push_str(if bucket.upper_inclusive { "]:" } else { "):" });
            push_float(&mut text, bucket.count);
        }
        text.push('}');
        f.write_str(&text)
    }
}

impl fmt::Display for FloatHistogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().fmt(f)
    }
}

impl<'a> HistogramRef<'a> {
    /// The histogram in the notation of `load` scripts: `{{schema:1 count:3 sum:4 offset:-1 buckets:[1 2]}}`. That
    /// lists buckets without gaps; what lies too far apart for a list is [`HistogramError::TooSparse`].
    pub fn to_load_expression(&self) -> Result<String, HistogramError> {
        let mut histogram = FloatHistogram::from(*self);
        histogram.compact(usize::MAX);
        histogram.write_load_expression()
    }

    /// The populated buckets as the HTTP API gives them: rule of inclusiveness, lower and upper bound, count.
    pub fn api_buckets(self) -> impl Iterator<Item = (u8, f64, f64, f64)> + use<'a> {
        let populated = self.buckets().filter(|bucket| bucket.count != 0.0);
        populated.map(|bucket| (bucket.boundary_rule(), bucket.lower, bucket.upper, bucket.count))
    }
}

impl FloatHistogram {
    /// The notation of a compacted histogram.
    fn write_load_expression(&self) -> Result<String, HistogramError> {
        if self.positive_spans.len() > 1 || self.negative_spans.len() > 1 {
            return Err(HistogramError::TooSparse);
        }
        let mut fields: Vec<String> = Vec::new();
        if self.schema != 0 {
            fields.push(format!("schema:{}", self.schema));
        }
        let numbers = [
            ("count:", self.count),
            ("sum:", self.sum),
            ("z_bucket:", self.zero_count),
            ("z_bucket_w:", self.zero_threshold),
        ];
        for (name, value) in numbers {
            if value != 0.0 {
                let mut field = String::from(name);
                push_float(&mut field, value);
                fields.push(field);
            }
        }
        if self.uses_custom_buckets() {
            fields.push(list("custom_values", &self.custom_bounds));
        }
        match self.counter_reset_hint {
            CounterResetHint::Unknown => {}
            CounterResetHint::Reset => fields.push("counter_reset_hint:reset".into()),
            CounterResetHint::NotReset => fields.push("counter_reset_hint:not_reset".into()),
            CounterResetHint::Gauge => fields.push("counter_reset_hint:gauge".into()),
        }
        let sides = [
            ("offset", "buckets", &self.positive_spans, &self.positive_buckets),
            ("n_offset", "n_buckets", &self.negative_spans, &self.negative_buckets),
        ];
        for (offset_name, name, spans, buckets) in sides {
            if let Some((first, _)) = Indexed::new(spans, buckets).next() {
                if first != 0 {
                    fields.push(format!("{offset_name}:{first}"));
                }
                fields.push(list(name, buckets));
            }
        }
        Ok(format!("{{{{{}}}}}", fields.join(" ")))
    }
}

/// `name:[1 2.5 3]`.
fn list(name: &str, values: &[f64]) -> String {
    let mut text = format!("{name}:[");
    for (position, value) in values.iter().enumerate() {
        if position > 0 {
            text.push(' ');
        }
        push_float(&mut text, *value);
    }
    text.push(']');
    text
}
