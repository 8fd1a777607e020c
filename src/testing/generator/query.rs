//! Queries along the grammar, typed: whatever comes out parses.

use super::Choices;

/// What a query may use.
#[derive(Debug, Clone, Copy)]
pub struct QueryOptions {
    /// How deep expressions nest at most.
    pub depth: usize,
    /// Native histograms and what is for them only.
    pub native_histograms: bool,
    /// What is experimental in Prometheus: some functions, `fill`, extended ranges.
    pub experimental: bool,
    /// Functions whose answer depends on the order of equal values.
    pub ties: bool,
}

impl Default for QueryOptions {
    fn default() -> Self {
        Self { depth: 3, native_histograms: false, experimental: true, ties: false }
    }
}

/// A query of an instant vector or a scalar.
pub fn query(choices: &mut Choices, options: QueryOptions) -> String {
    let mut generator = Generator { choices, options };
    if generator.choices.rarely(12) {
        generator.scalar(options.depth)
    } else {
        generator.vector(options.depth)
    }
}

struct Generator<'c> {
    choices: &'c mut Choices,
    options: QueryOptions,
}

const RANGES: &[&str] = &["5m", "1m", "2m30s", "10m", "45s", "90s"];
const OFFSETS: &[&str] = &["1m", "-1m", "37s", "5m"];
const LABELS: &[&str] = &["shop", "node", "le", "zone"];
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
    "abs",
    "ceil",
    "floor",
    "exp",
    "sqrt",
    "ln",
    "log2",
    "log10",
    "sgn",
    "sin",
    "cos",
    "atan",
    "tanh",
    "deg",
    "rad",
    "round",
    "timestamp",
    "minute",
    "hour",
    "day_of_week",
    "day_of_month",
    "days_in_month",
    "month",
    "year",
];

