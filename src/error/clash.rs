//! Series that stand in each other's way, with all of their labels: what a host needs to say more than the message does.

use std::fmt;

use crate::model::{Labels, quote::Quoted};

/// Why a vector match failed: series of one match group, more than the matching allows, at one time.
///
/// Its text is Prometheus'.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MatchClash {
    /// What the matching does not allow.
    pub kind: MatchClashKind,
    /// The labels that are compared, as the clashing series have them.
    pub group: Labels,
    /// The operand in which the clashing series stand.
    pub side: MatchSide,
    /// The clashing series, all of them, in the order in which the operand has them; at least two.
    pub series: Vec<Labels>,
    /// Series of the same match group in the other operand at that time; empty where none has a sample.
    pub partners: Vec<Labels>,
    /// The first evaluation time at which they clash, in ms.
    pub time_ms: i64,
}

/// What a matching does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MatchClashKind {
    /// Several series of a match group where one is needed: `a * b` with two series of `b` that agree in the compared labels.
    SeveralOnOneSide,
    /// Several series with one partner, and neither `group_left` nor `group_right`.
    GroupingNeeded,
    /// Several series with one partner whose results have equal labels, because `group_left (label)` overwrote what told them apart.
    EqualResults,
}

/// An operand of a binary operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchSide {
    /// The one before the operator.
    Left,
    /// The one behind it.
    Right,
}

impl fmt::Display for MatchSide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Left => "left",
            Self::Right => "right",
        })
    }
}

impl fmt::Display for MatchClash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            MatchClashKind::SeveralOnOneSide => {
                let mut two: Vec<String> = self.series.iter().take(2).map(label_set).collect();
                two.sort();
                write!(
                    f,
                    "found duplicate series for the match group {} on the {} hand-side of the operation: [{}];\
                     many-to-many matching not allowed: matching labels must be unique on one side",
                    label_set(&self.group),
                    self.side,
                    two.join(", ")
                )
            }
            MatchClashKind::GroupingNeeded => f.write_str(
                "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)",
            ),
            MatchClashKind::EqualResults => {
                f.write_str("multiple matches for labels: grouping labels must ensure unique matches")
            }
        }
    }
}

/// A label set as Prometheus' messages write it: `{__name__="up", job="a"}`.
fn label_set(labels: &Labels) -> String {
    let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={}", Quoted(value))).collect();
    format!("{{{}}}", pairs.join(", "))
}
