//! Many label sets put in order.
//!
//! Sets that are sorted together mostly agree up to one label and differ in its first bytes: those bytes are taken out of all sets
//! once, so that almost every comparison is one of two numbers that stand side by side.

use super::{
    Labels,
    encoding::{first_difference, text_bounds},
};

/// Up to this many sets are compared as they are.
const FEW: usize = 32;
/// Bytes of a set that a key holds, before its place in four.
const KEY: usize = 12;

/// Puts items in the order of their labels; equal ones stay as they stand.
pub(crate) fn in_label_order<T>(mut items: Vec<T>, labels: impl Fn(&T) -> &Labels) -> Vec<T> {
    if items.is_sorted_by(|a, b| labels(a) <= labels(b)) {
        return items;
    }
    if items.len() <= FEW || u32::try_from(items.len()).is_err() {
        items.sort_by(|a, b| labels(a).cmp(labels(b)));
        return items;
    }
    let encoded = |item: usize| labels(&items[item]).bytes();
    let mut keys = keys(items.len(), encoded);
    keys.sort_unstable();
    let place = |key: &u128| *key as u32 as usize;
    for equal in keys.chunk_by_mut(|a, b| a >> 32 == b >> 32).filter(|equal| equal.len() > 1) {
        equal.sort_by(|a, b| labels(&items[place(a)]).cmp(labels(&items[place(b)])));
    }
    let mut items: Vec<Option<T>> = items.into_iter().map(Some).collect();
    keys.iter().filter_map(|key| items[place(key)].take()).collect()
}

/// For each set the first bytes in which it may differ from others, and its place. Where the bytes of two sets differ, they are
/// in the order of the sets.
fn keys<'a>(count: usize, encoded: impl Fn(usize) -> &'a [u8]) -> Vec<u128> {
    let first = encoded(0);
    let common = (1..count).map(|item| first_difference(first, encoded(item))).min().unwrap_or_default();
    // All sets have the same texts before `at`, where another text begins or the set ends.
    let mut at = 0;
    while at < common {
        let (_, end) = text_bounds(&first[at..]);
        if at + end > common {
            break;
        }
        at += end;
    }
    let text = |item: usize| {
        let rest = &encoded(item)[at..];
        let (start, end) = text_bounds(rest);
        &rest[start..end]
    };
    let shared = (1..count).map(|item| first_difference(text(0), text(item))).min().unwrap_or_default();
    let key = |item| {
        // A shorter text comes first, as zeros do. Texts with zeros of their own are told apart later.
        let mut bytes = [0; 16];
        let text = &text(item)[shared..];
        let length = text.len().min(KEY);
        bytes[..length].copy_from_slice(&text[..length]);
        u128::from_be_bytes(bytes) | item as u128
    };
    (0..count).map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random.
    fn numbers(seed: u64) -> impl FnMut() -> u64 {
        let mut state = seed;
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        }
    }

    #[test]
    fn orders_as_comparisons_do() {
        let mut next = numbers(7);
        for shape in 0..8 {
            let mut items: Vec<(Labels, usize)> = Vec::new();
            for place in 0..500 {
                let number = next();
                let text = match shape {
                    0 => number.to_string(),
                    1 => (number % 7).to_string(),
                    2 => format!("a prefix that all have in common {}", number % 300),
                    3 => format!("{:>0width$}", number % 300, width = (number % 200) as usize),
                    4 => "\0".repeat((number % 20) as usize),
                    _ => format!("{:x}", number % 90),
                };
                let mut pairs = vec![("__name__", "metric"), ("l", &*text)];
                match shape {
                    5 => pairs.retain(|(name, _)| *name == "__name__" || !number.is_multiple_of(3)),
                    6 => pairs.push((["a", "zz"][number as usize % 2], "some")),
                    7 => pairs.truncate(number as usize % 3),
                    _ => {}
                }
                items.push((Labels::from_pairs(pairs), place));
            }
            let mut expected = items.clone();
            expected.sort();
            assert_eq!(in_label_order(items, |item| &item.0), expected, "{shape}");
        }
    }
}
