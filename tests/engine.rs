//! The engine through its public API: the two ways to ask it, and what it refuses.

use promql_engine::{
    Engine, EngineOptions, ErrorKind, MatchClash, MatchClashKind, MatchSide, QueryError,
    exec::value::{SampleValue, Value},
    model::Labels,
    storage::{MemoryStore, Storage},
    syntax::{ParserOptions, SyntaxErrorKind},
    testing::faulty_store::{Fault, FaultyStore},
};

fn store() -> MemoryStore {
    let mut store = MemoryStore::default();
    for (instance, slope) in [("a", 1.0), ("b", 3.0)] {
        let labels = Labels::from_pairs([("__name__", "requests_total"), ("instance", instance)]);
        for k in 0..40 {
            store.append(&labels, k * 15_000, k as f64 * slope).unwrap();
        }
    }
    store
}

fn floats(value: &Value) -> Vec<(String, f64)> {
    let Value::Vector(samples) = value else { panic!("{value:?}") };
    samples
        .iter()
        .map(|sample| match &sample.value {
            SampleValue::Float(value) => (sample.labels.to_string(), *value),
            SampleValue::Histogram(_) => panic!("a histogram"),
        })
        .collect()
}

#[test]
fn an_instant_query_answers() {
    let (engine, store) = (Engine::default(), store());
    let ask = |query: &str| floats(&engine.instant_query(&store, query, 600_000).unwrap().value);
    assert_eq!(
        ask("rate(requests_total[1m])"),
        [("{instance=\"a\"}".to_owned(), 1.0 / 15.0), ("{instance=\"b\"}".to_owned(), 0.2)]
    );
    assert_eq!(ask("sum(requests_total)"), [("{}".to_owned(), 156.0)]);
    assert_eq!(ask("topk(1, requests_total) > 100"), [("requests_total{instance=\"b\"}".to_owned(), 117.0)]);
    assert_eq!(
        ask("requests_total / on(instance) requests_total"),
        [("{instance=\"a\"}".to_owned(), 1.0), ("{instance=\"b\"}".to_owned(), 1.0)]
    );
    assert_eq!(ask("max_over_time(sum(requests_total)[5m:1m])"), [("{}".to_owned(), 156.0)]);
}

#[test]
fn a_host_may_fetch_by_itself() {
    let (engine, store) = (Engine::default(), store());
    let prepared = engine.prepare_range("sum(rate(requests_total[1m]))", 60_000, 120_000, 30_000).unwrap();
    let [request] = prepared.requests() else { panic!("{:?}", prepared.requests()) };
    assert_eq!((request.start_ms, request.end_ms), (1, 120_000));
    assert_eq!(request.hints.function, Some("rate"));
    let fetched = vec![store.select(request).unwrap()];
    let Value::Matrix(series) = prepared.execute(&fetched).unwrap().value else { panic!("no matrix") };
    assert_eq!(series.len(), 1);
    assert_eq!(series[0].floats.len(), 3);
}

#[test]
fn limits_and_cancellation_are_typed_errors() {
    let store = store();
    let kind = |options: EngineOptions, query: &str| match Engine::new(options)
        .range_query(&store, query, 0, 600_000, 1000)
    {
        Err(QueryError::Evaluation(error)) => error.kind,
        other => panic!("{other:?}"),
    };
    let mut options = EngineOptions::default();
    options.max_steps = 100;
    let limit = |limit, value| ErrorKind::LimitExceeded { limit, value };
    assert_eq!(kind(options, "requests_total"), limit("max_steps", 100));
    let mut options = EngineOptions::default();
    options.max_samples = 100;
    assert_eq!(kind(options, "requests_total"), limit("max_samples", 100));
    let options = EngineOptions::default();
    options.cancellation.cancel();
    assert_eq!(kind(options, "sum(requests_total)"), ErrorKind::Cancelled);
}

#[test]
fn a_long_chain_of_operators_needs_no_deep_stack() {
    let (engine, store) = (Engine::default(), store());
    let chain = vec!["requests_total"; 5000].join(" + ");
    let answer = engine.instant_query(&store, &chain, 15_000).unwrap();
    assert_eq!(floats(&answer.value)[0].1, 5000.0);
    let chain = format!("sum(requests_total{})", " + 1".repeat(20_000));
    let answer = engine.instant_query(&store, &chain, 15_000).unwrap();
    assert!(floats(&answer.value)[0].1 > 40_000.0);
    let chain = vec!["1"; 20_000].join(" + ");
    let answer = engine.instant_query(&store, &chain, 0).unwrap();
    assert_eq!(answer.value, Value::Scalar { time_ms: 0, value: 20_000.0 });
}

