//! Binary operators: [`elementwise`] computes on columns of floats, [`histograms`] on pairs with a native histogram,
//! [`matching`] pairs series on their labels.

pub(crate) mod elementwise;
pub(crate) mod histograms;
pub(crate) mod matching;
