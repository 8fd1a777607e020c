//! Buckets with their bounds, one side or all of a histogram, in either direction.

use crate::model::elementary::log2;

use super::bounds::{CUSTOM_BUCKETS_SCHEMA, bound, exponential_bound, is_exponential, target_index};
use super::spans::{Indexed, IndexedReversed};
use super::view::HistogramRef;

/// A bucket and its bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// Lower bound.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
    /// Whether an observation at the lower bound counts here.
    pub lower_inclusive: bool,
    /// Whether an observation at the upper bound counts here.
    pub upper_inclusive: bool,
    /// How many observations.
    pub count: f64,
}

impl Bucket {
    /// The part of the bucket's width below `value`, which lies inside of its finite bounds: on a straight
    /// line, or on a logarithmic one, as observations of exponential buckets are thought to lie.
    pub(super) fn fraction_below(&self, value: f64, linear: bool) -> f64 {
        if linear {
            return (value - self.lower) / (self.upper - self.lower);
        }
        let lower = log2(self.lower.abs());
        let upper = log2(self.upper.abs());
        let position = log2(value.abs());
        if value > 0.0 {
            (position - lower) / (upper - lower)
        } else {
            1.0 - ((position - upper) / (lower - upper))
        }
    }

    /// Which bounds are inclusive, as the HTTP API numbers it: 0 upper, 1 lower, 2 none, 3 both.
    pub const fn boundary_rule(&self) -> u8 {
        match (self.lower_inclusive, self.upper_inclusive) {
            (false, true) => 0,
            (true, false) => 1,
            (false, false) => 2,
            (true, true) => 3,
        }
    }
}

/// A bucket by its place, its bounds not yet computed: they cost more than the walk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub(super) region: Region,
    pub(super) index: i64,
    pub(super) count: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Region {
    Negative,
    Zero,
    Positive,
}

impl HistogramRef<'_> {
    /// The bucket at a place, bounds as they are.
    fn side_bucket(&self, positive: bool, index: i64, count: f64) -> Bucket {
        let custom_bounds = if positive { self.custom_bounds } else { &[] };
        let far = bound(index, self.schema, custom_bounds);
        let near = bound(index - 1, self.schema, custom_bounds);
        let (lower, upper) = if positive { (near, far) } else { (-far, -near) };
        let (lower_inclusive, upper_inclusive) = if self.schema == CUSTOM_BUCKETS_SCHEMA {
            (index == 0, true)
        } else {
            (lower < 0.0, upper > 0.0)
        };
        Bucket { lower, upper, lower_inclusive, upper_inclusive, count }
    }

    /// The bucket at a place of a walk over all buckets: where it overlaps the zero bucket, it ends there.
    pub(super) fn bucket_at(&self, place: Place) -> Bucket {
        if place.region == Region::Zero {
            return self.zero_bucket();
        }
        let mut bucket = self.side_bucket(place.region == Region::Positive, place.index, place.count);
        if bucket.upper < 0.0 && bucket.upper > -self.zero_threshold {
            bucket.upper = -self.zero_threshold;
        } else if bucket.lower > 0.0 && bucket.lower < self.zero_threshold {
            bucket.lower = self.zero_threshold;
        }
        bucket
    }

    /// The zero bucket. Custom buckets have none; theirs is empty.
    pub const fn zero_bucket(&self) -> Bucket {
        Bucket {
            lower: -self.zero_threshold,
            upper: self.zero_threshold,
            lower_inclusive: true,
            upper_inclusive: true,
            count: self.zero_count,
        }
    }
}

/// The buckets of one side, from the zero bucket outwards or back; see [`HistogramRef::positive`].
#[derive(Debug, Clone)]
pub struct SideBuckets<'a> {
    histogram: HistogramRef<'a>,
    positive: bool,
    walk: Walk<'a>,
}

/// One side in either direction.
#[derive(Debug, Clone)]
enum Walk<'a> {
    Outwards(Indexed<'a>),
    Inwards(IndexedReversed<'a>),
}

impl Iterator for Walk<'_> {
    type Item = (i64, f64);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Outwards(walk) => walk.next(),
            Self::Inwards(walk) => walk.next(),
        }
    }
}

impl<'a> SideBuckets<'a> {
    pub(super) fn outwards(histogram: HistogramRef<'a>, positive: bool) -> Self {
        let (spans, buckets) = histogram.side(positive);
        Self { histogram, positive, walk: Walk::Outwards(Indexed::new(spans, buckets)) }
    }

