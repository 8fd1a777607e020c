//! The application and its traffic as processes, which end when the test does, whatever it ends with.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// Far more than any step takes on a busy machine; a process that hangs must fail the test, not hang it.
const PATIENCE: Duration = Duration::from_secs(25);

/// Says what is missing to run the application.
pub(crate) fn check(python: &str) -> Result<(), String> {
    let imports = "import flask, prometheus_client, werkzeug";
    match Command::new(python).args(["-c", imports]).output() {
        Err(error) => Err(format!("{python} does not start: {error}")),
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let told = String::from_utf8_lossy(&output.stderr);
            Err(format!("{python}: {}", told.lines().last().unwrap_or_default()))
        }
    }
}

fn script(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/python_app").join(name)
}

/// A process that ends with its owner.
struct Process(Child);

impl Process {
    fn start(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("Python starts"))
    }

    /// What it prints first, without the line's end.
    fn first_line(&mut self) -> String {
        let output = self.0.stdout.take().expect("a pipe");
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            let read = BufReader::new(output).read_line(&mut line);
            sender.send(read.map(|_| line)).ok();
        });
        let line = receiver.recv_timeout(PATIENCE).expect("a line in time").expect("a line");
        line.trim_end().to_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// The application, listening.
pub(crate) struct Service {
    pub(crate) port: u16,
    _process: Process,
}

impl Service {
    /// Starts it on a free port and waits until it listens.
    pub(crate) fn start(python: &str) -> Self {
        let mut process = Process::start(Command::new(python).arg(script("app.py")).args(["--port", "0"]));
        let line = process.first_line();
        let port = line.strip_prefix("listening on http://127.0.0.1:").and_then(|port| port.parse().ok());
        Self { port: port.unwrap_or_else(|| panic!("no port: {line}")), _process: process }
    }

    /// The body of an answer.
    pub(crate) fn get(&self, path: &str, accept: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the application listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\nAccept: {accept}\r\n\r\n").expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.lines().next().is_some_and(|status| status.contains(" 200 ")), "{head}");
        body.to_owned()
    }
}

/// Requests under way, sent by `load.py`.
pub(crate) struct Traffic(Process);

impl Traffic {
    /// Begins to send this many requests.
    pub(crate) fn start(python: &str, port: u16, requests: u32) -> Self {
        let mut command = Command::new(python);
        command.arg(script("load.py")).arg("--port").arg(port.to_string());
        Self(Process::start(command.arg("--limit").arg(requests.to_string())))
    }

    /// Waits for the last answer; how many requests were answered, and how many were not.
    pub(crate) fn finish(mut self) -> (u32, u32) {
        let line = self.0.first_line();
        let numbers: Vec<u32> = line.split(' ').filter_map(|word| word.parse().ok()).collect();
        let [answered, failed] = numbers[..] else { panic!("not what load.py says at its end: {line}") };
        (answered, failed)
    }
}
