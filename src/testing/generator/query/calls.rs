//! Calls of every function of the language.

use super::{Generator, LABELS};

const OVER_TIME: &[&str] = &[
    "sum_over_time",
    "avg_over_time",
    "count_over_time",
    "max_over_time",
    "min_over_time",
    "last_over_time",
    "present_over_time",
    "stddev_over_time",
    "stdvar_over_time",
    "changes",
    "resets",
    "delta",
    "idelta",
    "irate",
    "rate",
    "increase",
    "rate",
    "increase",
    "deriv",
    "absent_over_time",
];

const EXPERIMENTAL_OVER_TIME: &[&str] = &[
    "first_over_time",
    "mad_over_time",
    "ts_of_max_over_time",
    "ts_of_min_over_time",
    "ts_of_first_over_time",
    "ts_of_last_over_time",
    "integral",
];

const ELEMENTWISE: &[&str] = &[
    "abs", "ceil", "floor", "exp", "sqrt", "ln", "log2", "log10", "sgn", "sin", "cos", "tan", "asin", "acos",
    "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "deg", "rad", "round",
];

const CALENDAR: &[&str] =
    &["minute", "hour", "day_of_week", "day_of_month", "day_of_year", "days_in_month", "month", "year"];

impl Generator<'_> {
    pub(super) fn over_time(&mut self, depth: usize) -> String {
        if self.choices.rarely(8) {
            let range = self.range(depth, false);
            return match self.choices.below(4) {
                0 => format!("quantile_over_time({}, {range})", self.quantile()),
                1 => {
                    let ahead = self.one(&["60", "-30", "3600", "0", "NaN", "time()", "scalar(quota)"]);
                    format!("predict_linear({range}, {ahead})")
                }
                2 if self.options.experimental => {
                    let factors = self.one(&["0.4, 0.3", "0.9, 0.1", "1, 0.5", "0.5, 0", "NaN, 0.5"]);
                    format!("double_exponential_smoothing({range}, {factors})")
                }
                3 if self.options.experimental => {
                    format!("integral({range}, {})", self.one(&["0", "1", "2", "NaN", "0.5"]))
                }
                _ => format!("deriv({range})"),
            };
        }
        let experimental = self.options.experimental && self.choices.rarely(5);
        let function = self.one(if experimental { EXPERIMENTAL_OVER_TIME } else { OVER_TIME });
        let may_extend = matches!(function, "rate" | "increase" | "delta" | "resets" | "changes");
        format!("{function}({})", self.range(depth, may_extend))
    }

    pub(super) fn elementwise(&mut self, depth: usize) -> String {
        let inner = self.vector(depth - 1);
        match self.choices.below(12) {
            4 => format!("clamp({inner}, {}, {})", self.number(), self.number()),
            5 => format!("clamp_min({inner}, {})", self.scalar(depth - 1)),
            6 => format!("clamp_max({inner}, {})", self.scalar(depth - 1)),
            7 => format!("round({inner}, {})", self.number()),
            8 | 9 => format!("{}({inner})", self.one(CALENDAR)),
            _ => format!("{}({inner})", self.one(ELEMENTWISE)),
        }
    }

    pub(super) fn histogram_function(&mut self, depth: usize) -> String {
        let inner = match self.choices.below(6) {
            0 | 1 => format!("rate(wait_seconds_bucket{}[5m])", self.matchers()),
            2 => format!("sum by (le) ({})", self.vector(depth - 1)),
            3 if self.options.native_histograms => {
                let name = self.one(&["wait_seconds", "size_bytes", "heat", "mixed"]);
                format!("{name}{}", self.matchers())
            }
            _ => self.vector(depth - 1),
        };
        match self.choices.below(if self.options.native_histograms { 14 } else { 6 }) {
            0..=2 => format!("histogram_quantile({}, {inner})", self.quantile()),
            3 | 4 => format!("histogram_fraction({}, {}, {inner})", self.number(), self.number()),
            5 if self.options.experimental => {
                let label = self.one(&["q", "job", "le"]);
                let second = self.one(&["", ", 0.5", ", 0.75, 1", ", 0.5, -0"]);
                format!("histogram_quantiles({inner}, \"{label}\", {}{second})", self.quantile())
            }
            5 | 6 => format!("histogram_avg({inner})"),
            7 | 8 => format!("histogram_count({inner})"),
            9 | 10 => format!("histogram_sum({inner})"),
            11 | 12 => format!("histogram_stddev({inner})"),
            _ => format!("histogram_stdvar({inner})"),
        }
    }

    pub(super) fn other_function(&mut self, depth: usize) -> String {
        match self.choices.below(16) {
            0 | 1 => format!("absent({})", self.vector(depth - 1)),
            2 => format!("vector({})", self.scalar(depth - 1)),
            3 | 4 => self.label_replace(depth),
            5 => {
                let inner = self.vector(depth - 1);
                let target = self.one(&["zone", "job", "__name__", "nowhere"]);
                format!("label_join({inner}, \"{target}\", \"-\", \"job\", \"{}\")", self.one(LABELS))
            }
            6 | 7 => {
                let sort = self.one_or(&["sort", "sort_desc"], &["sort_by_label", "sort_by_label_desc"]);
                let labels =
                    [", \"instance\", \"le\"", ", \"zone\"", ", \"version\", \"job\"", ", \"__name__\""];
                let label = if sort.contains("label") { self.one(&labels) } else { "" };
                format!("{sort}({}{label})", self.vector(depth - 1))
            }
            8 | 9 => format!("timestamp({})", self.vector(depth - 1)),
            10 if self.options.experimental => format!("start_timestamp({})", self.vector(depth - 1)),
            11..=13 if self.options.experimental => {
                let inner = self.vector(depth - 1);
                let selector = self.one(&[
                    "",
                    "",
                    ", {zone=\"a\"}",
                    ", {version=~\".+\"}",
                    ", {__name__=\"build_info\"}",
                    ", {__name__=~\".*_info\"}",
                    ", {__name__=~\".*_info\",zone=~\".*\"}",
                    ", {nowhere=\"x\"}",
                    ", {version!=\"0.0\"}",
                    ", {instance=\"i0\"}",
                    ", {__name__!=\"target_info\"}",
                    ", {__name__!~\"build.*\",zone!~\"b\"}",
                    ", {__name__=~\"(target|build)_info\",version=~\"1.*|\"}",
                ]);
                format!("info({inner}{selector})")
            }
            14 => format!("{}()", self.one(CALENDAR)),
            _ => format!("label_replace({}, \"le\", \"1\", \"\", \"\")", self.vector(depth - 1)),
        }
    }

    fn label_replace(&mut self, depth: usize) -> String {
        let inner = self.vector(depth - 1);
        let target = self.one(&["zone", "zone", "job", "__name__", "instance", "a~b"]);
        let replacement = self.one(&["z-$1", "", "${1}x", "$name", "fixed", "$0$$"]);
        let source = self.one(LABELS);
        let pattern = self.one(&["(.).*", ".*", "i(?P<name>\\\\d)", "", "(", "j[02]|(i.)"]);
        format!("label_replace({inner}, \"{target}\", \"{replacement}\", \"{source}\", \"{pattern}\")")
    }
}
