//! The fields of a mapping, each read as what it has to be; a field that nobody asked for is an error.

use super::error::{RuleError, RuleErrorKind};
use super::yaml::{Node, NodeValue};
use crate::syntax::parse_duration;

/// The fields of one mapping.
pub(crate) struct Fields<'n> {
    /// Key, value, and whether it was asked for.
    entries: Vec<(&'n Node, &'n str, &'n Node, bool)>,
}

impl<'n> Fields<'n> {
    /// The fields of a mapping; nothing has none.
    pub(crate) fn of(node: &'n Node) -> Result<Self, RuleError> {
        let mut entries: Vec<(&Node, &str, &Node, bool)> = Vec::new();
        if !node.is_null() {
            let NodeValue::Mapping(pairs) = &node.value else {
                return Err(node.error(RuleErrorKind::Expected("a mapping")));
            };
            for (key, value) in pairs {
                let name = text(key)?;
                if entries.iter().any(|(_, known, ..)| *known == name) {
                    return Err(key.error(RuleErrorKind::RepeatedField(name.to_owned())));
                }
                entries.push((key, name, value, false));
            }
        }
        Ok(Self { entries })
    }

    /// The node of a field that is there and says something.
    pub(crate) fn node(&mut self, name: &str) -> Option<&'n Node> {
        let entry = self.entries.iter_mut().find(|(_, known, ..)| *known == name)?;
        entry.3 = true;
        Some(entry.2).filter(|value| !value.is_null())
    }

    /// A text; empty where it is not there.
    pub(crate) fn text(&mut self, name: &str) -> Result<&'n str, RuleError> {
        self.node(name).map_or(Ok(""), text)
    }

    /// A duration in ms, where it is there.
    pub(crate) fn duration_ms(&mut self, name: &str) -> Result<Option<i64>, RuleError> {
        let Some(node) = self.node(name) else { return Ok(None) };
        let expected = || node.error(RuleErrorKind::Expected("a duration such as 5m"));
        match text(node)? {
            "0" => Ok(Some(0)),
            other => parse_duration(other).map(|ns| Some(ns / 1_000_000)).map_err(|_| expected()),
        }
    }

    /// A whole number, where it is there.
    pub(crate) fn integer(&mut self, name: &str) -> Result<Option<i64>, RuleError> {
        let Some(node) = self.node(name) else { return Ok(None) };
        let number = text(node)?.parse().map_err(|_| node.error(RuleErrorKind::Expected("a whole number")));
        number.map(Some)
    }

    /// Yes or no; no where it is not there.
    pub(crate) fn boolean(&mut self, name: &str) -> Result<bool, RuleError> {
        let Some(node) = self.node(name) else { return Ok(false) };
        match text(node)? {
            "true" | "True" | "TRUE" => Ok(true),
            "false" | "False" | "FALSE" => Ok(false),
            _ => Err(node.error(RuleErrorKind::Expected("true or false"))),
        }
    }

    /// A number as YAML writes it, 0 where it is not there.
    pub(crate) fn number(&mut self, name: &str) -> Result<f64, RuleError> {
        let Some(node) = self.node(name) else { return Ok(0.0) };
        let expected = || node.error(RuleErrorKind::Expected("a number"));
        let written = text(node)?.replace('_', "");
        match written.to_ascii_lowercase().trim_start_matches('+') {
            ".inf" | "inf" => Ok(f64::INFINITY),
            "-.inf" | "-inf" => Ok(f64::NEG_INFINITY),
            ".nan" | "nan" => Ok(f64::NAN),
            number => match number.strip_prefix("0x") {
                Some(digits) => i64::from_str_radix(digits, 16).map(|n| n as f64).map_err(|_| expected()),
                None => number.parse().map_err(|_| expected()),
            },
        }
    }

    /// The items of a list; none where it is not there.
    pub(crate) fn list(&mut self, name: &str) -> Result<&'n [Node], RuleError> {
        let Some(node) = self.node(name) else { return Ok(&[]) };
        match &node.value {
            NodeValue::Sequence(items) => Ok(items),
            _ => Err(node.error(RuleErrorKind::Expected("a list"))),
        }
    }

    /// A list of texts.
    pub(crate) fn texts(&mut self, name: &str) -> Result<Vec<String>, RuleError> {
        self.list(name)?.iter().map(|item| text(item).map(str::to_owned)).collect()
    }

    /// A mapping of texts to texts, each with its key's node, in order of the keys.
    pub(crate) fn map(&mut self, name: &str) -> Result<Vec<(String, String, &'n Node)>, RuleError> {
        let Some(node) = self.node(name) else { return Ok(Vec::new()) };
        let fields = Self::of(node)?;
        let mut pairs = Vec::new();
        for (key, name, value, _) in fields.entries {
            let value = if value.is_null() { "" } else { text(value)? };
            pairs.push((name.to_owned(), value.to_owned(), key));
        }
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(pairs)
    }

    /// Refuses fields that nobody asked for.
    pub(crate) fn finish(self) -> Result<(), RuleError> {
        match self.entries.iter().find(|(.., asked)| !asked) {
            Some((key, name, ..)) => Err(key.error(RuleErrorKind::UnknownField((*name).to_owned()))),
            None => Ok(()),
        }
    }
}

/// The text of a scalar.
pub(crate) fn text(node: &Node) -> Result<&str, RuleError> {
    match &node.value {
        NodeValue::Scalar { text, .. } => Ok(text),
        NodeValue::Sequence(_) | NodeValue::Mapping(_) => Err(node.error(RuleErrorKind::Expected("a text"))),
    }
}
