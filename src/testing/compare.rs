//! When two answers are the same: floats to a relative distance, everything else exactly.

use std::collections::BTreeMap;

use crate::model::histogram::{CUSTOM_BUCKETS_SCHEMA, FloatHistogram, HistogramRef};
use crate::model::{Labels, is_stale};

use super::answer::{Element, Shape};

/// How exactly answers have to agree.
#[derive(Debug, Clone, Copy)]
pub struct Tolerance {
    /// Largest relative distance of two floats.
    pub relative: f64,
    /// Two floats below this size both count as zero.
    pub zero: f64,
    /// Whether the order of a vector's elements counts.
    pub ordered: bool,
    /// Whether counter reset hints of histograms count.
    pub hints: bool,
}

impl Tolerance {
    /// The same bits.
    pub const EXACT: Self = Self { relative: 0.0, zero: 0.0, ordered: true, hints: true };

    /// Whether two floats agree: NaN with NaN, a stale marker only with another.
    pub fn floats(&self, a: f64, b: f64) -> bool {
        if is_stale(a) || is_stale(b) {
            return is_stale(a) && is_stale(b);
        }
        if a == b || (a.is_nan() && b.is_nan()) || (a.abs() < self.zero && b.abs() < self.zero) {
            return true;
        }
        if !a.is_finite() || !b.is_finite() {
            return false;
        }
        // Halved, so that the sum of two very large floats stays finite.
        let (half, size) = ((a / 2.0 - b / 2.0).abs(), a.abs() / 2.0 + b.abs() / 2.0);
        half <= size * self.relative
    }

    /// Whether two histograms agree once both are compacted.
    pub fn histograms(&self, a: &FloatHistogram, b: &FloatHistogram) -> bool {
        let (mut a, mut b) = (a.clone(), b.clone());
        a.compact(0);
        b.compact(0);
        self.compact_histograms(a.as_ref(), b.as_ref())
    }

    fn compact_histograms(&self, a: HistogramRef<'_>, b: HistogramRef<'_>) -> bool {
        let all =
            |a: &[f64], b: &[f64]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.floats(*a, *b));
        a.schema == b.schema
            && (!self.hints || a.counter_reset_hint == b.counter_reset_hint)
            && (a.schema != CUSTOM_BUCKETS_SCHEMA || a.custom_bounds == b.custom_bounds)
            && a.zero_threshold == b.zero_threshold
            && self.floats(a.count, b.count)
            && self.floats(a.sum, b.sum)
            && self.floats(a.zero_count, b.zero_count)
            && a.positive_spans == b.positive_spans
            && a.negative_spans == b.negative_spans
            && all(a.positive_buckets, b.positive_buckets)
            && all(a.negative_buckets, b.negative_buckets)
    }

    /// The first difference between what was expected and what came, in words; `None` where they agree.
    pub fn difference(&self, expected: &Shape, got: &Shape) -> Option<String> {
        match (expected, got) {
            (Shape::Scalar(a), Shape::Scalar(b)) => {
                (!self.floats(*a, *b)).then(|| format!("expected the scalar {a:?}, got {b:?}"))
            }
            (Shape::Text(a), Shape::Text(b)) => (a != b).then(|| format!("expected {a:?}, got {b:?}")),
            (Shape::Vector(a), Shape::Vector(b)) => {
                self.series(a, b).or_else(|| self.ordered.then(|| self.order(a, b)).flatten())
            }
            (Shape::Matrix(a), Shape::Matrix(b)) => self.series(a, b),
            _ => Some(format!("expected a {}, got a {}", expected.type_name(), got.type_name())),
        }
    }

    /// As [`Tolerance::difference`], for answers of `count_values`: numbers in labels may differ in their last digits, too. What
    /// `limit_ratio` keeps of such labels is chance, and not compared.
    pub fn difference_of_counts(&self, query: &str, expected: &Shape, got: &Shape) -> Option<String> {
        if !query.contains("count_values") {
            return self.difference(expected, got);
        }
        if query.contains("limit_ratio") {
            return None;
        }
        // Two numbers may lie on either side of where one rounding turns, but not of two.
        let rounded = |digits| {
            self.difference(&expected.with_rounded_labels(digits)?, &got.with_rounded_labels(digits)?)
        };
        rounded(8)?;
        rounded(9)
    }

    fn series(&self, expected: &[Element], got: &[Element]) -> Option<String> {
        let mut open: BTreeMap<&Labels, &Element> = BTreeMap::new();
        for element in got {
            if open.insert(&element.labels, element).is_some() {
                return Some(format!("{} stands twice", element.labels));
            }
        }
        for element in expected {
            let Some(found) = open.remove(&element.labels) else {
                return Some(format!("{} is missing", element.labels));
            };
            if let Some(difference) = self.points(element, found) {
                return Some(format!("{}: {difference}", element.labels));
            }
        }
        open.keys().next().map(|labels| format!("{labels} is not expected"))
    }

    fn points(&self, expected: &Element, got: &Element) -> Option<String> {
        let times = |element: &Element| {
            let floats: Vec<i64> = element.floats.iter().map(|(t, _)| *t).collect();
            let histograms: Vec<i64> = element.histograms.iter().map(|(t, _)| *t).collect();
            (floats, histograms)
        };
        let (a, b) = (times(expected), times(got));
        if a != b {
            return Some(format!(
                "expected floats at {:?} and histograms at {:?}, got floats at {:?} and histograms at {:?}",
                a.0, a.1, b.0, b.1
            ));
        }
        for ((time, a), (_, b)) in expected.floats.iter().zip(&got.floats) {
            if !self.floats(*a, *b) {
                return Some(format!("at {time} ms expected {a:?}, got {b:?}"));
            }
        }
        for ((time, a), (_, b)) in expected.histograms.iter().zip(&got.histograms) {
            if !self.histograms(a, b) {
                return Some(format!("at {time} ms expected {}, got {}", in_full(a), in_full(b)));
            }
        }
        None
    }

    /// Of two vectors with the same elements, the first place where their order differs. Neighbours of equal
    /// value may stand either way.
    fn order(&self, expected: &[Element], got: &[Element]) -> Option<String> {
        let value = |element: &Element| element.floats.first().map_or(f64::NAN, |point| point.1);
        expected.iter().zip(got).enumerate().find_map(|(place, (a, b))| {
            let tied = !a.floats.is_empty() && !b.floats.is_empty() && self.floats(value(a), value(b));
            (a.labels != b.labels && !tied)
                .then(|| format!("expected {} at place {place}, got {}", a.labels, b.labels))
        })
    }
}

