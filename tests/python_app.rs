//! The three queries of the README, asked of a Python service that really runs: `examples/python_app` is started, given
//! traffic and scraped, and the answers are held against what the application and its traffic say of themselves.
//!
//! The interpreter is `$PYTHON`, else `python3`; where it or its packages are missing, the test says so and passes.

#![cfg(all(unix, feature = "formats"))]

mod skipped;

#[path = "python_app/expected.rs"]
mod expected;
#[path = "python_app/service.rs"]
mod service;

use std::{collections::BTreeMap, thread, time::Duration};

use promql_engine::{
    Engine,
    exec::value::{SampleValue, Value},
    formats::{self, Format, ReadOptions},
    model::Labels,
    storage::MemoryStore,
};
use service::{Service, Traffic};

const REQUESTS: u32 = 60;
/// Scrapes while the requests run, which takes some five seconds.
const SCRAPES: usize = 21;
const PAUSE: Duration = Duration::from_millis(250);
/// What lies between two scrapes in the store: as in a server, so that the ranges of the queries hold what they would there.
const INTERVAL_MS: i64 = 15_000;
const BEGIN_MS: i64 = 1_800_000_000_000;

/// The formats that the application answers in, and how a scraper asks for each.
const FORMATS: [(Format, &str); 2] = [
    (Format::OpenMetrics, "application/openmetrics-text; version=1.0.0"),
    (Format::Prometheus, "text/plain; version=0.0.4"),
];

/// The scrapes in one format: as texts, and as a store.
struct History {
    format: Format,
    store: MemoryStore,
    texts: Vec<String>,
}

impl History {
    fn new(format: Format) -> Self {
        Self { format, store: MemoryStore::new(), texts: Vec::new() }
    }

    fn newest_ms(&self) -> i64 {
        BEGIN_MS + INTERVAL_MS * (self.texts.len() as i64 - 1)
    }

    /// Adds a scrape at the next time.
    fn receive(&mut self, text: String) {
        assert_eq!(formats::sniff(text.as_bytes()), self.format, "{text}");
        self.texts.push(text);
        let options = ReadOptions { default_timestamp_ms: Some(self.newest_ms()), ..ReadOptions::default() };
        let text = self.texts.last().expect("just added").as_bytes();
        formats::load("a scrape", text, &options, &mut self.store).expect("a scrape that can be read");
    }

    /// The float samples of a query at the newest scrape.
    fn ask(&self, query: &str) -> Vec<(Labels, f64)> {
        let answer = Engine::default().instant_query(&self.store, query, self.newest_ms()).expect(query);
        assert!(answer.annotations.is_empty(), "{query}: {:?}", answer.annotations);
        let Value::Vector(samples) = answer.value else { panic!("{query}: {:?}", answer.value) };
        let float = |value| if let SampleValue::Float(value) = value { value } else { panic!("{query}") };
        samples.into_iter().map(|sample| (sample.labels, float(sample.value))).collect()
    }

    /// The values of one line of the scrapes, such as `app_requests_total`, with their times.
    fn values(&self, line: &str) -> Vec<(i64, f64)> {
        let times = (0..).map(|scrape| BEGIN_MS + INTERVAL_MS * scrape);
        times.zip(self.texts.iter().map(|text| expected::lines(text)[line])).collect()
    }
}

#[test]
fn a_running_application_answers_the_queries_of_the_readme() {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    if let Err(missing) = service::check(&python) {
        skipped::skipped(missing);
        return;
    }
    let service = Service::start(&python);
    let mut histories = FORMATS.map(|(format, _)| History::new(format));
    let mut scrape = || {
        for (history, (_, accept)) in histories.iter_mut().zip(FORMATS) {
            history.receive(service.get("/metrics", accept));
        }
    };
    scrape();
    let traffic = Traffic::start(&python, service.port, REQUESTS);
    for _ in 1..SCRAPES {
        thread::sleep(PAUSE);
        scrape();
    }
    let (answered, failed) = traffic.finish();
    scrape();
    assert_eq!((answered, failed), (REQUESTS, 0), "requests answered and failed");
    for history in &histories {
        check(history, f64::from(answered));
    }
    #[cfg(feature = "cli")]
    for history in &histories {
        the_program_reads_a_scrape_from_standard_input(history, answered);
    }
}

fn check(history: &History, answered: f64) {
    let format = history.format;
    let name = Labels::from_pairs([("__name__", "app_requests_total")]);
    let nameless = Labels::default();

    // The application counted what its client was answered, and measured each of those.
    assert_eq!(history.ask("app_requests_total"), [(name, answered)], "{format:?}");
    assert_eq!(history.ask("app_response_time_seconds_count")[0].1, answered, "{format:?}");

    let end = history.newest_ms();
    let rate = expected::rate(&history.values("app_requests_total"), end, 60_000);
    close(&history.ask("rate(app_requests_total[1m])"), &nameless, rate);
    // Wherever the counter grew within the last minute, there is something to see; over all scrapes it surely did.
    assert!(expected::rate(&history.values("app_requests_total"), end, 300_000) > 0.0, "{format:?}");

    let buckets: Vec<(f64, f64)> = expected::lines(&history.texts[0])
        .keys()
        .filter_map(|line| {
            let bound = line.strip_prefix("app_response_time_seconds_bucket{le=\"")?.strip_suffix("\"}")?;
            let growth = expected::rate(&history.values(line), end, 300_000);
            Some((bound.parse().expect("a bound"), growth))
        })
        .collect();
    assert_eq!(buckets.len(), 11, "{format:?}: {buckets:?}");
    let quantile = expected::quantile(0.99, buckets);
    // The application sleeps for some 12 to 30 ms a request, and never longer than four seconds.
    assert!(quantile > 0.005 && quantile <= 5.0, "{format:?}: {quantile}");
    let query = "histogram_quantile(0.99, rate(app_response_time_seconds_bucket[5m]))";
    close(&history.ask(query), &nameless, quantile);
}

/// One series of these labels, its value equal but for rounding.
fn close(answer: &[(Labels, f64)], labels: &Labels, value: f64) {
    let [(found, number)] = answer else { panic!("not one series: {answer:?}") };
    assert_eq!(found, labels);
    assert!((number - value).abs() <= 1e-12 * value.abs(), "{number} is not {value}");
}

/// As the example's README has it: `curl -s localhost:8000/metrics | promql query 'app_requests_total' -`.
#[cfg(feature = "cli")]
fn the_program_reads_a_scrape_from_standard_input(history: &History, answered: u32) {
    use std::{
        io::Write,
        process::{Command, Stdio},
    };
    let mut program = Command::new(env!("CARGO_BIN_EXE_promql"))
        .args(["query", "app_requests_total", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let scrape = history.texts.last().expect("scrapes");
    let mut input = program.stdin.take().expect("a pipe");
    input.write_all(scrape.as_bytes()).expect("the program reads");
    drop(input);
    let output = program.wait_with_output().expect("the program ends");
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("app_requests_total {answered}\n"));
}

/// The lines of a scrape by what stands before their value.
type Lines = BTreeMap<String, f64>;
