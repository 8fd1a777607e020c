//! A median over as many runs as fit in a short time.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long a query took.
pub(crate) struct Timing {
    /// The median, in ns.
    pub(crate) median_ns: f64,
    /// The shortest time, in ns: where others use the machine too, it says more than the median.
    pub(crate) least_ns: f64,
    /// Time the calling thread was on a processor, in ns a run: says most where others use the machine and one thread works.
    /// `None` where the system does not tell, or too few runs were timed for its grain.
    pub(crate) processor_ns: Option<f64>,
    /// The distance of the quartiles, as a part of the median.
    pub(crate) spread: f64,
}

/// Times `run` for as long as `budget` lasts, at the least three times, after one run to warm up.
pub(crate) fn time<T>(budget: Duration, mut run: impl FnMut() -> T) -> Timing {
    black_box(run());
    let (begin, processor_begin) = (Instant::now(), processor_time());
    let mut samples = Vec::new();
    while samples.len() < 3 || (begin.elapsed() < budget && samples.len() < 1_000_000) {
        let start = Instant::now();
        black_box(run());
        samples.push(start.elapsed().as_nanos() as f64);
    }
    let on_processor = processor_time().zip(processor_begin).map(|(end, begin)| end.saturating_sub(begin));
    let grain = Duration::from_millis(20);
    let processor_ns =
        on_processor.filter(|time| *time > grain).map(|time| time.as_nanos() as f64 / samples.len() as f64);
    samples.sort_by(f64::total_cmp);
    let at = |part: f64| samples[((samples.len() - 1) as f64 * part) as usize];
    Timing { median_ns: at(0.5), least_ns: at(0.0), processor_ns, spread: (at(0.75) - at(0.25)) / at(0.5) }
}

/// How long the calling thread was on a processor so far; Linux tells.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// A time in the unit that suits it.
pub(crate) fn short(ns: f64) -> String {
    match ns {
        ns if ns < 1e3 => format!("{ns:.0} ns"),
        ns if ns < 1e6 => format!("{:.1} µs", ns / 1e3),
        ns if ns < 1e9 => format!("{:.1} ms", ns / 1e6),
        ns => format!("{:.2} s", ns / 1e9),
    }
}
