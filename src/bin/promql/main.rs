//! `promql`: PromQL at the terminal.

fn main() {}
