//! One target of scrapes: its labels, the series it had last, and what each scrape gives, as a Prometheus server writes it.
//!
//! A sample without a time gets that of the scrape; `job` and `instance` go to every series, and an exposed label of one of
//! these names becomes `exported_job` or `exported_instance`. A series that is gone, and every series of a target that does
//! not answer, ends with a stale marker. Five series say of each scrape how it went, `up` first.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use promql_engine::{
    formats::{self, ReadOptions, Sample, Sink},
    model::{Labels, LabelsBuilder, METRIC_NAME, STALE_NAN},
    storage::{MemoryStore, Metadata, StorageError},
};

use super::http;

/// The value of `job` where none is given.
pub(crate) const DEFAULT_JOB: &str = "scrape";

/// How long a scrape may take where nothing says less.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

/// A target, and what is known of its last scrape.
#[derive(Debug)]
pub(crate) struct Target {
    url: String,
    job: String,
    instance: String,
    timeout: Duration,
    /// The series exposed of late: what each is with the target's labels, and in which scrape it came last.
    known: HashMap<Labels, (Labels, u64)>,
    scrapes: u64,
    /// The series of the last scrape that end when they are gone.
    last: HashSet<Labels>,
    last_ms: i64,
}

/// Samples on their way to a store.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    samples: Vec<(Labels, BatchSample)>,
    metadata: Vec<(String, Metadata)>,
}

#[derive(Debug, Clone, Copy)]
struct BatchSample {
    timestamp_ms: i64,
    start_timestamp_ms: i64,
    value: f64,
}

impl Batch {
    /// How many samples there are.
    pub(crate) fn len(&self) -> usize {
        self.samples.len()
    }

    /// Adds what came later.
    pub(crate) fn append(&mut self, mut later: Self) {
        self.samples.append(&mut later.samples);
        // It is the same from one scrape to the next.
        if !later.metadata.is_empty() {
            self.metadata = later.metadata;
        }
    }

