//! The function registry: one entry a PromQL function, with its signature, summary, example and kernel.
