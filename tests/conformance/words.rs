//! The words of the language, and which of them a query uses.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use promql_engine::functions::signatures;
use promql_engine::model::MatchOperator;
use promql_engine::syntax::ast::{At, Cardinality, Duration, VectorMatching, VectorSelector};
use promql_engine::syntax::ops::BINARY_OPERATORS;
use promql_engine::syntax::{AggregateOp, Expr, ExprKind, FunctionSet, ParserOptions, Visitor, parse};

/// What stands beside functions, aggregations and operators.
const MODIFIERS: &[&str] = &[
    "by",
    "without",
    "bool",
    "on",
    "ignoring",
    "group_left",
    "group_right",
    "fill",
    "fill_left",
    "fill_right",
    "offset",
    "offset -",
    "offset expression",
    "@",
    "@ start()",
    "@ end()",
    "anchored",
    "smoothed",
    "range",
    "range expression",
    "subquery",
    "subquery without step",
    "sign",
    "label=",
    "label!=",
    "label=~",
    "label!~",
];

/// A kind of word and the word, in the order in which tables list them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Word {
    Function(&'static str),
    Aggregation(&'static str),
    Operator(&'static str),
    Modifier(&'static str),
}

/// Its kind and itself, as a table shows them.
impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function(text) => write!(f, "function `{text}`"),
            Self::Aggregation(text) => write!(f, "aggregation `{text}`"),
            Self::Operator(text) => write!(f, "operator `{text}`"),
            Self::Modifier(text) => write!(f, "modifier `{text}`"),
        }
    }
}

/// All of them: functions and operators as the registries have them.
pub(crate) fn all() -> BTreeSet<Word> {
    let functions = signatures().iter().map(|signature| Word::Function(signature.name));
    let aggregations = AggregateOp::ALL.iter().map(|op| Word::Aggregation(op.symbol()));
    let operators = BINARY_OPERATORS.iter().map(|entry| Word::Operator(entry.symbol));
    let modifiers = MODIFIERS.iter().map(|text| Word::Modifier(text));
    functions.chain(aggregations).chain(operators).chain(modifiers).collect()
}

/// The words of a query; none where it does not parse.
pub(crate) fn of(query: &str) -> BTreeSet<Word> {
    static FUNCTIONS: LazyLock<FunctionSet> = LazyLock::new(|| signatures().iter().copied().collect());
    let mut used = Used::default();
    if let Ok(parsed) = parse(query, &ParserOptions::all(), &FUNCTIONS) {
        parsed.expr.visit(&mut used);
    }
    used.0
}

#[derive(Default)]
struct Used(BTreeSet<Word>);

impl Visitor for Used {
    fn enter(&mut self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Call(call) => {
                self.0.insert(Word::Function(call.function.name));
            }
            ExprKind::Aggregate(aggregate) => {
                self.0.insert(Word::Aggregation(aggregate.op.symbol()));
                self.modifier("without", aggregate.without);
                self.modifier("by", !aggregate.without && !aggregate.grouping.is_empty());
            }
            ExprKind::Binary(binary) => {
                self.0.insert(Word::Operator(binary.op.symbol()));
                self.modifier("bool", binary.return_bool);
                if let Some(matching) = &binary.matching {
                    self.matching(matching);
                }
            }
            ExprKind::Unary(_) => self.modifier("sign", true),
            ExprKind::VectorSelector(selector) => self.selector(selector),
            ExprKind::MatrixSelector(matrix) => {
                self.modifier("range", true);
                self.modifier("range expression", matches!(matrix.range, Duration::Expression(_)));
                self.selector(&matrix.selector);
            }
            ExprKind::Subquery(subquery) => {
                self.modifier("subquery", true);
                self.modifier("subquery without step", subquery.step.is_none());
                self.times(&subquery.offset, subquery.at);
            }
            ExprKind::Number(_) | ExprKind::String(_) | ExprKind::Paren(_) => {}
        }
        true
    }
}

impl Used {
    fn modifier(&mut self, text: &'static str, is_there: bool) {
        if is_there {
            self.0.insert(Word::Modifier(text));
        }
    }

    fn matching(&mut self, matching: &VectorMatching) {
        self.modifier("on", matching.on);
        self.modifier("ignoring", !matching.on && !matching.labels.is_empty());
        self.modifier("group_left", matching.card == Cardinality::ManyToOne);
        self.modifier("group_right", matching.card == Cardinality::OneToMany);
        let both = matching.fill_lhs.is_some() && matching.fill_rhs.is_some();
        self.modifier("fill", both);
        self.modifier("fill_left", matching.fill_lhs.is_some() && !both);
        self.modifier("fill_right", matching.fill_rhs.is_some() && !both);
    }

    fn selector(&mut self, selector: &VectorSelector) {
        self.modifier("anchored", selector.anchored);
        self.modifier("smoothed", selector.smoothed);
        for matcher in &selector.matchers {
            self.modifier(
                match matcher.operator {
                    MatchOperator::Equal => "label=",
                    MatchOperator::NotEqual => "label!=",
                    MatchOperator::Regex => "label=~",
                    MatchOperator::NotRegex => "label!~",
                },
                true,
            );
        }
        self.times(&selector.offset, selector.at);
    }

    fn times(&mut self, offset: &Duration, at: Option<At>) {
        self.modifier("offset", matches!(offset, Duration::Fixed(1..)));
        self.modifier("offset -", matches!(offset, Duration::Fixed(..0)));
        self.modifier("offset expression", matches!(offset, Duration::Expression(_)));
        self.modifier("@", matches!(at, Some(At::Timestamp(_))));
        self.modifier("@ start()", at == Some(At::Start));
        self.modifier("@ end()", at == Some(At::End));
    }
}
