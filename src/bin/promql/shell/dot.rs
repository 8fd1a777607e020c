//! The dot-commands as data: names, arguments, help. Parsing, `.help` and completion read this one table.

use crate::terminal::{self, Paint, Style};

/// What a dot-command does; the session carries it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Analyze,
    Edit,
    Estimate,
    Exit,
    Explain,
    Functions,
    Graph,
    Help,
    Labels,
    Last,
    Let,
    Metrics,
    Mode,
    Open,
    Output,
    Range,
    Scrape,
    Series,
    Source,
    Sources,
    Time,
    Timer,
    Watch,
}

/// One dot-command.
pub(crate) struct DotCommand {
    /// Its name, without the dot.
    pub(crate) name: &'static str,
    /// What the session does.
    pub(crate) action: Action,
    /// Its arguments, as usage shows them.
    pub(crate) arguments: &'static str,
    /// What it does, in a line.
    pub(crate) summary: &'static str,
    /// What `.help NAME` adds.
    pub(crate) details: &'static str,
}

impl DotCommand {
    /// Whether a query ends its arguments.
    pub(crate) fn takes_query(&self) -> bool {
        use Action as A;
        matches!(
            self.action,
            A::Analyze
                | A::Edit
                | A::Estimate
                | A::Explain
                | A::Graph
                | A::Labels
                | A::Let
                | A::Series
                | A::Watch
        )
    }
}

/// Other names of commands.
const ALIASES: &[(&str, &str)] = &[("quit", "exit"), ("read", "source")];

