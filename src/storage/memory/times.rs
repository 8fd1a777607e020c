//! The time columns of a store, shared by every series that was scraped at the same times.
//!
//! A series does not own its times: it holds a [`TimesRef`], a column and how much of it is the series' own.
//! Appending compares the new time with what the column already has there:
//!
//! - it has the same time, because a neighbour got there first: only the length moves;
//! - it ends there: the time is added, and neighbours can follow;
//! - it has another time: the series moves to a fork, a column with the same beginning. The next series
//!   with this history and this time finds the fork and shares it.
//!
//! So sharing is noticed sample by sample, whatever the order of appending, and costs one comparison. There
//! are never more columns than series, since the series that wrote a column's last time is still on it.

use rustc_hash::FxHashMap;

use crate::model::Timestamps;

/// One column of ascending times, and how far it is regular.
#[derive(Debug, Default)]
struct TimeColumn {
    times_ms: Vec<i64>,
    /// Length of the longest beginning with one distance between all neighbours.
    regular: usize,
}

impl TimeColumn {
    fn push(&mut self, timestamp_ms: i64) {
        let length = self.times_ms.len();
        if self.regular == length {
            let distance = self.times_ms.last().and_then(|last| timestamp_ms.checked_sub(*last));
            let regular = match *self.times_ms.as_slice() {
                [first, second, ..] => distance == second.checked_sub(first),
                // The distance must be representable for a column of two to be regular.
                [_] => distance.is_some(),
                [] => true,
            };
            self.regular += usize::from(regular);
        }
        self.times_ms.push(timestamp_ms);
    }
}

/// The beginning of a column that holds one series' times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct TimesRef {
    column: u32,
    length: u32,
}

impl TimesRef {
    pub(super) const fn len(self) -> usize {
        self.length as usize
    }
}

/// All time columns of a store.
#[derive(Debug, Default)]
pub(super) struct TimeColumns {
    columns: Vec<TimeColumn>,
    /// Column, length and next time to the column that continues so. An empty beginning counts as column 0.
    forks: FxHashMap<(TimesRef, i64), u32>,
}

impl TimeColumns {
    /// The last time, if there is one.
    pub(super) fn last(&self, times: TimesRef) -> Option<i64> {
        self.column(times).last().copied()
    }

    /// The times themselves.
    pub(super) fn column(&self, times: TimesRef) -> &[i64] {
        self.columns
            .get(times.column as usize)
            .and_then(|c| c.times_ms.get(..times.len()))
            .unwrap_or_default()
    }

