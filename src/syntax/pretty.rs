//! The pretty printer: what does not fit a line, or has a comment inside, is split at its parentheses and operators, and
//! indented.

use super::ast::{AggregateExpr, BinaryExpr, Expr, ExprKind};
use super::comments::Comments;
use super::options::{FunctionSet, ParserOptions};
use super::printer::Printer;
use super::{Parsed, SyntaxErrors, parse};

/// The longest line, in bytes, indentation not counted.
const LINE: usize = 100;

/// Deeper levels are indented no further: a chain of operators is as deep as it is long, and its text would grow with
/// the square of that.
const DEEPEST_INDENT: usize = 128;

impl Expr {
    /// The text on as many lines as it needs, for a parser with these options.
    pub fn to_pretty(&self, options: &ParserOptions) -> String {
        Pretty::new(options, Comments::default()).print(self)
    }
}

impl Parsed {
    /// The text on as many lines as it needs, comments included, for a parser with these options. `input` is the text that was
    /// parsed.
    pub fn to_pretty(&self, input: &str, options: &ParserOptions) -> String {
        Pretty::new(options, Comments::new(input, &self.expr, &self.comments)).print(&self.expr)
    }
}

/// How often a query is laid out until nothing changes any more. Only a comment in an odd place needs more than once.
const ROUNDS: usize = 4;

/// Lays a query out over as many lines as it needs, and keeps its comments. Names are quoted so that any parser reads them, whatever
/// its options. Laying out the outcome again changes nothing.
///
/// # Errors
///
/// What is wrong with the query.
pub fn format(input: &str, options: &ParserOptions, functions: &FunctionSet) -> Result<String, SyntaxErrors> {
    let quoted = ParserOptions { unquoted_utf8_names: false, ..*options };
    let parsed = parse(input, options, functions)?;
    let mut text = parsed.to_pretty(input, &quoted);
    for _ in 0..ROUNDS {
        if parsed.comments.is_empty() {
            break;
        }
        let again = parse(&text, options, functions)?.to_pretty(&text, &quoted);
        if again == text {
            break;
        }
        text = again;
    }
    Ok(text)
}

struct Pretty<'a> {
    printer: Printer,
    comments: Comments<'a>,
    /// Comments for the end of the line that is being written.
    line_end: Vec<&'a str>,
}

impl<'a> Pretty<'a> {
    fn new(options: &ParserOptions, comments: Comments<'a>) -> Self {
        Self { printer: Printer::new(options.unquoted_utf8_names), comments, line_end: Vec::new() }
    }

    fn print(mut self, expr: &Expr) -> String {
        self.expr(expr, 0);
        self.end_of_line();
        while let Some(comment) = self.comments.next() {
            self.push("\n");
            self.push(comment);
        }
        self.printer.out
    }

    fn push(&mut self, text: &str) {
        self.printer.out.push_str(text);
    }

    /// Writes the comments that the line ends with: the first behind it, others below.
    fn end_of_line(&mut self) {
        for (at, comment) in std::mem::take(&mut self.line_end).into_iter().enumerate() {
            self.push(if at == 0 { "  " } else { "\n" });
            self.push(comment);
        }
    }

    fn newline(&mut self) {
        self.end_of_line();
        self.push("\n");
    }

    /// Writes the comments that stand before an expression, a line each.
    fn before(&mut self, expr: &Expr, level: usize) {
        while let Some(comment) = self.comments.before(expr) {
            self.indent(level);
            self.push(comment);
            self.push("\n");
        }
    }

    /// Keeps the comments that stand behind an expression for the end of the line.
    fn after(&mut self, expr: &Expr) {
        while let Some(comment) = self.comments.after(expr) {
            self.line_end.push(comment);
        }
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
        if chain < LINE && !self.comments.any_inside(expr) {
            self.printer.expr(expr);
            if self.printer.out.len() - start <= LINE {
                return true;
            }
        }
        self.printer.out.truncate(start);
        false
    }

    /// An expression that begins a line, with its comments.
    fn expr(&mut self, expr: &Expr, level: usize) {
        self.before(expr, level);
        self.bare(expr, level);
        self.after(expr);
    }

    fn bare(&mut self, expr: &Expr, level: usize) {
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
            ExprKind::Aggregate(aggregate) => self.aggregate(expr, aggregate, level),
            ExprKind::Call(call) => {
                self.push(call.function.name);
                self.block(expr, &call.args.iter().collect::<Vec<_>>(), level);
            }
            ExprKind::Paren(inner) => self.block(expr, &[inner], level),
            _ => self.printer.expr(expr),
        }
    }

    fn aggregate(&mut self, expr: &Expr, aggregate: &AggregateExpr, level: usize) {
        self.printer.aggregate_head(aggregate);
        let list: Vec<&Expr> = aggregate.param.iter().chain([&aggregate.expr]).collect();
        self.block(expr, &list, level);
    }

    /// The parentheses of an expression, with one expression a line.
    fn block(&mut self, parent: &Expr, list: &[&Expr], level: usize) {
        self.push("(");
        self.newline();
        for (i, expr) in list.iter().enumerate() {
            if i > 0 {
                self.push(",");
                self.newline();
            }
            self.expr(expr, level + 1);
        }
        self.newline();
        while let Some(comment) = self.comments.inside(parent) {
            self.indent(level + 1);
            self.push(comment);
            self.push("\n");
        }
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
            pending.push((expr, binary, depth));
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
        self.after(expr);
        for (expr, binary, level) in pending.into_iter().rev() {
            self.newline();
            self.indent(level);
            self.printer.operator(binary);
            self.newline();
            self.expr(&binary.rhs, level + 1);
            self.after(expr);
        }
    }
}
