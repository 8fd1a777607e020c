//! Rows to the answer: names that were to go go now, empty series are left out, a matrix is put in label order.

use super::{
    context::Worker,
    evaluate::Evaluator,
    labels::merge_series,
    range::{Source, histograms_within, within},
    row::{bit, for_each_bit},
    rows::materialise,
    table::Table,
    value::{MatrixSeries, SampleValue, Value, VectorSample},
};
use crate::{
    error::{Error, ErrorKind},
    functions::{Extension, extended_samples},
    model::{Labels, ValueType, is_stale},
    operators::matching::drop_metadata,
    plan::{Node, NodeKind, Plan, RangeSource},
};

/// Evaluates a plan.
pub(crate) fn answer(evaluator: Evaluator<'_>, plan: &Plan, is_range_query: bool) -> Result<Value, Error> {
    let root = &plan.root;
    let start_ms = root.steps.start_ms;
    match plan.value_type {
        ValueType::String => match &root.kind {
            NodeKind::Text(value) => Ok(Value::String { time_ms: start_ms, value: value.clone() }),
            _ => Err(Error::new(ErrorKind::Unsupported("this expression as a string"), root.span)),
        },
        ValueType::Scalar if is_range_query => {
            let scalar = evaluator.scalar(root)?;
            let floats = (0..root.steps.count).map(|k| (root.steps.at(k), scalar.at(k))).collect();
            Ok(Value::Matrix(vec![MatrixSeries { floats, ..MatrixSeries::default() }]))
        }
        ValueType::Scalar => Ok(Value::Scalar { time_ms: start_ms, value: evaluator.scalar(root)?.at(0) }),
        ValueType::Vector => {
            let rows = evaluator.rows(root)?;
            let table = materialise(evaluator.context, &*rows, root.steps.count)?;
            let table = named(evaluator, &table, root)?;
            Ok(if is_range_query { matrix(&table, root) } else { vector(&table, root) })
        }
        ValueType::Matrix => range_vector(evaluator, root),
    }
}

/// The rows with a sample, with names removed where that was left to the end.
fn named(evaluator: Evaluator<'_>, table: &Table, root: &Node) -> Result<Table, Error> {
    let mut table = table.select((0..table.len()).filter(|row| !table.is_row_empty(*row)));
    if evaluator.context.options.delayed_name_removal {
        let named: Vec<Labels> = table.series.iter().map(|series| series.labels.clone()).collect();
        for series in table.series.iter_mut().filter(|series| series.drop_name) {
            series.labels = drop_metadata(&series.labels);
        }
        table = merge_series(table, root.span, |row| Some(named[row].clone()))?;
    }
    Ok(table)
}

fn vector(table: &Table, root: &Node) -> Value {
    let time_ms = root.steps.start_ms;
    let samples = (0..table.len()).filter_map(|row| {
        let value = if bit(table.present(row), 0) {
            SampleValue::Float(table.values(row)[0])
        } else {
            let cells = table.histograms(row)?;
            let histogram = cells.samples.as_samples().at(cells.at(0)?);
            SampleValue::Histogram(Box::new(histogram.into()))
        };
        Some(VectorSample { labels: table.series[row].labels.clone(), time_ms, value })
    });
    Value::Vector(samples.collect())
}

fn matrix(table: &Table, root: &Node) -> Value {
    let mut series: Vec<MatrixSeries> = (0..table.len())
        .map(|row| {
            let values = table.values(row);
            let mut series =
                MatrixSeries { labels: table.series[row].labels.clone(), ..MatrixSeries::default() };
            for_each_bit(table.present(row), |step| series.floats.push((root.steps.at(step), values[step])));
            if let Some(cells) = table.histograms(row) {
                cells.for_each(|step, sample| {
                    let histogram = cells.samples.as_samples().at(sample);
                    series.histograms.push((root.steps.at(step), histogram.into()));
                });
            }
            series
        })
        .collect();
    series.sort_by(|a, b| a.labels.cmp(&b.labels));
    Value::Matrix(series)
}

