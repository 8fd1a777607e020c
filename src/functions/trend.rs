//! `deriv`, `predict_linear`, `double_exponential_smoothing`: where a gauge is going.

use super::{
    Example, Function, Unit,
    kernel::{Kernel, KernelError, Parameter, RangeFunction, RangeInput, RowOut, Scratch},
    signature,
    sums::CompensatedSum,
};
use crate::model::{
    Timestamps,
    ValueType::{Matrix, Scalar, Vector},
};

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        signature: signature("deriv", &[Matrix], 0, Vector),
        summary: "The slope per second of the straight line that fits each gauge's samples in the range best.",
        example: Example {
            load: "load 1m\n  disk_free_bytes 1000-60x10",
            query: "deriv(disk_free_bytes[10m])",
            at: "10m",
            answer: "{} -1",
        },
        unit: Unit::PerSecond,
        kernel: Kernel::Range(RangeFunction::new(derivative)),
    },
    Function {
        signature: signature("predict_linear", &[Matrix, Scalar], 0, Vector),
        summary: "The value each gauge will have so many seconds from now, on the straight line that fits its samples in the range best.",
        example: Example {
            load: "load 1m\n  disk_free_bytes 1000-60x10",
            query: "predict_linear(disk_free_bytes[10m], 300)",
            at: "10m",
            answer: "{} 100",
        },
        unit: Unit::Argument,
        kernel: Kernel::Range(RangeFunction::new(predict_linear)),
    },
    Function {
        signature: signature("double_exponential_smoothing", &[Matrix, Scalar, Scalar], 0, Vector),
        summary: "Each gauge's value, smoothed over the range; the first factor says how much a new sample weighs, the second how much a \
                  new trend does. Both lie between 0 and 1.",
        example: Example {
            load: "load 1m\n  queue_length 1+2x5",
            query: "double_exponential_smoothing(queue_length[6m], 0.5, 0.5)",
            at: "5m",
            answer: "{} 11",
        },
        unit: Unit::Argument,
        kernel: Kernel::Range(RangeFunction::new(double_exponential_smoothing)),
    }
    .experimental(),
];

fn derivative(
    input: &RangeInput<'_>,
    _: &[Parameter<'_>],
    _: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    out.fill(|step| {
        let (first, end) = input.bounds(step);
        if end - first < 2 {
            return None;
        }
        let times = &input.floats.timestamps;
        // Any time near the samples keeps the numbers small.
        Some(fit_line(times, input.floats.values, first, end, times.at(first)).0)
    });
    Ok(())
}

fn predict_linear(
    input: &RangeInput<'_>,
    parameters: &[Parameter<'_>],
    _: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    out.fill(|step| {
        let (first, end) = input.bounds(step);
        if end - first < 2 {
            return None;
        }
        let ahead = parameters.first().map_or(f64::NAN, |parameter| parameter.at(step));
        let now = input.windows.evaluated_at().at(input.steps.start + step);
        let (slope, intercept) = fit_line(&input.floats.timestamps, input.floats.values, first, end, now);
        Some(slope * ahead + intercept)
    });
    Ok(())
}

/// The line of least squares through samples `first..end`: slope per second, and value at `origin_ms`.
fn fit_line(times: &Timestamps<'_>, values: &[f64], first: usize, end: usize, origin_ms: i64) -> (f64, f64) {
    let window = &values[first..end];
    let initial = window[0];
    if window.iter().all(|value| *value == initial) {
        return if initial.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, initial) };
    }
    let mut sums = [CompensatedSum::default(); 4];
    for (index, y) in window.iter().enumerate() {
        let x = (times.at(first + index) - origin_ms) as f64 / 1e3;
        sums[0].add(x);
        sums[1].add(*y);
        sums[2].add(x * y);
        sums[3].add(x * x);
    }
    let [x, y, xy, xx] = sums.map(|sum| sum.sum + sum.compensation);
    let n = window.len() as f64;
    let slope = (xy - x * y / n) / (xx - x * x / n);
    (slope, y / n - slope * x / n)
}

/// Windows that are smoothed side by side: each is one long chain of operations that wait for each other.
const LANES: usize = 8;

