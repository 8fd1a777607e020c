//! The histogram half of [`super::range`]: range functions where a window holds native histograms.
//!
//! The float kernel has run before, and has left every step whose window holds a histogram without a sample; its value
//! still stands where the floats decide after all.

use crate::functions::Extension;
use crate::{
    functions::{HistogramRule, Notes, RangeInput, Windows},
    model::{
        FloatColumn, HistogramColumn, Timestamps,
        histogram::{
            FloatHistogram, Header, HistogramAnnotation, HistogramAnnotations, HistogramError, HistogramMean,
            HistogramSamples, HistogramSum,
            range::{
                ColumnFacts, Growth, HistogramWindow, RangeBorders, avg_over_time, extended_rate,
                instant_rate, rate, sum_over_time,
            },
        },
        is_stale, start_timestamps,
    },
};

use super::row::{Row, set_bit};

/// A histogram column without its stale markers.
#[derive(Default)]
pub(super) struct Fresh {
    timestamps: Vec<i64>,
    headers: Vec<Header>,
    start_timestamps: Vec<i64>,
}

impl Fresh {
    /// The column as it is where it has no stale marker; else what is left of it, kept here.
    pub(super) fn take<'c>(&'c mut self, column: HistogramColumn<'c>) -> HistogramColumn<'c> {
        let headers = column.samples.headers;
        if !headers.iter().any(|header| is_stale(header.sum)) {
            return column;
        }
        for (index, header) in headers.iter().enumerate().filter(|(_, header)| !is_stale(header.sum)) {
            self.timestamps.push(column.timestamps.at(index));
            self.headers.push(*header);
            self.start_timestamps.extend(column.start_timestamps.get(index));
        }
        HistogramColumn {
            timestamps: Timestamps::Explicit { times_ms: &self.timestamps, shared: None },
            samples: HistogramSamples { headers: &self.headers, ..column.samples },
            start_timestamps: &self.start_timestamps,
        }
    }
}

/// The size of the first `i` histograms in samples, for every `i`.
pub(super) fn sizes_before(column: &HistogramColumn<'_>) -> Vec<u64> {
    let (mut sum, mut known) = (0u64, None);
    let mut before = Vec::with_capacity(column.samples.len() + 1);
    before.push(0u64);
    before.extend(column.samples.headers.iter().enumerate().map(|(index, header)| {
        // Histograms of one layout have one size.
        let size = match known {
            Some((layout, size)) if layout == header.layout => size,
            _ => column.samples.at(index).sample_count() as u64,
        };
        known = Some((header.layout, size));
        sum += size;
        sum
    }));
    before
}

/// One row of a range function.
pub(super) struct HistogramRow<'a, 'i> {
    pub(super) name: &'static str,
    pub(super) rule: HistogramRule,
    pub(super) input: &'a RangeInput<'i>,
    /// The windows over the histograms.
    pub(super) windows: &'a Windows,
}

/// A sample of either kind.
#[derive(Clone, Copy)]
enum At {
    Float(usize),
    Histogram(usize),
}

