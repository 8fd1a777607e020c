"""A small Flask application with the two metrics a web service usually has.

It exists so that the engine is shown on what a real, unremarkable application
exposes: a request counter and a response time histogram, kept by the
prometheus_client library and served on /metrics. The work behind the routes is
simulated by sleeping for a random time, and /slow?on=1 makes that work ten
times slower until /slow?on=0, so that an incident can be staged. It listens on
127.0.0.1 alone.

    python app.py --port 8000
"""

import argparse
import random
import threading
import time

from flask import Flask, Response, g, request
from prometheus_client import REGISTRY, Counter, Histogram
from prometheus_client import exposition as text_format
from prometheus_client.openmetrics import exposition as openmetrics
from werkzeug.serving import WSGIRequestHandler, make_server

# No label of our own on either metric: two instances of the application are
# told apart by the `instance` and `job` labels their scraper adds.
REQUESTS = Counter("app_requests", "Requests the application has accepted.")
RESPONSE_TIME = Histogram(
    "app_response_time",
    "Time from accepting a request to having its response ready.",
    unit="seconds",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)

# Routes that describe or steer the application rather than do its work, and
# that would only blur its own metrics.
UNMEASURED = {"/metrics", "/slow"}

# Median of the simulated work, in seconds, for each route.
MEDIAN_SECONDS = {"home": 0.012, "list": 0.020, "order": 0.030}
# The shape of the log-normal distribution: with 0.5 the 99th percentile is
# about 3.2 times the median, well under 0.25 s for every route.
SIGMA = 0.5
SLOW_FACTOR = 10.0

app = Flask(__name__)
slow = threading.Event()


def work(route):
    """Sleeps for a random time typical of the route; several times longer while slow."""
    seconds = MEDIAN_SECONDS[route] * random.lognormvariate(0.0, SIGMA)
    if slow.is_set():
        seconds *= SLOW_FACTOR
    # A bound, so that no request outlives the patience of its client.
    time.sleep(min(seconds, 4.0))


@app.before_request
def start_measuring():
    if request.path not in UNMEASURED:
        REQUESTS.inc()
        g.started_at = time.perf_counter()


@app.after_request
def stop_measuring(response):
    if request.path not in UNMEASURED:
        RESPONSE_TIME.observe(time.perf_counter() - g.started_at)
    return response


@app.get("/")
def home():
    work("home")
    return "hello\n"


@app.get("/items")
def items():
    work("list")
    return {"items": ["apple", "pear", "plum"]}


@app.get("/order")
def order():
    work("order")
    return {"ordered": random.randrange(1, 1_000_000)}


@app.get("/slow")
def set_slow():
    """Starts (on=1) or ends (on=0) a time of slow responses; without `on`, tells which it is."""
    wanted = request.args.get("on")
    if wanted == "1":
        slow.set()
    elif wanted == "0":
        slow.clear()
    elif wanted is not None:
        return "on must be 0 or 1\n", 400
    return "slow\n" if slow.is_set() else "normal\n"


@app.get("/metrics")
def metrics():
    """OpenMetrics for a client that asks for it, the older text format for every other."""
    if "application/openmetrics-text" in request.headers.get("Accept", ""):
        return Response(
            openmetrics.generate_latest(REGISTRY),
            content_type="application/openmetrics-text; version=1.0.0; charset=utf-8",
        )
    return Response(
        text_format.generate_latest(REGISTRY),
        content_type="text/plain; version=0.0.4; charset=utf-8",
    )


class QuietHandler(WSGIRequestHandler):
    """No line on the terminal for each request: the metrics are what we look at."""

    def log_request(self, code="-", size="-"):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--port", type=int, default=8000, help="port on 127.0.0.1; 0 takes a free one"
    )
    arguments = parser.parse_args()
    server = make_server(
        "127.0.0.1", arguments.port, app, threaded=True, request_handler=QuietHandler
    )
    # Flushed at once: a program that asked for a free port reads it here.
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