    /// Moves everything to the store. Samples that are there already, or too old, are left out, as Prometheus does.
    pub(crate) fn store(self, store: &mut MemoryStore) -> Result<(), StorageError> {
        for (labels, sample) in self.samples {
            let id = store.series_id(&labels)?;
            match store.append_to(id, sample.timestamp_ms, sample.start_timestamp_ms, sample.value) {
                Ok(()) | Err(StorageError::DuplicateSample { .. } | StorageError::OutOfOrder { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        for (name, metadata) in self.metadata {
            store.set_metadata(&name, metadata);
        }
        Ok(())
    }

    fn push(&mut self, labels: Labels, timestamp_ms: i64, value: f64) {
        self.samples.push((labels, BatchSample { timestamp_ms, start_timestamp_ms: 0, value }));
    }
}

impl Target {
    /// A target that was not scraped yet.
    pub(crate) fn new(url: &str, job: &str, timeout: Duration) -> Self {
        Self {
            url: url.to_owned(),
            job: job.to_owned(),
            instance: http::instance(url),
            timeout,
            known: HashMap::new(),
            scrapes: 0,
            last: HashSet::new(),
            last_ms: i64::MIN,
        }
    }

    /// Its address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Scrapes once: the samples, and how many the target gave or why it gave none.
    pub(crate) fn scrape(&mut self, now_ms: i64) -> (Batch, Result<usize, String>) {
        // The clock may stand or step back; times of a series may not.
        let time_ms = now_ms.max(self.last_ms.saturating_add(1));
        self.last_ms = time_ms;
        self.scrapes += 1;
        let mut counts = (0, 0);
        let start = Instant::now();
        let result = http::get(&self.url, self.timeout).and_then(|fetched| {
            let options = ReadOptions {
                format: fetched.format,
                default_timestamp_ms: Some(time_ms),
                ..ReadOptions::default()
            };
            let url = self.url.clone();
            let mut sink =
                Scrape { target: self, time_ms, batch: Batch::default(), seen: HashSet::new(), added: 0 };
            let read = formats::read(&url, &fetched.bytes, &options, &mut sink);
            let Scrape { batch, seen, added, .. } = sink;
            // What stood before a fault counts, and is not kept.
            counts = (batch.len(), added);
            read.map(|_| (batch, seen)).map_err(|error| error.to_string())
        });
        let seconds = start.elapsed().as_secs_f64();
        let (samples, added) = counts;
        let (mut batch, seen, result) = match result {
            Ok((batch, seen)) => (batch, seen, Ok(samples)),
            Err(error) => (Batch::default(), HashSet::new(), Err(error)),
        };
        for gone in self.last.iter().filter(|labels| !seen.contains(*labels)) {
            batch.push(gone.clone(), time_ms, STALE_NAN);
        }
        // A target that fails for a while brings the same series again; what never came whole must not pile up.
        if result.is_ok() || self.known.len() > 2 * self.last.len() + 1000 {
            self.known.retain(|_, (_, scrape)| *scrape == self.scrapes);
        }
        self.last = seen;
        let report = [f64::from(result.is_ok()), seconds, samples as f64, samples as f64, added as f64];
        for (name, value) in REPORT.into_iter().zip(report) {
            batch.push(self.report_labels(name), time_ms, value);
        }
        (batch, result)
    }

    /// Ends every series, as when a target is scraped no more.
    pub(crate) fn end(&mut self, now_ms: i64) -> Batch {
        let time_ms = now_ms.max(self.last_ms.saturating_add(1));
        let mut batch = Batch::default();
        if self.last_ms > i64::MIN {
            for labels in self.last.drain() {
                batch.push(labels, time_ms, STALE_NAN);
            }
            for name in REPORT {
                batch.push(self.report_labels(name), time_ms, STALE_NAN);
            }
        }
        self.last_ms = time_ms;
        batch
    }

    fn report_labels(&self, name: &str) -> Labels {
        Labels::from_pairs([(METRIC_NAME, name), ("instance", &self.instance), ("job", &self.job)])
    }

    /// The labels of an exposed series with those of the target, and whether it was not there of late.
    fn labels_of(&mut self, exposed: &Labels) -> (Labels, bool) {
        if let Some((known, scrape)) = self.known.get_mut(exposed) {
            *scrape = self.scrapes;
            return (known.clone(), false);
        }
        let mut builder = LabelsBuilder::from(exposed);
        for (name, value) in [("instance", &self.instance), ("job", &self.job)] {
            if let Some(exposed_value) = exposed.get(name) {
                let mut moved = format!("exported_{name}");
                while exposed.get(&moved).is_some() {
                    moved.insert_str(0, "exported_");
                }
                builder.set(&moved, exposed_value);
            }
            builder.set(name, value);
        }
        let labels = builder.finish();
        self.known.insert(exposed.clone(), (labels.clone(), self.scrapes));
        (labels, true)
    }
}

/// What a server says of every scrape.
const REPORT: [&str; 5] = [
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
];

/// A scrape under way.
struct Scrape<'t> {
    target: &'t mut Target,
    time_ms: i64,
    batch: Batch,
    seen: HashSet<Labels>,
    /// Series that were not there of late.
    added: usize,
}

impl Sink for Scrape<'_> {
    fn sample(&mut self, sample: Sample<'_>) -> Result<(), StorageError> {
        let (labels, is_new) = self.target.labels_of(sample.labels);
        self.added += usize::from(is_new);
        // What brings its own time ends when it brings no new one.
        if sample.timestamp_ms == self.time_ms {
            self.seen.insert(labels.clone());
        }
        let Sample { timestamp_ms, start_timestamp_ms, value, .. } = sample;
        self.batch.samples.push((labels, BatchSample { timestamp_ms, start_timestamp_ms, value }));
        Ok(())
    }

    fn metadata(&mut self, family: &str, metadata: &Metadata) {
        self.batch.metadata.push((family.to_owned(), metadata.clone()));
    }
}
