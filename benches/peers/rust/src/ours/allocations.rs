//! Allocations of warm queries: counted by a program of its own, as counting would slow all others down.

use std::process::Command;

use super::figure;
use crate::Settings;
use crate::programs;
use crate::record::{ALLOCATIONS, Figure, MORE_ALLOCATIONS};

pub(crate) fn measure(settings: &Settings) -> Vec<Figure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = programs::folder().join("Cargo.toml");
    let output = Command::new(cargo)
        .args(["run", "--release", "--quiet", "--bin", "allocations", "--manifest-path"])
        .arg(manifest)
        .output();
    let text = match output {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
        Ok(output) => {
            println!("skipped: allocations: {}", String::from_utf8_lossy(&output.stderr));
            return Vec::new();
        }
        Err(error) => {
            println!("skipped: allocations: {error}");
            return Vec::new();
        }
    };
    // A line a query: how many, how many more at twice the steps, how many more at twice the samples, and the query.
    let mut figures = Vec::new();
    for line in text.lines().filter(|line| line.contains(&settings.filter)) {
        let mut words = line.splitn(4, ' ');
        let mut count = || words.next().and_then(|word| word.parse::<f64>().ok());
        let (Some(base), Some(steps), Some(samples)) = (count(), count(), count()) else { continue };
        let query = words.next().unwrap_or_default();
        figures.push(figure(ALLOCATIONS, query, "", base));
        figures.push(figure(MORE_ALLOCATIONS, query, "", steps.max(samples)));
    }
    figures
}
