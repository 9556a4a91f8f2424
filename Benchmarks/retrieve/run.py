#!/usr/bin/env python3
"""Compares how fast priord and its peers hand out one study of 500 CT slices. See README.md beside this file.

python3 Benchmarks/retrieve/run.py [--priord PATH] [--slices N] [--repetitions N] [--large]
"""

import argparse
import json
import mmap
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "shared"))
import figures  # noqa: E402
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
        self.http_port = servers.free_port()
        return [
            self.program, "serve", "--data-dir", str(self.data), "--dicom-port", str(self.port),
            "--http-port", str(self.http_port), "--config", str(file), "--accept-any-peer", "--quiet-period", "1h",
        ]

    @property
    def web(self):
        return f"http://127.0.0.1:{self.http_port}/dicomweb"


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
        if self.plugin.exists():
            settings |= {"Plugins": [str(self.plugin)], "DicomWeb": {"Enable": True, "Root": "/dicom-web/"}}
        file.write_text(json.dumps(settings))
        return command

    #: Debian's package orthanc-dicomweb.
    plugin = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")

    @property
    def web(self):
        return f"http://127.0.0.1:{self.http_port}/dicom-web" if self.plugin.exists() else None


class OrthancNoDelay(Orthanc):
    name = "Orthanc NODELAY"
    environment = {"TCP_NODELAY": "1"}


KINDS = [Priord, DcmQRSCP, BestDcmQRSCP, Orthanc, OrthancNoDelay]
#: DCMTK's default PDU and the longest.
SHORT, LONG = ["-pdu", "16384"], ["-pdu", "131072"]
#: How the study is asked for, and what the receiver takes and does with it.
WAYS = {
    "C-GET, 16 KiB PDUs": ("C-GET", [*SHORT, "+B"]), "C-MOVE, 16 KiB PDUs": ("C-MOVE", [*SHORT, "+B"]),
    "C-GET, 128 KiB PDUs": ("C-GET", [*LONG, "+B"]), "C-MOVE, 128 KiB PDUs": ("C-MOVE", [*LONG, "+B"]),
    "C-GET, counted": ("C-GET", [*LONG, "--ignore"]), "C-MOVE, counted": ("C-MOVE", [*LONG, "--ignore"]),
    "WADO-RS": ("WADO-RS", []), "WADO-RS, counted": ("WADO-RS", ["--ignore"]),
}


def command(service, server, study, folder, options):
    keys = ["-S", "-k", "0008,0052=STUDY", "-k", f"0020,000D={study}"]
    peers = ["-aet", REQUESTOR, "-aec", server.called, "127.0.0.1", str(server.port)]
    if service == "WADO-RS":
        accept = 'Accept: multipart/related; type="application/dicom"; transfer-syntax=*'
        answer = "/dev/null" if options else str(folder / "answer")
        written = ["-w", "%{size_download}"]
        return ["curl", "-sf", "-o", answer, *written, "-H", accept, f"{server.web}/studies/{study}"]
    if service == "C-GET":
        return ["getscu", *options, *keys, *peers]
    return ["movescu", "-aem", REQUESTOR, *keys, *peers]