/// Every dot-command, by name.
pub(crate) const COMMANDS: &[DotCommand] = &[
    DotCommand {
        name: "analyze",
        action: Action::Analyze,
        arguments: "[EXPR]",
        summary: "Shows what each part of a query gave and cost",
        details: "Of the last query where none is given. It is evaluated once, on one thread; the time of a part is that of\n\
all below it, too. `estimated` stands beside `read`: samples, of which a window does not count again what the one before had.",
    },
    DotCommand {
        name: "edit",
        action: Action::Edit,
        arguments: "[EXPR]",
        summary: "Opens a query in $EDITOR, and runs what comes back",
        details: "The last query where none is given. $VISUAL goes before $EDITOR; without both it is vi. Ctrl-X Ctrl-E does it\n\
with what is being typed.",
    },
    DotCommand {
        name: "estimate",
        action: Action::Estimate,
        arguments: "[EXPR]",
        summary: "Says what a query would cost, before it runs",
        details: "Of the last query where none is given: series, and samples that would be read, guessed from a few of them.",
    },
    DotCommand {
        name: "exit",
        action: Action::Exit,
        arguments: "[CODE]",
        summary: "Ends the session",
        details: "With the exit code CODE, or 0. End of input (Ctrl-D) does the same; `.quit` is another name.",
    },
    DotCommand {
        name: "explain",
        action: Action::Explain,
        arguments: "[EXPR]",
        summary: "Shows the plan of a query, and what it would read",
        details: "Of the last query where none is given. Nothing is evaluated.",
    },
    DotCommand {
        name: "functions",
        action: Action::Functions,
        arguments: "[NAME]",
        summary: "Lists the functions, or explains one",
        details: "NAME may be a part of a name.",
    },
    DotCommand {
        name: "graph",
        action: Action::Graph,
        arguments: "[--svg FILE] [EXPR]",
        summary: "Draws a query over time",
        details: "Of the last query where none is given. Over `.range`, where that is set, or else over the hour before the\n\
evaluation time. Buckets (`le`, native histograms) become a heat map; native histograms without a range and whatever\n\
stands at one time, bars. With --svg FILE it is written as a file, too.",
    },
    DotCommand {
        name: "help",
        action: Action::Help,
        arguments: "[WORD]",
        summary: "Lists the dot-commands, or explains a command, function or metric",
        details: "",
    },
    DotCommand {
        name: "labels",
        action: Action::Labels,
        arguments: "[SELECTOR]",
        summary: "Lists the labels and how many values each has",
        details: "With a selector such as up{job=\"api\"} only those of its series.",
    },
    DotCommand {
        name: "last",
        action: Action::Last,
        arguments: "",
        summary: "Runs the last query again",
        details: "Useful after `.time`, `.range`, `.mode` or `.open`.",
    },
    DotCommand {
        name: "let",
        action: Action::Let,
        arguments: "[NAME [= [EXPR]]]",
        summary: "Gives an expression a name: $NAME stands for it in queries",
        details: "Variables in EXPR are put in at once. $NAME stands for the expression as a whole: `$a * 2` where a is\n\
`up + 1` is `(up + 1) * 2`. `.let NAME =` forgets the name, `.let NAME` shows it, `.let` shows all.",
    },
    DotCommand {
        name: "metrics",
        action: Action::Metrics,
        arguments: "[PATTERN]",
        summary: "Lists the metrics: series, type, help",
        details: "PATTERN is a part of the name, or a pattern with `*`.",
    },
    DotCommand {
        name: "mode",
        action: Action::Mode,
        arguments: "[NAME]",
        summary: "Sets how answers are written: text, table, json, ndjson, csv, markdown, graph",
        details: "text: lines to read and paste; table: columns; json: what Prometheus' HTTP API answers; ndjson: the\n\
elements of its result, a line each; csv, markdown: a row a sample; graph: a picture. Alone it says which.",
    },
    DotCommand {
        name: "open",
        action: Action::Open,
        arguments: "[--csv MAPPING] SOURCE...",
        summary: "Reads other sources instead",
        details: "Files and addresses as on the command line. Where one cannot be read, the session keeps what it has.",
    },
    DotCommand {
        name: "output",
        action: Action::Output,
        arguments: "[FILE]",
        summary: "Writes answers to a file",
        details: "What is written from here on, until the next `.output`; the file is made anew. Alone: to the terminal again.",
    },
    DotCommand {
        name: "range",
        action: Action::Range,
        arguments: "[START END STEP [EXPR] | off]",
        summary: "Evaluates over a range of time",
        details: "With EXPR: that query, once. Without: every query from here on, until `.range off`.\n\
START and END are times as for `.time`, such as newest-1h; STEP is a duration. Alone it says what is set.",
    },
    DotCommand {
        name: "scrape",
        action: Action::Scrape,
        arguments: "[URL [--every EVERY] [--job NAME] | off [URL]]",
        summary: "Reads metrics from an address, once or again and again",
        details: "With --every in the background, until `.scrape off`; what came stands in the next statement. As a Prometheus\n\
server does it: labels `instance` and `job`, `up` and others about the scrape, series that are gone end. Alone it\n\
says what is scraped.",
    },
    DotCommand {
        name: "series",
        action: Action::Series,
        arguments: "[SELECTOR]",
        summary: "Lists the series",
        details: "With a selector such as up{job=\"api\"} only those it selects.",
    },
    DotCommand {
        name: "source",
        action: Action::Source,
        arguments: "FILE",
        summary: "Runs the queries and dot-commands of a file",
        details: "It stops at the first that fails. `.read` is another name.",
    },
    DotCommand {
        name: "sources",
        action: Action::Sources,
        arguments: "",
        summary: "Says what was read",
        details: "Metrics, series, samples, and the time they span.",
    },
    DotCommand {
        name: "time",
        action: Action::Time,
        arguments: "[TIME]",
        summary: "Sets the evaluation time",
        details: "RFC 3339, Unix seconds, now, newest (the newest sample, the default), or one of those two with an offset:\n\
now-1h, newest-5m. Alone it says what is set.",
    },
    DotCommand {
        name: "timer",
        action: Action::Timer,
        arguments: "[on|off]",
        summary: "Shows what a query took, or not",
        details: "On at a terminal, off on a pipe. Without an argument: switches.",
    },
    DotCommand {
        name: "watch",
        action: Action::Watch,
        arguments: "[EVERY] [--times N] [EXPR]",
        summary: "Runs a query again and again, until Ctrl-C",
        details: "The last query where none is given. EVERY is a duration such as 500ms; 2s if not given.",
    },
];

