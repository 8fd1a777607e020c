//! Start timestamps of OpenMetrics: `_created` lines, matched with the samples around them.
//!
//! A `_created` line may stand behind the samples it speaks of, so the samples of a family wait until the family ends.
//! A sample takes, of the lines of its metric: one with the sample's own timestamp; else the next one after
//! it; else the last one before it.

use rustc_hash::FxHashMap;

/// A sample whose start timestamp is not known yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting {
    pub(super) series: u32,
    pub(super) group: u32,
    pub(super) timestamp_ms: i64,
    pub(super) value: f64,
    /// The line, for an error of the store.
    pub(super) line: usize,
}

#[derive(Debug, Clone, Copy)]
struct Created {
    /// How many samples of the family stood before it.
    position: usize,
    timestamp_ms: Option<i64>,
    start_timestamp_ms: i64,
}

/// The samples of one family.
#[derive(Debug, Default)]
pub(super) struct Family {
    waiting: Vec<Waiting>,
    created: FxHashMap<u32, Vec<Created>>,
}

impl Family {
    pub(super) fn sample(&mut self, sample: Waiting) {
        self.waiting.push(sample);
    }

    pub(super) fn created(&mut self, group: u32, timestamp_ms: Option<i64>, start_timestamp_ms: i64) {
        let position = self.waiting.len();
        self.created.entry(group).or_default().push(Created { position, timestamp_ms, start_timestamp_ms });
    }

    /// Hands out the samples in their order, each with its start timestamp (0 where unknown), and is empty then.
    ///
    /// # Errors
    /// The first of `take`; the samples after it are handed out all the same if `take` goes on answering.
    pub(super) fn flush<E>(&mut self, mut take: impl FnMut(Waiting, i64) -> Result<(), E>) -> Result<(), E> {
        let mut by_time: FxHashMap<(u32, i64), i64> = FxHashMap::default();
        for (group, lines) in &self.created {
            for line in lines {
                if let Some(timestamp_ms) = line.timestamp_ms {
                    by_time.insert((*group, timestamp_ms), line.start_timestamp_ms);
                }
            }
        }
        let waiting = std::mem::take(&mut self.waiting);
        let created = std::mem::take(&mut self.created);
        for (position, sample) in waiting.into_iter().enumerate() {
            let start = match created.get(&sample.group) {
                None => 0,
                Some(lines) => {
                    by_time.get(&(sample.group, sample.timestamp_ms)).copied().unwrap_or_else(|| {
                        let next = lines.partition_point(|line| line.position <= position);
                        let line = lines.get(next).or_else(|| lines.last());
                        line.map_or(0, |line| line.start_timestamp_ms)
                    })
                }
            };
            take(sample, start)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(family: &mut Family) -> Vec<i64> {
        let mut out = Vec::new();
        let flushed = family.flush(|_, start| {
            out.push(start);
            Ok::<_, ()>(())
        });
        assert_eq!(flushed, Ok(()));
        out
    }

    fn sample(group: u32, timestamp_ms: i64) -> Waiting {
        Waiting { series: 0, group, timestamp_ms, value: 1.0, line: 1 }
    }

    #[test]
    fn a_line_speaks_for_the_samples_before_it() {
        let mut family = Family::default();
        family.sample(sample(0, 10));
        family.created(0, None, 5);
        family.sample(sample(0, 20));
        family.created(0, None, 15);
        family.sample(sample(1, 20));
        assert_eq!(starts(&mut family), [5, 15, 0]);
        assert_eq!(starts(&mut family), [0i64; 0]);
    }

    #[test]
    fn the_last_line_speaks_for_the_samples_after_it() {
        let mut family = Family::default();
        family.created(0, None, 5);
        family.sample(sample(0, 10));
        family.sample(sample(0, 20));
        assert_eq!(starts(&mut family), [5, 5]);
    }

    #[test]
    fn a_line_with_the_samples_timestamp_wins() {
        let mut family = Family::default();
        family.sample(sample(0, 10));
        family.sample(sample(0, 20));
        family.created(0, Some(20), 15);
        family.created(0, Some(10), 5);
        assert_eq!(starts(&mut family), [5, 15]);
    }
}
