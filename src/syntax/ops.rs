//! The vocabulary of operators: unary, binary, aggregating.
//!
//! Binding powers stand beside the operators, in one table, because they are all the Pratt parser knows about them.

use std::fmt;

use crate::model::{Example, Unit};

/// A sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `+`
    Plus,
    /// `-`
    Minus,
}

impl UnaryOp {
    /// The sign as written.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Plus => "+",
            Self::Minus => "-",
        }
    }
}

/// Which side of two equal operators binds first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Associativity {
    /// `a - b - c` is `(a - b) - c`.
    Left,
    /// `a ^ b ^ c` is `a ^ (b ^ c)`.
    Right,
}

/// One line of [`BINARY_OPERATORS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BinaryOperatorEntry {
    /// The operator.
    pub op: BinaryOp,
    /// As it is written.
    pub symbol: &'static str,
    /// How tightly it binds; a higher number binds tighter.
    pub binding_power: u8,
    /// Which of two neighbours with the same power binds first.
    pub associativity: Associativity,
    /// What it does, for documentation.
    pub summary: &'static str,
}

macro_rules! binary_operators {
    ($($name:ident $symbol:literal $power:literal $side:ident $summary:literal)+) => {
        /// An operator between two expressions.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum BinaryOp {
            $(#[doc = concat!("`", $symbol, "`: ", $summary)] $name,)+
        }

        /// Every binary operator with its binding power, in the order of [`BinaryOp`].
        pub const BINARY_OPERATORS: &[BinaryOperatorEntry] = &[
            $(BinaryOperatorEntry {
                op: BinaryOp::$name,
                symbol: $symbol,
                binding_power: $power,
                associativity: Associativity::$side,
                summary: $summary,
            },)+
        ];
    };
}

binary_operators! {
    Or        "or"     1 Left  "union"
    And       "and"    2 Left  "intersection"
    Unless    "unless" 2 Left  "complement"
    Equal     "=="     3 Left  "equal"
    NotEqual  "!="     3 Left  "not equal"
    Greater   ">"      3 Left  "greater"
    Less      "<"      3 Left  "less"
    GreaterOrEqual ">=" 3 Left "greater or equal"
    LessOrEqual    "<=" 3 Left "less or equal"
    TrimUpper "</"     3 Left  "histogram without the observations above"
    TrimLower ">/"     3 Left  "histogram without the observations below"
    Add       "+"      4 Left  "addition"
    Sub       "-"      4 Left  "subtraction"
    Mul       "*"      5 Left  "multiplication"
    Div       "/"      5 Left  "division"
    Mod       "%"      5 Left  "remainder"
    Atan2     "atan2"  5 Left  "angle of the point (right, left)"
    Pow       "^"      6 Right "power"
}

/// How tightly a sign binds: like `*`, so that `-2 ^ 2` is `-(2 ^ 2)`.
pub const UNARY_BINDING_POWER: u8 = 5;

impl BinaryOp {
    /// Its line of the table.
    pub const fn entry(self) -> &'static BinaryOperatorEntry {
        &BINARY_OPERATORS[self as usize]
    }

    /// The operator as written.
    pub const fn symbol(self) -> &'static str {
        self.entry().symbol
    }

    /// Whether it compares (`== != > < >= <=`), so that `bool` may follow.
    pub const fn is_comparison(self) -> bool {
        matches!(
            self,
            Self::Equal
                | Self::NotEqual
                | Self::Greater
                | Self::Less
                | Self::GreaterOrEqual
                | Self::LessOrEqual
        )
    }

    /// Whether it is `and`, `or` or `unless`.
    pub const fn is_set(self) -> bool {
        matches!(self, Self::And | Self::Or | Self::Unless)
    }
}

impl fmt::Display for BinaryOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

