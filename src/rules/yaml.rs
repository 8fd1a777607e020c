//! YAML as nodes that know where they stand. Rule files say what type a value has, so that scalars stay text here.
//!
//! Depth, and what aliases may grow to, are bounded: a small text may otherwise stand for a very large one.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::error::{RuleError, RuleErrorKind};

/// How deep lists and mappings may nest.
const MAX_DEPTH: usize = 64;
/// How many nodes a text may stand for, repeated ones counted.
const MAX_NODES: usize = 1_000_000;

/// A node and where it begins, counted from 1.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) value: NodeValue,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum NodeValue {
    /// Text, and whether it stood without quotes.
    Scalar {
        text: String,
        is_plain: bool,
    },
    Sequence(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
}

impl Node {
    /// Whether it stands for nothing: an empty plain text, `~` or `null`.
    pub(crate) fn is_null(&self) -> bool {
        match &self.value {
            NodeValue::Scalar { text, is_plain } => {
                *is_plain && matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")
            }
            NodeValue::Sequence(_) | NodeValue::Mapping(_) => false,
        }
    }

    /// An error at this node.
    pub(crate) fn error(&self, kind: RuleErrorKind) -> RuleError {
        RuleError::at(self.line, self.column, kind)
    }
}

/// A list or mapping whose end is still to come.
struct Open {
    line: usize,
    column: usize,
    anchor: usize,
    is_mapping: bool,
    items: Vec<Node>,
    nodes: usize,
}

/// Reads the first document of a text; `None` where there is none.
pub(crate) fn parse(text: &str) -> Result<Option<Node>, RuleError> {
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: HashMap<usize, (Node, usize)> = HashMap::new();
    let mut total = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let marker = error.marker();
            RuleError::at(marker.line(), marker.col() + 1, RuleErrorKind::Yaml(error.info().to_owned()))
        })?;
        let (line, column) = place(span);
        let (node, nodes, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => {
                let value =
                    NodeValue::Scalar { text: text.into_owned(), is_plain: style == ScalarStyle::Plain };
                (Node { line, column, value }, 1, anchor)
            }
            Event::Alias(anchor) => match anchors.get(&anchor) {
                Some((node, nodes)) => {
                    total += nodes;
                    if total > MAX_NODES {
                        return Err(RuleError::at(line, column, RuleErrorKind::TooLarge));
                    }
                    (node.clone(), *nodes, 0)
                }
                None => {
                    return Err(RuleError::at(
                        line,
                        column,
                        RuleErrorKind::Yaml("unknown anchor".to_owned()),
                    ));
                }
            },
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                let is_mapping = matches!(event, Event::MappingStart(..));
                if open.len() == MAX_DEPTH {
                    return Err(RuleError::at(line, column, RuleErrorKind::TooDeep));
                }
                open.push(Open { line, column, anchor, is_mapping, items: Vec::new(), nodes: 1 });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(closed) => close(closed),
                None => continue,
            },
            Event::DocumentEnd | Event::StreamEnd => return Ok(None),
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => continue,
        };
        total += 1;
        if anchor != 0 {
            anchors.insert(anchor, (node.clone(), nodes));
        }
        match open.last_mut() {
            Some(parent) => {
                parent.nodes += nodes;
                parent.items.push(node);
            }
            None => return Ok(Some(node)),
        }
    }
    Ok(None)
}

fn place(span: Span) -> (usize, usize) {
    (span.start.line(), span.start.col() + 1)
}

fn close(closed: Open) -> (Node, usize, usize) {
    let Open { line, column, anchor, is_mapping, items, nodes } = closed;
    let value = if is_mapping {
        let mut items = items.into_iter();
        let mut pairs = Vec::new();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            pairs.push((key, value));
        }
        NodeValue::Mapping(merge(pairs))
    } else {
        NodeValue::Sequence(items)
    };
    (Node { line, column, value }, nodes, anchor)
}

/// Puts what `<<` names into the mapping, where the mapping does not say otherwise.
fn merge(pairs: Vec<(Node, Node)>) -> Vec<(Node, Node)> {
    let is_merge =
        |key: &Node| matches!(&key.value, NodeValue::Scalar { text, is_plain: true } if text == "<<");
    if !pairs.iter().any(|(key, _)| is_merge(key)) {
        return pairs;
    }
    let (merged, mut own): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(key, _)| is_merge(key));
    for (_, value) in merged {
        let sources = match value.value {
            NodeValue::Sequence(items) => items,
            _ => vec![value],
        };
        for source in sources {
            let NodeValue::Mapping(pairs) = source.value else { continue };
            for (key, value) in pairs {
                if own.iter().all(|(known, _)| known.value != key.value) {
                    own.push((key, value));
                }
            }
        }
    }
    own
}
