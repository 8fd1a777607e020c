//! Selectors and subqueries at one step: which samples of the store they see.

use std::collections::BTreeMap;

use crate::model::histogram::CounterResetHint;
use crate::model::{Labels, Matcher};
use crate::storage::{ColumnBuffer, SelectHints, SelectRequest};
use crate::syntax::ast::{At, Duration, MatrixSelector, SubqueryExpr, VectorSelector};
use crate::testing::answer::Failure;

use super::evaluate::{Run, Step};
use super::histogram::Histogram;
use super::histogram_rates::between;
use super::rates::Extension;
use super::statistics::{Stretch, without_buckets};
use super::value::{Sample, StepValue, Stored, Value, WindowSeries};

/// How many steps a subquery may have; the reference is for small cases.
const MAX_SUBQUERY_STEPS: i64 = 100_000;

/// A range vector and the times of its range.
#[derive(Debug)]
pub(super) struct Windows {
    pub(super) series: Vec<WindowSeries>,
    pub(super) start_ms: i64,
    pub(super) end_ms: i64,
    pub(super) extension: Extension,
}

impl Run<'_> {
    /// The time a selector looks at.
    fn time_of(&self, at: Option<At>, offset: &Duration, step: Step) -> Result<i64, Failure> {
        let time_ms = match at {
            Some(At::Timestamp(time_ms)) => time_ms,
            Some(At::Start) if !step.in_parameter => self.start_ms,
            Some(At::End) if !step.in_parameter => self.end_ms,
            _ => step.now_ms,
        };
        Ok(time_ms.saturating_sub(self.duration(offset, true)?))
    }

    /// Every matching series with its samples in `(after_ms, until_ms]`, stale markers included.
    fn read(
        &self,
        selector: &VectorSelector,
        after_ms: i64,
        until_ms: i64,
    ) -> Result<Vec<(Labels, Vec<Stored>)>, Failure> {
        let matchers = selector.compile_matchers().map_err(|error| Failure::refused(error.to_string()))?;
        self.read_matching(matchers, after_ms, until_ms)
    }

    pub(super) fn read_matching(
        &self,
        matchers: Vec<Matcher>,
        after_ms: i64,
        until_ms: i64,
    ) -> Result<Vec<(Labels, Vec<Stored>)>, Failure> {
        let request = SelectRequest {
            matchers,
            start_ms: after_ms.saturating_add(1),
            end_ms: until_ms,
            hints: SelectHints::default(),
        };
        let failed = |error: crate::storage::StorageError| Failure::execution(error.to_string());
        let set = self.store.select(&request).map_err(failed)?;
        let mut buffer = ColumnBuffer::default();
        let mut out = Vec::new();
        for index in 0..set.len() {
            let columns = set.columns(index, &mut buffer).map_err(failed)?;
            let inside = |time_ms: i64| time_ms > after_ms && time_ms <= until_ms;
            let started = |starts: &[i64], i: usize| starts.get(i).copied().unwrap_or_default();
            let (floats, histograms) = (columns.floats, columns.histograms);
            let floats = (0..floats.timestamps.len()).map(|i| Stored {
                time_ms: floats.timestamps.at(i),
                value: Value::Float(floats.values.get(i).copied().unwrap_or(f64::NAN)),
                start_ms: started(floats.start_timestamps, i),
            });
            let histograms = histograms.samples.iter().enumerate().map(|(i, sample)| Stored {
                time_ms: histograms.timestamps.at(i),
                value: Histogram::from(sample).into(),
                start_ms: started(histograms.start_timestamps, i),
            });
            let mut samples: Vec<Stored> =
                floats.chain(histograms).filter(|sample| inside(sample.time_ms)).collect();
            samples.sort_by_key(|sample| sample.time_ms);
            out.push((set.labels(index).clone(), samples));
        }
        Ok(out)
    }

    /// As [`Run::read`], for a selector whose reader is sent through one stretch of time after the other, where the query
    /// looks at no buckets.
    fn read_wanted(
        &self,
        selector: &VectorSelector,
        seen: Stretch,
        step: Step,
        stretch: impl Fn(Step) -> Result<Stretch, Failure>,
    ) -> Result<Vec<(Labels, Vec<Stored>)>, Failure> {
        let (after_ms, until_ms) = (seen.from_ms, seen.until_ms);
        if !step.wanted.only_counts() {
            return self.read(selector, after_ms, until_ms);
        }
        let mut stretches = Vec::new();
        let mut now_ms = self.start_ms;
        while now_ms <= step.now_ms {
            stretches.push(stretch(Step { now_ms, ..step })?);
            now_ms += self.step_ms.max(1);
        }
        // What stands where a stretch begins is passed by, but before the first stretch nothing is read at all.
        let first_ms = stretches.first().map_or(after_ms, |stretch| stretch.from_ms);
        let mut series = self.read(selector, first_ms.min(after_ms), until_ms)?;
        for (_, samples) in &mut series {
            without_buckets(samples, &stretches);
            samples.retain(|sample| sample.time_ms > after_ms);
        }
        Ok(series)
    }

    /// The time for which an instant selector's samples are read, and the time it looks at.
    fn times_of(&self, selector: &VectorSelector, step: Step) -> Result<(i64, i64), Failure> {
        let fetched_for = self.time_of(selector.at, &selector.offset, step)?;
        let fixed = selector.at.is_some_and(|at| !step.in_parameter || matches!(at, At::Timestamp(_)));
        let moved = if step.in_parameter { step.now_ms - step.start_ms } else { 0 };
        Ok((fetched_for, if fixed { fetched_for + step.misplaced_ms + moved } else { fetched_for }))
    }

    /// The newest sample of each series within the lookback, unless it is a stale marker.
    pub(super) fn newest(
        &self,
        selector: &VectorSelector,
        step: Step,
    ) -> Result<Vec<(Labels, Stored)>, Failure> {
        let (fetched_for, time_ms) = self.times_of(selector, step)?;
        let lookback_ms = self.options.lookback_ms;
        let after_ms = time_ms.max(fetched_for).saturating_sub(lookback_ms);
        let seen = Stretch { from_ms: after_ms, until_ms: time_ms.min(fetched_for) };
        let series = self.read_wanted(selector, seen, step, |step| {
            let until_ms = self.time_of(selector.at, &selector.offset, step)?;
            Ok(Stretch { from_ms: until_ms.saturating_sub(lookback_ms), until_ms })
        })?;
        Ok(newest_of(series))
    }

    /// What `timestamp` sees of a selector: of one with `@`, the samples in the lookbacks of its time both with and
    /// without its offset.
    pub(super) fn newest_of_timestamp(
        &self,
        selector: &VectorSelector,
        step: Step,
    ) -> Result<Vec<(Labels, Stored)>, Failure> {
        if selector.at.is_none() {
            return self.newest(selector, step);
        }
        let with_offset = self.time_of(selector.at, &selector.offset, step)?;
        let without = self.time_of(selector.at, &Duration::ZERO, step)?;
        let lookback_ms = self.options.lookback_ms;
        let after_ms = with_offset.max(without).saturating_sub(lookback_ms);
        let read_until_ms = with_offset.saturating_add(if selector.smoothed { lookback_ms } else { 0 });
        Ok(newest_of(self.read(selector, after_ms, read_until_ms.min(without))?))
    }

    pub(super) fn instant_vector(
        &self,
        selector: &VectorSelector,
        step: Step,
    ) -> Result<Vec<Sample>, Failure> {
        if selector.smoothed {
            return self.smoothed_vector(selector, step);
        }
        let newest = self.newest(selector, step)?;
        Ok(newest
            .into_iter()
            .map(|(labels, stored)| Sample { labels, value: stored.value, drop_name: false })
            .collect())
    }

    /// Values on the line between the samples before and after the time.
    fn smoothed_vector(&self, selector: &VectorSelector, step: Step) -> Result<Vec<Sample>, Failure> {
        let (fetched_for, time_ms) = self.times_of(selector, step)?;
        let lookback_ms = self.options.lookback_ms;
        let seen = Stretch {
            from_ms: time_ms.max(fetched_for).saturating_sub(lookback_ms),
            until_ms: time_ms.min(fetched_for).saturating_add(lookback_ms),
        };
        let series = self.read_wanted(selector, seen, step, |step| {
            // Its reader keeps all that the query sees and jumps nowhere.
            let first = Step { now_ms: self.start_ms, ..step };
            let first_ms = self.time_of(selector.at, &selector.offset, first)?;
            let until_ms = self.time_of(selector.at, &selector.offset, step)?;
            let from_ms = first_ms.saturating_sub(lookback_ms);
            Ok(Stretch { from_ms, until_ms: until_ms.saturating_add(lookback_ms) })
        })?;
        let mut out = Vec::new();
        for (labels, samples) in series {
            let samples: Vec<Stored> =
                samples.into_iter().filter(|sample| !sample.value.is_stale()).collect();
            let kinds = (0..samples.len()).filter(|at| samples[*at].value.float().is_some()).count();
            if kinds > 0 && kinds < samples.len() {
                continue;
            }
            let next = samples.iter().position(|sample| sample.time_ms >= time_ms);
            let before = next.unwrap_or(samples.len()).checked_sub(1).map(|index| &samples[index]);
            let value = match (before, next.map(|index| &samples[index])) {
                (_, Some(now)) if now.time_ms == time_ms => Some(now.value.clone()),
                (Some(before), Some(after)) => smoothed(before, after, time_ms),
                (Some(before), None) => Some(carried_on(before.value.clone())),
                (None, _) => None,
            };
            out.extend(value.map(|value| Sample { labels, value, drop_name: false }));
        }
        Ok(out)
    }

    /// The windows of a range selector; series without a sample are left out.
    pub(super) fn windows(&self, matrix: &MatrixSelector, step: Step) -> Result<Windows, Failure> {
        let selector = &matrix.selector;
        let mut end_ms = self.time_of(selector.at, &selector.offset, step)?;
        let mut start_ms = end_ms.saturating_sub(self.duration(&matrix.range, false)?);
        let lookback_ms = self.options.lookback_ms;
        let (extension, before_ms, behind_ms) = if selector.anchored {
            (Extension::Anchored, lookback_ms, 0)
        } else if selector.smoothed {
            (Extension::Smoothed, lookback_ms, lookback_ms)
        } else {
            (Extension::None, 0, 0)
        };
        let mut seen = (start_ms.saturating_sub(before_ms), end_ms.saturating_add(behind_ms));
        if selector.at.is_some() {
            (start_ms, end_ms) = (start_ms + step.misplaced_ms, end_ms + step.misplaced_ms);
            seen.0 = seen.0.max(start_ms.saturating_sub(before_ms));
            seen.1 = seen.1.min(end_ms.saturating_add(behind_ms));
        }
        let whole_ms = self.duration(&matrix.range, false)? + before_ms + behind_ms;
        let seen = Stretch { from_ms: seen.0, until_ms: seen.1 };
        let read = self.read_wanted(selector, seen, step, |step| {
            let until_ms = self.time_of(selector.at, &selector.offset, step)?.saturating_add(behind_ms);
            Ok(Stretch { from_ms: until_ms.saturating_sub(whole_ms), until_ms })
        })?;
        let series = read.into_iter().map(|(labels, samples)| WindowSeries::new(labels, samples, false));
        let series = series.filter(|window| !window.is_empty()).collect();
        Ok(Windows { series, start_ms, end_ms, extension })
    }

    /// The windows of a subquery: its expression at every step of the range, which are multiples of the step's length.
    pub(super) fn subquery(&self, subquery: &SubqueryExpr, step: Step) -> Result<Windows, Failure> {
        let end_ms = self.time_of(subquery.at, &subquery.offset, step)?;
        let start_ms = end_ms.saturating_sub(self.duration(&subquery.range, false)?);
        let interval_ms = match &subquery.step {
            Some(length) => self.duration(length, false)?,
            None => 0,
        };
        let interval_ms = if interval_ms > 0 { interval_ms } else { self.options.default_subquery_step_ms };
        if interval_ms <= 0 || (end_ms - start_ms) / interval_ms > MAX_SUBQUERY_STEPS {
            return Err(Failure::unsupported("a subquery of that many steps in the reference evaluator"));
        }
        let first_ms = (start_ms.div_euclid(interval_ms) + 1) * interval_ms;
        // Prometheus evaluates the steps of all windows in one go, from the first of the first window.
        let from_start = Step { now_ms: step.start_ms, ..step };
        let before_all = self.time_of(subquery.at, &subquery.offset, from_start)? - (end_ms - start_ms);
        let first_of_all = (before_all.div_euclid(interval_ms) + 1) * interval_ms;
        let offset_ms = self.duration(&subquery.offset, true)?;
        let misplaced_ms = match self.time_of(subquery.at, &Duration::ZERO, step)? {
            _ if first_of_all != step.start_ms => 0,
            time_ms if subquery.at.is_some() => offset_ms + first_of_all - time_ms,
            _ => step.misplaced_ms + offset_ms,
        };
        let mut series: BTreeMap<Labels, (Vec<Stored>, bool)> = BTreeMap::new();
        let mut now_ms = first_ms;
        while now_ms <= end_ms {
            let single = first_ms == end_ms && step.single;
            let inner = Step { start_ms: first_of_all, misplaced_ms, now_ms, single, ..step };
            let samples = match self.value(&subquery.expr, inner)? {
                StepValue::Vector(samples) => samples,
                StepValue::Scalar(value) => vec![Sample::new(Labels::default(), value)],
                StepValue::Text(_) | StepValue::Windows(_) => {
                    return Err(Failure::refused("a subquery is of an instant vector or a scalar"));
                }
            };
            for Sample { labels, value, drop_name } in samples {
                let (stored, _) = series.entry(labels).or_insert((Vec::new(), drop_name));
                stored.push(Stored { time_ms: now_ms, value, start_ms: 0 });
            }
            now_ms += interval_ms;
        }
        let windows = series.into_iter().map(|(labels, (stored, drop_name))| {
            // As of stored samples: a stale marker in a window is no sample.
            WindowSeries::new(labels, stored, drop_name)
        });
        let series = windows.filter(|window| !window.is_empty()).collect();
        Ok(Windows { series, start_ms, end_ms, extension: Extension::None })
    }
}

