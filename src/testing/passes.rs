//! Whether the optimiser shows: a question is asked without passes and with them, and comes to the same, to the bit.
//!
//! No pass is named here: [`PassCheck`] asks with those that run by default, with all, and with each one alone that changes the plan. Where
//! a pass changes nothing, the plan has to be the one without it, and is not run again.

use std::collections::BTreeMap;
use std::fmt;

use crate::engine::{
    Answer, Engine, EngineOptions, Optimisations, Pass, PreparedQuery, QueryError, QueryStatistics,
};
use crate::error::{Error, ErrorKind};
use crate::exec::Annotation;
use crate::storage::Storage;

use super::answer::{Outcome, Shape};
use super::case::Times;
use super::compare::same_bits;
use super::evaluator::outcome;

/// Asks with and without passes, and counts the questions that each of them changed.
#[derive(Debug, Default, Clone)]
pub struct PassCheck {
    /// Whether the store asked may give series without a sample in the window. How many series were found is not compared then: a
    /// selector that reads a part of what was fetched counts those only that have samples for it.
    pub gives_empty_series: bool,
    /// Whether to ask in the profiled way, too.
    pub profiles: bool,
    asked: u64,
    /// Of them those that failed, that had samples in their answer, that had remarks.
    kinds: [u64; 3],
    changed: BTreeMap<Pass, u64>,
}

impl PassCheck {
    /// Asks a question in all the ways there are. Values, errors, remarks and their places have to be the same; what it cost in Prometheus'
    /// terms, too, but for passes that are off by default because they change that.
    ///
    /// # Errors
    ///
    /// The first difference, in words.
    pub fn ask(
        &mut self,
        options: &EngineOptions,
        store: &dyn Storage,
        query: &str,
        times: Times,
    ) -> Result<(), String> {
        self.asked += 1;
        let question = Question { options, store, query, times };
        let plain = question.prepare(Optimisations::none());
        let expected = question.run(Way::Plain, &plain);
        for (kind, is_it) in self.kinds.iter_mut().zip(expected.kinds()) {
            *kind += u64::from(is_it);
        }
        let same = |way: Way, prepared: &Prepared| {
            let mut got = question.run(way, prepared);
            if self.gives_empty_series {
                got.statistics.series = expected.statistics.series;
            }
            expected.difference(&got, way.keeps_costs()).map_or(Ok(()), |how| Err(format!("{way}: {how}")))
        };
        let (default, all) = (Way::Default, Way::All);
        let prepared = question.prepare(default.optimisations());
        same(default, &prepared)?;
        if self.profiles {
            same(Way::Profiled, &prepared)?;
        }
        let prepared = question.prepare(all.optimisations());
        let mut changed = changed(&prepared);
        // Passes of which none changes the plan when all run change nothing alone; a single one makes the same plan alone.
        let is_alone = changed.len() < 2;
        if changed.is_empty() {
            same_plan(all, &plain, &prepared)?;
        } else if !changed.iter().all(|pass| Optimisations::default().contains(*pass)) {
            same(all, &prepared)?;
        }
        for pass in Pass::ALL.into_iter().filter(|_| !is_alone) {
            let way = Way::Alone(pass);
            let prepared = question.prepare(way.optimisations());
            if self::changed(&prepared).is_empty() {
                same_plan(way, &plain, &prepared)?;
            } else {
                same(way, &prepared)?;
                changed.push(pass);
            }
        }
        changed.sort_unstable();
        changed.dedup();
        changed.into_iter().for_each(|pass| *self.changed.entry(pass).or_default() += 1);
        Ok(())
    }

    /// The passes that changed no question's plan: nothing is known of them.
    pub fn idle(&self) -> Vec<Pass> {
        Pass::ALL.into_iter().filter(|pass| !self.changed.contains_key(pass)).collect()
    }
}

/// How many questions were asked, what they came to, and how many of them each pass changed.
impl fmt::Display for PassCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { asked, kinds: [failed, with_samples, with_remarks], .. } = self;
        write!(
            f,
            "{asked} questions, {failed} failed, {with_samples} with samples, {with_remarks} with remarks; changed by"
        )?;
        for (index, pass) in Pass::ALL.into_iter().enumerate() {
            let separator = if index == 0 { "" } else { "," };
            write!(f, "{separator} {} {}", pass.name(), self.changed.get(&pass).unwrap_or(&0))?;
        }
        Ok(())
    }
}

/// Which passes run.
#[derive(Debug, Clone, Copy)]
enum Way {
    Plain,
    Default,
    Profiled,
    All,
    Alone(Pass),
}

impl Way {
    fn optimisations(self) -> Optimisations {
        match self {
            Self::Plain => Optimisations::none(),
            Self::Default | Self::Profiled => Optimisations::default(),
            Self::All => Optimisations::all(),
            Self::Alone(pass) => Optimisations::none().with(pass),
        }
    }

    /// Whether the query costs the same, counted as Prometheus does.
    fn keeps_costs(self) -> bool {
        let runs = |pass: &Pass| self.optimisations().contains(*pass);
        Pass::ALL.iter().filter(|pass| runs(pass)).all(|pass| Optimisations::default().contains(*pass))
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain => f.write_str("without passes"),
            Self::Default => f.write_str("with the default passes"),
            Self::Profiled => f.write_str("with the default passes, profiled"),
            Self::All => f.write_str("with all passes"),
            Self::Alone(pass) => write!(f, "with {} alone", pass.name()),
        }
    }
}

