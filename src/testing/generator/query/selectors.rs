//! Selectors, their modifiers, durations and ranges.

use super::Generator;

const RANGES: &[&str] = &["5m", "1m", "2m30s", "10m", "45s", "90s", "30s", "15m", "1ms", "61s"];

const POSITIVE_EXPRESSIONS: &[&str] = &[
    "1m+30s",
    "2*1m",
    "5m/2",
    "2^7",
    "-(-2m)",
    "max_of(step(), 2m)",
    "min_of(range(), 4m)",
    "step()+1m",
    "(1m)",
    "90",
    "3m%2m",
    "step()*2",
    "range()",
    "step()",
    "1m-2m",
];

const OFFSETS: &[&str] = &["1m", "-1m", "37s", "5m", "-37s", "1ms", "10m", "0s", "90"];

const OFFSET_EXPRESSIONS: &[&str] =
    &["(1m+30s)", "step()", "-step()", "(2*1m)", "-(1m)", "range()", "max_of(step(), 1m)", "(1m-3m)"];

impl Generator<'_> {
    fn metric(&mut self) -> &'static str {
        let floats: &[&str] = &[
            "events_total",
            "level",
            "quota",
            "wait_seconds_bucket",
            "wait_seconds_count",
            "wait_seconds_sum",
            "target_info",
            "build_info",
            "bytes_total",
        ];
        if self.options.many_series && self.choices.rarely(2) {
            let count = if self.options.native_histograms { 3 } else { 2 };
            return self.one(&["queue", "busy_total", "spread"][..count]);
        }
        if self.options.native_histograms && self.choices.rarely(2) {
            return self.one(&["wait_seconds", "size_bytes", "heat", "mixed"]);
        }
        match self.choices.below(12) {
            10 => self.one(&[
                "{__name__=~\"level|quota\"}",
                "{__name__=~\"events_total|mixed\"}",
                "{__name__!=\"x\",instance=\"i1\"}",
                "{job=\"j0\"}",
                "{\"level\",job!=\"\"}",
                "{__name__=~\".*_info\"}",
                "{__name__=~\".*_seconds.*\"}",
            ]),
            11 => "nothing",
            _ => self.one(floats),
        }
    }

    pub(super) fn matchers(&mut self) -> &'static str {
        match self.choices.below(12) {
            0..=6 => "",
            7 => "{job=\"j0\"}",
            8 => "{instance!=\"i0\"}",
            9 => "{instance=~\"i[01]\"}",
            10 => "{job!~\"j1|j2\",instance=~\".*\"}",
            _ => {
                self.one(&["{zone=\"\"}", "{job=\"j0\",instance=\"i0\"}", "{nowhere=\"x\"}", "{job=~\".+\"}"])
            }
        }
    }

    /// A selector without modifiers.
    pub(super) fn selector(&mut self) -> String {
        let metric = self.metric();
        if metric.starts_with('{') { metric.to_owned() } else { format!("{metric}{}", self.matchers()) }
    }

    /// A selector of one metric that data sets have, mostly without a condition.
    pub(super) fn known_selector(&mut self) -> String {
        let selector = self.selector();
        if selector == "nothing" || selector.contains("nowhere") {
            self.metric().to_owned()
        } else {
            selector
        }
    }

    pub(super) fn instant_selector(&mut self) -> String {
        let selector = self.selector();
        let smoothed = self.options.experimental && self.choices.rarely(16);
        let extension = if smoothed { " smoothed" } else { "" };
        format!("{selector}{extension}{}", self.modifiers())
    }

    fn offset(&mut self) -> String {
        let expression = self.options.experimental && self.choices.rarely(5);
        format!(" offset {}", self.one(if expression { OFFSET_EXPRESSIONS } else { OFFSETS }))
    }

    fn at(&mut self) -> String {
        format!(" @ {}", self.one(&["600", "900.5", "start()", "end()", "0", "1234.567", "-60"]))
    }

    pub(super) fn modifiers(&mut self) -> String {
        match self.choices.below(16) {
            11 | 12 => self.offset(),
            13 | 14 => self.at(),
            15 => {
                if self.choices.rarely(2) {
                    format!("{}{}", self.at(), self.offset())
                } else {
                    format!("{}{}", self.offset(), self.at())
                }
            }
            _ => String::new(),
        }
    }

    fn duration(&mut self) -> &'static str {
        let expression = self.options.experimental && self.choices.rarely(10);
        self.one(if expression { POSITIVE_EXPRESSIONS } else { RANGES })
    }

    /// A range vector.
    pub(super) fn range(&mut self, depth: usize, may_extend: bool) -> String {
        if depth > 1 && self.choices.rarely(4) {
            let step = match self.choices.below(8) {
                6 => "".to_owned(),
                7 if self.options.experimental => self.one(&["step()", "30s+step()", "2*step()"]).to_owned(),
                _ => self.one(&["1m", "30s", "7s", "2m"]).to_owned(),
            };
            let inner = if self.choices.rarely(8) { self.scalar(depth - 2) } else { self.vector(depth - 2) };
            let range = self.duration();
            return format!("({inner})[{range}:{step}]{}", self.modifiers());
        }
        // Elsewhere an extension is an error, which is asked for now and then, too.
        let extends = self.options.experimental && self.choices.rarely(if may_extend { 3 } else { 40 });
        let extension = if extends { self.one(&[" anchored", " smoothed"]) } else { "" };
        let selector = self.selector();
        format!("{selector}[{}]{extension}{}", self.duration(), self.modifiers())
    }
}
