//! Go's own client, asked about the module of the oracle, which depends on Prometheus.

use std::path::Path;
use std::process::Command;

/// What a command of `go` prints when it runs in the oracle's module.
///
/// # Errors
///
/// That there is no Go, or what it complains about, such as that it cannot fetch a module.
pub(crate) fn run(arguments: &[&str]) -> Result<String, String> {
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/program");
    let ran = Command::new("go").args(arguments).current_dir(module).output();
    let output = ran.map_err(|error| format!("no Go here: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(format!("go {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim()))
    }
}
