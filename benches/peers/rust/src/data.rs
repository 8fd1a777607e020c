//! Samples that every engine gets: counters that reset now and then, and buckets.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use promql_engine::model::Labels;
use promql_engine::storage::MemoryStore;

/// From sample to sample, in ms.
pub(crate) const INTERVAL_MS: i64 = 15_000;

/// An hour of 2023, from which the samples for opendata-timeseries count: it files them by hours since 1970, and windows reach back.
pub(crate) const OPENDATA_START_MS: i64 = 1_700_006_400_000;

/// Series with samples at the same times: at every interval.
pub(crate) struct Data {
    /// When the first samples are, in ms.
    first_ms: i64,
    series: Vec<(Labels, Vec<f64>)>,
}

/// Marsaglia's xorshift: numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A counter that is reset about once in 1,000 samples.
    fn counter(&mut self, samples: usize) -> Vec<f64> {
        let mut value = (self.next() % 1000) as f64;
        let mut next = || {
            let number = self.next();
            value = if number.is_multiple_of(1000) { 0.0 } else { value + (number >> 32) as f64 % 20.0 };
            value
        };
        (0..samples).map(|_| next()).collect()
    }
}

impl Data {
    /// The metrics of the lists in [`super::lists`]: nine hours and twenty minutes of them.
    pub(crate) fn lists() -> Self {
        let samples = (9 * 3600 + 20 * 60) * 1000 / INTERVAL_MS as usize;
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        let mut series = Vec::new();
        let mut counter = |labels: &[(&str, &str)]| {
            series.push((Labels::from_pairs(labels.iter().copied()), numbers.counter(samples)));
        };
        for size in [1, 100, 2000] {
            for metric in ["requests", "errors"] {
                for number in 0..size {
                    let name = format!("{metric}_{size}");
                    let (instance, group) = (format!("instance-{number}"), format!("group-{}", number % 10));
                    counter(&[("__name__", &name), ("group", &group), ("instance", &instance)]);
                }
            }
        }
        for pod in 0..300 {
            let pod = format!("pod-{pod}");
            for container in ["c1", "c2", "c3"] {
                counter(&[("__name__", "http_requests_total"), ("container", container), ("pod", &pod)]);
            }
            counter(&[("__name__", "http_responses_total"), ("pod", &pod)]);
        }
        // Each bucket holds those before it, too.
        for (metric, count) in [("latency_1", 1), ("latency_100", 100), ("http_response_seconds_bucket", 100)]
        {
            for number in 0..count {
                let instance = format!("instance-{number}");
                let mut sum = vec![0.0; samples];
                for le in ["0.1", "0.2", "0.4", "0.8", "1.6", "3.2", "6.4", "12.8", "25.6", "+Inf"] {
                    let mut rising = 0.0;
                    for sum in &mut sum {
                        rising += (numbers.next() % 8) as f64;
                        *sum += rising;
                    }
                    let labels = [("__name__", metric), ("instance", &instance), ("le", le)];
                    series.push((Labels::from_pairs(labels), sum.clone()));
                }
            }
        }
        Self::sorted(series)
    }

    /// 100,000 series of 240 samples.
    pub(crate) fn large() -> Self {
        let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
        let series = |number: usize| {
            let (instance, group) = (format!("instance-{number}"), format!("group-{}", number % 100));
            let zone = format!("zone-{}", number % 10);
            let labels = [("__name__", "large"), ("group", &group), ("instance", &instance), ("zone", &zone)];
            (Labels::from_pairs(labels), numbers.counter(240))
        };
        Self::sorted((0..100_000).map(series).collect())
    }

    /// 20 series of a day and 1,000 samples more.
    pub(crate) fn windows() -> Self {
        let mut numbers = Numbers(0x9fb2_1c65_1e98_df25);
        let samples = 24 * 3_600_000 / INTERVAL_MS as usize + 1000;
        let series = |number: usize| {
            let labels = [("__name__", "long"), ("instance", &format!("instance-{number}"))];
            (Labels::from_pairs(labels), numbers.counter(samples))
        };
        Self::sorted((0..20).map(series).collect())
    }

    /// 1,000 series of five hours.
    pub(crate) fn opendata() -> Self {
        let mut numbers = Numbers(0xd6e8_feb8_6659_fd93);
        let samples = 5 * 3_600_000 / INTERVAL_MS as usize;
        let series = |number: usize| {
            let (instance, group) = (format!("instance-{number}"), format!("group-{}", number % 10));
            let labels = [("__name__", "hits"), ("group", &group), ("instance", &instance)];
            (Labels::from_pairs(labels), numbers.counter(samples))
        };
        Self { first_ms: OPENDATA_START_MS, ..Self::sorted((0..1000).map(series).collect()) }
    }

    /// In the order of labels, as Prometheus' storage keeps the order that series come in, and ties (`topk`) fall by it.
    fn sorted(mut series: Vec<(Labels, Vec<f64>)>) -> Self {
        series.sort_by(|a, b| a.0.cmp(&b.0));
        Self { first_ms: 0, series }
    }

    fn time_ms(&self, place: usize) -> i64 {
        self.first_ms + place as i64 * INTERVAL_MS
    }

    /// The store that ours reads.
    pub(crate) fn store(&self) -> MemoryStore {
        self.store_at(|time_ms| time_ms)
    }

    /// A store whose samples are late, each by its own up to a fifth of the interval: no two series share their times.
    pub(crate) fn jittered_store(&self) -> MemoryStore {
        let mut numbers = Numbers(0xa076_1d64_78bd_642f);
        self.store_at(|time_ms| time_ms + (numbers.next() >> 32) as i64 % (INTERVAL_MS / 5))
    }

    fn store_at(&self, mut time_ms: impl FnMut(i64) -> i64) -> MemoryStore {
        let mut store = MemoryStore::new();
        for (labels, values) in &self.series {
            let id = store.series_id(labels).expect("few series");
            for (place, value) in values.iter().enumerate() {
                let time_ms = time_ms(self.time_ms(place));
                store.append_to(id, time_ms, 0, *value).expect("times ascend");
            }
        }
        store
    }

    /// Writes the file that programs in Go read; `driver/files.go` says its form.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let mut file = BufWriter::new(File::create(path)?);
        let text = |file: &mut BufWriter<File>, text: &str| {
            file.write_all(&(text.len() as u32).to_le_bytes())?;
            file.write_all(text.as_bytes())
        };
        for (labels, values) in &self.series {
            file.write_all(&(labels.len() as u32).to_le_bytes())?;
            for (name, value) in labels.iter() {
                text(&mut file, name)?;
                text(&mut file, value)?;
            }
            file.write_all(&(values.len() as u32).to_le_bytes())?;
            for (place, value) in values.iter().enumerate() {
                file.write_all(&self.time_ms(place).to_le_bytes())?;
                file.write_all(&value.to_bits().to_le_bytes())?;
            }
        }
        file.flush()
    }
}
