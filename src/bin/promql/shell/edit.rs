//! `.edit`, and Ctrl-X Ctrl-E: a text goes to `$VISUAL` or `$EDITOR` and comes back.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use promql_engine::exec::CancellationToken;

use crate::{cancel, external, outcome::Failure};

/// The editor where nobody says which.
const DEFAULT: &str = if cfg!(windows) { "notepad" } else { "vi" };

/// The text as the editor leaves it.
pub(crate) fn edit(text: &str) -> Result<String, Failure> {
    let set = |name: &str| env::var(name).ok().filter(|value| !value.trim().is_empty());
    let command = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| DEFAULT.to_owned());
    let failed = |error: io::Error| Failure::failed(format!("cannot edit: {error}"));
    let path = scratch(text).map_err(failed)?;
    let edited = run(&command, &path).and_then(|()| fs::read_to_string(&path).map_err(failed));
    fs::remove_file(&path).ok();
    edited
}

/// A new file with this text, which only its owner may read.
fn scratch(text: &str) -> io::Result<PathBuf> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let (folder, process) = (env::temp_dir(), std::process::id());
    for number in 0.. {
        let path = folder.join(format!("promql-{process}-{number}.promql"));
        match options.open(&path) {
            Ok(mut file) => {
                io::Write::write_all(&mut file, text.as_bytes())?;
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 100 => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn run(command: &str, path: &Path) -> Result<(), Failure> {
    // Ctrl-C is for the editor, as long as it runs.
    let _watch = cancel::watch(CancellationToken::default());
    match external::command(command).arg(path).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::failed(format!("`{command}` ended with {status}; nothing is run"))),
        Err(error) => Err(Failure::failed(format!("cannot run `{command}`: {error}"))),
    }
}
