//! Runs of buckets as positions: walking them, building them, comparing and checking them.

use super::{BucketSpan, HistogramError};

/// The buckets of one side with their indexes, in ascending order of index. Stops where spans or buckets end.
#[derive(Debug, Clone)]
pub(super) struct Indexed<'a> {
    spans: &'a [BucketSpan],
    buckets: &'a [f64],
    /// Buckets left in the current span.
    left: u32,
    /// Index of the next bucket.
    index: i64,
}

impl<'a> Indexed<'a> {
    pub(super) const fn new(spans: &'a [BucketSpan], buckets: &'a [f64]) -> Self {
        Self { spans, buckets, left: 0, index: 0 }
    }
}

impl Iterator for Indexed<'_> {
    type Item = (i64, f64);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        while self.left == 0 {
            let (span, rest) = self.spans.split_first()?;
            self.spans = rest;
            self.index += i64::from(span.offset);
            self.left = span.length;
        }
        let (bucket, rest) = self.buckets.split_first()?;
        self.buckets = rest;
        self.left -= 1;
        self.index += 1;
        Some((self.index - 1, *bucket))
    }
}

/// The buckets of one side with their indexes, from the highest index down.
#[derive(Debug, Clone)]
pub(super) struct IndexedReversed<'a> {
    spans: &'a [BucketSpan],
    buckets: &'a [f64],
    /// Buckets left in the current span.
    left: u32,
    /// Gap before the span that was left last.
    gap: i64,
    /// One above the index of the next bucket.
    index: i64,
}

impl<'a> IndexedReversed<'a> {
    pub(super) fn new(spans: &'a [BucketSpan], buckets: &'a [f64]) -> Self {
        let index = spans.iter().map(|span| i64::from(span.offset) + i64::from(span.length)).sum();
        Self { spans, buckets, left: 0, gap: 0, index }
    }
}

impl Iterator for IndexedReversed<'_> {
    type Item = (i64, f64);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        while self.left == 0 {
            let (span, rest) = self.spans.split_last()?;
            self.spans = rest;
            self.index -= self.gap;
            self.gap = i64::from(span.offset);
            self.left = span.length;
        }
        let (bucket, rest) = self.buckets.split_last()?;
        self.buckets = rest;
        self.left -= 1;
        self.index -= 1;
        Some((self.index, *bucket))
    }
}

/// Builds spans from ascending bucket indexes.
#[derive(Debug, Default)]
pub(super) struct SpanBuilder {
    spans: Vec<BucketSpan>,
    /// One above the last index; where the first span's offset counts from, at first.
    end: i64,
}

impl SpanBuilder {
    /// One above the last index.
    pub(super) const fn end(&self) -> i64 {
        self.end
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Opens a span of this length at `index`, even where it touches the last one.
    pub(super) fn open(&mut self, index: i64, length: u32) {
        // Wraps as 32-bit bucket indexes do; indexes in range never get there.
        let offset = (index - self.end) as i32;
        self.spans.push(BucketSpan { offset, length });
        self.end = index + i64::from(length);
    }

    /// Makes the last span longer; opens one at 0 where there is none.
    pub(super) fn extend(&mut self, length: u32) {
        match self.spans.last_mut() {
            Some(span) => {
                span.length = span.length.saturating_add(length);
                self.end += i64::from(length);
            }
            None => self.open(self.end, length),
        }
    }

    /// Adds the bucket at `index`, which is not below [`SpanBuilder::end`]: to the last span where it touches it.
    pub(super) fn push(&mut self, index: i64) {
        if !self.spans.is_empty() && index == self.end { self.extend(1) } else { self.open(index, 1) }
    }

    pub(super) fn finish(self) -> Vec<BucketSpan> {
        self.spans
    }
}

/// Whether two lists of spans mean the same runs; spans of length 0 only move the next one.
pub(super) fn spans_match(a: &[BucketSpan], b: &[BucketSpan]) -> bool {
    /// The runs of positive length, offsets of empty ones added up.
    fn runs(spans: &[BucketSpan]) -> impl Iterator<Item = (i64, u32)> {
        let mut gap = 0;
        spans.iter().filter_map(move |span| {
            gap += i64::from(span.offset);
            (span.length > 0).then(|| (std::mem::take(&mut gap), span.length))
        })
    }
    a == b || runs(a).eq(runs(b))
}

/// Checks that spans ascend, stay in the range of indexes and name as many buckets as there are.
pub(super) fn check_spans(spans: &[BucketSpan], buckets: usize) -> Result<(), HistogramError> {
    let mut named = 0;
    let mut end = 0;
    for (position, span) in spans.iter().enumerate() {
        if position > 0 && span.offset < 0 {
            return Err(HistogramError::NegativeSpanOffset);
        }
        if position == 0 && span.offset == i32::MIN {
            return Err(HistogramError::BucketIndexOutOfRange);
        }
        named += u64::from(span.length);
        end += i64::from(span.offset) + i64::from(span.length);
        if end - 1 > i64::from(i32::MAX) {
            return Err(HistogramError::BucketIndexOutOfRange);
        }
    }
    if named == buckets as u64 {
        Ok(())
    } else {
        Err(HistogramError::SpansBucketsMismatch { spans: named, buckets: buckets as u64 })
    }
}

#[cfg(test)]
mod tests {
    use super::{BucketSpan, Indexed, IndexedReversed, check_spans, spans_match};

    fn spans(list: &[(i32, u32)]) -> Vec<BucketSpan> {
        list.iter().map(|&(offset, length)| BucketSpan { offset, length }).collect()
    }

    #[test]
    fn both_directions_name_the_same_indexes() {
        let spans = spans(&[(0, 0), (-2, 2), (3, 1), (2, 0), (1, 2)]);
        let buckets = [1.0, 2.0, 3.0, 4.0, 5.0];
        let forward: Vec<_> = Indexed::new(&spans, &buckets).collect();
        assert_eq!(forward, [(-2, 1.0), (-1, 2.0), (3, 3.0), (7, 4.0), (8, 5.0)]);
        let mut backward: Vec<_> = IndexedReversed::new(&spans, &buckets).collect();
        backward.reverse();
        assert_eq!(forward, backward);
    }

    #[test]
    fn spans_that_promise_too_much_end_with_the_buckets() {
        let spans = spans(&[(i32::MAX, u32::MAX), (i32::MAX, u32::MAX)]);
        assert_eq!(Indexed::new(&spans, &[1.0]).count(), 1);
        assert_eq!(IndexedReversed::new(&spans, &[1.0]).count(), 1);
        assert!(check_spans(&spans, 1).is_err());
    }

    #[test]
    fn empty_spans_do_not_change_a_layout() {
        assert!(spans_match(&spans(&[(1, 2), (3, 0), (2, 1)]), &spans(&[(1, 2), (5, 1)])));
        assert!(spans_match(&spans(&[(1, 2), (3, 0)]), &spans(&[(1, 2)])));
        assert!(!spans_match(&spans(&[(1, 2), (0, 1)]), &spans(&[(1, 3)])));
    }
}
