//! A session as a person sees it: keys go to a terminal of 60 and of 100 columns, and the screens are snapshots.
//!
//! `tmux` is the terminal; where it is missing, the test says so and passes.

#![cfg(all(unix, feature = "cli"))]

mod skipped;

use std::{
    path::PathBuf,
    process::{Command, Output},
    thread,
    time::{Duration, Instant},
};

/// The prompt on the built-in recording.
const PROMPT: &str = "03:41:18Z>";

/// One terminal of a `tmux` server of its own, which ends with it.
struct Terminal {
    server: String,
    state: PathBuf,
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
        std::fs::remove_dir_all(&self.state).ok();
    }
}

impl Terminal {
    /// Opens a session on the built-in recording; `None` where there is no `tmux`.
    fn open(columns: u32) -> Option<Self> {
        if Command::new("tmux").arg("-V").output().is_err() {
            skipped::skipped("there is no tmux");
            return None;
        }
        let server = format!("promql-test-{}-{columns}", std::process::id());
        let state = std::env::temp_dir().join(&server);
        let terminal = Self { server, state };
        // A history of its own: that of whoever runs the tests is none of their business.
        let program = format!(
            "env -u NO_COLOR XDG_CONFIG_HOME={0} XDG_STATE_HOME={0} TERM=screen-256color PAGER='sed s/^/paged:/' \
             VISUAL='sed -i s/UP/up/' {1}",
            terminal.state.display(),
            env!("CARGO_BIN_EXE_promql")
        );
        let (columns, rows) = (columns.to_string(), "45");
        let size = ["new-session", "-d", "-x", &columns, "-y", rows, &program];
        let started = terminal.tmux(&size);
        assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
        terminal.run(".timer off");
        Some(terminal)
    }

    fn tmux(&self, arguments: &[&str]) -> Output {
        // No configuration: a person's own may change what keys do.
        let mut command = Command::new("tmux");
        command.args(["-L", &self.server, "-f", "/dev/null"]).args(arguments).env("LC_ALL", "C.UTF-8");
        command.output().expect("tmux runs")
    }

    fn screen(&self) -> String {
        let output = self.tmux(&["capture-pane", "-p"]);
        let text = String::from_utf8_lossy(&output.stdout);
        text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }

