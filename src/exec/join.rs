//! Binary operators on two vectors: pairs are found on labels, once; what is left is columns and bits.

use rustc_hash::FxHashMap;

use super::{
    context::{Context, Worker},
    evaluate::BoxedRows,
    join_clash::Clash,
    join_histograms::HistogramPairs,
    join_streamed::Streamed,
    parallel,
    rows::{SMALL, materialise},
    table::{Series, Table},
};
use crate::{
    error::{Error, MatchClashKind},
    functions::StepTimes,
    model::{Labels, LabelsBuilder, Span},
    operators::{
        elementwise::{Comparison, ElementOperator, Side, apply},
        matching::{MatchGroups, Projection, drop_metadata},
    },
    plan::Matching,
    syntax::ast::Cardinality,
};

/// An arithmetic or comparison operator between two vectors.
pub(crate) struct Join<'a> {
    pub(crate) context: &'a Context,
    pub(crate) matching: &'a Matching,
    pub(crate) operator: ElementOperator,
    pub(crate) return_bool: bool,
    /// When it is evaluated.
    pub(crate) times: StepTimes,
    pub(crate) span: Span,
}

/// One output row before equal labels are put together: the steps at which it exists, and where its operands come from.
pub(super) struct Pair {
    /// Its match group.
    pub(super) group: usize,
    pub(super) labels: Labels,
    pub(super) many: Operand,
    pub(super) one: Operand,
    pub(super) steps: Vec<u64>,
}

#[derive(Clone, Copy)]
pub(super) enum Operand {
    Row(usize),
    Fill(f64),
}

/// What the labels and the presence of samples say, before a value is read.
struct Candidates {
    /// In the order in which Prometheus forms them at each step.
    pairs: Vec<Pair>,
    /// The match group of each row of the "one" side.
    one_ids: Vec<usize>,
    /// Steps at which each group has a match.
    seen: Vec<Vec<u64>>,
}

fn or_into(into: &mut [u64], bits: &[u64]) {
    into.iter_mut().zip(bits).for_each(|(own, bits)| *own |= bits);
}

pub(super) fn overlap(a: &[u64], b: &[u64]) -> bool {
    a.iter().zip(b).any(|(a, b)| a & b != 0)
}

