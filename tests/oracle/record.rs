//! Records questions of the generator with Prometheus' answers, to be asked where there is no Go.
//!
//! What is kept does not depend on what this engine answers. Left out are answers that Prometheus does not give twice, faults of
//! its own, long answers, most of the empty ones, and those in which the last digits of a number become part of a text.

use std::collections::BTreeMap;
use std::io::Write;

use flate2::{Compression, GzBuilder};
use promql_engine::testing::case::Times;
use promql_engine::testing::generator::{
    Choices, DataOptions, DataSet, Item, QueryOptions, case_settings, data_set, query,
};
use serde_json::{Value, json};

use super::process::{Oracle, question};
use super::recorded;
use super::words::{self, Word};

/// The first seed, and how many data sets follow it; each has as many questions.
const SEED: u64 = 4_007;
const SETS: u64 = 60;
const QUESTIONS_PER_SET: usize = 140;

/// How many questions with an answer that is neither empty nor an error each word of the language is in.
const QUESTIONS_PER_WORD: usize = 12;

/// How many questions are looked through for words that are in too few.
const CANDIDATES: usize = 20_000;

/// Samples of a series.
const SAMPLES: usize = 24;

/// Bytes of a recorded answer, and of one in [`RARELY`], at most.
const SHORT: usize = 1_600;
const LONG: usize = 8_000;
const RARELY: usize = 25;

/// How often Prometheus has to say the same.
const ASKED: usize = 60;

/// One data set and who asks about it.
struct Set {
    name: String,
    load: String,
    span_ms: i64,
    options: QueryOptions,
}

impl Set {
    fn new(number: u64, choices: &mut Choices) -> Self {
        let wants_many = number % 11 == 10;
        let options = DataOptions {
            native_histograms: !number.is_multiple_of(3),
            start_times: number.is_multiple_of(2),
            growing_layouts: false,
            many_series: wants_many,
        };
        let data = loop {
            let data = small(data_set(choices, options));
            if (data.blocks.len() > 1) == wants_many {
                break data;
            }
        };
        let longest = |block: &promql_engine::testing::generator::Block| {
            let items = block.series.iter().map(|series| series.items.len()).max().unwrap_or_default();
            items as i64 * block.interval_ms
        };
        Self {
            name: number.to_string(),
            load: data.to_load(),
            span_ms: data.blocks.iter().map(longest).max().unwrap_or_default(),
            options: QueryOptions {
                native_histograms: options.native_histograms,
                many_series: wants_many,
                ties: true,
                ..QueryOptions::default()
            },
        }
    }

    fn row(&self) -> Value {
        json!({ "dataset": self.name, "load": self.load })
    }

    fn question(&self, choices: &mut Choices) -> Value {
        let query = query(choices, self.options);
        let times = times(choices, self.span_ms);
        question(&self.name, &query, times, case_settings(choices))
    }
}

/// The first samples of each series, of four digits each: what compresses well.
fn small(mut data: DataSet) -> DataSet {
    for series in data.blocks.iter_mut().flat_map(|block| &mut block.series) {
        series.items.truncate(SAMPLES);
        series.starts.truncate(SAMPLES);
        for item in &mut series.items {
            if let Item::Float(value) = item
                && value.is_finite()
            {
                *value = format!("{value:.3e}").parse().unwrap_or(*value);
            }
        }
    }
    data
}

/// Times in or near a data set's, few of them.
fn times(choices: &mut Choices, span_ms: i64) -> Times {
    let halfway = span_ms / 2;
    let start_ms =
        *choices.pick(&[halfway, span_ms * 3 / 4, span_ms, halfway + 1, span_ms / 3, 0, span_ms + 97_000]);
    if choices.rarely(2) {
        return Times::Instant(start_ms);
    }
    let step_ms = *choices.pick(&[60_000, 30_000, 15_000, 17_000, 120_000, 7001]);
    let rest_ms = if choices.rarely(8) { choices.below(step_ms as usize) as i64 } else { 0 };
    let steps = if choices.rarely(12) { 30 } else { 7 };
    Times::Range { start_ms, end_ms: start_ms + choices.below(steps) as i64 * step_ms + rest_ms, step_ms }
}

/// What is recorded so far.
#[derive(Default)]
struct Recording {
    lines: Vec<String>,
    questions: usize,
    words: BTreeMap<Word, usize>,
    left_out: BTreeMap<&'static str, usize>,
    empty: usize,
    failed: usize,
}

impl Recording {
    /// Asks a question and keeps the answer, or counts why not.
    fn ask(&mut self, oracle: &mut Oracle, question: &Value, choices: &mut Choices) -> bool {
        let row = answered(oracle, question).expect("the oracle answers");
        let mut unsteady = || (1..ASKED).any(|_| answered(oracle, question).as_ref() != Some(&row));
        if let Some(why) = why_not(&row, choices).or_else(|| unsteady().then_some("unsteady")) {
            *self.left_out.entry(why).or_default() += 1;
            return false;
        }
        let telling = is_telling(&row["expected"]);
        for word in words::of(question["query"].as_str().unwrap_or_default()) {
            *self.words.entry(word).or_default() += usize::from(telling);
        }
        self.empty += usize::from(is_empty(&row["expected"]));
        self.failed += usize::from(row["expected"].get("error").is_some());
        self.questions += 1;
        self.lines.push(row.to_string());
        true
    }

