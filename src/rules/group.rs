//! Groups of rules: one evaluation after the other, the answers into the store.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::alert::{Alert, AlertState, Alerts};
use super::file::{Rule, RuleGroup, RuleKind};
use super::store::RuleStore;
use super::template::{self, AlertContext, TemplateSample};
use crate::engine::{Engine, QueryError};
use crate::exec::value::{SampleValue, Value};
use crate::model::{Labels, LabelsBuilder, METRIC_NAME, STALE_NAN};
use crate::storage::{Storage, StorageError};

/// What the host tells the templates of alerts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GroupOptions {
    /// The labels that the server puts on what leaves it.
    pub external_labels: Labels,
    /// The address of the server.
    pub external_url: String,
}

/// A group of rules, and what it remembers between evaluations.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    group: RuleGroup,
    options: GroupOptions,
    states: Vec<RuleState>,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct RuleState {
    /// The series that the last evaluation gave: those that are missing in the next one end.
    series: BTreeSet<Labels>,
    alerts: Alerts,
}

/// A rule that failed.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleFailure {
    /// The rule's place in its group, counted from 0.
    pub rule: usize,
    /// The rule's name.
    pub name: String,
    /// Why.
    pub kind: RuleFailureKind,
}

/// Why a rule failed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RuleFailureKind {
    /// Its query.
    Query(QueryError),
    /// Its query gives a string or a range vector.
    NoVector,
    /// Two series are the same once the rule's labels are set.
    DuplicateLabelSet {
        /// Whether it is an alerting rule.
        is_alert: bool,
    },
    /// It gives more series, or alerts, than its group allows.
    LimitExceeded {
        /// What the group allows.
        limit: u64,
        /// What the rule gave.
        count: usize,
        /// Whether it is an alerting rule.
        is_alert: bool,
    },
    /// The store refused an answer.
    Storage(StorageError),
}

impl fmt::Display for RuleFailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Query(error) => error.fmt(f),
            Self::NoVector => f.write_str("rule result is not a vector or scalar"),
            Self::DuplicateLabelSet { is_alert } => {
                let kind = if *is_alert { "alert" } else { "rule" };
                write!(f, "vector contains metrics with the same labelset after applying {kind} labels")
            }
            Self::LimitExceeded { limit, count, is_alert } => {
                write!(
                    f,
                    "exceeded limit of {limit} with {count} {}",
                    if *is_alert { "alerts" } else { "series" }
                )
            }
            Self::Storage(error) => error.fmt(f),
        }
    }
}

/// A sample that a rule gives: its series, and its value.
type Output = (Labels, SampleValue);

impl Group {
    /// A group that has not been evaluated yet.
    pub fn new(group: RuleGroup, options: GroupOptions) -> Self {
        let states = vec![RuleState::default(); group.rules.len()];
        Self { group, options, states }
    }

    /// What the file says of the group.
    pub const fn definition(&self) -> &RuleGroup {
        &self.group
    }

    /// The alerts of all rules of this name that fire.
    pub fn firing<'g>(&'g self, name: &'g str) -> impl Iterator<Item = &'g Alert> {
        let is_alert = |rule: &Rule| matches!(rule.kind, RuleKind::Alerting { .. });
        let rules = self.group.rules.iter().zip(&self.states);
        rules
            .filter(move |(rule, _)| is_alert(rule) && rule.name == name)
            .flat_map(|(_, state)| state.alerts.iter())
            .filter(|alert| alert.state == AlertState::Firing)
    }

    /// Whether a rule, by its place, gave a series when it was last evaluated.
    pub fn has_series(&self, rule: usize) -> bool {
        self.states.get(rule).is_some_and(|state| !state.series.is_empty())
    }

    /// Evaluates all rules at a time in ms since the epoch; a rule sees what those before it gave. Gives what went wrong.
    pub fn evaluate(&mut self, engine: &Engine, store: &mut dyn RuleStore, time_ms: i64) -> Vec<RuleFailure> {
        let mut failures = Vec::new();
        let RuleGroup { query_offset_ms, limit, rules, .. } = &self.group;
        let at_ms = time_ms.saturating_sub(*query_offset_ms);
        for (index, (rule, state)) in rules.iter().zip(&mut self.states).enumerate() {
            let mut fail = |kind| failures.push(RuleFailure { rule: index, name: rule.name.clone(), kind });
            let answer = match &rule.kind {
                RuleKind::Recording => record(rule, engine, &*store, at_ms, *limit),
                RuleKind::Alerting { hold_ms, keep_firing_ms, annotations } => {
                    let times =
                        AlertTimes { time_ms, at_ms, hold_ms: *hold_ms, keep_firing_ms: *keep_firing_ms };
                    raise(rule, annotations, engine, &*store, times, *limit, &self.options, &mut state.alerts)
                }
            };
            let outputs = match answer {
                Ok(outputs) => outputs,
                Err(kind) => {
                    fail(kind);
                    continue;
                }
            };
            let mut series = BTreeSet::new();
            let mut refused = None;
            for (labels, value) in outputs {
                match store.append(&labels, at_ms, &value) {
                    Ok(()) => {
                        series.insert(labels);
                    }
                    Err(error) => refused = Some(error),
                }
            }
            // One failure a rule, the last, as a server has it.
            if let Some(error) = refused {
                fail(RuleFailureKind::Storage(error));
            }
            for ended in state.series.difference(&series) {
                // The series may go on in another rule, which then has written at this time.
                let _ = store.append(ended, at_ms, &SampleValue::Float(STALE_NAN));
            }
            state.series = series;
        }
        failures
    }
}

