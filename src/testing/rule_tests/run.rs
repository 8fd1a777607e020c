//! Runs a test: series and rules through time, then what was expected.

use super::file::{AlertTest, ExpectedAlert, ExpectedSample, ExpressionTest, RuleTest, RuleTestFile};
use super::reached::{Reached, asked};
use super::report::{RuleTestFailure, RuleTestReport};
use crate::engine::{Engine, EngineOptions};
use crate::exec::value::{SampleValue, Value, VectorSample};
use crate::formats::load::{LoadSample, append_sample};
use crate::model::Labels;
use crate::model::histogram::FloatHistogram;
use crate::model::number::push_float;
use crate::rules::{Group, GroupOptions, RuleGroup};
use crate::storage::MemoryStore;
use crate::syntax::write_duration;

/// How often a test may evaluate its rules.
const MAX_EVALUATIONS: i64 = 1_000_000;
/// How many samples a query may load, as with promtool.
const MAX_SAMPLES: u64 = 10_000;

impl RuleTestFile {
    /// Runs one of the tests on the groups of all rule files, in the order of the files. `options` says how queries are read;
    /// subqueries without a step take the evaluation interval, and a query loads 10,000 samples at most.
    pub fn run(&self, test: &RuleTest, groups: &[RuleGroup], options: &EngineOptions) -> RuleTestReport {
        let engine = Engine::new(EngineOptions {
            default_subquery_step_ms: self.evaluation_interval_ms,
            max_samples: MAX_SAMPLES,
            ..options.clone()
        });
        let host = GroupOptions {
            external_labels: Labels::from_pairs(&test.external_labels),
            external_url: test.external_url.clone(),
        };
        let mut run = Run {
            test,
            is_fuzzy: self.fuzzy_compare,
            interval_ms: self.evaluation_interval_ms,
            engine,
            store: MemoryStore::new(),
            loaded: vec![0; test.series.len()],
            groups: groups.iter().map(|group| Group::new(group.clone(), host.clone())).collect(),
            order: self.order(groups),
            failures: Vec::new(),
            reached: Reached::default(),
        };
        run.evaluate();
        let groups: Vec<&Group> = run.groups.iter().collect();
        let options = run.engine.options();
        run.reached.asked = asked(test, &groups, &options.parser, run.engine.functions());
        let checks = test.expressions.len() + test.alerts.len();
        RuleTestReport { failures: run.failures, checks, reached: run.reached }
    }

    /// The places of the groups in the order they are evaluated in.
    fn order(&self, groups: &[RuleGroup]) -> Vec<usize> {
        let place = |name: &str| self.group_eval_order.iter().position(|known| known == name).unwrap_or(0);
        let mut order: Vec<usize> = (0..groups.len()).collect();
        order.sort_by_key(|at| place(&groups[*at].name));
        order
    }
}

struct Run<'t> {
    test: &'t RuleTest,
    is_fuzzy: bool,
    interval_ms: i64,
    engine: Engine,
    store: MemoryStore,
    /// How many samples of each series are in the store.
    loaded: Vec<usize>,
    groups: Vec<Group>,
    order: Vec<usize>,
    failures: Vec<RuleTestFailure>,
    reached: Reached,
}

