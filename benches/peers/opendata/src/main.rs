//! opendata-timeseries, to be asked by ../rust as `../driver` is: a JSON object a line each way, samples and answers in files.

mod files;

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use timeseries::{Config, TimeSeriesDb};
use tokio::runtime::Runtime;

type Failure = Box<dyn std::error::Error>;

/// Series written at a time.
const BATCH: usize = 100;

fn main() -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut database = None;
    for line in io::stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line?)?;
        let answer = match question["load"].as_str() {
            Some(file) => load(&runtime, Path::new(file)).map(|(loaded, series)| {
                database = Some(loaded);
                json!({ "series": series })
            }),
            None => match &database {
                Some(database) => evaluate(&runtime, database, &question).map(|ns| json!({ "ns": ns })),
                None => Err("no samples are loaded".into()),
            },
        };
        let answer = answer.unwrap_or_else(|error| json!({ "error": error.to_string() }));
        writeln!(io::stdout(), "{answer}")?;
        io::stdout().flush()?;
    }
    Ok(())
}

/// Reads a file into a database in memory.
fn load(runtime: &Runtime, path: &Path) -> Result<(TimeSeriesDb, usize), Failure> {
    let series = files::read(path)?;
    let count = series.len();
    runtime.block_on(async {
        // The default of the storage keeps its objects in memory; the default of the whole would write files.
        let config = Config { storage: Default::default(), ..Config::default() };
        let database = TimeSeriesDb::open(config).await?;
        for batch in series.chunks(BATCH) {
            database.write_timeout(batch.to_vec(), Duration::from_secs(60)).await?;
        }
        database.flush().await?;
        Ok((database, count))
    })
}

/// What each run took, in ns; the first run's answer goes to a file where one is named.
fn evaluate(runtime: &Runtime, database: &TimeSeriesDb, question: &Value) -> Result<Vec<u64>, Failure> {
    let ms = |field: &str| Duration::from_millis(question[field].as_u64().unwrap_or_default());
    let time = |field: &str| -> SystemTime { UNIX_EPOCH + ms(field) };
    let query = question["query"].as_str().ok_or("no query")?;
    let mut times = Vec::new();
    for run in 0..question["runs"].as_u64().unwrap_or(1) {
        let begin = Instant::now();
        let asked = database.query_range(query, time("start_ms")..=time("end_ms"), ms("step_ms"));
        let answer = runtime.block_on(asked)?;
        times.push(begin.elapsed().as_nanos() as u64);
        if let (0, Some(file)) = (run, question["answer"].as_str()) {
            files::write(Path::new(file), &answer)?;
        }
    }
    Ok(times)
}
