//! Rule tests: files of YAML that name rule files, series, and what queries and alerts have to give.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use promql_engine::{
    EngineOptions,
    rules::{RuleFile, RuleGroup, RuleKind},
    syntax::ParserOptions,
    testing::rule_tests::{RuleTestFailure, RuleTestFile},
};
use regex::Regex;

use super::{Case, Options, glob, scripts};
use crate::{
    outcome::Failure,
    output, problem,
    terminal::{self, Terminal},
};

/// Which rules the tests had to do with, of all files.
#[derive(Default)]
pub(super) struct Coverage {
    /// By file, line and name: whether a test asked for the rule, and whether it gave a series.
    rules: BTreeMap<(String, usize, String), (bool, bool)>,
}

impl Coverage {
    /// A line with the count, and one for each rule that nothing was learnt of.
    pub(super) fn text(&self) -> String {
        let reached = self.rules.values().filter(|(asked, gave)| *asked && *gave).count();
        let rules = output::count(self.rules.len() as u64, "rule", "rules");
        let mut out = format!("{reached} of {rules} reached\n");
        for ((file, line, name), (asked, gave)) in &self.rules {
            let why = match (asked, gave) {
                (true, true) => continue,
                (true, false) => "it gave no series in any test",
                (false, _) => "no test asks for it",
            };
            let _ = writeln!(out, "  {file}:{line}: {name}: {why}");
        }
        out
    }
}

/// Runs a file of rule tests: its tests, and a text of those that failed.
pub(super) fn run(
    file: &str,
    options: &Options,
    coverage: &mut Coverage,
    terminal: &Terminal,
) -> Result<(Result<Vec<Case>, String>, String), Failure> {
    let wanted = match &options.run {
        None => None,
        Some(pattern) => {
            Some(Regex::new(pattern).map_err(|error| Failure::Usage(format!("--run {pattern}: {error}")))?)
        }
    };
    let read = fs::read_to_string(file).map_err(|error| format!("cannot read {file}: {error}"));
    let parsed = read.and_then(|text| RuleTestFile::parse(&text).map_err(|error| format!("{file}:{error}")));
    let tests = match parsed {
        Ok(tests) => tests,
        Err(message) => return Ok((Err(message), String::new())),
    };
    let (groups, places) = match groups(file, &tests.rule_files)? {
        Ok(groups) => groups,
        Err(message) => return Ok((Err(message), String::new())),
    };
    for (group, path) in groups.iter().zip(&places) {
        for rule in &group.rules {
            let key = (path.clone(), rule.line, rule_name(&rule.name, &rule.kind));
            coverage.rules.entry(key).or_default();
        }
    }
    let mut engine = EngineOptions::default();
    engine.parser = ParserOptions::all();
    let (mut cases, mut text) = (Vec::new(), String::new());
    for (at, test) in tests.tests.iter().enumerate() {
        if wanted.as_ref().is_some_and(|wanted| !wanted.is_match(&test.name)) {
            continue;
        }
        let name = if test.name.is_empty() { format!("unnamed#{at}") } else { test.name.clone() };
        let report = tests.run(test, &groups, &engine);
        for (group, rule) in report.reached.asked.iter().chain(&report.reached.gave) {
            let (Some(definition), Some(path)) = (groups.get(*group), places.get(*group)) else { continue };
            let Some(of) = definition.rules.get(*rule) else { continue };
            let key = (path.clone(), of.line, rule_name(&of.name, &of.kind));
            let known = coverage.rules.entry(key).or_default();
            known.0 |= report.reached.asked.contains(&(*group, *rule));
            known.1 |= report.reached.gave.contains(&(*group, *rule));
        }
        let detail: String =
            report.failures.iter().map(|failure| show(file, &name, failure, options, terminal)).collect();
        let summary = report.failures.first().map(|first| first.summary.clone());
        let plain = report.failures.iter().map(plain).collect::<String>();
        cases.push(Case { name, failure: summary.map(|summary| (summary, plain)) });
        text.push_str(&detail);
    }
    Ok((Ok(cases), text))
}

fn rule_name(name: &str, kind: &RuleKind) -> String {
    let word = if matches!(kind, RuleKind::Recording) { "record" } else { "alert" };
    format!("{word} {name}")
}

fn show(file: &str, test: &str, failure: &RuleTestFailure, options: &Options, terminal: &Terminal) -> String {
    let head = format!("  {file}:{}: {test}: {}\n", failure.line, failure.summary);
    head + &scripts::lines(&failure.expected, &failure.got, options, terminal)
}

/// A failure without colours.
fn plain(failure: &RuleTestFailure) -> String {
    let list = |lines: &[String]| lines.iter().map(|line| format!("    {line}\n")).collect::<String>();
    let (expected, got) = (list(&failure.expected), list(&failure.got));
    format!("line {}: {}\n  expected:\n{expected}  got:\n{got}", failure.line, failure.summary)
}

/// The groups of the rule files, and the file of each; or what is wrong with one.
#[expect(clippy::type_complexity, reason = "groups and their files are used side by side")]
fn groups(file: &str, patterns: &[String]) -> Result<Result<(Vec<RuleGroup>, Vec<String>), String>, Failure> {
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    let (mut groups, mut places) = (Vec::new(), Vec::new());
    for pattern in patterns {
        let paths: Vec<PathBuf> = glob::files(&folder.join(pattern));
        if paths.is_empty() {
            terminal::err(&format!("warning: no file fits {}\n", folder.join(pattern).display()));
        }
        for path in paths {
            let name = path.to_string_lossy().into_owned();
            let text = match fs::read_to_string(&path) {
                Ok(text) => text,
                Err(error) => return Ok(Err(format!("cannot read {name}: {error}"))),
            };
            match RuleFile::parse(&text, &ParserOptions::all(), &problem::functions()) {
                Ok(parsed) => {
                    places.extend(parsed.groups.iter().map(|_| name.clone()));
                    groups.extend(parsed.groups);
                }
                Err(errors) => {
                    let list: Vec<String> = errors.iter().map(|error| format!("{name}:{error}")).collect();
                    return Ok(Err(list.join("\n  ")));
                }
            }
        }
    }
    Ok(Ok((groups, places)))
}
