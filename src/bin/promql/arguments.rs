//! The command line, defined once: usage, help, completions and the man page all come from here.

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{
    sources::{Reading, csv::Mapping},
    times::{DurationArgument, TimeArgument},
};

/// Ask PromQL questions of metrics in files.
///
/// Without a command it opens a session on the sources. Without a source it reads the built-in
/// recording of a small web application.
#[derive(Debug, Parser)]
#[command(
    name = "promql",
    version,
    args_conflicts_with_subcommands = true,
    max_term_width = 100,
    after_help = "Times: RFC 3339 (2026-11-25T09:00:00Z), Unix seconds, now, newest, and either with an offset: now-1h, newest-5m.\n\
Exit codes: 0 answered, 1 failed, 2 wrong usage, 3 lint findings, 4 empty answer under --fail-empty."
)]
pub(crate) struct Arguments {
    /// What to do; without a command: a session.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    #[command(flatten)]
    pub(crate) sources: SourceArguments,

    /// Runs this query or dot-command instead of a session; may be given several times.
    #[arg(short = 'c', long = "command", value_name = "EXPR")]
    pub(crate) run: Vec<String>,

    /// Runs the queries and dot-commands of this file instead of a session.
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub(crate) file: Option<String>,

    /// Does not run the user's `promql/init` first, of $XDG_CONFIG_HOME (~/.config).
    #[arg(long)]
    pub(crate) no_init: bool,

    /// The evaluation time.
    #[arg(long, value_name = "TIME", default_value = "newest", allow_hyphen_values = true)]
    pub(crate) time: TimeArgument,

    #[command(flatten)]
    pub(crate) answer: AnswerArguments,
}

/// What the samples are read from.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SourceArguments {
    /// Files to read: Prometheus exposition text, OpenMetrics, `load` scripts or CSV, also compressed (.gz); `-` is
    /// standard input; http://HOST:PORT/metrics is scraped once. None: the built-in recording.
    #[arg(value_name = "SOURCE")]
    pub(crate) sources: Vec<String>,

    /// Skips and counts malformed lines of the sources instead of refusing the file.
    #[arg(long)]
    pub(crate) keep_going: bool,

    /// What the columns of CSV files are, where their names do not tell: time=COLUMN,value=COLUMN+...,name=COLUMN,
    /// labels=COLUMN+..., each where wanted; `*` are all others.
    #[arg(long, value_name = "MAPPING")]
    pub(crate) csv: Option<Mapping>,
}

impl SourceArguments {
    /// How the sources are read.
    pub(crate) fn reading(&self) -> Reading {
        Reading { keep_going: self.keep_going, csv: self.csv.clone() }
    }
}

/// How answers are written.
#[derive(Debug, Clone, Args)]
pub(crate) struct AnswerArguments {
    /// How answers are written.
    #[arg(short, long, value_name = "MODE", value_enum, default_value_t = Mode::Text)]
    pub(crate) output: Mode,

    /// Exits with 4 where an answer has no series.
    #[arg(long)]
    pub(crate) fail_empty: bool,
}

/// How answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// Lines to read and to paste: `metric{label="value"} value`.
    Text,
    /// Columns under a header: one a label, then time (of a range) and value.
    Table,
    /// The JSON of Prometheus' HTTP API, errors included.
    Json,
    /// A line of JSON a series: the elements of the API's `result`.
    Ndjson,
    /// A line a sample: a column a label, then time and value.
    Csv,
    /// A table of Markdown.
    Markdown,
    /// A picture: lines and heat maps over time, bars at one time.
    Graph,
}

impl Mode {
    /// The name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Table => "table",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Markdown => "markdown",
            Self::Graph => "graph",
        }
    }

    /// The mode of this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::value_variants().iter().copied().find(|mode| mode.name() == name)
    }
}

