//! Rows to the answer: names that were to go go now, empty series are left out, a matrix is put in label order.

use std::sync::Arc;

use super::{
    context::{Context, Worker},
    evaluate::{BoxedRows, Evaluator},
    labels::merge_series,
    parallel,
    range::{Source, histograms_within, within},
    row::{Row, all_bits, bit, count_bits, for_each_bit},
    rows::{Rows, is_small, materialise},
    table::Series,
    value::{MatrixSeries, SampleValue, Value, VectorSample},
};
use crate::{
    error::{Error, ErrorKind},
    functions::{Extension, StepTimes, extended_samples},
    model::{Labels, ValueType, in_label_order, is_stale},
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
            let rows = named(evaluator, evaluator.rows(root)?, root)?;
            evaluator.context.check_table(rows.series().len(), root.steps.count)?;
            if is_range_query {
                matrix(evaluator.context, rows, root.steps)
            } else {
                vector(evaluator.context, &*rows, root.steps)
            }
        }
        ValueType::Matrix => range_vector(evaluator, root),
    }
}

/// The rows with names removed where that was left to the end.
fn named<'a>(evaluator: Evaluator<'_>, rows: BoxedRows<'a>, root: &Node) -> Result<BoxedRows<'a>, Error> {
    if !evaluator.context.options.delayed_name_removal {
        return Ok(rows);
    }
    let table = materialise(evaluator.context, &*rows, root.steps.count)?;
    let mut table = table.select((0..table.len()).filter(|row| !table.is_row_empty(*row)));
    let named: Vec<Labels> = table.series.iter().map(|series| series.labels.clone()).collect();
    for series in table.series.iter_mut().filter(|series| series.drop_name) {
        // `histogram_quantiles` takes any name for its label; this is where Prometheus finds that it is none.
        if series.labels.get("").is_some() {
            return Err(Error::execution("invalid label name \"\"", root.span));
        }
        series.labels = drop_metadata(&series.labels);
    }
    Ok(Box::new(Arc::new(merge_series(table, root.span, |row| Some(named[row].clone()))?)))
}

/// The samples of one step, in the rows' order.
fn vector(context: &Context, rows: &dyn Rows, steps: StepTimes) -> Result<Value, Error> {
    let time_ms = steps.start_ms;
    let count = rows.series().len();
    let mut found: Vec<Option<VectorSample>> = vec![None; count];
    let batch = context.batch(count);
    let batches = found.chunks_mut(batch).zip(rows.series().chunks(batch)).enumerate();
    parallel::run(context, batches, is_small(rows, 1), |(number, (batch_out, series)), worker| {
        let mut row = worker.take_row();
        for ((index, out), series) in (number * batch..).zip(batch_out).zip(series) {
            rows.row(index, 0..1, worker, &mut row)?;
            let value = if bit(&row.present, 0) {
                Some(SampleValue::Float(row.values[0]))
            } else {
                row.histograms.get(0).map(|histogram| SampleValue::Histogram(Box::new(histogram.into())))
            };
            *out = value.map(|value| VectorSample { labels: series.labels.clone(), time_ms, value });
        }
        worker.give_row(row);
        Ok(())
    })?;
    Ok(Value::Vector(found.into_iter().flatten().collect()))
}

/// The series with a sample, in label order. Each row goes straight into its series, without a table between.
fn matrix(context: &Context, rows: BoxedRows<'_>, steps: StepTimes) -> Result<Value, Error> {
    if steps.count == 0 {
        return Ok(Value::Matrix(Vec::new()));
    }
    let mut series: Vec<MatrixSeries> = rows.series().iter().map(|_| MatrixSeries::default()).collect();
    let batch = context.batch(series.len());
    let batches = series.chunks_mut(batch).enumerate();
    let small = is_small(&*rows, steps.count);
    parallel::run(context, batches, small, |(number, batch_out), worker| {
        let mut row = worker.take_row();
        for (index, out) in (number * batch..).zip(batch_out) {
            rows.row(index, 0..steps.count, worker, &mut row)?;
            out.floats = floats_of(&row, steps);
            row.histograms.for_each(|step, sample| {
                let histogram = row.histograms.samples.as_samples().at(sample);
                out.histograms.push((steps.at(step), histogram.into()));
            });
        }
        worker.give_row(row);
        Ok(())
    })?;
    for (series, named) in series.iter_mut().zip(rows.into_series()) {
        series.labels = named.labels;
    }
    series.retain(|series| !series.floats.is_empty() || !series.histograms.is_empty());
    Ok(Value::Matrix(in_label_order(series, |series| &series.labels)))
}