impl HistogramRow<'_, '_> {
    /// Fills in the steps whose windows hold histograms; notes go to `notes` and the set that is returned.
    pub(super) fn fill(
        &self,
        out: &mut Row,
        notes: &mut Notes,
    ) -> Result<HistogramAnnotations, HistogramError> {
        let mut all_remarks = HistogramAnnotations::NONE;
        if !self.rule.needs_histogram_kernel() {
            return Ok(all_remarks);
        }
        let counts_resets = matches!(self.name, "rate" | "increase");
        let facts =
            (counts_resets && self.input.steps.len() > 1 && self.windows.extension() == Extension::None)
                .then(|| ColumnFacts::of(&self.input.histograms));
        let steps = self.input.steps.len();
        let (mut histogram, mut sum, mut mean) =
            (FloatHistogram::default(), HistogramSum::new(), HistogramMean::new());
        for index in 0..steps {
            let step = self.input.steps.start + index;
            let (first, end) = self.windows.reach(step);
            if first >= end {
                continue;
            }
            let floats = self.input.windows.reach(step);
            let mut remarks = HistogramAnnotations::NONE;
            let window = HistogramWindow::new(&self.input.histograms, first, end);
            let window = facts.as_ref().map_or(window, |facts| window.with_facts(facts));
            match self.rule {
                HistogramRule::Exclusive if floats.0 < floats.1 => {}
                HistogramRule::Exclusive => {
                    let result = match self.name {
                        "sum_over_time" => sum_over_time(window, &mut sum, &mut remarks)?,
                        "avg_over_time" => avg_over_time(window, &mut mean, &mut remarks)?,
                        _ => self.grow(window, step, &mut histogram, &mut remarks)?,
                    };
                    if let Some(result) = result {
                        out.histograms.put(index, steps, result.as_ref());
                    }
                }
                HistogramRule::First | HistogramRule::Last => {
                    match self.end_of_window(floats, (first, end), self.rule == HistogramRule::First) {
                        Some(At::Histogram(at)) => {
                            out.histograms.put(index, steps, self.input.histograms.samples.at(at));
                        }
                        Some(At::Float(_)) => set_bit(&mut out.present, index),
                        None => {}
                    }
                }
                HistogramRule::LastTwo => match self.last_two(floats, (first, end)) {
                    (Some(At::Float(_)), Some(At::Float(_))) => set_bit(&mut out.present, index),
                    (Some(At::Histogram(_)), Some(At::Histogram(_))) => {
                        let counter = self.name == "irate";
                        let kind = Growth { counter, per_second: counter };
                        if instant_rate(window, kind, &mut histogram, &mut remarks)? {
                            out.histograms.put(index, steps, histogram.as_ref());
                        }
                    }
                    (Some(_), Some(_)) => notes.insert(Notes::MIXED_FLOATS_HISTOGRAMS),
                    _ => {}
                },
                HistogramRule::Interleave => {
                    if let Some(count) = self.count(floats, (first, end), step) {
                        out.values[index] = count as f64;
                        set_bit(&mut out.present, index);
                    }
                }
                HistogramRule::Ignore | HistogramRule::Count => {}
            }
            notes.start_time_overlaps += u64::from(remarks.contains(HistogramAnnotation::StartTimeOverlap));
            all_remarks.merge(remarks);
        }
        Ok(all_remarks)
    }

