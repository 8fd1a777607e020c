//! Dropping empty buckets, and joining runs that lie close together.

use super::spans::{Indexed, SpanBuilder};
use super::{BucketSpan, FloatHistogram};

/// The widest gap that is filled with empty buckets: more than any real layout needs (all floats have half as
/// many buckets in the finest schema), and few enough to allocate.
const FILL_LIMIT: i64 = 1 << 20;

impl FloatHistogram {
    /// Drops empty buckets at the ends of runs and inside of them where more than `max_empty_buckets` follow each
    /// other, and joins runs with at most so many missing between them. Meaning stays; layout becomes canonical.
    pub fn compact(&mut self, max_empty_buckets: usize) {
        compact(&mut self.positive_spans, &mut self.positive_buckets, None, max_empty_buckets);
        compact(&mut self.negative_spans, &mut self.negative_buckets, None, max_empty_buckets);
    }
}

/// [`FloatHistogram::compact`] of one side; with compensations, a bucket is empty if both its parts are 0.
pub(super) fn compact(
    spans: &mut Vec<BucketSpan>,
    buckets: &mut Vec<f64>,
    compensation: Option<&mut Vec<f64>>,
    max_empty_buckets: usize,
) {
    let max_empty = i64::try_from(max_empty_buckets).unwrap_or(i64::MAX).min(FILL_LIMIT);
    let settled = buckets.iter().all(|bucket| *bucket != 0.0)
        && spans.iter().all(|span| span.length > 0)
        && spans.iter().skip(1).all(|span| i64::from(span.offset) > max_empty);
    if settled {
        return;
    }

    let mut builder = SpanBuilder::default();
    let mut kept: Vec<(f64, f64)> = Vec::with_capacity(buckets.len());
    // Empty buckets since the last kept one: restored as they were (a negative zero is visible) where the gap
    // turns out to be one run of them.
    let mut empty: Vec<f64> = Vec::new();
    let compensations = compensation.as_ref().map(|values| values.as_slice());
    for (position, (index, bucket)) in Indexed::new(spans, buckets).enumerate() {
        let compensation = compensations.and_then(|values| values.get(position)).copied().unwrap_or(0.0);
        if bucket == 0.0 && compensation == 0.0 {
            empty.push(bucket);
            continue;
        }
        let gap = index - builder.end();
        if !builder.is_empty() && gap > 0 && gap <= max_empty {
            if empty.len() as i64 == gap {
                kept.extend(empty.iter().map(|bucket| (*bucket, 0.0)));
            } else {
                kept.extend((0..gap).map(|_| (0.0, 0.0)));
            }
            builder.extend(gap as u32);
        }
        builder.push(index);
        kept.push((bucket, compensation));
        empty.clear();
    }
    *spans = builder.finish();
    buckets.clear();
    buckets.extend(kept.iter().map(|(bucket, _)| *bucket));
    if let Some(values) = compensation {
        values.clear();
        values.extend(kept.iter().map(|(_, compensation)| *compensation));
    }
}

#[cfg(test)]
mod tests {
    use super::compact;
    use crate::model::histogram::BucketSpan;

    fn run(spans: &[(i32, u32)], buckets: &[f64], max_empty: usize) -> (Vec<(i32, u32)>, Vec<f64>) {
        let mut spans = spans.iter().map(|&(offset, length)| BucketSpan { offset, length }).collect();
        let mut buckets = buckets.to_vec();
        compact(&mut spans, &mut buckets, None, max_empty);
        (spans.iter().map(|span| (span.offset, span.length)).collect(), buckets)
    }

    /// Spans, counts and how many empty buckets may stay; spans and counts that come of it.
    type Row<'a> = (&'a [(i32, u32)], &'a [f64], usize, &'a [(i32, u32)], &'a [f64]);

    #[test]
    fn layouts_become_canonical() {
        let table: [Row<'_>; 9] = [
            (&[(-2, 1), (2, 3)], &[1.0, 2.0, 3.0, 4.0], 0, &[(-2, 1), (2, 3)], &[1.0, 2.0, 3.0, 4.0]),
            (&[(1, 2), (0, 1)], &[1.0, 2.0, 3.0], 0, &[(1, 3)], &[1.0, 2.0, 3.0]),
            (&[(1, 4)], &[0.0, 1.0, 2.0, 0.0], 0, &[(2, 2)], &[1.0, 2.0]),
            (&[(1, 5)], &[1.0, 0.0, 0.0, 2.0, 3.0], 0, &[(1, 1), (2, 2)], &[1.0, 2.0, 3.0]),
            (&[(1, 5)], &[1.0, 0.0, -0.0, 2.0, 3.0], 2, &[(1, 5)], &[1.0, 0.0, -0.0, 2.0, 3.0]),
            (&[(1, 5)], &[1.0, 0.0, 0.0, 0.0, 3.0], 2, &[(1, 1), (3, 1)], &[1.0, 3.0]),
            (&[(0, 2), (2, 2)], &[1.0, 0.0, 0.0, 4.0], 4, &[(0, 6)], &[1.0, 0.0, 0.0, 0.0, 0.0, 4.0]),
            (&[(3, 0), (2, 1), (1, 0)], &[1.0], 0, &[(5, 1)], &[1.0]),
            (&[(3, 2), (2, 1)], &[0.0, 0.0, 0.0], 3, &[], &[]),
        ];
        for (spans, buckets, max_empty, expected_spans, expected_buckets) in table {
            let found = run(spans, buckets, max_empty);
            assert_eq!(found, (expected_spans.to_vec(), expected_buckets.to_vec()), "{spans:?} {buckets:?}");
        }
    }

    #[test]
    fn a_gap_too_wide_to_fill_stays_one() {
        let (spans, buckets) = run(&[(0, 1), (i32::MAX, 1)], &[1.0, 2.0], usize::MAX);
        assert_eq!((spans.len(), buckets.len()), (2, 2));
    }
}