/// How plans are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanMode {
    /// A tree to read.
    Text,
    /// JSON, with the cost in the words of Prometheus' HTTP API.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Evaluates a query at one time.
    Query {
        /// The query.
        #[arg(value_name = "EXPR", allow_hyphen_values = true)]
        query: String,
        #[command(flatten)]
        sources: SourceArguments,
        /// The evaluation time.
        #[arg(long, value_name = "TIME", default_value = "newest", allow_hyphen_values = true)]
        time: TimeArgument,
        /// Draws the answer into this file, too.
        #[arg(long, value_name = "FILE")]
        svg: Option<String>,
        /// Evaluates nothing, and says what the query would cost: series, and samples read.
        #[arg(long, conflicts_with = "svg")]
        estimate: bool,
        #[command(flatten)]
        answer: AnswerArguments,
    },
    /// Evaluates a query at every step of a range of time.
    Range {
        /// The query.
        #[arg(value_name = "EXPR", allow_hyphen_values = true)]
        query: String,
        #[command(flatten)]
        sources: SourceArguments,
        /// The first step.
        #[arg(long, value_name = "TIME", default_value = "newest-1h", allow_hyphen_values = true)]
        start: TimeArgument,
        /// The last step at the latest.
        #[arg(long, value_name = "TIME", default_value = "newest", allow_hyphen_values = true)]
        end: TimeArgument,
        /// The distance of two steps: a duration, or seconds.
        #[arg(long, value_name = "DURATION", default_value = "1m")]
        step: DurationArgument,
        /// Draws the answer into this file, too.
        #[arg(long, value_name = "FILE")]
        svg: Option<String>,
        /// Evaluates nothing, and says what the query would cost: series, and samples read.
        #[arg(long, conflicts_with = "svg")]
        estimate: bool,
        #[command(flatten)]
        answer: AnswerArguments,
    },
    /// Shows the plan of a query, and what it would read.
    Explain {
        /// The query.
        #[arg(value_name = "EXPR", allow_hyphen_values = true)]
        query: String,
        #[command(flatten)]
        sources: SourceArguments,
        /// Evaluates the query, and shows what each part of the plan gave and cost.
        #[arg(long)]
        analyze: bool,
        /// How the plan is written.
        #[arg(short, long, value_name = "MODE", value_enum, default_value_t = PlanMode::Text)]
        output: PlanMode,
        /// The evaluation time.
        #[arg(long, value_name = "TIME", default_value = "newest", allow_hyphen_values = true)]
        time: TimeArgument,
        /// The first step of a range of time.
        #[arg(long, value_name = "TIME", allow_hyphen_values = true, conflicts_with = "time")]
        start: Option<TimeArgument>,
        /// The last step at the latest.
        #[arg(
            long,
            value_name = "TIME",
            default_value = "newest",
            allow_hyphen_values = true,
            requires = "start"
        )]
        end: TimeArgument,
        /// The distance of two steps: a duration, or seconds.
        #[arg(long, value_name = "DURATION", default_value = "1m", requires = "start")]
        step: DurationArgument,
    },
    /// Parses queries and says what they are.
    Parse {
        /// The query; without one, a query a line is read from standard input.
        #[arg(value_name = "EXPR", allow_hyphen_values = true)]
        query: Option<String>,
        /// Answers a line of JSON a query: verdict, canonical and pretty text, type, errors, tree and positions.
        ///
        /// A line may also be an object {"input": QUERY, "options": {...}}, for queries of several lines; its
        /// options are experimental_functions, binop_fill and unquoted_utf8_names, all on where not named.
        #[arg(long)]
        json: bool,
    },
    /// Lays a query out over lines.
    Fmt {
        /// The query; without one, standard input is read.
        #[arg(value_name = "EXPR", allow_hyphen_values = true)]
        query: Option<String>,
        /// Writes nothing; exits with 1 where the query is laid out differently.
        #[arg(long)]
        check: bool,
    },
    /// Finds what a query says but can hardly mean; exits with 3 where it finds something.
    Lint {
        /// The query; without one, standard input is read.
        #[arg(value_name = "EXPR", allow_hyphen_values = true)]
        query: Option<String>,
        /// Sources as for `query`, to look up types, scrape intervals and series; none unless named.
        #[command(flatten)]
        sources: SourceArguments,
        /// How far scrapes lie apart; by default the sources tell.
        #[arg(long, value_name = "DURATION")]
        interval: Option<DurationArgument>,
        /// Looks at the query as that of a recording or alerting rule.
        #[arg(long)]
        rule: bool,
        /// Writes a line of JSON a finding.
        #[arg(long)]
        json: bool,
        /// Lists the rules.
        #[arg(long)]
        rules: bool,
    },
    /// Runs scripts of series, queries and answers, and rule tests.
    ///
    /// The language of scripts is that of Prometheus' own tests; each instant query is also asked as a range, and with @ on its
    /// selectors. Files that end in .yml or .yaml are rule tests, as `promtool test rules` runs them.
    Test {
        /// Scripts and rule tests, or folders with `.test` files and files whose names end in `test.yml`.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<String>,
        /// Only the queries of scripts that have this text in them, and the rule tests whose names fit this pattern.
        #[arg(long, value_name = "PATTERN")]
        run: Option<String>,
        /// Asks each query of a script only as it is written.
        #[arg(long)]
        once: bool,
        /// Shows only what differs.
        #[arg(long)]
        diff: bool,
        /// Says which rules no test asked for, or got a series from.
        #[arg(long)]
        coverage: bool,
        /// Writes the outcome as JUnit XML, too.
        #[arg(long, value_name = "FILE")]
        junit: Option<String>,
    },
    /// Checks files.
    Check {
        #[command(subcommand)]
        what: Check,
    },
    /// Lists the functions, or explains one.
    Functions {
        /// The function, or a part of its name.
        #[arg(value_name = "NAME")]
        name: Option<String>,
        /// Writes functions and aggregations as a page of Markdown, docs/functions.md.
        #[arg(long, conflicts_with = "name")]
        markdown: bool,
    },
    /// Writes a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Writes the manual page.
    Man,
}

/// What can be checked.
#[derive(Debug, Subcommand)]
pub(crate) enum Check {
    /// Holds exposition text against the conventions for names, as promtool does; exits with 3 where it finds something.
    Metrics {
        /// The files, also compressed (.gz), or addresses; standard input without one.
        #[arg(value_name = "FILE", default_value = "-")]
        files: Vec<String>,
    },
    /// Checks rule files: form, queries, templates; exits with 3 where a query says what it can hardly mean.
    Rules {
        /// The rule files.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<String>,
        /// Looks for errors only.
        #[arg(long)]
        no_lint: bool,
    },
}
