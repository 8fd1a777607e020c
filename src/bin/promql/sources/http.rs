//! Metrics over HTTP: one request, bounded in time and size.

use std::{io::Read, time::Duration};

use promql_engine::formats::Format;
use ureq::Agent;

use super::unpacked;

/// The most that one answer may unpack to.
const MAX_BYTES: u64 = 256 << 20;

/// The formats that are read, best first.
const ACCEPT: &str =
    "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1";

/// What a server answered.
pub(super) struct Fetched {
    pub(super) bytes: Vec<u8>,
    /// As the server calls it.
    pub(super) format: Option<Format>,
}

/// Whether a source is an address.
pub(crate) fn is_url(name: &str) -> bool {
    name.starts_with("http://") || name.starts_with("https://")
}

/// The address that is asked: `/metrics` where only a server is named.
pub(super) fn address(url: &str) -> String {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    match authority.split_once('/') {
        None => format!("{url}/metrics"),
        Some((_, "")) => format!("{url}metrics"),
        Some(_) => url.to_owned(),
    }
}

/// The server of an address, its port always with it: what Prometheus calls an instance.
pub(super) fn instance(url: &str) -> String {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    // The colons of an IPv6 address stand in brackets.
    let has_port = host.rsplit(']').next().is_some_and(|end| end.contains(':'));
    if has_port { host.to_owned() } else { format!("{host}:80") }
}

/// Asks for metrics.
pub(super) fn get(url: &str, timeout: Duration) -> Result<Fetched, String> {
    if url.starts_with("https://") {
        return Err(format!("{url}: there is no TLS here; `curl -s {url} | promql -` reads it"));
    }
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(timeout))
        .user_agent(concat!("promql/", env!("CARGO_PKG_VERSION")))
        // As a Prometheus server, which asks a proxy only where its configuration says so.
        .proxy(None)
        .build()
        .into();
    let failed = |error: ureq::Error| format!("{url}: {}", reason(&error));
    let request = agent.get(address(url)).header("Accept", ACCEPT).header("Accept-Encoding", "gzip");
    let mut response = request.call().map_err(failed)?;
    let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let format = match kind.split(';').next().unwrap_or_default().trim() {
        "application/openmetrics-text" => Some(Format::OpenMetrics),
        "text/plain" if kind.contains("version=0.0.4") => Some(Format::Prometheus),
        _ => None,
    };
    let reader = response.body_mut().as_reader().take(MAX_BYTES + 1);
    Ok(Fetched { bytes: unpacked(url, reader, MAX_BYTES)?, format })
}

/// What went wrong, in the words of this program.
fn reason(error: &ureq::Error) -> String {
    match error {
        ureq::Error::StatusCode(code) => format!("the server answered with status {code}"),
        ureq::Error::Timeout(_) => "no answer in time".to_owned(),
        ureq::Error::HostNotFound => "there is no such host".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_instances() {
        assert_eq!(address("http://a:9090"), "http://a:9090/metrics");
        assert_eq!(address("http://a:9090/"), "http://a:9090/metrics");
        assert_eq!(address("http://a/x?y=1"), "http://a/x?y=1");
        assert_eq!(instance("http://a:9090/metrics"), "a:9090");
        assert_eq!(instance("http://user:word@a?x"), "a:80");
        assert_eq!(instance("http://[::1]/"), "[::1]:80");
        assert_eq!(instance("http://[::1]:9100"), "[::1]:9100");
    }
}
