//! `info()`: the labels of info series on series with the same `instance` and `job`.

use std::collections::BTreeMap;

use crate::model::{Labels, LabelsBuilder, METRIC_NAME, MatchOperator, Matcher, ValueType};
use crate::syntax::ast::{At, Call, Duration, Expr, ExprKind, SubqueryExpr};
use crate::testing::answer::Failure;

use super::evaluate::{Run, Step, unique};
use super::value::{Sample, Stored, is_metadata};

/// When a selector looks: at a fixed time, or relative to the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    At(i64),
    Before(i64),
}

/// A series' values of the two identifying labels.
fn identity(labels: &Labels) -> [String; 2] {
    ["instance", "job"].map(|name| labels.get(name).unwrap_or_default().to_owned())
}

fn all_match(matchers: &[Matcher], value: &str) -> bool {
    matchers.iter().all(|matcher| matcher.matches(value))
}

impl Run<'_> {
    pub(super) fn info(&self, call: &Call, step: Step) -> Result<Vec<Sample>, Failure> {
        let missing = || Failure::refused("info lacks an argument");
        let vector = call.args.first().ok_or_else(missing)?.unparenthesised();
        let base = self.vector(vector, step)?;
        let refused = |error: crate::model::MatcherError| Failure::refused(error.to_string());
        let matchers = match call.args.get(1).map(|arg| &arg.unparenthesised().kind) {
            Some(ExprKind::VectorSelector(selector)) => selector.compile_matchers().map_err(refused)?,
            Some(_) => return Err(Failure::refused("info takes a selector of labels")),
            None => Vec::new(),
        };
        let (names, data): (Vec<_>, Vec<_>) = matchers.into_iter().partition(|m| m.name() == METRIC_NAME);
        let names = info_names(names).map_err(refused)?;

        let is_info = |sample: &Sample| all_match(&names, sample.labels.get(METRIC_NAME).unwrap_or_default());
        let identities: Vec<[String; 2]> = base
            .iter()
            .filter(|sample| !is_info(sample))
            .map(|sample| identity(&sample.labels))
            .filter(|identity| identity.iter().any(|value| !value.is_empty()))
            .collect();
        let until_ms = match self.look_of(vector)? {
            Some(Look::At(time_ms)) => time_ms,
            Some(Look::Before(offset_ms)) => step.now_ms.saturating_sub(offset_ms),
            None => step.now_ms,
        };
        let after_ms = until_ms.saturating_sub(self.options.lookback_ms);
        let matchers = names.iter().chain(&data).cloned().collect();
        let stored = self.read_matching(matchers, after_ms, until_ms)?;
        let newest = newest_infos(stored, &identities)?;

        let mut out = Vec::new();
        for sample in base {
            if is_info(&sample) {
                out.push(sample);
                continue;
            }
            let own = identity(&sample.labels);
            let infos = newest.iter().filter(|((_, identity), _)| *identity == own);
            let infos: Vec<&Labels> = infos.map(|(_, (_, labels))| labels).collect();
            if let Some(labels) = enriched(&sample.labels, &infos, &data)? {
                out.push(Sample { labels, ..sample });
            }
        }
        unique(out)
    }

    /// When all selectors of an expression look, if they agree.
    fn look_of(&self, expr: &Expr) -> Result<Option<Look>, Failure> {
        let mut looks = Vec::new();
        self.looks(expr, &mut Vec::new(), &mut looks)?;
        let Some(first) = looks.first().copied() else { return Ok(None) };
        Ok(if looks.iter().all(|look| *look == first) { first } else { None })
    }

    /// Collects when the selectors look; `None` for a vector without a selector. Says whether there was one.
    fn looks<'e>(
        &self,
        expr: &'e Expr,
        around: &mut Vec<&'e SubqueryExpr>,
        looks: &mut Vec<Option<Look>>,
    ) -> Result<bool, Failure> {
        if !matches!(expr.value_type(), ValueType::Vector | ValueType::Matrix) {
            return Ok(false);
        }
        let selector = match &expr.kind {
            ExprKind::VectorSelector(selector) => Some(&**selector),
            ExprKind::MatrixSelector(matrix) => Some(&matrix.selector),
            _ => None,
        };
        if let Some(selector) = selector {
            let mut look = self.look(selector.at, &selector.offset, 0)?;
            for subquery in around.iter().rev() {
                if let Look::Before(offset_ms) = look {
                    look = self.look(subquery.at, &subquery.offset, offset_ms)?;
                }
            }
            looks.push(Some(look));
            return Ok(true);
        }
        if let ExprKind::Subquery(subquery) = &expr.kind {
            around.push(subquery);
        }
        let mut children = expr.children();
        if let ExprKind::Call(call) = &expr.kind
            && call.function.name == "info"
        {
            children.truncate(1);
        }
        let mut found = false;
        for child in children {
            found |= self.looks(child, around, looks)?;
        }
        if matches!(expr.kind, ExprKind::Subquery(_)) {
            around.pop();
        }
        if !found {
            looks.push(None);
        }
        Ok(found)
    }

    fn look(&self, at: Option<At>, offset: &Duration, inner_ms: i64) -> Result<Look, Failure> {
        let offset_ms = self.duration(offset, true)?.saturating_add(inner_ms);
        Ok(match at {
            Some(At::Timestamp(time_ms)) => Look::At(time_ms.saturating_sub(offset_ms)),
            Some(At::Start) => Look::At(self.start_ms.saturating_sub(offset_ms)),
            Some(At::End) => Look::At(self.end_ms.saturating_sub(offset_ms)),
            None => Look::Before(offset_ms),
        })
    }
}

