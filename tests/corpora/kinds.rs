//! What a question of the recorded ones is about, beside the words in it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::conformance::Figure;

/// A data set of this many series has many.
const MANY_SERIES: usize = 300;

type Test = fn(&Value) -> bool;

const KINDS: &[(&str, Test)] = &[
    ("instant", |row| row.get("time_ms").is_some()),
    ("range", |row| row.get("start_ms").is_some()),
    ("answer: series", |row| row["expected"]["result"].as_array().is_some_and(|list| !list.is_empty())),
    ("answer: empty", |row| row["expected"]["result"].as_array().is_some_and(Vec::is_empty)),
    ("answer: native histograms", |row| row["expected"].get("histogram_exprs").is_some()),
    ("answer: warnings", |row| has_texts(row, "warnings")),
    ("answer: infos", |row| has_texts(row, "infos")),
    ("refused before evaluation", |row| row["expected"]["stage"] == "parse"),
    ("failed in evaluation", |row| row["expected"]["stage"] == "exec"),
    ("setting: names removed at once", |row| row.get("delayed_name_removal").is_some()),
    ("setting: start times ignored", |row| row.get("start_timestamps").is_some()),
    ("setting: type and unit labels", |row| row.get("type_and_unit_labels").is_some()),
    ("setting: another lookback", |row| row.get("lookback_ms").is_some()),
    ("setting: another step of subqueries", |row| row.get("no_step_subquery_ms").is_some()),
];

const MANY: &str = "on 300 series and more";

fn has_texts(row: &Value, field: &str) -> bool {
    row["expected"][field].as_array().is_some_and(|texts| !texts.is_empty())
}

/// How many questions of each kind there are, and agree.
#[derive(Default)]
pub(crate) struct Kinds {
    large_sets: BTreeSet<String>,
    counts: BTreeMap<&'static str, (usize, usize)>,
}

impl Kinds {
    /// Takes in a row that defines a data set.
    pub(crate) fn define(&mut self, row: &Value) {
        let load = row["load"].as_str().unwrap_or_default();
        if load.lines().filter(|line| line.starts_with("  ") && !line.contains("@st ")).count() >= MANY_SERIES
        {
            self.large_sets.insert(row["dataset"].as_str().unwrap_or_default().to_owned());
        }
    }

    /// Counts a question.
    pub(crate) fn count(&mut self, row: &Value, agrees: bool) {
        let on_many = row["dataset"].as_str().is_some_and(|name| self.large_sets.contains(name));
        let kinds = KINDS.iter().filter(|(_, is_one)| is_one(row)).map(|(kind, _)| *kind);
        for kind in kinds.chain(on_many.then_some(MANY)) {
            let (passed, total) = self.counts.entry(kind).or_default();
            *passed += usize::from(agrees);
            *total += 1;
        }
    }

    /// The figures of all kinds.
    pub(crate) fn figures(&self) -> Vec<Figure> {
        let kinds = KINDS.iter().map(|(kind, _)| *kind).chain([MANY]);
        let figure = |kind| {
            let (passed, total) = self.counts.get(kind).copied().unwrap_or_default();
            Figure { name: String::from(kind), passed, total }
        };
        kinds.map(figure).collect()
    }
}
