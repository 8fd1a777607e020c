//! Builds label sets pair by pair.

use super::Labels;
use super::encoding::{encoded_length, push_text};

impl Labels {
    /// These labels with one set; an empty value removes it. `memory` is written to.
    pub(crate) fn with(&self, name: &str, value: &str, memory: &mut String) -> Self {
        let data = self.text();
        let (mut at, mut after) = (0, 0);
        for (known, old) in self.iter() {
            if known >= name {
                let length = encoded_length(known) + encoded_length(old);
                after = at + if known == name { length } else { 0 };
                break;
            }
            at += encoded_length(known) + encoded_length(old);
            after = at;
        }
        memory.clear();
        memory.push_str(&data[..at]);
        if !value.is_empty() {
            push_text(memory, name);
            push_text(memory, value);
        }
        memory.push_str(&data[after..]);
        Self::of_text(memory)
    }
}

/// Builds [`Labels`] pair by pair, from scratch or as changes to others. Setting costs the same however many
/// labels there are; [`LabelsBuilder::finish`] sorts once.
#[derive(Debug, Clone, Default)]
pub struct LabelsBuilder {
    base: Labels,
    /// Changes in the order they were made: names and values one after the other.
    text: String,
    /// Ends of each change's name and value in `text`.
    ends: Vec<(usize, usize)>,
}

impl From<&Labels> for LabelsBuilder {
    fn from(labels: &Labels) -> Self {
        Self { base: labels.clone(), ..Self::default() }
    }
}

impl LabelsBuilder {
    /// Sets a label; an empty value removes it.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.text.push_str(name);
        let name_end = self.text.len();
        self.text.push_str(value);
        self.ends.push((name_end, self.text.len()));
        self
    }

    /// Removes a label.
    pub fn remove(&mut self, name: &str) -> &mut Self {
        self.set(name, "")
    }

    /// The value a label has now.
    pub fn get(&self, name: &str) -> Option<&str> {
        let change = (0..self.ends.len()).rev().map(|at| self.change(at)).find(|change| change.0 == name);
        match change {
            Some((_, value)) => (!value.is_empty()).then_some(value),
            None => self.base.get(name),
        }
    }

    /// Starts over from other labels and keeps the memory.
    pub fn reset(&mut self, base: &Labels) -> &mut Self {
        self.base = base.clone();
        self.text.clear();
        self.ends.clear();
        self
    }

    fn change(&self, at: usize) -> (&str, &str) {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before].1);
        let (name_end, end) = self.ends[at];
        (&self.text[start..name_end], &self.text[name_end..end])
    }

    /// The labels.
    pub fn finish(&self) -> Labels {
        if self.ends.is_empty() {
            return self.base.clone();
        }
        let mut changes: Vec<(&str, &str)> = (0..self.ends.len()).rev().map(|at| self.change(at)).collect();
        // Latest first and a stable sort: the first of equal names is the one that counts.
        changes.sort_by(|a, b| a.0.cmp(b.0));
        changes.dedup_by(|later, kept| later.0 == kept.0);

        let mut out = String::with_capacity(self.base.bytes().len() + self.text.len() + 2 * self.ends.len());
        let mut push = |(name, value): (&str, &str)| {
            if !value.is_empty() {
                push_text(&mut out, name);
                push_text(&mut out, value);
            }
        };
        let mut base = self.base.iter().peekable();
        for change in changes {
            while let Some(pair) = base.next_if(|pair| pair.0 < change.0) {
                push(pair);
            }
            base.next_if(|pair| pair.0 == change.0);
            push(change);
        }
        base.for_each(push);
        Labels::of_text(&out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_label_is_set_as_a_builder_sets_it() {
        let long = "x".repeat(200);
        let sets = [&[][..], &[("b", "1")], &[("__name__", "up"), ("a", &long), ("c", "2")]];
        let mut memory = String::new();
        for labels in sets.map(|pairs| Labels::from_pairs(pairs.iter().copied())) {
            for name in ["A", "__name__", "a", "b", "c", "d"] {
                for value in ["", "new", &long] {
                    let expected = LabelsBuilder::from(&labels).set(name, value).finish();
                    assert_eq!(labels.with(name, value, &mut memory), expected, "{labels} {name}={value}");
                }
            }
        }
    }
}
