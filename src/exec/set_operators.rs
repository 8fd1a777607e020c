//! `and`, `or`, `unless`: which samples stay depends on which match groups have samples on the other side.
//!
//! Only presence is kept of the side that decides, a bit a step and group; the other side's rows are computed when they are
//! asked for, and masked. `or` gives both sides, and holds those rows of its left that have a counterpart on its right.

use std::{ops::Range, sync::Arc};

use super::{
    context::{Context, Worker},
    evaluate::BoxedRows,
    parallel,
    row::Row,
    rows::{Rows, is_small, materialise},
    table::{Series, Table},
};
use crate::{
    error::Error,
    operators::matching::{MatchGroups, Projection},
    plan::{Matching, SetOperator},
};

/// The rows of a set operator.
pub(crate) fn rows<'a>(
    context: &Context,
    operator: SetOperator,
    matching: &Matching,
    left: BoxedRows<'a>,
    right: BoxedRows<'a>,
    steps: usize,
) -> Result<BoxedRows<'a>, Error> {
    let mut groups = MatchGroups::new(Projection::new(matching.on, &matching.labels));
    let mut ids = |rows: &dyn Rows| groups.ids(rows.series().iter().map(|series| &series.labels));
    let (left_ids, right_ids) = (ids(&*left), ids(&*right));
    let count = groups.len();
    if operator == SetOperator::Or {
        let mut decides = vec![false; count];
        right_ids.iter().for_each(|group| decides[*group] = true);
        let left = Left::of(context, left, steps, |row| decides[left_ids[row]])?;
        let held_ids: Vec<usize> = left.held_rows().map(|row| left_ids[row]).collect();
        let taken = Presence::of(context, &left.held, steps, &held_ids, count)?.inverted();
        let shown = left.shown_rows();
        let left_series = shown.iter().filter_map(|row| left.rows.series().get(*row));
        let series = left_series.chain(right.series()).cloned().collect();
        let right = Masked { rows: right, groups: right_ids, mask: taken };
        return Ok(Box::new(Union { left, shown, right, series }));
    }
    let right = Presence::of(context, &*right, steps, &right_ids, count)?;
    let mask = if operator == SetOperator::And { right } else { right.inverted() };
    Ok(Box::new(Masked { rows: left, groups: left_ids, mask }))
}

/// The steps at which each group has a sample, or has none.
struct Presence {
    /// Words a group.
    words: usize,
    bits: Vec<u64>,
}

impl Presence {
    fn of(
        context: &Context,
        rows: &dyn Rows,
        steps: usize,
        groups: &[usize],
        count: usize,
    ) -> Result<Self, Error> {
        let words = steps.div_ceil(64);
        let mut of_rows = vec![0u64; groups.len() * words];
        let batch = context.batch(groups.len());
        let batches = of_rows.chunks_mut((batch * words).max(1)).enumerate();
        parallel::run(context, batches, is_small(rows, steps), |(number, batch_bits), worker| {
            let mut row = worker.take_row();
            for (index, bits) in (number * batch..).zip(batch_bits.chunks_mut(words)) {
                rows.row(index, 0..steps, worker, &mut row)?;
                bits.copy_from_slice(&row.present);
                row.histograms.for_each(|step, _| super::row::set_bit(bits, step));
            }
            worker.give_row(row);
            Ok(())
        })?;
        let mut presence = Self { words, bits: vec![0; count * words] };
        for (group, bits) in groups.iter().zip(of_rows.chunks(words.max(1))) {
            let own = &mut presence.bits[group * words..(group + 1) * words];
            own.iter_mut().zip(bits).for_each(|(own, bits)| *own |= bits);
        }
        Ok(presence)
    }

    fn inverted(mut self) -> Self {
        self.bits.iter_mut().for_each(|word| *word = !*word);
        self
    }
}

/// Rows of which only the samples stay that `bits` has, a word for every 64 steps of each row.
pub(super) fn masked(rows: BoxedRows<'_>, steps: usize, bits: Vec<u64>) -> BoxedRows<'_> {
    let groups = (0..rows.series().len()).collect();
    Box::new(Masked { rows, groups, mask: Presence { words: steps.div_ceil(64), bits } })
}

/// Rows of which only the samples stay that their group's mask has.
struct Masked<'a> {
    rows: BoxedRows<'a>,
    /// The group of each row.
    groups: Vec<usize>,
    mask: Presence,
}

