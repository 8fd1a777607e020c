//! Ctrl-C cancels the query that runs, and the session goes on.

#![cfg(all(unix, feature = "cli"))]

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

/// A query that takes many seconds on any machine: 100 terms that have nothing in common but the metric, each with 48,000
/// steps over subqueries of 18,000 steps, for 22 series.
fn long_query() -> String {
    let term = |n| format!("sum(max_over_time(deriv(app_response_time_seconds_bucket[{n}s])[30m:100ms]))");
    let terms: Vec<String> = (600..700).map(term).collect();
    format!(".range newest-40m newest 50ms {}\n", terms.join(" + "))
}

#[test]
fn an_interrupt_cancels_the_query_and_not_the_session() {
    let mut session = Command::new(env!("CARGO_BIN_EXE_promql"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = session.stdin.take().expect("a pipe");
    let mut output = BufReader::new(session.stdout.take().expect("a pipe"));
    let mut line = String::new();
    input.write_all(b"40 + 2\n").expect("the session reads");
    output.read_line(&mut line).expect("the session answers");
    assert_eq!(line, "42\n");

    input.write_all(long_query().as_bytes()).expect("the session reads");
    // Long enough for the query to have begun, far too short for it to end.
    thread::sleep(Duration::from_secs(1));
    let sent = Command::new("kill").args(["-INT", &session.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
    input.write_all(b"1 + 1\n").expect("the session still reads");
    drop(input);
    let mut rest = String::new();
    output.read_to_string(&mut rest).expect("the session answers");
    let ended = session.wait_with_output().expect("the session ends");
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(rest, "2\n", "{errors}");
    assert!(errors.contains("cancelled"), "{errors}");
    // A statement failed, so the exit code says so.
    assert_eq!(ended.status.code(), Some(1));
}
