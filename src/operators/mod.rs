//! Binary operators: arithmetic, comparison, set, and vector matching.