impl Generator<'_> {
    fn one(&mut self, items: &[&'static str]) -> &'static str {
        items[self.choices.below(items.len())]
    }

    fn number(&mut self) -> String {
        self.one(&["1", "0", "2.5", "-3", "0.1", "1e3", "60", "NaN", "Inf", "100"]).to_owned()
    }

    fn scalar(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.number();
        }
        match self.choices.below(8) {
            0..=3 => self.number(),
            4 => "time()".to_owned(),
            5 => format!("scalar({})", self.vector(depth - 1)),
            6 => {
                let op = self.one(&["+", "-", "*", "/", "%", "^", "== bool", "> bool"]);
                format!("({} {op} {})", self.scalar(depth - 1), self.scalar(depth - 1))
            }
            _ => format!("-({})", self.scalar(depth - 1)),
        }
    }

    fn matchers(&mut self) -> String {
        match self.choices.below(10) {
            0..=4 => String::new(),
            5 => "{shop=\"s0\"}".to_owned(),
            6 => "{node!=\"n0\"}".to_owned(),
            7 => "{node=~\"n[01]\"}".to_owned(),
            8 => "{shop!~\"s1|s2\"}".to_owned(),
            _ => "{zone=\"\"}".to_owned(),
        }
    }

    fn modifiers(&mut self) -> String {
        match self.choices.below(12) {
            9 => format!(" offset {}", self.one(OFFSETS)),
            10 => format!(" @ {}", self.one(&["600", "900.5", "start()", "end()"])),
            11 => format!(" @ 1200 offset {}", self.one(OFFSETS)),
            _ => String::new(),
        }
    }

    fn selector(&mut self) -> String {
        let metric = if self.options.native_histograms && self.choices.rarely(3) {
            "wait_seconds"
        } else {
            self.one(&[
                "events_total",
                "level",
                "quota",
                "wait_seconds_bucket",
                "{__name__=~\"level|quota\"}",
                "nothing",
            ])
        };
        if metric.starts_with('{') { metric.to_owned() } else { format!("{metric}{}", self.matchers()) }
    }

    fn range(&mut self, depth: usize, may_extend: bool) -> String {
        if depth > 1 && self.choices.rarely(5) {
            let step = self.one(&["1m", "30s", "", "7s"]);
            return format!("({})[{}:{step}]{}", self.vector(depth - 2), self.one(RANGES), self.modifiers());
        }
        let extension = if may_extend && self.options.experimental && self.choices.rarely(4) {
            self.one(&[" anchored", " smoothed"])
        } else {
            ""
        };
        format!("{}[{}]{extension}{}", self.selector(), self.one(RANGES), self.modifiers())
    }

    fn vector(&mut self, depth: usize) -> String {
        if depth == 0 {
            return format!("{}{}", self.selector(), self.modifiers());
        }
        match self.choices.below(16) {
            0 => format!("{}{}", self.selector(), self.modifiers()),
            1..=4 => self.over_time(depth),
            5..=8 => self.aggregation(depth),
            9..=11 => self.binary(depth),
            12 | 13 => self.elementwise(depth),
            14 => format!("-({})", self.vector(depth - 1)),
            _ => self.other(depth),
        }
    }

    fn over_time(&mut self, depth: usize) -> String {
        if self.choices.rarely(8) {
            let range = self.range(depth, false);
            return match self.choices.below(3) {
                0 => format!(
                    "quantile_over_time({}, {range})",
                    self.one(&["0.5", "0.9", "0", "1", "-1", "NaN"])
                ),
                1 => format!("predict_linear({range}, {})", self.one(&["60", "-30", "3600"])),
                _ if self.options.experimental => format!("double_exponential_smoothing({range}, 0.4, 0.3)"),
                _ => format!("deriv({range})"),
            };
        }
        let function = if self.options.experimental && self.choices.rarely(5) {
            self.one(EXPERIMENTAL_OVER_TIME)
        } else {
            self.one(OVER_TIME)
        };
        let may_extend = matches!(function, "rate" | "increase" | "delta");
        format!("{function}({})", self.range(depth, may_extend))
    }

    fn grouping(&mut self) -> String {
        let labels = match self.choices.below(4) {
            0 => String::new(),
            1 | 2 => self.one(LABELS).to_owned(),
            _ => format!("{}, {}", self.one(LABELS), self.one(LABELS)),
        };
        match self.choices.below(3) {
            0 => String::new(),
            1 => format!("by ({labels}) "),
            _ => format!("without ({labels}) "),
        }
    }

    fn aggregation(&mut self, depth: usize) -> String {
        let grouping = self.grouping();
        let inner = self.vector(depth - 1);
        let plain = ["sum", "avg", "count", "min", "max", "group", "stddev", "stdvar"];
        match self.choices.below(12) {
            9 => {
                let q = self.one(&["0.5", "0.9", "0", "1", "2", "NaN"]);
                format!("quantile {grouping}({q}, {inner})")
            }
            10 => format!("count_values {grouping}(\"value\", {inner})"),
            11 if self.options.ties => {
                let op = self.one(&["topk", "bottomk"]);
                format!("{op} {grouping}({}, {inner})", self.one(&["1", "2", "3", "0"]))
            }
            _ => format!("{} {grouping}({inner})", self.one(&plain)),
        }
    }

    fn binary(&mut self, depth: usize) -> String {
        let op = self.one(&["+", "-", "*", "/", "%", "^", "atan2", "==", "!=", ">", "<", ">=", "<="]);
        let compares = matches!(op, "==" | "!=" | ">" | "<" | ">=" | "<=");
        let with_bool = if compares && self.choices.rarely(3) { " bool" } else { "" };
        match self.choices.below(6) {
            0 => format!("({}) {op}{with_bool} {}", self.vector(depth - 1), self.scalar(depth - 1)),
            1 => format!("{} {op}{with_bool} ({})", self.scalar(depth - 1), self.vector(depth - 1)),
            2 => {
                let op = self.one(&["and", "or", "unless"]);
                let matching = self.matching();
                format!("({}) {op}{matching} ({})", self.vector(depth - 1), self.vector(depth - 1))
            }
            _ => {
                let mut matching = self.matching();
                if !matching.is_empty() {
                    matching.push_str(self.one(&[
                        "",
                        "",
                        " group_left",
                        " group_right",
                        " group_left(zone)",
                    ]));
                }
                if self.options.experimental && self.choices.rarely(6) {
                    matching.push_str(self.one(&[" fill(0)", " fill_left(1)", " fill_right(2)"]));
                }
                let left = self.vector(depth - 1);
                // Equal sides match more often than any two.
                let right = if self.choices.rarely(2) { self.vector(depth - 1) } else { left.clone() };
                format!("({left}) {op}{with_bool}{matching} ({right})")
            }
        }
    }

    fn matching(&mut self) -> String {
        match self.choices.below(5) {
            0 | 1 => String::new(),
            2 => format!(" on ({})", self.one(LABELS)),
            3 => " on (shop, node)".to_owned(),
            _ => format!(" ignoring ({})", self.one(LABELS)),
        }
    }

    fn elementwise(&mut self, depth: usize) -> String {
        let inner = self.vector(depth - 1);
        match self.choices.below(6) {
            3 => format!("clamp({inner}, {}, {})", self.number(), self.number()),
            4 => format!("clamp_min({inner}, {})", self.number()),
            5 => format!("clamp_max({inner}, {})", self.number()),
            _ => format!("{}({inner})", self.one(ELEMENTWISE)),
        }
    }

    fn other(&mut self, depth: usize) -> String {
        match self.choices.below(8) {
            0 => format!("absent({})", self.vector(depth - 1)),
            1 => format!("vector({})", self.scalar(depth - 1)),
            2 => {
                let inner = self.vector(depth - 1);
                format!("label_replace({inner}, \"zone\", \"z-$1\", \"{}\", \"(.).*\")", self.one(LABELS))
            }
            3 => format!("label_join({}, \"zone\", \"-\", \"shop\", \"node\")", self.vector(depth - 1)),
            4 | 5 => {
                let q = self.one(&["0.5", "0.99", "0", "1", "-1"]);
                let range = self.one(RANGES);
                format!("histogram_quantile({q}, rate(wait_seconds_bucket{}[{range}]))", self.matchers())
            }
            6 => format!("histogram_quantile(0.9, sum by (le) ({}))", self.vector(depth - 1)),
            _ => format!("sort({})", self.vector(depth - 1)),
        }
    }
}