macro_rules! aggregate_operators {
    ($($name:ident $symbol:literal $param:literal $experimental:literal $unit:ident $summary:literal
        $load:ident $query:literal $answer:literal)+) => {
        /// An aggregation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum AggregateOp {
            $(#[doc = concat!("`", $symbol, "`: ", $summary)] $name,)+
        }

        impl AggregateOp {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The operator as written.
            pub const fn symbol(self) -> &'static str {
                match self { $(Self::$name => $symbol,)+ }
            }

            /// Whether it takes a parameter before the vector.
            pub const fn has_param(self) -> bool {
                match self { $(Self::$name => $param,)+ }
            }

            /// Whether a server refuses it unless experimental functions are on.
            pub const fn is_experimental(self) -> bool {
                match self { $(Self::$name => $experimental,)+ }
            }

            /// What it does, for documentation.
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$name => $summary,)+ }
            }

            /// What its values are measured in.
            pub const fn unit(self) -> Unit {
                match self { $(Self::$name => Unit::$unit,)+ }
            }

            /// A use of it that runs.
            pub const fn example(self) -> Example {
                match self {
                    $(Self::$name => Example { load: $load, query: $query, at: "0s", answer: $answer },)+
                }
            }
        }
    };
}

/// Queues of two shops, for examples.
const QUEUES: &str = "load 1m\n  queue_length{shop=\"north\",till=\"1\"} 3\n  queue_length{shop=\"north\",till=\"2\"} 1\n  \
                      queue_length{shop=\"south\",till=\"1\"} 5\n  queue_length{shop=\"south\",till=\"2\"} 5";

aggregate_operators! {
    Sum "sum" false false Argument "the sum of the values"
        QUEUES "sum by (shop) (queue_length)" "{shop=\"north\"} 4\n{shop=\"south\"} 10"
    Avg "avg" false false Argument "the mean of the values"
        QUEUES "avg by (shop) (queue_length)" "{shop=\"north\"} 2\n{shop=\"south\"} 5"
    Count "count" false false Number "the number of elements"
        QUEUES "count(queue_length > 2)" "{} 3"
    Min "min" false false Argument "the smallest value"
        QUEUES "min without (till) (queue_length)" "{shop=\"north\"} 1\n{shop=\"south\"} 5"
    Max "max" false false Argument "the largest value"
        QUEUES "max(queue_length)" "{} 5"
    Group "group" false false Number "1 for each group"
        QUEUES "group by (shop) (queue_length)" "{shop=\"north\"} 1\n{shop=\"south\"} 1"
    Stddev "stddev" false false Argument "the population standard deviation"
        QUEUES "stddev by (shop) (queue_length)" "{shop=\"north\"} 1\n{shop=\"south\"} 0"
    Stdvar "stdvar" false false ArgumentSquared "the population variance"
        QUEUES "stdvar by (shop) (queue_length)" "{shop=\"north\"} 1\n{shop=\"south\"} 0"
    Topk "topk" true false Argument "the k elements with the largest values"
        QUEUES "topk by (shop) (1, queue_length)" "queue_length{shop=\"north\",till=\"1\"} 3\nqueue_length{shop=\"south\",till=\"1\"} 5"
    Bottomk "bottomk" true false Argument "the k elements with the smallest values"
        QUEUES "bottomk(1, queue_length)" "queue_length{shop=\"north\",till=\"2\"} 1"
    CountValues "count_values" true false Number "the number of elements of each value"
        QUEUES "count_values(\"length\", queue_length)" "{length=\"1\"} 1\n{length=\"3\"} 1\n{length=\"5\"} 2"
    Quantile "quantile" true false Argument "the φ-quantile of the values"
        QUEUES "quantile(0.5, queue_length)" "{} 4"
    Limitk "limitk" true true Argument "k elements"
        QUEUES "count(limitk(3, queue_length))" "{} 3"
    LimitRatio "limit_ratio" true true Argument "a part of the elements"
        QUEUES "count(limit_ratio(1, queue_length))" "{} 4"
}

impl fmt::Display for AggregateOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}