/// A histogram with all that is compared: as a script has it, or its buckets where that has no notation for it.
fn in_full(histogram: &FloatHistogram) -> String {
    histogram.as_ref().to_load_expression().unwrap_or_else(|_| histogram.to_string())
}

/// Whether two values are the same to the bit, order and NaNs included.
pub fn same_bits(a: &Shape, b: &Shape) -> bool {
    let floats =
        |a: &[f64], b: &[f64]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits());
    let histograms = |a: &FloatHistogram, b: &FloatHistogram| {
        let numbers = |h: &FloatHistogram| [h.zero_threshold, h.zero_count, h.count, h.sum];
        a.schema == b.schema
            && a.counter_reset_hint == b.counter_reset_hint
            && a.positive_spans == b.positive_spans
            && a.negative_spans == b.negative_spans
            && floats(&numbers(a), &numbers(b))
            && floats(&a.positive_buckets, &b.positive_buckets)
            && floats(&a.negative_buckets, &b.negative_buckets)
            && floats(&a.custom_bounds, &b.custom_bounds)
    };
    let elements = |a: &[Element], b: &[Element]| {
        a.len() == b.len()
            && a.iter().zip(b).all(|(a, b)| {
                a.labels == b.labels
                    && a.floats.len() == b.floats.len()
                    && a.histograms.len() == b.histograms.len()
                    && a.floats
                        .iter()
                        .zip(&b.floats)
                        .all(|(a, b)| a.0 == b.0 && a.1.to_bits() == b.1.to_bits())
                    && a.histograms
                        .iter()
                        .zip(&b.histograms)
                        .all(|(a, b)| a.0 == b.0 && histograms(&a.1, &b.1))
            })
    };
    match (a, b) {
        (Shape::Scalar(a), Shape::Scalar(b)) => a.to_bits() == b.to_bits(),
        (Shape::Text(a), Shape::Text(b)) => a == b,
        (Shape::Vector(a), Shape::Vector(b)) | (Shape::Matrix(a), Shape::Matrix(b)) => elements(a, b),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::STALE_NAN;

    #[test]
    fn floats_agree_within_the_tolerance_and_no_further() {
        let loose = Tolerance { relative: 1e-9, zero: 1e-13, ordered: false, hints: false };
        assert!(loose.floats(1.0, 1.0 + 1e-10));
        assert!(!loose.floats(1.0, 1.0 + 1e-7));
        assert!(loose.floats(1e-14, -1e-14));
        assert!(loose.floats(f64::NAN, -f64::NAN));
        assert!(!loose.floats(f64::NAN, STALE_NAN));
        assert!(loose.floats(STALE_NAN, STALE_NAN));
        assert!(!loose.floats(f64::INFINITY, f64::MAX));
        assert!(loose.floats(f64::MAX, f64::MAX));
        assert!(!Tolerance::EXACT.floats(1.0, 1.0 + f64::EPSILON));
    }

    #[test]
    fn a_vector_is_a_set_unless_its_order_counts() {
        let element = |name: &str, value| Element {
            labels: Labels::from_pairs([("a", name)]),
            floats: vec![(0, value)],
            histograms: Vec::new(),
        };
        let ab = Shape::Vector(vec![element("x", 1.0), element("y", 2.0)]);
        let ba = Shape::Vector(vec![element("y", 2.0), element("x", 1.0)]);
        let set = Tolerance { ordered: false, ..Tolerance::EXACT };
        assert_eq!(set.difference(&ab, &ba), None);
        assert!(Tolerance::EXACT.difference(&ab, &ba).is_some());
        let short = Shape::Vector(vec![element("x", 1.0)]);
        assert!(set.difference(&ab, &short).is_some());
        assert!(set.difference(&short, &ab).is_some());
    }
}
