//! Plans and costs as JSON, in the envelope and the words of Prometheus' HTTP API.

use promql_engine::engine::{CostEstimate, NodeFigures, PlanNode, PreparedQuery, QueryStatistics};
use serde_json::{Map, Value, json};

/// What a query would cost: `{"status":"success","data":{"estimate":…}}` and a line break, as `/api/v1/query_cost` answers.
pub(crate) fn estimate(estimate: &CostEstimate) -> String {
    envelope(json!({ "estimate": estimated(estimate) }))
}

/// A plan and its estimated cost and, where it was executed, what each part and all of it cost.
pub(crate) fn plan(
    prepared: &PreparedQuery,
    nodes: &[PlanNode],
    estimate: &CostEstimate,
    executed: Option<(&[NodeFigures], &QueryStatistics)>,
) -> String {
    let all: Vec<Value> = nodes
        .iter()
        .enumerate()
        .map(|(at, node)| {
            let mut out = Map::new();
            let mut set = |name: &str, value: Value| out.insert(name.to_owned(), value);
            set("depth", node.depth.into());
            set("operator", node.operator.as_str().into());
            set("start", node.span.start.into());
            set("end", node.span.end.into());
            set("steps", node.steps.into());
            if let Some(request) = &node.asks {
                set("reads", json!({ "startMs": request.start_ms, "endMs": request.end_ms }));
            }
            if let Some(of) = node.selector.and_then(|index| estimate.selectors.get(index)) {
                set("estimated", json!({ "seriesTouched": of.series, "samplesRead": of.samples_read }));
            }
            if let Some(figures) = executed.and_then(|(figures, _)| figures.get(at)) {
                if let Some(series) = figures.series {
                    set("series", series.into());
                    set("samples", figures.samples.into());
                }
                set("samplesRead", figures.samples_read.into());
                set("seconds", figures.elapsed.as_secs_f64().into());
                set("bytes", figures.bytes.into());
            }
            Value::Object(out)
        })
        .collect();
    let passes: Vec<Value> = prepared
        .passes()
        .iter()
        .filter(|figures| figures.attempted > 0)
        .map(|figures| {
            json!({ "name": figures.pass.name(), "attempted": figures.attempted, "changed": figures.changed })
        })
        .collect();
    let mut data = json!({ "plan": all, "passes": passes, "estimated": estimated(estimate) });
    if let Some((_, statistics)) = executed {
        data["actual"] = json!({
            "seriesTouched": statistics.series,
            "samplesRead": statistics.samples_read,
            "peakSamples": statistics.peak_samples,
        });
    }
    envelope(data)
}

fn estimated(estimate: &CostEstimate) -> Value {
    json!({ "seriesTouched": estimate.series, "samplesRead": estimate.samples_read })
}

fn envelope(data: Value) -> String {
    format!("{}\n", json!({ "status": "success", "data": data }))
}
