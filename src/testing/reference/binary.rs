//! Binary operators on one step: scalars, a vector with a scalar, two vectors.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Labels, LabelsBuilder, elementary};
use crate::syntax::BinaryOp;
use crate::syntax::ast::{Cardinality, VectorMatching};
use crate::testing::answer::Failure;

use super::histogram::{Keep, difference, sum};
use super::value::{Sample, Value, is_metadata, without_metadata};

/// The value of two numbers; a comparison gives 0 or 1.
pub(super) fn scalars(op: BinaryOp, a: f64, b: f64) -> f64 {
    let truth = |holds: bool| f64::from(u8::from(holds));
    match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div => a / b,
        BinaryOp::Mod => a % b,
        BinaryOp::Pow => elementary::pow(a, b),
        BinaryOp::Atan2 => elementary::atan2(a, b),
        _ => truth(holds(op, a, b)),
    }
}

fn holds(op: BinaryOp, a: f64, b: f64) -> bool {
    match op {
        BinaryOp::Equal => a == b,
        BinaryOp::NotEqual => a != b,
        BinaryOp::Greater => a > b,
        BinaryOp::Less => a < b,
        BinaryOp::GreaterOrEqual => a >= b,
        BinaryOp::LessOrEqual => a <= b,
        _ => false,
    }
}

/// Two elements' value, and whether it is kept: a comparison gives its left operand where it holds. `None` where the operator
/// has no answer for such elements.
fn elements(op: BinaryOp, a: &Value, b: &Value) -> Option<(Value, bool)> {
    match (a, b) {
        (Value::Float(_), Value::Float(_)) if trims(op) => None,
        (Value::Float(x), Value::Float(y)) if op.is_comparison() => Some((a.clone(), holds(op, *x, *y))),
        (Value::Float(a), Value::Float(b)) => Some((Value::Float(scalars(op, *a, *b)), true)),
        (Value::Float(a), Value::Histogram(b)) => {
            let product = || b.as_ref().clone().times(*a).compact();
            (op == BinaryOp::Mul).then(|| (product().into(), true))
        }
        (Value::Histogram(a), Value::Float(b)) => {
            let histogram = a.as_ref().clone();
            let value = match op {
                BinaryOp::Mul => histogram.times(*b).compact(),
                BinaryOp::Div => histogram.over(*b).compact(),
                BinaryOp::TrimUpper => histogram.trimmed(Keep::Below, *b),
                BinaryOp::TrimLower => histogram.trimmed(Keep::Above, *b),
                _ => return None,
            };
            Some((value.into(), true))
        }
        (Value::Histogram(x), Value::Histogram(y)) => match op {
            BinaryOp::Equal => Some((a.clone(), x.same_as(y))),
            BinaryOp::NotEqual => Some((a.clone(), !x.same_as(y))),
            BinaryOp::Add | BinaryOp::Sub => {
                let is_sum = op == BinaryOp::Add;
                let result = if is_sum { sum(x, y) } else { difference(x, y) };
                // Hints that contradict each other leave no answer.
                let (value, _) = result.ok().filter(|(_, collide)| !collide)?;
                let value = if is_sum { value } else { value.into_gauge() };
                Some((value.compact().into(), true))
            }
            _ => None,
        },
    }
}

pub(super) fn trims(op: BinaryOp) -> bool {
    matches!(op, BinaryOp::TrimUpper | BinaryOp::TrimLower)
}

fn truth(holds: bool) -> Value {
    Value::Float(f64::from(u8::from(holds)))
}

/// What the operators need to know of the query around.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names {
    /// Names go at the end of the query, not here.
    pub(super) delayed: bool,
}

/// A vector with a number on its right, or on its left where `swapped`.
pub(super) fn with_scalar(
    op: BinaryOp,
    vector: Vec<Sample>,
    scalar: f64,
    swapped: bool,
    return_bool: bool,
    names: Names,
) -> Vec<Sample> {
    let scalar = Value::Float(scalar);
    let mut out = Vec::new();
    for mut sample in vector {
        let (a, b) = if swapped { (&scalar, &sample.value) } else { (&sample.value, &scalar) };
        let Some((value, keep)) = elements(op, a, b) else { continue };
        if !keep && !return_bool {
            continue;
        }
        if return_bool {
            sample.value = truth(keep);
        } else if !op.is_comparison() {
            sample.value = value;
        }
        if return_bool || !(op.is_comparison() || trims(op)) {
            sample.drop_name = true;
            if !names.delayed {
                sample.labels = without_metadata(&sample.labels);
            }
        }
        out.push(sample);
    }
    out
}

/// What two partners have in common.
fn signature(matching: &VectorMatching, labels: &Labels) -> Labels {
    let named = |name: &str| matching.labels.iter().any(|label| &**label == name);
    labels.retain(|name| if matching.on { named(name) } else { !named(name) && !is_metadata(name) })
}

