//! Test scripts: our own in tests/scripts, and Prometheus' where they are at hand; rule tests in tests/rules.
//!
//! `PROMQL_SCRIPTS` names the folder of Prometheus' scripts (default `../shared/promqltest`); with `PROMQL_SCRIPTS=fetch` Go fetches
//! Prometheus' module, at the version of `tests/oracle/program`, and the scripts are those in it. `PROMQL_SCRIPTS_LIST=n` prints up
//! to n failing evals a file and configuration.

mod skipped;

mod conformance;
#[path = "oracle/go.rs"]
mod go;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use conformance::words::Word;
use conformance::{Figure, Usage};
use promql_engine::functions::{lookup, signatures};
use promql_engine::rules::{RuleFile, RuleGroup};
use promql_engine::storage::Storage;
use promql_engine::syntax::{AggregateOp, FunctionSet, ParserOptions};
use promql_engine::testing::answer::Outcome;
use promql_engine::testing::case::Times;
use promql_engine::testing::evaluator::Evaluator;
use promql_engine::testing::passes::PassCheck;
use promql_engine::testing::reference::Reference;
use promql_engine::testing::rule_tests::RuleTestFile;
use promql_engine::testing::script::{Report, RunOptions, Script, Verdict, engine_options};
use promql_engine::{Engine, EngineOptions};

/// An engine or the reference, and what it is called here.
struct Configuration {
    name: String,
    evaluator: Box<dyn Evaluator>,
    options: RunOptions,
    is_reference: bool,
}

fn configurations() -> Vec<Configuration> {
    let mut all = Vec::new();
    let default_batch = engine_options().batch_series;
    for threads in [1, 4] {
        for batch_series in [1, 3, default_batch] {
            let mut options = engine_options();
            (options.threads, options.batch_series) = (threads, batch_series);
            let name = format!("engine, {threads} threads, batches of {batch_series}");
            let evaluator = Box::new(Engine::new(options));
            all.push(Configuration { name, evaluator, options: RunOptions::default(), is_reference: false });
        }
    }
    // It gives no annotations, and its failures have other words.
    let options = RunOptions { annotations: false, failure_texts: false, ..RunOptions::default() };
    all.push(Configuration {
        name: "reference".to_owned(),
        evaluator: Box::new(Reference::default()),
        options,
        is_reference: true,
    });
    all
}

/// The engine, whose answers must not show which passes of the optimiser run.
#[derive(Default)]
struct WithPasses {
    options: EngineOptions,
    passes: Mutex<PassCheck>,
}

impl WithPasses {
    fn check(&self, store: &dyn Storage, query: &str, times: Times) {
        let mut passes = self.passes.lock().unwrap_or_else(PoisonError::into_inner);
        passes
            .ask(&self.options, store, query, times)
            .unwrap_or_else(|how| panic!("{query} {times:?}: {how}"));
    }
}

impl Evaluator for WithPasses {
    fn instant(&self, store: &dyn Storage, query: &str, time_ms: i64) -> Outcome {
        self.check(store, query, Times::Instant(time_ms));
        Evaluator::instant(&Engine::new(self.options.clone()), store, query, time_ms)
    }

    fn range(&self, store: &dyn Storage, query: &str, start_ms: i64, end_ms: i64, step_ms: i64) -> Outcome {
        self.check(store, query, Times::Range { start_ms, end_ms, step_ms });
        Evaluator::range(&Engine::new(self.options.clone()), store, query, start_ms, end_ms, step_ms)
    }
}

/// Runs scripts with and without passes; every answer has to be the same.
fn run_with_passes(name: &str, scripts: &[Script]) {
    let engine = WithPasses { options: engine_options(), ..WithPasses::default() };
    for script in scripts {
        script.run(&engine, RunOptions::default()).unwrap_or_else(|error| panic!("{error}"));
    }
    let passes = engine.passes.into_inner().unwrap_or_else(PoisonError::into_inner);
    println!("{name}: {passes}");
    assert_eq!(passes.idle(), [], "passes that changed no query of {name}");
}

fn own_scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts")
}

