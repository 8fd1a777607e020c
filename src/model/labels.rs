//! Labels of a series: sorted pairs in one shared string.

use std::{fmt, sync::Arc};

/// The label that holds the metric's name.
pub const METRIC_NAME: &str = "__name__";

/// A sorted set of labels, each name once, no value empty. Cloning shares; comparing reads one run of bytes.
///
/// The pairs stand in one string, each text behind its length in bytes below 0x80, so that the whole stays UTF-8.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Labels(Arc<str>);

impl Default for Labels {
    fn default() -> Self {
        Self(Arc::from(""))
    }
}

const LONG: u8 = 0x7f;

fn push_text(out: &mut String, text: &str) {
    let length = text.len();
    if length < LONG as usize {
        out.push(char::from(length as u8));
    } else {
        out.push(char::from(LONG));
        for shift in [28, 21, 14, 7, 0] {
            out.push(char::from(((length >> shift) & 0x7f) as u8));
        }
    }
    out.push_str(text);
}

fn take_text(data: &str) -> (&str, &str) {
    let bytes = data.as_bytes();
    let (length, header) = match bytes[0] {
        LONG => (bytes[1..6].iter().fold(0usize, |n, b| (n << 7) | *b as usize), 6),
        short => (short as usize, 1),
    };
    (&data[header..header + length], &data[header + length..])
}

impl Labels {
    /// Labels of these pairs, in any order. Empty values are dropped; of a name given twice the last value counts.
    pub fn from_pairs<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut builder = LabelsBuilder::default();
        for (name, value) in pairs {
            builder.set(name.as_ref(), value.as_ref());
        }
        builder.finish()
    }

    /// The pairs, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut rest: &str = &self.0;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let (name, after) = take_text(rest);
            let (value, after) = take_text(after);
            rest = after;
            Some((name, value))
        })
    }

    /// The value of a label.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// The metric's name.
    pub fn metric_name(&self) -> Option<&str> {
        self.get(METRIC_NAME)
    }

    /// Whether there is no label.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The labels for which `keep` holds.
    pub fn retain(&self, mut keep: impl FnMut(&str) -> bool) -> Self {
        let mut out = String::with_capacity(self.0.len());
        for (name, value) in self.iter() {
            if keep(name) {
                push_text(&mut out, name);
                push_text(&mut out, value);
            }
        }
        Self(Arc::from(out))
    }

    /// These labels without the metric's name.
    pub fn without_metric_name(&self) -> Self {
        self.retain(|name| name != METRIC_NAME)
    }
}

impl Ord for Labels {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.iter().cmp(other.iter())
    }
}

impl PartialOrd for Labels {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.metric_name().unwrap_or_default())?;
        f.write_str("{")?;
        for (i, (name, value)) in self.iter().filter(|(name, _)| *name != METRIC_NAME).enumerate() {
            write!(f, "{}{name}={value:?}", if i == 0 { "" } else { ", " })?;
        }
        f.write_str("}")
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Builds [`Labels`] pair by pair, from scratch or from others.
#[derive(Debug, Clone, Default)]
pub struct LabelsBuilder {
    pairs: Vec<(String, String)>,
}

impl From<&Labels> for LabelsBuilder {
    fn from(labels: &Labels) -> Self {
        Self { pairs: labels.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect() }
    }
}

impl LabelsBuilder {
    /// Sets a label; an empty value removes it.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        match self.pairs.binary_search_by(|(n, _)| n.as_str().cmp(name)) {
            Ok(at) if value.is_empty() => drop(self.pairs.remove(at)),
            Ok(at) => self.pairs[at].1 = value.to_owned(),
            Err(_) if value.is_empty() => {}
            Err(at) => self.pairs.insert(at, (name.to_owned(), value.to_owned())),
        }
        self
    }

    /// The labels.
    pub fn finish(&self) -> Labels {
        let mut out = String::new();
        for (name, value) in &self.pairs {
            push_text(&mut out, name);
            push_text(&mut out, value);
        }
        Labels(Arc::from(out))
    }
}
