//! `count_values`: how often each value occurs in each group, the value in a label.
//!
//! There can be as many series as samples, each with a sample at few steps: what is held is the samples' places, not columns.
//! A value is told from others by its bits; it is written, and its labels are made, once.

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
    model::{LabelSets, LabelTemplate, Labels, number::push_sample_value},
    operators::matching::{Projection, is_metadata_label},
};

/// The series of all values, and where they occur.
pub(crate) struct ValueCounts {
    series: Vec<Series>,
    /// Where each series' runs end.
    ends: Vec<usize>,
    /// The steps at which the value of one sample stays the same, those of each series side by side.
    runs: Vec<Range<u32>>,
}

/// Counts the values of a vector.
pub(crate) fn count_values(input: &Table, grouping: &Grouping<'_>, label: &str) -> ValueCounts {
    let projection = Projection::new(!grouping.without, grouping.names);
    // `without (value)` and the like take the value away again.
    let keeps_value =
        !grouping.without || !(is_metadata_label(label) || grouping.names.iter().any(|name| name == label));
    let mut groups = FxHashMap::default();
    let mut values = Values::default();
    for row in 0..input.len() {
        let mut labels = projection.of(&input.series[row].labels);
        if keeps_value && labels.get(label).is_some() {
            // The value takes this label's place, so that groups which differ in it alone are one.
            labels = labels.retain(|name| name != label);
        }
        let next = groups.len() as u32;
        let group = *groups.entry(labels).or_insert_with_key(|labels| {
            values.groups.push(match keeps_value {
                true => GroupLabels::WithValue(LabelTemplate::new(labels, label)),
                false => GroupLabels::Alone(labels.clone()),
            });
            next
        });
        let floats = input.values(row);
        let mut last: Option<(u64, u32, Range<u32>)> = None;
        for_each_bit(input.present(row), |step| {
            // All NaNs are written alike.
            let value = if floats[step].is_nan() { f64::NAN } else { floats[step] };
            let (bits, step) = (value.to_bits(), step as u32);
            match &mut last {
                Some((known, _, run)) if *known == bits && run.end == step => run.end += 1,
                last => {
                    let series = values.series_of(group, bits);
                    if let Some((_, series, run)) = last.replace((bits, series, step..step + 1)) {
                        values.runs.push((series, run));
                    }
                }
            }
        });
        values.runs.extend(last.map(|(_, series, run)| (series, run)));
        if let Some(cells) = input.histograms(row) {
            cells.for_each(|step, sample| {
                let text = cells.samples.as_samples().at(sample).to_string();
                let (series, step) = (values.series_of_text(group, text), step as u32);
                values.runs.push((series, step..step + 1));
            });
        }
    }
    values.sorted()
}

/// The labels of a group's series.
enum GroupLabels {
    /// The value in a label.
    WithValue(LabelTemplate),
    /// The same for all values.
    Alone(Labels),
}

impl GroupLabels {
    /// Adds the series of a value; says its number.
    fn add(&self, value: &str, series: &mut LabelSets) -> u32 {
        match self {
            Self::WithValue(template) => series.push(template, value),
            Self::Alone(labels) => series.push_labels(labels),
        }
        series.len() as u32 - 1
    }
}

/// The values found so far.
#[derive(Default)]
struct Values {
    groups: Vec<GroupLabels>,
    /// The series of each group's floats, by their bits.
    floats: FxHashMap<(u64, u32), u32>,
    /// The series of each group's histograms.
    texts: FxHashMap<(String, u32), u32>,
    series: LabelSets,
    /// The series and steps of each run, as they were found.
    runs: Vec<(u32, Range<u32>)>,
    text: String,
}

impl Values {
    fn series_of(&mut self, group: u32, bits: u64) -> u32 {
        let group_labels = &self.groups[group as usize];
        // One series a group takes all values: any key will do.
        let bits = if matches!(group_labels, GroupLabels::Alone(_)) { 0 } else { bits };
        *self.floats.entry((bits, group)).or_insert_with(|| {
            self.text.clear();
            push_sample_value(&mut self.text, f64::from_bits(bits));
            group_labels.add(&self.text, &mut self.series)
        })
    }

    fn series_of_text(&mut self, group: u32, text: String) -> u32 {
        let group_labels = &self.groups[group as usize];
        if matches!(group_labels, GroupLabels::Alone(_)) {
            return self.series_of(group, 0);
        }
        *self
            .texts
            .entry((text, group))
            .or_insert_with_key(|(text, _)| group_labels.add(text, &mut self.series))
    }

    /// The runs of each series side by side.
    fn sorted(self) -> ValueCounts {
        let mut ends = vec![0; self.series.len()];
        self.runs.iter().for_each(|(series, _)| ends[*series as usize] += 1);
        let mut start = 0;
        for count in &mut ends {
            start += std::mem::replace(count, start);
        }
        let mut runs = vec![0..0; self.runs.len()];
        for (series, run) in self.runs {
            // Where the next run goes, and in the end where they end.
            let place = &mut ends[series as usize];
            runs[*place] = run;
            *place += 1;
        }
        ValueCounts { series: self.series.into_labels().map(Series::named).collect(), ends, runs }
    }
}

impl Rows for ValueCounts {
    fn series(&self) -> &[Series] {
        &self.series
    }

    fn row(&self, row: usize, steps: Range<usize>, _: &mut Worker, out: &mut Row) -> Result<(), Error> {
        out.reset(steps.len());
        out.values.fill(0.0);
        let first = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        for run in &self.runs[first..self.ends[row]] {
            let (from, end) = (steps.start.max(run.start as usize), steps.end.min(run.end as usize));
            for step in (from..end).map(|step| step - steps.start) {
                out.values[step] += 1.0;
                set_bit(&mut out.present, step);
            }
        }
        Ok(())
    }
}
