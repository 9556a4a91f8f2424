#!/usr/bin/env python3
"""Compares how fast priord and its peers hand out one study of 500 CT slices. See README.md beside this file.

python3 Benchmarks/retrieve/run.py [--priord PATH] [--slices N] [--repetitions N] [--large]
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "ingest"))
import objects  # noqa: E402
import servers  # noqa: E402

#: Who asks, and listens for what C-MOVE sends.
REQUESTOR = "BENCHDEST"


class Priord(servers.Priord):
    def command(self):
        file = self.directory / "priord.yaml"
        file.write_text(
            f"peers:\n  - ae-title: {REQUESTOR}\n    hosts: [127.0.0.1]\n    port: {self.destination}\n"
            f"    called-ae-titles: [{self.called}]\n")
        return [
            self.program, "serve", "--data-dir", str(self.data), "--dicom-port", str(self.port), "--http-port", "0",
            "--config", str(file), "--accept-any-peer", "--quiet-period", "1h",
        ]


class DcmQRSCP(servers.DcmQRSCP):
    #: Debian's setting, and the longest PDU: the faster of the two is what is compared with.
    pdu = 16384

    def command(self):
        command = super().command()
        file = Path(command[-1])
        text = file.read_text().replace("MaxPDUSize = 16384", f"MaxPDUSize = {self.pdu}")
        file.write_text(text.replace(
            "HostTable BEGIN\n", f"HostTable BEGIN\nbench = ({REQUESTOR}, 127.0.0.1, {self.destination})\n"))
        return command


class BestDcmQRSCP(DcmQRSCP):
    name = "dcmqrscp best"
    environment = {"TCP_NODELAY": "1"}
    pdu = 131072


class Orthanc(servers.Orthanc):
    def command(self):
        command = super().command()
        file = Path(command[-1])
        settings = json.loads(file.read_text())
        settings["DicomModalities"] = {"bench": [REQUESTOR, "127.0.0.1", self.destination]}
        file.write_text(json.dumps(settings))
        return command


class OrthancNoDelay(Orthanc):
    name = "Orthanc NODELAY"
    environment = {"TCP_NODELAY": "1"}


KINDS = [Priord, DcmQRSCP, BestDcmQRSCP, Orthanc, OrthancNoDelay]
#: What the requestor takes: DCMTK's default PDU and the longest, stored or only counted.
CLIENTS = {"16 KiB PDUs": ["-pdu", "16384"], "128 KiB PDUs": ["-pdu", "131072"]}


def command(service, server, study, folder, options):
    keys = ["-S", "-k", "0008,0052=STUDY", "-k", f"0020,000D={study}"]
    peers = ["-aet", REQUESTOR, "-aec", server.called, "127.0.0.1", str(server.port)]
    if service == "C-GET":
        return ["getscu", *options, "+B", "-od", str(folder), *keys, *peers]
    return ["movescu", "-aem", REQUESTOR, *keys, *peers]


def retrieve(service, server, study, folder, options, count, total):
    """Returns the seconds of one retrieve, the greatest memory and the CPU time of it; raises when something is missing."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    environment = servers.clean_environment(TCP_NODELAY="1")
    receiver = None
    if service == "C-MOVE":
        receiver = subprocess.Popen(
            ["storescp", *options, "+B", "-od", str(folder), str(server.destination)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        while not servers.association_is_accepted(server.destination, REQUESTOR):
            time.sleep(0.01)
    try:
        return attempt(command(service, server, study, folder, options), server, folder, environment, count, total)
    finally:
        if receiver is not None:
            receiver.terminate()
            receiver.wait()


def attempt(command, server, folder, environment, count, total):
    before = server.cpu_seconds()
    began = time.perf_counter()
    client = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    memory = 0
    while client.poll() is None:
        memory = max(memory, server.memory())
        time.sleep(0.02)
    seconds = time.perf_counter() - began
    received = list(folder.iterdir())
    if client.returncode != 0 or len(received) != count:
        raise servers.ServerFailure(
            f"{server.name}: {command[0]} ended with {client.returncode}, {len(received)} of {count} files: "
            f"{client.stderr.read()[-500:]!r}")
    if sum(file.stat().st_size for file in received) < total:
        raise servers.ServerFailure(f"{server.name}: {command[0]} gave fewer bytes than were stored")
    return seconds, memory, server.cpu_seconds() - before


def load(server, pool_directory, count):
    """Stores the study and waits until the server is done with it."""
    sent = subprocess.run(
        ["dcmsend", "-aet", REQUESTOR, "-aec", server.called, "-pdu", "131072", "+sd", "-dn", "127.0.0.1",
         str(server.port), str(pool_directory)],
        capture_output=True, env=servers.clean_environment(TCP_NODELAY="1"))
    if sent.returncode != 0:
        raise servers.ServerFailure(f"{server.name} did not take the study: {sent.stdout[-500:]!r}")
    if server.missing([None] * count if isinstance(server, (DcmQRSCP, Orthanc)) else []):
        raise servers.ServerFailure(f"{server.name} does not hold all of the study")


def quiet(server):
    """Waits until the server no longer works on what it was sent."""
    last = server.cpu_seconds()
    for _ in range(120):
        time.sleep(0.5)
        now = server.cpu_seconds()
        if now - last < 0.02:
            return
        last = now


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--priord", type=Path, default=HERE.parents[1] / ".build/release/priord")
    parser.add_argument("--slices", type=int, default=500)
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these servers, e.g. priord Orthanc")
    parser.add_argument("--large", action="store_true", help="memory with one object of 210 MB too")
    return parser.parse_args()


def main():
    options = arguments()
    Priord.program = str(options.priord.resolve())
    kinds = [kind for kind in KINDS if servers.is_installed(kind) and (not options.only or kind.name in options.only)]
    scratch = Path(tempfile.mkdtemp(prefix="priord-retrieve-"))
    # What arrives goes to memory: the receiver's disk is not what is measured.
    shared = Path("/dev/shm")
    inbox = Path(tempfile.mkdtemp(prefix="priord-retrieve-", dir=shared if shared.is_dir() else None))
    running = []
    try:
        profile = objects.LARGE if options.large else objects.CT
        count = 1 if options.large else options.slices
        pool = objects.Pool(scratch / "pool", profile, count, "1", has_pixels=not options.large)
        uids = objects.UIDs("1")
        study = objects.UIDs("1").fresh()  # the first that `studies` takes
        pool.studies([count], uids)
        total = profile.pixel_bytes * count
        print(f"{platform.machine()}, {os.cpu_count()} cores; {profile.description}, {count} instances")
        idle = {}
        for number, kind in enumerate(kinds):
            server = kind(scratch / f"{number}")
            server.destination = servers.free_port()
            running.append(server)
            server.start()
            load(server, scratch / "pool", count)
            quiet(server)
            idle[server.name] = server.memory()
        results = {}
        for repetition in range(options.repetitions + 1):
            for client, flags in CLIENTS.items():
                for service in ("C-GET", "C-MOVE"):
                    turn = running[repetition % len(running):] + running[:repetition % len(running)]
                    for server in turn:
                        measured = retrieve(service, server, study, inbox / "in", flags, count, total)
                        if repetition > 0:  # the first warms everybody up
                            results.setdefault((service, client, server.name), []).append(measured)
        print("\n| | " + " | ".join(f"{s.name}" for s in running) + " | ÷ best dcmqrscp | ÷ Orthanc | ÷ Orthanc NODELAY |")
        print("|---" * (len(running) + 4) + "|")
        for client in CLIENTS:
            for service in ("C-GET", "C-MOVE"):
                rate = {s.name: total / 1e6 / statistics.median(m[0] for m in results[service, client, s.name])
                        for s in running}

                def ratio(*names):
                    others = [rate[name] for name in names if name in rate]
                    return f"{rate['priord'] / max(others):.2f}" if others and "priord" in rate else "–"

                print(f"| {service}, {client}, MB/s | " + " | ".join(f"{rate[s.name]:.0f}" for s in running)
                      + f" | {ratio('dcmqrscp', 'dcmqrscp best')} | {ratio('Orthanc')} | {ratio('Orthanc NODELAY')} |")
        for what, place in (("memory above idle, MB", 1), ("CPU seconds", 2)):
            row = []
            for server in running:
                values = [m[place] for key, ms in results.items() if key[2] == server.name for m in ms]
                row.append(f"{(max(values) - idle[server.name]) / 1e6:.0f}" if place == 1
                           else f"{statistics.median(values):.2f}")
            print(f"| {what} | " + " | ".join(row) + " | | | |")
    finally:
        for server in running:
            server.stop()
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.rmtree(inbox, ignore_errors=True)


if __name__ == "__main__":
    main()
