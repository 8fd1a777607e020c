//! `info()`: series get the labels of the info series that have the same `instance` and `job`.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    context::Context,
    row::{Row, bit, for_each_bit},
    table::{Series, Table},
};
use crate::{
    error::{Error, ErrorKind},
    model::{Labels, LabelsBuilder, METRIC_NAME, Matcher, Span},
    operators::matching::is_metadata_label,
};

/// The labels that tell which info series belongs to a series.
const IDENTIFYING: [&str; 2] = ["instance", "job"];

/// What `info()` was asked for.
pub(crate) struct Enrichment<'a> {
    /// Conditions on the info metrics' names.
    pub(crate) names: &'a [Matcher],
    /// Conditions on their other labels; where there are any, only the labels they name are added.
    pub(crate) data: &'a [Matcher],
    pub(crate) span: Span,
    /// Where the cost of the info series is noted.
    pub(crate) slot: u32,
}

/// The values of the identifying labels; empty where a label is missing.
fn identity(labels: &Labels) -> [String; 2] {
    IDENTIFYING.map(|name| labels.get(name).unwrap_or_default().to_owned())
}

/// Which identities are looked for: for each combination of present labels, the values seen of each.
#[derive(Default)]
struct Wanted([Option<[FxHashSet<String>; 2]>; 4]);

impl Wanted {
    fn presence(identity: &[String; 2]) -> usize {
        usize::from(!identity[0].is_empty()) + 2 * usize::from(!identity[1].is_empty())
    }

    fn add(&mut self, identity: [String; 2]) {
        let presence = Self::presence(&identity);
        if presence > 0 {
            let sets = self.0[presence].get_or_insert_default();
            for (set, value) in sets.iter_mut().zip(identity) {
                set.insert(value);
            }
        }
    }

    fn has(&self, identity: &[String; 2]) -> bool {
        self.0[Self::presence(identity)]
            .as_ref()
            .is_some_and(|sets| sets.iter().zip(identity).all(|(set, value)| set.contains(value)))
    }
}

/// The info series of one metric and identity.
type InfoIndex<'t> = FxHashMap<(&'t str, [String; 2]), Vec<usize>>;

