//! What a template consists of. Positions are bytes of its text.

/// A part of a template.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    /// Text as it is.
    Text(String),
    /// The value of a pipeline, printed unless it sets a variable.
    Action(Pipeline),
    /// `if`, `with` or `range`.
    Branch(Box<Branch>),
    /// `template "name" pipeline`.
    Call { name: String, argument: Option<Pipeline>, position: usize },
    /// `break`.
    Break,
    /// `continue`.
    Continue,
}

/// Which kind of branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BranchKind {
    If,
    With,
    Range,
}

/// A pipeline and what follows from it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Branch {
    pub(super) kind: BranchKind,
    pub(super) pipeline: Pipeline,
    pub(super) body: Vec<Part>,
    pub(super) otherwise: Vec<Part>,
}

/// Commands, each with the value of the one before as its last argument.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pipeline {
    /// The variables it sets.
    pub(super) variables: Vec<String>,
    /// Whether they are set (`=`) rather than declared (`:=`).
    pub(super) assigns: bool,
    pub(super) commands: Vec<Command>,
    pub(super) position: usize,
}

/// An operand with its arguments.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Command {
    pub(super) operands: Vec<Operand>,
}

/// A value, or where to find one. With fields behind it, it stands where the first of them begins, as in Go's errors.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Operand {
    pub(super) kind: OperandKind,
    pub(super) position: usize,
    /// As it is written.
    pub(super) text: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum OperandKind {
    Dot,
    Nil,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    /// `.a.b`
    Field(Vec<String>),
    /// `$x.a.b`
    Variable(String, Vec<String>),
    Function(String),
    /// `( … ).a.b`
    Pipeline(Box<Pipeline>, Vec<String>),
}

impl OperandKind {
    /// The same, with these fields behind it.
    pub(super) fn with_fields(&self, names: &[String]) -> Self {
        match self {
            Self::Field(_) if names.is_empty() => Self::Dot,
            Self::Field(_) => Self::Field(names.to_vec()),
            Self::Variable(name, _) => Self::Variable(name.clone(), names.to_vec()),
            Self::Pipeline(pipeline, _) => Self::Pipeline(pipeline.clone(), names.to_vec()),
            other => other.clone(),
        }
    }
}