def retrieve(service, server, study, folder, options, count, total):
    """Returns the seconds of one retrieve, the greatest memory and the CPU time of it; raises when something is missing."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    environment = servers.clean_environment(TCP_NODELAY="1")
    is_stored = "--ignore" not in options
    if is_stored and service != "WADO-RS":
        options = [*options, "-od", str(folder)]
    receiver = None
    if service == "C-MOVE":
        receiver = subprocess.Popen(
            ["storescp", *options, str(server.destination)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        while not servers.association_is_accepted(server.destination, REQUESTOR):
            time.sleep(0.01)
    try:
        asked = command(service, server, study, folder, options)
        return attempt(asked, server, folder, is_stored, environment, count, total)
    finally:
        if receiver is not None:
            receiver.terminate()
            receiver.wait()


def attempt(command, server, folder, is_stored, environment, count, total):
    before = server.cpu_seconds()
    began = time.perf_counter()
    client = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    memory = 0
    while client.poll() is None:
        memory = max(memory, server.memory())
        time.sleep(0.02)
    seconds = time.perf_counter() - began
    said = client.stdout.read().decode()
    if client.returncode != 0:
        raise servers.ServerFailure(
            f"{server.name}: {command[0]} ended with {client.returncode}: {client.stderr.read()[-500:]!r}")
    received = list(folder.iterdir())
    if not is_stored:
        held, size = count, int(said or total)
    else:
        held = parts(received[0]) if command[0] == "curl" else len(received)
        size = sum(file.stat().st_size for file in received)
    if held != count or size < total:
        raise servers.ServerFailure(f"{server.name}: {command[0]} got {held} of {count} objects, {size} of {total} bytes")
    return seconds, memory, server.cpu_seconds() - before


def parts(answer):
    """How many objects a multipart answer has; 0 where it is cut off."""
    with open(answer, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as body:
        boundary = body[:body.find(b"\r\n")]
        if not body[-len(boundary) - 8:].rstrip().endswith(boundary + b"--"):
            return 0
        count, at = -1, 0
        while (at := body.find(boundary, at)) >= 0:
            count, at = count + 1, at + len(boundary)
        return count


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


def report(results, names, idle, total):
    rows = []
    for way in dict.fromkeys(way for way, _ in results):
        rate = {name: total / 1e6 / statistics.median(m[0] for m in results[way, name])
                for name in names if (way, name) in results}

        def ratio(*others):
            found = [rate[name] for name in others if name in rate]
            return f"{rate['priord'] / max(found):.2f}" if found and "priord" in rate else "–"

        shown = [f"{rate[name]:.0f}" if name in rate else "–" for name in names]
        rows.append([f"{way}, MB/s", *shown, ratio("dcmqrscp", "dcmqrscp best"), ratio("Orthanc"), ratio("Orthanc NODELAY")])
    for what, place in (("memory above idle, MB", 1), ("CPU seconds", 2)):
        row = []
        for name in names:
            values = [m[place] for key, ms in results.items() if key[1] == name for m in ms]
            row.append(f"{(max(values) - idle[name]) / 1e6:.0f}" if place == 1 else f"{statistics.median(values):.2f}")
        rows.append([what, *row, "", "", ""])
    print("\n" + figures.table(["", *names, "÷ best dcmqrscp", "÷ Orthanc", "÷ Orthanc NODELAY"], rows) + "\n")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--priord", type=Path, default=HERE.parents[1] / ".build/release/priord")
    parser.add_argument("--slices", type=int, default=500)
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these servers, e.g. priord Orthanc")
    parser.add_argument("--ways", nargs="+", metavar="WAY", choices=[*WAYS], help="only so, e.g. WADO-RS")
    parser.add_argument("--large", action="store_true", help="one object of 537 MB instead of the study")
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
        profile = objects.HUGE if options.large else objects.CT
        count = 1 if options.large else options.slices
        pool = objects.Pool(scratch / "pool", profile, count, "1", has_pixels=not options.large)
        uids = objects.UIDs("1")
        study = objects.UIDs("1").fresh()  # the first that `studies` takes
        pool.studies([count], uids)
        total = profile.pixel_bytes * count
        print("\n".join(f"{key}: {value}" for key, value in figures.machine().items()))
        print(f"{profile.description}, {count} instances, medians of {options.repetitions}", flush=True)
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
            for way in options.ways or WAYS:
                service, flags = WAYS[way]
                turn = running[repetition % len(running):] + running[:repetition % len(running)]
                for server in turn:
                    if service == "WADO-RS" and not getattr(server, "web", None):
                        continue
                    measured = retrieve(service, server, study, inbox / "in", flags, count, total)
                    if repetition > 0:  # the first warms everybody up
                        results.setdefault((way, server.name), []).append(measured)
        report(results, [server.name for server in running], idle, total)
        print(f"load average at end: {figures.load()}")
    finally:
        for server in running:
            server.stop()
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.rmtree(inbox, ignore_errors=True)


if __name__ == "__main__":
    main()