fn newest_of(series: Vec<(Labels, Vec<Stored>)>) -> Vec<(Labels, Stored)> {
    let newest = series.into_iter().filter_map(|(labels, mut samples)| Some((labels, samples.pop()?)));
    newest.filter(|(_, sample)| !sample.value.is_stale()).collect()
}

/// A value on the line between two samples of one kind.
fn smoothed(before: &Stored, after: &Stored, time_ms: i64) -> Option<Value> {
    match (&before.value, &after.value) {
        (Value::Float(from), Value::Float(to)) => {
            let (passed, whole) = (time_ms - before.time_ms, after.time_ms - before.time_ms);
            Some(Value::Float(from + (to - from) * passed as f64 / whole as f64))
        }
        (Value::Histogram(from), Value::Histogram(to)) if from.is_custom() != to.is_custom() => None,
        (Value::Histogram(from), Value::Histogram(to)) => {
            let is_counter = !from.is_gauge() || !to.is_gauge();
            let value = between((before.time_ms, from), (after.time_ms, to), time_ms, is_counter);
            value.ok().map(Value::from)
        }
        _ => None,
    }
}

/// What was so at the last sample; a hint speaks of that sample and the one before it.
fn carried_on(value: Value) -> Value {
    match value {
        Value::Histogram(mut histogram) => {
            histogram.hint = CounterResetHint::Unknown;
            Value::Histogram(histogram)
        }
        value => value,
    }
}
