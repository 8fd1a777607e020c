//! `.scrape URL --every …`: a thread scrapes, and what it found waits until the session takes it.
//!
//! The store belongs to the session: no lock is held while a query runs, and no scrape waits for one.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use promql_engine::exec::CancellationToken;

use super::target::{Batch, Target};
use crate::{cancel, times};

/// The most samples that wait; a session that is left alone must not fill the memory.
const MAX_WAITING: usize = 20_000_000;

/// A target, scraped when asked or by a thread of its own.
pub(crate) struct Scraping {
    shared: Arc<Shared>,
    url: String,
    every: Option<Duration>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// Held while a scrape is under way.
    target: Mutex<Target>,
}

#[derive(Default)]
struct State {
    waiting: Batch,
    scrapes: u64,
    last: Option<Result<usize, String>>,
    ended: bool,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Scraping {
    /// A target, not scraped before it is asked for.
    pub(crate) fn new(target: Target) -> Self {
        let url = target.url().to_owned();
        let shared = Shared { state: Mutex::default(), changed: Condvar::new(), target: Mutex::new(target) };
        Self { shared: Arc::new(shared), url, every: None }
    }

    /// Its address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Scrapes now; says how many samples the target gave, or why it gave none. Ctrl-C ends the wait, not the scrape.
    pub(crate) fn once(&self) -> Result<usize, String> {
        let token = CancellationToken::default();
        let _watch = cancel::watch(token.clone());
        let shared = Arc::clone(&self.shared);
        let scrape = thread::spawn(move || shared.scrape());
        while !scrape.is_finished() {
            if token.is_cancelled() {
                return Err(format!("{}: cancelled", self.url));
            }
            thread::sleep(Duration::from_millis(1));
        }
        scrape.join().unwrap_or_else(|_| Err(format!("{}: the scrape broke off", self.url)))
    }

    /// Scrapes again and again from here on, for the first time after this time.
    pub(crate) fn start(&mut self, every: Duration) {
        self.every = Some(every);
        let shared = Arc::clone(&self.shared);
        // It ends with the session, or with the process.
        thread::spawn(move || shared.run(every));
    }

    /// What was found since this was asked last.
    pub(crate) fn take(&self) -> Batch {
        std::mem::take(&mut locked(&self.shared.state).waiting)
    }

    /// Scrapes no more, and gives what is left, each series with its end.
    pub(crate) fn end(self) -> Batch {
        locked(&self.shared.state).ended = true;
        self.shared.changed.notify_all();
        // Waits for a scrape that is under way.
        let end = locked(&self.shared.target).end(times::now_ms());
        let mut batch = self.take();
        batch.append(end);
        batch
    }

    /// A line that says what, how often and how it went last.
    pub(crate) fn describe(&self) -> String {
        let state = locked(&self.shared.state);
        let every = self.every.map_or_else(
            || "when asked".to_owned(),
            |every| format!("every {}", times::duration(every.as_millis() as i64)),
        );
        let last = match &state.last {
            None => "not scraped yet".to_owned(),
            Some(Ok(samples)) => format!("up, {samples} samples"),
            Some(Err(error)) => format!("down: {error}"),
        };
        format!("{} · {every} · {} scrapes · {last}\n", self.url, state.scrapes)
    }
}

impl Drop for Scraping {
    fn drop(&mut self) {
        locked(&self.shared.state).ended = true;
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn scrape(&self) -> Result<usize, String> {
        let (batch, result) = locked(&self.target).scrape(times::now_ms());
        let mut state = locked(&self.state);
        state.scrapes += 1;
        state.last = Some(result.clone());
        // A session that was left alone for days has a gap, and says why.
        if state.waiting.len().saturating_add(batch.len()) > MAX_WAITING {
            let full = format!("more than {MAX_WAITING} samples wait for a statement");
            state.last = Some(Err(full.clone()));
            return Err(full);
        }
        state.waiting.append(batch);
        result
    }

    fn run(&self, every: Duration) {
        let mut next = Instant::now() + every;
        loop {
            let mut state = locked(&self.state);
            loop {
                let rest = next.saturating_duration_since(Instant::now());
                if state.ended {
                    return;
                }
                if rest.is_zero() {
                    break;
                }
                state = self
                    .changed
                    .wait_timeout(state, rest)
                    .map_or_else(|error| error.into_inner().0, |(state, _)| state);
            }
            drop(state);
            // Whoever waits for it reads it in the list.
            self.scrape().ok();
            // A scrape that took longer than its turn leaves turns out.
            next = (next + every).max(Instant::now());
        }
    }
}
