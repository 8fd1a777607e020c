//! Queries whose parts repeat, or nearly: what there is to share, to merge and to leave out for an optimiser, and what only looks so.

use super::{Generator, QueryOptions};
use crate::testing::generator::Choices;

/// Most accept some of most metrics' series.
const CONDITIONS: &[&str] = &[
    "job=\"j0\"",
    "job=\"j0\"",
    "instance!=\"i9\"",
    "instance=~\"i[01]\"",
    "job=~\".+\"",
    "job!~\"j1|j2\"",
    "instance!=\"i0\"",
    "le!=\"0.5\"",
    "zone!=\"b\"",
    "version!=\"1.0\"",
    "job=\"j1\"",
];

const RANGED: &[&str] = &[
    "rate",
    "increase",
    "rate",
    "avg_over_time",
    "max_over_time",
    "count_over_time",
    "delta",
    "last_over_time",
    "irate",
    "resets",
    "sum_over_time",
    "min_over_time",
    "changes",
    "absent_over_time",
    "stddev_over_time",
    "present_over_time",
    "quantile_over_time(0.5,",
];

const FOLDS: &[&str] = &["sum", "count", "avg", "min", "max", "group", "stddev", "stdvar"];

/// What may be put around a part, in place of `#`.
const AROUND: &[&str] = &[
    "abs(#)",
    "-#",
    "(#)",
    "# * 2",
    "# > 0",
    "2 * 60 + #",
    "# / (1 - 3)",
    "# ^ -1",
    "timestamp(#)",
    "label_replace(#, \"zone\", \"z-$1\", \"job\", \"(.*)\")",
    "label_join(#, \"zone\", \"-\", \"job\", \"instance\")",
    "label_replace(#, \"instance\", \"\", \"job\", \".*\")",
    "absent(#)",
    "histogram_count(#)",
    "histogram_sum(#)",
    "histogram_avg(#)",
    "histogram_quantile(0.9, #)",
    "histogram_quantile(0.5, sum by (le) (#))",
    "histogram_fraction(0, 2, #)",
    "scalar(#)",
    "vector(scalar(#))",
    "sort(#)",
    "clamp(#, 0, 10 * 10)",
    "# == bool 0",
    "round(#)",
    "# * on (job, instance) group_left (zone) target_info",
    "(#) * on (job) group_left () quota",
    "# and on (job) quota",
    "info(#)",
    "max_over_time((#)[5m:1m])",
    "sum_over_time((#)[5m:1m])",
    "last_over_time((#)[3m:30s] offset 1m)",
    "avg_over_time((#)[5m:1m] @ end())",
    "# offset 1m",
    "# @ start()",
];

const CONSTANTS: &[&str] = &[
    "2 * 60",
    "vector(1)",
    "1 + time()",
    "-(1)",
    "scalar(vector(2))",
    "1 > bool 2",
    "pi() / 2",
    "vector(time())",
];

/// A query out of few things, each of which stands in it several times, the same or a little different.
pub fn repeating_query(choices: &mut Choices, options: QueryOptions) -> String {
    let mut generator = Generator { choices, options };
    let metrics = [generator.known_selector(), generator.known_selector()];
    let grouping = |generator: &mut Generator<'_>| generator.grouping();
    let groupings = [grouping(&mut generator), grouping(&mut generator), String::new()];
    let mut repeating = Repeating { generator, metrics, groupings, parts: Vec::new() };
    repeating.vector(options.depth.max(1))
}

struct Repeating<'c> {
    generator: Generator<'c>,
    /// Selectors that all others of the query are made of.
    metrics: [String; 2],
    groupings: [String; 3],
    /// What was made so far.
    parts: Vec<String>,
}

