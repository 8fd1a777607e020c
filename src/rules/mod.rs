//! Recording and alerting rules: reading rule files, and evaluating groups of rules.
//!
//! [`RuleFile::parse`] reads and checks a file as a Prometheus server does; [`Group`] evaluates the rules of one of its groups, one after
//! the other, on a store that takes their answers ([`RuleStore`]): the series of recording rules, and `ALERTS` and
//! `ALERTS_FOR_STATE` of alerting ones. Labels and annotations of alerts are templates in Go's language with Prometheus' functions.
//!
//! ```
//! use promql_engine::{Engine, rules::{Group, GroupOptions, RuleFile}, storage::MemoryStore, model::Labels};
//!
//! let engine = Engine::default();
//! let file = RuleFile::parse(r#"
//! groups:
//! - name: availability
//!   rules:
//!   - alert: Down
//!     expr: up == 0
//!     for: 1m
//!     annotations: {summary: "{{ $labels.instance }} is down"}
//! "#, &engine.options().parser, engine.functions()).expect("a rule file");
//! let mut store = MemoryStore::new();
//! let mut group = Group::new(file.groups[0].clone(), GroupOptions::default());
//! for time_ms in [0, 60_000] {
//!     store.append(&Labels::from_pairs([("__name__", "up"), ("instance", "a")]), time_ms, 0.0)?;
//!     group.evaluate(&engine, &mut store, time_ms);
//! }
//! let alerts: Vec<_> = group.firing("Down").collect();
//! assert_eq!(alerts[0].annotations["summary"], "a is down");
//! # Ok::<(), promql_engine::storage::StorageError>(())
//! ```
//!
//! What a server does around this (scheduling, sending alerts, restoring their state) is the host's.

mod alert;
mod error;
pub(crate) mod fields;
mod file;
mod group;
mod store;
mod template;
#[cfg(test)]
mod tests;
pub(crate) mod yaml;

pub use alert::{Alert, AlertState};
pub use error::{RuleError, RuleErrorKind, RuleName};
pub use file::{Rule, RuleFile, RuleGroup, RuleKind};
pub use group::{Group, GroupOptions, RuleFailure, RuleFailureKind};
pub use store::RuleStore;
pub use template::TemplateError;
