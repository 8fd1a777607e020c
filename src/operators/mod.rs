//! Binary operators: [`elementwise`] computes on columns, [`matching`] pairs series on their labels.

pub(crate) mod elementwise;
pub(crate) mod matching;