/// The scripts of a folder, by name.
fn scripts(folder: &Path) -> Vec<Script> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder of scripts can be read")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "test"))
        .collect();
    files.sort_unstable();
    let parsed = files.iter().map(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let text = std::fs::read_to_string(path).expect("a script is UTF-8 text");
        Script::parse(&name, &text).unwrap_or_else(|error| panic!("{error}"))
    });
    parsed.collect()
}

fn list_length() -> usize {
    std::env::var("PROMQL_SCRIPTS_LIST").ok().and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn run(script: &Script, configuration: &Configuration) -> Report {
    let report = script.run(&*configuration.evaluator, configuration.options);
    let report = report.unwrap_or_else(|error| panic!("{error}"));
    for eval in report.failures().take(list_length()) {
        println!("[{}] {}:{eval}", configuration.name, script.file);
    }
    report
}

#[test]
fn own_scripts_pass() {
    let scripts = scripts(&own_scripts());
    for configuration in configurations() {
        let (mut passed, mut total, mut unsupported) = (0, 0, 0);
        for script in &scripts {
            let report = run(script, &configuration);
            assert!(
                configuration.is_reference || report.passed() == report.total(),
                "[{}] {report}",
                configuration.name
            );
            passed += report.passed();
            total += report.total();
            unsupported += report.unsupported();
        }
        println!("tests/scripts, {}: {passed}/{total}, {unsupported} unsupported", configuration.name);
        if configuration.is_reference {
            conformance::settle(&[Figure { name: "tests/scripts, reference".to_owned(), passed, total }]);
        }
    }
}

#[test]
fn answers_to_scripts_do_not_show_which_passes_run() {
    run_with_passes("tests/scripts", &scripts(&own_scripts()));
    match prometheus_scripts() {
        Ok(folder) => run_with_passes("Prometheus' scripts", &scripts(&folder)),
        Err(why) => skipped::skipped(why),
    }
}

#[test]
fn own_scripts_use_the_whole_language() {
    let mut usage = Usage::default();
    for script in scripts(&own_scripts()) {
        // That they agree is `own_scripts_pass`'s to say.
        script.evals().for_each(|eval| usage.count(&eval.query, true));
    }
    let missing = usage.missing();
    assert!(missing.is_empty(), "in no script of tests/scripts: {missing:?}");
    usage.settle("own scripts");
}

/// The registries' examples are scripts, too.
#[test]
fn examples_of_functions_and_aggregations_answer_as_they_say() {
    let functions = signatures().iter().map(|signature| {
        let function = lookup(signature.name).expect("a signature comes from an entry");
        (signature.name, function.example)
    });
    let aggregations = AggregateOp::ALL.iter().map(|op| (op.symbol(), op.example()));
    let engine = Engine::new(engine_options());
    for (name, example) in functions.chain(aggregations) {
        let script = Script::parse(name, &example.script());
        let report = script.and_then(|script| script.run(&engine, RunOptions::default()));
        let report = report.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((report.passed(), report.total()), (1, 1), "{report}");
    }
}

/// The scripts in a page: what stands in its blocks of ```promqltest, named after their lines.
fn scripts_of_page(page: &str) -> Vec<Script> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let text = std::fs::read_to_string(path).expect("the page is there");
    let mut scripts = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        if line == "```promqltest" {
            let block: Vec<&str> =
                lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
            let script = Script::parse(&format!("{page}, block of line {}", at + 1), &block.join("\n"));
            scripts.push(script.unwrap_or_else(|error| panic!("{error}")));
        }
    }
    scripts
}

