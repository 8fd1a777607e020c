//! The commands that need no samples, a file each.

pub(crate) mod fmt;
pub(crate) mod functions;
pub(crate) mod generate;
pub(crate) mod parse;
pub(crate) mod test;
