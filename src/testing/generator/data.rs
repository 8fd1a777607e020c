//! Data sets in the `load` notation: counters with resets, gauges, classic histograms; gaps, stale markers, odd values.

use std::fmt::Write as _;

use super::Choices;

/// What a data set may hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct DataOptions {
    /// Native histograms too.
    pub native_histograms: bool,
    /// Start times too.
    pub start_times: bool,
}

/// How many samples a series has at most.
const SAMPLES: usize = 60;

/// A data set of up to an hour.
pub fn data_set(choices: &mut Choices, options: DataOptions) -> String {
    let interval = *choices.pick(&["30s", "15s", "1m", "17s"]);
    let mut out = format!("load {interval}\n");
    for shop in 0..1 + choices.below(3) {
        for node in 0..1 + choices.below(3) {
            let labels = format!("shop=\"s{shop}\", node=\"n{node}\"");
            let values = counter(choices);
            if options.start_times && choices.rarely(3) {
                let _ = writeln!(
                    out,
                    "  events_total{{shop=\"s{shop}\",node=\"n{node}\"}}@st -5mx{}",
                    values.len() - 1
                );
            }
            line(&mut out, &format!("events_total{{{labels}}}"), &values);
            if !choices.rarely(3) {
                line(&mut out, &format!("level{{{labels}}}"), &gauge(choices));
            }
        }
        line(&mut out, &format!("quota{{shop=\"s{shop}\"}}"), &gauge(choices));
        let rises: Vec<Vec<String>> = classic_histogram(choices);
        for (bound, values) in ["0.1", "0.5", "2", "+Inf"].iter().zip(rises) {
            line(&mut out, &format!("wait_seconds_bucket{{shop=\"s{shop}\", le=\"{bound}\"}}"), &values);
        }
        if options.native_histograms {
            line(&mut out, &format!("wait_seconds{{shop=\"s{shop}\"}}"), &native_histogram(choices));
        }
    }
    out
}

fn line(out: &mut String, series: &str, values: &[String]) {
    let _ = writeln!(out, "  {series} {}", values.join(" "));
}

/// A gap or a stale marker in place of a sample, now and then.
fn missing(choices: &mut Choices) -> Option<String> {
    match choices.below(24) {
        22 => Some("_".to_owned()),
        23 => Some("stale".to_owned()),
        _ => None,
    }
}

fn length(choices: &mut Choices) -> usize {
    SAMPLES - choices.below(20)
}

fn counter(choices: &mut Choices) -> Vec<String> {
    let mut value = 0.0;
    let step = *choices.pick(&[1.0, 7.5, 0.1, 1e6]);
    let values = (0..length(choices)).map(|_| {
        if choices.rarely(20) {
            value = 0.0;
        }
        value += step * choices.below(5) as f64;
        missing(choices).unwrap_or_else(|| format!("{value}"))
    });
    values.collect()
}

fn gauge(choices: &mut Choices) -> Vec<String> {
    let odd = choices.rarely(3);
    let scale = *choices.pick(&[1.0, 0.01, 1e9]);
    let values = (0..length(choices)).map(|_| {
        if odd && choices.rarely(12) {
            return (*choices.pick(&["NaN", "Inf", "-Inf", "0", "-0"])).to_owned();
        }
        let value = (choices.below(2001) as f64 - 1000.0) * scale / 8.0;
        missing(choices).unwrap_or_else(|| format!("{value}"))
    });
    values.collect()
}

/// Four rising buckets, each counting what the one before counts.
fn classic_histogram(choices: &mut Choices) -> Vec<Vec<String>> {
    let mut buckets = vec![Vec::new(); 4];
    let mut counts = [0_usize; 4];
    for _ in 0..length(choices) {
        let mut more = 0;
        for (count, values) in counts.iter_mut().zip(&mut buckets) {
            more += choices.below(4);
            *count += more;
            values.push(format!("{count}"));
        }
    }
    buckets
}

fn native_histogram(choices: &mut Choices) -> Vec<String> {
    let schema = choices.below(3);
    let (mut zero, mut first, mut second) = (0, 0, 0);
    let values = (0..length(choices)).map(|_| {
        if choices.rarely(20) {
            (zero, first, second) = (0, 0, 0);
        }
        zero += choices.below(2);
        first += choices.below(4);
        second += choices.below(3);
        missing(choices).filter(|text| text == "_").unwrap_or_else(|| {
            let count = zero + first + second;
            format!(
                "{{{{schema:{schema} count:{count} sum:{} z_bucket:{zero} z_bucket_w:0.001 buckets:[{first} {second}]}}}}",
                first + 2 * second
            )
        })
    });
    values.collect()
}
