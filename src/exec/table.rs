//! Tables: all rows of an operator at all steps, held in one block of columns.

use std::ops::Range;

use super::{
    memory::Charge,
    row::{HistogramCells, Row, bit, set_bit},
};
use crate::{model::Labels, operators::matching::drop_metadata, storage::SeriesSet};

/// An output series of an operator.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    /// Its labels so far.
    pub(crate) labels: Labels,
    /// Whether the metric's name is to go at the end of the query (delayed name removal).
    pub(crate) drop_name: bool,
}

impl Series {
    /// A series whose name stays.
    pub(crate) fn named(labels: Labels) -> Self {
        Self { labels, drop_name: false }
    }

    /// A series whose name goes, as what it measures has changed: at once, or (`delayed`) at the end of the query.
    pub(crate) fn unnamed(labels: &Labels, delayed: bool) -> Self {
        Self { labels: if delayed { labels.clone() } else { drop_metadata(labels) }, drop_name: true }
    }
}

/// The series of a set that a store gave.
pub(crate) fn series_of(set: &dyn SeriesSet) -> Vec<Series> {
    (0..set.len()).map(|index| Series::named(set.labels(index).clone())).collect()
}

/// Rows of equal length, row after row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    /// One a row.
    pub(crate) series: Vec<Series>,
    steps: usize,
    values: Vec<f64>,
    present: Vec<u64>,
    /// One a row, or none at all where no row has a histogram.
    histograms: Vec<HistogramCells>,
    /// The bytes it is accounted for.
    charge: Charge,
}

impl Table {
    /// A table without a sample.
    pub(crate) fn new(series: Vec<Series>, steps: usize) -> Self {
        let rows = series.len();
        let words = steps.div_ceil(64);
        Self {
            series,
            steps,
            values: vec![0.0; rows * steps],
            present: vec![0; rows * words],
            histograms: Vec::new(),
            charge: Charge::default(),
        }
    }

    /// The same, accounted for.
    pub(crate) fn charged(mut self, charge: Charge) -> Self {
        self.charge = charge;
        self
    }