/// The floats of a row with their times.
fn floats_of(row: &Row, steps: StepTimes) -> Vec<(i64, f64)> {
    if all_bits(&row.present, steps.count) {
        // The time after the last step is not looked at: it may wrap.
        let mut next_ms = steps.start_ms;
        let with_time = |value: &f64| {
            let time_ms = next_ms;
            next_ms = next_ms.wrapping_add(steps.step_ms);
            (time_ms, *value)
        };
        return row.values.iter().map(with_time).collect();
    }
    let mut floats = Vec::with_capacity(count_bits(&row.present));
    for_each_bit(&row.present, |step| floats.push((steps.at(step), row.values[step])));
    floats
}

/// The samples of a range selector or subquery.
fn range_vector(evaluator: Evaluator<'_>, root: &Node) -> Result<Value, Error> {
    let source = match &root.kind {
        NodeKind::RangeVector(source) => source,
        NodeKind::Invariant(child) => return range_vector(evaluator, child),
        _ => return Err(Error::new(ErrorKind::Unsupported("this expression as a range vector"), root.span)),
    };
    let windows = source.windows();
    let mut rows = Source::new(evaluator, source)?;
    if let Source::Steps { forget_resets, .. } = &mut rows {
        *forget_resets = false;
    }
    let extension = windows.extension;
    let (after_ms, until_ms) = windows.reach();
    let mut worker = Worker::default();
    let mut out = Vec::new();
    let delayed = evaluator.context.options.delayed_name_removal;
    let series = rows.series(|labels, drop_name| {
        let labels = if delayed && drop_name { drop_metadata(labels) } else { labels.clone() };
        Series { labels, drop_name }
    });
    for (row, series) in series.into_iter().enumerate() {
        evaluator.context.check()?;
        let columns = rows.columns(row, &mut worker.columns)?;
        let is_subquery = matches!(**source, RangeSource::Subquery { .. });
        // A subquery's samples are those of its own steps, all of them.
        let (after_ms, until_ms) = if is_subquery { (i64::MIN, i64::MAX) } else { (after_ms, until_ms) };
        let floats = within(&columns.floats, after_ms, until_ms);
        let histograms = histograms_within(&columns.histograms, after_ms, until_ms);
        let mut found = MatrixSeries { labels: series.labels, ..MatrixSeries::default() };
        let mut size = 0;
        for (index, value) in floats.values.iter().enumerate() {
            if !is_stale(*value) {
                found.floats.push((floats.timestamps.at(index), *value));
            }
        }
        for index in 0..histograms.samples.len() {
            let histogram = histograms.samples.at(index);
            if !is_stale(histogram.sum) {
                size += histogram.sample_count() as u64;
                found.histograms.push((histograms.timestamps.at(index), histogram.into()));
            }
        }
        size += found.floats.len() as u64;
        let held = size;
        if extension != Extension::None {
            if !found.histograms.is_empty() {
                let modifier = if extension == Extension::Anchored { "anchored" } else { "smoothed" };
                let message = format!("{modifier} modifier is not supported with histograms");
                return Err(Error::execution(message, root.span));
            }
            found.floats = extended_samples(&found.floats, &[], windows);
            size = found.floats.len() as u64;
        }
        if !is_subquery {
            evaluator.context.account.passed(root.slot, held, size)?;
        }
        if !found.floats.is_empty() || !found.histograms.is_empty() {
            out.push(found);
        }
    }
    let out = in_label_order(out, |series: &MatrixSeries| &series.labels);
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