/// The conditions on info metrics' names: as written, of all that end in `_info` where those only exclude some, or the one
/// that there is by default.
fn info_names(written: Vec<Matcher>) -> Result<Vec<Matcher>, crate::model::MatcherError> {
    let names_some = |m: &Matcher| matches!(m.operator(), MatchOperator::Equal | MatchOperator::Regex);
    let mut names = Vec::new();
    if written.is_empty() {
        names.push(Matcher::new(METRIC_NAME, MatchOperator::Equal, "target_info")?);
    } else if !written.iter().any(names_some) {
        names.push(Matcher::new(METRIC_NAME, MatchOperator::Regex, ".+_info")?);
    }
    names.extend(written);
    Ok(names)
}

type Infos = BTreeMap<(String, [String; 2]), (i64, Labels)>;

/// Of each info metric and identity the series with the newest sample.
fn newest_infos(stored: Vec<(Labels, Vec<Stored>)>, asked: &[[String; 2]]) -> Result<Infos, Failure> {
    let mut newest = Infos::new();
    for (labels, samples) in stored {
        let identity = identity(&labels);
        let Some(sample) = samples.last() else { continue };
        if !is_asked(asked, &identity) || sample.value.is_stale() {
            continue;
        }
        if sample.value.float().is_none() {
            return Err(Failure::execution(format!("{labels} should be an info metric, of floats")));
        }
        let name = labels.get(METRIC_NAME).unwrap_or_default().to_owned();
        match newest.get(&(name.clone(), identity.clone())) {
            Some((time_ms, other)) if *time_ms == sample.time_ms => {
                return Err(Failure::execution(format!(
                    "two info series are equally new: {other}, {labels}"
                )));
            }
            Some((time_ms, _)) if *time_ms > sample.time_ms => {}
            _ => {
                newest.insert((name, identity), (sample.time_ms, labels));
            }
        }
    }
    Ok(newest)
}

/// Info series are looked for by the values seen of each label, not of both together.
fn is_asked(asked: &[[String; 2]], identity: &[String; 2]) -> bool {
    let alike = |other: &&[String; 2]| (0..2).all(|i| other[i].is_empty() == identity[i].is_empty());
    let asked: Vec<&[String; 2]> = asked.iter().filter(alike).collect();
    (0..2).all(|i| asked.iter().any(|other| other[i] == identity[i]))
}

/// A series' labels with those of its info series; `None` where it needed one and there is none.
fn enriched(base: &Labels, infos: &[&Labels], data: &[Matcher]) -> Result<Option<Labels>, Failure> {
    if infos.is_empty() {
        return Ok(all_match(data, "").then(|| base.clone()));
    }
    let mut added: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, value) in infos.iter().flat_map(|labels| labels.iter()) {
        let asked = data.is_empty() || data.iter().any(|matcher| matcher.name() == name);
        if is_metadata(name) || !asked {
            continue;
        }
        if added.get(name).is_some_and(|other| *other != value) {
            return Err(Failure::execution(format!("conflicting label: {name}")));
        }
        if base.get(name).is_none() {
            added.insert(name, value);
        }
    }
    let mut builder = LabelsBuilder::from(base);
    added.into_iter().for_each(|(name, value)| {
        builder.set(name, value);
    });
    Ok(Some(builder.finish()))
}
