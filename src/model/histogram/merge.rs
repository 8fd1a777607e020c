//! Adding the buckets of one layout to those of another.
//!
//! The layout of the result is visible (two histograms with the same counts are equal only if their spans
//! are), so the rule is Prometheus': runs of the receiver stay runs, even where they come to touch; a bucket
//! that only the other side has joins the run right before it, or else the one right after it, or else
//! becomes a run of its own.

use super::BucketSpan;
use super::bounds::{exponential_bound, is_exponential};
use super::kahan::increment;
use super::spans::{Indexed, SpanBuilder};

/// The buckets that are added; compensations where they have some.
#[derive(Debug, Clone, Copy)]
pub(super) struct Addend<'a> {
    pub(super) spans: &'a [BucketSpan],
    pub(super) buckets: &'a [f64],
    pub(super) compensations: &'a [f64],
    /// Whether they are subtracted.
    pub(super) negative: bool,
    /// Buckets within the zero bucket, which ends here, are left out.
    pub(super) zero_threshold: f64,
    /// The schema of both sides.
    pub(super) schema: i32,
}

impl Addend<'_> {
    /// How many of its first buckets lie within the zero bucket.
    pub(super) fn skipped(&self) -> usize {
        if !is_exponential(self.schema) {
            return 0;
        }
        Indexed::new(self.spans, self.buckets)
            .take_while(|(index, _)| exponential_bound(*index, self.schema) <= self.zero_threshold)
            .count()
    }

    /// The bucket at this position with its sign, and its compensation.
    fn signed(&self, position: usize, bucket: f64) -> (f64, f64) {
        let compensation = self.compensations.get(position).copied().unwrap_or(0.0);
        if self.negative { (-bucket, -compensation) } else { (bucket, compensation) }
    }
}

/// How a count is added to another.
trait Sums {
    fn add(&mut self, position: usize, bucket: f64, compensation: f64);
    fn insert(&mut self, bucket: f64, compensation: f64);
    fn copy(&mut self, from: std::ops::Range<usize>);
    fn copy_and_add(&mut self, from: usize, bucket: f64, compensation: f64);
}

/// Plain sums: `old` and `new` buckets.
struct Plain<'a> {
    old: &'a [f64],
    new: Vec<f64>,
}

/// Compensated sums.
struct Compensated<'a> {
    old: &'a [f64],
    old_compensations: &'a [f64],
    new: Vec<f64>,
    new_compensations: Vec<f64>,
}

impl Sums for Plain<'_> {
    fn add(&mut self, position: usize, bucket: f64, _: f64) {
        if let Some(sum) = self.new.get_mut(position) {
            *sum += bucket;
        }
    }

    fn insert(&mut self, bucket: f64, _: f64) {
        self.new.push(bucket);
    }

    fn copy(&mut self, from: std::ops::Range<usize>) {
        self.new.extend_from_slice(self.old.get(from).unwrap_or(&[]));
    }

    fn copy_and_add(&mut self, from: usize, bucket: f64, compensation: f64) {
        self.copy(from..from + 1);
        self.add(self.new.len().wrapping_sub(1), bucket, compensation);
    }
}

impl Sums for Compensated<'_> {
    fn add(&mut self, position: usize, bucket: f64, compensation: f64) {
        if let (Some(sum), Some(c)) = (self.new.get_mut(position), self.new_compensations.get_mut(position)) {
            (*sum, *c) = increment(bucket, *sum, *c);
            if compensation != 0.0 {
                (*sum, *c) = increment(compensation, *sum, *c);
            }
        }
    }

    fn insert(&mut self, bucket: f64, compensation: f64) {
        self.new.push(bucket);
        self.new_compensations.push(compensation);
    }

    fn copy(&mut self, from: std::ops::Range<usize>) {
        self.new.extend_from_slice(self.old.get(from.clone()).unwrap_or(&[]));
        self.new_compensations.extend_from_slice(self.old_compensations.get(from).unwrap_or(&[]));
    }

    fn copy_and_add(&mut self, from: usize, bucket: f64, compensation: f64) {
        self.copy(from..from + 1);
        self.add(self.new.len().wrapping_sub(1), bucket, compensation);
    }
}

/// Adds buckets to those of a receiver.
pub(super) fn add_buckets(spans: &mut Vec<BucketSpan>, buckets: &mut Vec<f64>, other: Addend<'_>) {
    if other.buckets.is_empty() {
        return;
    }
    let skipped = other.skipped();
    if *spans == other.spans && buckets.len() == other.buckets.len() {
        for (sum, bucket) in buckets.iter_mut().zip(other.buckets).skip(skipped) {
            *sum += if other.negative { -*bucket } else { *bucket };
        }
        return;
    }
    let mut sums = Plain { old: buckets, new: Vec::with_capacity(buckets.len() + other.buckets.len()) };
    *spans = merge(spans, other, skipped, &mut sums);
    *buckets = sums.new;
}

