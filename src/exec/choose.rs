//! Aggregations and sorting that choose among the samples of a step, or need them all: these hold their input as a table.

use std::{
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    aggregate::{Grouping, Members, ignored},
    annotations::Place,
    context::Context,
    evaluate::BoxedRows,
    labels::warn_ineffective_sort,
    parallel,
    row::{bit, fill_bits},
    rows::{held_runs, is_small, materialise},
    scalar::Scalar,
    set_operators::masked,
    table::{Series, Table},
};
use crate::{
    aggregations::{
        select::{TopHeap, order_as_kept, quantile as quantile_of, ratio_keeps, ratio_offset},
        top::choose,
    },
    error::Error,
    functions::{greater_of, lesser_of, sort_by_value},
    model::{Span, number::format_float},
    plan::Node,
};

/// `quantile`: the φ-quantile of each group's floats.
pub(crate) fn quantile(
    context: &Context,
    q: &Scalar,
    input: &Arc<Table>,
    grouping: &Grouping<'_>,
    node: &Node,
    child: &Node,
) -> Result<Table, Error> {
    warn_invalid_quantile(context, q, Place { about: parameter_span(node), operator: node.span });
    let mut groups = grouping.groups(&input.series);
    groups.settle_names(|row| input.sample_bits(row).into_owned());
    let mut out = Table::new(groups.series, input.steps());
    let mut tasks = Vec::new();
    for (group, members) in groups.members.iter().enumerate() {
        if members.iter().any(|row| input.histograms(*row as usize).is_some()) {
            context.annotate(|annotations| ignored(annotations, "quantile", child));
        }
        let runs = held_runs(input.steps(), context.options.threads);
        tasks.extend(runs.map(|run| (group, members, run, Mutex::new(Vec::new()))));
    }
    let small = is_small(input, input.steps());
    parallel::run(context, tasks.iter(), small, |(_, members, run, found), _| {
        *found.lock().unwrap_or_else(PoisonError::into_inner) = quantiles_of(input, members, run.clone(), q);
        Ok(())
    })?;
    for (group, _, run, found) in tasks {
        let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (step, value) in run.zip(found) {
            if let Some(value) = value {
                out.set(group, step, value);
            }
        }
    }
    Ok(out)
}

/// The quantile of some rows' floats at each of some steps.
fn quantiles_of(input: &Table, members: &[u32], steps: Range<usize>, q: &Scalar) -> Vec<Option<f64>> {
    // Rows are read several steps at a time: the values of one step lie far apart.
    const TOGETHER: usize = 16;
    let mut columns: [Vec<f64>; TOGETHER] = Default::default();
    let mut found = Vec::with_capacity(steps.len());
    for first in steps.clone().step_by(TOGETHER) {
        let together = first..steps.end.min(first + TOGETHER);
        columns.iter_mut().for_each(Vec::clear);
        for row in members.iter().map(|row| *row as usize) {
            let (values, present) = (&input.values(row)[together.clone()], input.present(row));
            for ((step, value), column) in together.clone().zip(values).zip(&mut columns) {
                if bit(present, step) {
                    column.push(*value);
                }
            }
        }
        let of_step = |(step, values): (usize, &mut Vec<f64>)| {
            (!values.is_empty()).then(|| quantile_of(q.at(step), values))
        };
        found.extend(together.zip(&mut columns).map(of_step));
    }
    found
}

/// Warns of the values of φ that are no quantile: NaN, the largest above 1 and the smallest below 0. As in Go, the greatest
/// of NaN and infinity is infinity.
fn warn_invalid_quantile(context: &Context, q: &Scalar, place: Place) {
    let values = q.values();
    let nan = values.iter().copied().find(|value| value.is_nan());
    let largest = values.iter().copied().reduce(greater_of).filter(|largest| *largest > 1.0);
    let smallest = values.iter().copied().reduce(lesser_of).filter(|smallest| *smallest < 0.0);
    for value in [nan, largest, smallest].into_iter().flatten() {
        let message = format!("quantile value should be between 0 and 1, got {}", format_float(value));
        context.annotate(|annotations| annotations.warn(message, place));
    }
}

fn parameter_span(node: &Node) -> Span {
    match &node.kind {
        crate::plan::NodeKind::Aggregate { kind: crate::plan::AggregateKind::Quantile(q), .. } => q.span,
        _ => node.span,
    }
}

