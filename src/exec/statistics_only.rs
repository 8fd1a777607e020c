//! Series whose histograms are read for their count and sum alone.
//!
//! Where a query looks at no bucket, as in `histogram_count(rate(x[5m]))`, Prometheus reads histograms without them. That
//! shows: histograms of different bounds are added without a remark, and whether a counter started anew is found
//! between stored samples, not between those of a window. It is found for samples that are read one after the other; of one that is
//! sought, because all before it are too old at its step, nothing is known.

use super::range::{histograms_within, within};
use crate::{
    model::{
        FloatColumn, HistogramColumn, Labels, SeriesColumns, Timestamps,
        histogram::{CounterResetHint, Header, HistogramBuffer, HistogramRef},
        is_stale,
    },
    plan::Reading,
    storage::{ColumnBuffer, SeriesSet, StorageError},
};

/// Another set's series without the buckets of their histograms.
pub(crate) struct StatisticsOnly<S> {
    pub(crate) set: S,
    reading: Reading,
}

impl<S: SeriesSet> StatisticsOnly<S> {
    /// The series of a set that is read in this way.
    pub(crate) const fn new(set: S, reading: Reading) -> Self {
        Self { set, reading }
    }

    /// The times of the samples that are sought.
    fn sought(&self, columns: &SeriesColumns<'_>) -> Vec<i64> {
        let (floats, histograms) = (&columns.floats.timestamps, &columns.histograms.timestamps);
        let mut next = (0, 0);
        // The first sample at or after a time, of either kind.
        let mut from = |time_ms: i64| {
            while next.0 < floats.len() && floats.at(next.0) < time_ms {
                next.0 += 1;
            }
            while next.1 < histograms.len() && histograms.at(next.1) < time_ms {
                next.1 += 1;
            }
            let float = (next.0 < floats.len()).then(|| floats.at(next.0));
            let histogram = (next.1 < histograms.len()).then(|| histograms.at(next.1));
            float.into_iter().chain(histogram).min()
        };
        let (mut sought, mut reached) = (Vec::new(), None);
        let Reading { ends, back_ms } = self.reading;
        for step in 0..ends.count {
            let lookup = ends.at(step);
            // A later step seeks from where its window starts, though a sample that stands there is not in it. Before the
            // first window nothing is read at all.
            let oldest = lookup.saturating_sub(back_ms).saturating_add(i64::from(step == 0));
            if reached.is_none_or(|reached| oldest > reached) {
                let Some(first) = from(oldest) else { break };
                sought.push(first);
                reached = Some(first);
            }
            if reached.is_some_and(|reached| reached < lookup) {
                let Some(first) = from(lookup) else { break };
                reached = Some(first);
            }
        }
        sought
    }
}

impl<S: SeriesSet> SeriesSet for StatisticsOnly<S> {
    fn len(&self) -> usize {
        self.set.len()
    }

    fn labels(&self, index: usize) -> &Labels {
        self.set.labels(index)
    }

    fn columns<'s>(
        &'s self,
        index: usize,
        buffer: &'s mut ColumnBuffer,
    ) -> Result<SeriesColumns<'s>, StorageError> {
        // A series of floats alone is passed on as the store has it: `timestamp(x)` of those copies nothing.
        if self.set.columns(index, buffer)?.histograms.timestamps.is_empty() {
            return self.set.columns(index, buffer);
        }
        let mut whole = ColumnBuffer::default();
        let mut columns = self.set.columns(index, &mut whole)?;
        // A store may give more than it was asked for, which no step looks at.
        let Reading { ends, back_ms } = self.reading;
        let after_ms = ends.start_ms.saturating_sub(back_ms).saturating_sub(1);
        let until_ms = ends.at(ends.count.saturating_sub(1));
        columns.floats = within(&columns.floats, after_ms, until_ms);
        columns.histograms = histograms_within(&columns.histograms, after_ms, until_ms);
        buffer.clear();
        let SeriesColumns { floats, histograms: stored } = columns;
        buffer.timestamps.extend((0..floats.timestamps.len()).map(|at| floats.timestamps.at(at)));
        buffer.values.extend_from_slice(floats.values);
        buffer.start_timestamps.extend_from_slice(floats.start_timestamps);
        strip(&columns.histograms, &self.sought(&columns), &mut buffer.histograms);
        // The starts of the histograms stand behind those of the floats.
        let known_starts = buffer.start_timestamps.len();
        buffer.start_timestamps.extend_from_slice(stored.start_timestamps);
        let ColumnBuffer { timestamps, values, start_timestamps, histograms } = buffer;
        let (float_starts, histogram_starts) = start_timestamps.split_at(known_starts);
        Ok(SeriesColumns {
            floats: FloatColumn {
                timestamps: copied(&floats.timestamps, timestamps),
                values,
                start_timestamps: float_starts,
            },
            histograms: HistogramColumn {
                timestamps: copied(&stored.timestamps, &histograms.timestamps),
                samples: histograms.as_samples(),
                start_timestamps: histogram_starts,
            },
        })
    }
}

