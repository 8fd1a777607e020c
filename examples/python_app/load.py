"""Changing traffic for the example application, over loopback only.

A flat rate makes flat graphs, which show nothing of `rate` or of a quantile
over time. The rate here is a slow sine wave with steps on top of it, between 4
and 20 requests a second for each instance. The traffic ends by itself, by time
or by count, whichever comes first.

    python load.py --port 8000 --seconds 60
"""

import argparse
import concurrent.futures
import http.client
import math
import random
import threading
import time

PATHS = ("/", "/", "/items", "/items", "/items", "/order")
# Requests under way at the same time for one instance. While responses are slow
# (about 0.2 s), 20 requests a second keep some 5 of them under way.
WORKERS = 16

# (from this many seconds within each 10 minutes, this many requests a second more)
STEPS = ((0, 0.0), (150, 5.0), (240, 0.0), (390, -3.0), (480, 2.0))


def requests_per_second(elapsed, phase=0.0):
    """The wanted rate at a moment: a wave of 7 minutes, plus the step it falls in."""
    wave = 11.0 + 4.5 * math.sin(2.0 * math.pi * elapsed / 420.0 + phase)
    step = 0.0
    for start, height in STEPS:
        if elapsed % 600.0 >= start:
            step = height
    return min(20.0, max(4.0, wave + step))


class Traffic:
    """Requests to one instance, counted by whether they were answered."""

    def __init__(self, port, phase=0.0):
        self.port = port
        self.phase = phase
        self.answered = 0
        self.failed = 0
        self._lock = threading.Lock()

    def _request(self, path):
        # 127.0.0.1 is not an option of this program: a load generator that can be
        # pointed at any host is a thing to be misused.
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            answered = connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            # An instance that is being restarted refuses connections. Its traffic
            # goes on, as that of a real one does.
            answered = False
        finally:
            connection.close()
        with self._lock:
            if answered:
                self.answered += 1
            else:
                self.failed += 1

    def run(self, seconds, limit, stop=None):
        """Sends requests at random moments around the wanted rate, until time, count or `stop`."""
        stop = stop or threading.Event()
        begin = time.monotonic()
        moment = begin
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            for _ in range(limit):
                rate = requests_per_second(moment - begin, self.phase)
                moment += random.expovariate(rate)
                if moment - begin > seconds:
                    break
                if stop.wait(max(0.0, moment - time.monotonic())):
                    break
                pool.submit(self._request, random.choice(PATHS))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1")
    parser.add_argument("--seconds", type=float, default=60.0, help="end after this long")
    parser.add_argument("--limit", type=int, default=100_000, help="end after this many requests")
    arguments = parser.parse_args()
    traffic = Traffic(arguments.port)
    try:
        traffic.run(arguments.seconds, arguments.limit)
    except KeyboardInterrupt:
        pass
    print(f"{traffic.answered} answered, {traffic.failed} failed")


if __name__ == "__main__":
    main()
