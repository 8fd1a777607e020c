//! The command line and the session, case by case: every file of `tests/cli/` is a page of commands and what they print.
//!
//! A new case is a new ```console block; see `tests/console/mod.rs` for the rules.

#![cfg(all(unix, feature = "cli"))]

mod console;

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

#[test]
fn every_page_of_commands_prints_what_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli");
    let mut pages: Vec<_> = std::fs::read_dir(&folder)
        .expect("tests/cli is there")
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.sort();
    assert!(pages.len() >= 5, "pages went missing: {pages:?}");
    let mut failed = Vec::new();
    for page in &pages {
        let run = std::panic::catch_unwind(|| console::check(page, &folder.join("data")));
        match run {
            Ok(commands) => println!("{}: {commands} commands", page.display()),
            Err(_) => failed.push(page.display().to_string()),
        }
    }
    assert!(failed.is_empty(), "pages that print something else: {failed:?}");
}

/// Answers each request with the next of these bodies, the last again and again; gives its address.
fn serve(bodies: Vec<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    thread::spawn(move || {
        for (at, stream) in listener.incoming().enumerate() {
            let Ok(mut stream) = stream else { continue };
            let mut head = BufReader::new(&stream);
            let mut line = String::new();
            while head.read_line(&mut line).is_ok_and(|read| read > 2) {
                line.clear();
            }
            let body = bodies[at.min(bodies.len() - 1)];
            let status = if body.is_empty() { "503 Service Unavailable" } else { "200 OK" };
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            )
            .ok();
        }
    });
    address
}

/// What the program prints, both streams, for these arguments; `ADDRESS` in them is the server's, and in the output again.
fn run(address: &str, arguments: &[&str]) -> String {
    let arguments: Vec<String> = arguments.iter().map(|text| text.replace("ADDRESS", address)).collect();
    let mut command = Command::new(env!("CARGO_BIN_EXE_promql"));
    let output = command.args(&arguments).env("XDG_CONFIG_HOME", "/nonexistent").output().expect("it runs");
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&text).replace(address, "ADDRESS")
}

/// A session on pipes.
fn session() -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_promql"));
    command.arg("--no-init").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().expect("it runs")
}

const FIRST: &str =
    "# TYPE jobs_total counter\njobs_total{queue=\"mail\"} 3\njobs_total{queue=\"print\",job=\"own\"} 5\n";

#[test]
fn an_address_is_scraped_once() {
    let address = serve(vec![FIRST]);
    assert_eq!(
        run(&address, &["query", "jobs_total", "http://ADDRESS"]),
        "jobs_total{exported_job=\"own\", instance=\"ADDRESS\", job=\"scrape\", queue=\"print\"} 5\n\
         jobs_total{instance=\"ADDRESS\", job=\"scrape\", queue=\"mail\"} 3\n"
    );
    assert_eq!(
        run(&address, &["query", "scrape_samples_scraped == 2 and on() up == 1", "http://ADDRESS/metrics"]),
        "scrape_samples_scraped{instance=\"ADDRESS\", job=\"scrape\"} 2\n"
    );
}

#[test]
fn an_address_that_gives_no_metrics_is_an_error() {
    let query = ["query", "up", "http://ADDRESS"];
    assert_eq!(
        run(&serve(vec![""]), &query),
        "error: cannot read http://ADDRESS: the server answered with status 503\n"
    );
    assert_eq!(
        run(&serve(vec!["jobs_total{\n"]), &query),
        "error: cannot read http://ADDRESS:1:12: expected a label name or \"}\", found the end of the line\n"
    );
    // Nobody listens there any more.
    let address = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").to_string();
    assert!(run(&address, &query).contains("refused"));
    assert!(
        run(&address, &["query", "up", "https://ADDRESS"]).contains("no TLS here; `curl -s https://ADDRESS")
    );
}

#[test]
fn scrapes_write_what_a_server_writes() {
    let second = "jobs_total{queue=\"mail\"} 4\njobs_total{queue=\"fax\"} 1 1000\n";
    let address = serve(vec![FIRST, second, "", FIRST, "jobs_total 1\n} broken"]);
    let scrape = format!(
        ".scrape http://{address}/metrics\nup\njobs_total\nscrape_samples_scraped\nscrape_series_added\n"
    );
    let statements = scrape.repeat(5) + ".scrape off\n{__name__=~\"up|jobs_total\"}\n";
    // On standard input, as a statement that fails must not be the last.
    let mut child = session();
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(statements.as_bytes()).expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stdout).replace(&address, "ADDRESS");
    insta::assert_snapshot!(text);
}

#[test]
fn scrapes_go_on_in_the_background() {
    let address = serve(vec![FIRST]);
    let mut child = session();
    let mut input = child.stdin.take().expect("a pipe");
    let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    writeln!(input, ".scrape http://{address} --every 20ms --job api").expect("it reads");
    output.read_line(&mut line).expect("it answers");
    assert_eq!(line.replace(&address, "ADDRESS"), "http://ADDRESS: 2 samples\n");
    // Until there are four, which takes 60 ms, or a while on a busy machine.
    for _ in 0..2000 {
        writeln!(input, "count_over_time(up{{job=\"api\"}}[1h]) > bool 3").expect("it reads");
        line.clear();
        output.read_line(&mut line).expect("it answers");
        if line.ends_with(" 1\n") {
            break;
        }
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(line.replace(&address, "ADDRESS"), "{instance=\"ADDRESS\", job=\"api\"} 1\n");
    writeln!(input, ".scrape\n.scrape off\n.scrape\nabsent(up{{job=\"api\"}})").expect("it reads");
    drop(input);
    let mut rest = String::new();
    output.read_to_string(&mut rest).expect("it answers");
    let rest = rest.replace(&address, "ADDRESS");
    assert!(rest.starts_with("http://ADDRESS · every 20ms · "), "{rest}");
    assert!(rest.ends_with(" · up, 2 samples\n{job=\"api\"} 1\n"), "{rest}");
    child.wait().expect("it ends");
}
