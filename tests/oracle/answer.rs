//! The oracle's answers in the plain shape.

use std::collections::BTreeSet;

use promql_engine::testing::answer::{Answer, Failure, Outcome, Stage};
use serde_json::Value;

use super::shape::shape;

/// Prometheus' answer.
pub(crate) struct Expected {
    pub(crate) outcome: Outcome,
    /// Whether the order of a vector counts.
    pub(crate) ordered: bool,
}

/// Reads an answer.
pub(crate) fn parse(row: &Value) -> Result<Expected, String> {
    let expected = &row["expected"];
    let ordered = expected["order_significant"].as_bool() == Some(true);
    if let Some(message) = expected["error"].as_str() {
        let stage = match expected["stage"].as_str() {
            Some("parse") => Stage::Parse,
            Some("exec") if expected["error_type"] == "execution" => Stage::Execution,
            // What the loader refused, too.
            _ => Stage::Interrupted,
        };
        return Ok(Expected { outcome: Err(Failure { stage, message: message.to_owned() }), ordered });
    }
    let texts = |field: &str| -> BTreeSet<String> {
        let list = expected[field].as_array().into_iter().flatten();
        list.filter_map(|text| text.as_str().map(str::to_owned)).collect()
    };
    let answer = Answer { value: shape(expected)?, warnings: texts("warnings"), infos: texts("infos") };
    Ok(Expected { outcome: Ok(answer), ordered })
}
