//! `absent` and `absent_over_time`: alerting on what is not there.

use super::{Example, Function, Unit, kernel::Kernel, signature, special::Special};
use crate::model::{
    Labels, LabelsBuilder, MatchOperator,
    ValueType::{Matrix, Vector},
};

const UP: &str = "load 1m\n  up{job=\"api\"} 1";

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        signature: signature("absent", &[Vector], 0, Vector),
        summary: "1 where the argument has no sample; the labels are those its selector pins to one value.",
        example: Example { load: UP, query: "absent(up{job=\"db\"})", at: "0s", answer: "{job=\"db\"} 1" },
        unit: Unit::Number,
        kernel: Kernel::Special(Special::Absent),
    },
    Function {
        signature: signature("absent_over_time", &[Matrix], 0, Vector),
        summary: "1 where the argument has no sample in the range; the labels are those its selector pins to one value.",
        example: Example {
            load: UP,
            query: "absent_over_time(up{job=\"db\"}[5m])",
            at: "0s",
            answer: "{job=\"db\"} 1",
        },
        unit: Unit::Number,
        kernel: Kernel::Special(Special::AbsentOverTime),
    },
];

/// The labels of `absent` over a selector with these matchers (name, operator, value), in the order written.
///
/// A label counts if its first matcher is an equality and no other follows; names of metrics, types and units never do.
pub fn absent_labels<'m>(matchers: impl IntoIterator<Item = (&'m str, MatchOperator, &'m str)>) -> Labels {
    let mut builder = LabelsBuilder::default();
    let mut seen = Vec::new();
    for (name, operator, value) in matchers {
        if matches!(name, "__name__" | "__type__" | "__unit__") {
            continue;
        }
        if operator == MatchOperator::Equal && !seen.contains(&name) {
            builder.set(name, value);
            seen.push(name);
        } else {
            builder.set(name, "");
        }
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use MatchOperator::{Equal, NotEqual, Regex};

    #[test]
    fn labels_are_those_pinned_once() {
        let of =
            |matchers: &[(&str, MatchOperator, &str)]| absent_labels(matchers.iter().copied()).to_string();
        assert_eq!(of(&[("__name__", Equal, "x"), ("job", Equal, "a"), ("b", Regex, "c")]), "{job=\"a\"}");
        assert_eq!(of(&[("job", Equal, "a"), ("job", Equal, "b"), ("foo", Equal, "bar")]), "{foo=\"bar\"}");
        assert_eq!(of(&[("job", NotEqual, "a"), ("job", Equal, "b")]), "{job=\"b\"}");
        assert_eq!(of(&[("job", Equal, "a"), ("job", NotEqual, "b")]), "{}");
    }
}