impl Enrichment<'_> {
    /// Enriches `base`; `infos` has for each info series the time in seconds of its newest sample at each step, NaN where that is a histogram.
    /// `is_found` says of which of them there are samples at the times asked for.
    pub(crate) fn run(
        &self,
        context: &Context,
        base: &Table,
        infos: &Table,
        is_found: &dyn Fn(usize) -> bool,
    ) -> Result<Table, Error> {
        let is_info: Vec<bool> = base
            .series
            .iter()
            .map(|series| {
                let name = series.labels.get(METRIC_NAME).unwrap_or_default();
                self.names.iter().all(|matcher| matcher.matches(name))
            })
            .collect();
        let mut wanted = Wanted::default();
        for (series, _) in base.series.iter().zip(&is_info).filter(|(_, is_info)| !**is_info) {
            wanted.add(identity(&series.labels));
        }
        let mut index = InfoIndex::default();
        let mut metrics: Vec<&str> = Vec::new();
        let mut looked_at = Vec::new();
        for (row, series) in infos.series.iter().enumerate() {
            let identity = identity(&series.labels);
            if wanted.has(&identity) && is_found(row) {
                looked_at.push(row);
            }
            if wanted.has(&identity) && !infos.is_row_empty(row) {
                let mut histogram = false;
                for_each_bit(infos.present(row), |step| histogram |= infos.values(row)[step].is_nan());
                if histogram {
                    let message =
                        format!("this should be an info metric, with float samples: {}", series.labels);
                    return Err(Error::execution(message, self.span));
                }
                let name = series.labels.get(METRIC_NAME).unwrap_or_default();
                metrics.push(name);
                index.entry((name, identity)).or_default().push(row);
            }
        }
        context.account.looked_at(self.slot, looked_at.len() as u64);
        context.account.note_table(self.slot, &infos.select(looked_at.into_iter()));
        metrics.sort_unstable();
        metrics.dedup();
        self.check_duplicates(base, infos, &index)?;

        let mut out = Table::new(Vec::new(), base.steps());
        let mut rows: FxHashMap<Labels, usize> = FxHashMap::default();
        // The rows of `base` that each row of `out` comes from.
        let mut sources: Vec<Vec<usize>> = Vec::new();
        for (row, series) in base.series.iter().enumerate() {
            context.check()?;
            let identity = identity(&series.labels);
            let candidates: Vec<&[usize]> = metrics
                .iter()
                .map(|name| index.get(&(*name, identity.clone())).map_or(&[][..], Vec::as_slice))
                .collect();
            let mut known: FxHashMap<Vec<Option<usize>>, Option<Labels>> = FxHashMap::default();
            let present = base.sample_bits(row);
            for step in (0..base.steps()).filter(|step| bit(&present, *step)) {
                let chosen: Vec<Option<usize>> = if is_info[row] {
                    Vec::new()
                } else {
                    candidates.iter().map(|rows| newest(infos, rows, step)).collect()
                };
                let labels = match known.get(&chosen) {
                    Some(labels) => labels.clone(),
                    None => {
                        let labels = if is_info[row] {
                            Some(series.labels.clone())
                        } else {
                            self.enriched(&series.labels, infos, &chosen)?
                        };
                        known.insert(chosen, labels.clone());
                        labels
                    }
                };
                let Some(labels) = labels else { continue };
                let next = out.len();
                let into = *rows.entry(labels.clone()).or_insert(next);
                if into == next {
                    context.check_table(next + 1, base.steps())?;
                    let mut empty = Row::default();
                    empty.reset(base.steps());
                    out.push(Series { labels: labels.clone(), drop_name: series.drop_name }, empty);
                    sources.push(Vec::new());
                }
                if sources[into].last() != Some(&row) {
                    sources[into].push(row);
                }
                if out.has(into, step) {
                    let there = sources[into].iter().filter(|row| base.has(**row, step));
                    let series = there.map(|row| base.series[*row].labels.clone()).collect();
                    return Err(Error::new(ErrorKind::DuplicateLabelSet { labels, series }, self.span));
                }
                out.copy_sample(into, base, row, step);
            }
        }
        Ok(out)
    }

    /// Two info series of one metric and identity with equally new samples leave no choice: an error.
    fn check_duplicates(&self, base: &Table, infos: &Table, index: &InfoIndex<'_>) -> Result<(), Error> {
        let mut asked = vec![0u64; base.steps().div_ceil(64)];
        for row in 0..base.len() {
            asked.iter_mut().zip(base.sample_bits(row).iter()).for_each(|(own, bits)| *own |= bits);
        }
        for rows in index.values().filter(|rows| rows.len() > 1) {
            for step in (0..base.steps()).filter(|step| bit(&asked, *step)) {
                let with_sample = rows.iter().filter(|row| bit(infos.present(**row), step));
                let mut newest: Option<(usize, f64)> = None;
                for row in with_sample {
                    let time = infos.values(*row)[step];
                    match newest {
                        Some((other, best)) if best == time => {
                            let (a, b) = (&infos.series[other].labels, &infos.series[*row].labels);
                            let time_ms = time * 1000.0;
                            let message = format!(
                                "found duplicate series for info metric: existing {a} @ {time_ms}, new {b} @ {time_ms}"
                            );
                            return Err(Error::execution(message, self.span));
                        }
                        Some((_, best)) if best > time => {}
                        _ => newest = Some((*row, time)),
                    }
                }
            }
        }
        Ok(())
    }

    /// The labels with those of the info series added; `None` where the conditions ask for an info series and there is none.
    fn enriched(
        &self,
        base: &Labels,
        infos: &Table,
        chosen: &[Option<usize>],
    ) -> Result<Option<Labels>, Error> {
        if chosen.iter().all(Option::is_none) {
            let optional = self.data.iter().all(|matcher| matcher.matches(""));
            return Ok(optional.then(|| base.clone()));
        }
        let mut added: Vec<(&str, &str)> = Vec::new();
        for row in chosen.iter().flatten() {
            for (name, value) in infos.series[*row].labels.iter() {
                let asked = self.data.is_empty() || self.data.iter().any(|matcher| matcher.name() == name);
                if is_metadata_label(name) || !asked {
                    continue;
                }
                match added.iter().find(|(other, _)| *other == name) {
                    Some((_, other)) if *other != value => {
                        return Err(Error::execution(format!("conflicting label: {name}"), self.span));
                    }
                    _ if base.get(name).is_none() => added.push((name, value)),
                    _ => {}
                }
            }
        }
        let mut labels = LabelsBuilder::from(base);
        for (name, value) in added {
            labels.set(name, value);
        }
        Ok(Some(labels.finish()))
    }
}

/// Of some info series, the one with the newest sample at a step.
fn newest(infos: &Table, rows: &[usize], step: usize) -> Option<usize> {
    let with_sample = rows.iter().copied().filter(|row| bit(infos.present(*row), step));
    with_sample.max_by(|a, b| infos.values(*a)[step].total_cmp(&infos.values(*b)[step]))
}
