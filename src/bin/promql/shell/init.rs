//! The file that every session runs first.

use std::{env, path::PathBuf};

/// `promql/init` in the user's folder of settings, where there is such a file.
pub(crate) fn file() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let settings = set("XDG_CONFIG_HOME")
        .or_else(|| set("APPDATA"))
        .or_else(|| set("HOME").map(|home| home.join(".config")))?;
    Some(settings.join("promql").join("init")).filter(|path| path.is_file())
}
