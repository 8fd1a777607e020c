//! Series that a vector match cannot tell apart: found again, all of them, once it is known that there are some.
//!
//! A match that succeeds pays nothing for this; one that fails looks for the earliest step at which it does, where
//! Prometheus, which goes step by step, stops too.

use super::{
    join::{Join, Operand, Pair, overlap},
    row::bit,
    table::Table,
};
use crate::{
    error::{Error, ErrorKind, MatchClash, MatchClashKind, MatchSide},
    model::Labels,
    operators::matching::Projection,
    syntax::ast::Cardinality,
};

/// A failed match and its operands.
pub(super) struct Clash<'a> {
    pub(super) join: &'a Join<'a>,
    pub(super) many: &'a Table,
    pub(super) one: &'a Table,
}

impl Clash<'_> {
    /// Several series of a group on the side that may have one; `rows` has the rows of each group on that side, and
    /// only steps in `looked_at` count.
    pub(super) fn of_one_side(&self, rows: &[Vec<usize>], looked_at: &[u64]) -> Error {
        let mut first: Option<(usize, usize, &[usize])> = None;
        for rows in rows.iter().filter(|rows| rows.len() > 1) {
            let mut once = vec![0u64; looked_at.len()];
            for row in rows {
                let own = self.one.sample_bits(*row);
                let clash: Vec<u64> =
                    own.iter().zip(&once).zip(looked_at).map(|((a, b), l)| a & b & l).collect();
                if let Some(step) = first_bit(&clash)
                    && first.is_none_or(|(at, by, _)| (step, *row) < (at, by))
                {
                    first = Some((step, *row, rows));
                }
                once.iter_mut().zip(own.iter()).for_each(|(once, own)| *once |= own);
            }
        }
        let (step, _, rows) = first.unwrap_or_default();
        let series = labels_at(self.one, rows.iter().copied(), step);
        self.error(MatchClashKind::SeveralOnOneSide, step, series)
    }

    /// Several results where the matching allows one: all pairs that are in the way of `pair` at the first such step.
    pub(super) fn of_results(&self, kind: MatchClashKind, pairs: &[Pair], pair: &Pair) -> Error {
        let in_the_way = |other: &&Pair| {
            other.group == pair.group
                && (kind == MatchClashKind::GroupingNeeded || other.labels == pair.labels)
                && overlap(&other.steps, &pair.steps)
        };
        let others: Vec<&Pair> = pairs.iter().filter(in_the_way).collect();
        let shared = others.iter().filter(|other| !std::ptr::eq(**other, pair)).filter_map(|other| {
            let both: Vec<u64> = other.steps.iter().zip(&pair.steps).map(|(a, b)| a & b).collect();
            first_bit(&both)
        });
        let step = shared.min().unwrap_or_default();
        let rows = others.iter().filter(|other| bit(&other.steps, step));
        let rows = rows.filter_map(|other| match other.many {
            Operand::Row(row) => Some(row),
            Operand::Fill(_) => None,
        });
        let series = rows.map(|row| self.many.series[row].labels.clone()).collect();
        self.error(kind, step, series)
    }

    fn error(&self, kind: MatchClashKind, step: usize, series: Vec<Labels>) -> Error {
        let matching = self.join.matching;
        let projection = Projection::new(matching.on, &matching.labels);
        let group_of = |labels: &Labels| projection.of(labels);
        let group = series.first().map(group_of).unwrap_or_default();
        let on_one_side = kind == MatchClashKind::SeveralOnOneSide;
        let one_is_left = matching.cardinality == Cardinality::OneToMany;
        let side = if on_one_side == one_is_left { MatchSide::Left } else { MatchSide::Right };
        let other = if on_one_side { self.many } else { self.one };
        let partners = (0..other.len()).filter(|row| group_of(&other.series[*row].labels) == group);
        let partners = labels_at(other, partners, step);
        let time_ms = self.join.times.at(step);
        let clash = MatchClash { kind, group, side, series, partners, time_ms };
        Error::new(ErrorKind::ManyToMany(Box::new(clash)), self.join.span)
    }
}

/// Labels of those rows that have a sample at a step.
fn labels_at(table: &Table, rows: impl Iterator<Item = usize>, step: usize) -> Vec<Labels> {
    rows.filter(|row| table.has(*row, step)).map(|row| table.series[row].labels.clone()).collect()
}

fn first_bit(words: &[u64]) -> Option<usize> {
    let word = words.iter().position(|word| *word != 0)?;
    Some(word * 64 + words[word].trailing_zeros() as usize)
}
