//! `range`.

use std::rc::Rc;

use super::TemplateError;
use super::ast::Branch;
use super::execute::{Executor, Flow, MAX_STEPS, source};
use super::value::Value;

impl Executor<'_> {
    pub(super) fn range(
        &mut self,
        branch: &Branch,
        value: &Value,
        dot: &Value,
    ) -> Result<Flow, TemplateError> {
        let items: Vec<(Value, Value)> = match value {
            Value::Nil => Vec::new(),
            Value::Samples(samples) => samples
                .iter()
                .enumerate()
                .map(|(index, sample)| (Value::Integer(index as i64), Value::Sample(Rc::new(sample.clone()))))
                .collect(),
            Value::Labels(labels) => labels
                .iter()
                .map(|(name, value)| (Value::Text(name.to_owned()), Value::Text(value.to_owned())))
                .collect(),
            Value::Map(map) => {
                map.iter().map(|(name, value)| (Value::Text(name.clone()), value.clone())).collect()
            }
            Value::Integer(count) => {
                let count = (*count).clamp(0, MAX_STEPS as i64 + 1);
                (0..count).map(|number| (Value::Integer(number), Value::Integer(number))).collect()
            }
            other => {
                let message = format!("range can't iterate over {}", other.verb_v());
                let source: Vec<String> = branch.pipeline.commands.iter().map(source).collect();
                return Err(self.fault(branch.pipeline.position, &source.join(" | "), &message));
            }
        };
        if items.is_empty() {
            return self.parts(&branch.otherwise, dot);
        }
        let known = self.variables.len();
        let names = &branch.pipeline.variables;
        for (key, item) in items {
            self.step(branch.pipeline.position)?;
            let values = match names.len() {
                0 => Vec::new(),
                1 => vec![item.clone()],
                _ => vec![key, item.clone()],
            };
            for (name, value) in names.iter().zip(values) {
                match branch.pipeline.assigns {
                    true => self.assign(name, value),
                    false => self.variables.push((name.clone(), value)),
                }
            }
            let flow = self.parts(&branch.body, &item)?;
            self.variables.truncate(known);
            if flow == Flow::Break {
                break;
            }
        }
        Ok(Flow::Next)
    }
}
