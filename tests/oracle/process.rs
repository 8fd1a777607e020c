//! The oracle as a partner on a pipe.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use promql_engine::testing::case::{Case, Settings, Times};
use serde_json::{Value, json};

use super::go;

/// A running oracle.
pub(crate) struct Oracle {
    process: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    /// The data set that it was last told.
    told: String,
    number: usize,
}

impl Oracle {
    /// Starts it, built first where need be; else says why not.
    pub(crate) fn start() -> Result<Self, String> {
        let binary = match std::env::var_os("PROMQL_ORACLE") {
            Some(path) => PathBuf::from(path),
            None => build()?,
        };
        let mut process = Command::new(&binary)
            .arg("engine")
            .env("ORACLE_FLUSH", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{} does not start: {error}", binary.display()))?;
        let questions = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().ok_or("no pipe")?);
        Ok(Self { process, questions, answers, told: String::new(), number: 0 })
    }

    /// The answer to a row of the oracle's own notation; `None` where the oracle is gone.
    pub(crate) fn exchange(&mut self, question: &Value) -> Option<Value> {
        let questions = self.questions.as_mut()?;
        writeln!(questions, "{question}").ok()?;
        questions.flush().ok()?;
        let mut line = String::new();
        self.answers.read_line(&mut line).ok()?;
        serde_json::from_str(&line).ok()
    }

    /// Prometheus' answer to a case; `None` where the oracle is gone.
    pub(crate) fn ask(&mut self, case: &Case) -> Option<Value> {
        self.ask_with(case, &[])
    }

    /// The same with more fields in the question.
    pub(crate) fn ask_with(&mut self, case: &Case, fields: &[(&str, Value)]) -> Option<Value> {
        self.ask_on(&case.data.to_load(), case, fields)
    }

    /// The same on other data than the case's own, in `load` notation.
    pub(crate) fn ask_on(&mut self, load: &str, case: &Case, fields: &[(&str, Value)]) -> Option<Value> {
        if load != self.told {
            self.number += 1;
            self.exchange(&json!({ "dataset": self.number.to_string(), "load": load }))?;
            load.clone_into(&mut self.told);
        }
        let mut question = question(&self.number.to_string(), &case.query, case.times, case.settings);
        for (field, value) in fields {
            question[*field] = value.clone();
        }
        self.exchange(&question)
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // Its stores lie in temporary folders that it removes when its questions end.
        drop(self.questions.take());
        let _ = self.process.wait();
    }
}

/// A question on a data set that the oracle knows, with the settings that are not its own.
pub(crate) fn question(dataset: &str, query: &str, times: Times, settings: Settings) -> Value {
    let mut question = json!({ "dataset": dataset, "query": query });
    let mut set = |field: &str, value: Value, usual: Value| {
        if value != usual {
            question[field] = value;
        }
    };
    let usual = Settings::default();
    set("lookback_ms", json!(settings.lookback_ms), json!(usual.lookback_ms));
    let step = "no_step_subquery_ms";
    set(step, json!(settings.default_subquery_step_ms), json!(usual.default_subquery_step_ms));
    let names = "delayed_name_removal";
    set(names, json!(settings.delayed_name_removal), json!(usual.delayed_name_removal));
    set("start_timestamps", json!(settings.start_timestamps), json!(usual.start_timestamps));
    set("type_and_unit_labels", json!(settings.type_and_unit_labels), json!(usual.type_and_unit_labels));
    match times {
        Times::Instant(time_ms) => question["time_ms"] = json!(time_ms),
        Times::Range { start_ms, end_ms, step_ms } => {
            question["start_ms"] = json!(start_ms);
            question["end_ms"] = json!(end_ms);
            question["step_ms"] = json!(step_ms);
        }
    }
    question
}

/// Builds the oracle, once for all tests of a program: a binary that runs cannot be written.
fn build() -> Result<PathBuf, String> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let build = || {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let binary = root.join("target/oracle");
        go::run(&["build", "-o", &binary.to_string_lossy(), "."])
            .map(|_| binary)
            .map_err(|error| format!("no oracle: {error}"))
    };
    BUILT.get_or_init(build).clone()
}
