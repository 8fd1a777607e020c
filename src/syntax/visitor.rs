//! Walking a tree, and the list of its nodes with their positions.

use super::ast::{Expr, ExprKind};
use crate::model::Span;

/// Something that looks at every node of a tree.
pub trait Visitor {
    /// Called for a node before its children; `false` leaves the children out.
    fn enter(&mut self, expr: &Expr) -> bool;

    /// Called for a node after its children, or right after [`Visitor::enter`] where they were left out.
    fn leave(&mut self, expr: &Expr) {
        let _ = expr;
    }
}

impl Expr {
    /// The direct children, in the order in which Prometheus visits them: an aggregation's parameter comes last.
    pub fn children(&self) -> Vec<&Self> {
        let mut children = Vec::new();
        self.for_each_child(|child| children.push(child));
        children
    }

    /// Calls `visit` with each of the direct children, in that order.
    pub fn for_each_child<'a>(&'a self, mut visit: impl FnMut(&'a Self)) {
        match &self.kind {
            ExprKind::Number(_)
            | ExprKind::String(_)
            | ExprKind::VectorSelector(_)
            | ExprKind::MatrixSelector(_) => {}
            ExprKind::Paren(inner) => visit(inner),
            ExprKind::Unary(unary) => visit(&unary.expr),
            ExprKind::Binary(binary) => {
                visit(&binary.lhs);
                visit(&binary.rhs);
            }
            ExprKind::Aggregate(aggregate) => {
                visit(&aggregate.expr);
                aggregate.param.iter().for_each(visit);
            }
            ExprKind::Call(call) => call.args.iter().for_each(visit),
            ExprKind::Subquery(subquery) => visit(&subquery.expr),
        }
    }

    /// Walks the tree depth first. The stack does not grow with the tree.
    pub fn visit(&self, visitor: &mut impl Visitor) {
        enum Step<'a> {
            Enter(&'a Expr),
            Leave(&'a Expr),
        }
        // Room for usual queries.
        let mut steps = Vec::with_capacity(16);
        steps.push(Step::Enter(self));
        while let Some(step) = steps.pop() {
            match step {
                Step::Leave(expr) => visitor.leave(expr),
                Step::Enter(expr) => {
                    steps.push(Step::Leave(expr));
                    if visitor.enter(expr) {
                        let first = steps.len();
                        expr.for_each_child(|child| steps.push(Step::Enter(child)));
                        steps[first..].reverse();
                    }
                }
            }
        }
    }

    /// The nodes in preorder with the names and positions that Prometheus' own tree has; the selector inside a range
    /// selector is a node of its own there.
    pub fn positions(&self) -> Vec<(&'static str, Span)> {
        #[derive(Default)]
        struct Positions(Vec<(&'static str, Span)>);
        impl Visitor for Positions {
            fn enter(&mut self, expr: &Expr) -> bool {
                self.0.push((expr.kind.node_name(), expr.span));
                if let ExprKind::MatrixSelector(matrix) = &expr.kind {
                    self.0.push(("VectorSelector", matrix.selector_span));
                }
                true
            }
        }
        let mut positions = Positions::default();
        self.visit(&mut positions);
        positions.0
    }
}

impl ExprKind {
    /// The name of the node in Prometheus' tree.
    pub const fn node_name(&self) -> &'static str {
        match self {
            Self::Number(_) => "NumberLiteral",
            Self::String(_) => "StringLiteral",
            Self::Paren(_) => "ParenExpr",
            Self::Unary(_) => "UnaryExpr",
            Self::Binary(_) => "BinaryExpr",
            Self::Aggregate(_) => "AggregateExpr",
            Self::Call(_) => "Call",
            Self::VectorSelector(_) => "VectorSelector",
            Self::MatrixSelector(_) => "MatrixSelector",
            Self::Subquery(_) => "SubqueryExpr",
        }
    }
}
