//! `label_replace` and `label_join`: functions of labels alone, applied once a series.

use std::fmt;

use super::{Example, Function, Unit, kernel::Kernel, signature, special::Special};
use crate::model::{
    AnchoredRegex, Labels,
    ValueType::{String as Text, Vector},
};

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        signature: signature("label_replace", &[Vector, Text, Text, Text, Text], 0, Vector),
        summary: "Sets the label named second to the third argument, in which $1, $2 … stand for groups of the pattern, where the pattern (last) \
                  matches the whole value of the label named fourth.",
        example: Example {
            load: "load 1m\n  up{instance=\"db1:9100\"} 1",
            query: "label_replace(up, \"host\", \"$1\", \"instance\", \"(.*):.*\")",
            at: "0s",
            answer: "up{host=\"db1\",instance=\"db1:9100\"} 1",
        },
        unit: Unit::Argument,
        kernel: Kernel::Special(Special::LabelReplace),
    },
    Function {
        signature: signature("label_join", &[Vector, Text, Text, Text], -1, Vector),
        summary: "Sets the label named second to the values of the labels named last, joined by the third argument.",
        example: Example {
            load: "load 1m\n  up{zone=\"b\",region=\"eu\"} 1",
            query: "label_join(up, \"place\", \"-\", \"region\", \"zone\")",
            at: "0s",
            answer: "up{place=\"eu-b\",region=\"eu\",zone=\"b\"} 1",
        },
        unit: Unit::Argument,
        kernel: Kernel::Special(Special::LabelJoin),
    },
];

/// An argument of `label_replace` or `label_join` that names no label or is no pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LabelError {
    /// The pattern of `label_replace` is not one.
    Pattern(String),
    /// The label to set has no valid name.
    Destination {
        /// The function.
        function: &'static str,
        /// The name.
        name: String,
    },
    /// A label to read has no valid name.
    Source {
        /// The function.
        function: &'static str,
        /// The name.
        name: String,
    },
}

impl fmt::Display for LabelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pattern(pattern) => write!(f, "invalid regular expression in label_replace(): {pattern}"),
            Self::Destination { function, name } => {
                write!(f, "invalid destination label name in {function}(): {name}")
            }
            Self::Source { function, name } => write!(f, "invalid source label name in {function}(): {name}"),
        }
    }
}

impl std::error::Error for LabelError {}

/// Names are any UTF-8 text but the empty one.
fn is_label_name(name: &str) -> bool {
    !name.is_empty()
}

/// A `label_replace` with its pattern compiled.
#[derive(Debug, Clone)]
pub struct LabelReplace {
    destination: String,
    replacement: String,
    source: String,
    pattern: AnchoredRegex,
}

impl LabelReplace {
    /// Checks the arguments. The pattern must match the whole value; its `.` matches line ends too.
    pub fn new(
        destination: &str,
        replacement: &str,
        source: &str,
        pattern: &str,
    ) -> Result<Self, LabelError> {
        let compiled = AnchoredRegex::new(pattern).map_err(|_| LabelError::Pattern(pattern.to_owned()))?;
        if !is_label_name(destination) {
            let name = destination.to_owned();
            return Err(LabelError::Destination { function: "label_replace", name });
        }
        Ok(Self {
            destination: destination.to_owned(),
            replacement: replacement.to_owned(),
            source: source.to_owned(),
            pattern: compiled,
        })
    }

    /// The label it sets; where that is the metric's name, the series keeps it.
    pub fn destination(&self) -> &str {
        &self.destination
    }

    /// The new labels; `None` where the pattern does not match and they stay as they are.
    pub fn apply(&self, labels: &Labels) -> Option<Labels> {
        self.change()(labels)
    }

    /// As [`LabelReplace::apply`], for many series.
    pub(crate) fn change(&self) -> impl FnMut(&Labels) -> Option<Labels> {
        let mut expander = self.pattern.expander();
        let (mut result, mut memory) = (String::new(), String::new());
        move |labels| {
            let value = labels.get(&self.source).unwrap_or_default();
            expander
                .expand(value, &self.replacement, &mut result)
                .then(|| labels.with(&self.destination, &result, &mut memory))
        }
    }
}

