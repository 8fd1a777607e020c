//! Blocks, start timestamps and converted histograms, held against what a store then holds.

use std::fmt::Write;

use super::{load_blocks, parse_blocks};
use crate::formats::FormatError;
use crate::model::is_stale;
use crate::storage::{ColumnBuffer, MemoryStore, SelectRequest, Storage};

fn fill(text: &str) -> Result<MemoryStore, FormatError> {
    let mut store = MemoryStore::new();
    load_blocks("load", text, &mut store)?;
    Ok(store)
}

/// All samples as text: `series time:value …`, with `since` a start timestamp.
fn samples(text: &str) -> Vec<String> {
    let store = fill(text).unwrap();
    let set = store.select(&SelectRequest::everything()).unwrap();
    let mut buffer = ColumnBuffer::default();
    (0..set.len())
        .map(|index| {
            let mut out = set.labels(index).to_string();
            let columns = set.columns(index, &mut buffer).unwrap();
            for (at, value) in columns.floats.values.iter().enumerate() {
                let time = columns.floats.timestamps.at(at);
                let value = if is_stale(*value) { "stale".to_owned() } else { value.to_string() };
                write!(out, " {time}:{value}").unwrap();
                match columns.floats.start_timestamps.get(at) {
                    None | Some(0) => {}
                    Some(start) => write!(out, " since {start}").unwrap(),
                }
            }
            for (at, histogram) in columns.histograms.samples.iter().enumerate() {
                let expression = histogram.to_load_expression().unwrap();
                write!(out, " {}:{expression}", columns.histograms.timestamps.at(at)).unwrap();
            }
            out
        })
        .collect()
}

