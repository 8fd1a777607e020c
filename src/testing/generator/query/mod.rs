//! Random queries along the grammar, typed: nearly all that comes out parses, and most of it finds samples.
//!
//! `selectors`: selectors, modifiers, durations, ranges; `calls`: functions; `operators`: aggregations and binary operators;
//! `repeating`: queries whose parts repeat.

mod calls;
mod operators;
mod repeating;
mod selectors;

pub use repeating::repeating_query;

use super::Choices;

/// What a query may use.
#[derive(Debug, Clone, Copy)]
pub struct QueryOptions {
    /// How deep expressions nest at most.
    pub depth: usize,
    /// Native histograms and what is for them only.
    pub native_histograms: bool,
    /// What is experimental in Prometheus: some functions, `fill`, extended ranges, duration expressions.
    pub experimental: bool,
    /// Operators whose answer depends on the order of equal values.
    pub ties: bool,
    /// The metrics of a data set with hundreds of series.
    pub many_series: bool,
}

impl Default for QueryOptions {
    fn default() -> Self {
        Self { depth: 3, native_histograms: false, experimental: true, ties: false, many_series: false }
    }
}

/// A query, mostly of an instant vector.
pub fn query(choices: &mut Choices, options: QueryOptions) -> String {
    let mut generator = Generator { choices, options };
    match generator.choices.below(60) {
        53 | 54 => generator.range(options.depth, true),
        55 => "\"text\"".to_owned(),
        56.. => generator.scalar(options.depth),
        _ => generator.vector(options.depth),
    }
}

/// The labels of the generator's data sets, and one that is nowhere.
const LABELS: &[&str] = &["job", "instance", "le", "zone", "version", "__name__", "nowhere"];

struct Generator<'c> {
    choices: &'c mut Choices,
    options: QueryOptions,
}

impl Generator<'_> {
    fn one(&mut self, items: &[&'static str]) -> &'static str {
        items[self.choices.below(items.len())]
    }

    /// One of these, or of those beside them where experimental things are allowed.
    fn one_or(&mut self, plain: &[&'static str], experimental: &[&'static str]) -> &'static str {
        let count = if self.options.experimental { plain.len() + experimental.len() } else { plain.len() };
        let at = self.choices.below(count);
        plain.get(at).copied().unwrap_or_else(|| experimental[at - plain.len()])
    }

    fn number(&mut self) -> String {
        let numbers =
            ["1", "0", "2.5", "-3", "0.1", "1e3", "60", "NaN", "Inf", "100", "-Inf", "-0", "0.5", "2"];
        self.one(&numbers).to_owned()
    }

    fn quantile(&mut self) -> String {
        if self.choices.rarely(8) {
            return self.scalar(1);
        }
        self.one(&["0.5", "0.9", "0", "1", "-1", "2", "NaN", "0.25", "0.99", "1e-9"]).to_owned()
    }

    fn scalar(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.number();
        }
        match self.choices.below(16) {
            0..=7 => self.number(),
            8 => "time()".to_owned(),
            9 | 10 => format!("scalar({})", self.vector(depth - 1)),
            11 | 12 => {
                let ops = ["+", "-", "*", "/", "%", "atan2", "== bool", "> bool", "!= bool", "<= bool"];
                let op = self.one(&ops);
                format!("({} {op} {})", self.scalar(depth - 1), self.scalar(depth - 1))
            }
            13 => format!("-({})", self.scalar(depth - 1)),
            14 if self.options.experimental => self
                .one(&["start()", "end()", "step()", "range()", "min_of(1, 2)", "max_of(NaN, 2)"])
                .to_owned(),
            _ => self.one(&["pi()", "+(2)", "5m", "0x1F"]).to_owned(),
        }
    }

    fn vector(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.instant_selector();
        }
        match self.choices.below(32) {
            0 | 1 => self.instant_selector(),
            2..=9 => self.over_time(depth),
            10..=16 => self.aggregation(depth),
            17..=22 => self.binary(depth),
            23 | 24 => self.elementwise(depth),
            25 => format!("{}({})", self.one(&["-", "+"]), self.vector(depth - 1)),
            26..=28 => self.histogram_function(depth),
            _ => self.other_function(depth),
        }
    }
}