#[test]
fn failed_matches_name_every_series_in_the_way() {
    let mut store = MemoryStore::default();
    for (name, instance, until) in
        [("m", "a", 9), ("m", "b", 9), ("m", "c", 5), ("one", "a", 9), ("n", "a", 9), ("n", "b", 9)]
    {
        let labels = Labels::from_pairs([("__name__", name), ("instance", instance), ("job", "j")]);
        for k in 3..until {
            store.append(&labels, k * 60_000, 1.0).unwrap();
        }
    }
    let engine = Engine::default();
    let fail = |query: &str| match engine.range_query(&store, query, 0, 600_000, 60_000) {
        Err(QueryError::Evaluation(error)) => (error.to_string(), error.kind),
        other => panic!("{query}: {other:?}"),
    };
    let clash = |query: &str| {
        let (text, kind) = fail(query);
        let ErrorKind::ManyToMany(clash) = kind else { panic!("{query}: {kind:?}") };
        let texts = |list: &[Labels]| list.iter().map(Labels::to_string).collect::<Vec<_>>().join(" ");
        let MatchClash { kind, side, time_ms, .. } = *clash;
        (text, (kind, side, time_ms), clash.group.to_string(), texts(&clash.series), texts(&clash.partners))
    };
    let all = "m{instance=\"a\", job=\"j\"} m{instance=\"b\", job=\"j\"} m{instance=\"c\", job=\"j\"}";
    let one = "one{instance=\"a\", job=\"j\"}";
    let (text, facts, group, series, partners) = clash("one * on (job) m");
    assert_eq!(
        text,
        "found duplicate series for the match group {job=\"j\"} on the right hand-side of the operation: \
         [{__name__=\"m\", instance=\"a\", job=\"j\"}, {__name__=\"m\", instance=\"b\", job=\"j\"}]\
         ;many-to-many matching not allowed: matching labels must be unique on one side"
    );
    assert_eq!(facts, (MatchClashKind::SeveralOnOneSide, MatchSide::Right, 180_000));
    assert_eq!((&*group, &*series, &*partners), ("{job=\"j\"}", all, one));
    let (_, facts, _, series, _) = clash("m * on (job) group_right n");
    assert_eq!((facts.0, facts.1), (MatchClashKind::SeveralOnOneSide, MatchSide::Left));
    assert_eq!(series, all);

    let (text, facts, group, series, partners) = clash("m * on (job) one");
    assert_eq!(
        text,
        "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
    );
    assert_eq!(facts, (MatchClashKind::GroupingNeeded, MatchSide::Left, 180_000));
    assert_eq!((&*group, &*series, &*partners), ("{job=\"j\"}", all, one));
    let (text, facts, _, series, _) = clash("m * on (job) group_left (instance) one");
    assert_eq!(text, "multiple matches for labels: grouping labels must ensure unique matches");
    assert_eq!(facts, (MatchClashKind::EqualResults, MatchSide::Left, 180_000));
    assert_eq!(series, all);

    // A series that is gone by the time of the clash is not in its way.
    let (_, facts, _, series, _) = clash("(one offset 7m) * on (job) (m offset 1m)");
    assert_eq!(facts.2, 600_000);
    assert_eq!(series, "m{instance=\"a\", job=\"j\"} m{instance=\"b\", job=\"j\"}");

    let (text, kind) = fail("abs({instance=\"a\"})");
    assert_eq!(text, "vector cannot contain metrics with the same labelset");
    let ErrorKind::DuplicateLabelSet { labels, series } = kind else { panic!("{kind:?}") };
    assert_eq!(labels.to_string(), "{instance=\"a\", job=\"j\"}");
    let names: Vec<_> = series.iter().filter_map(|labels| labels.metric_name()).collect();
    assert_eq!(names, ["m", "n", "one"]);
    let relabelled = "label_replace(m, \"instance\", \"x\", \"job\", \".*\")";
    for query in ["rate({instance=\"a\"}[5m])", "-{instance=\"a\"}", relabelled] {
        let (_, kind) = fail(query);
        let ErrorKind::DuplicateLabelSet { series, .. } = kind else { panic!("{query}: {kind:?}") };
        assert_eq!(series.len(), 3, "{query}");
    }
}

