//! What grows, and how one size of it is measured.

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use promql_engine::model::Labels;
use promql_engine::storage::MemoryStore;
use promql_engine::{Engine, EngineOptions};

/// From sample to sample, in ms.
const INTERVAL_MS: i64 = 15_000;
/// Size of what does not grow.
const SERIES: u64 = 200;
const SAMPLES: u64 = 2_000;
const STEPS: u64 = 100;

/// One thing that grows.
pub(crate) struct Axis {
    pub(crate) name: &'static str,
    /// `N` is the size.
    pub(crate) query: &'static str,
    smallest: u64,
    doublings: u32,
}

pub(crate) const AXES: &[Axis] = &[
    Axis { name: "series", query: "sum by (group) (rate(m[5m]))", smallest: 250, doublings: 7 },
    // The windows lie one beside the other, so that each sample is read once.
    Axis { name: "samples", query: "sum by (group) (rate(m[N samples]))", smallest: 500, doublings: 6 },
    Axis { name: "steps", query: "rate(m[5m])", smallest: 62, doublings: 6 },
    Axis { name: "rows of a join", query: "m - on (instance, group) m", smallest: 250, doublings: 5 },
    Axis { name: "window, rate", query: "rate(m[N samples])", smallest: 4, doublings: 8 },
    Axis { name: "window, maximum", query: "max_over_time(m[N samples])", smallest: 4, doublings: 8 },
    Axis {
        name: "window, quantile",
        query: "quantile_over_time(0.9, m[N samples])",
        smallest: 4,
        doublings: 8,
    },
    Axis { name: "terms", query: "m + m + … (N terms)", smallest: 64, doublings: 7 },
];

impl Axis {
    pub(crate) fn sizes(&self) -> impl Iterator<Item = u64> {
        let smallest = self.smallest;
        (0..=self.doublings).map(move |doubling| smallest << doubling)
    }
}

/// The time of a query of this size on one thread in ns, and the bytes that it takes above the samples.
pub(crate) fn measure(axis: &Axis, size: u64) -> (f64, u64) {
    let (mut series, mut samples, mut steps) = (SERIES, SAMPLES, STEPS);
    let interval = INTERVAL_MS / 1000;
    let mut window = 20;
    let mut query = axis.query.to_owned();
    match axis.name {
        "series" => series = size,
        "samples" => {
            samples = size;
            window = size / STEPS;
        }
        "steps" => {
            steps = size;
            samples = 2 * SAMPLES;
        }
        "rows of a join" => series = size,
        "terms" => {
            series = 1;
            query = vec!["m"; size as usize].join(" + ");
        }
        _ => window = size,
    }
    query = query.replace("N samples", &format!("{}s", window * interval as u64));
    let store = store(series, samples);
    store.build_index();
    let mut options = EngineOptions::default();
    options.max_samples = u64::MAX;
    // One thread, whose time the system counts.
    options.threads = 1;
    let engine = Engine::new(options);
    let end_ms = (samples as i64 - 1) * INTERVAL_MS;
    // The steps cover the samples behind the longest window, evenly.
    let covered = match axis.name {
        "samples" => samples - window,
        _ => 900,
    };
    let step_ms = (covered as i64 * INTERVAL_MS / steps as i64).max(1);
    let start_ms = end_ms - (steps as i64 - 1) * step_ms;
    let ask = || {
        let answer = engine.range_query(&store, &query, start_ms, end_ms, step_ms);
        black_box(answer.unwrap_or_else(|error| panic!("{}: {error}", axis.name)));
    };
    // What the first run takes is what a query takes.
    std::fs::write("/proc/self/clear_refs", "5").ok();
    let before = peak();
    ask();
    let bytes = peak().saturating_sub(before);
    let (begin, mut runs) = (clock(), 0_u32);
    while runs < 3 || clock().saturating_sub(begin).as_millis() < 200 {
        ask();
        runs += 1;
    }
    (clock().saturating_sub(begin).as_nanos() as f64 / f64::from(runs), bytes)
}

/// How long this thread has worked: others on the machine make it wait, but not work. Where the system does not tell, how
/// long the process has run.
fn clock() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let start = *START;
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let busy = text.split(' ').next().and_then(|ns| ns.parse().ok());
    busy.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

/// The greatest memory of this process since it was last asked to forget, in bytes; 0 where the system does not tell.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Counters in ten groups, which are reset now and then.
fn store(series: u64, samples: u64) -> MemoryStore {
    let mut store = MemoryStore::new();
    for number in 0..series {
        let (group, instance) = ((number % 10).to_string(), number.to_string());
        let labels = Labels::from_pairs([("__name__", "m"), ("group", &group), ("instance", &instance)]);
        let id = store.series_id(&labels).expect("few series");
        let mut value = 0;
        for sample in 0..samples {
            value = if (sample + 7 * number) % 900 == 0 { 0 } else { value + (sample * 31 + number) % 17 };
            store.append_to(id, sample as i64 * INTERVAL_MS, 0, value as f64).expect("times ascend");
        }
    }
    store
}
