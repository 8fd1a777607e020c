//! Folding aggregations: rows are read, folded into their group and forgotten.

use std::ops::Range;

use super::{
    aggregate_histograms::GroupFold,
    annotations::Annotations,
    context::{Context, Worker},
    parallel,
    row::HistogramCells,
    rows::{Rows, is_small, materialise, step_runs},
    table::{Series, Table},
};
use crate::{
    aggregations::fold::FoldOperator,
    error::{Error, ErrorKind},
    operators::matching::{drop_metadata, group_rows},
    plan::Node,
};

/// Members of a group that are folded in one go; larger groups are folded in chunks of this size, which are merged in
/// order. Fixed, so that the bits are the same at every thread count and every number of steps.
const CHUNK: usize = 1024;

/// The labels an aggregation groups by.
pub(crate) struct Grouping<'a> {
    pub(crate) without: bool,
    pub(crate) names: &'a [String],
}

/// The rows of each group, and the groups' series.
pub(crate) struct Groups {
    pub(crate) members: Members,
    pub(crate) series: Vec<Series>,
    /// The groups whose label set still names a metric, where some members keep the name and others do not: for each member,
    /// whether it does.
    mixed: Vec<(usize, Vec<bool>)>,
}

/// The rows of some groups, group after group.
pub(crate) struct Members {
    rows: Vec<u32>,
    /// Where each group's rows end.
    ends: Vec<usize>,
}

impl Members {
    /// The rows of groups `0..count`, given the group of each row.
    fn new(of_row: &[u32], count: usize) -> Self {
        let mut ends = vec![0; count];
        of_row.iter().for_each(|group| ends[*group as usize] += 1);
        // First where each group begins; that moves on with each row that is put in its place.
        let mut begin = 0;
        for end in &mut ends {
            begin += std::mem::replace(end, begin);
        }
        let mut rows = vec![0; of_row.len()];
        for (row, group) in of_row.iter().enumerate() {
            let next = &mut ends[*group as usize];
            rows[*next] = row as u32;
            *next += 1;
        }
        Self { rows, ends }
    }

    /// How many groups there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The rows of a group, ascending.
    pub(crate) fn of(&self, group: usize) -> &[u32] {
        let start = group.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.rows[start..self.ends[group]]
    }

    /// The rows of each group.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.len()).map(|group| self.of(group))
    }
}

impl Grouping<'_> {
    /// Finds the groups of some series.
    pub(crate) fn groups(&self, series: &[Series]) -> Groups {
        let labels = series.iter().map(|series| &series.labels);
        let (of_row, labels) = group_rows(labels, self.without, self.names);
        let members = Members::new(&of_row, labels.len());
        let mut groups: Vec<Series> = labels.into_iter().map(Series::named).collect();
        for (series, group) in series.iter().zip(&of_row) {
            groups[*group as usize].drop_name |= series.drop_name;
        }
        let mut mixed = Vec::new();
        for (group, members) in members.iter().enumerate().filter(|(group, _)| groups[*group].drop_name) {
            let kept = members.iter().map(|row| !series[*row as usize].drop_name);
            if kept.clone().any(|kept| kept) && groups[group].labels != drop_metadata(&groups[group].labels) {
                mixed.push((group, kept.collect()));
            }
        }
        Groups { members, series: groups, mixed }
    }
}

impl Groups {
    /// Decides whether a name that only some members keep goes in the end: as in Prometheus, the members with a sample at the
    /// last step of their group that has any say so. `sample_bits` tells the steps of a row.
    pub(crate) fn settle_names(&mut self, sample_bits: impl Fn(usize) -> Vec<u64>) {
        for (group, kept) in &self.mixed {
            let (mut last, mut drops) = (None, false);
            for (row, kept) in self.members.of(*group).iter().zip(kept) {
                let own = last_bit(&sample_bits(*row as usize));
                drops = if own > last { !kept } else { drops || own == last && own.is_some() && !kept };
                last = last.max(own);
            }
            self.series[*group].drop_name = drops;
        }
    }
}

fn last_bit(words: &[u64]) -> Option<usize> {
    let word = words.iter().rposition(|word| *word != 0)?;
    Some(word * 64 + 63 - words[word].leading_zeros() as usize)
}

