//! The pretty printer: what does not fit a line is split at its parentheses and operators, and indented.

use super::ast::{AggregateExpr, BinaryExpr, Expr, ExprKind};
use super::options::ParserOptions;
use super::printer::Printer;

/// The longest line, in bytes, indentation not counted.
const LINE: usize = 100;

/// Deeper levels are indented no further: a chain of operators is as deep as it is long, and its text would grow with
/// the square of that.
const DEEPEST_INDENT: usize = 128;

impl Expr {
    /// The text on as many lines as it needs, for a parser with these options.
    pub fn to_pretty(&self, options: &ParserOptions) -> String {
        let mut pretty = Pretty { printer: Printer::new(options.unquoted_utf8_names) };
        pretty.expr(self, 0);
        pretty.printer.out
    }
}

struct Pretty {
    printer: Printer,
}

impl Pretty {
    fn push(&mut self, text: &str) {
        self.printer.out.push_str(text);
    }

    fn indent(&mut self, level: usize) {
        for _ in 0..level.min(DEEPEST_INDENT) {
            self.push("  ");
        }
    }

    /// Prints on one line, and takes it back where that is too long.
    fn fits(&mut self, expr: &Expr) -> bool {
        let start = self.printer.out.len();
        // A chain is longer than its number of operators; a long one need not be printed to be measured.
        let chain = match &expr.kind {
            ExprKind::Binary(binary) => binary.left_spine().take(LINE).count(),
            _ => 0,
        };
        if chain < LINE {
            self.printer.expr(expr);
            if self.printer.out.len() - start <= LINE {
                return true;
            }
        }
        self.printer.out.truncate(start);
        false
    }

    fn expr(&mut self, expr: &Expr, level: usize) {
        if let ExprKind::Binary(binary) = &expr.kind {
            return self.chain(expr, binary, level);
        }
        if let ExprKind::Subquery(subquery) = &expr.kind {
            // On one line, a subquery is not indented: that is how Prometheus prints it.
            if !self.fits(expr) {
                self.expr(&subquery.expr, level);
                self.printer.subquery_tail(subquery);
            }
            return;
        }
        self.indent(level);
        match &expr.kind {
            ExprKind::Unary(unary) => {
                self.push(unary.op.symbol());
                let start = self.printer.out.len();
                self.expr(&unary.expr, level);
                let child = self.printer.out.split_off(start);
                self.push(child.trim());
            }
            ExprKind::Aggregate(_) | ExprKind::Call(_) | ExprKind::Paren(_) if self.fits(expr) => {}
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate, level),
            ExprKind::Call(call) => {
                self.push(call.function.name);
                self.block(&call.args.iter().collect::<Vec<_>>(), level);
            }
            ExprKind::Paren(inner) => self.block(&[inner], level),
            _ => self.printer.expr(expr),
        }
    }

    fn aggregate(&mut self, aggregate: &AggregateExpr, level: usize) {
        self.printer.aggregate_head(aggregate);
        let list: Vec<&Expr> = aggregate.param.iter().chain([&aggregate.expr]).collect();
        self.block(&list, level);
    }

    /// A parenthesis with one expression a line.
    fn block(&mut self, list: &[&Expr], level: usize) {
        self.push("(\n");
        for (i, expr) in list.iter().enumerate() {
            self.push(if i == 0 { "" } else { ",\n" });
            self.expr(expr, level + 1);
        }
        self.push("\n");
        self.indent(level);
        self.push(")");
    }

    /// A chain of operators; each left operand stands one level deeper than its operator, until the rest fits.
    fn chain(&mut self, expr: &Expr, binary: &BinaryExpr, level: usize) {
        let mut pending = Vec::new();
        let (mut expr, mut next, mut depth) = (expr, Some(binary), level);
        while let Some(binary) = next {
            let start = self.printer.out.len();
            self.indent(depth);
            if self.fits(expr) {
                break;
            }
            self.printer.out.truncate(start);
            pending.push((binary, depth));
            expr = &binary.lhs;
            depth += 1;
            next = match &expr.kind {
                ExprKind::Binary(inner) => Some(inner),
                _ => None,
            };
        }
        if next.is_none() {
            self.expr(expr, depth);
        }
        for (binary, level) in pending.into_iter().rev() {
            self.push("\n");
            self.indent(level);
            self.printer.operator(binary);
            self.push("\n");
            self.expr(&binary.rhs, level + 1);
        }
    }
}
