//! Rule files: groups of recording and alerting rules, read and checked as Prometheus does.

use std::collections::BTreeMap;

use super::error::{RuleError, RuleErrorKind, RuleName};
use super::fields::{Fields, text};
use super::template;
use super::yaml::{self, Node};
use crate::model::METRIC_NAME;
use crate::syntax::{self, Expr, FunctionSet, ParserOptions};

/// A rule file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RuleFile {
    /// Its groups, in order.
    pub groups: Vec<RuleGroup>,
}

/// Rules that are evaluated together, one after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleGroup {
    /// Its name, unique in the file.
    pub name: String,
    /// From evaluation to evaluation, in ms; `None` leaves it to the host.
    pub interval_ms: Option<i64>,
    /// How far in the past queries look, in ms.
    pub query_offset_ms: i64,
    /// How many series, or active alerts, a rule may give; 0 is no limit.
    pub limit: u64,
    /// The rules, in order.
    pub rules: Vec<Rule>,
}

/// A rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The metric it records, or the alert.
    pub name: String,
    /// Its query as it is written.
    pub query: String,
    /// Its query as a tree.
    pub expr: Expr,
    /// The labels it sets, by name, those of its group among them; an empty value removes one. An alert's are templates.
    pub labels: BTreeMap<String, String>,
    /// What it does with the answer.
    pub kind: RuleKind,
    /// The line its query begins on, counted from 1.
    pub line: usize,
}

/// What a rule does with the answer of its query.
#[derive(Debug, Clone, PartialEq)]
pub enum RuleKind {
    /// Stores it under the rule's name.
    Recording,
    /// Raises an alert for each series.
    Alerting {
        /// How long a series has to be there before its alert fires, in ms.
        hold_ms: i64,
        /// How long an alert goes on firing once its series is gone, in ms.
        keep_firing_ms: i64,
        /// The annotations, which are templates, by name.
        annotations: BTreeMap<String, String>,
    },
}

impl RuleFile {
    /// Reads a rule file.
    ///
    /// # Errors
    /// Where the file's form is wrong, the first fault; else all faults of its rules.
    pub fn parse(
        input: &str,
        options: &ParserOptions,
        functions: &FunctionSet,
    ) -> Result<Self, Vec<RuleError>> {
        let root = yaml::parse(input).map_err(|error| vec![error])?;
        let mut reader = Reader { options, functions, faults: Vec::new() };
        let file = root.map_or(Ok(Self::default()), |root| reader.file(&root));
        let file = file.map_err(|error| vec![error])?;
        if reader.faults.is_empty() { Ok(file) } else { Err(reader.faults) }
    }
}

struct Reader<'a> {
    options: &'a ParserOptions,
    functions: &'a FunctionSet,
    faults: Vec<RuleError>,
}