impl Rows for Masked<'_> {
    fn series(&self) -> &[Series] {
        self.rows.series()
    }

    fn into_series(self: Box<Self>) -> Vec<Series> {
        self.rows.into_series()
    }

    fn row(&self, row: usize, steps: Range<usize>, worker: &mut Worker, out: &mut Row) -> Result<(), Error> {
        let first = self.groups[row] * self.mask.words + steps.start / 64;
        let mask = &self.mask.bits[first..first + steps.len().div_ceil(64)];
        if self.rows.table().is_some() && mask.iter().all(|word| *word == 0) {
            // Nothing stays of a row that is held: no need to look at it.
            out.reset(steps.len());
            return Ok(());
        }
        self.rows.row(row, steps, worker, out)?;
        out.present.iter_mut().zip(mask).for_each(|(own, mask)| *own &= mask);
        out.histograms.keep(mask);
        Ok(())
    }

    fn work(&self, steps: usize) -> usize {
        self.rows.work(steps)
    }

    fn depth(&self) -> usize {
        self.rows.depth() + 1
    }
}

/// The left side of `or`. Rows are asked for once only, so those that decide over rows of the right side are held.
struct Left<'a> {
    rows: BoxedRows<'a>,
    held: Arc<Table>,
    /// Each row's place among those held.
    places: Vec<Option<usize>>,
}

impl<'a> Left<'a> {
    fn of(
        context: &Context,
        rows: BoxedRows<'a>,
        steps: usize,
        decides: impl Fn(usize) -> bool,
    ) -> Result<Self, Error> {
        if let Some(table) = rows.table() {
            let held = Arc::clone(table);
            return Ok(Self { places: (0..held.len()).map(Some).collect(), held, rows });
        }
        let picked: Vec<usize> = (0..rows.series().len()).filter(|row| decides(*row)).collect();
        let mut places = vec![None; rows.series().len()];
        picked.iter().enumerate().for_each(|(place, row)| places[*row] = Some(place));
        let series = picked.iter().map(|row| rows.series()[*row].clone()).collect();
        let held = materialise(context, &Picked { rows: &*rows, picked, series }, steps)?;
        Ok(Self { rows, held, places })
    }

    /// The rows that are held, in their order.
    fn held_rows(&self) -> impl Iterator<Item = usize> {
        self.places.iter().enumerate().filter(|(_, place)| place.is_some()).map(|(row, _)| row)
    }

    /// All but those that are known to have no sample: a series that only the right side has samples of stands among the right side's.
    fn shown_rows(&self) -> Vec<usize> {
        let is_shown = |place: &Option<usize>| place.is_none_or(|place| !self.held.is_row_empty(place));
        (0..self.places.len()).filter(|row| is_shown(&self.places[*row])).collect()
    }
}

/// Some of an operator's rows.
struct Picked<'r> {
    rows: &'r dyn Rows,
    picked: Vec<usize>,
    series: Vec<Series>,
}

impl Rows for Picked<'_> {
    fn series(&self) -> &[Series] {
        &self.series
    }

    fn row(&self, row: usize, steps: Range<usize>, worker: &mut Worker, out: &mut Row) -> Result<(), Error> {
        self.rows.row(self.picked[row], steps, worker, out)
    }

    fn work(&self, steps: usize) -> usize {
        self.rows.work(steps)
    }
}

/// The rows of `or`: those of the left side, then what the right side adds.
struct Union<'a> {
    left: Left<'a>,
    /// The rows of the left side, in their order.
    shown: Vec<usize>,
    right: Masked<'a>,
    series: Vec<Series>,
}

impl Rows for Union<'_> {
    fn series(&self) -> &[Series] {
        &self.series
    }

    fn into_series(self: Box<Self>) -> Vec<Series> {
        self.series
    }

    fn row(&self, row: usize, steps: Range<usize>, worker: &mut Worker, out: &mut Row) -> Result<(), Error> {
        let Some(left) = self.shown.get(row).copied() else {
            return self.right.row(row - self.shown.len(), steps, worker, out);
        };
        match self.left.places[left] {
            Some(place) => self.left.held.row(place, steps, worker, out),
            None => self.left.rows.row(left, steps, worker, out),
        }
    }

    fn work(&self, steps: usize) -> usize {
        self.left.rows.work(steps).max(self.right.work(steps))
    }

    fn depth(&self) -> usize {
        self.left.rows.depth().max(self.right.depth()) + 1
    }
}
