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
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread,
    };

    use super::*;

    /// A server that answers one request with these bytes, and waits before it ends; its address.
    fn serve(answer: Vec<u8>, wait: Duration) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a request");
            assert!(stream.read(&mut [0; 4096]).is_ok_and(|read| read > 0));
            stream.write_all(&answer).ok();
            thread::sleep(wait);
        });
        format!("http://{address}")
    }

    #[test]
    fn packed_answers_are_unpacked() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(b"up 1\n").expect("memory");
        let body = packed.finish().expect("memory");
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/openmetrics-text; version=1.0.0\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let fetched = get(&serve([head.as_bytes(), &body].concat(), Duration::ZERO), Duration::from_secs(10));
        let fetched = fetched.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((fetched.bytes.as_slice(), fetched.format), (&b"up 1\n"[..], Some(Format::OpenMetrics)));
    }

    #[test]
    fn a_server_that_is_silent_or_never_ends_is_left() {
        let error = |answer: &[u8]| {
            let url = serve(answer.to_vec(), Duration::from_secs(60));
            let fetched = get(&url, Duration::from_millis(200));
            fetched.err().map(|error| error.replace(&url, "URL"))
        };
        assert_eq!(error(b"").as_deref(), Some("URL: no answer in time"));
        let slow = error(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nup 1\n");
        assert!(slow.is_some_and(|error| error.starts_with("cannot read URL: timeout")), "it waits");
    }

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