/// One unit of work: some members of one group at a run of steps.
struct Task {
    group: usize,
    members: Range<usize>,
    steps: Range<usize>,
}

/// What one of several folds over the same rows gave, and what it has to say of them.
pub(crate) struct Folded {
    pub(crate) table: Result<Table, Error>,
    pub(crate) remarks: Annotations,
}

/// Folds the rows of each group by one operator.
pub(crate) fn fold(
    context: &Context,
    operator: FoldOperator,
    rows: &dyn Rows,
    grouping: &Grouping<'_>,
    child: &Node,
) -> Result<Table, Error> {
    let missing = || Error::new(ErrorKind::Unsupported("this aggregation"), child.span);
    let Folded { table, remarks } =
        fold_all(context, &[operator], rows, grouping, child)?.pop().ok_or_else(missing)?;
    if !remarks.is_empty() {
        context.annotate(|annotations| annotations.absorb(&remarks, |span| span));
    }
    table
}

/// Folds the rows of each group by several operators, in one pass; gives as much as there are operators.
pub(crate) fn fold_all(
    context: &Context,
    operators: &[FoldOperator],
    rows: &dyn Rows,
    grouping: &Grouping<'_>,
    child: &Node,
) -> Result<Vec<Folded>, Error> {
    let steps = child.steps.count;
    let mut groups = grouping.groups(rows.series());
    // Rows are asked for once only: what they give is counted, and what they remark is told.
    let held;
    let mut rows = rows;
    if !groups.mixed.is_empty() {
        held = materialise(context, rows, steps)?;
        groups.settle_names(|member| held.sample_bits(member).into_owned());
        rows = &held;
    }
    context.check_table(groups.series.len().saturating_mul(operators.len()), steps)?;
    let mut tasks = Vec::new();
    let threads =
        if divides_evenly(&groups.members, context.options.threads) { 1 } else { context.options.threads };
    for (group, members) in groups.members.iter().enumerate() {
        for run in step_runs(steps, threads) {
            for first in (0..members.len()).step_by(CHUNK) {
                let members = first..members.len().min(first + CHUNK);
                tasks.push(Task { group, members, steps: run.clone() });
            }
        }
    }
    // One fold a task and operator, and for each task the first member with a sample.
    let width = operators.len().max(1);
    let mut folds: Vec<Option<GroupFold>> = (0..tasks.len() * width).map(|_| None).collect();
    let mut firsts_of_tasks = vec![u32::MAX; tasks.len()];
    let batch = context.batch(tasks.len());
    let units =
        tasks.chunks(batch).zip(folds.chunks_mut(batch * width)).zip(firsts_of_tasks.chunks_mut(batch));
    let small = is_small(rows, steps);
    parallel::run(context, units, small, |((tasks, folds), firsts), worker| {
        for ((task, folds), first) in tasks.iter().zip(folds.chunks_mut(width)).zip(firsts) {
            let members = &groups.members.of(task.group)[task.members.clone()];
            let new = |operator: &FoldOperator| Some(GroupFold::new(*operator, task.steps.len()));
            folds.iter_mut().zip(operators).for_each(|(fold, operator)| *fold = new(operator));
            *first = fold_members(context, folds, rows, members, task.steps.clone(), worker, child)?;
        }
        Ok(())
    })?;
    let mut firsts = vec![u32::MAX; groups.members.len()];
    for (task, first) in tasks.iter().zip(firsts_of_tasks) {
        firsts[task.group] = firsts[task.group].min(first);
    }
    let mut folded = Vec::with_capacity(operators.len());
    for number in 0..operators.len() {
        let is_last = number + 1 == operators.len();
        let series = if is_last { std::mem::take(&mut groups.series) } else { groups.series.clone() };
        let own = folds.iter_mut().skip(number).step_by(width).map(Option::take);
        folded.push(table_of(series, &firsts, &tasks, own, child));
    }
    Ok(folded)
}