    /// The times as the engine takes them: regular where they are, else with the identity of the sharers.
    #[inline]
    pub(super) fn timestamps(&self, times: TimesRef) -> Timestamps<'_> {
        let Some(column) = self.columns.get(times.column as usize).filter(|_| times.length > 0) else {
            return Timestamps::default();
        };
        let times_ms = column.times_ms.get(..times.len()).unwrap_or_default();
        match *times_ms {
            [start_ms, second, ..] if times_ms.len() <= column.regular => {
                Timestamps::Regular { start_ms, interval_ms: second - start_ms, count: times_ms.len() }
            }
            _ => Timestamps::Explicit {
                times_ms,
                shared: Some(u64::from(times.column) << 32 | u64::from(times.length)),
            },
        }
    }

    /// `times` with one more, which the caller has checked to be later; `None` where no more can be counted.
    pub(super) fn append(&mut self, times: TimesRef, timestamp_ms: i64) -> Option<TimesRef> {
        let length = times.length.checked_add(1)?;
        if times.length > 0 {
            let column = self.columns.get_mut(times.column as usize)?;
            match column.times_ms.get(times.len()) {
                Some(present) if *present == timestamp_ms => return Some(TimesRef { length, ..times }),
                Some(_) => {}
                None => {
                    column.push(timestamp_ms);
                    return Some(TimesRef { length, ..times });
                }
            }
        }
        if let Some(&column) = self.forks.get(&(times, timestamp_ms)) {
            return Some(TimesRef { column, length });
        }
        let column = u32::try_from(self.columns.len()).ok()?;
        let mut fork = TimeColumn::default();
        let beginning = self.column(times);
        fork.times_ms.reserve(beginning.len() + 1);
        fork.times_ms.extend_from_slice(beginning);
        fork.regular = self.columns.get(times.column as usize).map_or(0, |c| c.regular.min(times.len()));
        fork.push(timestamp_ms);
        self.columns.push(fork);
        self.forks.insert((times, timestamp_ms), column);
        Some(TimesRef { column, length })
    }

    /// Whether one of the times lies in the window, both ends included.
    pub(super) fn meet(&self, times: TimesRef, start_ms: i64, end_ms: i64) -> bool {
        let column = self.column(times);
        let (Some(&first), Some(&last)) = (column.first(), column.last()) else {
            return false;
        };
        if last < start_ms || first > end_ms || start_ms > end_ms {
            return false;
        }
        if first >= start_ms || last <= end_ms {
            return true;
        }
        let next = column.partition_point(|time| *time < start_ms);
        column.get(next).is_some_and(|time| *time <= end_ms)
    }

    /// Bytes held.
    pub(super) fn size(&self) -> usize {
        self.columns.iter().map(|column| column.times_ms.capacity() * size_of::<i64>()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn append_all(columns: &mut TimeColumns, mut times: TimesRef, new: &[i64]) -> TimesRef {
        for time in new {
            times = columns.append(times, *time).unwrap();
        }
        times
    }

    #[test]
    fn series_scraped_together_share_in_either_order() {
        let mut columns = TimeColumns::default();
        let by_series = [(); 3].map(|()| append_all(&mut columns, TimesRef::default(), &[5, 7, 30]));
        assert_eq!(by_series, [by_series[0]; 3]);

        let mut by_scrape = [TimesRef::default(); 3];
        for time in [6, 7, 30] {
            for times in &mut by_scrape {
                *times = append_all(&mut columns, *times, &[time]);
            }
        }
        assert_eq!(by_scrape, [by_scrape[0]; 3]);
        assert_ne!(by_scrape[0], by_series[0]);
        assert_eq!(columns.columns.len(), 2);
    }

    #[test]
    fn a_series_that_missed_a_scrape_moves_to_a_fork_and_takes_others_along() {
        let mut columns = TimeColumns::default();
        let steady = append_all(&mut columns, TimesRef::default(), &[0, 10, 20, 30]);
        let gap = append_all(&mut columns, TimesRef::default(), &[0, 10, 30]);
        let same_gap = append_all(&mut columns, TimesRef::default(), &[0, 10, 30, 40]);
        assert_eq!(columns.column(steady), [0, 10, 20, 30]);
        assert_eq!(columns.column(gap), [0, 10, 30]);
        assert_eq!(columns.column(same_gap), [0, 10, 30, 40]);
        assert_eq!(columns.columns.len(), 2);
        assert!(matches!(columns.timestamps(steady), Timestamps::Regular { interval_ms: 10, count: 4, .. }));
        assert!(matches!(columns.timestamps(gap), Timestamps::Explicit { shared: Some(_), .. }));
    }

    #[test]
    fn a_shorter_sharer_of_an_irregular_column_is_still_regular() {
        let mut columns = TimeColumns::default();
        let short = append_all(&mut columns, TimesRef::default(), &[0, 10, 20]);
        let long = append_all(&mut columns, short, &[31]);
        assert!(matches!(columns.timestamps(short), Timestamps::Regular { count: 3, .. }));
        assert!(matches!(columns.timestamps(long), Timestamps::Explicit { .. }));
    }

    #[test]
    fn extreme_times_are_not_called_regular() {
        let mut columns = TimeColumns::default();
        let times = append_all(&mut columns, TimesRef::default(), &[i64::MIN, 0, i64::MAX]);
        assert!(matches!(columns.timestamps(times), Timestamps::Explicit { .. }));
    }

    #[test]
    fn windows_meet_columns_where_a_sample_lies_inside() {
        let mut columns = TimeColumns::default();
        let times = append_all(&mut columns, TimesRef::default(), &[10, 20, 50]);
        for (start, end, expected) in [
            (0, 9, false),
            (0, 10, true),
            (21, 49, false),
            (21, 50, true),
            (51, 99, false),
            (20, 20, true),
            (30, 10, false),
        ] {
            assert_eq!(columns.meet(times, start, end), expected, "{start}..={end}");
        }
    }
}