/// As [`add_buckets`], with compensated sums; `compensations` are as many as `buckets`.
pub(super) fn add_buckets_compensated(
    spans: &mut Vec<BucketSpan>,
    buckets: &mut Vec<f64>,
    compensations: &mut Vec<f64>,
    other: Addend<'_>,
) {
    compensations.resize(buckets.len(), 0.0);
    if other.buckets.is_empty() {
        return;
    }
    let skipped = other.skipped();
    if *spans == other.spans && buckets.len() == other.buckets.len() {
        let sums = buckets.iter_mut().zip(compensations.iter_mut());
        for (position, ((sum, c), bucket)) in sums.zip(other.buckets).enumerate().skip(skipped) {
            let (bucket, compensation) = other.signed(position, *bucket);
            (*sum, *c) = increment(bucket, *sum, *c);
            if compensation != 0.0 {
                (*sum, *c) = increment(compensation, *sum, *c);
            }
        }
        return;
    }
    let capacity = buckets.len() + other.buckets.len();
    let mut sums = Compensated {
        old: buckets,
        old_compensations: compensations,
        new: Vec::with_capacity(capacity),
        new_compensations: Vec::with_capacity(capacity),
    };
    *spans = merge(spans, other, skipped, &mut sums);
    let Compensated { new, new_compensations, .. } = sums;
    *buckets = new;
    *compensations = new_compensations;
}

/// Where the walk through the receiver's buckets stands.
struct Receiver<'a> {
    spans: &'a [BucketSpan],
    /// First index of the first of `spans`, of which `within` buckets are done.
    start: i64,
    within: u32,
    /// Whether the result already has a run for the first of `spans`.
    opened: bool,
    /// Buckets done in all.
    position: usize,
}

impl Receiver<'_> {
    /// Moves on to the next span if the first one is done.
    fn leave_span(&mut self) {
        if let Some((span, rest)) = self.spans.split_first() {
            let end = self.start + i64::from(span.length);
            self.start = end + rest.first().map_or(0, |next| i64::from(next.offset));
            self.spans = rest;
            self.within = 0;
            self.opened = false;
        }
    }

    fn open(&mut self, builder: &mut SpanBuilder) {
        if !self.opened {
            builder.open(self.start, 0);
            self.opened = true;
        }
    }

    /// Copies the buckets below `index`.
    fn copy_below(&mut self, index: i64, builder: &mut SpanBuilder, sums: &mut impl Sums) {
        while let Some(span) = self.spans.first() {
            let next = self.start + i64::from(self.within);
            let left = span.length - self.within;
            if left > 0 {
                if next >= index {
                    return;
                }
                let count = u32::try_from(index.saturating_sub(next)).unwrap_or(u32::MAX).min(left);
                self.open(builder);
                builder.extend(count);
                sums.copy(self.position..self.position + count as usize);
                self.position += count as usize;
                self.within += count;
                if count < left {
                    return;
                }
            } else if next > index {
                return;
            } else {
                self.open(builder);
            }
            self.leave_span();
        }
    }
}

fn merge(spans: &[BucketSpan], other: Addend<'_>, skipped: usize, sums: &mut impl Sums) -> Vec<BucketSpan> {
    let mut builder = SpanBuilder::default();
    let start = spans.first().map_or(0, |span| i64::from(span.offset));
    let mut receiver = Receiver { spans, start, within: 0, opened: false, position: 0 };
    for (position, (index, bucket)) in Indexed::new(other.spans, other.buckets).enumerate().skip(skipped) {
        let (bucket, compensation) = other.signed(position, bucket);
        receiver.copy_below(index, &mut builder, sums);
        let next = receiver.start + i64::from(receiver.within);
        if !receiver.spans.is_empty() && next == index {
            receiver.open(&mut builder);
            builder.extend(1);
            sums.copy_and_add(receiver.position, bucket, compensation);
            receiver.position += 1;
            receiver.within += 1;
        } else if !builder.is_empty() && builder.end() == index {
            builder.extend(1);
            sums.insert(bucket, compensation);
        } else {
            builder.open(index, 1);
            receiver.opened |= !receiver.spans.is_empty() && receiver.start == index + 1;
            sums.insert(bucket, compensation);
        }
    }
    receiver.copy_below(i64::MAX, &mut builder, sums);
    builder.finish()
}
