"""Checks a recording without any code of this repository's engine.

The recording is the sample data people meet first, and tests lean on it. So its
format is read by the parser of prometheus_client, and its content is held
against what record.py says it records, with arithmetic written down here a second time:
the span, the shared timestamps, the one restart, and a 99th percentile that goes
over 0.25 s and comes back. Says what it found, and exits with 1 at a broken promise.

    python check_recording.py recording.om.gz
"""

import collections
import gzip
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

APP_INSTANCES = ("a:8000", "b:8000")
RESTARTED = "b:8000"
HOST = "host:9100"
LIMIT_SECONDS = 0.25
RANGE_SECONDS = 300.0


def promise(kept, text):
    if not kept:
        raise SystemExit(f"broken: {text}")
    print(f"ok: {text}")


def group_of(line):
    """The metric a sample line belongs to: what stands before the value, without `le`.

    The suffixes of one family are cut off too, since the samples of one histogram
    or counter belong together. The labels of this recording hold no spaces.
    """
    name, _, labels = line.split(" ")[0].partition("{")
    for suffix in ("_bucket", "_count", "_sum", "_total", "_created"):
        name = name.removesuffix(suffix)
    pairs = labels.rstrip("}").split(",")
    return name, tuple(pair for pair in pairs if pair and not pair.startswith("le="))


def check_order(lines):
    """What OpenMetrics asks of the order of lines, over the whole file."""
    families, metrics, newest = [], set(), {}
    previous = None
    for line in lines[:-1]:
        if line.startswith("# TYPE "):
            families.append(line.split(" ")[2])
        if line.startswith("#"):
            previous = None
            continue
        group, timestamp = group_of(line), float(line.split(" ")[2])
        if group[0] != families[-1]:
            raise SystemExit(f"broken: outside of its family: {line}")
        if group != previous and group in metrics:
            raise SystemExit(f"broken: its metric came to an end above: {line}")
        if timestamp < newest.get(group, 0.0):
            raise SystemExit(f"broken: its timestamp goes back: {line}")
        metrics.add(group)
        newest[group] = timestamp
        previous = group
    promise(len(families) == len(set(families)), "families are contiguous")
    promise(lines[-1] == "# EOF", "metrics are contiguous, with `# EOF` at the end")


def read(path):
    """The families by name, and the points [(timestamp, value)] of each series.

    The parser of prometheus_client 0.26.0 loses samples where one metric has
    several samples at several timestamps (it takes the second timestamp's for
    duplicates of the first's). So it is given the samples of one timestamp at a
    time, each with all metadata, and checks names, types, units and buckets in
    each. What concerns several timestamps is checked by `check_order`.
    """
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as file:
        lines = file.read().splitlines()
    check_order(lines)

    timestamps = {line.split(" ")[2] for line in lines if not line.startswith("#")}
    timestamps = sorted(timestamps, key=float)
    texts = {timestamp: [] for timestamp in timestamps}
    for line in lines[:-1]:
        for timestamp in timestamps if line.startswith("#") else (line.split(" ")[2],):
            texts[timestamp].append(line)

    families = {}
    series = collections.defaultdict(list)
    for timestamp in timestamps:
        for family in text_string_to_metric_families("\n".join(texts[timestamp]) + "\n# EOF\n"):
            families[family.name] = family
            for sample in family.samples:
                key = (sample.name, tuple(sorted(sample.labels.items())))
                series[key].append((float(sample.timestamp), sample.value))
    promise(
        sum(map(len, series.values())) == sum(not line.startswith("#") for line in lines),
        "every sample line of the file is read",
    )
    return families, series


def select(series, name, **labels):
    """The points of the series of that name that have these labels, by label set."""
    return {
        key[1]: points
        for key, points in series.items()
        if key[0] == name and labels.items() <= dict(key[1]).items()
    }


def only(series, name, **labels):
    """The points of the one series that has this name and these labels."""
    (points,) = select(series, name, **labels).values()
    return points


def resets(points):
    """The timestamps at which a counter is lower than it was before."""
    return [
        timestamp
        for (_, before), (timestamp, value) in zip(points, points[1:])
        if value < before
    ]


def increase(points, begin, end):
    """How much a counter grew in (begin, end], a restart counted as from zero.

    Nothing is extrapolated, unlike in PromQL's `increase`: for a quantile only the
    proportions between buckets matter.
    """
    inside = [value for timestamp, value in points if begin < timestamp <= end]
    return sum(
        after - before if after >= before else after for before, after in zip(inside, inside[1:])
    )


def quantile(wanted, buckets):
    """A quantile of [(upper bound, cumulative count)], linear inside a bucket."""
    total = buckets[-1][1]
    if total == 0:
        return float("nan")
    rank = wanted * total
    lower, below = 0.0, 0.0
    for bound, count in buckets:
        if count >= rank:
            # Nothing is known beyond the last finite bound.
            if bound == float("inf"):
                return lower
            return lower + (bound - lower) * (rank - below) / (count - below)
        lower, below = bound, count
    raise AssertionError("the last bucket holds every observation")