#[test]
fn the_page_of_the_language_shows_all_of_it_and_answers_as_it_says() {
    let engine = Engine::new(engine_options());
    let mut usage = Usage::default();
    for script in scripts_of_page("docs/language.md") {
        let report = script.run(&engine, RunOptions::default()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(report.passed(), report.total(), "{report}");
        script.evals().for_each(|eval| usage.count(&eval.query, true));
    }
    let mut missing = usage.missing();
    // Functions and aggregations have a page of their own.
    missing.retain(|word| matches!(word, Word::Operator(_) | Word::Modifier(_)));
    assert!(missing.is_empty(), "not shown in docs/language.md: {missing:?}");
}

/// How many scripts Prometheus has, and how many evals stand in them.
const PROMETHEUS_SCRIPTS: (usize, usize) = (22, 2434);

/// The folder of Prometheus' scripts, or why there is none.
fn prometheus_scripts() -> Result<PathBuf, String> {
    let wish = std::env::var_os("PROMQL_SCRIPTS");
    let folder = match wish {
        Some(wish) if wish == "fetch" => {
            let module = "github.com/prometheus/prometheus";
            let fetched = go::run(&["mod", "download", module])
                .and_then(|_| go::run(&["list", "-m", "-f", "{{.Dir}}", module]))
                .map_err(|error| format!("no scripts of Prometheus: {error}"))?;
            Path::new(&fetched).join("promql/promqltest/testdata")
        }
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/promqltest"),
    };
    if folder.is_dir() {
        return Ok(folder);
    }
    Err("no scripts of Prometheus; PROMQL_SCRIPTS=fetch has Go fetch them, or names their folder".to_owned())
}

#[test]
fn prometheus_scripts_pass_as_often_as_the_page_says() {
    let folder = match prometheus_scripts() {
        Ok(folder) => folder,
        Err(why) => {
            skipped::skipped(why);
            return;
        }
    };
    let configurations = configurations();
    let mut figures = Vec::new();
    let scripts = scripts(&folder);
    let evals = scripts.iter().map(|script| script.evals().count()).sum();
    assert_eq!((scripts.len(), evals), PROMETHEUS_SCRIPTS, "scripts and evals in {}", folder.display());
    let (mut passed, mut usage) = (0, Usage::default());
    for script in scripts {
        // What passes with all numbers of threads and all sizes of batches.
        let mut passes = vec![true; script.evals().count()];
        for configuration in &configurations {
            let report = run(&script, configuration);
            if configuration.is_reference {
                let name = format!("{}, reference", script.file);
                println!(
                    "{name}: {}/{}, {} unsupported",
                    report.passed(),
                    report.total(),
                    report.unsupported()
                );
                figures.push(Figure { name, passed: report.passed(), total: report.total() });
                continue;
            }
            for (passes, eval) in passes.iter_mut().zip(&report.evals) {
                *passes &= eval.verdict == Verdict::Passed;
            }
        }
        for (eval, passes) in script.evals().zip(&passes) {
            usage.count(&eval.query, *passes);
        }
        let of_script = passes.iter().filter(|passes| **passes).count();
        println!("{}: {of_script}/{}", script.file, passes.len());
        figures.push(Figure { name: script.file.clone(), passed: of_script, total: passes.len() });
        passed += of_script;
    }
    println!("Prometheus' scripts: {passed}/{evals}");
    conformance::settle(&figures);
    usage.settle("Prometheus' scripts");
}

/// The groups of the rule files of `tests/rules` that a file of tests names.
fn rule_groups(file: &RuleTestFile) -> Vec<RuleGroup> {
    let functions: FunctionSet = signatures().iter().copied().collect();
    let mut groups = Vec::new();
    for name in &file.rule_files {
        // The command line knows patterns; here one with a single fit stands for it.
        let path = rules_folder().join(name.replace(['[', ']'], ""));
        let text = std::fs::read_to_string(path).expect("a rule file is there");
        groups.extend(RuleFile::parse(&text, &ParserOptions::all(), &functions).expect("a rule file").groups);
    }
    groups
}

fn rules_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules")
}

/// The tests pass, and those that are to fail fail; both were asked from Prometheus' own runner.
#[test]
fn rule_tests_pass_and_fail_as_they_do_in_prometheus() {
    let mut options = EngineOptions::default();
    options.parser = ParserOptions::all();
    for (name, passes) in
        [("alerts_test.yml", true), ("templates_test.yml", true), ("failing_cases.yml", false)]
    {
        let text = std::fs::read_to_string(rules_folder().join(name)).expect("a file of tests is there");
        let file = RuleTestFile::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let groups = rule_groups(&file);
        assert!(!file.tests.is_empty());
        for test in &file.tests {
            let report = file.run(test, &groups, &options);
            assert!(report.failures.is_empty() == passes, "{name}: {}: {:#?}", test.name, report.failures);
        }
    }
}
