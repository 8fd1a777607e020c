//! A store that fails on purpose.
//!
//! It lends another store's answers and breaks them in one chosen way. Errors and slowness show how an engine bears a failing
//! store; the broken promises show that [`storage_suite`](super::storage_suite) notices them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::model::{FloatColumn, Labels, SeriesColumns, Timestamps, is_stale};
use crate::storage::{ColumnBuffer, SelectRequest, SeriesSet, Storage, StorageError};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Every `select` is an error.
    SelectFails,
    /// Reading columns is an error from this many reads on, counted over the store's life.
    ColumnsFailAfter(usize),
    /// Reading a series' columns takes this long.
    Slow(Duration),
    /// Series come in reverse order.
    Unsorted,
    /// The first series comes twice.
    DuplicateSeries,
    /// The last series is left out.
    MissingSeries,
    /// All series come, whatever the matchers say.
    IgnoredMatchers,
    /// Stale markers are left out.
    DroppedStaleMarkers,
    /// Stale markers come as another NaN.
    PlainStaleMarkers,
    /// The window's last ms counts as outside.
    ShortWindow,
    /// Samples come newest first.
    DescendingTimes,
    /// The first sample comes twice.
    DuplicateSample,
    /// The last value is left out, its time is not.
    MissingValue,
    /// All time columns claim one identity.
    FalselyShared,
    /// Samples of the series read before stay in the buffer.
    UnclearedBuffer,
    /// Label values are not sorted.
    UnsortedLabelValues,
}

/// A store whose answers are another's, broken in one way.
#[derive(Debug)]
pub struct FaultyStore<S> {
    inner: S,
    fault: Fault,
    reads: AtomicUsize,
}

impl<S> FaultyStore<S> {
    /// Breaks the answers of `inner`.
    pub fn new(inner: S, fault: Fault) -> Self {
        Self { inner, fault, reads: AtomicUsize::new(0) }
    }
}

struct FaultySet<'a> {
    inner: Box<dyn SeriesSet + 'a>,
    /// Which of the inner set's series come, in which order.
    order: Vec<usize>,
    fault: Fault,
    end_ms: i64,
    reads: &'a AtomicUsize,
}

fn failure() -> StorageError {
    StorageError::Backend("failing on purpose".to_owned())
}

impl<S: Storage> Storage for FaultyStore<S> {
    fn select<'a>(&'a self, request: &SelectRequest) -> Result<Box<dyn SeriesSet + 'a>, StorageError> {
        let inner = match self.fault {
            Fault::SelectFails => return Err(failure()),
            Fault::IgnoredMatchers => {
                self.inner.select(&SelectRequest { matchers: Vec::new(), ..request.clone() })?
            }
            _ => self.inner.select(request)?,
        };
        let mut order: Vec<usize> = (0..inner.len()).collect();
        match self.fault {
            Fault::Unsorted => order.reverse(),
            Fault::DuplicateSeries if !order.is_empty() => order.insert(0, 0),
            Fault::MissingSeries => drop(order.pop()),
            _ => {}
        }
        let end_ms = request.end_ms;
        Ok(Box::new(FaultySet { inner, order, fault: self.fault, end_ms, reads: &self.reads }))
    }

    fn label_values(&self, name: &str, request: &SelectRequest) -> Result<Vec<String>, StorageError> {
        let mut values = self.inner.label_values(name, request)?;
        if self.fault == Fault::UnsortedLabelValues {
            values.reverse();
        }
        Ok(values)
    }
}

impl SeriesSet for FaultySet<'_> {
    fn len(&self) -> usize {
        self.order.len()
    }

    fn labels(&self, index: usize) -> &Labels {
        self.inner.labels(self.order[index])
    }

    fn columns<'s>(
        &'s self,
        index: usize,
        buffer: &'s mut ColumnBuffer,
    ) -> Result<SeriesColumns<'s>, StorageError> {
        let reads = self.reads.fetch_add(1, Ordering::Relaxed);
        match self.fault {
            Fault::ColumnsFailAfter(good) if reads >= good => return Err(failure()),
            Fault::Slow(time) => std::thread::sleep(time),
            Fault::DroppedStaleMarkers
            | Fault::PlainStaleMarkers
            | Fault::ShortWindow
            | Fault::DescendingTimes
            | Fault::DuplicateSample
            | Fault::MissingValue
            | Fault::FalselyShared
            | Fault::UnclearedBuffer => return self.broken_columns(index, buffer),
            _ => {}
        }
        self.inner.columns(self.order[index], buffer)
    }
}

impl FaultySet<'_> {
    /// A copy of the float samples in the buffer, broken.
    fn broken_columns<'s>(
        &'s self,
        index: usize,
        buffer: &'s mut ColumnBuffer,
    ) -> Result<SeriesColumns<'s>, StorageError> {
        let mut own = ColumnBuffer::default();
        let columns = self.inner.columns(self.order[index], &mut own)?;
        let floats = columns.floats;
        if self.fault != Fault::UnclearedBuffer {
            buffer.clear();
        }
        for (at, value) in floats.values.iter().enumerate() {
            let time = floats.timestamps.at(at);
            let value = match self.fault {
                Fault::DroppedStaleMarkers if is_stale(*value) => continue,
                Fault::PlainStaleMarkers if is_stale(*value) => f64::NAN,
                _ => *value,
            };
            if self.fault == Fault::ShortWindow && time == self.end_ms {
                continue;
            }
            for _ in 0..1 + usize::from(self.fault == Fault::DuplicateSample && at == 0) {
                buffer.timestamps.push(time);
                buffer.values.push(value);
            }
        }
        match self.fault {
            Fault::DescendingTimes => {
                buffer.timestamps.reverse();
                buffer.values.reverse();
            }
            Fault::MissingValue => drop(buffer.values.pop()),
            _ => {}
        }
        let shared = (self.fault == Fault::FalselyShared).then_some(1);
        let timestamps = Timestamps::Explicit { times_ms: &buffer.timestamps, shared };
        let floats = FloatColumn { timestamps, values: &buffer.values, start_timestamps: &[] };
        Ok(SeriesColumns { floats, ..SeriesColumns::default() })
    }
}
