//! `lint`: findings as diagnostics with their codes, or as a line of JSON each.

use promql_engine::{
    storage::Storage,
    syntax::{self, ParserOptions},
};

use super::query_or_input;
use crate::{
    api,
    arguments::Mode,
    lint::{self, Finding, Knowledge, RULES},
    outcome::Failure,
    output, problem,
    render::{self, Diagnostic, Severity},
    terminal::{self, Terminal},
    times::DurationArgument,
};

/// How a query is looked over.
pub(crate) struct Options<'a> {
    /// The sources, where some were named.
    pub(crate) store: Option<&'a dyn Storage>,
    /// The distance of scrapes.
    pub(crate) interval: Option<DurationArgument>,
    /// Whether the query is that of a rule.
    pub(crate) is_rule: bool,
    /// How findings are written.
    pub(crate) output: Mode,
}

/// Lists the rules.
pub(crate) fn rules(terminal: &Terminal) -> Result<(), Failure> {
    let rows: Vec<[String; 2]> =
        RULES.iter().map(|rule| [rule.code.to_owned(), rule.summary.to_owned()]).collect();
    Ok(terminal::out(&output::columns(&rows, &terminal.out))?)
}

/// Looks over a query, or the one on standard input; gives the exit code.
pub(crate) fn run(query: Option<String>, options: &Options<'_>, terminal: &Terminal) -> Result<u8, Failure> {
    let query = query_or_input(query)?;
    let parsed = syntax::parse(&query, &ParserOptions::all(), &problem::functions()).map_err(|errors| {
        terminal::err(&problem::render_syntax(&errors, &query, &terminal.err));
        Failure::Said
    })?;
    let knowledge = Knowledge {
        store: options.store,
        interval_ms: options.interval.map(|DurationArgument(ms)| ms),
        is_rule: options.is_rule,
    };
    let findings = lint::lint(&parsed.expr, &knowledge);
    for finding in &findings {
        terminal::out(&match options.output {
            Mode::Json => json(finding),
            _ => text(finding, &query, terminal),
        })?;
    }
    Ok(if findings.is_empty() { 0 } else { 3 })
}

fn text(finding: &Finding, query: &str, terminal: &Terminal) -> String {
    let message = format!("{} [{}]", finding.message, finding.rule);
    let span = Some((finding.span.start as usize, finding.span.end as usize));
    let note = finding.fix.as_deref();
    let diagnostic = Diagnostic { severity: Severity::Warning, message: &message, span, note };
    render::render(&diagnostic, query, &terminal.out)
}

fn json(finding: &Finding) -> String {
    let fix = finding.fix.as_deref().map_or_else(|| "null".to_owned(), api::string);
    format!(
        "{{\"code\":{},\"start\":{},\"end\":{},\"message\":{},\"fix\":{fix},\"docs\":{}}}\n",
        api::string(finding.rule),
        finding.span.start,
        finding.span.end,
        api::string(&finding.message),
        api::string(&format!("docs/lint.md#{}", finding.rule)),
    )
}
