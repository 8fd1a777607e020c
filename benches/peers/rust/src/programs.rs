//! Peers that are programs of their own: building them, and asking them.

use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::lists::Question;

/// A program of this folder's siblings, running.
pub(crate) struct Program {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    /// The folder that it was built from.
    pub(crate) name: &'static str,
}

/// Where this package lies.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Whether there is a Go to build with.
pub(crate) fn is_there() -> bool {
    Command::new("go").arg("version").output().is_ok_and(|output| output.status.success())
}

/// Builds a peer in Go; finds opendata, which brings hundreds of crates and is built by whoever wants it.
fn built(name: &str) -> io::Result<PathBuf> {
    let source = folder().join("..").join(name);
    if name == "opendata" {
        let program = source.join("target/release/opendata");
        let how = "build it by `cargo build --release --manifest-path benches/peers/opendata/Cargo.toml`";
        return if program.exists() { Ok(program) } else { Err(io::Error::other(how)) };
    }
    if !is_there() {
        return Err(io::Error::other("there is no Go"));
    }
    let program = folder().join("target/go").join(name);
    let built =
        Command::new("go").arg("build").arg("-o").arg(&program).arg(".").current_dir(source).status()?;
    if built.success() { Ok(program) } else { Err(io::Error::other("go build failed")) }
}

impl Program {
    /// Builds and starts a peer.
    pub(crate) fn start(name: &'static str) -> io::Result<Self> {
        let program = built(name)?;
        let mut child = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let missing = || io::Error::other("no pipe to the program");
        let questions = Some(child.stdin.take().ok_or_else(missing)?);
        let answers = BufReader::new(child.stdout.take().ok_or_else(missing)?);
        Ok(Self { child, questions, answers, name })
    }

    fn ask(&mut self, question: &Value) -> Result<Value, String> {
        let failed = |error: io::Error| format!("{}: {error}", self.name);
        if let Some(questions) = &mut self.questions {
            writeln!(questions, "{question}").map_err(failed)?;
        }
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(failed)?;
        let answer: Value = serde_json::from_str(&line).map_err(|error| format!("{}: {error}", self.name))?;
        match answer["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(answer),
        }
    }

    /// Has it read samples; gives the bytes of memory that it then took at most.
    pub(crate) fn load(&mut self, data: &Path) -> Result<u64, String> {
        let answer = self.ask(&json!({ "load": data }))?;
        Ok(answer["peak_bytes"].as_u64().unwrap_or_default())
    }

    /// Has it evaluate a query; gives what each run took in ns, and the bytes of memory that it took at most so far.
    pub(crate) fn evaluate(
        &mut self,
        question: &Question,
        runs: usize,
        answer: Option<&Path>,
    ) -> Result<(Vec<f64>, u64), String> {
        let answer = self.ask(&json!({
            "query": question.query, "runs": runs, "answer": answer,
            "start_ms": question.start_ms, "end_ms": question.end_ms, "step_ms": question.step_ms,
        }))?;
        let times = answer["ns"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
        Ok((times, answer["peak_bytes"].as_u64().unwrap_or_default()))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // The end of its input ends it.
        self.questions = None;
        self.child.wait().ok();
    }
}
