//! Label sets against a plain sorted map: building, order, projections, signatures.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use promql_engine::model::{Labels, LabelsBuilder, METRIC_NAME};
use proptest::prelude::*;

/// The order as Prometheus has it, on plain pairs.
fn reference_order(a: &[(String, String)], b: &[(String, String)]) -> Ordering {
    for (left, right) in a.iter().zip(b) {
        let order = left.0.cmp(&right.0).then_with(|| left.1.cmp(&right.1));
        if order != Ordering::Equal {
            return order;
        }
    }
    a.len().cmp(&b.len())
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[ab]{0,3}",
        2 => "[a-cü→🙂]{0,4}",
        1 => Just("__name__".to_owned()),
        // Around the border of the long form of lengths, and beyond two of its digits.
        1 => (0usize..3).prop_map(|more| "x".repeat(125 + more)),
        1 => Just("y".repeat(20_000)),
    ]
}

fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    proptest::collection::vec((text(), text()), 0..7)
}

fn as_map(pairs: &[(String, String)]) -> BTreeMap<String, String> {
    let mut map = BTreeMap::new();
    for (name, value) in pairs {
        if value.is_empty() {
            map.remove(name);
        } else {
            map.insert(name.clone(), value.clone());
        }
    }
    map
}

fn as_vec(labels: &Labels) -> Vec<(String, String)> {
    labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn hash(labels: &Labels) -> u64 {
    let mut hasher = DefaultHasher::new();
    labels.hash(&mut hasher);
    hasher.finish()
}

proptest! {
    #[test]
    fn building_keeps_the_last_value_of_each_name(pairs in pairs(), more in pairs()) {
        let labels = Labels::from_pairs(pairs.iter().map(|(n, v)| (n, v)));
        let mut map = as_map(&pairs);
        prop_assert_eq!(as_vec(&labels), map.clone().into_iter().collect::<Vec<_>>());
        prop_assert_eq!(labels.len(), map.len());

        let mut builder = LabelsBuilder::from(&labels);
        for (name, value) in &more {
            builder.set(name, value);
            if value.is_empty() { map.remove(name); } else { map.insert(name.clone(), value.clone()); }
            prop_assert_eq!(builder.get(name), map.get(name).map(String::as_str));
        }
        let changed = builder.finish();
        prop_assert_eq!(as_vec(&changed), map.clone().into_iter().collect::<Vec<_>>());
        for (name, _) in pairs.iter().chain(&more) {
            prop_assert_eq!(changed.get(name), map.get(name).map(String::as_str));
        }
        prop_assert_eq!(changed.get("absent"), None);
    }

    #[test]
    fn order_equality_and_hash_agree_with_plain_pairs(a in pairs(), b in pairs()) {
        let (left, right) = (Labels::from_pairs(a), Labels::from_pairs(b));
        let order = reference_order(&as_vec(&left), &as_vec(&right));
        prop_assert_eq!(left.cmp(&right), order);
        prop_assert_eq!(right.cmp(&left), order.reverse());
        prop_assert_eq!(left == right, order == Ordering::Equal);
        let again = Labels::from_pairs(as_vec(&left));
        prop_assert_eq!(&again, &left);
        prop_assert_eq!(hash(&again), hash(&left));
    }

    #[test]
    fn projections_keep_what_they_name(pairs in pairs(), names in proptest::collection::vec(text(), 0..5)) {
        let labels = Labels::from_pairs(pairs);
        let mut names = names;
        names.sort();
        let kept = labels.retain(|name| names.iter().any(|n| n == name));
        prop_assert_eq!(&labels.project(&names, true), &kept);
        let others = labels.retain(|name| name != METRIC_NAME && !names.iter().any(|n| n == name));
        prop_assert_eq!(&labels.project(&names, false), &others);
        for (keep, expected) in [(true, kept), (false, others)] {
            let mut signature = vec![7];
            labels.signature_into(&mut signature, &names, keep);
            prop_assert_eq!(&signature[1..], expected.as_signature());
            prop_assert_eq!(Labels::from_signature(&signature[1..]), Some(expected));
        }
        prop_assert_eq!(labels.without_metric_name(), labels.retain(|name| name != METRIC_NAME));
    }

    #[test]
    fn bytes_are_taken_for_a_signature_only_where_they_are_one(bytes in proptest::collection::vec(0u8..=255, 0..12), at in 0usize..40, byte: u8) {
        if let Some(labels) = Labels::from_signature(&bytes) {
            let again = Labels::from_pairs(as_vec(&labels));
            prop_assert_eq!(again.as_signature(), &bytes[..]);
        }
        let mut damaged = Labels::from_pairs([("__name__", "up"), ("a", "1"), ("job", "b")]).as_signature().to_vec();
        let at = at % damaged.len();
        damaged[at] = byte;
        if let Some(labels) = Labels::from_signature(&damaged) {
            let again = Labels::from_pairs(as_vec(&labels));
            prop_assert_eq!(again.as_signature(), &damaged[..]);
        }
    }
}

#[test]
fn the_order_is_by_name_then_value_then_number_of_labels() {
    let sets = [
        &[][..],
        &[("__name__", "a")],
        &[("__name__", "a"), ("a", "1")],
        &[("__name__", "a"), ("a", "10")],
        &[("__name__", "a"), ("a", "2")],
        &[("__name__", "a"), ("b", "0")],
        &[("__name__", "aa")],
        &[("__name__", "b")],
        &[("a", "0")],
    ]
    .map(|pairs| Labels::from_pairs(pairs.iter().copied()));
    assert!(sets.is_sorted_by(|a, b| a < b), "{sets:?}");
}

#[test]
fn an_unchanged_projection_shares_its_memory() {
    let labels = Labels::from_pairs([("a", "1"), ("b", "2")]);
    for projected in
        [labels.project(&["a", "b"], true), labels.project(&["c"], false), labels.without_metric_name()]
    {
        assert_eq!(projected.as_signature().as_ptr(), labels.as_signature().as_ptr());
    }
}