    /// Number of steps.
    pub(crate) fn steps(&self) -> usize {
        self.steps
    }

    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.series.len()
    }

    fn words(&self) -> usize {
        self.steps.div_ceil(64)
    }

    /// Samples in all rows.
    pub(crate) fn samples(&self) -> u64 {
        let cells: usize = self.histograms.iter().map(HistogramCells::len).sum();
        (super::row::count_bits(&self.present) + cells) as u64
    }

    /// Bytes of values, presence and histograms; labels are not counted.
    pub(crate) fn size(&self) -> usize {
        let cells: usize = self.histograms.iter().map(HistogramCells::size).sum();
        size_of_val(&*self.values) + size_of_val(&*self.present) + cells
    }

    /// The floats of a row.
    pub(crate) fn values(&self, row: usize) -> &[f64] {
        &self.values[row * self.steps..(row + 1) * self.steps]
    }

    /// The presence of a row's floats.
    pub(crate) fn present(&self, row: usize) -> &[u64] {
        &self.present[row * self.words()..(row + 1) * self.words()]
    }

    /// The histograms of a row.
    pub(crate) fn histograms(&self, row: usize) -> Option<&HistogramCells> {
        self.histograms.get(row).filter(|cells| !cells.is_empty())
    }

    /// The floats and presence of a row, to write.
    pub(crate) fn row_mut(&mut self, row: usize) -> (&mut [f64], &mut [u64]) {
        let words = self.words();
        (
            &mut self.values[row * self.steps..(row + 1) * self.steps],
            &mut self.present[row * words..(row + 1) * words],
        )
    }

    /// All rows, each with its floats and presence, to write.
    pub(crate) fn rows_mut(&mut self) -> impl Iterator<Item = (&mut [f64], &mut [u64])> {
        let words = self.words().max(1);
        self.values.chunks_mut(self.steps.max(1)).zip(self.present.chunks_mut(words))
    }

    /// Puts a float.
    pub(crate) fn set(&mut self, row: usize, step: usize, value: f64) {
        let (values, present) = self.row_mut(row);
        values[step] = value;
        set_bit(present, step);
    }

    /// Gives a row its histograms.
    pub(crate) fn set_histograms(&mut self, row: usize, cells: HistogramCells) {
        if self.histograms.is_empty() {
            self.histograms.resize(self.series.len(), HistogramCells::default());
        }
        self.histograms[row] = cells;
    }

    /// Adds the histograms of a run of steps that begins at `first`.
    pub(crate) fn add_histograms(&mut self, row: usize, first: usize, more: &HistogramCells) {
        let steps = self.steps;
        let mut cells = self.histograms.get_mut(row).map(std::mem::take).unwrap_or_default();
        more.for_each(|step, sample| cells.put(first + step, steps, more.samples.as_samples().at(sample)));
        self.set_histograms(row, cells);
    }

    /// The steps at which a row has a sample, float or histogram.
    pub(crate) fn sample_bits(&self, row: usize) -> std::borrow::Cow<'_, [u64]> {
        let present = self.present(row);
        match self.histograms(row) {
            None => present.into(),
            Some(cells) => {
                let mut bits = present.to_vec();
                cells.for_each(|step, _| set_bit(&mut bits, step));
                bits.into()
            }
        }
    }

    /// Adds samples to a row, at steps where it has none.
    pub(crate) fn add_to_row(&mut self, row: usize, more: &Row) {
        let steps = self.steps;
        let (values, present) = self.row_mut(row);
        super::row::for_each_bit(&more.present, |step| {
            values[step] = more.values[step];
            set_bit(present, step);
        });
        if !more.histograms.is_empty() {
            let mut cells = self.histograms(row).cloned().unwrap_or_default();
            more.histograms.for_each(|step, sample| {
                cells.samples.push(more.histograms.samples.as_samples().at(sample));
                cells.place_last(step, steps);
            });
            self.set_histograms(row, cells);
        }
    }

    /// Copies the sample of one row of another table at a step.
    pub(crate) fn copy_sample(&mut self, row: usize, from: &Self, from_row: usize, step: usize) {
        if bit(from.present(from_row), step) {
            self.set(row, step, from.values(from_row)[step]);
        } else if let Some((cells, sample)) = from.histograms(from_row).and_then(|c| Some((c, c.at(step)?))) {
            let steps = self.steps;
            let mut own = self.histograms(row).cloned().unwrap_or_default();
            own.samples.push(cells.samples.as_samples().at(sample));
            own.place_last(step, steps);
            self.set_histograms(row, own);
        }
    }

    /// Whether a row has a sample at a step.
    pub(crate) fn has(&self, row: usize, step: usize) -> bool {
        bit(self.present(row), step) || self.histograms(row).is_some_and(|cells| cells.at(step).is_some())
    }

    /// Whether a row has no sample at all.
    pub(crate) fn is_row_empty(&self, row: usize) -> bool {
        self.present(row).iter().all(|word| *word == 0) && self.histograms(row).is_none()
    }

    /// Copies a run of steps of a row; the run starts at a multiple of 64.
    pub(crate) fn copy_row(&self, row: usize, steps: Range<usize>, out: &mut Row) {
        out.reset(steps.len());
        out.values.copy_from_slice(&self.values(row)[steps.clone()]);
        let words = out.present.len();
        let first = steps.start / 64;
        out.present.copy_from_slice(&self.present(row)[first..first + words]);
        let rest = steps.len() % 64;
        if let (Some(last), true) = (out.present.last_mut(), rest != 0) {
            *last &= (1 << rest) - 1;
        }
        if let Some(cells) = self.histograms(row) {
            out.histograms = cells.slice(steps);
        }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, series: Series, row: Row) {
        self.series.push(series);
        self.values.extend_from_slice(&row.values);
        self.present.extend_from_slice(&row.present);
        if !row.histograms.is_empty() || !self.histograms.is_empty() {
            self.histograms.resize(self.series.len(), HistogramCells::default());
            if let Some(last) = self.histograms.last_mut() {
                *last = row.histograms;
            }
        }
    }

    /// The samples whose bits `mask` of their row has.
    pub(crate) fn masked<'m>(&self, mask: impl Fn(usize) -> &'m [u64]) -> Self {
        let mut out = self.clone();
        let words = self.words();
        for row in 0..self.len() {
            let mask = mask(row);
            for (own, mask) in out.present[row * words..(row + 1) * words].iter_mut().zip(mask) {
                *own &= mask;
            }
            if let Some(cells) = out.histograms.get_mut(row) {
                cells.keep(mask);
            }
        }
        out
    }

    /// The floats alone.
    pub(crate) fn without_histograms(&self) -> Self {
        Self { histograms: Vec::new(), ..self.clone() }
    }

    /// The rows that have a sample. Prometheus never sees the others, which shows where the order of groups does.
    pub(crate) fn without_empty_rows(table: &std::sync::Arc<Self>) -> std::sync::Arc<Self> {
        if (0..table.len()).all(|row| !table.is_row_empty(row)) {
            return std::sync::Arc::clone(table);
        }
        std::sync::Arc::new(table.select((0..table.len()).filter(|row| !table.is_row_empty(*row))))
    }

    /// The rows of these indices, in this order.
    pub(crate) fn select(&self, rows: impl Iterator<Item = usize>) -> Self {
        let mut out = Self::new(Vec::new(), self.steps);
        let mut row = Row::default();
        for index in rows {
            self.copy_row(index, 0..self.steps, &mut row);
            out.push(self.series[index].clone(), std::mem::take(&mut row));
        }
        out
    }
}
