//! Functions that look at labels: replacing, joining, sorting.

use std::cmp::Ordering;

use regex::Regex;

use crate::model::{LabelsBuilder, METRIC_NAME};
use crate::testing::answer::Failure;

use super::value::Sample;

fn relabelled(sample: Sample, name: &str, value: &str) -> Sample {
    let mut builder = LabelsBuilder::from(&sample.labels);
    builder.set(name, value);
    Sample { labels: builder.finish(), drop_name: sample.drop_name && name != METRIC_NAME, ..sample }
}

/// `label_replace`; the texts are target, replacement, source, pattern.
pub(super) fn replace(samples: Vec<Sample>, texts: &[String]) -> Result<Vec<Sample>, Failure> {
    let [target, replacement, source, pattern] = texts else {
        return Err(Failure::refused("label_replace takes four strings"));
    };
    let regex = Regex::new(&format!("^(?s:{pattern})$")).map_err(|_| {
        Failure::execution(format!("invalid regular expression in label_replace(): {pattern}"))
    })?;
    if target.is_empty() {
        return Err(Failure::execution("invalid destination label name in label_replace()"));
    }
    Ok(samples
        .into_iter()
        .map(|sample| {
            let value = sample.labels.get(source).unwrap_or_default();
            let Some(found) = regex.captures(value) else { return sample };
            let mut text = String::new();
            found.expand(replacement, &mut text);
            relabelled(sample, target, &text)
        })
        .collect())
}

/// `label_join`; the texts are target, separator, sources.
pub(super) fn join(samples: Vec<Sample>, texts: &[String]) -> Result<Vec<Sample>, Failure> {
    let [target, separator, sources @ ..] = texts else {
        return Err(Failure::refused("label_join takes two strings and more"));
    };
    if target.is_empty() || sources.iter().any(String::is_empty) {
        return Err(Failure::execution("invalid label name in label_join()"));
    }
    Ok(samples
        .into_iter()
        .map(|sample| {
            let values: Vec<&str> =
                sources.iter().map(|name| sample.labels.get(name).unwrap_or_default()).collect();
            let text = values.join(separator);
            relabelled(sample, target, &text)
        })
        .collect())
}

/// `sort` and its relatives; NaN comes last in either direction.
pub(super) fn sort(name: &str, mut samples: Vec<Sample>, keys: &[String]) -> Result<Vec<Sample>, Failure> {
    let by_value = |descending: bool| {
        move |a: &Sample, b: &Sample| match (a.value.is_nan(), b.value.is_nan()) {
            (false, false) => {
                let order = a.value.partial_cmp(&b.value).unwrap_or(Ordering::Equal);
                if descending { order.reverse() } else { order }
            }
            (a, b) => a.cmp(&b),
        }
    };
    match name {
        "sort" => samples.sort_by(by_value(false)),
        "sort_desc" => samples.sort_by(by_value(true)),
        _ => {
            samples.sort_by(|a, b| {
                let differing = keys.iter().find_map(|key| {
                    let (a, b) =
                        (a.labels.get(key).unwrap_or_default(), b.labels.get(key).unwrap_or_default());
                    (a != b).then(|| natural(a, b))
                });
                differing.unwrap_or_else(|| a.labels.cmp(&b.labels))
            });
            if name == "sort_by_label_desc" {
                samples.reverse();
            }
        }
    }
    Ok(samples)
}

/// Texts with runs of digits compared as numbers.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (chunks(a).into_iter(), chunks(b).into_iter());
    loop {
        match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) if x == y => {}
            (Some(x), Some(y)) => {
                let order = match (x.parse::<u64>(), y.parse::<u64>()) {
                    (Ok(x), Ok(y)) if x != y => x.cmp(&y),
                    _ => x.cmp(y),
                };
                if order != Ordering::Equal {
                    return order;
                }
            }
        }
    }
}

fn chunks(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut digits = None;
    for (at, character) in text.char_indices() {
        let is_digit = character.is_ascii_digit();
        if digits.is_some_and(|before| before != is_digit) {
            out.push(&text[start..at]);
            start = at;
        }
        digits = Some(is_digit);
    }
    out.push(&text[start..]);
    out
}
