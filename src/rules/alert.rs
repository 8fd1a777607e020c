//! Alerts of one rule from evaluation to evaluation: pending, firing, resolved.

use std::collections::BTreeMap;

use crate::model::Labels;

/// How long a resolved alert is kept, in ms.
const RESOLVED_RETENTION_MS: i64 = 15 * 60 * 1000;

/// Where an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlertState {
    /// Its series is gone.
    Inactive,
    /// Its series is there, but not yet for long enough.
    Pending,
    /// It fires.
    Firing,
}

impl AlertState {
    /// The name in the label `alertstate`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inactive => "inactive",
            Self::Pending => "pending",
            Self::Firing => "firing",
        }
    }
}

/// One series of an alerting rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Where it stands.
    pub state: AlertState,
    /// Its labels, which tell it from others of the rule.
    pub labels: Labels,
    /// Its annotations, by name, as of the last evaluation that gave the series.
    pub annotations: BTreeMap<String, String>,
    /// Since when its series is there, in ms since the epoch.
    pub active_at_ms: i64,
    /// When it was resolved, in ms since the epoch.
    pub resolved_at_ms: Option<i64>,
    /// Since when its series is gone while it goes on firing, in ms since the epoch.
    pub keep_firing_since_ms: Option<i64>,
}

impl Alert {
    /// An alert whose series has just come.
    pub(super) const fn new(labels: Labels, annotations: BTreeMap<String, String>, time_ms: i64) -> Self {
        Self {
            state: AlertState::Pending,
            labels,
            annotations,
            active_at_ms: time_ms,
            resolved_at_ms: None,
            keep_firing_since_ms: None,
        }
    }
}

/// The alerts of a rule, by their labels.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Alerts(BTreeMap<Labels, Alert>);

impl Alerts {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Alert> {
        self.0.values()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Takes in what an evaluation gave, an alert a series; gives the labels of those that are pending or firing now.
    pub(super) fn update(
        &mut self,
        given: BTreeMap<Labels, Alert>,
        time_ms: i64,
        hold_ms: i64,
        keep_firing_ms: i64,
    ) -> Vec<Labels> {
        let is_given = |labels: &Labels| given.contains_key(labels);
        let mut active = Vec::new();
        let mut forgotten = Vec::new();
        // Those that are gone first, so that what was just given need not be told from them.
        for (labels, alert) in self.0.iter_mut().filter(|(labels, _)| !is_given(labels)) {
            let mut keeps = false;
            if alert.state == AlertState::Firing && keep_firing_ms > 0 {
                let since = *alert.keep_firing_since_ms.get_or_insert(time_ms);
                keeps = time_ms.saturating_sub(since) < keep_firing_ms;
            }
            let is_old = |resolved: i64| time_ms.saturating_sub(resolved) > RESOLVED_RETENTION_MS;
            if alert.state == AlertState::Pending || alert.resolved_at_ms.is_some_and(is_old) {
                forgotten.push(labels.clone());
            }
            if alert.state != AlertState::Inactive && !keeps {
                alert.state = AlertState::Inactive;
                alert.resolved_at_ms = Some(time_ms);
            }
            if keeps {
                active.push(labels.clone());
            }
        }
        for labels in forgotten {
            self.0.remove(&labels);
        }
        for (labels, new) in given {
            active.push(labels.clone());
            match self.0.get_mut(&labels) {
                Some(known) if known.state != AlertState::Inactive => {
                    known.annotations = new.annotations;
                    known.keep_firing_since_ms = None;
                }
                _ => {
                    self.0.insert(labels, new);
                }
            }
        }
        active.sort_unstable();
        for labels in &active {
            if let Some(alert) = self.0.get_mut(labels) {
                let held = time_ms.saturating_sub(alert.active_at_ms) >= hold_ms;
                alert.state = if held { AlertState::Firing } else { AlertState::Pending };
            }
        }
        active
    }

    pub(super) fn get(&self, labels: &Labels) -> Option<&Alert> {
        self.0.get(labels)
    }
}
