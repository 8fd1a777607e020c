//! Writes a data set as the `load` commands that make it.

use std::fmt::Write as _;

use crate::model::histogram::{CounterResetHint, FloatHistogram};
use crate::model::quote::Quoted;
use crate::model::{Labels, METRIC_NAME, is_stale};

use super::data_set::{Block, DataSet, Item, SeriesData};

impl DataSet {
    /// The data set in the `load` notation, a command a block.
    pub fn to_load(&self) -> String {
        let mut out = String::new();
        for block in &self.blocks {
            // An empty line ends the command before.
            out.push_str(if out.is_empty() { "" } else { "\n" });
            block.write(&mut out);
        }
        out
    }
}

impl Block {
    fn write(&self, out: &mut String) {
        let _ = writeln!(out, "load {}", milliseconds(self.interval_ms));
        for series in &self.series {
            series.write(out);
        }
    }
}

impl SeriesData {
    fn write(&self, out: &mut String) {
        let name = series_name(&self.labels);
        if self.starts.iter().any(Option::is_some) {
            let _ = write!(out, "  {name}@st");
            for index in 0..self.items.len() {
                let start = self.starts.get(index).copied().flatten();
                let _ = write!(out, " {}", start.map_or_else(|| "_".to_owned(), |ms| format!("{ms}ms")));
            }
            out.push('\n');
        }
        let _ = write!(out, "  {name}");
        let mut rest = self.items.as_slice();
        while let Some(item) = rest.first() {
            // A NaN is no other's equal, and still one item.
            let same = 1 + rest[1..].iter().take_while(|other| *other == item).count();
            let text = item_text(item);
            // `_x3` is three items, `1x3` is four.
            let _ = match (item, same) {
                (Item::Omitted, 3..) => write!(out, " _x{same}"),
                // `0x3` would read as hexadecimal, `Infx3` as a name.
                (Item::Float(value), 3..) if *value == 0.0 || !value.is_finite() => {
                    (0..same).try_for_each(|_| write!(out, " {text}"))
                }
                (_, 3..) => write!(out, " {text}x{}", same - 1),
                _ => (0..same).try_for_each(|_| write!(out, " {text}")),
            };
            rest = &rest[same..];
        }
        out.push('\n');
    }
}

/// The series as a selector, without a space, so that `@st` may follow.
fn series_name(labels: &Labels) -> String {
    let mut out = labels.get(METRIC_NAME).unwrap_or_default().to_owned();
    let mut separator = '{';
    for (name, value) in labels.iter().filter(|(name, _)| *name != METRIC_NAME) {
        out.push(separator);
        out.push_str(name);
        let _ = write!(out, "={}", Quoted(value));
        separator = ',';
    }
    if separator == ',' {
        out.push('}');
    }
    out
}

/// A length of time in the fewest digits.
fn milliseconds(ms: i64) -> String {
    if ms != 0 && ms % 1000 == 0 { format!("{}s", ms / 1000) } else { format!("{ms}ms") }
}

fn item_text(item: &Item) -> String {
    match item {
        Item::Omitted => "_".to_owned(),
        Item::Float(value) if is_stale(*value) => "stale".to_owned(),
        Item::Float(value) => number(*value),
        Item::Histogram(histogram) => histogram_text(histogram),
    }
}

/// A number that reads back as the same number.
fn number(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "Inf" } else { "-Inf" }.to_owned()
    } else if value != 0.0 && !(1e-5..1e15).contains(&value.abs()) {
        format!("{value:e}")
    } else {
        format!("{value}")
    }
}

/// A histogram as the notation writes it: one run of buckets a side, gaps filled with empty ones.
pub fn histogram_text(histogram: &FloatHistogram) -> String {
    let mut histogram = histogram.clone();
    if histogram.positive_spans.len() > 1 || histogram.negative_spans.len() > 1 {
        histogram.compact(usize::MAX);
    }
    let mut fields = vec![format!("schema:{}", histogram.schema)];
    let mut field = |name: &str, value: f64| {
        if value != 0.0 {
            fields.push(format!("{name}:{}", number(value)));
        }
    };
    field("count", histogram.count);
    field("sum", histogram.sum);
    field("z_bucket", histogram.zero_count);
    field("z_bucket_w", histogram.zero_threshold);
    let list = |values: &[f64]| values.iter().map(|value| number(*value)).collect::<Vec<_>>().join(" ");
    if histogram.uses_custom_buckets() {
        fields.push(format!("custom_values:[{}]", list(&histogram.custom_bounds)));
    }
    match histogram.counter_reset_hint {
        CounterResetHint::Unknown => {}
        CounterResetHint::Reset => fields.push("counter_reset_hint:reset".to_owned()),
        CounterResetHint::NotReset => fields.push("counter_reset_hint:not_reset".to_owned()),
        CounterResetHint::Gauge => fields.push("counter_reset_hint:gauge".to_owned()),
    }
    let mut side = |buckets_key: &str, offset_key: &str, spans: &[_], buckets: &[f64]| {
        let first: Option<&crate::model::histogram::BucketSpan> = spans.first();
        if let Some(span) = first.filter(|span| span.offset != 0) {
            fields.push(format!("{offset_key}:{}", span.offset));
        }
        if !buckets.is_empty() {
            fields.push(format!("{buckets_key}:[{}]", list(buckets)));
        }
    };
    side("buckets", "offset", &histogram.positive_spans, &histogram.positive_buckets);
    side("n_buckets", "n_offset", &histogram.negative_spans, &histogram.negative_buckets);
    format!("{{{{{}}}}}", fields.join(" "))
}