    pub(super) fn inwards(histogram: HistogramRef<'a>, positive: bool) -> Self {
        let (spans, buckets) = histogram.side(positive);
        Self { histogram, positive, walk: Walk::Inwards(IndexedReversed::new(spans, buckets)) }
    }
}

impl Iterator for SideBuckets<'_> {
    type Item = Bucket;

    fn next(&mut self) -> Option<Bucket> {
        let (index, count) = self.walk.next()?;
        Some(self.histogram.side_bucket(self.positive, index, count))
    }
}

/// All buckets by their places, ascending or descending: one side, the zero bucket if populated, the other side.
#[derive(Debug, Clone)]
pub(super) struct Places<'a> {
    first: Walk<'a>,
    second: Walk<'a>,
    zero_count: f64,
    /// The region the first walk is in; `Zero` once it is done, then the other one.
    region: Region,
    descending: bool,
}

impl<'a> Places<'a> {
    pub(super) fn new(histogram: HistogramRef<'a>, descending: bool) -> Self {
        let (spans, buckets) = histogram.side(descending);
        let first = Walk::Inwards(IndexedReversed::new(spans, buckets));
        let (spans, buckets) = histogram.side(!descending);
        let second = Walk::Outwards(Indexed::new(spans, buckets));
        let region = if descending { Region::Positive } else { Region::Negative };
        Self { first, second, zero_count: histogram.zero_count, region, descending }
    }
}

impl Iterator for Places<'_> {
    type Item = Place;

    #[inline]
    fn next(&mut self) -> Option<Place> {
        let (start, end) = if self.descending {
            (Region::Positive, Region::Negative)
        } else {
            (Region::Negative, Region::Positive)
        };
        if self.region == start {
            if let Some((index, count)) = self.first.next() {
                return Some(Place { region: start, index, count });
            }
            self.region = Region::Zero;
        }
        if self.region == Region::Zero {
            self.region = end;
            if self.zero_count > 0.0 {
                return Some(Place { region: Region::Zero, index: 0, count: self.zero_count });
            }
        }
        self.second.next().map(|(index, count)| Place { region: end, index, count })
    }
}

/// All buckets, ascending or descending; see [`HistogramRef::buckets`].
#[derive(Debug, Clone)]
pub struct AllBuckets<'a> {
    histogram: HistogramRef<'a>,
    places: Places<'a>,
}

impl<'a> AllBuckets<'a> {
    pub(super) fn new(histogram: HistogramRef<'a>, descending: bool) -> Self {
        Self { histogram, places: Places::new(histogram, descending) }
    }
}

impl Iterator for AllBuckets<'_> {
    type Item = Bucket;

    fn next(&mut self) -> Option<Bucket> {
        self.places.next().map(|place| self.histogram.bucket_at(place))
    }
}

/// The buckets of one side merged to a coarser schema, those inside of the zero bucket left out.
#[derive(Debug, Clone)]
pub(super) struct Merged<'a> {
    walk: std::iter::Peekable<Indexed<'a>>,
    schema: i32,
    target_schema: i32,
    /// Buckets that end at or below this size are skipped, until one that does not.
    start: Option<f64>,
}

impl<'a> Merged<'a> {
    pub(super) fn new(
        histogram: HistogramRef<'a>,
        positive: bool,
        zero_threshold: f64,
        target_schema: i32,
    ) -> Self {
        let (spans, buckets) = histogram.side(positive);
        Self {
            walk: Indexed::new(spans, buckets).peekable(),
            schema: histogram.schema,
            target_schema,
            start: (zero_threshold != 0.0 && is_exponential(target_schema)).then_some(zero_threshold),
        }
    }

    #[inline]
    fn next_merged(&mut self) -> Option<(i64, f64)> {
        let (index, mut count) = self.walk.next()?;
        if self.schema <= self.target_schema {
            return Some((index, count));
        }
        let target = target_index(index, self.schema, self.target_schema);
        while let Some((_, more)) =
            self.walk.next_if(|(index, _)| target_index(*index, self.schema, self.target_schema) == target)
        {
            count += more;
        }
        Some((target, count))
    }
}

impl Iterator for Merged<'_> {
    type Item = (i64, f64);

    #[inline]
    fn next(&mut self) -> Option<(i64, f64)> {
        loop {
            let merged = self.next_merged()?;
            match self.start {
                Some(start) if exponential_bound(merged.0, self.target_schema) <= start => {}
                _ => {
                    self.start = None;
                    return Some(merged);
                }
            }
        }
    }
}
