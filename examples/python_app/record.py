"""Records the example application under traffic into one OpenMetrics file.

Two instances of app.py run for 42 minutes and are scraped every 15 seconds,
both at the same moment, along with a few figures of the host from /proc. What
happens meanwhile is what one wants to see in a metric's history:

* traffic that changes all the time (load.py);
* slow responses from 35 % to 45 % of the time, so that the 99th percentile of
  the response time goes over 0.25 s and comes back;
* a restart of instance b at 60 %, with some 40 seconds in which it is down: its
  counters start again from zero, with a new `_created`, and `up` is 0 meanwhile.

Each scrape is appended as it was received to a journal (one JSON object a
line). The OpenMetrics file is rendered from the journal at the end, so a
recording that was cut short can still be rendered:

    python record.py --journal recording.jsonl --output recording.om
    python record.py --journal recording.jsonl --output recording.om --render-only
"""

import argparse
import concurrent.futures
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.utils import floatToGoString

from load import Traffic

# The application is a neighbour of this file, wherever this is started from.
HERE = pathlib.Path(__file__).resolve().parent
ACCEPT = "application/openmetrics-text; version=1.0.0; charset=utf-8"

# `instance` label -> the port on 127.0.0.1 where that instance listens here. The
# labels are what two containers with the same port would have.
INSTANCES = {"a:8000": 8000, "b:8000": 8001}
HOST = "host:9100"

SLOW_FROM, SLOW_TO = 0.35, 0.45
RESTART_AT = 0.60
DOWN_SECONDS = 40.0


class HostCollector:
    """A few of the metrics node_exporter has, under its names, read from /proc."""

    MODES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")

    def collect(self):
        load = pathlib.Path("/proc/loadavg").read_text().split()[0]
        yield GaugeMetricFamily("node_load1", "1m load average.", float(load))

        memory = dict(
            line.split(":", 1) for line in pathlib.Path("/proc/meminfo").read_text().splitlines()
        )
        available = float(memory["MemAvailable"].split()[0]) * 1024.0
        yield GaugeMetricFamily(
            "node_memory_MemAvailable_bytes",
            "Memory available for starting new applications, in bytes.",
            available,
        )

        cpu = CounterMetricFamily(
            "node_cpu_seconds",
            "Seconds the CPUs spent in each mode.",
            labels=("cpu", "mode"),
        )
        ticks = os.sysconf("SC_CLK_TCK")
        for line in pathlib.Path("/proc/stat").read_text().splitlines():
            name, *fields = line.split()
            # The line "cpu" is the sum of the lines "cpu0", "cpu1", …
            if name.startswith("cpu") and name != "cpu":
                for mode, field in zip(self.MODES, fields):
                    cpu.add_metric((name[3:], mode), int(field) / ticks)
        yield cpu


def get(port, path):
    """The body of an answer of an instance, or None if it does not answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Accept": ACCEPT})
        response = connection.getresponse()
        body = response.read().decode()
        return body if response.status == 200 else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def start_instance(port):
    """Starts an instance and waits until it listens."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "app.py"), "--port", str(port)],
        stdout=subprocess.PIPE,
        text=True,
    )
    line = process.stdout.readline()
    if not line.startswith("listening on"):
        process.kill()
        raise SystemExit(f"the instance on port {port} did not start")
    return process


def stop_instance(process):
    """Ends an instance as a service manager does, and waits for its end."""
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=10)


