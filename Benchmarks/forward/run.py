#!/usr/bin/env python3
"""Compares how fast priord forwards a study with how fast dcmsend sends the same files. See README.md beside this file.

python3 Benchmarks/forward/run.py [--binaries DIRECTORY] [--slices N] [--repetitions N]
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "shared"))
import figures  # noqa: E402
import objects  # noqa: E402
import servers  # noqa: E402
from daemon import Daemon  # noqa: E402

#: PDUs that the receiver takes: DCMTK's default and the longest.
PDUS = {"16 KiB PDUs": "16384", "128 KiB PDUs": "131072"}
#: Seconds within which a study is there.
PATIENCE = 60


class Receiver:
    """storescp that writes to memory what comes, and tells when it came."""

    def __init__(self, folder, pdu, port):
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        self.process = subprocess.Popen(
            ["storescp", "+B", "-pdu", pdu, "-od", str(folder), str(port)], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=servers.clean_environment(TCP_NODELAY="1"))
        while not servers.association_is_accepted(port, "ANY"):
            time.sleep(0.01)

    def seconds(self, count):
        """From the end of the first object to the end of the last: who sends is then at work."""
        end = time.monotonic() + PATIENCE
        while len(list(self.folder.iterdir())) < count:
            if time.monotonic() > end:
                raise servers.ServerFailure(f"{len(list(self.folder.iterdir()))} of {count} objects came")
            time.sleep(0.05)
        time.sleep(0.1)  # the last one is still being written
        times = sorted(file.stat().st_mtime_ns for file in self.folder.iterdir())
        return (times[-1] - times[0]) / 1e9

    def stop(self):
        self.process.terminate()
        self.process.wait()


def dcmsend(pool, port, called="ANY"):
    subprocess.run(
        ["dcmsend", "-aec", called, "-pdu", "131072", "+sd", "-dn", "127.0.0.1", str(port), str(pool)], check=True,
        capture_output=True, env=servers.clean_environment(TCP_NODELAY="1"))


class Forwarding:
    """priord with one destination, to which each study goes when the destination is no longer paused."""

    def __init__(self, binaries, directory, ports):
        self.binaries, self.data = binaries, directory / "data"
        file = directory / "priord.yaml"
        places = "".join(
            f"  - name: d{port}\n    host: 127.0.0.1\n    port: {port}\n    ae-title: ANY\n" for port in ports)
        names = ", ".join(f"d{port}" for port in ports)
        file.write_text(f"destinations:\n{places}forwards:\n  - name: all\n    to: [{names}]\n")
        self.daemon = Daemon(binaries, self.data, "--config", file, "--quiet-period", "1s")
        for port in ports:
            self.control("pause", f"d{port}")

    def control(self, *command):
        done = subprocess.run(
            [self.binaries / "priorctl", "forwards", *command, "--json", "--data-dir", self.data], check=True,
            capture_output=True)
        return json.loads(done.stdout or b"{}")

    def load(self, pool):
        dcmsend(pool, self.daemon.port, "PRIORD")
        end = time.monotonic() + PATIENCE
        while len(self.control("list")["forwards"]) < len(PDUS) and time.monotonic() < end:
            time.sleep(0.2)
        time.sleep(2)  # its assessment


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binaries", type=Path, default=REPOSITORY / ".build/release")
    parser.add_argument("--slices", type=int, default=500)
    parser.add_argument("--repetitions", type=int, default=7)
    return parser.parse_args()


def main():
    options = arguments()
    shared = Path("/dev/shm")
    scratch = Path(tempfile.mkdtemp(prefix="priord-forward-"))
    inbox = Path(tempfile.mkdtemp(prefix="priord-forward-", dir=shared if shared.is_dir() else None))
    ports = {name: servers.free_port() for name in PDUS}
    forwarding = None
    try:
        print("\n".join(f"{key}: {value}" for key, value in figures.machine().items()), flush=True)
        pool = objects.Pool(scratch / "pool", objects.CT, options.slices, "1")
        uids = objects.UIDs("1")
        total = objects.CT.pixel_bytes * (options.slices - 1) / 1e6
        forwarding = Forwarding(options.binaries, scratch, ports.values())
        idle, greatest, rates, used = forwarding.daemon.memory("VmRSS"), 0, {}, []
        for repetition in range(options.repetitions + 1):
            pool.studies([options.slices], uids)
            forwarding.load(scratch / "pool")
            for name, pdu in PDUS.items():
                port = ports[name]
                for sender in ["priord", "dcmsend"][::1 if repetition % 2 else -1]:
                    receiver = Receiver(inbox / "in", pdu, port)
                    try:
                        before = forwarding.daemon.cpu_seconds()
                        if sender == "priord":
                            forwarding.control("resume", f"d{port}")
                        else:
                            dcmsend(scratch / "pool", port)
                        seconds = receiver.seconds(options.slices)
                        if sender == "priord":
                            forwarding.control("pause", f"d{port}")
                            used.append(forwarding.daemon.cpu_seconds() - before)
                            greatest = max(greatest, forwarding.daemon.memory("VmHWM"))
                        if repetition > 0:  # the first warms everybody up
                            rates.setdefault((name, sender), []).append(total / seconds)
                    finally:
                        receiver.stop()
        rows = []
        for name in PDUS:
            ours, theirs = (statistics.median(rates[name, sender]) for sender in ("priord", "dcmsend"))
            pairs = [a / b for a, b in zip(rates[name, "priord"], rates[name, "dcmsend"])]
            rows.append([f"{name}, MB/s", f"{ours:.0f}", f"{theirs:.0f}", f"{ours / theirs:.2f}",
                         f"{min(pairs):.2f}–{max(pairs):.2f}"])
        print("\n" + figures.table(["", "priord", "dcmsend", "÷ dcmsend", "in single turns"], rows))
        print(f"\npriord: {statistics.median(used):.2f} s of CPU a study, memory {idle:.0f} MB idle, {greatest:.0f} MB at most")
        print(f"load average at end: {figures.load()}")
    finally:
        if forwarding:
            forwarding.daemon.stop()
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.rmtree(inbox, ignore_errors=True)


if __name__ == "__main__":
    main()