/// The samples of a rule's query, or of a template's.
fn query(
    engine: &Engine,
    store: &dyn Storage,
    query: &str,
    time_ms: i64,
) -> Result<Vec<Output>, RuleFailureKind> {
    let answer = engine.instant_query(store, query, time_ms).map_err(RuleFailureKind::Query)?;
    match answer.value {
        Value::Vector(samples) => {
            Ok(samples.into_iter().map(|sample| (sample.labels, sample.value)).collect())
        }
        Value::Scalar { value, .. } => Ok(vec![(Labels::default(), SampleValue::Float(value))]),
        Value::String { .. } | Value::Matrix(_) => Err(RuleFailureKind::NoVector),
    }
}

fn record(
    rule: &Rule,
    engine: &Engine,
    store: &dyn Storage,
    at_ms: i64,
    limit: u64,
) -> Result<Vec<Output>, RuleFailureKind> {
    let samples = query(engine, store, &rule.query, at_ms)?;
    let mut known = BTreeSet::new();
    let mut outputs = Vec::new();
    for (labels, value) in samples {
        let mut builder = LabelsBuilder::from(&labels);
        builder.set(METRIC_NAME, &rule.name);
        rule.labels.iter().for_each(|(name, value)| {
            builder.set(name, value);
        });
        let labels = builder.finish();
        if !known.insert(labels.clone()) {
            return Err(RuleFailureKind::DuplicateLabelSet { is_alert: false });
        }
        outputs.push((labels, value));
    }
    within(limit, outputs.len(), false)?;
    Ok(outputs)
}

fn within(limit: u64, count: usize, is_alert: bool) -> Result<(), RuleFailureKind> {
    match limit > 0 && count as u64 > limit {
        true => Err(RuleFailureKind::LimitExceeded { limit, count, is_alert }),
        false => Ok(()),
    }
}

/// The times of an evaluation, and those of a rule, in ms.
#[derive(Clone, Copy)]
struct AlertTimes {
    /// When the group is evaluated.
    time_ms: i64,
    /// When queries are.
    at_ms: i64,
    hold_ms: i64,
    keep_firing_ms: i64,
}

#[expect(clippy::too_many_arguments, reason = "each is another thing, and there is one caller")]
fn raise(
    rule: &Rule,
    annotations: &BTreeMap<String, String>,
    engine: &Engine,
    store: &dyn Storage,
    times: AlertTimes,
    limit: u64,
    options: &GroupOptions,
    alerts: &mut Alerts,
) -> Result<Vec<Output>, RuleFailureKind> {
    let samples = query(engine, store, &rule.query, times.at_ms)?;
    // Queries of templates are asked at the time of the evaluation, whatever the offset.
    let ask = |text: &str| match query(engine, store, text, times.time_ms) {
        Ok(samples) => {
            Ok(samples.into_iter().map(|(labels, value)| TemplateSample { labels, value }).collect())
        }
        Err(error) => Err(error.to_string()),
    };
    let mut given = BTreeMap::new();
    for (labels, value) in &samples {
        let context = AlertContext {
            alert: &rule.name,
            labels,
            value,
            external_labels: &options.external_labels,
            external_url: &options.external_url,
            time_ms: times.time_ms,
            query: &ask,
        };
        let mut builder = LabelsBuilder::from(labels);
        builder.remove(METRIC_NAME);
        for (name, text) in &rule.labels {
            builder.set(name, &template::expand(text, &context));
        }
        builder.set("alertname", &rule.name);
        let notes = annotations.iter().map(|(name, text)| (name.clone(), template::expand(text, &context)));
        let alert = Alert::new(builder.finish(), notes.collect(), times.time_ms);
        if given.insert(alert.labels.clone(), alert).is_some() {
            return Err(RuleFailureKind::DuplicateLabelSet { is_alert: true });
        }
    }
    let active = alerts.update(given, times.time_ms, times.hold_ms, times.keep_firing_ms);
    if let Err(exceeded) = within(limit, active.len(), true) {
        alerts.clear();
        return Err(exceeded);
    }
    let mut outputs = Vec::new();
    for alert in active.iter().filter_map(|labels| alerts.get(labels)) {
        let mut builder = LabelsBuilder::from(&alert.labels);
        // Labels of the rule that the alert has not got, because their templates gave nothing, stay templates.
        let missing = rule.labels.iter().filter(|(name, _)| alert.labels.get(name).is_none());
        missing.for_each(|(name, value)| {
            builder.set(name, value);
        });
        builder.set(METRIC_NAME, "ALERTS_FOR_STATE");
        let since = alert.active_at_ms.div_euclid(1000) as f64;
        let for_state = (builder.finish(), SampleValue::Float(since));
        builder.set(METRIC_NAME, "ALERTS").set("alertstate", alert.state.name());
        outputs.push((builder.finish(), SampleValue::Float(1.0)));
        outputs.push(for_state);
    }
    Ok(outputs)
}
