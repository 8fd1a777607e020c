//! Why no series of one side of an operator has a partner on the other, and the modifier that would give it one.

use std::collections::{BTreeMap, BTreeSet};

use promql_engine::{
    model::{Labels, METRIC_NAME},
    syntax::ast::{BinaryExpr, Cardinality, Expr, ExprKind, VectorMatching},
};

use super::{
    Reason,
    examiner::{Examiner, Row, canonical},
    selector::list,
};

/// Series shown of each side.
const SHOWN: usize = 2;

/// Whether the sides have series, but no two that match; then says so.
pub(super) fn has_no_partners(examiner: &mut Examiner<'_>, binary: &BinaryExpr, expr: &Expr) -> bool {
    let Some(matching) = &binary.matching else { return false };
    let left = examiner.rows(&canonical(&binary.lhs)).unwrap_or_default();
    let right = examiner.rows(&canonical(&binary.rhs)).unwrap_or_default();
    if left.is_empty() || right.is_empty() {
        return false;
    }
    let groups: BTreeSet<Labels> = left.iter().map(|row| group(&row.labels, matching)).collect();
    if right.iter().any(|row| groups.contains(&group(&row.labels, matching))) {
        if binary.op.is_comparison() && !binary.return_bool {
            return false;
        }
        let message = format!("the sides of `{}` have partners, but never at one time", binary.op);
        examiner.found(Reason::new("no_partners_at_one_time", expr.span, message));
        return true;
    }
    let by = match (matching.on, matching.labels.is_empty()) {
        (true, true) => "no labels at all".to_owned(),
        (true, false) => matching.labels.join(", "),
        (false, _) => {
            let names = names(&left).into_iter().chain(names(&right)).collect::<BTreeSet<_>>();
            let ignored = |name: &&String| matching.labels.iter().any(|label| **label == ***name);
            let compared: Vec<String> = names.iter().filter(|name| !ignored(name)).cloned().collect();
            list(compared, ", ")
        }
    };
    let message =
        format!("no series on the left of `{}` has a partner on the right: they match on {by}", binary.op);
    let mut reason = Reason::new("no_partners", expr.span, message)
        .note(format!("left:  {}", some(&left)))
        .note(format!("right: {}", some(&right)));
    if let Some(remedy) = remedy(examiner, binary, expr, &left, &right) {
        reason = reason.note(format!("`{remedy}` gives an answer"));
    }
    examiner.found(reason);
    true
}

/// An operator with its modifiers, as one would write them.
pub(super) fn modifiers(binary: &BinaryExpr) -> String {
    let mut out = binary.op.to_string();
    if binary.return_bool {
        out.push_str(" bool");
    }
    let Some(matching) = &binary.matching else { return out };
    if matching.on || !matching.labels.is_empty() {
        let word = if matching.on { "on" } else { "ignoring" };
        out.push_str(&format!(" {word} ({})", matching.labels.join(", ")));
    }
    match matching.card {
        Cardinality::ManyToOne => out.push_str(" group_left"),
        Cardinality::OneToMany => out.push_str(" group_right"),
        Cardinality::OneToOne | Cardinality::ManyToMany => {}
    }
    if !matching.include.is_empty() {
        out.push_str(&format!(" ({})", matching.include.join(", ")));
    }
    out
}

/// What decides on partners.
fn group(labels: &Labels, matching: &VectorMatching) -> Labels {
    let listed = |name: &str| matching.labels.iter().any(|label| **label == *name);
    labels.retain(|name| match matching.on {
        true => listed(name),
        false => name != METRIC_NAME && !listed(name),
    })
}

fn names(rows: &[Row]) -> BTreeSet<String> {
    let all = rows.iter().flat_map(|row| row.labels.iter().map(|(name, _)| name));
    all.filter(|name| *name != METRIC_NAME).map(str::to_owned).collect()
}

fn some(rows: &[Row]) -> String {
    let shown: Vec<String> = rows.iter().take(SHOWN).map(|row| row.labels.to_string()).collect();
    let more = rows.len() - shown.len();
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    shown.join(", ") + &rest
}

/// The modifiers, tried one after the other, with which the operation gives something: on the labels of which both sides
/// have a value in common.
fn remedy(
    examiner: &mut Examiner<'_>,
    binary: &BinaryExpr,
    expr: &Expr,
    left: &[Row],
    right: &[Row],
) -> Option<String> {
    let values = |rows: &[Row]| {
        let mut values: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (name, value) in rows.iter().flat_map(|row| row.labels.iter()) {
            if name != METRIC_NAME {
                values.entry(name.to_owned()).or_default().insert(value.to_owned());
            }
        }
        values
    };
    let (left, right) = (values(left), values(right));
    let common: Vec<Box<str>> = left
        .iter()
        .filter(|(name, values)| right.get(*name).is_some_and(|others| !values.is_disjoint(others)))
        .map(|(name, _)| name.as_str().into())
        .collect();
    let cards: &[Cardinality] = match binary.op.is_set() {
        true => &[Cardinality::ManyToMany],
        false => &[Cardinality::OneToOne, Cardinality::ManyToOne, Cardinality::OneToMany],
    };
    for card in cards {
        let matching =
            VectorMatching { card: *card, labels: common.clone(), on: true, ..VectorMatching::default() };
        let mut tried = binary.clone();
        // Whether there are partners is one thing, whether they pass a filter another.
        tried.return_bool = tried.op.is_comparison();
        tried.matching = Some(matching);
        let query = canonical(&Expr { span: expr.span, kind: ExprKind::Binary(Box::new(tried.clone())) });
        if examiner.rows(&query).is_some_and(|rows| !rows.is_empty()) {
            let bool = binary.return_bool;
            tried.return_bool = bool;
            return Some(modifiers(&tried));
        }
    }
    None
}
