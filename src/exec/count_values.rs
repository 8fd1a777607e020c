//! `count_values`: how often each value occurs in each group, the value in a label.
//!
//! There can be as many series as samples, each with a sample at few steps: what is held is the samples' places, not columns.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::{
    aggregate::Grouping,
    context::Worker,
    row::{Row, for_each_bit, set_bit},
    rows::Rows,
    table::{Series, Table},
};
use crate::{
    error::Error,
    model::{Labels, LabelsBuilder, number::format_sample_value},
    operators::matching::{Projection, is_metadata_label},
};

/// The series of all values, and where they occur.
pub(crate) struct ValueCounts {
    series: Vec<Series>,
    /// Where each series' places end.
    ends: Vec<usize>,
    /// The step of each occurrence, ascending within each series.
    steps: Vec<u32>,
}

/// Counts the values of a vector.
pub(crate) fn count_values(input: &Table, grouping: &Grouping<'_>, label: &str) -> ValueCounts {
    let projection = Projection::new(!grouping.without, grouping.names);
    // `without (value)` and the like take the value away again.
    let keeps_value =
        !grouping.without || !(is_metadata_label(label) || grouping.names.iter().any(|name| name == label));
    let mut rows: FxHashMap<Labels, u32> = FxHashMap::default();
    let mut series = Vec::new();
    // Each sample's series and step.
    let mut places: Vec<(u32, u32)> = Vec::new();
    let mut builder = LabelsBuilder::default();
    for row in 0..input.len() {
        let group = projection.of(&input.series[row].labels);
        let mut row_of = |text: &str| {
            builder.reset(&group);
            if keeps_value {
                builder.set(label, text);
            }
            let labels = builder.finish();
            let next = series.len() as u32;
            *rows.entry(labels).or_insert_with_key(|labels| {
                series.push(Series::named(labels.clone()));
                next
            })
        };
        let mut last = None;
        for_each_bit(input.present(row), |step| {
            let value = input.values(row)[step];
            let row = match last {
                Some((bits, row)) if bits == value.to_bits() => row,
                _ => row_of(&format_sample_value(value)),
            };
            last = Some((value.to_bits(), row));
            places.push((row, step as u32));
        });
        if let Some(cells) = input.histograms(row) {
            cells.for_each(|step, sample| {
                let text = cells.samples.as_samples().at(sample).to_string();
                places.push((row_of(&text), step as u32));
            });
        }
    }
    places.sort_unstable();
    let mut ends = vec![0; series.len()];
    places.iter().for_each(|(row, _)| ends[*row as usize] += 1);
    let mut end = 0;
    for count in &mut ends {
        end += *count;
        *count = end;
    }
    ValueCounts { series, ends, steps: places.into_iter().map(|(_, step)| step).collect() }
}

impl Rows for ValueCounts {
    fn series(&self) -> &[Series] {
        &self.series
    }

    fn row(&self, row: usize, steps: Range<usize>, _: &mut Worker, out: &mut Row) -> Result<(), Error> {
        out.reset(steps.len());
        let first = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        let within = self.steps[first..self.ends[row]].iter().map(|step| *step as usize);
        for step in within.filter(|step| steps.contains(step)) {
            out.values[step - steps.start] += 1.0;
            set_bit(&mut out.present, step - steps.start);
        }
        Ok(())
    }
}