/// Checks the `k` of `topk`, `bottomk` and `limitk`; `None` where no step asks for a sample.
fn check_k(k: &Scalar, node: &Node) -> Result<Option<()>, Error> {
    let values = k.values();
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if values.iter().all(|value| !value.is_nan()) && largest < 1.0 {
        return Ok(None);
    }
    if values.iter().any(|value| value.is_nan()) {
        return Err(Error::execution("Parameter value is NaN", node.span));
    }
    if let Some(value) = values.iter().find(|value| **value <= i64::MIN as f64) {
        return Err(Error::execution(
            format!("Scalar value {} underflows int64", format_float(*value)),
            node.span,
        ));
    }
    if let Some(value) = values.iter().find(|value| **value >= i64::MAX as f64) {
        return Err(Error::execution(
            format!("Scalar value {} overflows int64", format_float(*value)),
            node.span,
        ));
    }
    Ok(Some(()))
}

/// `topk` and `bottomk`. The result of a single step is in order of value, best first.
pub(crate) fn top<'a>(
    context: &Context,
    largest: bool,
    k: &Scalar,
    input: Arc<Table>,
    grouping: &Grouping<'_>,
    node: &Node,
) -> Result<BoxedRows<'a>, Error> {
    let steps = input.steps();
    if check_k(k, node)?.is_none() {
        return Ok(Box::new(Arc::new(Table::new(Vec::new(), steps))));
    }
    let groups = grouping.groups(&input.series).members;
    // A step that asks for none does not look at what there is.
    let wanted = |step: usize| (k.at(step) as i64).clamp(0, input.len() as i64) as usize;
    for members in groups.iter() {
        let ignores = members.iter().filter_map(|row| input.histograms(*row as usize)).any(|cells| {
            let mut seen = false;
            cells.for_each(|step, _| seen |= wanted(step) >= 1);
            seen
        });
        if ignores {
            let name = if largest { "topk" } else { "bottomk" };
            context.annotate(|annotations| ignored(annotations, name, node));
        }
    }
    if node.steps.is_single() {
        let best = best_first(largest, wanted(0), &input, &groups);
        return Ok(Box::new(context.hold(best)?));
    }
    let words = steps.div_ceil(64);
    let runs = held_runs(steps, context.options.threads);
    let tasks = groups.iter().flat_map(|members| runs.clone().map(move |run| (members, run)));
    let chosen = Mutex::new(Vec::new());
    parallel::run(context, tasks, is_small(&input, steps), |(members, run), _| {
        let run_words = run.start / 64..run.end.div_ceil(64);
        let column = |row: &u32| {
            let row = *row as usize;
            (&input.values(row)[run.clone()], &input.present(row)[run_words.clone()])
        };
        let columns: Vec<_> = members.iter().map(column).collect();
        let wanted: Vec<usize> = run.clone().map(wanted).collect();
        let mut bits = vec![0; members.len() * run_words.len()];
        choose(&columns, &wanted, largest, &mut bits);
        chosen.lock().unwrap_or_else(PoisonError::into_inner).push((members, run_words, bits));
        Ok(())
    })?;
    let mut keep = vec![0u64; input.len() * words];
    for (members, run_words, bits) in chosen.into_inner().unwrap_or_else(PoisonError::into_inner) {
        for (row, bits) in members.iter().zip(bits.chunks(run_words.len())) {
            keep[*row as usize * words..][run_words.clone()].copy_from_slice(bits);
        }
    }
    Ok(masked(Box::new(input), steps, keep))
}

/// The `k` best samples of each group at the only step, best first.
fn best_first(largest: bool, k: usize, input: &Table, groups: &Members) -> Table {
    let mut order = Vec::new();
    let mut heap = TopHeap::default();
    for members in groups.iter().filter(|_| k > 0) {
        heap.clear();
        for row in members.iter().filter(|row| bit(input.present(**row as usize), 0)) {
            heap.offer(k, largest, (input.values(*row as usize)[0], *row));
        }
        order.extend(heap.sorted(largest).iter().map(|(_, row)| *row as usize));
    }
    input.without_histograms().select(order.into_iter())
}

