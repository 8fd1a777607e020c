//! Aggregations and binary operators.

use super::{Generator, LABELS};

impl Generator<'_> {
    fn labels(&mut self) -> String {
        match self.choices.below(4) {
            0 => String::new(),
            1 | 2 => self.one(LABELS).to_owned(),
            _ => format!("{}, {}", self.one(LABELS), self.one(LABELS)),
        }
    }

    pub(super) fn grouping(&mut self) -> String {
        match self.choices.below(3) {
            0 => String::new(),
            1 => format!("by ({}) ", self.labels()),
            _ => format!("without ({}) ", self.labels()),
        }
    }

    pub(super) fn aggregation(&mut self, depth: usize) -> String {
        let grouping = self.grouping();
        let inner = self.vector(depth - 1);
        let plain = ["sum", "avg", "count", "min", "max", "group", "stddev", "stdvar", "sum", "avg"];
        match self.choices.below(18) {
            11 | 12 => format!("quantile {grouping}({}, {inner})", self.quantile()),
            13 => {
                let label = self.one(&["value", "job", "instance", "__name__"]);
                format!("count_values {grouping}(\"{label}\", {inner})")
            }
            14 | 15 if self.options.ties => {
                let op = self.one(&["topk", "bottomk"]);
                format!("{op} {grouping}({}, {inner})", self.count())
            }
            16 if self.options.experimental => format!("limitk {grouping}({}, {inner})", self.count()),
            17 if self.options.experimental => {
                let ratio = self.one(&["0.5", "-0.5", "0.1", "1", "-1", "0", "2", "NaN", "-0.9"]);
                format!("limit_ratio {grouping}({ratio}, {inner})")
            }
            _ => format!("{} {grouping}({inner})", self.one(&plain)),
        }
    }

    fn count(&mut self) -> String {
        if self.choices.rarely(10) {
            return self.scalar(1);
        }
        self.one(&["1", "2", "3", "0", "5", "-1", "2.9"]).to_owned()
    }

    pub(super) fn binary(&mut self, depth: usize) -> String {
        let op = match self.choices.below(16) {
            14 | 15 if self.options.native_histograms => self.one(&["</", ">/"]),
            _ => {
                self.one(&["+", "-", "*", "/", "%", "^", "atan2", "==", "!=", ">", "<", ">=", "<=", "+", "/"])
            }
        };
        let compares = matches!(op, "==" | "!=" | ">" | "<" | ">=" | "<=");
        let with_bool = if compares && self.choices.rarely(3) { " bool" } else { "" };
        match self.choices.below(8) {
            0 => format!("({}) {op}{with_bool} {}", self.vector(depth - 1), self.scalar(depth - 1)),
            1 => format!("{} {op}{with_bool} ({})", self.scalar(depth - 1), self.vector(depth - 1)),
            2 | 3 => {
                let op = self.one(&["and", "or", "unless", "or"]);
                let matching = self.matching();
                format!("({}) {op}{matching} ({})", self.vector(depth - 1), self.vector(depth - 1))
            }
            _ => {
                let matching = self.full_matching();
                let left = self.vector(depth - 1);
                // Equal sides match more often than any two.
                let right = if self.choices.rarely(2) { self.vector(depth - 1) } else { left.clone() };
                format!("({left}) {op}{with_bool}{matching} ({right})")
            }
        }
    }

    pub(super) fn matching(&mut self) -> String {
        match self.choices.below(6) {
            0 | 1 => String::new(),
            2 => format!(" on ({})", self.labels()),
            3 => " on (job, instance)".to_owned(),
            4 => " on (job)".to_owned(),
            _ => format!(" ignoring ({})", self.labels()),
        }
    }

    /// Matching with all that arithmetic and comparisons allow beside it.
    pub(super) fn full_matching(&mut self) -> String {
        let mut matching = self.matching();
        if !matching.is_empty() {
            matching.push_str(self.one(&[
                "",
                "",
                "",
                " group_left",
                " group_right",
                " group_left ()",
                " group_left (zone)",
                " group_right (zone, version)",
                " group_left (__name__)",
                " group_right (instance)",
            ]));
        }
        if self.options.experimental && self.choices.rarely(5) {
            matching.push_str(self.one(&[
                " fill (0)",
                " fill_left (1)",
                " fill_right (2)",
                " fill (NaN)",
                " fill_left (-1) fill_right (3)",
                " fill_right (Inf)",
            ]));
        }
        matching
    }
}
