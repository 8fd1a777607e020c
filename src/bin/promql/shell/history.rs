//! Where the session's history is kept between sessions: a file in the user's state directory.

use std::{env, fs, path::PathBuf};

/// The history file, its folder made; `None` where there is no home or it cannot be written to, and then
/// the history lasts as long as the session.
pub(crate) fn file() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = set("XDG_STATE_HOME")
        .or_else(|| set("LOCALAPPDATA"))
        .or_else(|| set("HOME").map(|home| home.join(".local/state")))?;
    let folder = state.join("promql");
    fs::create_dir_all(&folder).ok()?;
    Some(folder.join("history"))
}
