//! Rows of `series.jsonl`: a line of the `load` notation and what Prometheus reads in it.

use promql_engine::formats::series::{SequenceValue, SeriesLine, parse_series};
use promql_engine::model::{STALE_NAN, number};
use promql_engine::testing::compare::Tolerance;
use serde_json::Value;

use super::shape::histogram_of;

pub(crate) fn check_row(row: &Value) -> Result<(), String> {
    let input = row["input"].as_str().ok_or("a row without an input")?;
    match (row["ok"].as_bool(), parse_series(input)) {
        (Some(true), Ok(line)) => check_line(row, &line),
        (Some(true), Err(error)) => Err(format!("refused: {error}")),
        (_, Err(_)) => Ok(()),
        (_, Ok(_)) => Err(format!("accepted; expected {}", row["error"])),
    }
}

fn check_line(row: &Value, line: &SeriesLine) -> Result<(), String> {
    let labels: serde_json::Map<String, Value> =
        line.labels.iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    if row["labels"] != Value::Object(labels.clone()) {
        return Err(format!("expected labels {}, got {labels:?}", row["labels"]));
    }
    let expected = row["values"].as_array().ok_or("a row without values")?;
    let wanted = row["values_len"].as_u64().map_or(expected.len(), |length| length as usize);
    if line.values.len() != wanted {
        return Err(format!("expected {wanted} values, got {}", line.values.len()));
    }
    for (index, (expected, got)) in expected.iter().zip(&line.values).enumerate() {
        if !same_value(expected, got)? {
            return Err(format!("value {index}: expected {expected}, got {got:?}"));
        }
    }
    Ok(())
}

fn same_value(expected: &Value, got: &SequenceValue) -> Result<bool, String> {
    Ok(match (expected, got) {
        (Value::Null, SequenceValue::Omitted) => true,
        (Value::String(text), SequenceValue::Float(value)) => {
            let expected = if text == "stale" {
                STALE_NAN
            } else {
                number::parse_float(text).map_err(|error| format!("{text}: {error:?}"))?
            };
            Tolerance::EXACT.floats(expected, *value)
        }
        (Value::Object(parts), SequenceValue::Histogram { histogram, hint_set }) => {
            let expression = parts["histogram"].as_str().unwrap_or_default();
            parts["hint_set"].as_bool() == Some(*hint_set)
                && Tolerance::EXACT.histograms(&histogram_of(expression)?, histogram)
        }
        _ => false,
    })
}