/// The data set and the rows of `data/statistics.txt`, each row cut at its bars.
fn recorded_statistics() -> (MemoryStore, Vec<Vec<&'static str>>) {
    let text = include_str!("data/statistics.txt");
    let (load, rows) = text.split_once("\n\n").expect("a data set and rows");
    let mut store = MemoryStore::new();
    promql_engine::formats::load::load_blocks("statistics.txt", load, &mut store).unwrap();
    (store, rows.lines().map(|row| row.split(" | ").collect()).collect())
}

#[test]
fn what_a_query_costs_is_what_prometheus_says() {
    let (store, rows) = recorded_statistics();
    for row in &rows {
        let [query, times, sums, by_step, read_by_step] = row[..] else { panic!("{row:?}") };
        let list = |text: &str| -> Vec<i64> { text.split(' ').map(|n| n.parse().unwrap()).collect() };
        let ask = |threads: usize, max_samples: u64| {
            let mut options = EngineOptions::default();
            options.parser = ParserOptions::all();
            options.statistics_by_step = true;
            (options.threads, options.max_samples) = (threads, max_samples);
            let engine = Engine::new(options);
            match list(times)[..] {
                [time_ms] => engine.instant_query(&store, query, time_ms),
                [start_ms, end_ms, step_ms] => engine.range_query(&store, query, start_ms, end_ms, step_ms),
                _ => panic!("{times}"),
            }
        };
        let own = ask(1, 50_000_000).unwrap_or_else(|error| panic!("{query}: {error}")).statistics;
        let [samples, read, peak, series] =
            [own.samples, own.samples_read, own.peak_samples, own.series].map(|number| number as i64);
        let [.., found] = list(sums)[..] else { panic!("{sums}") };
        assert_eq!(list(sums), [samples, read, peak, found], "{query}");
        // Prometheus' database finds a series, too, whose chunk has samples around the window but none in it.
        assert!(series <= found && found <= series + 1, "{query}: {series}, not {found}");
        let steps = |list: &[u64]| list.iter().map(u64::to_string).collect::<Vec<_>>().join(" ");
        assert_eq!(steps(&own.samples_by_step), by_step, "{query}");
        assert_eq!(steps(&own.samples_read_by_step), read_by_step, "{query}");
        // The same at several threads, and at a limit that just suffices; not at one below.
        assert_eq!(ask(4, own.peak_samples).unwrap().statistics, own, "{query}");
        if let Some(below) = own.peak_samples.checked_sub(1) {
            let Err(QueryError::Evaluation(error)) = ask(2, below) else { panic!("{query} passes {below}") };
            assert_eq!(
                error.kind,
                ErrorKind::LimitExceeded { limit: "max_samples", value: below },
                "{query}"
            );
        }
    }
    assert_eq!(rows.len(), 89);
}

/// An engine with one option changed.
fn engine_with(change: impl Fn(&mut EngineOptions)) -> Engine {
    let mut options = EngineOptions::default();
    options.threads = 2;
    change(&mut options);
    Engine::new(options)
}