fn double_exponential_smoothing(
    input: &RangeInput<'_>,
    parameters: &[Parameter<'_>],
    scratch: &mut Scratch,
    out: &mut RowOut<'_>,
) -> Result<(), KernelError> {
    let factor = |index: usize, step: usize| parameters.get(index).map_or(f64::NAN, |p| p.at(step));
    for step in 0..input.steps.len() {
        if input.window(step).is_empty() && !input.has_histograms(step) {
            continue;
        }
        let (smoothing, trend) = (factor(0, step), factor(1, step));
        // NaN passes, as it does upstream, and makes the result NaN.
        if smoothing <= 0.0 || smoothing >= 1.0 {
            return Err(KernelError::SmoothingFactor(smoothing));
        }
        if trend <= 0.0 || trend >= 1.0 {
            return Err(KernelError::TrendFactor(trend));
        }
    }
    let count = input.steps.len();
    let mut results = [None; LANES];
    let mut memory = Memory::default();
    let blocks = &mut scratch.floats;
    greatest_of_blocks(input.floats.values, blocks);
    out.fill(|step| {
        let lane = step % LANES;
        if lane == 0 {
            let lanes = LANES.min(count - step);
            let smoothing = std::array::from_fn(|lane| factor(0, step + lane));
            let trend = std::array::from_fn(|lane| factor(1, step + lane));
            let windows: [&[f64]; LANES] =
                std::array::from_fn(|lane| if lane < lanes { input.window(step + lane) } else { &[] });
            let remembered: [&[f64]; LANES] = std::array::from_fn(|lane| {
                let window = windows[lane];
                let needed = memory.samples(smoothing[lane], trend[lane]);
                &window[window.len() - needed.min(window.len())..]
            });
            results = smooth_side_by_side(remembered, smoothing, trend);
            for lane in 0..lanes {
                if remembered[lane].len() == windows[lane].len() {
                    continue;
                }
                let (first, end) = input.bounds(step + lane);
                let greatest = greatest(input.floats.values, blocks, first, end);
                let level = results[lane].map_or(0.0, f64::abs);
                // What was left out can matter where it was far greater than what is left, no number, or such that the sums overflow.
                if greatest < NEAR_OVERFLOW && level >= greatest * 1e-3 {
                    continue;
                }
                results[lane] =
                    Smoothed::begin(windows[lane], smoothing[lane], trend[lane]).map(|mut state| {
                        windows[lane][2..].iter().for_each(|value| state.follow(*value));
                        state.level
                    });
            }
        }
        results[lane]
    });
    Ok(())
}

/// How many samples smoothing remembers: what came before them changes the level by less than 1e-17 of the greatest value there was.
///
/// One sample takes level, change of level and slope to a fixed linear combination of themselves, plus the sample's part. So
/// two states that differ at one sample differ, n samples later, by at most the norm of that map's n-th power times as much.
#[derive(Default)]
struct Memory {
    /// The factors asked for last, and the answer.
    known: Option<(f64, f64, usize)>,
}

impl Memory {
    fn samples(&mut self, smoothing: f64, trend: f64) -> usize {
        if let Some((a, b, samples)) = self.known
            && (a, b) == (smoothing, trend)
        {
            return samples;
        }
        let samples = Self::compute(smoothing, trend).unwrap_or(usize::MAX);
        self.known = Some((smoothing, trend, samples));
        samples
    }

    /// `None` where the norms do not fall fast enough to be worth it.
    fn compute(a: f64, b: f64) -> Option<usize> {
        const LONGEST: usize = 4_096;
        let keep = 1.0 - a;
        let map = [[keep, keep * b, keep * (1.0 - b)], [-a, keep * b, keep * (1.0 - b)], [0.0, b, 1.0 - b]];
        let mut power = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let (mut sum, mut greatest, mut bound) = (0.0, 0.0, None);
        for n in 0..LONGEST {
            let rows = power.map(|row: [f64; 3]| row.iter().map(|x| x.abs()).sum::<f64>());
            let norm = rows.into_iter().fold(0.0, f64::max);
            if !norm.is_finite() {
                return None;
            }
            // Any state is at most what the samples so far added up to; once a power halves, the rest of the sum is known.
            if bound.is_none() && norm <= 0.5 {
                let all: f64 = 2.0 * sum;
                // A state begun anew from two values is at most four times the greatest.
                bound = Some(all + 4.0 * greatest + 4.0);
            }
            if bound.is_some_and(|bound| norm * bound < 1e-17) {
                // Two samples begin the state.
                return Some(n + 2);
            }
            (sum, greatest) = (sum + norm, f64::max(greatest, norm));
            power = std::array::from_fn(|row| {
                std::array::from_fn(|column| (0..3).map(|k| map[row][k] * power[k][column]).sum())
            });
        }
        None
    }
}

/// Samples from this magnitude on may lead to a level or slope that is infinite: either is at most some thousands of samples added up.
const NEAR_OVERFLOW: f64 = 1e290;

/// Values whose greatest is kept.
const BLOCK: usize = 64;

/// The greatest magnitude; infinite where a value is not finite.
fn magnitude(values: &[f64]) -> f64 {
    // Side by side, since each comparison waits for the one before. The product is 0 for finite values only.
    let mut greatest = [0.0; 8];
    let mut zeros = [0.0; 8];
    let mut take = |values: &[f64]| {
        for ((greatest, zero), value) in greatest.iter_mut().zip(&mut zeros).zip(values) {
            *greatest = if value.abs() > *greatest { value.abs() } else { *greatest };
            *zero += value * 0.0;
        }
    };
    let chunks = values.chunks_exact(8);
    take(chunks.remainder());
    chunks.for_each(take);
    let finite = zeros.iter().sum::<f64>() == 0.0;
    if finite { greatest.into_iter().fold(0.0, f64::max) } else { f64::INFINITY }
}

fn greatest_of_blocks(values: &[f64], out: &mut Vec<f64>) {
    out.clear();
    out.extend(values.chunks(BLOCK).map(magnitude));
}

/// The greatest magnitude of `values[first..end]`.
fn greatest(values: &[f64], blocks: &[f64], first: usize, end: usize) -> f64 {
    let (first_block, end_block) = (first.div_ceil(BLOCK), end / BLOCK);
    if first_block >= end_block {
        return magnitude(&values[first..end]);
    }
    let edges =
        magnitude(&values[first..first_block * BLOCK]).max(magnitude(&values[end_block * BLOCK..end]));
    blocks[first_block..end_block].iter().fold(edges, |a, b| a.max(*b))
}

/// [`smooth`] for several windows: as long as the shortest one lasts, all at once.
fn smooth_side_by_side(
    windows: [&[f64]; LANES],
    smoothing: [f64; LANES],
    trend: [f64; LANES],
) -> [Option<f64>; LANES] {
    let shortest = windows.iter().map(|window| window.len()).min().unwrap_or(0);
    let mut states: [Option<Smoothed>; LANES] =
        std::array::from_fn(|lane| Smoothed::begin(windows[lane], smoothing[lane], trend[lane]));
    let mut done = 2;
    if shortest > 2 {
        let heads: [&[f64]; LANES] = windows.map(|window| &window[..shortest]);
        let mut together = states.map(Option::unwrap_or_default);
        // One index over all lanes: side by side they keep the processor's pipelines full.
        #[allow(clippy::needless_range_loop)]
        for index in 2..shortest {
            for lane in 0..LANES {
                together[lane].follow(heads[lane][index]);
            }
        }
        states = together.map(Some);
        done = shortest;
    }
    std::array::from_fn(|lane| {
        let mut state = states[lane]?;
        for value in windows[lane].get(done..).unwrap_or_default() {
            state.follow(*value);
        }
        Some(state.level)
    })
}

/// Holt's linear method: a level that follows the values, and a trend that follows the level.
#[derive(Debug, Clone, Copy, Default)]
struct Smoothed {
    smoothing: f64,
    trend: f64,
    before: f64,
    level: f64,
    slope: f64,
}

impl Smoothed {
    /// The state after the first two values.
    fn begin(values: &[f64], smoothing: f64, trend: f64) -> Option<Self> {
        let [first, second, ..] = values else { return None };
        let slope = second - first;
        let level = smoothing * second + (1.0 - smoothing) * (first + slope);
        Some(Self { smoothing, trend, before: *first, level, slope })
    }

    #[inline]
    fn follow(&mut self, value: f64) {
        self.slope = self.trend * (self.level - self.before) + (1.0 - self.trend) * self.slope;
        let next = self.smoothing * value + (1.0 - self.smoothing) * (self.level + self.slope);
        (self.before, self.level) = (self.level, next);
    }
}
