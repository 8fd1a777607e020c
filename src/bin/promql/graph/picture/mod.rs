//! What a picture shows, before anyone knows how large it is: panels of lines, bars or heat, with their texts.
//!
//! Places are shares: 0 is the left or the bottom of a panel, 1 the right or the top.

mod bars;
mod buckets;
mod heat;
mod lines;

use promql_engine::exec::value::{MatrixSeries, SampleValue, Value, VectorSample};

use super::Frame;
pub(super) use bars::Bars;
use buckets::Distribution;
pub(super) use heat::Heat;
pub(super) use lines::{Line, Lines};

/// Distributions that get a panel each.
const PANELS: usize = 4;
/// Floats at one time that get a bar.
const BARS: usize = 40;

/// A picture: its panels from above, and how many series got none.
pub(super) struct Picture {
    pub(super) panels: Vec<Panel>,
    pub(super) left_out: usize,
}

/// A part of a picture with axes of its own.
pub(super) enum Panel {
    /// Floats over time.
    Lines(Lines),
    /// Floats or buckets at one time.
    Bars(Bars),
    /// Buckets over time.
    Heat(Heat),
}

impl Picture {
    /// The picture of an answer; a string or a scalar has none.
    pub(super) fn of(value: &Value, frame: &Frame) -> Option<Self> {
        match value {
            Value::Vector(samples) => Some(Self::at_one_time(samples, frame)),
            Value::Matrix(series) => match at_one_step(series) {
                Some(samples) => Some(Self::at_one_time(&samples, frame)),
                None => Some(Self::over_time(series, frame)),
            },
            Value::Scalar { .. } | Value::String { .. } => None,
        }
    }

    fn over_time(series: &[MatrixSeries], frame: &Frame) -> Self {
        let classic = buckets::classic(series, frame);
        let histograms = || series.iter().filter(|series| !series.histograms.is_empty());
        let distributions = classic.as_ref().map_or(0, Vec::len) + histograms().count();
        let mut panels = Vec::new();
        if classic.is_none() {
            panels.extend(Lines::of(series, frame).map(Panel::Lines));
        }
        let native = histograms().map(|series| Distribution::of_histograms(series, frame));
        let shown = classic.into_iter().flatten().chain(native).take(PANELS);
        panels.extend(shown.map(|distribution| Panel::Heat(Heat::of(&distribution, frame))));
        Self { panels, left_out: distributions.saturating_sub(PANELS) }
    }

    fn at_one_time(samples: &[VectorSample], frame: &Frame) -> Self {
        // One step of a matrix, so that buckets are found by the same rules.
        let series: Vec<MatrixSeries> = samples.iter().map(as_series).collect();
        let frame = &match samples.first() {
            Some(sample) => Frame { start_ms: sample.time_ms, end_ms: sample.time_ms, ..*frame },
            None => *frame,
        };
        let classic = buckets::classic(&series, frame);
        let mut panels = Vec::new();
        let mut left_out = 0;
        if classic.is_none() {
            let floats: Vec<_> = series.iter().filter(|series| !series.floats.is_empty()).collect();
            left_out += floats.len().saturating_sub(BARS);
            panels.extend(Bars::of_floats(&floats[..floats.len().min(BARS)], frame).map(Panel::Bars));
        }
        let histograms = || series.iter().filter(|series| !series.histograms.is_empty());
        left_out += (classic.as_ref().map_or(0, Vec::len) + histograms().count()).saturating_sub(PANELS);
        let native = histograms().map(|series| Distribution::of_histograms(series, frame));
        let shown = classic.into_iter().flatten().chain(native).take(PANELS);
        panels.extend(shown.map(|distribution| Panel::Bars(Bars::of_buckets(&distribution, frame))));
        Self { panels, left_out }
    }
}

/// The samples of a matrix all of whose points stand at one time: over time there is nothing to see.
fn at_one_step(series: &[MatrixSeries]) -> Option<Vec<VectorSample>> {
    let times = |series: &MatrixSeries| {
        let first = series.floats.first().map(|(time, _)| *time);
        (
            first.or(series.histograms.first().map(|(time, _)| *time)),
            series.floats.len() + series.histograms.len(),
        )
    };
    let (Some(time_ms), 1) = times(series.first()?) else {
        return None;
    };
    let sample = |series: &MatrixSeries| {
        let value = match (series.floats.first(), series.histograms.first()) {
            (Some((_, value)), _) => SampleValue::Float(*value),
            (None, Some((_, histogram))) => SampleValue::Histogram(Box::new(histogram.clone())),
            (None, None) => return None,
        };
        (times(series) == (Some(time_ms), 1)).then(|| VectorSample {
            labels: series.labels.clone(),
            time_ms,
            value,
        })
    };
    series.iter().map(sample).collect()
}

fn as_series(sample: &VectorSample) -> MatrixSeries {
    let mut series = MatrixSeries { labels: sample.labels.clone(), ..MatrixSeries::default() };
    match &sample.value {
        SampleValue::Float(value) => series.floats.push((sample.time_ms, *value)),
        SampleValue::Histogram(histogram) => series.histograms.push((sample.time_ms, (**histogram).clone())),
    }
    series
}
