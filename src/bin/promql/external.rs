//! Other programs that the user names: a pager, an editor.

use std::process::Command;

/// A command line as the user's settings have it, run by the shell; arguments may be added. The shell ends with 126 or 127
/// where there is no such program.
#[cfg(unix)]
pub(crate) fn command(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{line} \"$@\""), line]);
    command
}

/// A command line as the user's settings have it; arguments may be added.
#[cfg(not(unix))]
pub(crate) fn command(line: &str) -> Command {
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words);
    command
}
