//! Clean builds, and the start of the program that they make.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::figure;
use crate::Settings;
use crate::programs;
use crate::record::{Figure, PROGRAM, median};

/// How often the program is started.
const STARTS: usize = 15;
/// How long a prompt is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) fn measure(settings: &Settings) -> Vec<Figure> {
    let target = programs::folder().join("target/clean");
    let mut figures = Vec::new();
    let builds: [(&str, &[&str]); 2] = [
        ("build of the library", &["build", "--release", "--lib", "--no-default-features"]),
        ("build of the program", &["build", "--release", "--bin", "promql"]),
    ];
    for (name, arguments) in builds.into_iter().filter(|(name, _)| name.contains(&settings.filter)) {
        match build(&target, arguments) {
            Ok(ns) => figures.push(figure(PROGRAM, name, "ns", ns)),
            Err(error) => println!("skipped: {name}: {error}"),
        }
    }
    let program = target.join("release/promql");
    if "start".contains(&settings.filter) && program.exists() {
        let times: io::Result<Vec<f64>> = (0..STARTS).map(|_| start(&program)).collect();
        match times {
            Ok(mut times) => figures.extend(median(&mut times).map(|ns| figure(PROGRAM, "start", "ns", ns))),
            Err(error) => println!("skipped: start: {error}"),
        }
    }
    figures
}

/// What a build into an empty folder takes, in ns. What is to be downloaded was before.
fn build(target: &Path, arguments: &[&str]) -> io::Result<f64> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let root = programs::folder().join("../../..");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&cargo);
        command.args(arguments).current_dir(&root).env("CARGO_TARGET_DIR", target);
        if command.status()?.success() { Ok(()) } else { Err(io::Error::other("cargo failed")) }
    };
    run(&["fetch", "--quiet"])?;
    if target.exists() {
        std::fs::remove_dir_all(target)?;
    }
    let start = Instant::now();
    run(arguments)?;
    Ok(start.elapsed().as_nanos() as f64)
}

/// From the start of a process to the prompt on a terminal, in ns. `script` is the terminal; its own start counts.
fn start(program: &Path) -> io::Result<f64> {
    let state = programs::folder().join("target/state");
    let begin = Instant::now();
    let mut child = Command::new("script")
        .args(["--quiet", "--return", "--command", &program.display().to_string(), "/dev/null"])
        .env("XDG_CONFIG_HOME", &state)
        .env("XDG_STATE_HOME", &state)
        .env("TERM", "xterm")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut output = child.stdout.take().ok_or_else(|| io::Error::other("no pipe"))?;
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    // The prompt is the newest sample's time, and what the editor draws ends with it.
    let found = loop {
        let length = output.read(&mut buffer)?;
        seen.extend_from_slice(&buffer[..length]);
        if String::from_utf8_lossy(&seen).contains("Z> ") {
            break Ok(begin.elapsed().as_nanos() as f64);
        }
        if length == 0 || begin.elapsed() > PATIENCE {
            break Err(io::Error::other(format!("no prompt: {}", String::from_utf8_lossy(&seen))));
        }
    };
    // The end of its input ends the session.
    drop(child.stdin.take());
    child.kill().ok();
    child.wait()?;
    std::fs::remove_dir_all(&state).ok();
    found
}
