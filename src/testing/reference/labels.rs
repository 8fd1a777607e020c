//! Functions that look at labels: replacing, joining, sorting.

use regex::Regex;

use crate::model::sorting::sort_like_go;
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
    match name {
        "sort" | "sort_desc" => {
            let descending = name == "sort_desc";
            samples.retain(|sample| sample.value.float().is_some());
            sort_like_go(&mut samples, |a, b| {
                let (a, b) = (a.rank(), b.rank());
                b.is_nan() || if descending { b < a } else { b > a }
            });
        }
        _ => {
            let descending = name == "sort_by_label_desc";
            sort_like_go(&mut samples, |a, b| {
                for key in keys {
                    let value = |sample: &Sample| sample.labels.get(key).unwrap_or_default().to_owned();
                    let (a, b) = (value(a), value(b));
                    if a != b {
                        return is_before(&a, &b) != descending;
                    }
                }
                if descending { b.labels < a.labels } else { a.labels < b.labels }
            });
        }
    }
    Ok(samples)
}

/// Whether a text stands before another, runs of digits compared as numbers. An empty text stands before none.
fn is_before(a: &str, b: &str) -> bool {
    let (a, b) = (chunks(a), chunks(b));
    for (at, x) in a.iter().enumerate() {
        let Some(y) = b.get(at) else { return false };
        let equal = match (x.parse::<i64>(), y.parse::<i64>()) {
            (Ok(x), Ok(y)) if x != y => return x < y,
            (Ok(_), Ok(_)) => true,
            _ => x == y,
        };
        if !equal {
            return x < y;
        }
        if at + 1 == a.len() {
            return true;
        }
        if at + 1 == b.len() {
            return false;
        }
    }
    false
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
    if start < text.len() {
        out.push(&text[start..]);
    }
    out
}