type Prepared = Result<PreparedQuery, QueryError>;

fn changed(prepared: &Prepared) -> Vec<Pass> {
    let figures = prepared.iter().flat_map(PreparedQuery::passes);
    figures.filter(|figures| figures.changed > 0).map(|figures| figures.pass).collect()
}

/// A pass that counts no change has to leave the plan as it is.
fn same_plan(way: Way, plain: &Prepared, other: &Prepared) -> Result<(), String> {
    let same = match (plain, other) {
        (Ok(a), Ok(b)) => a.requests() == b.requests() && a.explain() == b.explain(),
        (a, b) => a.as_ref().err() == b.as_ref().err(),
    };
    same.then_some(()).ok_or_else(|| format!("{way}: another plan, and no pass says that it changed it"))
}

struct Question<'a> {
    options: &'a EngineOptions,
    store: &'a dyn Storage,
    query: &'a str,
    times: Times,
}

impl Question<'_> {
    fn prepare(&self, optimisations: Optimisations) -> Prepared {
        let options = EngineOptions { optimisations, statistics_by_step: true, ..self.options.clone() };
        let engine = Engine::new(options);
        match self.times {
            Times::Instant(time_ms) => engine.prepare_instant(self.query, time_ms),
            Times::Range { start_ms, end_ms, step_ms } => {
                engine.prepare_range(self.query, start_ms, end_ms, step_ms)
            }
        }
    }

    fn run(&self, way: Way, prepared: &Prepared) -> Seen {
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return Seen::of(self.query, Err(error.clone())),
        };
        let answer = match way {
            Way::Plain | Way::Default => prepared.run(self.store),
            Way::Profiled => prepared.run_profiled(self.store).map(|(answer, _)| answer),
            Way::All | Way::Alone(_) => self.fetch_and_execute(prepared),
        };
        Seen::of(self.query, answer.map_err(QueryError::from))
    }

    /// As a host does that fetches by other means.
    fn fetch_and_execute(&self, prepared: &PreparedQuery) -> Result<Answer, Error> {
        let fetched: Result<Vec<_>, _> =
            prepared.requests().iter().map(|request| self.store.select(request)).collect();
        prepared.execute(&fetched?)
    }
}

/// All that a host sees of a query.
struct Seen {
    outcome: Outcome,
    error: Option<QueryError>,
    remarks: Vec<Annotation>,
    statistics: QueryStatistics,
}

impl Seen {
    fn of(query: &str, answer: Result<Answer, QueryError>) -> Self {
        let remarks = answer.iter().flat_map(|answer| answer.annotations.iter()).collect();
        let mut statistics =
            answer.as_ref().map(|answer| answer.statistics.clone()).unwrap_or_else(|_| Default::default());
        // Less of it is what passes are for.
        statistics.peak_bytes = 0;
        Self { error: answer.as_ref().err().cloned(), remarks, statistics, outcome: outcome(query, answer) }
    }

    /// Whether it failed, has samples, has remarks.
    fn kinds(&self) -> [bool; 3] {
        let has_samples = self.outcome.as_ref().is_ok_and(|answer| match &answer.value {
            Shape::Vector(elements) | Shape::Matrix(elements) => !elements.is_empty(),
            Shape::Scalar(_) | Shape::Text(_) => true,
        });
        [self.outcome.is_err(), has_samples, !self.remarks.is_empty()]
    }

    /// Whether a limit was reached of which passes may use less or more.
    fn is_interrupted(&self, keeps_costs: bool) -> bool {
        let Some(QueryError::Evaluation(Error { kind, .. })) = &self.error else { return false };
        match kind {
            ErrorKind::LimitExceeded { limit, .. } => *limit != "max_samples" || !keeps_costs,
            _ => false,
        }
    }

    fn difference(&self, other: &Self, keeps_costs: bool) -> Option<String> {
        if self.is_interrupted(keeps_costs) || other.is_interrupted(keeps_costs) {
            return None;
        }
        let differ = |what: &str, a: &dyn fmt::Debug, b: &dyn fmt::Debug| {
            Some(format!("other {what}:\n  without passes: {a:?}\n  with them:      {b:?}"))
        };
        let is_of_store = |seen: &Self| {
            matches!(&seen.error, Some(QueryError::Evaluation(Error { kind: ErrorKind::Storage(_), .. })))
        };
        // What is fetched in one go for several selectors is more than each of them would read; and where costs change, less is read.
        if is_of_store(other) != is_of_store(self) && (is_of_store(other) || !keeps_costs) {
            return None;
        }
        if self.error != other.error {
            return differ("errors", &self.error, &other.error);
        }
        if let (Ok(a), Ok(b)) = (&self.outcome, &other.outcome)
            && !same_bits(&a.value, &b.value)
        {
            return differ("values", &a.value, &b.value);
        }
        if self.remarks != other.remarks {
            return differ("remarks", &self.remarks, &other.remarks);
        }
        if keeps_costs && self.statistics != other.statistics {
            return differ("statistics", &self.statistics, &other.statistics);
        }
        None
    }
}