/// `limitk`: the first `k` samples of each group, in the input's order.
pub(crate) fn limit<'a>(
    k: &Scalar,
    input: Arc<Table>,
    grouping: &Grouping<'_>,
    node: &Node,
) -> Result<BoxedRows<'a>, Error> {
    let steps = input.steps();
    if check_k(k, node)?.is_none() {
        return Ok(Box::new(Arc::new(Table::new(Vec::new(), steps))));
    }
    let groups = grouping.groups(&input.series);
    let words = steps.div_ceil(64);
    let mut keep = vec![0u64; input.len() * words];
    for members in groups.members.iter() {
        for step in 0..steps {
            let wanted = (k.at(step) as i64).clamp(0, input.len() as i64) as usize;
            let chosen =
                members.iter().map(|row| *row as usize).filter(|row| input.has(*row, step)).take(wanted);
            chosen.for_each(|row| super::row::set_bit(&mut keep[row * words..][..words], step));
        }
    }
    if node.steps.is_single() {
        return Ok(kept_in_order(&input, &keep, &groups.members));
    }
    Ok(masked(Box::new(input), steps, keep))
}

/// `limit_ratio`: the series whose labels' hash lies in the asked part of all hashes.
pub(crate) fn limit_ratio<'a>(
    context: &Context,
    ratio: &Scalar,
    input: BoxedRows<'a>,
    grouping: &Grouping<'_>,
    span: Span,
    node: &Node,
) -> Result<BoxedRows<'a>, Error> {
    let values = ratio.values();
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
    let steps = node.steps.count;
    let is_none = values.iter().all(|value| *value == 0.0);
    let is_nan = values.iter().any(|value| value.is_nan());
    if is_none || is_nan {
        // Evaluating the input may fail, too, and does so first.
        materialise(context, &*input, steps)?;
        let none: BoxedRows<'a> = Box::new(Arc::new(Table::new(Vec::new(), steps)));
        return if is_nan { Err(Error::execution("Ratio value is NaN", span)) } else { Ok(none) };
    }
    let bounds = [(largest > 1.0).then_some((largest, 1.0)), (smallest < -1.0).then_some((smallest, -1.0))];
    for (value, to) in bounds.into_iter().flatten() {
        let (value, to) = (format_float(value), format_float(to));
        let message = format!("ratio value should be between -1 and 1, got {value}, capping to {to}");
        let place = Place { about: span, operator: node.span };
        context.annotate(|annotations| annotations.warn(message, place));
    }
    let keep = |series: &[Series]| {
        let words = steps.div_ceil(64);
        let mut keep = vec![0u64; series.len() * words];
        for (series, bits) in series.iter().zip(keep.chunks_mut(words.max(1))) {
            let offset = ratio_offset(&series.labels);
            let keeps = |ratio: f64| {
                let ratio = ratio.clamp(-1.0, 1.0);
                ratio != 0.0 && ratio_keeps(ratio, offset)
            };
            match ratio {
                Scalar::Constant(ratio) if keeps(*ratio) => fill_bits(bits, steps),
                Scalar::Constant(_) => {}
                Scalar::Column(_) => (0..steps)
                    .filter(|step| keeps(ratio.at(*step)))
                    .for_each(|step| super::row::set_bit(bits, step)),
            }
        }
        keep
    };
    if node.steps.is_single() {
        let input = Table::without_empty_rows(&materialise(context, &*input, steps)?);
        let keep = keep(&input.series);
        return Ok(kept_in_order(&input, &keep, &grouping.groups(&input.series).members));
    }
    let keep = keep(input.series());
    Ok(masked(input, steps, keep))
}

/// What `limitk` or `limit_ratio` kept of a single step, in the order in which Prometheus gives it.
fn kept_in_order<'a>(input: &Table, keep: &[u64], groups: &Members) -> BoxedRows<'a> {
    let kept = input.masked(|row| std::slice::from_ref(&keep[row]));
    let value =
        |row: u32| if bit(kept.present(row as usize), 0) { kept.values(row as usize)[0] } else { 0.0 };
    let mut order = Vec::new();
    for members in groups.iter() {
        let present = members.iter().filter(|row| kept.has(**row as usize, 0));
        let mut members: Vec<_> = present.map(|row| (value(*row), *row)).collect();
        order_as_kept(&mut members);
        order.extend(members.into_iter().map(|(_, row)| row as usize));
    }
    Box::new(Arc::new(kept.select(order.into_iter())))
}

/// `sort` and `sort_desc`: floats by value, NaN last. Has no effect over several steps, where it only drops histograms.
pub(crate) fn sort(context: &Context, input: &Table, descending: bool, node: &Node) -> Table {
    let floats = input.without_histograms();
    if !node.steps.is_single() {
        warn_ineffective_sort(context, node);
        return floats;
    }
    let mut rows: Vec<usize> = (0..floats.len()).filter(|row| bit(floats.present(*row), 0)).collect();
    let value = |row: &usize| floats.values(*row)[0];
    sort_by_value(&mut rows, descending, value);
    floats.select(rows.into_iter())
}
