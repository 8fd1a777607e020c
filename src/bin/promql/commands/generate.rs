//! `completions` and `man`: what other programs want to know of the command line, from its one definition.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::{arguments::Arguments, outcome::Failure, terminal};

/// Writes the completion script of a shell.
pub(crate) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "promql", &mut script);
    Ok(terminal::out(&String::from_utf8_lossy(&script))?)
}

/// Writes the manual page.
pub(crate) fn man() -> Result<(), Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Arguments::command()).render(&mut page)?;
    Ok(terminal::out(&String::from_utf8_lossy(&page))?)
}
