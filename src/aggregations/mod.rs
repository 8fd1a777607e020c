//! Aggregations: one fold an operator, over groups of series.
//!
//! [`fold`] holds the operators whose state per group and step is a few numbers and whose input can be
//! forgotten row by row (`sum`, `avg`, `min`, `max`, `count`, `group`, `stddev`, `stdvar`), and [`histograms`] sums and
//! averages native histograms beside it; [`select`] those that choose among samples or need them all (`topk`, `bottomk`, `quantile`, `limitk`, `limit_ratio`).
//! [`top`] finds the choice of `topk` and `bottomk` over many steps.

pub(crate) mod fold;
pub(crate) mod histograms;
pub(crate) mod select;
pub(crate) mod top;
