//! What a parser accepts: options, and the set of functions, per instance.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::model::Signature;

/// How deep expressions may nest where an option does not say otherwise.
pub const DEFAULT_MAX_NESTING: usize = 200;

/// What a parser accepts beyond the plain language. The default is a Prometheus server without feature flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParserOptions {
    /// Accept functions and aggregations marked experimental.
    pub experimental_functions: bool,
    /// Accept `fill`, `fill_left` and `fill_right` behind binary operators.
    pub fill_modifiers: bool,
    /// Accept letters of any script and dots in names without quotes.
    pub unquoted_utf8_names: bool,
    /// How deep parentheses, calls, unary operators and right-associative operators may nest.
    ///
    /// The default stays far below what the smallest usual stack (2 MiB) holds in a debug build.
    pub max_nesting: usize,
    /// Refuse invalid regular expressions while parsing, as Prometheus does. A caller that compiles the matchers
    /// anyway, as a planner does, may turn this off and save compiling them twice.
    pub check_patterns: bool,
}

impl Default for ParserOptions {
    fn default() -> Self {
        Self {
            experimental_functions: false,
            fill_modifiers: false,
            unquoted_utf8_names: false,
            max_nesting: DEFAULT_MAX_NESTING,
            check_patterns: true,
        }
    }
}

impl ParserOptions {
    /// Everything on.
    pub fn all() -> Self {
        Self {
            experimental_functions: true,
            fill_modifiers: true,
            unquoted_utf8_names: true,
            ..Self::default()
        }
    }
}

/// The functions a parser knows, by name. Cloning shares.
#[derive(Debug, Clone, Default)]
pub struct FunctionSet(Arc<FxHashMap<&'static str, Signature>>);

impl FunctionSet {
    /// A set of these functions; of a name given twice the last counts.
    pub fn new(signatures: impl IntoIterator<Item = Signature>) -> Self {
        Self(Arc::new(signatures.into_iter().map(|signature| (signature.name, signature)).collect()))
    }

    /// The function of this name; names are case-sensitive.
    pub fn get(&self, name: &str) -> Option<&Signature> {
        self.0.get(name)
    }

    /// All names, in no order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }
}

impl FromIterator<Signature> for FunctionSet {
    fn from_iter<I: IntoIterator<Item = Signature>>(signatures: I) -> Self {
        Self::new(signatures)
    }
}
