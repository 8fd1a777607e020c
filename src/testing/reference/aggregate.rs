//! Aggregations of one step: elements fall into groups, each group is folded in the order its elements came.

use std::collections::BTreeMap;

use crate::model::histogram::FloatHistogram;
use crate::model::{Labels, LabelsBuilder, number};
use crate::syntax::AggregateOp;
use crate::testing::answer::Failure;

use super::choose::choice;
use super::histogram::{Histogram, mean, total};
use super::sums;
use super::value::{Sample, Value, is_metadata};

/// The parameter before the vector.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Parameter {
    None,
    Number(f64),
    Text(String),
}

/// How elements fall into groups.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grouping<'a> {
    pub(super) labels: &'a [Box<str>],
    pub(super) without: bool,
}

impl Grouping<'_> {
    /// The labels an element's group has.
    fn key(&self, labels: &Labels) -> Labels {
        let named = |name: &str| self.labels.iter().any(|label| &**label == name);
        labels.retain(|name| if self.without { !named(name) && !is_metadata(name) } else { named(name) })
    }
}

/// Groups in the order of their first elements.
fn groups(grouping: Grouping<'_>, samples: Vec<Sample>) -> Vec<(Labels, Vec<Sample>)> {
    let mut groups: Vec<(Labels, Vec<Sample>)> = Vec::new();
    let mut places: BTreeMap<Labels, usize> = BTreeMap::new();
    for sample in samples {
        let key = grouping.key(&sample.labels);
        let place = *places.entry(key.clone()).or_insert(groups.len());
        if place == groups.len() {
            groups.push((key, Vec::new()));
        }
        groups[place].1.push(sample);
    }
    groups
}

pub(super) fn aggregate(
    op: AggregateOp,
    parameter: &Parameter,
    grouping: Grouping<'_>,
    samples: Vec<Sample>,
) -> Result<Vec<Sample>, Failure> {
    let number = match parameter {
        Parameter::Number(number) => *number,
        _ => f64::NAN,
    };
    match op {
        AggregateOp::CountValues => {
            let Parameter::Text(label) = parameter else {
                return Err(Failure::execution("count_values takes a label"));
            };
            Ok(count_values(label, grouping, samples))
        }
        AggregateOp::Topk | AggregateOp::Bottomk | AggregateOp::Limitk | AggregateOp::LimitRatio => {
            let Some(choice) = choice(op, number, samples.len())? else { return Ok(Vec::new()) };
            let groups = groups(grouping, samples).into_iter();
            Ok(groups.flat_map(|(_, members)| choice.of(members)).collect())
        }
        _ => {
            let groups = groups(grouping, samples).into_iter();
            Ok(groups.filter_map(|(labels, members)| folded(op, number, labels, &members)).collect())
        }
    }
}

/// The value of a group. Sums and means are of floats or of histograms, not of both; all else but counts sees the floats
/// alone.
fn folded(op: AggregateOp, parameter: f64, labels: Labels, members: &[Sample]) -> Option<Sample> {
    let floats: Vec<f64> = members.iter().filter_map(|sample| sample.value.float()).collect();
    let histograms: Vec<&Histogram> = members.iter().filter_map(|sample| sample.value.histogram()).collect();
    let adds = matches!(op, AggregateOp::Sum | AggregateOp::Avg);
    let counts = matches!(op, AggregateOp::Count | AggregateOp::Group);
    let value = if counts {
        let count = members.len() as f64;
        Value::Float(if op == AggregateOp::Count { count } else { 1.0 })
    } else if adds && floats.is_empty() {
        let folded = if op == AggregateOp::Sum { total(&histograms) } else { mean(&histograms) };
        folded.ok().flatten()?.compact().into()
    } else if floats.is_empty() || (adds && !histograms.is_empty()) {
        return None;
    } else {
        Value::Float(fold(op, parameter, &floats))
    };
    // What comes before the first element that counts is forgotten.
    let ignores = !adds && !counts;
    let first = members.iter().position(|sample| !ignores || sample.value.float().is_some()).unwrap_or(0);
    let drop_name = members[first..].iter().any(|sample| sample.drop_name);
    Some(Sample { labels, value, drop_name })
}

/// One number of a group's values, of which there is at least one.
fn fold(op: AggregateOp, parameter: f64, values: &[f64]) -> f64 {
    let extreme = |beats: fn(f64, f64) -> bool| {
        values.iter().copied().fold(
            f64::NAN,
            |best, new| {
                if best.is_nan() || beats(new, best) { new } else { best }
            },
        )
    };
    match op {
        AggregateOp::Sum => sums::sum_from_first(values),
        AggregateOp::Avg => sums::mean(values),
        AggregateOp::Min => extreme(|new, best| new < best),
        AggregateOp::Max => extreme(|new, best| new > best),
        AggregateOp::Stdvar => variance(values),
        AggregateOp::Stddev => variance(values).sqrt(),
        _ => sums::quantile(parameter, values.to_vec()),
    }
}

/// The population variance in one pass (Welford); anything not finite makes it NaN.
fn variance(values: &[f64]) -> f64 {
    let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
    for value in values {
        if count == 0.0 {
            (count, mean) = (1.0, *value);
            squares = if value.is_finite() { 0.0 } else { f64::NAN };
            continue;
        }
        count += 1.0;
        let delta = value - mean;
        mean += delta / count;
        squares += delta * (value - mean);
    }
    squares / count
}

fn count_values(label: &str, grouping: Grouping<'_>, samples: Vec<Sample>) -> Vec<Sample> {
    let labelled = samples.into_iter().map(|sample| {
        let mut builder = LabelsBuilder::from(&sample.labels);
        let text = match &sample.value {
            Value::Float(value) => number::format_sample_value(*value),
            Value::Histogram(histogram) => FloatHistogram::from(&**histogram).to_string(),
        };
        builder.set(label, &text);
        Sample { labels: builder.finish(), ..sample }
    });
    let mut kept: Vec<Box<str>> = grouping.labels.to_vec();
    if !grouping.without {
        kept.push(label.into());
    }
    let grouping = Grouping { labels: &kept, without: grouping.without };
    groups(grouping, labelled.collect())
        .into_iter()
        .map(|(labels, members)| Sample::new(labels, members.len() as f64))
        .collect()
}