    /// The words that too few questions use.
    fn lacking(&self) -> Vec<Word> {
        let enough = |word: &Word| self.words.get(word).is_some_and(|count| *count >= QUESTIONS_PER_WORD);
        words::all().into_iter().filter(|word| !enough(word)).collect()
    }
}

/// A question with its answer as it is recorded. Of a histogram the expression is enough. What follows the order of a Go map in
/// Prometheus goes: where the order of a vector says nothing, its elements stand in the order of their labels, and of the error
/// that there are several partners the first part stays, without their names.
pub(crate) fn answered(oracle: &mut Oracle, question: &Value) -> Option<Value> {
    let mut row = oracle.exchange(question)?;
    let Some(expected) = row.get_mut("expected") else { return Some(row) };
    if let Some(error) = expected["error"].as_str()
        && let Some((group, _series)) = error.split_once(" of the operation: [")
    {
        expected["error"] = json!(group);
    }
    let has_histograms = expected.get("histogram_exprs").is_some();
    let is_ordered = expected.get("order_significant").is_some() || has_histograms;
    let result = expected.get_mut("result").and_then(Value::as_array_mut);
    for element in result.into_iter().flatten() {
        let points = element.get_mut("histograms").and_then(Value::as_array_mut);
        points.into_iter().flatten().for_each(keep_time);
        element.get_mut("histogram").into_iter().for_each(keep_time);
    }
    if expected["result_type"] == "vector"
        && !is_ordered
        && let Some(elements) = expected["result"].as_array_mut()
    {
        elements.sort_by_cached_key(|element| element["metric"].to_string());
    }
    Some(row)
}

fn keep_time(point: &mut Value) {
    if let Some(pair) = point.as_array_mut() {
        pair.truncate(1);
    }
}

/// Why an answer is not kept.
fn why_not(row: &Value, choices: &mut Choices) -> Option<&'static str> {
    let expected = &row["expected"];
    let query = row["query"].as_str().unwrap_or_default();
    if expected["error"].as_str().is_some_and(|error| error.contains("unexpected error")) {
        return Some("a fault of Prometheus");
    }
    if is_empty(expected) && !choices.rarely(12) {
        return Some("empty");
    }
    if expected["stage"] == "parse" && !choices.rarely(3) {
        return Some("refused by the parser");
    }
    let most = if choices.rarely(RARELY) { LONG } else { SHORT };
    if expected.to_string().len() > most {
        return Some("long");
    }
    let texts = format!("{} {}", expected["warnings"], expected["infos"]);
    let labels = if query.contains("count_values") { expected["result"].to_string() } else { String::new() };
    let has_long_number = |text: &str| {
        text.split(|c: char| !c.is_ascii_digit() && c != '.')
            .any(|word| word.contains('.') && word.len() > 12)
    };
    (has_long_number(&texts) || has_long_number(&labels)).then_some("digits in a text")
}

fn is_empty(expected: &Value) -> bool {
    expected["result"].as_array().is_some_and(Vec::is_empty)
}

fn is_telling(expected: &Value) -> bool {
    expected.get("error").is_none() && !is_empty(expected)
}

/// Records anew; says what came of it.
pub(crate) fn write(oracle: &mut Oracle) -> String {
    let mut recording = Recording::default();
    for number in 0..SETS {
        let mut choices = Choices::from_seed(SEED.wrapping_mul(1_000_003) + number);
        let set = Set::new(number, &mut choices);
        oracle.exchange(&set.row()).expect("the oracle answers");
        recording.lines.push(set.row().to_string());
        let until = recording.questions + QUESTIONS_PER_SET;
        while recording.questions < until {
            let question = set.question(&mut choices);
            recording.ask(oracle, &question, &mut choices);
        }
        // The last ones look for what the others lack.
        let mut candidates = if number + 6 >= SETS { CANDIDATES } else { 0 };
        let mut lacking = recording.lacking();
        while candidates > 0 && !lacking.is_empty() {
            candidates -= 1;
            let question = set.question(&mut choices);
            let words = words::of(question["query"].as_str().unwrap_or_default());
            if lacking.iter().any(|word| words.contains(word))
                && recording.ask(oracle, &question, &mut choices)
            {
                lacking = recording.lacking();
            }
        }
    }
    let file = std::fs::File::create(recorded::path()).expect("tests/recorded can be written");
    // No time in the head: the same recording is the same file.
    let mut file = GzBuilder::new().mtime(0).write(file, Compression::best());
    let text = recording.lines.join("\n") + "\n";
    file.write_all(text.as_bytes())
        .and_then(|()| file.finish().map(drop))
        .expect("tests/recorded can be written");
    format!(
        "{} questions on {SETS} data sets, {} empty answers, {} errors, {} bytes of text; left out {:?}; words in too few: {:?}",
        recording.questions,
        recording.empty,
        recording.failed,
        text.len(),
        recording.left_out,
        recording.lacking()
    )
}
