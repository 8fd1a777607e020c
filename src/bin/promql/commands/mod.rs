//! The commands that can do without samples, a file each.

pub(crate) mod fmt;
pub(crate) mod functions;
pub(crate) mod generate;
pub(crate) mod lint;
pub(crate) mod parse;
pub(crate) mod test;
