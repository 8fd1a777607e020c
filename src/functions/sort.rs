//! Orders of an instant vector's samples: by value and by label.

use std::cmp::Ordering;

use super::{Example, Function, Unit, kernel::Kernel, signature, special::Special};
use crate::model::{
    Labels,
    ValueType::{String as Text, Vector},
    sorting::sort_like_go,
};

const DISKS: &str = "load 1m\n  disk_used{disk=\"sda10\"} 5\n  disk_used{disk=\"sda2\"} 7";

const fn entry(
    name: &'static str,
    by_label: bool,
    summary: &'static str,
    query: &'static str,
    answer: &'static str,
    special: Special,
) -> Function {
    Function {
        signature: if by_label {
            signature(name, &[Vector, Text], -1, Vector)
        } else {
            signature(name, &[Vector], 0, Vector)
        },
        summary,
        example: Example { load: DISKS, query, at: "0s", answer },
        unit: Unit::Argument,
        kernel: Kernel::Special(special),
    }
}

pub(super) static FUNCTIONS: &[Function] = &[
    entry(
        "sort",
        false,
        "The float samples of an instant query, least first, NaN last.",
        "sort(disk_used)",
        "disk_used{disk=\"sda10\"} 5\ndisk_used{disk=\"sda2\"} 7",
        Special::Sort,
    ),
    entry(
        "sort_desc",
        false,
        "The float samples of an instant query, greatest first, NaN last.",
        "sort_desc(disk_used)",
        "disk_used{disk=\"sda2\"} 7\ndisk_used{disk=\"sda10\"} 5",
        Special::SortDescending,
    ),
    entry(
        "sort_by_label",
        true,
        "The samples of an instant query in the order of these labels' values, numbers in them by size.",
        "sort_by_label(disk_used, \"disk\")",
        "disk_used{disk=\"sda2\"} 7\ndisk_used{disk=\"sda10\"} 5",
        Special::SortByLabel,
    )
    .experimental(),
    entry(
        "sort_by_label_desc",
        true,
        "The samples of an instant query in the reverse order of these labels' values, numbers in them by size.",
        "sort_by_label_desc(disk_used, \"disk\")",
        "disk_used{disk=\"sda10\"} 5\ndisk_used{disk=\"sda2\"} 7",
        Special::SortByLabelDescending,
    )
    .experimental(),
];

/// Sorts `items` by their values as `sort` does, or `sort_desc`: NaN last, and what is equal as Go's sort leaves it.
pub fn sort_by_value<T>(items: &mut [T], descending: bool, value: impl Fn(&T) -> f64) {
    sort_like_go(items, |a, b| {
        let (a, b) = (value(a), value(b));
        b.is_nan() || if descending { b < a } else { b > a }
    });
}

/// Sorts `items` as `sort_by_label` does: by the values of `names` in turn, in natural order, then by all labels; `reversed` for
/// `sort_by_label_desc`.
///
/// The natural order is not one where a value is missing (each of "" and "x" stands behind the other): what comes out then is what
/// Go's sort makes of it.
pub fn sort_by_labels<T>(items: &mut [T], names: &[&str], reversed: bool, labels: impl Fn(&T) -> &Labels) {
    let compare = |a: &T, b: &T| {
        let (a, b) = (labels(a), labels(b));
        for name in names {
            let (a, b) = (a.get(name).unwrap_or_default(), b.get(name).unwrap_or_default());
            if a != b {
                let before = if natural_less(a, b) { Ordering::Less } else { Ordering::Greater };
                return if reversed { before.reverse() } else { before };
            }
        }
        let all = a.cmp(b);
        if reversed { all.reverse() } else { all }
    };
    sort_like_go(items, |a, b| compare(a, b) == Ordering::Less);
}

/// Whether `a` stands before `b` in natural order: runs of digits compare as numbers, other runs as text.
///
/// Of two texts that are equal so far the one that ends first stands before; an empty one stands behind.
pub fn natural_less(a: &str, b: &str) -> bool {
    let (mut a, mut b) = (a, b);
    if a.is_empty() {
        return false;
    }
    while !a.is_empty() {
        if b.is_empty() {
            return false;
        }
        let (left, a_rest) = first_run(a);
        let (right, b_rest) = first_run(b);
        let same = match (left.parse::<i64>(), right.parse::<i64>()) {
            (Ok(left), Ok(right)) if left != right => return left < right,
            (Ok(_), Ok(_)) => true,
            _ => left == right,
        };
        if !same {
            return left < right;
        }
        if a_rest.is_empty() {
            return true;
        }
        if b_rest.is_empty() {
            return false;
        }
        (a, b) = (a_rest, b_rest);
    }
    false
}

/// The run of digits or of other characters that a text begins with, and the rest.
fn first_run(text: &str) -> (&str, &str) {
    let digits = text.starts_with(|c: char| c.is_ascii_digit());
    let length = text.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(text.len());
    text.split_at(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_sort_with_nan_last_both_ways() {
        let mut values = [2.0, f64::NAN, f64::INFINITY, -1.0];
        sort_by_value(&mut values, false, |value| *value);
        assert_eq!(values[..3], [-1.0, 2.0, f64::INFINITY]);
        assert!(values[3].is_nan());
        sort_by_value(&mut values, true, |value| *value);
        assert_eq!(values[..3], [f64::INFINITY, 2.0, -1.0]);
        assert!(values[3].is_nan());
    }

    #[test]
    fn natural_order_compares_numbers_by_size() {
        for (a, b, less) in [
            ("a2", "a10", true),
            ("a10", "a2", false),
            ("2", "10", true),
            ("a", "b", true),
            ("a", "a1", true),
            ("a1", "a", false),
            ("", "a", false),
            ("a", "", false),
            ("01", "1", true),
            ("1", "a", true),
            ("99999999999999999999", "9", false),
            ("é1", "é2", true),
        ] {
            assert_eq!(natural_less(a, b), less, "{a:?} before {b:?}");
        }
    }

    #[test]
    fn labels_sort_at_any_length_and_whatever_is_missing() {
        for count in [3usize, 12, 13, 40] {
            let mut items: Vec<Labels> =
                (0..count).rev().map(|i| Labels::from_pairs([("disk", format!("sda{i}"))])).collect();
            sort_by_labels(&mut items, &["disk"], false, |labels| labels);
            let names: Vec<String> =
                items.iter().map(|l| l.get("disk").unwrap_or_default().to_owned()).collect();
            assert_eq!(names, (0..count).map(|i| format!("sda{i}")).collect::<Vec<_>>());
            items.push(Labels::default());
            sort_by_labels(&mut items, &["disk", "other"], true, |labels| labels);
            assert_eq!(items.len(), count + 1);
        }
    }
}