def p99_over_time(series, instance, timestamps):
    """[(timestamp, 99th percentile of the 5 minutes before it)], full ranges only."""
    buckets = sorted(
        (float(dict(labels)["le"]), points)
        for labels, points in select(
            series, "app_response_time_seconds_bucket", instance=instance
        ).items()
    )
    return [
        (
            end,
            quantile(
                0.99,
                [(bound, increase(points, end - RANGE_SECONDS, end)) for bound, points in buckets],
            ),
        )
        for end in timestamps
        if end - RANGE_SECONDS >= timestamps[0]
    ]


def runs(flags):
    """How many separate runs of true values a sequence has."""
    return sum(1 for before, now in zip([False, *flags], flags) if now and not before)


def main():
    families, series = read(sys.argv[1])
    samples = sum(len(points) for points in series.values())
    timestamps = sorted({timestamp for points in series.values() for timestamp, _ in points})
    span = timestamps[-1] - timestamps[0]
    print(
        f"{len(families)} families, {len(series)} series, {samples} samples, "
        f"{len(timestamps)} scrapes in {span / 60:.1f} minutes"
    )

    promise(span >= 40 * 60, "the span is 40 minutes or more")
    gaps = [after - before for before, after in zip(timestamps, timestamps[1:])]
    promise(
        all(14.5 <= gap <= 15.5 for gap in gaps),
        f"scrapes are 15 s apart ({min(gaps):.3f} s to {max(gaps):.3f} s)",
    )
    promise(
        all(
            before[0] < after[0]
            for points in series.values()
            for before, after in zip(points, points[1:])
        ),
        "every series' points are in increasing order of time",
    )

    for instance in (*APP_INSTANCES, HOST):
        up = only(series, "up", instance=instance)
        promise(
            [timestamp for timestamp, _ in up] == timestamps,
            f"up of {instance} has a point for every scrape, at the shared timestamp",
        )
        reached = {timestamp for timestamp, value in up if value == 1}
        promise(
            all(
                {timestamp for timestamp, _ in points} == reached
                for (name, labels), points in series.items()
                if name != "up" and dict(labels)["instance"] == instance
            ),
            f"every series of {instance} has a point where up is 1, and nowhere else",
        )
        down = [value == 0 for _, value in up]
        promise(
            runs(down) == (1 if instance == RESTARTED else 0),
            f"{instance} was down {sum(down)} scrapes in {runs(down)} runs",
        )

    # The restart, seen in three ways that have to agree.
    resets_of = {
        instance: resets(only(series, "app_requests_total", instance=instance))
        for instance in APP_INSTANCES
    }
    promise(
        [len(resets_of[instance]) for instance in APP_INSTANCES] == [0, 1],
        "app_requests_total is reset once, on instance b, and never on a",
    )
    (restart,) = resets_of[RESTARTED]
    for name in ("app_requests_created", "app_response_time_seconds_created"):
        promise(
            len({value for _, value in only(series, name, instance=APP_INSTANCES[0])}) == 1,
            f"{name} of a never changes",
        )
        created = only(series, name, instance=RESTARTED)
        before = {value for timestamp, value in created if timestamp < restart}
        after = {value for timestamp, value in created if timestamp >= restart}
        promise(
            len(before) == 1 and len(after) == 1 and max(before) < max(after) <= restart,
            f"{name} of b changes once, at the reset, to a time before that scrape",
        )
    promise(
        0.55 < (restart - timestamps[0]) / span < 0.65,
        f"the restart is at {(restart - timestamps[0]) / span:.0%} of the time",
    )
    # The kernel itself lets `idle` and `iowait` go back a little, so the host is left out.
    others = [
        timestamp
        for family in families.values()
        if family.type in ("counter", "histogram")
        for (name, labels), points in series.items()
        if name.startswith(family.name + "_")
        and not name.endswith("_created")
        and dict(labels)["instance"] != HOST
        for timestamp in resets(points)
    ]
    promise(
        set(others) == {restart},
        f"{len(others)} counter series are reset at that time, none at any other",
    )

    for instance in APP_INSTANCES:
        requests = dict(only(series, "app_requests_total", instance=instance))
        observed = dict(only(series, "app_response_time_seconds_count", instance=instance))
        under_way = max(requests[timestamp] - observed[timestamp] for timestamp in requests)
        promise(
            all(0 <= requests[timestamp] - observed[timestamp] <= 32 for timestamp in requests),
            f"requests of {instance} are those observed and up to {under_way:.0f} under way",
        )
        p99 = [
            (timestamp, value)
            for timestamp, value in p99_over_time(series, instance, timestamps)
            # Right after the start there is nothing to take a quantile of.
            if value == value
        ]
        over = [value > LIMIT_SECONDS for _, value in p99]
        when = [timestamp for (timestamp, _), flag in zip(p99, over) if flag]
        promise(
            not over[0] and runs(over) == 1 and not over[-1],
            f"p99 of {instance} starts at {p99[0][1]:.3f} s, is over {LIMIT_SECONDS} s once, "
            f"from minute {(when[0] - timestamps[0]) / 60:.1f} "
            f"to {(when[-1] - timestamps[0]) / 60:.1f} "
            f"with {max(value for _, value in p99):.3f} s at most, and ends at {p99[-1][1]:.3f} s",
        )


if __name__ == "__main__":
    main()