#[test]
fn blocks_fill_a_store_one_after_the_other() {
    let text = "# two blocks\nload 1m\n  a{x=\"1\"} 1+1x2\r\n\tb _ stale\n\nload 90s\n\n# a block without series\nload 5m\na{x=\"1\"} _ 7\n{} _x3";
    assert_eq!(samples(text), [r#"a{x="1"} 0:1 60000:2 120000:3 300000:7"#, r#"b 60000:stale"#]);
    assert_eq!(parse_blocks("load", text).unwrap().len(), 3);
    assert_eq!(parse_blocks("load", "\n# nothing\n").unwrap(), []);
}

#[test]
fn a_series_named_twice_keeps_its_last_line() {
    assert_eq!(samples("load 1s\na 1x5\nb 1\na 2"), [r#"a 0:2"#, r#"b 0:1"#]);
}

#[test]
fn start_timestamps_stand_before_their_samples() {
    assert_eq!(
        samples("load 1m\na@st _ -30s 0sx1 -1s-1msx1 1s+2sx1 _x2\na _ 1x8"),
        [concat!(
            r#"a 60000:1 since 30000 120000:1 since 120000 180000:1 since 180000"#,
            " 240000:1 since 239000 300000:1 since 298999 360000:1 since 361000 420000:1 since 423000",
            " 480000:1 540000:1"
        )]
    );
}

#[test]
fn classic_histograms_are_converted() {
    let text = "load_with_nhcb 1m\n\
        l_bucket{le=\"1\"} 1 2.5\n\
        l_bucket{le=\"+Inf\"} 4 5\n\
        l_bucket{le=\"0.5\"} 0 0\n\
        l_bucket{le=\"no number\"} 9 9\n\
        l_sum 3 4\n\
        only_count 7\n\
        mixed_count {{}} 1";
    let native: Vec<String> = samples(text).into_iter().filter(|line| line.contains("schema:-53")).collect();
    assert_eq!(
        native,
        [
            concat!(
                r#"l 0:{{schema:-53 count:4 sum:3 custom_values:[0.5 1] offset:1 buckets:[1 3]}}"#,
                " 60000:{{schema:-53 count:5 sum:4 custom_values:[0.5 1] offset:1 buckets:[2.5 2.5]}}"
            ),
            r#"mixed 60000:{{schema:-53 count:1 custom_values:[] buckets:[1]}}"#,
            r#"only 0:{{schema:-53 count:7 custom_values:[] buckets:[7]}}"#,
        ]
    );
}

#[test]
fn native_histograms_say_of_a_reset_what_storage_knows() {
    let text = "load 1m\n\
        h {{count:1 buckets:[1]}} {{count:2 buckets:[2]}} {{count:1 buckets:[1]}} {{count:1 buckets:[1] counter_reset_hint:reset}}\n\
        g {{counter_reset_hint:gauge}}x1 {{}}x1 1 {{}}\n\
        n {{schema:-53 custom_values:[1]}}x1 {{schema:-53 custom_values:[2]}}x1\n\n\
        load 10m\nh _ {{count:5 buckets:[5]}}";
    let hints: Vec<String> = samples(text)
        .iter()
        .map(|line| {
            let expressions = line.split("{{").skip(1);
            let hint = |text: &str| match text.split_once("counter_reset_hint:") {
                Some((_, rest)) => rest.split([' ', '}']).next().unwrap_or_default().to_owned(),
                None => "-".to_owned(),
            };
            expressions.map(hint).collect::<Vec<_>>().join(" ")
        })
        .collect();
    assert_eq!(hints, ["gauge gauge - not_reset -", "- not_reset - - not_reset", "- not_reset - not_reset"]);
}

#[test]
fn what_is_wrong_and_where() {
    let table = [
        ("up 1", "load:1:1: expected `load` and a step, found \"up 1\""),
        ("load", "load:1:1: expected a step such as 1m, found the end of the line"),
        ("load 1x\n", "load:1:1: expected a step such as 1m, found \"1x\""),
        ("load 1m\n  up 1,2\n", "load:2:7: expected an item of the series notation, found \",2\""),
        ("load 1m\na@st -1s", "load:2:1: start timestamps stand before the line of their series"),
        (
            "load 1m\na@st -1s\na@st -1s\na 1",
            "load:3:1: start timestamps stand before the line of their series",
        ),
        ("load 1m\na@st -1s\nb 1", "load:3:1: start timestamps stand before the line of their series"),
        ("load 1m\na@st -1s\na 1 2", "load:3:1: there are not as many start timestamps as samples"),
        ("load 1m\na@st 0s -1\na 1 2", "load:2:9: expected a duration such as -1m, or `_`, found \"-1\""),
        ("load 1m\na@st -1sx\na 1 2", "load:2:6: expected a number of times behind `x`, found \"-1sx\""),
        ("load 1m\na@st 0sx99999999999\na 1", "load:2:6: more than max_values = 8388608"),
        ("load 290y\na 1x2000000", "load:2:1: a second sample of a at 9223372036854775807 ms"),
        ("load 1m\na 1x5000000\nb 1x5000000", "load:3:3: more than max_values = 8388608"),
        ("load 1m\nm{a=\"1\",a=\"2\"} 1", "load:2:9: the label \"a\" stands twice"),
        ("load 1m\n{} 1", "load:2:1: a series needs a label"),
        ("load 0s\na 1 2", "load:2:1: a second sample of a at 0 ms"),
        ("load 1m\na {{schema:9}}", "load:2:1: the histogram's schema is 9, not one of -4 to 8 or -53"),
        (
            "load_with_nhcb 1m\na_bucket{le=\"1\"} 2\na_bucket{le=\"2\"} 1",
            "load:1:1: a classic histogram is none: a bucket counts more than a wider one",
        ),
        (
            "load_with_nhcb 1m\na_bucket 2",
            "load:1:1: a classic histogram is none: its buckets have no label le",
        ),
        (
            "load_with_nhcb 1m\na_sum 2",
            "load:1:1: a classic histogram is none: it has neither buckets nor a count",
        ),
    ];
    for (text, message) in table {
        let found = fill(text).map(|_| ()).map_err(|e| e.to_string()).unwrap_err();
        if found != message {
            eprintln!("XX {text:?}\n  {found}\n  {message}");
        }
    }
}
