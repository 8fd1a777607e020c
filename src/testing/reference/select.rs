//! Selectors and subqueries at one step: which samples of the store they see.

use std::collections::BTreeMap;

use crate::model::{Labels, is_stale};
use crate::storage::{ColumnBuffer, SelectHints, SelectRequest};
use crate::syntax::ast::{At, Duration, MatrixSelector, SubqueryExpr, VectorSelector};
use crate::testing::answer::Failure;

use super::evaluate::{Run, Step};
use super::rates::Extension;
use super::value::{Point, Sample, StepValue, WindowSeries};

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
    ) -> Result<Vec<(Labels, Vec<Point>)>, Failure> {
        let matchers = selector.compile_matchers().map_err(|error| Failure::refused(error.to_string()))?;
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
            let histograms = columns.histograms.timestamps;
            if (0..histograms.len()).any(|i| inside(histograms.at(i))) {
                return Err(Failure::unsupported("native histograms in the reference evaluator"));
            }
            let floats = columns.floats;
            let points: Vec<Point> = (0..floats.timestamps.len())
                .filter(|i| inside(floats.timestamps.at(*i)))
                .map(|i| Point {
                    time_ms: floats.timestamps.at(i),
                    value: floats.values.get(i).copied().unwrap_or(f64::NAN),
                    start_ms: floats.start_timestamps.get(i).copied().unwrap_or_default(),
                })
                .collect();
            out.push((set.labels(index).clone(), points));
        }
        Ok(out)
    }

    /// The newest sample of each series within the lookback, unless it is a stale marker.
    pub(super) fn newest(
        &self,
        selector: &VectorSelector,
        step: Step,
    ) -> Result<Vec<(Labels, Point)>, Failure> {
        let fetched_for = self.time_of(selector.at, &selector.offset, step)?;
        let fixed = selector.at.is_some_and(|at| !step.in_parameter || matches!(at, At::Timestamp(_)));
        let moved = if step.in_parameter { step.now_ms - step.start_ms } else { 0 };
        let time_ms = if fixed { fetched_for + step.misplaced_ms + moved } else { fetched_for };
        let after_ms = time_ms.max(fetched_for).saturating_sub(self.options.lookback_ms);
        self.newest_in(selector, after_ms, time_ms.min(fetched_for))
    }

    /// What `timestamp` sees of a selector: of one with `@`, the samples in the lookbacks of its time both with and
    /// without its offset.
    pub(super) fn newest_of_timestamp(
        &self,
        selector: &VectorSelector,
        step: Step,
    ) -> Result<Vec<(Labels, Point)>, Failure> {
        if selector.at.is_none() {
            return self.newest(selector, step);
        }
        let with_offset = self.time_of(selector.at, &selector.offset, step)?;
        let without = self.time_of(selector.at, &Duration::ZERO, step)?;
        let after_ms = with_offset.max(without).saturating_sub(self.options.lookback_ms);
        self.newest_in(selector, after_ms, with_offset.min(without))
    }

    fn newest_in(
        &self,
        selector: &VectorSelector,
        after_ms: i64,
        until_ms: i64,
    ) -> Result<Vec<(Labels, Point)>, Failure> {
        let series = self.read(selector, after_ms, until_ms)?;
        Ok(series
            .into_iter()
            .filter_map(|(labels, points)| Some((labels, *points.last()?)))
            .filter(|(_, point)| !is_stale(point.value))
            .collect())
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
        Ok(newest.into_iter().map(|(labels, point)| Sample::new(labels, point.value)).collect())
    }

    /// Values on the line between the samples before and after the time.
    fn smoothed_vector(&self, selector: &VectorSelector, step: Step) -> Result<Vec<Sample>, Failure> {
        let time_ms = self.time_of(selector.at, &selector.offset, step)?;
        let lookback_ms = self.options.lookback_ms;
        let series =
            self.read(selector, time_ms.saturating_sub(lookback_ms), time_ms.saturating_add(lookback_ms))?;
        let mut out = Vec::new();
        for (labels, mut points) in series {
            points.retain(|point| !is_stale(point.value));
            let next = points.iter().position(|point| point.time_ms >= time_ms);
            let before = next.unwrap_or(points.len()).checked_sub(1).map(|index| points[index]);
            let value = match (before, next.map(|index| points[index])) {
                (_, Some(now)) if now.time_ms == time_ms => now.value,
                (Some(before), Some(after)) => {
                    let part = (time_ms - before.time_ms) as f64 / (after.time_ms - before.time_ms) as f64;
                    before.value + (after.value - before.value) * part
                }
                (Some(before), None) => before.value,
                (None, _) => continue,
            };
            out.push(Sample::new(labels, value));
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
        let read = self.read(selector, seen.0, seen.1)?;
        let series = read.into_iter().filter_map(|(labels, mut points)| {
            points.retain(|point| !is_stale(point.value));
            (!points.is_empty()).then_some(WindowSeries { labels, points, drop_name: false })
        });
        Ok(Windows { series: series.collect(), start_ms, end_ms, extension })
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
        let mut series: BTreeMap<Labels, WindowSeries> = BTreeMap::new();
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
            for sample in samples {
                let entry = series.entry(sample.labels.clone()).or_insert_with(|| WindowSeries {
                    labels: sample.labels,
                    points: Vec::new(),
                    drop_name: sample.drop_name,
                });
                entry.points.push(Point { time_ms: now_ms, value: sample.value, start_ms: 0 });
            }
            now_ms += interval_ms;
        }
        let mut series: Vec<WindowSeries> = series.into_values().collect();
        for window in &mut series {
            // As of stored samples: a stale marker in a window is no sample.
            window.points.retain(|point| !is_stale(point.value));
        }
        series.retain(|window| !window.points.is_empty());
        Ok(Windows { series, start_ms, end_ms, extension: Extension::None })
    }
}
