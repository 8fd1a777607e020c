//! Aggregations that keep some elements of each group: `topk`, `bottomk`, `limitk`, `limit_ratio`.

use std::hash::Hasher;

use crate::model::Labels;
use crate::model::sorting::sort_like_go;
use crate::syntax::AggregateOp;
use crate::testing::answer::Failure;

use super::value::Sample;

/// How many elements of each group are kept, or which part.
#[derive(Debug, Clone, Copy)]
pub(super) enum Choice {
    Topk(usize),
    Bottomk(usize),
    Limitk(usize),
    LimitRatio(f64),
}

/// What an aggregation chooses by its parameter, of so many elements at most; `None` where it keeps nothing.
pub(super) fn choice(op: AggregateOp, number: f64, most: usize) -> Result<Option<Choice>, Failure> {
    if op == AggregateOp::LimitRatio {
        if number.is_nan() {
            return Err(Failure::execution("Ratio value is NaN"));
        }
        return Ok((number != 0.0).then(|| Choice::LimitRatio(number.clamp(-1.0, 1.0))));
    }
    if number < 1.0 {
        return Ok(None);
    }
    if number.is_nan() {
        return Err(Failure::execution("Parameter value is NaN"));
    }
    if number >= i64::MAX as f64 {
        return Err(Failure::execution(format!("Scalar value {number} overflows int64")));
    }
    let k = (number as usize).min(most);
    Ok(Some(match op {
        AggregateOp::Topk => Choice::Topk(k),
        AggregateOp::Bottomk => Choice::Bottomk(k),
        _ => Choice::Limitk(k),
    }))
}

impl Choice {
    /// The chosen of one group, in the order in which Prometheus gives them.
    pub(super) fn of(self, members: Vec<Sample>) -> Vec<Sample> {
        let held = |chosen: &mut dyn Iterator<Item = Sample>| {
            chosen.fold(Vec::new(), |mut heap, sample| {
                push(&mut heap, sample, |a, b| a < b);
                heap
            })
        };
        match self {
            Self::Topk(k) => best(k, floats(members), |a, b| a < b),
            Self::Bottomk(k) => best(k, floats(members), |a, b| a > b),
            Self::Limitk(k) => held(&mut members.into_iter().take(k)),
            Self::LimitRatio(ratio) => {
                held(&mut members.into_iter().filter(|sample| lies_in(ratio, &sample.labels)))
            }
        }
    }
}

fn floats(members: Vec<Sample>) -> Vec<Sample> {
    members.into_iter().filter(|sample| sample.value.float().is_some()).collect()
}

/// Whether labels lie in the first part of all label sets, or, of a negative ratio, in the last. Where they lie is a hash of
/// theirs: of each name and value behind its length.
fn lies_in(ratio: f64, labels: &Labels) -> bool {
    let mut layout: Vec<u8> = Vec::new();
    for text in labels.iter().flat_map(|(name, value)| [name, value]) {
        let length = text.len() as u32;
        if length < 255 {
            layout.push(length as u8);
        } else {
            layout.push(255);
            layout.extend_from_slice(&length.to_le_bytes()[..3]);
        }
        layout.extend_from_slice(text.as_bytes());
    }
    let mut hash = twox_hash::XxHash64::with_seed(0);
    hash.write(&layout);
    let place = hash.finish() as f64 / u64::MAX as f64;
    if ratio >= 0.0 { place < ratio } else { place >= 1.0 + ratio }
}

/// The `k` best elements, best first: those that are worse than no other, of which equal ones are told apart by the heap they
/// are held in, the worst on top.
fn best(k: usize, members: Vec<Sample>, worse: impl Fn(f64, f64) -> bool + Copy) -> Vec<Sample> {
    let mut held: Vec<Sample> = Vec::new();
    for sample in members {
        if held.len() < k {
            push(&mut held, sample, worse);
        } else if worse(held[0].rank(), sample.rank()) || (held[0].rank().is_nan() && !sample.rank().is_nan())
        {
            held[0] = sample;
            sink(&mut held, worse);
        }
    }
    sort_like_go(&mut held, |a, b| above(b.rank(), a.rank(), worse));
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
        if !above(heap[child].rank(), heap[parent].rank(), worse) {
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
                    if above(heap[right].rank(), heap[left].rank(), worse) { right } else { left }
                },
            );
        match topmost {
            Some(child) if above(heap[child].rank(), heap[parent].rank(), worse) => {
                heap.swap(child, parent);
                parent = child;
            }
            _ => return,
        }
    }
}