/// A `label_join` with its arguments checked.
#[derive(Debug, Clone)]
pub struct LabelJoin {
    destination: String,
    separator: String,
    sources: Vec<String>,
}

impl LabelJoin {
    /// Checks the arguments.
    pub fn new(destination: &str, separator: &str, sources: &[&str]) -> Result<Self, LabelError> {
        let function = "label_join";
        if let Some(name) = sources.iter().find(|name| !is_label_name(name)) {
            return Err(LabelError::Source { function, name: (*name).to_owned() });
        }
        if !is_label_name(destination) {
            return Err(LabelError::Destination { function, name: destination.to_owned() });
        }
        Ok(Self {
            destination: destination.to_owned(),
            separator: separator.to_owned(),
            sources: sources.iter().map(|name| (*name).to_owned()).collect(),
        })
    }

    /// The label it sets; where that is the metric's name, the series keeps it.
    pub fn destination(&self) -> &str {
        &self.destination
    }

    /// The new labels. A label that is missing counts as empty; an empty result removes the label.
    pub fn apply(&self, labels: &Labels) -> Labels {
        self.change()(labels)
    }

    /// As [`LabelJoin::apply`], for many series.
    pub(crate) fn change(&self) -> impl FnMut(&Labels) -> Labels {
        let (mut result, mut memory) = (String::new(), String::new());
        move |labels| {
            result.clear();
            for (place, name) in self.sources.iter().enumerate() {
                if place > 0 {
                    result.push_str(&self.separator);
                }
                result.push_str(labels.get(name).unwrap_or_default());
            }
            labels.with(&self.destination, &result, &mut memory)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(replacement: &str, pattern: &str) -> Option<String> {
        let labels = Labels::from_pairs([("__name__", "up"), ("src", "source-value-20")]);
        let replace = LabelReplace::new("dst", replacement, "src", pattern).ok()?;
        replace.apply(&labels).map(|labels| labels.get("dst").unwrap_or_default().to_owned())
    }

    #[test]
    fn label_replace_expands_groups_as_go_does() {
        // Replacement, pattern, the label Prometheus set.
        for (replacement, pattern, expected) in [
            ("value-$1", "source-value-(.*)", Some("value-20")),
            ("${1}x", "source-value-(.*)", Some("20x")),
            ("$1x", "source-value-(.*)", Some("")),
            ("$$1", "source-value-(.*)", Some("$1")),
            ("$2", "source-value-(.*)", Some("")),
            ("${one}", "source-value-(?P<one>.*)", Some("20")),
            ("$", ".*", Some("$")),
            ("${", ".*", Some("${")),
            ("", ".*", Some("")),
            ("x", "value", None),
        ] {
            assert_eq!(replaced(replacement, pattern).as_deref(), expected, "{replacement} {pattern}");
        }
    }

    #[test]
    fn label_functions_refuse_what_names_no_label() {
        let error = LabelReplace::new("", "", "a", ".*").map(|_| ()).unwrap_err();
        assert_eq!(error.to_string(), "invalid destination label name in label_replace(): ");
        assert_eq!(LabelReplace::new("a", "", "a", "(").map(|_| ()), Err(LabelError::Pattern("(".into())));
        let error = LabelJoin::new("a", "", &["b", ""]).map(|_| ()).unwrap_err();
        assert_eq!(error.to_string(), "invalid source label name in label_join(): ");
    }

    #[test]
    fn label_join_counts_missing_labels_as_empty() {
        let labels = Labels::from_pairs([("a", "1"), ("c", "3")]);
        let joined =
            |sources: &[&str]| LabelJoin::new("d", "-", sources).map(|join| join.apply(&labels).to_string());
        assert_eq!(joined(&["a", "b", "c"]), Ok("{a=\"1\", c=\"3\", d=\"1--3\"}".into()));
        assert_eq!(joined(&["b"]), Ok("{a=\"1\", c=\"3\"}".into()));
        assert_eq!(joined(&[]), Ok("{a=\"1\", c=\"3\"}".into()));
    }
}
