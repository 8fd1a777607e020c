//! Walks a template's parts.

use super::ast::{Branch, BranchKind, Command, Operand, OperandKind, Part, Pipeline};
use super::functions;
use super::parse::Tree;
use super::value::Value;
use super::{AlertContext, TemplateError};

/// How many parts a template may run through, loops and calls counted.
pub(super) const MAX_STEPS: usize = 1_000_000;
/// How many bytes it may write.
const MAX_OUTPUT: usize = 1 << 20;
/// How deep branches and calls of templates may nest as they are carried out.
const MAX_DEPTH: usize = 200;

pub(super) fn execute(
    name: &str,
    text: &str,
    tree: &Tree,
    dot: Value,
    context: &AlertContext<'_>,
) -> Result<String, TemplateError> {
    let variables = vec![("$".to_owned(), dot.clone())];
    let mut executor =
        Executor { name, text, tree, context, variables, out: String::new(), steps: 0, depth: 0 };
    executor.parts(&tree.parts, &dot)?;
    Ok(executor.out)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Next,
    Break,
    Continue,
}

pub(super) struct Executor<'e> {
    name: &'e str,
    text: &'e str,
    tree: &'e Tree,
    pub(super) context: &'e AlertContext<'e>,
    pub(super) variables: Vec<(String, Value)>,
    out: String,
    steps: usize,
    depth: usize,
}

