//! Random data sets: what a scrape of some services leaves behind, with everything that goes wrong on the way.
//!
//! Metrics and labels are the same in all sets, so that queries find something: the generator of queries names them.

use crate::model::{Labels, STALE_NAN};

use super::Choices;
use super::data_set::{Block, DataSet, Item, SeriesData};
use super::histograms;

/// What a data set may hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct DataOptions {
    /// Native histograms too.
    pub native_histograms: bool,
    /// Start times too.
    pub start_times: bool,
    /// Histograms whose runs of buckets grow while they count. Prometheus' database writes the earlier samples of a chunk anew then,
    /// with empty buckets, which some operators see.
    pub growing_layouts: bool,
    /// Hundreds of series of one metric too, in some sets.
    pub many_series: bool,
}

/// How many samples a series has at most.
const SAMPLES: usize = 60;

/// A data set of up to an hour.
pub fn data_set(choices: &mut Choices, options: DataOptions) -> DataSet {
    let interval_ms = *choices.pick(&[30_000, 15_000, 60_000, 17_000]);
    let mut block = Block { interval_ms, series: Vec::new() };
    for shop in 0..1 + choices.below(3) {
        let job = format!("j{shop}");
        for node in 0..1 + choices.below(3) {
            let instance = format!("i{node}");
            instance_series(choices, options, &mut block, &job, &instance);
        }
        block.add(choices, &[("__name__", "quota"), ("job", &job)], gauge);
        classic_histogram(choices, &mut block, &job);
    }
    let mut blocks = vec![block];
    if options.many_series && choices.rarely(4) {
        blocks.push(many(choices, options));
    }
    DataSet { blocks }
}

/// What one scraped process shows.
fn instance_series(
    choices: &mut Choices,
    options: DataOptions,
    block: &mut Block,
    job: &str,
    instance: &str,
) {
    let labels = |name: &'static str| [("__name__", name), ("job", job), ("instance", instance)];
    block.add(choices, &labels("events_total"), counter);
    if options.start_times && choices.rarely(2) {
        start_times(choices, block);
    }
    if !choices.rarely(3) {
        block.add(choices, &labels("level"), gauge);
    }
    if choices.rarely(5) {
        block.add(
            choices,
            &[&labels("bytes_total")[..], &[("__type__", "counter"), ("__unit__", "b")]].concat(),
            counter,
        );
    }
    for version in 0..choices.below(3) {
        let version = format!("{version}.0");
        let extra = [("version", version.as_str()), ("zone", if version == "0.0" { "a" } else { "b" })];
        block.add(choices, &[&labels("target_info")[..], &extra].concat(), presence);
    }
    if choices.rarely(3) {
        block.add(
            choices,
            &[&labels("build_info")[..], &[("commit", "c0ffee"), ("zone", "a")]].concat(),
            presence,
        );
    }
    if !options.native_histograms {
        return;
    }
    for (name, rate) in [("wait_seconds", 2), ("size_bytes", 3), ("heat", 4), ("mixed", 4)] {
        if !choices.rarely(rate) {
            continue;
        }
        block.add(choices, &labels(name), |choices| {
            let samples = length(choices);
            match name {
                "wait_seconds" => histograms::exponential(choices, samples, options, false),
                "size_bytes" => histograms::custom(choices, samples),
                "heat" => histograms::exponential(choices, samples, options, true),
                _ => mixed(choices, samples, options),
            }
        });
        if options.start_times && choices.rarely(3) {
            start_times(choices, block);
        }
    }
}

impl Block {
    fn add(
        &mut self,
        choices: &mut Choices,
        labels: &[(&str, &str)],
        items: impl FnOnce(&mut Choices) -> Vec<Item>,
    ) {
        let labels = Labels::from_pairs(labels.iter().copied());
        let mut items = items(choices);
        for item in &mut items {
            if let Some(missing) = missing(choices) {
                *item = missing;
            }
        }
        // A process that came late, or went.
        if choices.rarely(5) {
            let count = choices.below(items.len());
            items[..count].fill(Item::Omitted);
        } else if choices.rarely(5) {
            let keep = 1 + choices.below(items.len());
            items.truncate(keep);
            items.push(Item::Float(STALE_NAN));
        }
        self.series.push(SeriesData { labels, items, starts: Vec::new() });
    }
}

/// A gap or a stale marker in place of a sample, now and then.
fn missing(choices: &mut Choices) -> Option<Item> {
    match choices.below(32) {
        30 => Some(Item::Omitted),
        31 => Some(Item::Float(STALE_NAN)),
        _ => None,
    }
}

fn length(choices: &mut Choices) -> usize {
    SAMPLES - choices.below(20)
}

/// The length of a series of floats: more than a chunk of Prometheus' database holds, now and then.
fn length_of_floats(choices: &mut Choices) -> usize {
    length(choices) + if choices.rarely(12) { 100 } else { 0 }
}