/// `and`, `or`, `unless`.
pub(super) fn sets(
    op: BinaryOp,
    matching: &VectorMatching,
    lhs: Vec<Sample>,
    rhs: Vec<Sample>,
) -> Vec<Sample> {
    let signatures = |samples: &[Sample]| -> Vec<Labels> {
        samples.iter().map(|sample| signature(matching, &sample.labels)).collect()
    };
    let (left, right) = (signatures(&lhs), signatures(&rhs));
    let only = |samples: Vec<Sample>, own: &[Labels], other: &[Labels], present: bool| {
        let other: BTreeSet<&Labels> = other.iter().collect();
        let keep = own.iter().map(|signature| other.contains(signature) == present);
        let kept = samples.into_iter().zip(keep).filter_map(|(sample, keep)| keep.then_some(sample));
        kept.collect::<Vec<_>>()
    };
    match op {
        BinaryOp::And => only(lhs, &left, &right, true),
        BinaryOp::Unless => only(lhs, &left, &right, false),
        _ => {
            let rest = only(rhs, &right, &left, false);
            lhs.into_iter().chain(rest).collect()
        }
    }
}

/// Arithmetic and comparison of two vectors.
pub(super) fn vectors(
    op: BinaryOp,
    matching: &VectorMatching,
    return_bool: bool,
    lhs: Vec<Sample>,
    rhs: Vec<Sample>,
    names: Names,
) -> Result<Vec<Sample>, Failure> {
    let (mut fill_many, mut fill_one) = (matching.fill_lhs, matching.fill_rhs);
    if (lhs.is_empty() || rhs.is_empty()) && fill_many.is_none() && fill_one.is_none() {
        return Ok(Vec::new());
    }
    let swapped = matching.card == Cardinality::OneToMany;
    let (many, one) = if swapped {
        std::mem::swap(&mut fill_many, &mut fill_one);
        (rhs, lhs)
    } else {
        (lhs, rhs)
    };

    let mut partners: BTreeMap<Labels, &Sample> = BTreeMap::new();
    for sample in &one {
        let key = signature(matching, &sample.labels);
        if let Some(other) = partners.insert(key.clone(), sample) {
            let side = if swapped { "left" } else { "right" };
            return Err(Failure::execution(format!(
                "found duplicate series for the match group {key} on the {side} hand-side of the operation: \
                 [{}, {}]",
                other.labels, sample.labels
            )));
        }
    }

    let mut pairing = Pairing { op, matching, return_bool, names, met: BTreeMap::new(), out: Vec::new() };
    for sample in &many {
        let key = signature(matching, &sample.labels);
        match (partners.get(&key), fill_one) {
            (Some(partner), _) => pairing.pair(key, sample, partner)?,
            (None, Some(fill)) => pairing.pair(key.clone(), sample, &Sample::new(key, fill))?,
            (None, None) => {}
        }
    }
    if let Some(fill) = fill_many {
        for sample in &one {
            let key = signature(matching, &sample.labels);
            if !pairing.met.contains_key(&key) {
                pairing.pair(key.clone(), &Sample::new(key, fill), sample)?;
            }
        }
    }
    Ok(pairing.out)
}

/// Pairs met so far, and what they came to.
struct Pairing<'a> {
    op: BinaryOp,
    matching: &'a VectorMatching,
    return_bool: bool,
    names: Names,
    /// For each group of partners the labels of its results.
    met: BTreeMap<Labels, Vec<Labels>>,
    out: Vec<Sample>,
}

impl Pairing<'_> {
    fn pair(&mut self, key: Labels, many: &Sample, one: &Sample) -> Result<(), Failure> {
        let (a, b) = if self.matching.card == Cardinality::OneToMany { (one, many) } else { (many, one) };
        // Partners without an answer count as not met.
        let Some((value, keep)) = elements(self.op, &a.value, &b.value) else { return Ok(()) };
        let value = if self.return_bool { truth(keep) } else { value };
        let labels = self.labels(&many.labels, &one.labels);
        let results = self.met.entry(key).or_default();
        if self.matching.card == Cardinality::OneToOne && !results.is_empty() {
            return Err(Failure::execution(
                "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)",
            ));
        }
        if results.contains(&labels) {
            return Err(Failure::execution(
                "multiple matches for labels: grouping labels must ensure unique matches",
            ));
        }
        results.push(labels.clone());
        if keep || self.return_bool {
            self.out.push(Sample { labels, value, drop_name: self.return_bool });
        }
        Ok(())
    }

    fn labels(&self, many: &Labels, one: &Labels) -> Labels {
        let matching = self.matching;
        let arithmetic = !self.op.is_comparison() && !trims(self.op);
        let drops_name = arithmetic || (self.return_bool && !self.names.delayed);
        let named = |name: &str| matching.labels.iter().any(|label| &**label == name);
        let kept = many.retain(|name| {
            !(drops_name && is_metadata(name))
                && (matching.card != Cardinality::OneToOne || named(name) == matching.on)
        });
        let mut builder = LabelsBuilder::from(&kept);
        for label in &matching.include {
            builder.set(label, one.get(label).unwrap_or_default());
        }
        builder.finish()
    }
}