impl Executor<'_> {
    pub(super) fn fault(&self, at: usize, context: &str, message: &str) -> TemplateError {
        TemplateError::execute(self.name, self.text, at, context, message)
    }

    pub(super) fn fault_at(&self, operand: &Operand, message: &str) -> TemplateError {
        self.fault(operand.position, &operand.text, message)
    }

    pub(super) fn step(&mut self, at: usize) -> Result<(), TemplateError> {
        self.steps += 1;
        if self.steps > MAX_STEPS || self.out.len() > MAX_OUTPUT {
            return Err(self.fault(at, "", "the template does or writes too much"));
        }
        Ok(())
    }

    pub(super) fn parts(&mut self, parts: &[Part], dot: &Value) -> Result<Flow, TemplateError> {
        self.depth += 1;
        let flow = self.each_part(parts, dot);
        self.depth -= 1;
        flow
    }

    fn each_part(&mut self, parts: &[Part], dot: &Value) -> Result<Flow, TemplateError> {
        for part in parts {
            let flow = match part {
                Part::Text(text) => {
                    self.step(0)?;
                    self.out.push_str(text);
                    Flow::Next
                }
                Part::Action(pipeline) => {
                    self.step(pipeline.position)?;
                    let value = self.pipeline(pipeline, dot)?;
                    if pipeline.variables.is_empty() {
                        self.out.push_str(&value.print());
                    }
                    Flow::Next
                }
                Part::Branch(branch) => {
                    let known = self.variables.len();
                    let flow = self.branch(branch, dot);
                    self.variables.truncate(known);
                    flow?
                }
                Part::Call { name, argument, position } => {
                    self.call(name, argument.as_ref(), *position, dot)?;
                    Flow::Next
                }
                Part::Break => Flow::Break,
                Part::Continue => Flow::Continue,
            };
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn branch(&mut self, branch: &Branch, dot: &Value) -> Result<Flow, TemplateError> {
        let position = branch.pipeline.position;
        self.step(position)?;
        let value = self.pipeline(&branch.pipeline, dot)?;
        match branch.kind {
            BranchKind::If | BranchKind::With if !value.is_true() => self.parts(&branch.otherwise, dot),
            BranchKind::If => self.parts(&branch.body, dot),
            BranchKind::With => self.parts(&branch.body, &value),
            BranchKind::Range => self.range(branch, &value, dot),
        }
    }

    fn call(
        &mut self,
        name: &str,
        argument: Option<&Pipeline>,
        position: usize,
        dot: &Value,
    ) -> Result<(), TemplateError> {
        self.step(position)?;
        let tree = self.tree;
        let Some(parts) = tree.defined.get(name) else {
            let context = format!("{{{{template {name:?}}}}}");
            return Err(self.fault(position, &context, &format!("template {name:?} not defined")));
        };
        if self.depth >= MAX_DEPTH {
            return Err(self.fault(position, name, "exceeded maximum template depth"));
        }
        let dot = argument.map_or(Ok(Value::Nil), |pipeline| self.pipeline(pipeline, dot))?;
        let outer = std::mem::replace(&mut self.variables, vec![("$".to_owned(), dot.clone())]);
        let result = self.parts(parts, &dot);
        self.variables = outer;
        result.map(|_| ())
    }

    pub(super) fn assign(&mut self, name: &str, value: Value) {
        if let Some(variable) = self.variables.iter_mut().rev().find(|(known, _)| known == name) {
            variable.1 = value;
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline, dot: &Value) -> Result<Value, TemplateError> {
        let mut last = None;
        for command in &pipeline.commands {
            last = Some(self.command(command, dot, last)?);
        }
        let value = last.unwrap_or(Value::Nil);
        // The variables of a range are set for each item.
        if let [name] = pipeline.variables.as_slice() {
            match pipeline.assigns {
                true => self.assign(name, value.clone()),
                false => self.variables.push((name.clone(), value.clone())),
            }
        }
        Ok(value)
    }

    fn command(
        &mut self,
        command: &Command,
        dot: &Value,
        last: Option<Value>,
    ) -> Result<Value, TemplateError> {
        let Some((first, arguments)) = command.operands.split_first() else { return Ok(Value::Nil) };
        match &first.kind {
            OperandKind::Function(name) => {
                let source = source(command);
                functions::call(self, name, (first, &source), arguments, dot, last)
            }
            OperandKind::Nil => Err(self.fault_at(first, "nil is not a command")),
            _ if !arguments.is_empty() || last.is_some() => {
                let message = match &first.kind {
                    OperandKind::Field(names) | OperandKind::Variable(_, names) => match names.split_last() {
                        Some((name, outer)) => {
                            let outer = Operand { kind: first.kind.with_fields(outer), ..first.clone() };
                            match self.operand(&outer, dot)? {
                                Value::Labels(_) | Value::Map(_) => {
                                    format!("{name} is not a method but has arguments")
                                }
                                _ => format!("{name} has arguments but cannot be invoked as function"),
                            }
                        }
                        None => format!("can't give argument to non-function {}", first.text),
                    },
                    _ => format!("can't give argument to non-function {}", first.text),
                };
                Err(self.fault_at(first, &message))
            }
            _ => self.operand(first, dot),
        }
    }

    /// The value of an operand that stands as an argument, or alone.
    pub(super) fn operand(&mut self, operand: &Operand, dot: &Value) -> Result<Value, TemplateError> {
        Ok(match &operand.kind {
            OperandKind::Dot => dot.clone(),
            OperandKind::Nil => Value::Nil,
            OperandKind::Bool(value) => Value::Bool(*value),
            OperandKind::Integer(value) => Value::Integer(*value),
            OperandKind::Float(value) => Value::Float(*value),
            OperandKind::Text(text) => Value::Text(text.clone()),
            OperandKind::Field(names) => self.fields(operand, dot.clone(), names)?,
            OperandKind::Variable(name, names) => {
                let value = self.variables.iter().rev().find(|(known, _)| known == name);
                let Some((_, value)) = value else {
                    return Err(self.fault_at(operand, &format!("undefined variable: {name}")));
                };
                let value = value.clone();
                self.fields(operand, value, names)?
            }
            OperandKind::Function(name) => {
                functions::call(self, name, (operand, &operand.text), &[], dot, None)?
            }
            OperandKind::Pipeline(pipeline, names) => {
                let known = self.variables.len();
                let value = self.pipeline(pipeline, dot)?;
                self.variables.truncate(known);
                self.fields(operand, value, names)?
            }
        })
    }

    fn fields(&self, operand: &Operand, mut value: Value, names: &[String]) -> Result<Value, TemplateError> {
        for name in names {
            value = match (&value, name.as_str()) {
                (Value::Labels(labels), name) => Value::Text(labels.get(name).unwrap_or_default().to_owned()),
                (Value::Map(map), name) => map.get(name).cloned().unwrap_or(Value::Nil),
                (Value::Sample(sample), "Labels") => Value::Labels(sample.labels.clone()),
                (Value::Sample(sample), "Value") => Value::from(&sample.value),
                (Value::Alert(alert), "Labels") => Value::Labels(alert.labels.clone()),
                (Value::Alert(alert), "ExternalLabels") => Value::Labels(alert.external_labels.clone()),
                (Value::Alert(alert), "ExternalURL") => Value::Text(alert.external_url.clone()),
                (Value::Alert(alert), "Value") => alert.value.clone(),
                (Value::Nil, name) => {
                    return Err(self.fault_at(operand, &format!("nil data; no entry for key {name:?}")));
                }
                (other, name) => {
                    let message = format!("can't evaluate field {name} in type {}", other.type_name());
                    return Err(self.fault_at(operand, &message));
                }
            };
        }
        Ok(value)
    }
}

/// A command as it is written, for errors.
pub(super) fn source(command: &Command) -> String {
    let operands: Vec<&str> = command.operands.iter().map(|operand| operand.text.as_str()).collect();
    operands.join(" ")
}
