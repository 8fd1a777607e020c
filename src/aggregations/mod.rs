//! Aggregations: one fold an operator, over groups of series.
