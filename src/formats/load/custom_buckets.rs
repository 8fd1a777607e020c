//! Native histograms with custom buckets, made of the series of classic ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{LoadSample, LoadSeries};
use crate::formats::error::FormatErrorKind;
use crate::formats::series::SequenceValue;
use crate::model::histogram::{CUSTOM_BUCKETS_SCHEMA, FloatHistogram, HistogramParts};
use crate::model::number::parse_float;
use crate::model::{Labels, LabelsBuilder, METRIC_NAME};

/// What the series of one classic histogram say of one time.
#[derive(Default)]
struct Classic {
    /// Cumulative counts by upper bound, ascending.
    buckets: Vec<(f64, f64)>,
    count: Option<f64>,
    sum: f64,
}

/// The histograms of all classic series among these.
pub(super) fn convert(series: &[LoadSeries]) -> Result<Vec<LoadSeries>, FormatErrorKind> {
    let mut classic: BTreeMap<Labels, BTreeMap<i64, Classic>> = BTreeMap::new();
    for one in series {
        let name = one.labels.get(METRIC_NAME).unwrap_or_default();
        let (base, bound) = if let Some(base) = name.strip_suffix("_bucket") {
            let Some(le) = one.labels.get("le") else { return invalid("its buckets have no label le") };
            let bound = parse_float(le).ok().filter(|bound| !bound.is_nan());
            let Some(bound) = bound else { continue };
            (base, Some(bound))
        } else if let Some(base) = name.strip_suffix("_sum").or_else(|| name.strip_suffix("_count")) {
            (base, None)
        } else {
            continue;
        };
        let mut labels = LabelsBuilder::default();
        labels.reset(&one.labels).set(METRIC_NAME, base).remove("le");
        let times = classic.entry(labels.finish()).or_default();
        for sample in &one.samples {
            let SequenceValue::Float(value) = sample.value else { continue };
            let at = times.entry(sample.timestamp_ms).or_default();
            match bound {
                Some(bound) => at.bucket(bound, value)?,
                None if name.ends_with("_sum") => at.sum = value,
                None => at.count = Some(not_negative(value)?),
            }
        }
    }
    let finished = classic.into_iter().map(|(labels, times)| {
        let samples = times.into_iter().map(|(timestamp_ms, classic)| {
            let value = SequenceValue::Histogram { histogram: Arc::new(classic.finish()?), hint_set: false };
            Ok(LoadSample { timestamp_ms, start_timestamp_ms: 0, value })
        });
        Ok(LoadSeries { labels, samples: samples.collect::<Result<_, FormatErrorKind>>()?, line: 0 })
    });
    finished.collect()
}

fn invalid<T>(message: &str) -> Result<T, FormatErrorKind> {
    Err(FormatErrorKind::Histogram(format!("a classic histogram is none: {message}")))
}

fn not_negative(count: f64) -> Result<f64, FormatErrorKind> {
    if count < 0.0 { invalid("a count is negative") } else { Ok(count) }
}

impl Classic {
    fn bucket(&mut self, bound: f64, count: f64) -> Result<(), FormatErrorKind> {
        let count = not_negative(count)?;
        let place = self.buckets.partition_point(|(other, _)| *other < bound);
        let (before, after) = self.buckets.split_at(place);
        if after.first().is_some_and(|(other, _)| *other == bound) {
            return Ok(());
        }
        if before.last().is_some_and(|(_, less)| count < *less)
            || after.first().is_some_and(|(_, more)| count > *more)
        {
            return invalid("a bucket counts more than a wider one");
        }
        self.buckets.insert(place, (bound, count));
        Ok(())
    }

    fn finish(mut self) -> Result<FloatHistogram, FormatErrorKind> {
        let Some(count) = self.count.or(self.buckets.last().map(|(_, count)| *count)) else {
            return invalid("it has neither buckets nor a count");
        };
        if self.buckets.last().is_none_or(|(bound, _)| *bound != f64::INFINITY) {
            self.buckets.push((f64::INFINITY, count));
        }
        if self.buckets.last().is_some_and(|(_, last)| *last != count || count.is_nan()) {
            return invalid("its last bucket is not its count");
        }
        let mut parts = HistogramParts {
            schema: CUSTOM_BUCKETS_SCHEMA,
            count,
            sum: self.sum,
            ..HistogramParts::default()
        };
        let mut less = 0.0;
        for (bound, count) in &self.buckets {
            parts.buckets.push(count - less);
            less = *count;
            if *bound != f64::INFINITY {
                parts.custom_values.push(*bound);
            }
        }
        // Prometheus keeps whole counts as an integer histogram, in which short runs of empty buckets stay.
        let whole = self.buckets.iter().all(|(_, count)| count.round() == *count);
        let mut histogram = FloatHistogram::from_parts(parts);
        histogram.compact(if whole { 2 } else { 0 });
        match histogram.as_ref().validate() {
            Ok(()) => Ok(histogram),
            Err(error) => Err(FormatErrorKind::Histogram(error.to_string())),
        }
    }
}