    /// The first screen for which this holds; `what` names it where it does not come.
    fn wait_until(&self, what: &str, holds: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let screen = self.screen();
            if holds(&screen) {
                return screen;
            }
            assert!(Instant::now() < end, "`{what}` does not come:\n{screen}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn wait_for(&self, text: &str) -> String {
        self.wait_until(text, |screen| screen.contains(text))
    }

    /// Waits until the editor reads: what is typed before that, while it takes the terminal over, may be lost.
    fn wait_for_prompt(&self) -> String {
        self.wait_until("an empty prompt", |screen| screen.lines().last().is_some_and(|line| line == PROMPT))
    }

    fn type_text(&self, text: &str) {
        self.tmux(&["send-keys", "-l", text]);
    }

    fn press(&self, key: &str) {
        self.tmux(&["send-keys", key]);
    }

    /// Runs a statement at an empty prompt, and waits for the next one.
    fn run(&self, statement: &str) {
        self.wait_for_prompt();
        self.type_text(statement);
        // A long statement is broken where the terminal ends.
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        self.wait_until(statement, |screen| bare(screen).ends_with(&bare(statement)));
        self.press("Enter");
        self.wait_for_prompt();
    }

    /// The screen after these statements, all before them cleared.
    fn screen_of(&self, statements: &[&str]) -> String {
        self.press("C-l");
        self.wait_until("an empty screen", |screen| screen == PROMPT);
        statements.iter().for_each(|statement| self.run(statement));
        self.screen()
    }
}

const STATEMENTS: &[&[&str]] = &[
    &[
        "histogram_quantile(0.99, rate(app_response_time_seconds_bucket[5m]))",
        "rate(app_requests_total)",
        "rate(app_requests_total{code=\"503\"}[5m])",
        "app_requests_total / node_load1",
        ".explain sum by (le) (rate(app_response_time_seconds_bucket[5m])) / 60",
    ],
    &[".graph rate(app_requests_total[1m])", ".range newest-2m newest 30s sum(up)", ".metrics process_"],
    &[
        ".mode table",
        "rate(app_requests_total[1m])",
        ".range newest-1m newest 30s app_requests_total",
        "nonesuch",
        "1 + 1",
        ".mode text",
    ],
    &[
        ".let slow = histogram_quantile(0.99, rate(app_response_time_seconds_bucket[5m]))",
        "max by (job) ($slow) + $slwo",
        "max by (job) ($slow[5m])",
        ".labels {job=\"app\", le=~\"0.*\"}",
        ".help watch",
    ],
];

#[test]
fn screens_are_as_their_snapshots() {
    for columns in [60, 100] {
        let Some(terminal) = Terminal::open(columns) else { return };
        for (at, statements) in STATEMENTS.iter().enumerate() {
            insta::assert_snapshot!(format!("{columns}_columns_{at}"), terminal.screen_of(statements));
        }
    }
}

#[test]
fn tab_completes_what_can_stand_there() {
    let Some(terminal) = Terminal::open(99) else { return };
    let complete = |typed: &str, shown: &str| {
        terminal.press("C-u");
        terminal.wait_for_prompt();
        terminal.type_text(typed);
        terminal.press("Tab");
        terminal.wait_for(shown)
    };
    complete("histogram_quan", "> histogram_quantile");
    complete("rate(app_requests_to", "> rate(app_requests_total");
    complete("app_requests_total{j", "> app_requests_total{job=");
    complete("app_requests_total{job=\"a", "> app_requests_total{job=\"app\"");
    complete("sum by (ins", "> sum by (instance");
    complete(".gr", "> .graph");
    // The signature of the function whose arguments are typed.
    complete("deriv(node_lo", "deriv(range vector) → instant vector");
}

#[test]
fn long_and_wide_answers_are_paged() {
    let Some(terminal) = Terminal::open(61) else { return };
    // The screen has 45 lines, and this one is short.
    let short = terminal.screen_of(&["app_requests_total"]);
    assert!(short.contains("\napp_requests_total{") && !short.contains("paged:"), "{short}");
    let long = terminal.screen_of(&["{__name__!=\"\"}"]);
    assert!(long.contains("\npaged:up{"), "{long}");
    // Lines break, tables do not.
    let wide = ["python_info"];
    assert!(!terminal.screen_of(&wide).contains("paged:"));
    terminal.run(".mode table");
    let table = terminal.screen_of(&wide);
    assert!(table.contains("\npaged:python_info"), "{table}");
    terminal.run(".mode text");
    terminal.run(".output /dev/null");
    let elsewhere = terminal.screen_of(&["{__name__!=\"\"}", ".output"]);
    assert!(!elsewhere.contains("up{"), "{elsewhere}");
}

#[test]
fn an_editor_takes_what_is_typed_and_gives_it_back() {
    let Some(terminal) = Terminal::open(62) else { return };
    terminal.wait_for_prompt();
    terminal.type_text("count(UP)");
    terminal.wait_for("> count(UP)");
    terminal.press("C-x");
    terminal.press("C-e");
    terminal.wait_for("count(up)\n{} 3");
    terminal.wait_for_prompt();
    terminal.press("Up");
    terminal.wait_until("the edited statement", |screen| screen.ends_with("> count(up)"));
    terminal.press("C-c");
    terminal.run(".edit sum(UP)");
    terminal.wait_for("sum(up)\n{} 3");
}

#[test]
fn a_watched_query_has_the_screen_to_itself() {
    let Some(terminal) = Terminal::open(63) else { return };
    terminal.run("40 + 2");
    terminal.type_text(".watch 100ms count(up)");
    terminal.wait_for("count(up)");
    terminal.press("Enter");
    let screen = terminal.wait_until("the query's own screen", |screen| screen.starts_with("every 100ms"));
    assert!(!screen.contains("40 + 2"), "{screen}");
    assert!(screen.contains("Ctrl-C ends\ncount(up)\n{} 3"), "{screen}");
    terminal.press("C-c");
    terminal.wait_for_prompt();
}

#[test]
fn what_takes_long_says_so_and_cleans_up() {
    let Some(terminal) = Terminal::open(64) else { return };
    // A minute of work, were it not for Ctrl-C.
    let term = |n| format!("sum(max_over_time(deriv(app_response_time_seconds_bucket[{n}s])[30m:100ms]))");
    let terms: Vec<String> = (600..700).map(term).collect();
    let file = terminal.state.join("long.promql");
    std::fs::write(&file, format!(".range newest-40m newest 50ms {}\n", terms.join(" + "))).expect("a file");
    terminal.wait_for_prompt();
    terminal.type_text(&format!(".source {}", file.display()));
    terminal.wait_for("long.promql");
    terminal.press("Enter");
    terminal.wait_for("evaluating (Ctrl-C cancels) · ");
    terminal.press("C-c");
    let screen = terminal.wait_for_prompt();
    assert!(screen.contains("cancelled") && !screen.contains("evaluating"), "{screen}");
}

#[test]
fn keys_edit_cancel_and_end() {
    let Some(terminal) = Terminal::open(98) else { return };
    let cancel = || {
        terminal.press("C-c");
        terminal.wait_for_prompt();
    };
    // An open bracket continues on the next line, and the history has the whole statement.
    terminal.wait_for_prompt();
    terminal.type_text("sum(");
    terminal.press("Enter");
    terminal.wait_until("a second line", |screen| screen.ends_with("> sum("));
    terminal.type_text("up)");
    terminal.press("Enter");
    terminal.wait_for("{} 3");
    terminal.wait_for_prompt();
    terminal.type_text("1 + ");
    terminal.wait_for("> 1 +");
    cancel();
    terminal.run("40 + 2");
    terminal.wait_for("\n42\n");
    terminal.press("Up");
    terminal.wait_until("the last statement", |screen| screen.ends_with("> 40 + 2"));
    terminal.press("Up");
    terminal.wait_until("the statement before", |screen| screen.ends_with("> sum(\nup)"));
    cancel();
    terminal.type_text(".exit");
    terminal.press("Enter");
    let end = Instant::now() + Duration::from_secs(20);
    // The last session of a server takes the server with it.
    while terminal.tmux(&["has-session"]).status.success() {
        assert!(Instant::now() < end, "the session does not end:\n{}", terminal.screen());
        thread::sleep(Duration::from_millis(20));
    }
}
