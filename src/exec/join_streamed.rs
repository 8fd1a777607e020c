//! Joins whose pairs the labels alone tell: both sides' rows are computed pair by pair and forgotten, so that only the
//! result is held.
//!
//! That is so where no match group has two series on a side that may have one, and no two results have equal labels: then no
//! step can have too many samples, and nothing need be known of presence beforehand. All rows are computed, those without
//! a partner too, since evaluating them may fail, or be worth a remark.

use super::{
    context::Context,
    evaluate::BoxedRows,
    join::Join,
    join_histograms::{Found, HistogramPairs, Operands},
    labels::has_equal,
    parallel,
    row::Row,
    rows::{Rows, is_small, materialise},
    table::{Series, Table},
};
use crate::{
    error::Error,
    operators::{
        elementwise::Side,
        matching::{MatchGroups, Projection},
    },
    syntax::ast::Cardinality,
};

/// Which rows belong together.
pub(super) struct Streamed {
    /// The rows of the "many" and of the "one" side.
    pairs: Vec<(usize, usize)>,
    series: Vec<Series>,
    /// Whether a row of the "one" side has several partners.
    shares: bool,
}

impl Streamed {
    /// The pairs of a join, where labels tell them all.
    pub(super) fn find(join: &Join<'_>, many: &[Series], one: &[Series]) -> Option<Self> {
        let matching = join.matching;
        if matching.fill_lhs.is_some() || matching.fill_rhs.is_some() || join.operator.is_trim() {
            return None;
        }
        let mut groups = MatchGroups::new(Projection::new(matching.on, &matching.labels));
        groups.ids(one.iter().map(|series| &series.labels));
        if groups.len() < one.len() {
            return None;
        }
        // Now each row of the "one" side is a group of its own, numbered as the rows are.
        let mut partners = vec![0u32; one.len()];
        let mut pairs = Vec::with_capacity(many.len());
        let mut series = Vec::with_capacity(many.len());
        for (row, of) in many.iter().enumerate() {
            let group = groups.id(&of.labels) as usize;
            let Some(known) = partners.get_mut(group) else { continue };
            *known += 1;
            pairs.push((row, group));
            let labels = join.result_labels(&of.labels, &one[group].labels);
            series.push(Series { labels, drop_name: join.return_bool });
        }
        let shares = partners.iter().any(|partners| *partners > 1);
        let one_to_one = matching.cardinality == Cardinality::OneToOne;
        if (one_to_one && shares) || has_equal(&series) {
            return None;
        }
        Some(Self { pairs, series, shares })
    }

    /// Computes the result.
    pub(super) fn run(
        self,
        join: &Join<'_>,
        many: BoxedRows<'_>,
        mut one: BoxedRows<'_>,
        swapped: bool,
    ) -> Result<Table, Error> {
        let (context, steps) = (join.context, join.times.count);
        let Self { pairs, series, shares } = self;
        context.check_table(pairs.len(), steps)?;
        if shares {
            one = Box::new(materialise(context, &*one, steps)?);
        }
        let mut histograms = HistogramPairs::new(join, swapped);
        let mut table = Table::new(series, steps);
        let mut found: Vec<Found> = pairs.iter().map(|_| Found::default()).collect();
        let small = is_small(&*many, steps) && is_small(&*one, steps);
        let mut tasks: Vec<_> = table.rows_mut().zip(&mut found).zip(&pairs).enumerate().collect();
        let batch = context.batch(tasks.len());
        parallel::run(context, tasks.chunks_mut(batch), small, |batch, worker| {
            let (mut many_row, mut one_row) = (worker.take_row(), worker.take_row());
            for (index, (((values, present), found), (many_at, one_at))) in batch {
                many.row(*many_at, 0..steps, worker, &mut many_row)?;
                one.row(*one_at, 0..steps, worker, &mut one_row)?;
                if !many_row.histograms.is_empty() || !one_row.histograms.is_empty() {
                    let mut both = sample_bits(&many_row);
                    both.iter_mut().zip(sample_bits(&one_row)).for_each(|(own, other)| *own &= other);
                    let operands = Operands::InRows(&many_row, &one_row);
                    histograms.compute_pair(*index, &operands, &mut both, found)?;
                }
                values.copy_from_slice(&many_row.values);
                let floats = many_row.present.iter().zip(&one_row.present);
                present.iter_mut().zip(floats).for_each(|(own, (many, one))| *own = many & one);
                join.apply(values, Side::Column(&one_row.values), swapped, present);
            }
            worker.give_row(many_row);
            worker.give_row(one_row);
            Ok(())
        })?;
        drop(tasks);
        evaluate_unpaired(context, &*many, steps, pairs.iter().map(|(many, _)| *many))?;
        evaluate_unpaired(context, &*one, steps, pairs.iter().map(|(_, one)| *one))?;
        histograms.found = found;
        histograms.finish(&mut table);
        Ok(table)
    }
}

/// The steps at which a row has a sample of either kind.
fn sample_bits(row: &Row) -> Vec<u64> {
    let mut bits = row.present.clone();
    row.histograms.for_each(|step, _| super::row::set_bit(&mut bits, step));
    bits
}

/// Evaluates the rows without a partner.
fn evaluate_unpaired(
    context: &Context,
    rows: &dyn Rows,
    steps: usize,
    paired: impl Iterator<Item = usize>,
) -> Result<(), Error> {
    if rows.table().is_some() {
        return Ok(());
    }
    let mut is_paired = vec![false; rows.series().len()];
    paired.for_each(|row| is_paired[row] = true);
    let others: Vec<usize> = (0..is_paired.len()).filter(|row| !is_paired[*row]).collect();
    let batches = others.chunks(context.batch(others.len()));
    parallel::run(context, batches, is_small(rows, steps), |batch, worker| {
        let mut out = worker.take_row();
        batch.iter().try_for_each(|row| rows.row(*row, 0..steps, worker, &mut out))?;
        worker.give_row(out);
        Ok(())
    })
}
