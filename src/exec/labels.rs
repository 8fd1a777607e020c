//! Operators that look at labels alone: replacing, joining, sorting, absence, and series that come to have equal labels.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    context::{Context, Worker},
    evaluate::BoxedRows,
    row::{Row, for_each_bit},
    rows::Rows,
    table::{Series, Table},
};
use crate::{
    error::{Error, ErrorKind},
    functions::sort_by_labels,
    model::{Labels, METRIC_NAME, Span},
    operators::matching::{TYPE_LABEL, UNIT_LABEL},
    plan::Node,
};

/// Whether two series have equal labels.
pub(crate) fn has_equal(series: &[Series]) -> bool {
    // As a rule the series come in label order, and still do without their common name.
    if series.is_sorted_by(|a, b| a.labels < b.labels) {
        return false;
    }
    let mut seen = FxHashSet::with_capacity_and_hasher(series.len(), Default::default());
    series.iter().any(|series| !seen.insert(&series.labels))
}

/// Whether some series has labels beside its name that go with it: series may come to be equal then.
pub(crate) fn has_metadata(series: &[Series]) -> bool {
    series.iter().any(|series| series.labels.has_any(&[TYPE_LABEL, UNIT_LABEL]))
}

/// Puts series of equal labels together; fails where two have a sample at one step, at the operator at `span`. Whether the
/// name goes in the end, the earliest sample decides. `before` knows the labels that a row had when it still differed from others.
pub(crate) fn merge_series(
    table: Table,
    span: Span,
    before: impl Fn(usize) -> Option<Labels>,
) -> Result<Table, Error> {
    if !has_equal(&table.series) {
        return Ok(table);
    }
    let mut first_of: FxHashMap<Labels, usize> = FxHashMap::default();
    let mut merged = Table::new(Vec::new(), table.steps());
    let mut first_steps: Vec<usize> = Vec::new();
    for row in 0..table.len() {
        let series = table.series[row].clone();
        let next = merged.len();
        let into = *first_of.entry(series.labels.clone()).or_insert(next);
        let mut taken = Row::default();
        table.copy_row(row, 0..table.steps(), &mut taken);
        let first_step = first_bit(&table.sample_bits(row));
        if into == next {
            merged.push(series, taken);
            first_steps.push(first_step);
            continue;
        }
        if first_step < first_steps[into] {
            first_steps[into] = first_step;
            merged.series[into].drop_name = series.drop_name;
        }
        if table.sample_bits(row).iter().zip(merged.sample_bits(into).iter()).any(|(a, b)| a & b != 0) {
            return Err(duplicate(&table, row, span, before));
        }
        merged.add_to_row(into, &taken);
    }
    Ok(merged)
}

/// The error of a row that has a sample where an earlier one of its labels has one: it names all rows that meet at the first such step.
fn duplicate(table: &Table, row: usize, span: Span, before: impl Fn(usize) -> Option<Labels>) -> Error {
    let labels = table.series[row].labels.clone();
    let own = table.sample_bits(row);
    let rows: Vec<usize> = (0..table.len()).filter(|other| table.series[*other].labels == labels).collect();
    let meet = |other: &usize| {
        let both: Vec<u64> = table.sample_bits(*other).iter().zip(own.iter()).map(|(a, b)| a & b).collect();
        first_bit(&both)
    };
    let step = rows.iter().filter(|other| **other != row).map(meet).min().unwrap_or_default();
    let series = rows.into_iter().filter(|other| table.has(*other, step)).filter_map(before).collect();
    Error::new(ErrorKind::DuplicateLabelSet { labels, series }, span)
}

/// The place of the first bit; behind all where there is none.
fn first_bit(words: &[u64]) -> usize {
    let word = words.iter().position(|word| *word != 0);
    word.map_or(words.len() * 64, |at| at * 64 + words[at].trailing_zeros() as usize)
}

/// As [`merge_series`] for series made anew, but for an instant vector with delayed name removal, where equal labels may still part.
pub(crate) fn merge_equal(table: Table, context: &Context, node: &Node) -> Result<Table, Error> {
    if context.options.delayed_name_removal && node.steps.is_single() {
        return Ok(table);
    }
    merge_series(table, node.span, |_| None)
}

/// Gives series the labels that `change` makes of theirs, if any; a series that is given a name keeps it.
pub(crate) fn relabel<'a>(
    rows: BoxedRows<'a>,
    destination: &str,
    mut change: impl FnMut(&Labels) -> Option<Labels>,
) -> BoxedRows<'a> {
    let changed = rows.series().iter().map(|series| match change(&series.labels) {
        Some(labels) => Series { labels, drop_name: series.drop_name && destination != METRIC_NAME },
        None => series.clone(),
    });
    let series = changed.collect();
    Box::new(Relabelled { rows, series })
}

/// Rows under other labels.
struct Relabelled<'a> {
    rows: BoxedRows<'a>,
    series: Vec<Series>,
}

impl Rows for Relabelled<'_> {
    fn series(&self) -> &[Series] {
        &self.series
    }

    fn into_series(self: Box<Self>) -> Vec<Series> {
        self.series
    }

    fn input_labels(&self, row: usize) -> &Labels {
        &self.rows.series()[row].labels
    }

    fn row(&self, row: usize, steps: Range<usize>, worker: &mut Worker, out: &mut Row) -> Result<(), Error> {
        self.rows.row(row, steps, worker, out)
    }

    fn work(&self, steps: usize) -> usize {
        self.rows.work(steps)
    }

    fn depth(&self) -> usize {
        self.rows.depth() + 1
    }
}

/// `sort_by_label`: natural order of the values of these labels, then of all labels. Has no effect over several steps.
pub(crate) fn sort_by(
    context: &Context,
    table: &Table,
    labels: &[String],
    descending: bool,
    node: &Node,
) -> Table {
    if !node.steps.is_single() {
        warn_ineffective_sort(context, node);
        return table.clone();
    }
    let rows = 0..table.len();
    let names: Vec<&str> = labels.iter().map(String::as_str).collect();
    let mut series: Vec<(&Labels, usize)> = rows.map(|row| (&table.series[row].labels, row)).collect();
    sort_by_labels(&mut series, &names, descending, |(labels, _)| *labels);
    table.select(series.into_iter().map(|(_, row)| row))
}

/// Says that sorting does nothing to a range query.
pub(crate) fn warn_ineffective_sort(context: &Context, node: &Node) {
    let message = "sort is ineffective for range queries since results are always ordered by labels";
    context.annotate(|annotations| annotations.warn(message.to_owned(), node.span));
}

/// `absent`: one series with the value 1 at the steps at which no series has a sample.
pub(crate) fn absent(table: &Table, labels: &Labels, steps: usize) -> Table {
    let mut out = Table::new(vec![Series::named(labels.clone())], steps);
    let (values, present) = out.row_mut(0);
    values.fill(1.0);
    super::row::fill_bits(present, steps);
    for row in 0..table.len() {
        for (word, bits) in present.iter_mut().zip(table.sample_bits(row).iter()) {
            *word &= !bits;
        }
    }
    let mut found = false;
    for_each_bit(present, |_| found = true);
    if found { out } else { Table::new(Vec::new(), steps) }
}
