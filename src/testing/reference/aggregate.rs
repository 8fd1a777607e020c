//! Aggregations of one step: elements fall into groups, each group is folded in the order its elements came.

use crate::model::{Labels, LabelsBuilder, number};
use crate::syntax::AggregateOp;
use crate::testing::answer::Failure;

use super::sums;
use super::value::{Sample, is_metadata};

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
    for sample in samples {
        let key = grouping.key(&sample.labels);
        match groups.iter_mut().find(|(labels, _)| *labels == key) {
            Some((_, members)) => members.push(sample),
            None => groups.push((key, vec![sample])),
        }
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
        AggregateOp::Topk | AggregateOp::Bottomk | AggregateOp::Limitk => {
            if number < 1.0 {
                return Ok(Vec::new());
            }
            if number.is_nan() {
                return Err(Failure::execution("Parameter value is NaN"));
            }
            if number >= i64::MAX as f64 {
                return Err(Failure::execution(format!("Scalar value {number} overflows int64")));
            }
            let k = number as usize;
            let k = k.min(samples.len());
            let kept = groups(grouping, samples).into_iter().flat_map(|(_, members)| match op {
                AggregateOp::Topk => best(k, members, |a, b| a < b),
                AggregateOp::Bottomk => best(k, members, |a, b| a > b),
                _ => members.into_iter().take(k).fold(Vec::new(), |mut held, sample| {
                    push(&mut held, sample, |a, b| a < b);
                    held
                }),
            });
            Ok(kept.collect())
        }
        AggregateOp::LimitRatio => {
            if number.is_nan() {
                return Err(Failure::execution("Ratio value is NaN"));
            }
            Err(Failure::unsupported("limit_ratio in the reference evaluator"))
        }
        _ => Ok(groups(grouping, samples)
            .into_iter()
            .map(|(labels, members)| Sample {
                labels,
                value: fold(op, number, &members.iter().map(|sample| sample.value).collect::<Vec<_>>()),
                drop_name: members.iter().any(|sample| sample.drop_name),
            })
            .collect()),
    }
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
        AggregateOp::Count => values.len() as f64,
        AggregateOp::Group => 1.0,
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

/// The `k` best elements, best first: those that are worse than no other, of which equal ones are told apart by the heap they
/// are held in, the worst on top.
fn best(k: usize, members: Vec<Sample>, worse: impl Fn(f64, f64) -> bool + Copy) -> Vec<Sample> {
    let mut held: Vec<Sample> = Vec::new();
    for sample in members {
        if held.len() < k {
            push(&mut held, sample, worse);
        } else if worse(held[0].value, sample.value) || (held[0].value.is_nan() && !sample.value.is_nan()) {
            held[0] = sample;
            sink(&mut held, worse);
        }
    }
    let order = |a: &Sample, b: &Sample| match (a.value.is_nan(), b.value.is_nan()) {
        (false, false) if worse(b.value, a.value) => std::cmp::Ordering::Less,
        (false, false) if worse(a.value, b.value) => std::cmp::Ordering::Greater,
        (a, b) => a.cmp(&b),
    };
    held.sort_by(order);
    held
}

/// A NaN is on top of everything.
fn above(a: f64, b: f64, worse: impl Fn(f64, f64) -> bool) -> bool {
    a.is_nan() || worse(a, b)
}

/// Adds an element to a binary heap, which rises as long as it is above its parent.
fn push(heap: &mut Vec<Sample>, sample: Sample, worse: impl Fn(f64, f64) -> bool + Copy) {
    heap.push(sample);
    let mut child = heap.len() - 1;
    while child > 0 {
        let parent = (child - 1) / 2;
        if !above(heap[child].value, heap[parent].value, worse) {
            break;
        }
        heap.swap(child, parent);
        child = parent;
    }
}

/// Lets the topmost element sink as long as a child is above it.
fn sink(heap: &mut [Sample], worse: impl Fn(f64, f64) -> bool + Copy) {
    let mut parent = 0;
    loop {
        let children = [2 * parent + 1, 2 * parent + 2].into_iter().filter(|child| *child < heap.len());
        let topmost =
            children.reduce(
                |left, right| {
                    if above(heap[right].value, heap[left].value, worse) { right } else { left }
                },
            );
        match topmost {
            Some(child) if above(heap[child].value, heap[parent].value, worse) => {
                heap.swap(child, parent);
                parent = child;
            }
            _ => return,
        }
    }
}

fn count_values(label: &str, grouping: Grouping<'_>, samples: Vec<Sample>) -> Vec<Sample> {
    let labelled = samples.into_iter().map(|sample| {
        let mut builder = LabelsBuilder::from(&sample.labels);
        builder.set(label, &number::format_sample_value(sample.value));
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
