//! What stands at one time: a bar a series, or a bar a bucket.

use promql_engine::{exec::value::MatrixSeries, model::number::format_api_value};

use crate::graph::Frame;

use super::Distribution;

/// Bars on one scale.
pub(in crate::graph) struct Bars {
    /// Of buckets: whose they are, and how many observations they hold. Of series: the labels that all of them have.
    pub(in crate::graph) heading: Option<String>,
    /// Whether the bars are buckets, whose labels are numbers.
    pub(in crate::graph) buckets: bool,
    /// Where zero stands.
    pub(in crate::graph) zero: f64,
    pub(in crate::graph) bars: Vec<Bar>,
}

/// One bar, from zero to its place.
pub(in crate::graph) struct Bar {
    pub(in crate::graph) label: String,
    pub(in crate::graph) place: f64,
    /// Its value.
    pub(in crate::graph) text: String,
}

impl Bars {
    /// A bar a series; `None` where there is none.
    pub(super) fn of_floats(series: &[&MatrixSeries], frame: &Frame) -> Option<Self> {
        let first = &series.first()?.labels;
        let is_common = |name: &str| {
            series.len() > 1 && series.iter().all(|series| series.labels.get(name) == first.get(name))
        };
        let heading = Some(first.retain(is_common)).filter(|labels| !labels.is_empty());
        let named = |series: &&MatrixSeries| {
            Some((series.labels.retain(|name| !is_common(name)).to_string(), series.floats.first()?.1))
        };
        let rows: Vec<(String, f64)> = series.iter().filter_map(named).collect();
        let text = |value: f64, step: f64| match value.is_finite() {
            true => frame.unit.text(value, step),
            false => format_api_value(value),
        };
        let heading = heading.map(|labels| labels.to_string());
        Some(Self { heading, ..Self::on_a_scale(rows, text) })
    }

    /// A bar a bucket, the smallest observations above.
    pub(super) fn of_buckets(distribution: &Distribution, frame: &Frame) -> Self {
        let counts = distribution.counts.first();
        let count = |row: usize| counts.and_then(|counts| counts.get(row)).copied().unwrap_or(0.0);
        let (bounds, unit) = (frame.unit.of_bounds(), frame.unit.of_counts());
        let rows = distribution.rows.iter().enumerate();
        let rows: Vec<_> = rows.map(|(at, row)| (row.range(bounds), count(at))).collect();
        let heading = match distribution.totals {
            None => distribution.labels.clone(),
            Some((count, sum)) => {
                let count_text = unit.text(count, count.abs() / 1000.0);
                let average = bounds.text(sum / count, (sum / count).abs() / 1000.0);
                format!("{}  count {count_text}  average {average}", distribution.labels)
            }
        };
        let bars = Self::on_a_scale(rows, |value, step| unit.text(value, step));
        Self { heading: Some(heading), buckets: true, ..bars }
    }

    fn on_a_scale(rows: Vec<(String, f64)>, text: impl Fn(f64, f64) -> String) -> Self {
        let finite = || rows.iter().map(|(_, value)| *value).filter(|value| value.is_finite());
        let (low, high) = (finite().fold(0.0, f64::min), finite().fold(0.0, f64::max));
        // Halves, so that the distance of the two ends of all floats is none too large for one.
        let span = high / 2.0 - low / 2.0;
        let place = |value: f64| {
            let value = if value.is_nan() { 0.0 } else { value };
            if span > 0.0 { ((value / 2.0 - low / 2.0) / span).clamp(0.0, 1.0) } else { 0.0 }
        };
        let bar = |(label, value): (String, f64)| Bar {
            label,
            place: place(value),
            text: text(value, high.max(-low) / 1000.0),
        };
        let zero = place(0.0);
        Self { heading: None, buckets: false, zero, bars: rows.into_iter().map(bar).collect() }
    }
}