/// Times that are copied to `times_ms`, with what is known of them: series that share them still do.
fn copied<'b>(times: &Timestamps<'_>, times_ms: &'b [i64]) -> Timestamps<'b> {
    match *times {
        Timestamps::Regular { start_ms, interval_ms, count } => {
            Timestamps::Regular { start_ms, interval_ms, count }
        }
        Timestamps::Explicit { shared, .. } => Timestamps::Explicit { times_ms, shared },
    }
}

/// Writes count, sum and hint of each sample; where nothing is known of a reset, the buckets are compared for it.
fn strip(column: &HistogramColumn<'_>, sought: &[i64], out: &mut HistogramBuffer) {
    let samples = column.samples;
    let mut before: Option<usize> = None;
    let mut sought = sought.iter().peekable();
    let first_sought = sought.peek().map_or(i64::MAX, |time| **time);
    // The layout of the sample before, and what is left of it.
    let mut layouts: Option<(u32, u32)> = None;
    for (index, header) in samples.headers.iter().enumerate() {
        let time_ms = column.timestamps.at(index);
        while sought.next_if(|sought| **sought <= time_ms).is_some() {
            before = None;
        }
        let mut hint = header.counter_reset_hint;
        if !is_stale(header.sum) {
            // The numbers are all in the header: buckets are only looked up where they are compared.
            if let (CounterResetHint::Unknown, Some(before)) = (hint, before) {
                let was_reset = samples.at(index).detect_reset(&samples.at(before));
                hint = if was_reset { CounterResetHint::Reset } else { CounterResetHint::NotReset };
            }
            if time_ms >= first_sought {
                before = Some(index);
            }
        }
        if let Some((stored, layout)) = layouts
            && stored == header.layout
        {
            out.timestamps.push(time_ms);
            out.headers.push(Header {
                layout,
                buckets: 0,
                counter_reset_hint: hint,
                zero_count: 0.0,
                ..*header
            });
            continue;
        }
        let bare = match samples.layouts.get(header.layout as usize) {
            None => HistogramRef::EMPTY,
            Some(layout) => HistogramRef {
                counter_reset_hint: hint,
                schema: layout.schema,
                count: header.count,
                sum: header.sum,
                ..HistogramRef::EMPTY
            },
        };
        out.push_at(time_ms, bare);
        let known = samples.layouts.get(header.layout as usize).and(out.headers.last());
        layouts = known.map(|bare| (header.layout, bare.layout));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::StepTimes;
    use crate::model::histogram::{FloatHistogram, HistogramParts};

    #[test]
    fn resets_are_found_while_the_buckets_are_there() {
        let sample = |buckets: [f64; 2]| {
            FloatHistogram::from_parts(HistogramParts {
                count: buckets.iter().sum(),
                buckets: buckets.to_vec(),
                ..HistogramParts::default()
            })
        };
        let mut stored = HistogramBuffer::default();
        for (time_ms, buckets) in [(0, [1.0, 1.0]), (10, [2.0, 2.0]), (20, [0.0, 9.0]), (30, [0.0, 9.0])] {
            stored.push_at(time_ms, sample(buckets).as_ref());
        }
        struct One<'a>(HistogramColumn<'a>, Labels);
        impl SeriesSet for One<'_> {
            fn len(&self) -> usize {
                1
            }
            fn labels(&self, _: usize) -> &Labels {
                &self.1
            }
            fn columns<'s>(
                &'s self,
                _: usize,
                _: &'s mut ColumnBuffer,
            ) -> Result<SeriesColumns<'s>, StorageError> {
                Ok(SeriesColumns { histograms: self.0, ..SeriesColumns::default() })
            }
        }
        let timestamps = Timestamps::Explicit { times_ms: &stored.timestamps, shared: None };
        let column =
            HistogramColumn { timestamps, samples: stored.as_samples(), start_timestamps: &[1, 1, 2, 2] };
        let set = One(column, Labels::default());
        let mut buffer = ColumnBuffer::default();
        let ends = StepTimes { start_ms: 25, step_ms: 10, count: 1 };
        let bare = StatisticsOnly::new(set, Reading { ends, back_ms: 16 });
        let histograms = bare.columns(0, &mut buffer).unwrap().histograms;
        let hints: Vec<_> = histograms.samples.iter().map(|sample| sample.counter_reset_hint).collect();
        use CounterResetHint::{Reset, Unknown};
        // The first and the last sample lie outside of what is asked for.
        assert_eq!(hints, [Unknown, Reset]);
        let last = histograms.samples.at(1);
        assert_eq!((last.count, last.positive_buckets.len()), (9.0, 0));
        assert_eq!(histograms.start_timestamps, [1, 2]);

        // Steps further apart than they look back seek each sample.
        let ends = StepTimes { start_ms: 10, step_ms: 20, count: 2 };
        let bare = StatisticsOnly::new(bare.set, Reading { ends, back_ms: 5 });
        let histograms = bare.columns(0, &mut buffer).unwrap().histograms;
        assert_eq!(histograms.samples.at(2).counter_reset_hint, Unknown);
    }
}
