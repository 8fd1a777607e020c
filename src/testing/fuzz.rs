//! What every input must keep to: the bodies of the fuzz targets in `fuzz/`, callable from plain tests.
//!
//! A body panics where an input breaks a rule. It takes any bytes; those that mean nothing to it, it lets pass.
//!
//! - [`lex`], [`parse`], [`round_trip`]: queries, as text;
//! - [`formats`], [`load`]: files of samples;
//! - [`query`], [`evaluate`]: the engine, on queries as text and on generated ones.

mod evaluate;
mod formats;
mod load;
mod syntax;

pub use evaluate::{evaluate, query};
pub use formats::formats;
pub use load::load;
pub use syntax::{lex, parse, round_trip};

/// A fuzz target.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// The folder of its seeds.
    pub seeds: &'static str,
    /// Its body.
    pub run: fn(&[u8]),
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "lex", seeds: "query", run: lex },
    Target { name: "parse", seeds: "query", run: parse },
    Target { name: "round_trip", seeds: "query", run: round_trip },
    Target { name: "query", seeds: "query", run: query },
    Target { name: "formats", seeds: "formats", run: formats },
    Target { name: "load", seeds: "load", run: load },
    Target { name: "evaluate", seeds: "evaluate", run: evaluate },
];
