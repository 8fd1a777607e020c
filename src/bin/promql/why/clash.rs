//! Why a vector match failed, series by series, and the modifiers with which it would not: each was tried on the whole query.

use std::collections::BTreeSet;

use promql_engine::{
    Error, ErrorKind, MatchClash, MatchClashKind, MatchSide,
    model::{Labels, METRIC_NAME, Span},
    storage::Storage,
    syntax::{
        self, ParserOptions,
        ast::{BinaryExpr, Cardinality, Expr, ExprKind, VectorMatching},
    },
};

use super::{
    examiner::{Examiner, canonical},
    matching::modifiers,
};
use crate::{evaluate::When, problem, times};

/// Series that are listed.
const SHOWN: usize = 5;

/// Labels that are tried one by one; two sides with more in common are not told apart by luck.
const TRIED_LABELS: usize = 8;

/// What there is to say on a failed query beyond its message, a line each; nothing where the message says it all.
pub(crate) fn notes(store: &dyn Storage, query: &str, when: When, error: &Error) -> Vec<String> {
    match &error.kind {
        ErrorKind::ManyToMany(clash) => {
            let mut notes = vec![format!("match group: {}", clash.group)];
            notes.extend(listed(lead_of(clash.side), &clash.series));
            let other = match clash.side {
                MatchSide::Left => MatchSide::Right,
                MatchSide::Right => MatchSide::Left,
            };
            notes.extend(listed(lead_of(other), &clash.partners));
            if let When::Range { .. } = when {
                notes.push(format!("first at {}", times::rfc3339(clash.time_ms)));
            }
            let remedy = error.span.and_then(|span| remedy(store, query, when, span, clash));
            notes.extend(remedy.map(|remedy| format!("`{remedy}` gives an answer")));
            notes
        }
        ErrorKind::DuplicateLabelSet { labels, series } => {
            let mut notes = vec![format!("several series come to be {labels}")];
            notes.extend(listed("from:", series));
            notes
        }
        _ => Vec::new(),
    }
}

/// Both sides' series stand in one column.
const fn lead_of(side: MatchSide) -> &'static str {
    match side {
        MatchSide::Left => "left: ",
        MatchSide::Right => "right:",
    }
}

/// `left: a`, the others below it.
fn listed(lead: &str, series: &[Labels]) -> Vec<String> {
    let mut lines: Vec<String> = series.iter().take(SHOWN).map(Labels::to_string).collect();
    if series.len() > SHOWN {
        lines.push(format!("and {} more", series.len() - SHOWN));
    }
    let pad = " ".repeat(lead.len());
    let lead = |at| if at == 0 { lead } else { &pad };
    lines.iter().enumerate().map(|(at, line)| format!("{} {line}", lead(at))).collect()
}

/// The first matching of some, the closest ones first, with which the whole query gives an answer: one with a series, if there is one.
fn remedy(store: &dyn Storage, query: &str, when: When, span: Span, clash: &MatchClash) -> Option<String> {
    let parsed = syntax::parse(query, &ParserOptions::all(), &problem::functions()).ok()?;
    let binary = operation_at(&parsed.expr, span)?;
    let (before, behind) = (query.get(..span.start as usize)?, query.get(span.end as usize..)?);
    let mut examiner = Examiner::new(store, when);
    let mut without_series = None;
    for matching in candidates(binary.matching.as_ref()?, clash) {
        let mut tried = binary.clone();
        tried.matching = Some(matching);
        let words = modifiers(&tried);
        let part = canonical(&Expr { span, kind: ExprKind::Binary(Box::new(tried)) });
        match examiner.rows(&format!("{before}{part}{behind}")) {
            Some(rows) if !rows.is_empty() => return Some(words),
            Some(_) if without_series.is_none() => without_series = Some(words),
            _ => {}
        }
    }
    without_series
}

/// The binary operation that stands at `span`.
fn operation_at(expr: &Expr, span: Span) -> Option<&BinaryExpr> {
    let mut pending = vec![expr];
    while let Some(expr) = pending.pop() {
        if let (true, ExprKind::Binary(binary)) = (expr.span == span, &expr.kind) {
            return Some(binary);
        }
        pending.extend(expr.children());
    }
    None
}

/// Other ways to match: the many on the other side, or a finer match group.
fn candidates(matching: &VectorMatching, clash: &MatchClash) -> Vec<VectorMatching> {
    let with = |card, labels: Option<Vec<Box<str>>>| {
        let mut other = VectorMatching { card, ..matching.clone() };
        if let Some(labels) = labels {
            (other.labels, other.on) = (labels, true);
        }
        if card == Cardinality::OneToOne || card != matching.card {
            other.include.clear();
        }
        other
    };
    // The side with several is the one that may have many.
    let grouped = match clash.side {
        MatchSide::Left => Cardinality::ManyToOne,
        MatchSide::Right => Cardinality::OneToMany,
    };
    let mut candidates = Vec::new();
    if clash.kind == MatchClashKind::EqualResults {
        candidates.push(VectorMatching { include: Vec::new(), ..matching.clone() });
    } else {
        candidates.push(with(grouped, None));
    }
    // Labels that tell the clashing series apart, and that the other side has, too.
    let mut finer: Vec<String> = Vec::new();
    for name in names(&clash.series) {
        let values: BTreeSet<_> = clash.series.iter().map(|series| series.get(&name)).collect();
        if values.len() > 1 && clash.partners.iter().any(|partner| partner.get(&name).is_some()) {
            finer.push(name);
        }
    }
    finer.truncate(TRIED_LABELS);
    let group: Vec<String> = clash.group.iter().map(|(name, _)| name.to_owned()).collect();
    let mut sets: Vec<Vec<String>> = finer.iter().map(|name| vec![name.clone()]).collect();
    if finer.len() > 1 {
        sets.push(finer);
    }
    for set in sets {
        let labels: BTreeSet<String> = group.iter().chain(&set).cloned().collect();
        let labels: Vec<Box<str>> = labels.into_iter().map(String::into_boxed_str).collect();
        for card in [matching.card, Cardinality::OneToOne, Cardinality::ManyToOne, Cardinality::OneToMany] {
            candidates.push(with(card, Some(labels.clone())));
        }
    }
    candidates
}

fn names(series: &[Labels]) -> BTreeSet<String> {
    let names = series.iter().flat_map(|labels| labels.iter().map(|(name, _)| name));
    names.filter(|name| *name != METRIC_NAME).map(str::to_owned).collect()
}
