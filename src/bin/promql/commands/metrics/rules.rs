//! The conventions, a function each.

use std::collections::HashSet;

use promql_engine::storage::MetricType;

use super::{Finding, family::Family, units};

/// What a family has against it.
pub(super) fn check(family: &Family) -> Vec<Finding> {
    let rules: [fn(&Family, &mut Vec<Finding>); 8] =
        [help, unit, total, reserved_suffix, reserved_label, type_in_name, characters, twice];
    let mut findings = Vec::new();
    for rule in rules {
        rule(family, &mut findings);
    }
    findings
}

fn help(family: &Family, findings: &mut Vec<Finding>) {
    if !family.has_help {
        findings.push(family.finding("no-help", "there is no help text"));
    }
}

fn unit(family: &Family, findings: &mut Vec<Finding>) {
    if let Some((unit, base)) = units::unit(&family.name)
        && unit != base
    {
        findings.push(family.finding("base-unit", format!("the base unit is `{base}`, not `{unit}`")));
    }
    if let Some(word) = units::abbreviation(&family.name) {
        findings
            .push(family.finding("abbreviated-unit", format!("`{word}` abbreviates a unit: write it out")));
    }
}

fn total(family: &Family, findings: &mut Vec<Finding>) {
    let ends = family.name.ends_with("_total");
    // Of an OpenMetrics counter the series end so, and the family does not.
    let series_end = family
        .samples
        .iter()
        .any(|(_, labels, _)| labels.metric_name().is_some_and(|name| name.ends_with("_total")));
    match family.metric_type {
        MetricType::Unknown => {}
        MetricType::Counter if !ends && !series_end => {
            findings.push(family.finding("no-total", "the name of a counter ends in `_total`"));
        }
        MetricType::Counter => {}
        other if ends => {
            let message = format!("the name of a {} does not end in `_total`", other.name());
            findings.push(family.finding("total", message));
        }
        _ => {}
    }
}

fn reserved_suffix(family: &Family, findings: &mut Vec<Finding>) {
    let is_histogram = matches!(family.metric_type, MetricType::Histogram | MetricType::GaugeHistogram);
    let is_summary = family.metric_type == MetricType::Summary;
    if family.metric_type == MetricType::Unknown {
        return;
    }
    let reserved = [
        ("_bucket", is_histogram),
        ("_count", is_histogram || is_summary),
        ("_sum", is_histogram || is_summary),
    ];
    for (suffix, may) in reserved {
        if family.name.ends_with(suffix) && !may {
            let of = if suffix == "_bucket" { "histograms" } else { "histograms and summaries" };
            findings.push(family.finding("reserved-suffix", format!("`{suffix}` is for {of}")));
        }
    }
}

fn reserved_label(family: &Family, findings: &mut Vec<Finding>) {
    let is_histogram = matches!(family.metric_type, MetricType::Histogram | MetricType::GaugeHistogram);
    let reserved = [
        ("le", is_histogram, "histograms"),
        ("quantile", family.metric_type == MetricType::Summary, "summaries"),
    ];
    for (label, may, of) in reserved {
        if family.metric_type == MetricType::Unknown || may {
            continue;
        }
        if let Some((line, ..)) = family.samples.iter().find(|(_, labels, _)| labels.get(label).is_some()) {
            findings.push(family.finding_at(
                *line,
                "reserved-label",
                format!("the label `{label}` is for {of}"),
            ));
        }
    }
}

fn type_in_name(family: &Family, findings: &mut Vec<Finding>) {
    let name = family.name.to_lowercase();
    let word = family.metric_type.name();
    if family.metric_type != MetricType::Unknown && name.split('_').skip(1).any(|part| part == word) {
        findings.push(family.finding("type-in-name", format!("the name says `{word}`, which its type does")));
    }
}

fn characters(family: &Family, findings: &mut Vec<Finding>) {
    if family.name.contains(':') {
        findings.push(family.finding("colon", "`:` is for the names of recording rules"));
    }
    if is_camel_case(&family.name) {
        findings.push(family.finding("camel-case", "names are written in snake_case"));
    }
    let mut known = HashSet::new();
    for (line, labels, _) in &family.samples {
        for (label, _) in labels.iter() {
            if is_camel_case(label) && known.insert(label) {
                let message = format!("the label `{label}` is not written in snake_case");
                findings.push(family.finding_at(*line, "camel-case", message));
            }
        }
    }
}

fn twice(family: &Family, findings: &mut Vec<Finding>) {
    let mut known = HashSet::new();
    for (line, labels, time_ms) in &family.samples {
        if !known.insert((labels, time_ms)) {
            findings.push(family.finding_at(*line, "duplicate", format!("a second sample of {labels}")));
        }
    }
}

/// Whether a capital follows a small letter.
fn is_camel_case(name: &str) -> bool {
    name.as_bytes().windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
}