#[test]
fn every_limit_names_itself_and_memory_is_given_back() {
    let store = store();
    let both = "sum by (instance) (requests_total * on (instance) requests_total)";
    let fails = |engine: &Engine, store: &dyn Storage, query: &str| {
        let Err(QueryError::Evaluation(error)) = engine.range_query(store, query, 0, 600_000, 1000) else {
            panic!("{query} does not fail");
        };
        assert_eq!(engine.bytes_held(), 0, "{query}");
        error.kind
    };
    let limit = |limit, value| ErrorKind::LimitExceeded { limit, value };

    let engine = engine_with(|options| options.max_steps = 100);
    assert_eq!(fails(&engine, &store, both), limit("max_steps", 100));
    let inside = "count_over_time(requests_total[1h:1s])";
    let Err(QueryError::Evaluation(error)) = engine.instant_query(&store, inside, 0) else { panic!() };
    assert_eq!(error.kind, limit("max_steps", 100));
    let engine = engine_with(|options| options.max_samples = 1201);
    assert_eq!(fails(&engine, &store, both), limit("max_samples", 1201));
    let engine = engine_with(|options| options.max_duration_ms = 0);
    assert_eq!(fails(&engine, &store, both), limit("max_duration_ms", 0));

    // A table of two products: values of 8 bytes and a bit of presence each, 601 steps.
    let table = 2 * 8 * (601 + 10);
    let engine = engine_with(|options| options.max_bytes = table - 1);
    assert_eq!(fails(&engine, &store, both), limit("max_bytes", table - 1));
    let engine = engine_with(|options| options.max_bytes = 3 * table);
    let answer = engine.range_query(&store, both, 0, 600_000, 1000).unwrap();
    assert!((table..=3 * table).contains(&answer.statistics.peak_bytes), "{:?}", answer.statistics);
    assert_eq!(engine.bytes_held(), 0);
    // A label for each value: as many rows as samples.
    let engine = engine_with(|options| options.max_bytes = 100_000);
    assert_eq!(fails(&engine, &store, "count_values(\"v\", requests_total)"), limit("max_bytes", 100_000));

    let engine = engine_with(|options| options.parser.max_nesting = 10);
    let nested = format!("{}1{}", "(".repeat(11), ")".repeat(11));
    let Err(QueryError::Syntax(errors)) = engine.instant_query(&store, &nested, 0) else { panic!() };
    assert_eq!(errors.first().kind, SyntaxErrorKind::NestingTooDeep { limit: 10 });

    // Other ways to end: cancelled, by the data, by the store in the midst of it.
    let engine = engine_with(|options| options.cancellation.cancel());
    assert_eq!(fails(&engine, &store, both), ErrorKind::Cancelled);
    let engine = Engine::default();
    let kind = fails(&engine, &store, "requests_total * on () requests_total");
    assert!(matches!(kind, ErrorKind::ManyToMany(_)), "{kind:?}");
    for reads in 0..4 {
        let faulty = FaultyStore::new(self::store(), Fault::ColumnsFailAfter(reads));
        let kind = fails(&engine, &faulty, both);
        assert!(matches!(kind, ErrorKind::Storage(_)), "{kind:?}");
    }
}

#[test]
fn an_estimate_says_what_a_query_over_regular_samples_costs() {
    let (engine, store) = (Engine::default(), store());
    for (query, start_ms, step_ms) in [
        ("requests_total", 60_000, 60_000),
        ("sum(rate(requests_total[1m]))", 60_000, 60_000),
        ("rate(requests_total[5m])", 300_000, 30_000),
        ("max_over_time(rate(requests_total[1m])[2m:30s])", 300_000, 60_000),
        ("requests_total - requests_total @ 300", 300_000, 60_000),
        ("1 + time()", 300_000, 60_000),
    ] {
        let prepared = engine.prepare_range(query, start_ms, 540_000, step_ms).unwrap();
        let estimate = prepared.estimate(&store).unwrap();
        let actual = prepared.run(&store).unwrap().statistics;
        assert_eq!((estimate.series, estimate.samples_read), (actual.series, actual.samples_read), "{query}");
        assert!(estimate.selectors.iter().all(|selector| selector.is_measured), "{query}");
    }
    // A store that cannot tell has its series counted, and its samples taken to lie a minute apart.
    let blind = FaultyStore::new(self::store(), Fault::Slow(std::time::Duration::ZERO));
    let prepared = engine.prepare_instant("rate(requests_total[5m])", 540_000).unwrap();
    let estimate = prepared.estimate(&blind).unwrap();
    assert_eq!((estimate.series, estimate.samples_read), (2, 10));
    assert!(!estimate.selectors[0].is_measured);
}

/// Where a group keeps a name at some steps only, its rows are looked at beforehand; they count once all the same.
#[test]
fn a_group_of_mixed_names_counts_its_samples_once() {
    let (store, _) = recorded_statistics();
    let mut options = EngineOptions::default();
    options.delayed_name_removal = true;
    let query = "sum by (__name__) (level{instance='a'} or level{instance='b'} * 1)";
    let answer = Engine::new(options).range_query(&store, query, 240_000, 660_000, 60_000).unwrap();
    // As Prometheus counts them.
    let statistics = answer.statistics;
    assert_eq!([statistics.samples, statistics.samples_read, statistics.peak_samples], [11, 11, 24]);
}
