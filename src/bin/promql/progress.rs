//! What takes longer than a second says so on standard error, as long as it takes; only at a terminal.

use std::{
    io::Write,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{output, terminal::Terminal};

/// Nobody needs to be told before.
const PATIENCE: Duration = Duration::from_secs(1);

/// From one line to the next in its place.
const EVERY: Duration = Duration::from_millis(100);

/// Something that is under way; it is over when this is dropped.
pub(crate) struct Progress {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    count: AtomicU64,
    over: Mutex<bool>,
    changed: Condvar,
}

impl Progress {
    /// Begins something; `what` says what, such as `reading app.om`.
    pub(crate) fn start(what: &str, terminal: &Terminal) -> Self {
        let shared = Arc::<Shared>::default();
        let (inner, what, width) = (Arc::clone(&shared), what.to_owned(), terminal.err.width);
        let thread = terminal.err.read.then(|| thread::spawn(move || inner.show(&what, width)));
        Self { shared, thread }
    }

    /// Counts one more sample.
    pub(crate) fn sample(&self) {
        self.shared.count.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        *self.shared.over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // The line must be gone before anything else is written.
            thread.join().ok();
        }
    }
}

impl Shared {
    fn show(&self, what: &str, width: usize) {
        let start = Instant::now();
        let mut is_shown = false;
        let mut over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        let mut wait = PATIENCE;
        while !*over {
            let (guard, timeout) =
                self.changed.wait_timeout(over, wait).unwrap_or_else(PoisonError::into_inner);
            over = guard;
            if !*over && timeout.timed_out() {
                let line = line(what, self.count.load(Ordering::Relaxed), start.elapsed());
                write(&format!("\r{}\u{1b}[K", output::cut(&line, width.saturating_sub(1))));
                (is_shown, wait) = (true, EVERY);
            }
        }
        if is_shown {
            write("\r\u{1b}[K");
        }
    }
}

fn line(what: &str, samples: u64, elapsed: Duration) -> String {
    let samples = match samples {
        0 => String::new(),
        samples => format!(" · {}", output::count(samples, "sample", "samples")),
    };
    format!("{what}{samples} · {:.1} s", elapsed.as_secs_f64())
}

fn write(text: &str) {
    let mut stream = std::io::stderr().lock();
    stream.write_all(text.as_bytes()).and_then(|()| stream.flush()).ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_under_way() {
        assert_eq!(line("reading a.om", 0, Duration::from_millis(1250)), "reading a.om · 1.2 s");
        assert_eq!(
            line("reading a.om", 41_300, Duration::from_secs(2)),
            "reading a.om · 41,300 samples · 2.0 s"
        );
    }
}
