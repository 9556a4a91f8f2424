#!/usr/bin/env python3
"""How long a DR room waits for its C-STORE answers while a PACS migrates over many Associations.

    python3 Benchmarks/fairness/run.py [--binary .build/release/priord] [--repetitions 5] [--seconds 8]

One Association stores a radiograph four times a second; beside it a migration stores CT slices as fast as it is answered.
The ways are measured in turn, again and again, each in a fresh data directory:

    alone      the room and nobody else
    as one     the migration too; both count as one peer, as all callers from one address outside `peers` do, so nobody waits
    peers      both are in `peers`
    weighted   the same, and the room has weight 8
"""

import argparse
import json
import multiprocessing
import os
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

CT, DX = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.1.1"
EXPLICIT = "1.2.840.10008.1.2.1"
FRAGMENT = 131_060
ROOT = Path(__file__).resolve().parents[2]
WAYS = {
    "alone": (False, ""),
    "as one": (True, "accept-any-peer: on\n"),
    "peers": (True, "peers: [{ae-title: DR1, hosts: 127.0.0.1}, {ae-title: PACS, hosts: 127.0.0.1}]\n"),
    "weighted": (
        True,
        "peers: [{ae-title: DR1, hosts: 127.0.0.1, weight: 8, association-reserve: 1}, "
        "{ae-title: PACS, hosts: 127.0.0.1, association-limit: 16}]\n",
    ),
}


def element(group, number, vr, value):
    value += (b"\0" if vr in (b"UI", b"OW") else b" ") * (len(value) % 2)
    if vr == b"OW":
        return struct.pack("<HH2sHI", group, number, vr, 0, len(value)) + value
    return struct.pack("<HH2sH", group, number, vr, len(value)) + value


def item(kind, body):
    return struct.pack(">BBH", kind, 0, len(body)) + body


class Sender:
    """One Association that stores one kind of object. UIDs have one length, so that only their digits change."""

    def __init__(self, port, calling, sop_class, modality, pixels, number):
        self.sop_class, self.modality, self.number, self.count = sop_class, modality, number, 0
        self.noise = os.urandom(pixels)
        self.study = f"2.25.7{number:08d}"
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        context = item(0x20, struct.pack(">BBBB", 1, 0, 0, 0) + item(0x30, sop_class.encode()) + item(0x40, EXPLICIT.encode()))
        user = item(0x50, item(0x51, struct.pack(">I", 131_072)) + item(0x52, b"2.25.71094812734561209"))
        body = struct.pack(">HH16s16s32x", 1, 0, b"PRIORD".ljust(16), calling.encode().ljust(16))
        body += item(0x10, b"1.2.840.10008.3.1.1.1") + context + user
        self.socket.sendall(struct.pack(">BBI", 1, 0, len(body)) + body)
        if self.receive()[0] != 2:
            raise SystemExit(f"{calling} was not let in")

    def exactly(self, count):
        data = bytearray()
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise ConnectionError("closed")
            data += piece
        return bytes(data)

    def receive(self):
        kind, _, length = struct.unpack(">BBI", self.exactly(6))
        return kind, self.exactly(length)

    def pdu(self, control, data):
        return struct.pack(">BBIIBB", 4, 0, len(data) + 6, len(data) + 2, 1, control) + data

    def store(self):
        """Sends one object and waits for its Status; returns its bytes."""
        self.count += 1
        uid = f"2.25.8{self.number:08d}{self.count:08d}"
        data = b"".join(
            [
                element(0x0008, 0x0016, b"UI", self.sop_class.encode()),
                element(0x0008, 0x0018, b"UI", uid.encode()),
                element(0x0008, 0x0020, b"DA", b"20260901"),
                element(0x0008, 0x0060, b"CS", self.modality),
                element(0x0010, 0x0010, b"PN", b"Invented^Load"),
                element(0x0010, 0x0020, b"LO", b"LOAD-%d" % self.number),
                element(0x0020, 0x000D, b"UI", self.study.encode()),
                element(0x0020, 0x000E, b"UI", (self.study + ".1").encode()),
                element(0x7FE0, 0x0010, b"OW", self.noise),
            ]
        )

        def part(number, value):
            value = struct.pack("<H", value) if isinstance(value, int) else value.encode() + b"\0" * (len(value) % 2)
            return struct.pack("<HHI", 0, number, len(value)) + value

        command = part(0x0002, self.sop_class) + part(0x0100, 1) + part(0x0110, self.count % 65_536)
        command += part(0x0700, 0) + part(0x0800, 0) + part(0x1000, uid)
        command = struct.pack("<HHII", 0, 0, 4, len(command)) + command
        out = [self.pdu(3, command)]
        for start in range(0, len(data), FRAGMENT):
            piece = data[start : start + FRAGMENT]
            out.append(self.pdu(2 if start + FRAGMENT >= len(data) else 0, piece))
        for piece in out:
            self.socket.sendall(piece)
        kind, body = self.receive()
        status = body.find(struct.pack("<HHI", 0, 0x0900, 2))
        if kind != 4 or body[status + 8 : status + 10] != b"\0\0":
            raise ConnectionError("not stored")
        return len(data)


