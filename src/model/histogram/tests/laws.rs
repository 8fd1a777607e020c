//! Laws that hold for every histogram.

use proptest::collection::vec;
use proptest::prelude::*;

use super::histogram;
use crate::model::histogram::{BucketSpan, CounterResetHint, FloatHistogram, HistogramBuffer, HistogramRef};

/// Runs of buckets and their counts; empty buckets and touching runs included.
fn side() -> impl Strategy<Value = (Vec<BucketSpan>, Vec<f64>)> {
    let run = (0..4i32, vec(prop_oneof![Just(0.0), (0..9u8).prop_map(f64::from)], 0..5));
    (-6..6i32, vec(run, 0..4)).prop_map(|(start, runs)| {
        let mut spans = Vec::new();
        let mut buckets = Vec::new();
        for (position, (gap, counts)) in runs.into_iter().enumerate() {
            let offset = if position == 0 { start } else { gap };
            spans.push(BucketSpan { offset, length: counts.len() as u32 });
            buckets.extend(counts);
        }
        (spans, buckets)
    })
}

fn exponential() -> impl Strategy<Value = FloatHistogram> {
    let threshold = prop_oneof![Just(0.0), Just(0.001), Just(0.7), Just(2.0)];
    (-4..=8i32, side(), side(), threshold, 0..9u8, -50..50i32).prop_map(
        |(schema, positive, negative, zero_threshold, zero_count, sum)| {
            let mut histogram = FloatHistogram {
                schema,
                zero_threshold,
                zero_count: f64::from(zero_count),
                sum: f64::from(sum),
                ..FloatHistogram::default()
            };
            (histogram.positive_spans, histogram.positive_buckets) = positive;
            (histogram.negative_spans, histogram.negative_buckets) = negative;
            histogram.count = histogram.as_ref().buckets().fold(0.0, |sum, bucket| sum + bucket.count);
            histogram
        },
    )
}

/// One whose buckets all lie outside of its zero bucket, as those of real ones do.
fn sound() -> impl Strategy<Value = FloatHistogram> {
    exponential().prop_map(|mut histogram| {
        histogram.zero_threshold = 0.0;
        histogram
    })
}

/// Every populated bucket.
fn populated(histogram: HistogramRef<'_>) -> Vec<(f64, f64, f64)> {
    let buckets = histogram.buckets().filter(|bucket| bucket.count != 0.0);
    buckets.map(|bucket| (bucket.lower, bucket.upper, bucket.count)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn compacting_keeps_the_meaning(original in exponential(), max_empty in 0..4usize) {
        let mut compacted = original.clone();
        compacted.compact(max_empty);
        prop_assert_eq!(populated(compacted.as_ref()), populated(original.as_ref()));
        prop_assert!(compacted.as_ref().validate().is_ok());
        let mut again = compacted.clone();
        again.compact(max_empty);
        prop_assert_eq!(again, compacted);
    }

    #[test]
    fn addition_commutes_and_subtraction_undoes_it(a in sound(), b in sound()) {
        let (mut ab, mut ba) = (a.clone(), b.clone());
        ab.add(b.as_ref()).expect("both are exponential");
        ba.add(a.as_ref()).expect("both are exponential");
        prop_assert!(ab.as_ref().validate().is_ok(), "{:?}", ab);
        let mut difference = ab.clone();
        difference.subtract(ba.as_ref()).expect("both are exponential");
        difference.compact(0);
        prop_assert_eq!((difference.count, difference.sum), (0.0, 0.0));
        let total = |histogram: &FloatHistogram| -> f64 {
            histogram.as_ref().buckets().map(|bucket| bucket.count).sum()
        };
        prop_assert_eq!(total(&ab), total(&ba));
    }

    #[test]
    fn a_sum_has_no_reset_but_the_way_back_has(a in sound(), mut b in sound()) {
        b.schema = a.schema;
        let mut sum = a.clone();
        sum.add(b.as_ref()).expect("both are exponential");
        prop_assert!(!sum.as_ref().detect_reset(&a.as_ref()));
        if b.count > 0.0 {
            prop_assert!(a.as_ref().detect_reset(&sum.as_ref()));
        }
    }

    #[test]
    fn both_directions_see_the_same_buckets(histogram in exponential()) {
        let mut backward: Vec<_> = histogram.as_ref().buckets_reversed().collect();
        backward.reverse();
        prop_assert_eq!(histogram.as_ref().buckets().collect::<Vec<_>>(), backward);
    }

    #[test]
    fn text_reads_back(mut original in exponential()) {
        let text = original.as_ref().to_load_expression().expect("buckets lie close");
        original.compact(usize::MAX);
        prop_assert_eq!(histogram(&text), original);
    }

    #[test]
    fn columns_give_back_what_they_were_given(samples in vec(exponential(), 0..8)) {
        let mut buffer = HistogramBuffer::default();
        for sample in &samples {
            // Twice, for the second to share the layout of the first.
            buffer.push(sample.as_ref());
            buffer.push(sample.as_ref().with_hint(CounterResetHint::NotReset));
        }
        prop_assert!(buffer.layouts.len() <= samples.len());
        for (position, sample) in samples.iter().enumerate() {
            prop_assert_eq!(buffer.as_samples().at(2 * position), sample.as_ref());
            prop_assert!(buffer.as_samples().at(2 * position + 1).equals(&sample.as_ref()));
        }
        prop_assert_eq!(buffer.as_samples().at(2 * samples.len()), HistogramRef::EMPTY);
    }

    #[test]
    fn quantiles_ascend_and_fractions_invert_them(histogram in sound(), q in 0.01..0.99f64) {
        prop_assume!(histogram.count > 0.0);
        let sample = histogram.as_ref();
        let (value, _) = sample.quantile(q);
        let (higher, _) = sample.quantile((q + 0.01).min(1.0));
        prop_assert!(value <= higher + 1e-9 * higher.abs(), "{} above {}", value, higher);
        let (below, _) = sample.fraction(f64::NEG_INFINITY, value);
        prop_assert!((0.0..=1.0).contains(&below));
    }
}