    fn grow<'h>(
        &self,
        window: HistogramWindow<'_>,
        step: usize,
        out: &'h mut FloatHistogram,
        remarks: &mut HistogramAnnotations,
    ) -> Result<Option<&'h mut FloatHistogram>, HistogramError> {
        let kind = Growth { counter: self.name != "delta", per_second: self.name == "rate" };
        let end_ms = self.windows.ends().at(step);
        let borders = RangeBorders { start_ms: end_ms.saturating_sub(self.windows.range_ms()), end_ms };
        let grew = match self.windows.extension() {
            Extension::None => rate(window, borders, kind, out, remarks)?,
            extension => {
                let smoothed = extension == Extension::Smoothed;
                extended_rate(window, borders, smoothed, kind, out, remarks)?
            }
        };
        Ok(grew.then_some(out))
    }

    fn time(&self, at: At) -> i64 {
        match at {
            At::Float(index) => self.input.floats.timestamps.at(index),
            At::Histogram(index) => self.input.histograms.timestamps.at(index),
        }
    }

    fn start(&self, at: At) -> i64 {
        let FloatColumn { start_timestamps: floats, .. } = &self.input.floats;
        match at {
            At::Float(index) => start_timestamps::of(floats, index),
            At::Histogram(index) => start_timestamps::of(self.input.histograms.start_timestamps, index),
        }
    }

    /// The samples of a window of either kind in order of time, from the end if `backwards`.
    fn merged(
        &self,
        mut floats: (usize, usize),
        mut histograms: (usize, usize),
        backwards: bool,
    ) -> impl Iterator<Item = At> {
        std::iter::from_fn(move || {
            let float = (floats.0 < floats.1).then(|| if backwards { floats.1 - 1 } else { floats.0 });
            let histogram = (histograms.0 < histograms.1)
                .then(|| if backwards { histograms.1 - 1 } else { histograms.0 });
            let takes_float = match (float, histogram) {
                (None, None) => return None,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (Some(float), Some(histogram)) => {
                    let earlier = self.time(At::Float(float)) < self.time(At::Histogram(histogram));
                    earlier != backwards
                }
            };
            let (bounds, at) = if takes_float {
                (&mut floats, At::Float(float.unwrap_or(0)))
            } else {
                (&mut histograms, At::Histogram(histogram.unwrap_or(0)))
            };
            if backwards {
                bounds.1 -= 1
            } else {
                bounds.0 += 1
            }
            Some(at)
        })
    }

    fn end_of_window(&self, floats: (usize, usize), histograms: (usize, usize), first: bool) -> Option<At> {
        self.merged(floats, histograms, !first).next()
    }

    fn last_two(&self, floats: (usize, usize), histograms: (usize, usize)) -> (Option<At>, Option<At>) {
        let mut backwards = self.merged(floats, histograms, true);
        let last = backwards.next();
        (backwards.next(), last)
    }

    /// `changes` or `resets` of a window of either kind; `None` where nothing lies in it.
    fn count(
        &self,
        mut floats: (usize, usize),
        mut histograms: (usize, usize),
        step: usize,
    ) -> Option<usize> {
        if self.windows.extension() == Extension::Anchored {
            // The last sample at or before the range's start, of whichever kind, stands for it.
            let start_ms = self.windows.ends().at(step).saturating_sub(self.windows.range_ms());
            let after = |from: (usize, usize), time: &dyn Fn(usize) -> i64| {
                (from.0..from.1).find(|index| time(*index) > start_ms).unwrap_or(from.1)
            };
            let first_float = after(floats, &|index| self.time(At::Float(index)));
            let first_histogram = after(histograms, &|index| self.time(At::Histogram(index)));
            if first_float >= floats.1 && first_histogram >= histograms.1 {
                return None;
            }
            let anchor = self.end_of_window((floats.0, first_float), (histograms.0, first_histogram), false);
            (floats.0, histograms.0) = (first_float, first_histogram);
            match anchor {
                Some(At::Float(index)) => floats.0 = index,
                Some(At::Histogram(index)) => histograms.0 = index,
                None => {}
            }
        }
        let mut samples = self.merged(floats, histograms, false);
        let mut previous = samples.next()?;
        let mut count = 0;
        for current in samples {
            count += usize::from(self.differs(previous, current));
            previous = current;
        }
        Some(count)
    }

    fn differs(&self, previous: At, current: At) -> bool {
        let resets = self.name == "resets";
        let began_anew = || {
            let (before, now) = (self.time(previous), self.time(current));
            start_timestamps::is_reset(self.start(previous), before, self.start(current), now)
        };
        match (previous, current) {
            (At::Float(previous), At::Float(current)) => {
                let value = |index: usize| self.input.floats.values.get(index).copied().unwrap_or(f64::NAN);
                let (previous, current) = (value(previous), value(current));
                if resets {
                    current < previous || began_anew()
                } else {
                    current != previous && !(current.is_nan() && previous.is_nan())
                }
            }
            (At::Histogram(previous), At::Histogram(current)) => {
                let sample = |index| self.input.histograms.samples.at(index);
                let (previous, current) = (sample(previous), sample(current));
                if resets {
                    began_anew() || current.detect_reset(&previous)
                } else {
                    !current.equals(&previous)
                }
            }
            _ => true,
        }
    }
}