/// The samples of a range selector or subquery.
fn range_vector(evaluator: Evaluator<'_>, root: &Node) -> Result<Value, Error> {
    let source = match &root.kind {
        NodeKind::RangeVector(source) => source,
        NodeKind::Invariant(child) => return range_vector(evaluator, child),
        _ => return Err(Error::new(ErrorKind::Unsupported("this expression as a range vector"), root.span)),
    };
    let windows = source.windows();
    let (mut rows, mut series) = Source::new(evaluator, source)?;
    if let Source::Steps { forget_resets, .. } = &mut rows {
        *forget_resets = false;
    }
    let extension = windows.extension;
    let (after_ms, until_ms) = windows.reach();
    let mut worker = Worker::default();
    let mut out = Vec::new();
    if evaluator.context.options.delayed_name_removal {
        for series in series.iter_mut().filter(|series| series.drop_name) {
            series.labels = drop_metadata(&series.labels);
        }
    }
    for (row, series) in series.into_iter().enumerate() {
        evaluator.context.check()?;
        let columns = rows.columns(row, &mut worker.columns)?;
        let is_subquery = matches!(**source, RangeSource::Subquery { .. });
        // A subquery's samples are those of its own steps, all of them.
        let (after_ms, until_ms) = if is_subquery { (i64::MIN, i64::MAX) } else { (after_ms, until_ms) };
        let floats = within(&columns.floats, after_ms, until_ms);
        let histograms = histograms_within(&columns.histograms, after_ms, until_ms);
        let mut found = MatrixSeries { labels: series.labels, ..MatrixSeries::default() };
        for (index, value) in floats.values.iter().enumerate() {
            if !is_stale(*value) {
                found.floats.push((floats.timestamps.at(index), *value));
            }
        }
        for index in 0..histograms.samples.len() {
            let histogram = histograms.samples.at(index);
            if !is_stale(histogram.sum) {
                found.histograms.push((histograms.timestamps.at(index), histogram.into()));
            }
        }
        if extension != Extension::None {
            if !found.histograms.is_empty() {
                let modifier = if extension == Extension::Anchored { "anchored" } else { "smoothed" };
                let message = format!("{modifier} modifier is not supported with histograms");
                return Err(Error::execution(message, root.span));
            }
            found.floats = extended_samples(&found.floats, &[], windows);
        }
        if !found.floats.is_empty() || !found.histograms.is_empty() {
            evaluator.context.count_samples(found.floats.len() as u64)?;
            out.push(found);
        }
    }
    out.sort_by(|a: &MatrixSeries, b| a.labels.cmp(&b.labels));
    if out.windows(2).any(|pair| pair[0].labels == pair[1].labels) {
        return merge_matrix(out, root);
    }
    Ok(Value::Matrix(out))
}

/// Puts series with equal labels together; fails where two have a sample at one time.
fn merge_matrix(sorted: Vec<MatrixSeries>, root: &Node) -> Result<Value, Error> {
    let mut out: Vec<MatrixSeries> = Vec::new();
    for series in sorted {
        match out.last_mut() {
            Some(last) if last.labels == series.labels => {
                last.floats.extend(series.floats);
                last.histograms.extend(series.histograms);
            }
            _ => out.push(series),
        }
    }
    for series in &mut out {
        series.floats.sort_by_key(|(time, _)| *time);
        series.histograms.sort_by_key(|(time, _)| *time);
        let mut times: Vec<i64> = series.floats.iter().map(|(time, _)| *time).collect();
        times.extend(series.histograms.iter().map(|(time, _)| *time));
        times.sort_unstable();
        if times.windows(2).any(|pair| pair[0] == pair[1]) {
            let labels = series.labels.clone();
            return Err(Error::new(ErrorKind::DuplicateLabelSet { labels, series: Vec::new() }, root.span));
        }
    }
    Ok(Value::Matrix(out))
}