impl Repeating<'_> {
    fn below(&mut self, bound: usize) -> usize {
        self.generator.choices.below(bound)
    }

    fn vector(&mut self, depth: usize) -> String {
        let part = match self.below(16) {
            // As it stood before.
            0..=5 if !self.parts.is_empty() => {
                let at = self.below(self.parts.len());
                return self.parts[at].clone();
            }
            _ if depth == 0 => self.leaf(),
            0..=2 => self.leaf(),
            3..=5 => self.around(depth),
            6..=9 => self.aggregation(depth),
            15 => self.generator.vector(depth - 1),
            _ => self.binary(depth),
        };
        self.parts.push(part.clone());
        part
    }

    /// A selector of the query's few, with some conditions more.
    fn selector(&mut self) -> String {
        let at = self.below(3) / 2;
        let selector = self.metrics[at].clone();
        let mut conditions = Vec::new();
        for _ in 0..self.below(4).saturating_sub(1) {
            conditions.push(self.generator.one(CONDITIONS));
        }
        if conditions.is_empty() {
            return selector;
        }
        let more = conditions.join(",");
        match selector.split_once('{') {
            // Conditions count in any order.
            Some((name, rest)) if self.below(2) == 0 => format!("{name}{{{more},{rest}"),
            Some((name, rest)) => format!("{name}{{{},{more}}}", rest.trim_end_matches('}')),
            None => format!("{selector}{{{more}}}"),
        }
    }

    fn modifier(&mut self) -> &'static str {
        match self.below(4) {
            3 => self.generator.one(&[
                " offset 1m",
                " offset 5m",
                " offset -1m",
                " offset 30m",
                " @ 600",
                " @ start()",
                " @ end()",
                " @ 900 offset 1m",
            ]),
            _ => "",
        }
    }

    fn leaf(&mut self) -> String {
        let (selector, modifier) = (self.selector(), self.modifier());
        match self.below(5) {
            0 | 1 => format!("{selector}{modifier}"),
            _ => {
                let function = self.generator.one(RANGED);
                let range = self.generator.one(&["5m", "5m", "1m", "10m"]);
                let open = if function.contains('(') { " " } else { "(" };
                format!("{function}{open}{selector}[{range}]{modifier})")
            }
        }
    }

    fn around(&mut self, depth: usize) -> String {
        let inner = self.vector(depth - 1);
        let around = self.generator.one(AROUND);
        // A scalar's place among vectors is taken now and then: what does not fit is refused in the same way.
        around.replace('#', &inner)
    }

    fn grouping(&mut self) -> String {
        let at = self.below(self.groupings.len());
        self.groupings[at].clone()
    }

    fn aggregation(&mut self, depth: usize) -> String {
        let (inner, grouping) = (self.vector(depth - 1), self.grouping());
        match self.below(12) {
            8 => format!("topk {grouping}(2, {inner})"),
            // What stands in a parameter is evaluated before what stands behind it.
            9 if self.below(2) == 0 => {
                let folds = [0, 1].map(|_| self.generator.one(FOLDS));
                format!("quantile {grouping}(scalar({}({inner})), {}({inner}))", folds[0], folds[1])
            }
            9 => format!("quantile {grouping}(0.5, {inner})"),
            10 => format!("count_values {grouping}(\"zone\", {inner})"),
            11 => format!("limitk {grouping}(1, {inner})"),
            _ => format!("{} {grouping}({inner})", self.generator.one(FOLDS)),
        }
    }

    fn binary(&mut self, depth: usize) -> String {
        let operator =
            self.generator.one(&["/", "-", "+", "*", ">", "==", "and", "or", "unless", "<= bool", "%"]);
        let set = matches!(operator, "and" | "or" | "unless");
        let matching = match self.below(3) {
            2 if set => self.generator.matching(),
            2 => self.generator.full_matching(),
            _ => String::new(),
        };
        let left = if self.generator.choices.rarely(12) { self.constant() } else { self.vector(depth - 1) };
        // Sides of one shape have partners.
        let right = match self.below(8) {
            0 => left.clone(),
            1 if !set => self.constant(),
            2 => self.folds_of_one(depth),
            3 | 4 => self.generator.one(AROUND).replace('#', &left),
            _ => self.vector(depth - 1),
        };
        // Remarks tell line and column.
        let space = self.generator.one(&[" ", " ", "\n", "\n  "]);
        format!("({left}){space}{operator}{matching}{space}({right})")
    }

    fn constant(&mut self) -> String {
        self.generator.one(CONSTANTS).to_owned()
    }

    /// Several aggregations over the same, by the same labels or others.
    fn folds_of_one(&mut self, depth: usize) -> String {
        let inner = self.vector(depth - 1);
        let mut folds = Vec::new();
        for _ in 0..2 + self.below(2) {
            let (fold, grouping) = (self.generator.one(FOLDS), self.grouping());
            folds.push(format!("{fold} {grouping}({inner})"));
        }
        folds.join(self.generator.one(&[" / ", " - ", " or ", " + on () group_left () ", " > "]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engine;

    #[test]
    fn parts_repeat_and_most_of_it_are_queries() {
        let mut choices = Choices::from_seed(1);
        let engine = Engine::new(crate::testing::case::Settings::default().engine_options());
        let (mut queries, mut shared) = (0, 0);
        for _ in 0..1000 {
            let query = repeating_query(&mut choices, QueryOptions::default());
            let Ok(prepared) = engine.prepare_instant(&query, 0) else { continue };
            queries += 1;
            shared += usize::from(prepared.passes().iter().any(|figures| figures.changed > 0));
        }
        assert!(queries > 600 && shared > 150, "{queries} are queries, {shared} of them have parts to share");
        assert_eq!(
            repeating_query(&mut Choices::from_numbers(Vec::new()), QueryOptions::default()),
            "events_total"
        );
    }
}