impl Join<'_> {
    /// Computes the result.
    pub(crate) fn run(&self, left: BoxedRows<'_>, right: BoxedRows<'_>) -> Result<Table, Error> {
        let swapped = self.matching.cardinality == Cardinality::OneToMany;
        let (many, one) = if swapped { (right, left) } else { (left, right) };
        if let Some(streamed) = Streamed::find(self, many.series(), one.series()) {
            return streamed.run(self, many, one, swapped);
        }
        let steps = self.times.count;
        // The left side first, whose errors come first.
        let (many, one) = if swapped {
            let left = materialise(self.context, &*one, steps)?;
            (materialise(self.context, &*many, steps)?, left)
        } else {
            (materialise(self.context, &*many, steps)?, materialise(self.context, &*one, steps)?)
        };
        self.run_on_tables(&many, &one, swapped)
    }

    /// Computes the result where presence decides which samples meet, and whether too many do.
    fn run_on_tables(&self, many: &Table, one: &Table, swapped: bool) -> Result<Table, Error> {
        let steps = self.times.count;
        let mut candidates = self.candidates(many, one)?;
        self.context.check_table(candidates.pairs.len(), steps)?;
        let mut histograms = HistogramPairs::new(self, swapped);
        histograms.compute(&mut candidates.pairs, many, one)?;
        self.guard(&mut candidates, many, one)?;
        let filled = self.fill_many(&candidates, one);
        let first_filled = candidates.pairs.len();
        let mut pairs = candidates.pairs;
        pairs.extend(filled);
        self.context.check_table(pairs.len(), steps)?;
        histograms.compute(&mut pairs[first_filled..], many, one)?;
        let series = pairs
            .iter()
            .map(|pair| Series { labels: pair.labels.clone(), drop_name: self.return_bool })
            .collect();
        let mut table = Table::new(series, steps);
        let small = pairs.len() * steps < SMALL;
        let mut cells: Vec<_> = table.rows_mut().zip(&pairs).collect();
        let batch = self.context.batch(pairs.len());
        parallel::run(self.context, cells.chunks_mut(batch), small, |batch, _: &mut Worker| {
            for ((values, present), pair) in batch {
                self.compute(pair, (many, one), swapped, values, present);
            }
            Ok(())
        })?;
        drop(cells);
        histograms.finish(&mut table);
        let single = self.context.options.delayed_name_removal && self.times.is_single();
        if single {
            return Ok(table);
        }
        super::labels::merge_series(table, self.span, |row| match pairs[row].many {
            Operand::Row(row) => Some(many.series[row].labels.clone()),
            Operand::Fill(_) => None,
        })
    }

    fn compute(
        &self,
        pair: &Pair,
        (many, one): (&Table, &Table),
        swapped: bool,
        values: &mut [f64],
        present: &mut [u64],
    ) {
        match pair.many {
            Operand::Row(row) => values.copy_from_slice(many.values(row)),
            Operand::Fill(value) => values.fill(value),
        }
        present.copy_from_slice(&pair.steps);
        // Where a sample is a histogram, `join_histograms` has the result.
        for (table, operand) in [(many, pair.many), (one, pair.one)] {
            if let Operand::Row(row) = operand {
                present.iter_mut().zip(table.present(row)).for_each(|(own, floats)| *own &= floats);
            }
        }
        let other = match pair.one {
            Operand::Row(row) => Side::Column(one.values(row)),
            Operand::Fill(value) => Side::Constant(value),
        };
        self.apply(values, other, swapped, present);
    }

    /// Applies the operator to floats: `values` are the "many" side's and become the result.
    pub(super) fn apply(&self, values: &mut [f64], one: Side<'_>, swapped: bool, present: &mut [u64]) {
        let comparison = if self.return_bool { Comparison::Bool } else { Comparison::Filter };
        apply(self.operator, comparison, values, one, swapped, false, present);
    }

    /// The fill values of the "many" and of the "one" side.
    fn fills(&self) -> (Option<f64>, Option<f64>) {
        let matching = self.matching;
        if matching.cardinality == Cardinality::OneToMany {
            (matching.fill_rhs, matching.fill_lhs)
        } else {
            (matching.fill_lhs, matching.fill_rhs)
        }
    }

    /// Finds all pairs that have a sample on the "many" side, and fails where the "one" side has two of a group.
    fn candidates(&self, many: &Table, one: &Table) -> Result<Candidates, Error> {
        let matching = self.matching;
        let (fill_many, fill_one) = self.fills();
        let mut groups = MatchGroups::new(Projection::new(matching.on, &matching.labels));
        let mut ids = |table: &Table| groups.ids(table.series.iter().map(|series| &series.labels));
        let (many_ids, one_ids) = (ids(many), ids(one));
        let mut one_rows: Vec<Vec<usize>> = vec![Vec::new(); groups.len()];
        one_ids.iter().enumerate().for_each(|(row, id)| one_rows[*id].push(row));
        let ones = self.check_one_side(many, one, &one_rows, fill_many.or(fill_one).is_some())?;

        let mut pairs = Vec::new();
        for (row, id) in many_ids.iter().enumerate() {
            let own = many.sample_bits(row);
            let labels = &many.series[row].labels;
            let (group, operand) = (*id, Operand::Row(row));
            for partner in &one_rows[group] {
                let other = one.sample_bits(*partner);
                let steps: Vec<u64> = own.iter().zip(other.iter()).map(|(a, b)| a & b).collect();
                if steps.iter().any(|word| *word != 0) {
                    let labels = self.result_labels(labels, &one.series[*partner].labels);
                    pairs.push(Pair { group, labels, many: operand, one: Operand::Row(*partner), steps });
                }
            }
            let Some(fill) = fill_one else { continue };
            let steps: Vec<u64> = own.iter().zip(&ones[group]).map(|(a, b)| a & !b).collect();
            if steps.iter().any(|word| *word != 0) {
                let partner = groups.labels(labels);
                let labels = self.result_labels(labels, &partner);
                pairs.push(Pair { group, labels, many: operand, one: Operand::Fill(fill), steps });
            }
        }
        let seen = vec![vec![0; many.steps().div_ceil(64)]; groups.len()];
        Ok(Candidates { pairs, one_ids, seen })
    }

    /// Fails where a step has more results than the matching allows; notes where each group has one.
    fn guard(&self, candidates: &mut Candidates, many: &Table, one: &Table) -> Result<(), Error> {
        let one_to_one = self.matching.cardinality == Cardinality::OneToOne;
        // With `group_left` or `group_right`: steps of each result's labels in each group.
        let mut results: FxHashMap<(usize, &Labels), Vec<u64>> = FxHashMap::default();
        for pair in &candidates.pairs {
            let seen = &mut candidates.seen[pair.group];
            let clash = if one_to_one {
                overlap(seen, &pair.steps)
            } else {
                let before = results.entry((pair.group, &pair.labels)).or_insert_with(|| vec![0; seen.len()]);
                let clash = overlap(before, &pair.steps);
                or_into(before, &pair.steps);
                clash
            };
            if clash {
                let kind =
                    if one_to_one { MatchClashKind::GroupingNeeded } else { MatchClashKind::EqualResults };
                return Err(Clash { join: self, many, one }.of_results(kind, &candidates.pairs, pair));
            }
            or_into(seen, &pair.steps);
        }
        Ok(())
    }

    /// The pairs of the "one" side's samples without a match, where the "many" side is filled.
    fn fill_many(&self, candidates: &Candidates, one: &Table) -> Vec<Pair> {
        let (Some(fill), _) = self.fills() else { return Vec::new() };
        let mut pairs = Vec::new();
        for (row, id) in candidates.one_ids.iter().enumerate() {
            let (group, own) = (*id, one.sample_bits(row));
            let steps: Vec<u64> = own.iter().zip(&candidates.seen[group]).map(|(a, b)| a & !b).collect();
            if steps.iter().any(|word| *word != 0) {
                let labels = &one.series[row].labels;
                let partner = Projection::new(self.matching.on, &self.matching.labels).of(labels);
                let labels = self.result_labels(&partner, labels);
                pairs.push(Pair { group, labels, many: Operand::Fill(fill), one: Operand::Row(row), steps });
            }
        }
        pairs
    }

    /// The steps at which each group has a sample on the "one" side; fails where it has two.
    fn check_one_side(
        &self,
        many: &Table,
        one: &Table,
        one_rows: &[Vec<usize>],
        fills: bool,
    ) -> Result<Vec<Vec<u64>>, Error> {
        let words = many.steps().div_ceil(64);
        // Without any sample on the other side, Prometheus does not look at this one.
        let mut looked_at = vec![if fills { u64::MAX } else { 0 }; words];
        (0..many.len()).for_each(|row| or_into(&mut looked_at, &many.sample_bits(row)));
        let mut seen = vec![vec![0u64; words]; one_rows.len()];
        for (seen, rows) in seen.iter_mut().zip(one_rows) {
            for (at, row) in rows.iter().enumerate() {
                let own = one.sample_bits(*row);
                let clash = own.iter().zip(&*seen).zip(&looked_at).any(|((a, b), l)| a & b & l != 0);
                if at > 0 && clash {
                    return Err(Clash { join: self, many, one }.of_one_side(one_rows, &looked_at));
                }
                or_into(seen, &own);
            }
        }
        Ok(seen)
    }

    /// The labels of a pair's result.
    pub(super) fn result_labels(&self, many: &Labels, one: &Labels) -> Labels {
        let matching = self.matching;
        let drops = self.operator.changes_metric()
            || (self.return_bool && !self.context.options.delayed_name_removal);
        let mut labels = if drops { drop_metadata(many) } else { many.clone() };
        if matching.cardinality == Cardinality::OneToOne && (matching.on || !matching.labels.is_empty()) {
            let named = |name: &str| matching.labels.iter().any(|n| n == name);
            labels = labels.retain(|name| named(name) == matching.on);
        }
        if matching.include.is_empty() {
            return labels;
        }
        let mut builder = LabelsBuilder::from(&labels);
        for name in &matching.include {
            builder.set(name, one.get(name).unwrap_or_default());
        }
        builder.finish()
    }
}