def room(port, seconds, pixels, answers):
    sender = Sender(port, "DR1", DX, b"DX", pixels, 1)
    sender.store()
    latencies = []
    end = time.monotonic() + seconds
    while (began := time.monotonic()) < end:
        sender.store()
        latencies.append(time.monotonic() - began)
        time.sleep(max(0, 0.25 - latencies[-1]))
    answers.put(latencies)


def migration(port, number, pixels, stop, count):
    sender = Sender(port, "PACS", CT, b"CT", pixels, number)
    while not stop.is_set():
        byte_count = sender.store()
        with count.get_lock():
            count.value += byte_count


def measure(binary, way, arguments):
    has_flood, yaml = WAYS[way]
    directory = Path(tempfile.mkdtemp(prefix="fairness-", dir=arguments.directory))
    try:
        (directory / "priord.yaml").write_text((yaml or WAYS["peers"][1]) + "log-level: warning\n")
        log = open(directory / "log", "w")
        with socket.socket() as probe, socket.socket() as other:
            probe.bind(("127.0.0.1", 0))
            other.bind(("127.0.0.1", 0))
            port, http = probe.getsockname()[1], other.getsockname()[1]
        daemon = subprocess.Popen(
            [binary, "serve", "--config", directory / "priord.yaml", "--data-dir", directory / "data", "--dicom-port",
             str(port), "--http-port", str(http), "--quiet-period", "1h"],
            stderr=log, env={k: v for k, v in os.environ.items() if not k.startswith("PRIORD_")})  # fmt: skip
        try:
            deadline = time.monotonic() + 60
            while True:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{http}/readyz", timeout=1)
                    break
                except OSError:
                    if time.monotonic() > deadline or daemon.poll() is not None:
                        raise SystemExit((directory / "log").read_text())
                    time.sleep(0.1)
            stop, count, answers = multiprocessing.Event(), multiprocessing.Value("q", 0), multiprocessing.Queue()
            flood = [
                multiprocessing.Process(
                    target=migration, args=(port, 100 + number, arguments.slice, stop, count), daemon=True)
                for number in range(arguments.associations if has_flood else 0)
            ]  # fmt: skip
            for process in flood:
                process.start()
            time.sleep(1.5)
            began, before = time.monotonic(), count.value
            dr = multiprocessing.Process(target=room, args=(port, arguments.seconds, arguments.radiograph, answers))
            dr.start()
            latencies = answers.get(timeout=arguments.seconds + 120)
            rate = (count.value - before) / (time.monotonic() - began) / 1e6
            stop.set()
            for process in flood + [dr]:
                process.join(30)
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(60)
            log.close()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    ordered = sorted(latencies)
    return {
        "way": way,
        "radiographs": len(ordered),
        "p50": statistics.median(ordered) * 1e3,
        "p99": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1e3,
        "migration": rate,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=str(ROOT / ".build/release/priord"))
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--associations", type=int, default=16)
    parser.add_argument("--slice", type=int, default=524_288, help="bytes of a CT slice")
    parser.add_argument("--radiograph", type=int, default=8_000_000, help="bytes of a radiograph")
    parser.add_argument("--directory", help="where data directories are made; the system's temporary one by default")
    arguments = parser.parse_args()
    found = {way: [] for way in WAYS}
    for repetition in range(arguments.repetitions):
        for way in WAYS:
            found[way].append(measure(arguments.binary, way, arguments))
            print(json.dumps({"repetition": repetition} | found[way][-1]), flush=True)
    print("\n| way | p50 ms | p99 ms | lowest and highest p99 | migration MB/s |\n|---|---|---|---|---|")
    for way, runs in found.items():
        p99 = [run["p99"] for run in runs]
        print(
            f"| {way} | {statistics.median(run['p50'] for run in runs):.0f} | {statistics.median(p99):.0f} "
            f"| {min(p99):.0f} to {max(p99):.0f} | {statistics.median(run['migration'] for run in runs):.0f} |"
        )


if __name__ == "__main__":
    main()
