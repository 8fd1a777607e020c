//! Figures that need no peer.

mod allocations;
mod fixed_cost;
mod long_query;
mod plain_pass;
mod program;
mod second_core;

use crate::record::Figure;

pub(crate) use allocations::measure as allocations;
pub(crate) use fixed_cost::measure as fixed_cost;
pub(crate) use long_query::measure as long_query;
pub(crate) use plain_pass::measure as plain_pass;
pub(crate) use program::measure as program;
pub(crate) use second_core::measure as second_core;

/// A figure, printed on its way.
fn figure(part: &str, name: &str, unit: &str, value: f64) -> Figure {
    println!("{value:>14.1} {unit:<3} {part}: {name}");
    Figure { part: part.to_owned(), name: name.to_owned(), unit: unit.to_owned(), value }
}
