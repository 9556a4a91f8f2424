#!/usr/bin/env python3
"""Compares how fast priord and its peers take in instances. See README.md beside this file.

python3 Benchmarks/ingest/run.py [--quick] [--priord PATH] [--only NAME …] [--large]
"""

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "shared"))
import figures  # noqa: E402
import objects  # noqa: E402
import report  # noqa: E402
import servers  # noqa: E402
from load import Load, measure, send  # noqa: E402

FULL = [
    Load("CT", 1), Load("CT", 4), Load("CT", 8),
    Load("CT", 1, client_nodelay=True), Load("CT", 8, client_nodelay=True),
    Load("MR", 1), Load("MR", 8), Load("DX", 1), Load("DX", 8),
]
QUICK = [Load("CT", 1), Load("CT", 4), Load("CT", 8)]
POOL = {"CT": 800, "MR": 1600, "DX": 32}


def arguments():
    parser = argparse.ArgumentParser(description="Compares how fast priord and its peers take in instances.")
    parser.add_argument("--quick", action="store_true", help="CT only, short windows, at most two minutes")
    parser.add_argument("--priord", type=Path, default=REPOSITORY / ".build/release/priord", help="the daemon to measure")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these servers, e.g. priord \"storescp best\"")
    parser.add_argument("--repetitions", type=int, help="default 5, fewer when time is up")
    parser.add_argument("--window", type=float, help="seconds a measurement aims at; default 1.2, quick 0.7")
    parser.add_argument("--scratch", type=Path, help="where servers keep what they receive; default the temporary directory")
    parser.add_argument("--seed", default="1", help="of pixel values and UIDs")
    parser.add_argument("--large", action="store_true", help="measure memory with 16 objects of 210 MB too")
    return parser.parse_args()


