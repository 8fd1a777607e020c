//! Plans: what a query reads and how its parts combine, before a sample is read.
