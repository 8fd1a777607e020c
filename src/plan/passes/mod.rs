//! The optimiser: rewrites of a plan, each of which may be turned off.
//!
//! [`build`](super::build()) makes a plan that evaluates a query as it is written; the passes here make it cheaper, one rewrite a file, in
//! the order of [`Pass::ALL`]. None may change a value, an error or an annotation. What a query costs in Prometheus' terms stays
//! what it is, too: what is fetched or evaluated once counts wherever the query has it.

mod aggregation_into_leaves;
mod aggregations_together;
mod constant_folding;
mod equal_selectors;
mod equal_subtrees;
mod matchers_across_joins;
mod merge;
mod same;
mod subset_selectors;
mod unneeded_labels;
mod unread_buckets;

use super::Plan;

/// A rewrite of plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Pass {
    /// Arithmetic on numbers is done once, before the query runs.
    ConstantFolding,
    /// Matchers of one side of a join or set operator are asked of the other side, too, where what they refuse finds no partner.
    ///
    /// Not among the defaults: what is not fetched is not counted in the query's statistics, nor against `max_samples`.
    MatchersAcrossJoins,
    /// Selectors with equal matchers are fetched once, where the times they read adjoin.
    EqualSelectors,
    /// A selector whose matchers include all those of another is read from what is fetched for that one.
    SubsetSelectors,
    /// The store is told where only counts and sums of histograms are read.
    UnreadBuckets,
    /// The store is told which labels are looked at, where an aggregation drops the others.
    UnneededLabels,
    /// Aggregations read their input row by row instead of holding it.
    AggregationIntoLeaves,
    /// Several aggregations of one input by the same labels are made in one pass over it.
    AggregationsTogether,
    /// Parts of the query that are the same are evaluated once, where their rows are held anyway.
    EqualSubtrees,
}

impl Pass {
    /// All passes, in the order in which they run.
    pub const ALL: [Self; 9] = [
        Self::ConstantFolding,
        Self::MatchersAcrossJoins,
        Self::EqualSelectors,
        Self::SubsetSelectors,
        Self::UnreadBuckets,
        Self::UnneededLabels,
        Self::AggregationIntoLeaves,
        Self::AggregationsTogether,
        Self::EqualSubtrees,
    ];

    /// The pass' name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ConstantFolding => "constant folding",
            Self::MatchersAcrossJoins => "matchers across joins",
            Self::EqualSelectors => "equal selectors",
            Self::SubsetSelectors => "subset selectors",
            Self::UnreadBuckets => "unread buckets",
            Self::UnneededLabels => "unneeded labels",
            Self::AggregationIntoLeaves => "aggregation into leaves",
            Self::AggregationsTogether => "aggregations together",
            Self::EqualSubtrees => "equal subtrees",
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }

    fn run(self, plan: &mut Plan, query: &str) -> Counted {
        match self {
            Self::ConstantFolding => constant_folding::run(plan),
            Self::MatchersAcrossJoins => matchers_across_joins::run(plan),
            Self::EqualSelectors => equal_selectors::run(plan),
            Self::SubsetSelectors => subset_selectors::run(plan),
            Self::UnreadBuckets => unread_buckets::run(plan),
            Self::UnneededLabels => unneeded_labels::run(plan),
            Self::AggregationIntoLeaves => aggregation_into_leaves::run(plan),
            Self::AggregationsTogether => aggregations_together::run(plan, query),
            Self::EqualSubtrees => equal_subtrees::run(plan, query),
        }
    }
}

/// Which passes run. The default is all but those that change what a query costs in Prometheus' terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Optimisations(u16);

impl Optimisations {
    /// No pass: plans evaluate queries as they are written.
    pub const fn none() -> Self {
        Self(0)
    }

    /// Every pass.
    pub const fn all() -> Self {
        Self((1 << Pass::ALL.len()) - 1)
    }

    /// These and one more.
    #[must_use]
    pub const fn with(self, pass: Pass) -> Self {
        Self(self.0 | pass.bit())
    }

    /// These but one.
    #[must_use]
    pub const fn without(self, pass: Pass) -> Self {
        Self(self.0 & !pass.bit())
    }

    /// Whether a pass runs.
    pub const fn contains(self, pass: Pass) -> bool {
        self.0 & pass.bit() != 0
    }
}

impl Default for Optimisations {
    fn default() -> Self {
        Self::all().without(Pass::MatchersAcrossJoins)
    }
}

/// What a pass did to one plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PassFigures {
    /// The pass.
    pub pass: Pass,
    /// Places at which its rewrite was tried.
    pub attempted: u32,
    /// Places that it changed.
    pub changed: u32,
}

impl PassFigures {
    /// The figures of passes that have not run.
    pub(crate) fn none() -> [Self; Pass::ALL.len()] {
        Pass::ALL.map(|pass| Self { pass, attempted: 0, changed: 0 })
    }
}

/// What a pass counts as it goes.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    attempted: u32,
    changed: u32,
}

impl Counted {
    /// Counts a place.
    const fn place(&mut self, changed: bool) {
        self.attempted = self.attempted.saturating_add(1);
        if changed {
            self.changed = self.changed.saturating_add(1);
        }
    }
}

/// Runs passes on the plan of a query.
pub(super) fn run(plan: &mut Plan, query: &str, optimisations: Optimisations) {
    for (number, pass) in Pass::ALL.into_iter().enumerate().filter(|(_, pass)| optimisations.contains(*pass))
    {
        let Counted { attempted, changed } = pass.run(plan, query);
        plan.passes[number] = PassFigures { pass, attempted, changed };
    }
}