class Benchmark:
    def __init__(self, options, scratch, inputs):
        self.options = options
        self.scratch, self.inputs = scratch, inputs
        self.loads = QUICK if options.quick else FULL
        self.repetitions = options.repetitions or 5
        self.budget = 110 if options.quick else 660  # seconds
        self.window = options.window or (0.7 if options.quick else 1.2)
        self.uids = objects.UIDs(options.seed)
        self.kinds = [kind for kind in servers.ALL if not options.only or kind.name in options.only]
        self.measurements, self.starts, self.large, self.counts = [], [], [], {}
        self.sessions = 0

    def make_inputs(self):
        self.pools = {}
        for name in dict.fromkeys(load.profile for load in self.loads):
            count = POOL[name] // (2 if self.options.quick else 1)
            self.pools[name] = objects.Pool(self.inputs / name, objects.PROFILES[name], count, self.options.seed)

    def session(self, kind, work):
        """Runs `work` with a server of its own, from an empty data directory to its removal."""
        self.sessions += 1
        server = kind(self.scratch / f"{self.sessions:03}")
        try:
            seconds = server.start()
            return work(server, seconds)
        finally:
            server.remove()

    def fill_window(self, kind, load, server, repetition):
        """Sends more and more objects until the sending fills the window, which also warms the server up.

        Returns the last measurement and the UIDs of everything sent. Shorter ones tell the senders' start rather than the rate.
        """
        pool, key, sent = self.pools[load.profile], (kind.name, load), []
        count = self.counts.get(key, min(len(pool.files), max(2 * load.associations, 8)))
        _, warm = measure(server, load, pool, 2 * load.associations, self.uids, 0, server.directory, is_warming_up=True)
        sent += warm
        for _ in range(4):
            measurement, instances = measure(server, load, pool, count, self.uids, repetition, server.directory)
            sent += instances
            if measurement.seconds >= 0.6 * self.window or count == len(pool.files):
                break
            count = min(len(pool.files), max(2 * load.associations, int(self.window / measurement.seconds * count)))
        self.counts[key] = count
        return measurement, sent

    def measure_loads(self, kind, repetition):
        """One repetition of one server: every load in turn, then the count of what it holds."""

        def work(server, seconds):
            time.sleep(0.3)  # what it does after its start
            start = {"server": server.name, "durable": server.durable, "seconds": seconds, "idle": server.memory()}
            sent, measured = [], []
            for load in self.loads:
                measurement, instances = self.fill_window(kind, load, server, repetition)
                sent += instances
                measured.append(measurement)
            start["after"] = server.memory()
            missing = server.missing(sent)
            server.stop()
            missing = max(missing, server.missing(sent))
            if missing and kind is servers.Priord:
                raise servers.ServerFailure(f"{server.name} acknowledged {len(sent)} instances and lacks {missing}")
            self.starts.append(start | {"sent": len(sent), "missing": missing})
            self.measurements.extend(measured)
            return [f"{m.instances_per_second:.0f}" for m in measured]

        rates = self.session(kind, work)
        print(f"  {repetition}  {kind.name:16} {' '.join(f'{rate:>6}' for rate in rates)}", flush=True)

    def measure_large(self, kind):
        pool = objects.Pool(self.inputs / f"large-{kind.name}", objects.LARGE, 16, self.options.seed, has_pixels=False)

        def work(server, _):
            groups, instances = pool.studies([1] * 16, self.uids)
            peak = 0
            seconds = send(server, groups, False, server.directory)
            peak = server.memory("VmHWM")
            missing = server.missing(instances)
            server.stop()
            if max(missing, server.missing(instances)):
                raise servers.ServerFailure(f"{server.name} lost large objects")
            self.large.append({"server": server.name, "peak": peak, "seconds": seconds})

        self.session(kind, work)
        shutil.rmtree(self.inputs / f"large-{kind.name}")

    def run(self):
        self.make_inputs()
        print("instances/s: " + ", ".join(map(str, self.loads)), flush=True)
        began, longest = time.perf_counter(), 0.0
        for repetition in range(1, self.repetitions + 1):
            start = time.perf_counter()
            if start - began + longest > self.budget:
                print(f"time is up after {repetition - 1} of {self.repetitions} repetitions", flush=True)
                break
            for kind in self.kinds:
                self.measure_loads(kind, repetition)
            longest = max(longest, time.perf_counter() - start)
        if self.options.large:
            for kind in self.kinds:
                if kind in (servers.Priord, servers.OrthancNoDelay):
                    self.measure_large(kind)
        results = report.Results(sorted(self.measurements, key=lambda m: [str(l) for l in self.loads].index(m.load)))
        parts = [results.table(), results.targets(), report.starts_table(self.starts)]
        return "\n\n".join(parts + ([report.large_table(self.large)] if self.large else []))


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))  # so that servers and directories go too
    servers.Priord.program = str(options.priord.resolve())
    if not options.priord.is_file():
        sys.exit(f"{options.priord} is missing: swift build -c release --product priord, or --priord PATH")
    absent = [kind.name for kind in servers.ALL if not servers.is_installed(kind)]
    if absent or not shutil.which("dcmsend"):
        sys.exit(f"not installed: {', '.join(absent) or 'dcmsend'} (Debian packages dcmtk and orthanc)")
    shared = Path("/dev/shm")
    has_room = shared.is_dir() and shutil.disk_usage(shared).free > 6e9
    with (
        tempfile.TemporaryDirectory(prefix="priord-ingest-", dir=options.scratch) as scratch,
        tempfile.TemporaryDirectory(prefix="priord-ingest-", dir=shared if has_room else options.scratch) as inputs,
    ):
        facts = figures.machine() | {
            "servers' files": figures.file_system(scratch), "senders' files": figures.file_system(inputs),
        }
        print("\n".join(f"{key}: {value}" for key, value in facts.items()), flush=True)
        benchmark = Benchmark(options, Path(scratch), Path(inputs))
        began = time.perf_counter()
        try:
            tables = benchmark.run()
        except servers.ServerFailure as failure:
            sys.exit(f"stopped: {failure}")
        facts["load average at end"] = figures.load()
        facts["duration"] = f"{time.perf_counter() - began:.0f} s"
    print(f"\n{tables}\n\n{facts['duration']}, load average at end {facts['load average at end']}")
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    file = results / f"{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}.json"
    file.write_text(
        json.dumps({
            "machine": facts, "measurements": [m.as_json() for m in benchmark.measurements],
            "starts": benchmark.starts, "large": benchmark.large,
        }, indent=1))
    print(f"written: {file.relative_to(REPOSITORY)}")


if __name__ == "__main__":
    main()
