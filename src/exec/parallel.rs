//! Work shared among threads. What a task computes never depends on which thread runs it.

use std::sync::{Mutex, PoisonError};

use super::context::{Context, Worker};
use crate::error::Error;

/// Runs tasks on the engine's threads, each thread with a worker of its own; on this thread alone where `small`.
///
/// Of several errors the one of the earliest task counts, so that the same query fails the same way at any thread count.
pub(crate) fn run<T: Send>(
    context: &Context,
    tasks: impl Iterator<Item = T> + Send,
    small: bool,
    work: impl Fn(T, &mut Worker) -> Result<(), Error> + Sync,
) -> Result<(), Error> {
    if small || context.options.threads <= 1 {
        return Worker::of_thread(|worker| {
            for (index, task) in tasks.enumerate() {
                // Little work takes little time.
                if index == 0 || !small {
                    context.check()?;
                }
                work(task, worker)?;
            }
            Ok(())
        });
    }
    let queue = Mutex::new(tasks.enumerate());
    let failure: Mutex<Option<(usize, Error)>> = Mutex::new(None);
    let drain = || {
        let mut worker = Worker::default();
        loop {
            let Some((index, task)) = queue.lock().unwrap_or_else(PoisonError::into_inner).next() else {
                return;
            };
            let earlier_failure = failure
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .as_ref()
                .is_some_and(|(at, _)| *at < index);
            if earlier_failure {
                return;
            }
            if let Err(error) = context.check().and_then(|()| work(task, &mut worker)) {
                let mut failure = failure.lock().unwrap_or_else(PoisonError::into_inner);
                if failure.as_ref().is_none_or(|(at, _)| index < *at) {
                    *failure = Some((index, error));
                }
                return;
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..context.options.threads {
            scope.spawn(drain);
        }
        drain();
    });
    match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some((_, error)) => Err(error),
        None => Ok(()),
    }
}
