//! What a second core brings: every query that takes a millisecond on one thread, on one and on two in turn.

use std::hint::black_box;
use std::time::Instant;

use promql_engine::Engine;
use promql_engine::exec::value::{MatrixSeries, Value};
use promql_engine::storage::MemoryStore;

use super::figure;
use crate::Settings;
use crate::data::Data;
use crate::engines::{TURN_NS, engine_of};
use crate::lists::{self, Question};
use crate::record::{Figure, MACHINE, ONE_THREAD, OTHER_BITS, TWO_THREADS, median};
use crate::suites::cases;

/// Queries that are shorter on one thread, in ns, are not asked of two.
const SHORT_NS: f64 = 1e6;

/// A store, made when it is needed, and what is asked of it: names and questions.
type Part = (Box<dyn Fn() -> MemoryStore>, Vec<(String, Question)>);

fn parts() -> Vec<Part> {
    let named = |questions: Vec<Question>| questions.into_iter().map(|q| (q.name(), q)).collect();
    let mut parts: Vec<Part> = vec![
        (Box::new(|| Data::lists().store()), named(lists::all())),
        (Box::new(|| Data::windows().store()), named(lists::windows())),
        (Box::new(|| Data::large().store()), named(lists::large())),
    ];
    for (suite, store, cases) in cases::suites() {
        let question = |case: cases::Case| {
            let name = format!("{suite}: {}, {} steps", case.query, case.steps());
            let (start_ms, end_ms, step_ms) = (case.start_ms, case.end_ms, case.step_ms);
            (name, Question { list: suite, query: case.query, start_ms, end_ms, step_ms })
        };
        parts.push((Box::new(store), cases.into_iter().map(question).collect()));
    }
    parts
}

pub(crate) fn measure(settings: &Settings) -> Vec<Figure> {
    let mut figures = Vec::new();
    if std::thread::available_parallelism().is_ok_and(|threads| threads.get() < 2) {
        println!("skipped: a second core needs two");
        return figures;
    }
    figures.push(figure(MACHINE, "arithmetic", "×", machine(arithmetic)));
    let (one, two) = (engine_of(1), engine_of(2));
    let mut other_bits = 0;
    for (store, mut questions) in parts() {
        questions.retain(|(name, _)| name.contains(&settings.filter));
        if questions.is_empty() {
            continue;
        }
        let store = store();
        for (name, question) in questions {
            let Some((one_ns, two_ns, same)) = compare(&one, &two, &store, &question, settings.rounds) else {
                continue;
            };
            if !same {
                println!("{name}: other bits at two threads");
                other_bits += 1;
            }
            println!("{:>14.2} ×   the second core: {name}", one_ns / two_ns);
            for (part, value) in [(ONE_THREAD, one_ns), (TWO_THREADS, two_ns)] {
                figures.push(Figure {
                    part: part.to_owned(),
                    name: name.clone(),
                    unit: "ns".to_owned(),
                    value,
                });
            }
        }
    }
    figures.push(figure(OTHER_BITS, "queries", "", f64::from(other_bits)));
    figures
}

/// Medians on one thread and on two, and whether the bits are the same; `None` of a query that is short or fails.
fn compare(
    one: &Engine,
    two: &Engine,
    store: &MemoryStore,
    question: &Question,
    rounds: usize,
) -> Option<(f64, f64, bool)> {
    let ask = |engine: &Engine| {
        engine.range_query(store, &question.query, question.start_ms, question.end_ms, question.step_ms)
    };
    let time = |engine: &Engine| {
        let start = Instant::now();
        black_box(ask(engine).is_ok());
        start.elapsed().as_nanos() as f64
    };
    let first = ask(one).ok()?;
    if time(one).min(time(one)) < SHORT_NS {
        return None;
    }
    let same = has_same_bits(&first.value, &ask(two).ok()?.value);
    drop(first);
    let (mut ones, mut twos) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        for (engine, times) in [(one, &mut ones), (two, &mut twos)] {
            let turn = Instant::now();
            loop {
                times.push(time(engine));
                if turn.elapsed().as_nanos() as f64 >= TURN_NS {
                    break;
                }
            }
        }
    }
    let one_ns = median(&mut ones)?;
    (one_ns >= SHORT_NS).then_some((one_ns, median(&mut twos)?, same))
}

fn has_same_bits(a: &Value, b: &Value) -> bool {
    let (Value::Matrix(a), Value::Matrix(b)) = (a, b) else { return false };
    let floats = |a: &MatrixSeries, b: &MatrixSeries| {
        let bits = |series: &MatrixSeries| -> Vec<(i64, u64)> {
            series.floats.iter().map(|(time, value)| (*time, value.to_bits())).collect()
        };
        bits(a) == bits(b)
    };
    // A histogram's text has all digits of its numbers.
    let histograms =
        |a: &MatrixSeries, b: &MatrixSeries| format!("{:?}", a.histograms) == format!("{:?}", b.histograms);
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| a.labels == b.labels && floats(a, b) && histograms(a, b))
}

/// How many times faster two threads do this than one does it twice: what this machine's second core has to give.
fn machine(work: fn() -> u64) -> f64 {
    let time = |run: &dyn Fn()| {
        let start = Instant::now();
        run();
        start.elapsed().as_nanos() as f64
    };
    let (mut ones, mut twos) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        ones.push(time(&|| _ = black_box((work(), work()))));
        twos.push(time(&|| {
            std::thread::scope(|scope| {
                scope.spawn(|| black_box(work()));
                black_box(work());
            });
        }));
    }
    median(&mut ones).unwrap_or_default() / median(&mut twos).unwrap_or(1.0)
}

/// Some ten milliseconds in registers.
fn arithmetic() -> u64 {
    let mut state = black_box(0x9e37_79b9_7f4a_7c15_u64);
    for _ in 0..5_000_000 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    state
}