/// Merges the folds of each group's chunks, one a task, and writes what they come to.
fn table_of(
    series: Vec<Series>,
    firsts: &[u32],
    tasks: &[Task],
    folds: impl Iterator<Item = Option<GroupFold>>,
    child: &Node,
) -> Folded {
    let (mut table, places) = ordered_table(series, firsts, child.steps.count);
    let mut remarks = Annotations::default();
    let mut failure = None;
    let mut write = |group: usize, run: Range<usize>, fold: GroupFold| {
        let row = places.as_ref().map_or(group, |places| places[group]);
        let (values, present) = table.row_mut(row);
        let words = run.start / 64..run.start / 64 + run.len().div_ceil(64);
        let mut cells = HistogramCells::default();
        let finished =
            fold.finish(child, &mut values[run.clone()], &mut present[words], &mut cells, &mut remarks);
        failure = failure.take().or(finished.err());
        if !cells.is_empty() {
            table.add_histograms(row, run.start, &cells);
        }
    };
    let mut pending: Option<(usize, Range<usize>, GroupFold)> = None;
    for (task, fold) in tasks.iter().zip(folds) {
        let Some(fold) = fold else { continue };
        match &mut pending {
            Some((group, steps, earlier)) if *group == task.group && *steps == task.steps => {
                earlier.merge(fold, child);
            }
            _ => {
                if let Some((group, steps, fold)) = pending.take() {
                    write(group, steps, fold);
                }
                pending = Some((task.group, task.steps.clone(), fold));
            }
        }
    }
    if let Some((group, steps, fold)) = pending {
        write(group, steps, fold);
    }
    Folded { table: failure.map_or(Ok(table), Err), remarks }
}

/// Whether groups and their chunks are enough and so even that threads share them well. Else steps are cut, too: then each row is
/// looked at once a cut.
fn divides_evenly(groups: &Members, threads: usize) -> bool {
    let largest = groups.iter().map(|members| members.len().min(CHUNK)).max().unwrap_or(0);
    // The thread with the largest chunk has at most a quarter more than its share.
    largest.saturating_mul(threads).saturating_mul(4) <= groups.rows.len().saturating_mul(5)
}

/// The empty table of some groups, and each group's row in it where that is not its number. Groups stand in the order of their first rows with a sample, as
/// in Prometheus, which never sees a series without one: that decides ties above.
fn ordered_table(series: Vec<Series>, firsts: &[u32], steps: usize) -> (Table, Option<Vec<usize>>) {
    if firsts.is_sorted() {
        return (Table::new(series, steps), None);
    }
    let mut groups: Vec<(usize, Series)> = series.into_iter().enumerate().collect();
    groups.sort_by_key(|(group, _)| firsts[*group]);
    let mut places = vec![0; groups.len()];
    for (place, (group, _)) in groups.iter().enumerate() {
        places[*group] = place;
    }
    (Table::new(groups.into_iter().map(|(_, series)| series).collect(), steps), Some(places))
}

/// Folds some members of a group into each of `folds`; gives the first of them with a sample, or the greatest number there is.
fn fold_members(
    context: &Context,
    folds: &mut [Option<GroupFold>],
    rows: &dyn Rows,
    members: &[u32],
    steps: Range<usize>,
    worker: &mut Worker,
    child: &Node,
) -> Result<u32, Error> {
    let mut first = u32::MAX;
    let mut row = worker.take_row();
    for (index, member) in members.iter().enumerate() {
        // A row of many steps is a batch by itself.
        if index % 64 == 63 || steps.len() >= 1024 {
            context.check()?;
        }
        rows.row(*member as usize, steps.clone(), worker, &mut row)?;
        let has_floats = row.present.iter().any(|word| *word != 0);
        if has_floats || !row.histograms.is_empty() {
            first = first.min(*member);
        }
        let folds = folds.iter_mut().flatten();
        if !row.histograms.is_empty() {
            let series = &rows.series()[*member as usize];
            folds.for_each(|fold| fold.add_mixed(child, series, &row));
        } else if has_floats {
            folds.for_each(|fold| fold.add(&row.values, &row.present));
        }
    }
    worker.give_row(row);
    Ok(first)
}

/// Says that an aggregation over floats has ignored histograms.
pub(crate) fn ignored(annotations: &mut Annotations, name: &str, node: &Node) {
    annotations.inform(format!("ignored histogram in {name} aggregation"), node.span);
}
