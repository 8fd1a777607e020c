//! `check rules`: whether rule files are sound, and what their queries say but can hardly mean.

use std::fs;

use promql_engine::{rules::RuleFile, syntax::ParserOptions};

use crate::{
    lint::{self, Knowledge},
    outcome::Failure,
    output, problem,
    render::{self, Diagnostic, Severity},
    terminal::{self, Paint, Terminal},
};

/// Checks rule files; gives the exit code: 3 where a query has a finding.
pub(crate) fn run(files: &[String], lints: bool, terminal: &Terminal) -> Result<u8, Failure> {
    let (mut failed, mut found) = (false, false);
    for file in files {
        let text = fs::read_to_string(file)
            .map_err(|error| Failure::failed(format!("cannot read {file}: {error}")))?;
        match RuleFile::parse(&text, &ParserOptions::all(), &problem::functions()) {
            Ok(parsed) => {
                let rules: usize = parsed.groups.iter().map(|group| group.rules.len()).sum();
                let rules = output::count(rules as u64, "rule", "rules");
                let groups = output::count(parsed.groups.len() as u64, "group", "groups");
                terminal::out(&format!("ok {file}: {groups}, {rules}\n"))?;
                found |= lints && findings(file, &parsed, terminal)?;
            }
            Err(errors) => {
                failed = true;
                let word = terminal.out.paint(Paint::Error, "FAILED");
                let list: String = errors.iter().map(|error| format!("  {file}:{error}\n")).collect();
                terminal::out(&format!("{word} {file}\n{list}"))?;
            }
        }
    }
    match (failed, found) {
        (true, _) => Err(Failure::Said),
        (false, true) => Ok(3),
        (false, false) => Ok(0),
    }
}

/// Writes what is found in a file; whether there is something.
fn findings(file: &str, parsed: &RuleFile, terminal: &Terminal) -> Result<bool, Failure> {
    let mut found = false;
    let knowledge = Knowledge { is_rule: true, ..Knowledge::default() };
    let mut known: Vec<(&str, _)> = Vec::new();
    for group in &parsed.groups {
        for rule in &group.rules {
            let head = |what: &str| format!("{file}:{}: `{}`{what}\n", rule.line, rule.name);
            if known.contains(&(rule.name.as_str(), &rule.labels)) {
                found = true;
                let warning = terminal.out.paint(Paint::Warning, "warning");
                terminal::out(&format!(
                    "{warning}: {}",
                    head(" has a rule of the same name and labels before it")
                ))?;
            }
            known.push((&rule.name, &rule.labels));
            let list = lint::lint(&rule.expr, &knowledge);
            if !list.is_empty() {
                found = true;
                terminal::out(&head(""))?;
            }
            for finding in list {
                let message = format!("{} [{}]", finding.message, finding.rule);
                let span = Some((finding.span.start as usize, finding.span.end as usize));
                let note = finding.fix.as_deref();
                let diagnostic = Diagnostic { severity: Severity::Warning, message: &message, span, note };
                terminal::out(&render::render(&diagnostic, rule.query.as_str(), &terminal.out))?;
            }
        }
    }
    Ok(found)
}
