//! Pipelines: what stands in an action behind its keyword.

use super::TemplateError;
use super::ast::{Command, Operand, OperandKind, Pipeline};
use super::functions::FUNCTIONS;
use super::lexer::TokenKind;
use super::parse::{MAX_DEPTH, Parser};

impl Parser<'_> {
    pub(super) fn pipeline(&mut self, context: &str, depth: usize) -> Result<Pipeline, TemplateError> {
        self.skip_space();
        let position = self.start();
        let (variables, assigns) = self.declaration(context)?;
        let mut commands: Vec<Command> = Vec::new();
        loop {
            let command = self.command(context, depth)?;
            if !commands.is_empty() && !is_executable(&command) {
                let stage = commands.len() + 1;
                return Err(self.fault(&format!("non executable command in pipeline stage {stage}")));
            }
            commands.push(command);
            self.skip_space();
            if self.kind() != Some(&TokenKind::Pipe) {
                break;
            }
            self.at += 1;
        }
        if !assigns {
            self.variables.extend(variables.iter().cloned());
        }
        Ok(Pipeline { variables, assigns, commands, position })
    }

    /// `$x :=`, `$x =`, and `$i, $x :=` of a range.
    fn declaration(&mut self, context: &str) -> Result<(Vec<String>, bool), TemplateError> {
        let begin = self.at;
        let mut variables = Vec::new();
        while let Some(TokenKind::Variable(name)) = self.kind().cloned() {
            self.at += 1;
            variables.push(name);
            self.skip_space();
            match self.kind() {
                Some(TokenKind::Declare) => {
                    self.at += 1;
                    return Ok((variables, false));
                }
                Some(TokenKind::Assign) => {
                    self.at += 1;
                    if let Some(unknown) = variables.iter().find(|name| !self.variables.contains(name)) {
                        return Err(self.fault(&format!("undefined variable {unknown:?}")));
                    }
                    return Ok((variables, true));
                }
                Some(TokenKind::Comma) if context == "range" && variables.len() == 1 => {
                    self.at += 1;
                    self.skip_space();
                }
                _ => break,
            }
        }
        self.at = begin;
        Ok((Vec::new(), false))
    }

    fn command(&mut self, context: &str, depth: usize) -> Result<Command, TemplateError> {
        let mut operands = Vec::new();
        loop {
            self.skip_space();
            match self.kind() {
                None => return Err(self.fault("unexpected EOF")),
                Some(TokenKind::Close | TokenKind::Pipe | TokenKind::RightParen) => break,
                Some(_) => operands.push(self.operand(context, depth)?),
            }
        }
        if operands.is_empty() {
            return Err(self.fault(&format!("missing value for {context}")));
        }
        Ok(Command { operands })
    }

    fn operand(&mut self, context: &str, depth: usize) -> Result<Operand, TemplateError> {
        let start = self.start();
        let Some(kind) = self.kind().cloned() else { return Err(self.unexpected(context)) };
        self.at += 1;
        let mut position = start;
        if let (TokenKind::Field(_) | TokenKind::Variable(_), Some(TokenKind::Field(_))) =
            (&kind, self.kind())
        {
            position = self.start();
        }
        let kind = match kind {
            TokenKind::Dot => OperandKind::Dot,
            TokenKind::Quoted(text) => OperandKind::Text(text),
            TokenKind::Number(text) => {
                number(&text).ok_or_else(|| self.fault(&format!("bad number syntax: {text:?}")))?
            }
            TokenKind::Field(first) => OperandKind::Field(self.fields(vec![first])),
            TokenKind::Variable(name) => {
                if !self.variables.contains(&name) {
                    self.at -= 1;
                    return Err(self.fault(&format!("undefined variable {name:?}")));
                }
                OperandKind::Variable(name, self.fields(Vec::new()))
            }
            TokenKind::LeftParen => {
                if depth > MAX_DEPTH {
                    return Err(self.fault("actions nest too deep"));
                }
                let inner = self.pipeline("parenthesized pipeline", depth + 1)?;
                self.skip_space();
                if self.kind() != Some(&TokenKind::RightParen) {
                    return Err(self.fault("unclosed left paren"));
                }
                self.at += 1;
                if let Some(TokenKind::Field(_)) = self.kind() {
                    position = self.start();
                }
                OperandKind::Pipeline(Box::new(inner), self.fields(Vec::new()))
            }
            TokenKind::Word(word) => match word.as_str() {
                "nil" => OperandKind::Nil,
                "true" => OperandKind::Bool(true),
                "false" => OperandKind::Bool(false),
                _ if FUNCTIONS.contains(&word.as_str()) => OperandKind::Function(word),
                _ => {
                    self.at -= 1;
                    return Err(self.fault(&format!("function {word:?} not defined")));
                }
            },
            _ => {
                self.at -= 1;
                return Err(self.unexpected(context));
            }
        };
        let end = self.tokens.get(self.at - 1).map_or(start, |token| token.end);
        let operand = Operand { kind, position, text: self.text[start..end].to_owned() };
        match self.kind() {
            Some(
                TokenKind::Space
                | TokenKind::Close
                | TokenKind::Pipe
                | TokenKind::LeftParen
                | TokenKind::RightParen,
            )
            | None => Ok(operand),
            Some(_) => Err(self.unexpected("operand")),
        }
    }

    /// The names of the fields that follow without a space.
    fn fields(&mut self, mut names: Vec<String>) -> Vec<String> {
        while let Some(TokenKind::Field(name)) = self.kind().cloned() {
            self.at += 1;
            names.push(name);
        }
        names
    }
}

/// Whether a command may take the value of the one before it.
fn is_executable(command: &Command) -> bool {
    !matches!(
        command.operands.first().map(|operand| &operand.kind),
        Some(
            OperandKind::Bool(_)
                | OperandKind::Dot
                | OperandKind::Nil
                | OperandKind::Integer(_)
                | OperandKind::Float(_)
                | OperandKind::Text(_)
        )
    )
}

fn number(text: &str) -> Option<OperandKind> {
    let digits = text.replace('_', "");
    let (sign, magnitude) = match digits.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, digits.strip_prefix('+').unwrap_or(&digits)),
    };
    let radix = |prefix: &str, radix| {
        let rest = magnitude.to_ascii_lowercase();
        let rest = rest.strip_prefix(prefix)?.to_owned();
        i64::from_str_radix(&rest, radix).ok()
    };
    let integer = radix("0x", 16)
        .or_else(|| radix("0b", 2))
        .or_else(|| radix("0o", 8))
        .or_else(|| if magnitude.len() > 1 { radix("0", 8) } else { None })
        .or_else(|| magnitude.parse().ok());
    match integer {
        Some(integer) => Some(OperandKind::Integer(integer * sign)),
        None => digits
            .parse()
            .ok()
            .filter(|_| !magnitude.starts_with(|c: char| c.is_alphabetic()))
            .map(OperandKind::Float),
    }
}