/// A line that is a dot-command: its word and what stands behind it. `.5` is a number.
pub(crate) fn split(line: &str) -> Option<(&str, &str)> {
    let rest = line.trim().strip_prefix('.')?;
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let (word, arguments) = rest.split_at(end);
    let is_command =
        word.is_empty() && arguments.is_empty() || word.starts_with(|c: char| c.is_ascii_alphabetic());
    is_command.then(|| (word, arguments.trim()))
}

/// The command of this name, or of this unambiguous beginning of one.
pub(crate) fn find(word: &str) -> Result<&'static DotCommand, String> {
    let word = ALIASES.iter().find(|(alias, _)| *alias == word).map_or(word, |(_, name)| name);
    if let Some(exact) = COMMANDS.iter().find(|command| command.name == word) {
        return Ok(exact);
    }
    let names = || COMMANDS.iter().map(|command| command.name);
    let begun: Vec<&DotCommand> =
        COMMANDS.iter().filter(|command| !word.is_empty() && command.name.starts_with(word)).collect();
    match begun.as_slice() {
        [one] => Ok(one),
        [] => {
            let near = crate::suggest::nearest(word, names());
            let hint = near.map_or_else(String::new, |name| format!(" Did you mean `.{name}`?"));
            Err(format!("there is no dot-command `.{word}`.{hint} `.help` lists them."))
        }
        several => {
            let list: Vec<String> = several.iter().map(|command| format!("`.{}`", command.name)).collect();
            Err(format!("`.{word}` is the beginning of {}", list.join(", ")))
        }
    }
}

/// The list of commands.
pub(crate) fn overview(style: &Style) -> String {
    let usage = |command: &DotCommand| format!(".{} {}", command.name, command.arguments);
    // A very long usage line keeps its own line's summary from moving all others.
    let column = COMMANDS.iter().map(|c| usage(c).len()).filter(|n| *n <= 24).max().unwrap_or(24);
    let mut out = String::new();
    for command in COMMANDS {
        let usage = usage(command);
        let usage = usage.trim_end();
        out.push_str(&style.paint(Paint::Name, usage));
        let indent = " ".repeat(column + 2);
        match style.read {
            false => out.push_str(&" ".repeat(column.saturating_sub(usage.len()) + 2)),
            // Where a person reads, every summary stands in its column.
            true if usage.len() > column => out.push_str(&format!("\n{indent}")),
            true => out.push_str(&" ".repeat(column - usage.len() + 2)),
        }
        let summary = text(command.summary, style.width.saturating_sub(indent.len()), style);
        out.push_str(&format!("{}\n", summary.replace('\n', &format!("\n{indent}"))));
    }
    let rest = "Anything else is a query; an open bracket or a trailing operator continues on the next line.";
    out.push_str(&format!("\n{}\n", text(rest, style.width, style)));
    out
}

/// The help of one command.
pub(crate) fn explain(command: &DotCommand, style: &Style) -> String {
    let usage = format!(".{} {}", command.name, command.arguments);
    let details = match command.details {
        "" => String::new(),
        details => format!("{}\n", text(details, style.width, style)),
    };
    format!("{}\n{}.\n{details}", style.paint(Paint::Name, usage.trim_end()), command.summary)
}

/// A text as it is, or for a person broken anew at this width.
fn text(text: &str, width: usize, style: &Style) -> String {
    if style.read { terminal::wrap(&text.replace('\n', " "), width) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_unambiguous() {
        assert!(COMMANDS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }

    #[test]
    fn numbers_are_no_commands() {
        assert_eq!(split(".5 + 1"), None);
        assert_eq!(split("up"), None);
        assert_eq!(split("  .time newest-5m "), Some(("time", "newest-5m")));
        assert_eq!(split("."), Some(("", "")));
    }

    #[test]
    fn beginnings_and_mistakes() {
        let name = |word: &str| find(word).map(|command| command.name);
        assert_eq!(name("quit"), Ok("exit"));
        assert_eq!(name("met"), Ok("metrics"));
        assert_eq!(name("time"), Ok("time"));
        assert!(name("ti").is_err_and(|message| message.contains("`.time`, `.timer`")));
        assert!(name("metrcis").is_err_and(|message| message.contains("Did you mean `.metrics`?")));
    }
}