impl Reader<'_> {
    fn file(&mut self, root: &Node) -> Result<RuleFile, RuleError> {
        let mut fields = Fields::of(root)?;
        let mut groups: Vec<RuleGroup> = Vec::new();
        for node in fields.list("groups")? {
            let group = self.group(node)?;
            if groups.iter().any(|known| known.name == group.name) {
                self.faults.push(node.error(RuleErrorKind::RepeatedName(group.name.clone())));
            }
            groups.push(group);
        }
        fields.finish()?;
        Ok(RuleFile { groups })
    }

    fn group(&mut self, node: &Node) -> Result<RuleGroup, RuleError> {
        let mut fields = Fields::of(node)?;
        let name = fields.text("name")?.to_owned();
        if name.is_empty() {
            self.faults.push(node.error(RuleErrorKind::MissingField("name")));
        }
        let interval_ms = fields.duration_ms("interval")?.filter(|interval| *interval != 0);
        let query_offset_ms = fields.duration_ms("query_offset")?.unwrap_or(0);
        let limit = fields.integer("limit")?.and_then(|limit| u64::try_from(limit).ok()).unwrap_or(0);
        let labels = fields.map("labels")?;
        self.label_names(&labels, None);
        let mut rules = Vec::new();
        for (index, node) in fields.list("rules")?.iter().enumerate() {
            let place = RuleName { group: name.clone(), number: index + 1, name: String::new() };
            rules.extend(self.rule(node, &labels, place)?);
        }
        fields.finish()?;
        Ok(RuleGroup { name, interval_ms, query_offset_ms, limit, rules })
    }

    /// A rule; `None` where it has a fault.
    fn rule(
        &mut self,
        node: &Node,
        group_labels: &[(String, String, &Node)],
        mut place: RuleName,
    ) -> Result<Option<Rule>, RuleError> {
        let before = self.faults.len();
        let mut fields = Fields::of(node)?;
        let (record, alert) = (fields.text("record")?.to_owned(), fields.text("alert")?.to_owned());
        let expr = fields.node("expr");
        let hold_ms = fields.duration_ms("for")?.unwrap_or(0);
        let keep_firing_ms = fields.duration_ms("keep_firing_for")?.unwrap_or(0);
        let (labels, annotations) = (fields.map("labels")?, fields.map("annotations")?);
        fields.finish()?;
        let is_alert = !alert.is_empty();
        place.name = if is_alert { alert.clone() } else { record.clone() };
        let mut fault = |node: &Node, kind| {
            self.faults.push(RuleError { rule: Some(Box::new(place.clone())), ..node.error(kind) });
        };
        match (record.is_empty(), is_alert) {
            (false, true) => fault(node, RuleErrorKind::RecordAndAlert),
            (true, false) => fault(node, RuleErrorKind::NeitherRecordNorAlert),
            _ => {}
        }
        let query = expr.map_or(Ok(""), text)?;
        let parsed = match expr.filter(|_| !query.is_empty()) {
            None => {
                fault(node, RuleErrorKind::MissingField("expr"));
                None
            }
            Some(expr) => match syntax::parse(query, self.options, self.functions) {
                Ok(parsed) => Some(parsed.expr),
                Err(errors) => {
                    fault(expr, RuleErrorKind::Expression(Box::new(errors)));
                    None
                }
            },
        };
        if !record.is_empty() {
            let of_alerts = [
                ("annotations", !annotations.is_empty()),
                ("for", hold_ms != 0),
                ("keep_firing_for", keep_firing_ms != 0),
            ];
            for (name, _) in of_alerts.into_iter().filter(|(_, is_set)| *is_set) {
                fault(node, RuleErrorKind::FieldOfAlerts(name));
            }
            if record.contains(['{', '}']) {
                fault(node, RuleErrorKind::BracesInName(record.clone()));
            }
        }
        self.label_names(&labels, Some(&place));
        for (name, template, at) in labels.iter().chain(&annotations).filter(|_| is_alert) {
            if let Err(error) = template::check(&alert, template) {
                let kind = RuleErrorKind::Template { name: name.clone(), error: Box::new(error) };
                self.faults.push(RuleError { rule: Some(Box::new(place.clone())), ..at.error(kind) });
            }
        }
        if let Some((name, _, at)) = annotations.iter().find(|(name, ..)| name.is_empty()) {
            let kind = RuleErrorKind::InvalidName(name.clone());
            self.faults.push(RuleError { rule: Some(Box::new(place.clone())), ..at.error(kind) });
        }
        let Some(parsed) = parsed.filter(|_| self.faults.len() == before) else { return Ok(None) };
        let pairs = |list: &[(String, String, &Node)]| -> BTreeMap<String, String> {
            list.iter().map(|(name, value, _)| (name.clone(), value.clone())).collect()
        };
        // A rule's own labels win over those of its group.
        let mut all = pairs(group_labels);
        all.extend(pairs(&labels));
        let kind = match is_alert {
            false => RuleKind::Recording,
            true => RuleKind::Alerting { hold_ms, keep_firing_ms, annotations: pairs(&annotations) },
        };
        Ok(Some(Rule {
            name: place.name,
            query: query.to_owned(),
            expr: parsed,
            labels: all,
            kind,
            line: expr.map_or(node.line, |expr| expr.line),
        }))
    }

    /// Labels may have any name but none, and but that of the metric.
    fn label_names(&mut self, labels: &[(String, String, &Node)], rule: Option<&RuleName>) {
        for (name, _, at) in labels.iter().filter(|(name, ..)| name.is_empty() || name == METRIC_NAME) {
            let kind = RuleErrorKind::InvalidName(name.clone());
            self.faults.push(RuleError { rule: rule.cloned().map(Box::new), ..at.error(kind) });
        }
    }
}
