//! What a query would cost, before it runs: Prometheus' cost estimate, from the plan and a bounded look at the store.

use super::PreparedQuery;
use crate::{
    error::Error,
    functions::WindowSpecification,
    plan::{Node, NodeKind, RangeSource, walk_everywhere},
    storage::{SelectEstimate, Storage},
};

/// What a query would cost, in the units of [`QueryStatistics`](super::QueryStatistics). More or less than it turns out: nothing was
/// evaluated.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct CostEstimate {
    /// Series, selector by selector.
    pub series: u64,
    /// Samples read.
    pub samples_read: u64,
    /// The same for each selector: [`PlanNode::selector`](super::PlanNode::selector) says which.
    pub selectors: Vec<SelectorEstimate>,
}

/// What one of a query's selectors would cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SelectorEstimate {
    /// Series that match.
    pub series: u64,
    /// Samples read, over all steps.
    pub samples_read: u64,
    /// Whether the store could tell how dense its samples are; else one a minute was assumed.
    pub is_measured: bool,
}

/// How far samples are taken to lie apart where nothing is known: Prometheus' default scrape interval.
const ASSUMED_INTERVAL_MS: f64 = 60_000.0;

impl PreparedQuery {
    /// Estimates what the query would cost on a store, by [`Storage::estimate`]; nothing is evaluated. Where that knows nothing, the series
    /// are counted and their samples taken to be floats a minute apart. Of `info()`, all series that could match count.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn estimate(&self, storage: &dyn Storage) -> Result<CostEstimate, Error> {
        let selectors = vec![SelectorEstimate::default(); self.plan.reads.len()];
        let mut estimate = CostEstimate { selectors, ..Default::default() };
        for (_, node) in walk_everywhere(&self.plan) {
            let Some((index, reads)) = Reads::of(node) else { continue };
            let (Some(request), Some(place)) = (self.plan.wanted(index), estimate.selectors.get_mut(index))
            else {
                continue;
            };
            let found = match storage.estimate(request)? {
                Some(found) => found,
                None => SelectEstimate::of_series(storage.series(request)?.len() as u64),
            };
            let samples_read = reads.samples(&found);
            *place =
                SelectorEstimate { series: found.series, samples_read, is_measured: found.samples.is_some() };
            // What is evaluated once for several places counts at each.
            estimate.series = estimate.series.saturating_add(found.series);
            estimate.samples_read = estimate.samples_read.saturating_add(samples_read);
        }
        Ok(estimate)
    }
}

/// How a leaf reads its series.
#[derive(Debug, Clone, Copy)]
enum Reads {
    /// The newest sample at each of so many steps.
    Points(usize),
    /// A window of `range_ms` at each of `steps`, which lie `step_ms` apart.
    Windows { steps: usize, step_ms: i64, range_ms: i64 },
    /// Nothing that counts as read.
    Nothing,
}

impl Reads {
    /// What a leaf reads, and by which selector.
    fn of(node: &Node) -> Option<(usize, Self)> {
        let of_windows = |source: &RangeSource| match source {
            RangeSource::Selector { read, windows, .. } => Some((*read, Self::windows(windows))),
            RangeSource::Subquery { .. } => None,
        };
        if node.steps.count == 0 {
            return None;
        }
        match &node.kind {
            // Prometheus reads windows here, but does not count them.
            NodeKind::Select(selector) if selector.smoothed => Some((selector.read, Self::Nothing)),
            NodeKind::Select(selector) | NodeKind::Info { selector, .. } => {
                Some((selector.read, Self::Points(node.steps.count)))
            }
            NodeKind::Range(call) | NodeKind::AbsentOverTime { call, .. } => of_windows(&call.source),
            NodeKind::RangeVector(source) => of_windows(source),
            _ => None,
        }
    }

    fn windows(windows: &WindowSpecification) -> Self {
        let (after_ms, until_ms) = windows.reach();
        let ends = windows.ends;
        let between_ends = ends.at(ends.count.saturating_sub(1)).saturating_sub(ends.start_ms);
        let range_ms = until_ms.saturating_sub(after_ms).saturating_sub(between_ends);
        // A fixed window is read once.
        let steps = if ends.step_ms == 0 { ends.count.min(1) } else { ends.count };
        Self::Windows { steps, step_ms: ends.step_ms, range_ms }
    }

    /// How many samples that is, a native histogram counted by its size.
    fn samples(self, found: &SelectEstimate) -> u64 {
        let series = found.series as f64;
        let in_store = found.samples.map_or(f64::INFINITY, |samples| samples as f64);
        let samples = match self {
            Self::Nothing => 0.0,
            // A sample stands for many steps, and steps without one find nothing: the store's number is no bound.
            Self::Points(_) if found.samples == Some(0) => 0.0,
            Self::Points(steps) => series * steps as f64,
            Self::Windows { steps, step_ms, range_ms } => {
                let interval_ms = found.interval_ms.filter(|ms| *ms > 0.0).unwrap_or(ASSUMED_INTERVAL_MS);
                let first = (range_ms as f64 / interval_ms).max(1.0);
                let next = (step_ms as f64 / interval_ms).min(first);
                (series * (first + next * steps.saturating_sub(1) as f64)).min(in_store)
            }
        };
        (samples * found.sample_size).round() as u64
    }
}