fn counter(choices: &mut Choices) -> Vec<Item> {
    let mut value = 0.0;
    let step = *choices.pick(&[1.0, 7.5, 0.1, 1e6]);
    let values = (0..length_of_floats(choices)).map(|_| {
        if choices.rarely(20) {
            value = 0.0;
        }
        value += step * choices.below(5) as f64;
        Item::Float(value)
    });
    values.collect()
}

/// Start times of the block's last series: those of the process, which starts anew now and then, and odd ones.
fn start_times(choices: &mut Choices, block: &mut Block) {
    let interval_ms = block.interval_ms;
    let Some(series) = block.series.last_mut() else { return };
    let known_at_all = !choices.rarely(4);
    let mut started_ms = -(choices.below(10) as i64) * 20_000;
    let starts = (0..series.items.len() as i64).map(|index| {
        let time_ms = index * interval_ms;
        match choices.below(24) {
            20 => return None,
            21 => started_ms = time_ms - choices.below(interval_ms as usize) as i64,
            22 => started_ms = time_ms,
            23 => started_ms = time_ms + 1000,
            _ => {}
        }
        // Time 0 would read as unknown.
        (known_at_all && started_ms != 0).then_some(started_ms - time_ms)
    });
    series.starts = starts.collect();
}

fn gauge(choices: &mut Choices) -> Vec<Item> {
    let odd = choices.rarely(3);
    let scale = *choices.pick(&[1.0, 0.01, 1e9, 1e300]);
    let steady = choices.rarely(6);
    let values = (0..length_of_floats(choices)).map(|_| {
        if odd && choices.rarely(12) {
            return Item::Float(*choices.pick(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0]));
        }
        let spread = if steady { 3 } else { 2001 };
        Item::Float((choices.below(spread) as f64 - (spread / 2) as f64) * scale / 8.0)
    });
    values.collect()
}

/// The constant 1.
fn presence(choices: &mut Choices) -> Vec<Item> {
    vec![Item::Float(1.0); length(choices)]
}

/// Floats and histograms in turns.
fn mixed(choices: &mut Choices, samples: usize, options: DataOptions) -> Vec<Item> {
    let mut items = histograms::exponential(choices, samples, options, false);
    let mut float = choices.rarely(2);
    for item in &mut items {
        float ^= choices.rarely(8);
        if float {
            *item = Item::Float(choices.below(50) as f64 / 2.0);
        }
    }
    items
}

/// Four rising buckets, each counting what the one before counts, their sum and count; and what breaks the order.
fn classic_histogram(choices: &mut Choices, block: &mut Block, job: &str) {
    let lists: [&[&str]; 3] =
        [&["0.1", "0.5", "2", "+Inf"], &["-1", "0", "1", "+Inf"], &["0.5", "0.50", "x", "2"]];
    let bounds = *choices.pick(&lists);
    let broken = choices.rarely(4);
    let mut columns = vec![Vec::new(); bounds.len()];
    let mut counts = vec![0_usize; bounds.len()];
    let samples = length(choices);
    for _ in 0..samples {
        let mut more = 0;
        for (count, column) in counts.iter_mut().zip(&mut columns) {
            more += choices.below(4);
            *count += more;
            let less = if broken && choices.rarely(8) { 3 } else { 0 };
            column.push(Item::Float(count.saturating_sub(less) as f64));
        }
    }
    let total = columns.last().cloned().unwrap_or_default();
    for (bound, column) in bounds.iter().zip(columns) {
        let name = ("__name__", "wait_seconds_bucket");
        block.add(choices, &[name, ("job", job), ("le", bound)], |_| column);
    }
    block.add(choices, &[("__name__", "wait_seconds_count"), ("job", job)], |_| total);
    block.add(choices, &[("__name__", "wait_seconds_sum"), ("job", job)], counter);
}

/// More series than one batch holds, now and then than are folded in one go, few samples each.
fn many(choices: &mut Choices, options: DataOptions) -> Block {
    let interval_ms = *choices.pick(&[60_000, 45_000]);
    let mut block = Block { interval_ms, series: Vec::new() };
    let count = if choices.rarely(8) { 1_600 } else { 300 } + choices.below(100);
    for index in 0..count {
        let (instance, job) = (format!("m{index}"), format!("j{}", index % 7));
        let name = match index % 12 {
            5 if options.native_histograms => "spread",
            0 | 3 | 6 | 9 => "busy_total",
            _ => "queue",
        };
        let labels = [("__name__", name), ("job", job.as_str()), ("instance", instance.as_str())];
        block.add(choices, &labels, |choices| {
            let mut items = match name {
                "queue" => gauge(choices),
                "spread" => histograms::exponential(choices, 20, options, index % 24 == 5),
                _ => counter(choices),
            };
            items.truncate(4 + choices.below(16));
            items
        });
    }
    block
}