def say(text):
    """Tells whoever started the recording what has just happened, and when."""
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def record(journal, seconds, interval):
    """Runs the instances, their traffic and the incidents, and scrapes them into the journal."""
    host = CollectorRegistry()
    host.register(HostCollector())
    running = {}
    stop = threading.Event()
    threads = []
    try:
        for instance, port in INSTANCES.items():
            running[instance] = start_instance(port)
        # Out of phase, so that the two instances do not draw the same curve.
        traffics = {
            instance: Traffic(port, phase=1.5 * index)
            for index, (instance, port) in enumerate(INSTANCES.items())
        }
        for traffic in traffics.values():
            thread = threading.Thread(
                target=traffic.run, args=(seconds + 60.0, 200_000, stop), daemon=True
            )
            thread.start()
            threads.append(thread)

        begin = time.monotonic()

        def set_slow(on):
            for port in INSTANCES.values():
                get(port, f"/slow?on={int(on)}")
            say(f"slow responses {'begin' if on else 'end'}")

        def stop_b():
            stop_instance(running.pop("b:8000"))
            say("instance b stopped")

        def start_b():
            running["b:8000"] = start_instance(INSTANCES["b:8000"])
            say("instance b started again")

        # Each halfway between two scrapes, so that no scrape falls into one of them.
        half = interval / 2.0

        def between_scrapes(moment):
            return round(moment / interval) * interval + half

        events = [
            (between_scrapes(SLOW_FROM * seconds), lambda: set_slow(True)),
            (between_scrapes(SLOW_TO * seconds), lambda: set_slow(False)),
            (between_scrapes(RESTART_AT * seconds), stop_b),
            (between_scrapes(RESTART_AT * seconds) + DOWN_SECONDS, start_b),
        ]
        events.extend((interval * n, None) for n in range(int(seconds / interval) + 1))
        events.sort(key=lambda event: event[0])

        with concurrent.futures.ThreadPoolExecutor(len(INSTANCES)) as pool:
            for moment, act in events:
                time.sleep(max(0.0, begin + moment - time.monotonic()))
                if act is not None:
                    act()
                    continue
                # One timestamp for everything scraped at this moment, as though one
                # Prometheus scraped the targets with no offset between them.
                timestamp = round(time.time(), 3)
                answers = pool.map(lambda port: get(port, "/metrics"), INSTANCES.values())
                texts = dict(zip(INSTANCES, answers))
                texts[HOST] = generate_latest(host).decode()
                journal.write(json.dumps({"timestamp": timestamp, "texts": texts}) + "\n")
                journal.flush()
        for instance, traffic in traffics.items():
            say(f"{instance}: {traffic.answered} answered, {traffic.failed} failed")
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=15)
        for process in running.values():
            stop_instance(process)


def labels_text(labels):
    """Label pairs as they stand in a sample line, braces included."""
    def escape(value):
        return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")

    return "{" + ",".join(f'{name}="{escape(value)}"' for name, value in labels) + "}"


def render(journal, output):
    """Writes the scrapes of a journal as one OpenMetrics text.

    OpenMetrics wants the families contiguous; within a family the points of one
    metric (one label set, `le` aside) contiguous and in the order of
    their timestamps; and the samples of one point, such as the buckets of a histogram,
    together. So: family, then target and label set, then scrape.
    """
    families = {}  # name -> (type, help, unit, {metric: [lines]})

    def metric_lines(name, kind, help_text, unit, key):
        metrics = families.setdefault(name, (kind, help_text, unit, {}))[3]
        return metrics.setdefault(key, [])

    for record_line in journal:
        scrape = json.loads(record_line)
        timestamp = f"{scrape['timestamp']:.3f}"
        for instance, text in scrape["texts"].items():
            target = (("instance", instance), ("job", "node" if instance == HOST else "app"))
            metric_lines(
                "up", "gauge", "1 if the target could be scraped, 0 if not.", "", target
            ).append(f"up{labels_text(target)} {int(text is not None)} {timestamp}")
            if text is None:
                continue
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    own = tuple(sample.labels.items())
                    key = target + tuple(label for label in own if label[0] != "le")
                    metric_lines(
                        family.name, family.type, family.documentation, family.unit, key
                    ).append(
                        f"{sample.name}{labels_text(target + own)} "
                        f"{floatToGoString(sample.value)} {timestamp}"
                    )

    for name in sorted(families):
        kind, help_text, unit, metrics = families[name]
        output.write(f"# TYPE {name} {kind}\n")
        if unit:
            output.write(f"# UNIT {name} {unit}\n")
        escaped = help_text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
        output.write(f"# HELP {name} {escaped}\n")
        for key in sorted(metrics):
            output.writelines(line + "\n" for line in metrics[key])
    output.write("# EOF\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--journal", required=True, help="file the scrapes are appended to")
    parser.add_argument("--output", required=True, help="OpenMetrics file to write")
    parser.add_argument("--minutes", type=float, default=42.0, help="length of the recording")
    parser.add_argument("--interval", type=float, default=15.0, help="seconds between scrapes")
    parser.add_argument("--render-only", action="store_true", help="render an existing journal")
    arguments = parser.parse_args()
    if not arguments.render_only:
        with open(arguments.journal, "x", encoding="utf-8") as journal:
            record(journal, arguments.minutes * 60.0, arguments.interval)
    with open(arguments.journal, encoding="utf-8") as journal:
        with open(arguments.output, "w", encoding="utf-8") as output:
            render(journal, output)


if __name__ == "__main__":
    main()
