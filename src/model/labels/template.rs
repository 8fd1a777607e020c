//! Label sets that differ in the value of one label only.

use std::cmp::Ordering;

use super::{Labels, encoding::push_text};

/// A label set without the value of one label; filling it in looks at no other label.
#[derive(Debug, Clone)]
pub(crate) struct LabelTemplate {
    /// The encoded pairs before the label, and its name.
    before: String,
    /// The encoded pairs behind it.
    behind: String,
}

impl LabelTemplate {
    /// The labels of `base`, but for `name`.
    pub(crate) fn new(base: &Labels, name: &str) -> Self {
        let (mut before, mut behind) = (String::new(), String::new());
        for (own, value) in base.iter() {
            let side = match own.cmp(name) {
                Ordering::Less => &mut before,
                Ordering::Equal => continue,
                Ordering::Greater => &mut behind,
            };
            push_text(side, own);
            push_text(side, value);
        }
        push_text(&mut before, name);
        Self { before, behind }
    }
}

/// Many label sets, written one after the other: some of them share one allocation in the end.
#[derive(Debug, Default)]
pub(crate) struct LabelSets {
    text: String,
    /// Where each set ends.
    ends: Vec<usize>,
}

impl LabelSets {
    /// Sets that share their memory: not so many that one which stays alive holds much.
    const TOGETHER: usize = 64;

    /// How many sets there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Adds the template's labels with this value, which must not be empty.
    pub(crate) fn push(&mut self, template: &LabelTemplate, value: &str) {
        self.text.push_str(&template.before);
        push_text(&mut self.text, value);
        self.text.push_str(&template.behind);
        self.ends.push(self.text.len());
    }

    /// Adds labels as they are.
    pub(crate) fn push_labels(&mut self, labels: &Labels) {
        self.text.push_str(labels.text());
        self.ends.push(self.text.len());
    }

    /// The sets, in the order in which they were added.
    pub(crate) fn into_labels(self) -> impl Iterator<Item = Labels> {
        let Self { text, ends } = self;
        let (mut from, mut shared, mut shared_from) = (0, Labels::default(), 0);
        (0..ends.len()).map(move |set| {
            if set.is_multiple_of(Self::TOGETHER) {
                let last = ends.len().min(set + Self::TOGETHER) - 1;
                (shared, shared_from) = (Labels::of_text(&text[from..ends[last]]), from);
            }
            let own = from - shared_from..ends[set] - shared_from;
            from = ends[set];
            shared.part(own)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LabelsBuilder;

    #[test]
    fn fills_in_as_a_builder_does() {
        let base = Labels::from_pairs([("__name__", "m"), ("job", "api"), ("z", "1")]);
        let mut sets = LabelSets::default();
        let mut expected = vec![base.clone(), Labels::default()];
        expected.iter().for_each(|labels| sets.push_labels(labels));
        for name in ["__name__", "a", "job", "k", "z", "zz"] {
            let template = LabelTemplate::new(&base, name);
            for value in (0..30).map(|length| "x".repeat(1 + length * 7)) {
                expected.push(LabelsBuilder::from(&base).set(name, &value).finish());
                sets.push(&template, &value);
            }
        }
        assert_eq!(sets.len(), expected.len());
        assert_eq!(sets.into_labels().collect::<Vec<_>>(), expected);
    }
}
