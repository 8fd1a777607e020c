//! The vectorised evaluator: plans run over blocks of columns.