impl Run<'_> {
    fn evaluate(&mut self) {
        let test = self.test;
        let times = test.alerts.iter().map(|alert| alert.time_ms);
        let last =
            times.chain(test.expressions.iter().map(|expression| expression.time_ms)).max().unwrap_or(0);
        if last / self.interval_ms > MAX_EVALUATIONS {
            let message = format!("the test needs more than {MAX_EVALUATIONS} evaluations");
            return self.failures.push(RuleTestFailure::plain(test.line, message));
        }
        let mut alerts: Vec<&AlertTest> = test.alerts.iter().collect();
        alerts.sort_by_key(|alert| alert.time_ms);
        let mut alerts = alerts.into_iter().peekable();
        let mut time_ms = 0;
        while time_ms <= last {
            if !self.load(time_ms) || !self.evaluate_groups(time_ms) {
                return;
            }
            // An alert is looked at as of the last evaluation at or before its time.
            while let Some(alert) = alerts.next_if(|alert| alert.time_ms < time_ms + self.interval_ms) {
                self.check_alert(alert);
            }
            time_ms += self.interval_ms;
        }
        for expression in &test.expressions {
            self.check_expression(expression);
        }
    }

    /// Puts the samples up to a time into the store; false where that cannot be.
    fn load(&mut self, time_ms: i64) -> bool {
        for (series, loaded) in self.test.series.iter().zip(&mut self.loaded) {
            let new = series.samples[*loaded..].iter().take_while(|sample| sample.timestamp_ms <= time_ms);
            for sample in new {
                *loaded += 1;
                let sample = LoadSample {
                    timestamp_ms: sample.timestamp_ms.saturating_add(self.test.start_ms),
                    ..sample.clone()
                };
                if let Err(kind) = append_sample(&mut self.store, &series.labels, &sample) {
                    self.failures.push(RuleTestFailure::plain(self.test.line, kind.to_string()));
                    return false;
                }
            }
        }
        true
    }

    /// Evaluates all groups; false where a rule failed, which ends the test.
    fn evaluate_groups(&mut self, time_ms: i64) -> bool {
        let before = self.failures.len();
        for at in &self.order {
            let group = &mut self.groups[*at];
            let now = self.test.start_ms.saturating_add(time_ms);
            for failure in group.evaluate(&self.engine, &mut self.store, now) {
                let message = format!("rule {} at {}: {}", failure.name, duration(time_ms), failure.kind);
                self.failures.push(RuleTestFailure::plain(self.test.line, message));
            }
            let rules = 0..group.definition().rules.len();
            self.reached.gave.extend(rules.filter(|rule| group.has_series(*rule)).map(|rule| (*at, rule)));
        }
        self.failures.len() == before
    }

    fn check_alert(&mut self, test: &AlertTest) {
        let firing = self.groups.iter().flat_map(|group| group.firing(&test.name));
        let mut got: Vec<ExpectedAlert> = firing
            .map(|alert| ExpectedAlert {
                labels: alert
                    .labels
                    .iter()
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect(),
                annotations: alert.annotations.clone(),
            })
            .collect();
        got.sort();
        if got != test.alerts {
            self.failures.push(RuleTestFailure {
                line: test.line,
                summary: format!("alert {} at {}", test.name, duration(test.time_ms)),
                expected: test.alerts.iter().flat_map(alert_lines).collect(),
                got: got.iter().flat_map(alert_lines).collect(),
            });
        }
    }

    fn check_expression(&mut self, test: &ExpressionTest) {
        let now = self.test.start_ms.saturating_add(test.time_ms);
        let summary = format!("{} at {}", test.query, duration(test.time_ms));
        let answer = self.engine.instant_query(&self.store, &test.query, now);
        let mut got = match answer.map(|answer| answer.value) {
            Ok(Value::Vector(samples)) => samples,
            Ok(Value::Scalar { value, time_ms }) => {
                let value = SampleValue::Float(value);
                vec![VectorSample { labels: Labels::default(), time_ms, value }]
            }
            Ok(Value::String { .. } | Value::Matrix(_)) => {
                let message = format!("{summary}: the query gives neither a vector nor a scalar");
                return self.failures.push(RuleTestFailure::plain(test.line, message));
            }
            Err(error) => {
                return self.failures.push(RuleTestFailure::plain(test.line, format!("{summary}: {error}")));
            }
        };
        got.sort_by(|a, b| a.labels.cmp(&b.labels));
        let mut expected: Vec<&ExpectedSample> = test.samples.iter().collect();
        expected.sort_by(|a, b| a.labels.cmp(&b.labels));
        let same = expected.len() == got.len()
            && expected.iter().zip(&got).all(|(expected, got)| {
                expected.labels == got.labels && self.same_value(expected, &got.value)
            });
        if !same {
            self.failures.push(RuleTestFailure {
                line: test.line,
                summary,
                expected: expected.iter().map(|sample| expected_line(sample)).collect(),
                got: got
                    .iter()
                    .map(|sample| format!("{} {}", sample.labels, value_text(&sample.value)))
                    .collect(),
            });
        }
    }

    /// Histograms are compared as they are written; floats by value, so that NaN is never equal.
    fn same_value(&self, expected: &ExpectedSample, got: &SampleValue) -> bool {
        match (&expected.histogram, got) {
            (Some(expected), SampleValue::Histogram(got)) => histogram_text(expected) == histogram_text(got),
            (None, SampleValue::Float(got)) => {
                let expected = expected.value;
                expected == *got
                    || self.is_fuzzy && (expected.next_up() == *got || expected.next_down() == *got)
            }
            _ => false,
        }
    }
}

fn duration(ms: i64) -> String {
    let mut out = String::new();
    write_duration(&mut out, ms.saturating_mul(1_000_000));
    out
}

fn alert_lines(alert: &ExpectedAlert) -> Vec<String> {
    let mut lines = vec![Labels::from_pairs(&alert.labels).to_string()];
    lines.extend(alert.annotations.iter().map(|(name, value)| format!("  {name}: {value}")));
    lines
}

fn expected_line(sample: &ExpectedSample) -> String {
    match &sample.histogram {
        Some(histogram) => format!("{} {}", sample.labels, histogram_text(histogram)),
        None => format!("{} {}", sample.labels, value_text(&SampleValue::Float(sample.value))),
    }
}

fn value_text(value: &SampleValue) -> String {
    match value {
        SampleValue::Float(value) => {
            let mut out = String::new();
            push_float(&mut out, *value);
            out
        }
        SampleValue::Histogram(histogram) => histogram_text(histogram),
    }
}

fn histogram_text(histogram: &FloatHistogram) -> String {
    histogram.as_ref().to_load_expression().unwrap_or_else(|_| histogram.to_string())
}
