//! Series whose histograms are read for their count and sum alone.
//!
//! Where a query looks at no bucket, as in `histogram_count(rate(x[5m]))`, Prometheus reads histograms without them. That
//! shows: histograms of different bounds are added without a remark, and whether a counter started anew is found
//! between stored samples, not between those of a window.

use crate::{
    model::{
        FloatColumn, HistogramColumn, Labels, SeriesColumns, Timestamps,
        histogram::{CounterResetHint, HistogramBuffer, HistogramRef},
    },
    storage::{ColumnBuffer, SeriesSet, StorageError},
};

/// Another set's series without the buckets of their histograms.
pub(crate) struct StatisticsOnly<'a> {
    pub(crate) set: &'a dyn SeriesSet,
    /// The first time that was asked for; samples before it are not looked at.
    pub(crate) start_ms: i64,
}

impl SeriesSet for StatisticsOnly<'_> {
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
        let mut whole = ColumnBuffer::default();
        let columns = self.set.columns(index, &mut whole)?;
        buffer.clear();
        let floats = columns.floats;
        buffer.timestamps.extend((0..floats.timestamps.len()).map(|at| floats.timestamps.at(at)));
        buffer.values.extend_from_slice(floats.values);
        buffer.start_timestamps.extend_from_slice(floats.start_timestamps);
        self.strip(&columns.histograms, &mut buffer.histograms);
        // The starts of the histograms stand behind those of the floats.
        let known_starts = buffer.start_timestamps.len();
        buffer.start_timestamps.extend_from_slice(columns.histograms.start_timestamps);
        let ColumnBuffer { timestamps, values, start_timestamps, histograms } = buffer;
        let (float_starts, histogram_starts) = start_timestamps.split_at(known_starts);
        Ok(SeriesColumns {
            floats: FloatColumn {
                timestamps: Timestamps::Explicit { times_ms: timestamps, shared: None },
                values,
                start_timestamps: float_starts,
            },
            histograms: HistogramColumn {
                timestamps: Timestamps::Explicit { times_ms: &histograms.timestamps, shared: None },
                samples: histograms.as_samples(),
                start_timestamps: histogram_starts,
            },
        })
    }
}

impl StatisticsOnly<'_> {
    /// Writes count, sum and hint of each sample; where nothing is known of a reset, the buckets are compared for it.
    fn strip(&self, column: &HistogramColumn<'_>, out: &mut HistogramBuffer) {
        let mut before: Option<HistogramRef<'_>> = None;
        for (index, sample) in column.samples.iter().enumerate() {
            let time_ms = column.timestamps.at(index);
            let bare = HistogramRef {
                counter_reset_hint: sample.counter_reset_hint,
                schema: sample.schema,
                count: sample.count,
                sum: sample.sum,
                ..HistogramRef::EMPTY
            };
            if sample.is_stale() {
                out.push_at(time_ms, bare);
                continue;
            }
            let hint = match (sample.counter_reset_hint, before) {
                (CounterResetHint::Unknown, Some(before)) if sample.detect_reset(&before) => {
                    CounterResetHint::Reset
                }
                (CounterResetHint::Unknown, Some(_)) => CounterResetHint::NotReset,
                (hint, _) => hint,
            };
            if time_ms >= self.start_ms {
                before = Some(sample);
            }
            out.push_at(time_ms, bare.with_hint(hint));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let bare = StatisticsOnly { set: &set, start_ms: 10 };
        let histograms = bare.columns(0, &mut buffer).unwrap().histograms;
        let hints: Vec<_> = histograms.samples.iter().map(|sample| sample.counter_reset_hint).collect();
        use CounterResetHint::{NotReset, Reset, Unknown};
        assert_eq!(hints, [Unknown, Unknown, Reset, NotReset]);
        let last = histograms.samples.at(3);
        assert_eq!((last.count, last.positive_buckets.len()), (9.0, 0));
        assert_eq!(histograms.start_timestamps, [1, 1, 2, 2]);
    }
}
