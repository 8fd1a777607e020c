//! Targets that a session scrapes, and what came from them.

use std::time::Duration;

use super::Session;
use crate::{
    outcome::Failure,
    output,
    sources::{
        self,
        scraping::Scraping,
        target::{self, Batch, Target},
    },
    terminal,
    times::DurationArgument,
};

impl Session {
    /// Takes over what was scraped since the last statement.
    pub(crate) fn refresh(&mut self) -> Result<(), Failure> {
        let batches: Vec<Batch> =
            self.scrapes.iter().map(Scraping::take).filter(|batch| batch.len() > 0).collect();
        self.add(batches)
    }

    /// Adds scraped samples to the store.
    pub(super) fn add(&mut self, batches: Vec<Batch>) -> Result<(), Failure> {
        if batches.is_empty() {
            return Ok(());
        }
        let before = self.data.store.summary().series;
        for batch in batches {
            batch.store(&mut self.data.store).map_err(|error| Failure::failed(error.to_string()))?;
        }
        if self.data.store.summary().series != before {
            self.generation += 1;
        }
        if self.data.store.sample_bytes() as u64 > sources::MAX_BYTES {
            self.scrapes.clear();
            let limit = sources::MAX_BYTES >> 30;
            return Err(Failure::failed(format!(
                "there are more than {limit} GiB of samples; scraping ends"
            )));
        }
        Ok(())
    }

    /// Scrapes a target once or from here on, ends that, or says what is scraped.
    pub(super) fn scrape(&mut self, words: &[&str], usage: impl Fn() -> Failure) -> Result<(), Failure> {
        let (url, mut options) = match words {
            [] => {
                let lines: String = self.scrapes.iter().map(Scraping::describe).collect();
                return Ok(terminal::out(&lines)?);
            }
            ["off", which @ ..] if which.len() < 2 => {
                let is_meant = |scraping: &mut Scraping| which.is_empty() || which[0] == scraping.url();
                let ended: Vec<Batch> =
                    self.scrapes.extract_if(.., |scraping| is_meant(scraping)).map(Scraping::end).collect();
                return match (ended.is_empty(), which) {
                    (true, [url]) => Err(Failure::failed(format!("{url} is not scraped"))),
                    _ => self.add(ended),
                };
            }
            [url, options @ ..] if url.contains("://") => (*url, options),
            _ => return Err(usage()),
        };
        let (mut every, mut job) = (None, target::DEFAULT_JOB);
        while let [option, value, rest @ ..] = options {
            match *option {
                "--every" => {
                    let parsed: Result<DurationArgument, _> = value.parse();
                    every = Some(parsed.map_err(|error| Failure::failed(error.to_string()))?.wait());
                }
                "--job" => job = value,
                _ => return Err(usage()),
            }
            options = rest;
        }
        if !options.is_empty() {
            return Err(usage());
        }
        let known = self.scrapes.iter().position(|scraping| scraping.url() == url);
        let at = match known {
            Some(_) if every.is_some() => {
                return Err(Failure::failed(format!(
                    "{url} is scraped already; `.scrape off {url}` ends that"
                )));
            }
            Some(at) => at,
            None => {
                // No longer than to the next scrape, but a busy machine may need a moment.
                let least = Duration::from_secs(1);
                let timeout = every.map_or(target::TIMEOUT, |every| every.clamp(least, target::TIMEOUT));
                self.scrapes.push(Scraping::new(Target::new(url, job, timeout)));
                self.scrapes.len() - 1
            }
        };
        let result = self.scrapes[at].once();
        if let Some(every) = every {
            self.scrapes[at].start(every);
        }
        self.refresh()?;
        let samples = result.map_err(Failure::Failed)?;
        Ok(terminal::out(&format!("{url}: {}\n", output::count(samples as u64, "sample", "samples")))?)
    }
}
