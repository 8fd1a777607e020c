//! Querying a store of your own: a table of sensor readings, row by row, answers PromQL.
//!
//! One method is required, `select`. Run it with `cargo run --example custom_storage --features testing`: the example first has
//! the conformance suite check its store, then asks it a question.

use promql_engine::Engine;
use promql_engine::model::{FloatColumn, Labels, SeriesColumns, Timestamps};
use promql_engine::storage::{ColumnBuffer, SelectRequest, SeriesSet, Storage, StorageError};
use promql_engine::testing::storage_suite;

/// Readings in order of time, of all sensors together.
#[derive(Default)]
struct SensorLog {
    /// Sorted by labels.
    sensors: Vec<Labels>,
    /// The sensor's place in `sensors`, a time in ms, a value.
    readings: Vec<(usize, i64, f64)>,
}

impl Storage for SensorLog {
    fn select<'a>(&'a self, request: &SelectRequest) -> Result<Box<dyn SeriesSet + 'a>, StorageError> {
        // A label that a sensor lacks has the empty value.
        let accepted = |labels: &Labels| {
            request
                .matchers
                .iter()
                .all(|matcher| matcher.matches(labels.get(matcher.name()).unwrap_or_default()))
        };
        // Label order is a promise of `select`; here it is the order of `sensors`.
        let sensors = (0..self.sensors.len()).filter(|sensor| accepted(&self.sensors[*sensor])).collect();
        Ok(Box::new(Selection { log: self, sensors, start_ms: request.start_ms, end_ms: request.end_ms }))
    }
}

/// What one request found.
struct Selection<'a> {
    log: &'a SensorLog,
    sensors: Vec<usize>,
    start_ms: i64,
    end_ms: i64,
}

impl SeriesSet for Selection<'_> {
    fn len(&self) -> usize {
        self.sensors.len()
    }

    fn labels(&self, index: usize) -> &Labels {
        &self.log.sensors[self.sensors[index]]
    }

    fn columns<'s>(
        &'s self,
        index: usize,
        buffer: &'s mut ColumnBuffer,
    ) -> Result<SeriesColumns<'s>, StorageError> {
        // Rows become columns in the engine's buffer; a store that has columns would lend them as they are.
        buffer.clear();
        for (sensor, timestamp_ms, value) in &self.log.readings {
            if *sensor == self.sensors[index] && (self.start_ms..=self.end_ms).contains(timestamp_ms) {
                buffer.timestamps.push(*timestamp_ms);
                buffer.values.push(*value);
            }
        }
        let timestamps = Timestamps::Explicit { times_ms: &buffer.timestamps, shared: None };
        let floats = FloatColumn { timestamps, values: &buffer.values, start_timestamps: &[] };
        Ok(SeriesColumns { floats, ..SeriesColumns::default() })
    }
}

impl SensorLog {
    fn new(mut series: Vec<(Labels, Vec<(i64, f64)>)>) -> Self {
        series.sort_by(|a, b| a.0.cmp(&b.0));
        let mut log = Self::default();
        for (sensor, (labels, samples)) in series.into_iter().enumerate() {
            log.sensors.push(labels);
            log.readings.extend(samples.into_iter().map(|(time, value)| (sensor, time, value)));
        }
        log.readings.sort_by_key(|(_, timestamp_ms, _)| *timestamp_ms);
        log
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    storage_suite::check(|data| {
        SensorLog::new(data.into_iter().map(|one| (one.labels, one.samples)).collect())
    })?;
    println!("the store keeps the contract");

    let sensor = |room: &str, base: f64| {
        let labels = Labels::from_pairs([("__name__", "temperature_celsius"), ("room", room)]);
        (labels, (0..60).map(|minute| (minute * 60_000, base + minute as f64 / 10.0)).collect())
    };
    let log = SensorLog::new(vec![sensor("kitchen", 19.5), sensor("cellar", 11.0)]);
    let query = "max by (room) (max_over_time(temperature_celsius[30m])) > 15";
    println!("{query}\n{:?}", Engine::default().instant_query(&log, query, 3_540_000)?.value);
    Ok(())
}
