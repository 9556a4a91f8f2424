"""The servers that are compared: how each is started, asked whether it serves, counted and ended.

Each gets a port and a data directory of its own; nothing else is set that its packager does not set, except what the
name of the entry says.
"""

import json
import os
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import time
import urllib.request
from pathlib import Path

BENCH_AE = "BENCH"


class ServerFailure(Exception):
    """A server did not start, did not stop or lost something."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def clean_environment(**extra):
    """The caller's environment without settings that would change DCMTK's or priord's behaviour."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TCP_", "DCM", "PRIORD_"))}
    return kept | extra


def association_is_accepted(port, called):
    """Opens an Association for Verification and aborts it; True when it was accepted (PS3.8 9.3)."""

    def item(kind, value):
        return struct.pack(">BBH", kind, 0, len(value)) + value

    context = item(0x20, b"\1\0\0\0" + item(0x30, b"1.2.840.10008.1.1") + item(0x40, b"1.2.840.10008.1.2"))
    user = item(0x50, item(0x51, struct.pack(">I", 16384)) + item(0x52, b"2.25.71094812734561209"))
    body = struct.pack(">HH16s16s32x", 1, 0, called.ljust(16).encode(), b"BENCH".ljust(16))
    body += item(0x10, b"1.2.840.10008.3.1.1.1") + context + user
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(struct.pack(">BBI", 1, 0, len(body)) + body)
            answer = connection.recv(1)
            connection.sendall(struct.pack(">BBI4x", 7, 0, 4))  # A-ABORT
            return answer == b"\2"
    except OSError:
        return False


class Server:
    """One server process. `start` and `stop` in turn, once."""

    name = ""
    called = BENCH_AE
    durable = "no"
    environment = {}
    #: Seconds a server may take to start, and to stop after SIGTERM.
    patience = 30

    def __init__(self, directory):
        self.directory = Path(directory)
        self.data = self.directory / "data"
        self.port = free_port()
        self.process = None

    def command(self):
        raise NotImplementedError

    def start(self):
        """Returns the seconds until it accepts an Association."""
        self.data.mkdir(parents=True)
        command = self.command()
        with open(self.directory / "log", "wb") as log:
            began = time.perf_counter()
            self.process = subprocess.Popen(
                command, cwd=self.directory, env=clean_environment(**self.environment), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log)
        while not association_is_accepted(self.port, self.called):
            if self.process.poll() is not None or time.perf_counter() - began > self.patience:
                raise ServerFailure(f"{self.name} did not start:\n{self.log()[-2000:]}")
            time.sleep(0.002)
        return time.perf_counter() - began

    def stop(self):
        """Ends the process and waits for it."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(self.patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def remove(self):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def log(self):
        return (self.directory / "log").read_text(errors="replace")

    def missing(self, instances):
        """How many of the SOP Instance UIDs sent it does not hold. Called while it runs, then again after `stop`."""
        raise NotImplementedError

    def processes(self):
        """The process and its children, by id."""
        found, rest = [], [self.process.pid]
        while rest:
            pid = rest.pop()
            found.append(pid)
            try:
                rest += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
            except OSError:
                pass
        return found

    def memory(self, field="VmRSS"):
        """Resident bytes now (`VmRSS`) or at most (`VmHWM`), over the process and its children."""
        total = 0
        for pid in self.processes():
            try:
                for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                    if line.startswith(field + ":"):
                        total += int(line.split()[1]) * 1024
            except OSError:
                pass
        return total

    def cpu_seconds(self):
        """User and system time of the process, of its children and of those that have ended."""
        ticks = 0
        for pid in self.processes():
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += sum(map(int, fields[11:15]))
            except OSError:
                pass
        return ticks / os.sysconf("SC_CLK_TCK")


class Priord(Server):
    name = "priord"
    called = "PRIORD"
    durable = "bytes and index"
    program = "priord"

    def command(self):
        return [
            self.program, "serve", "--data-dir", str(self.data), "--dicom-port", str(self.port), "--http-port", "0",
            "--accept-any-peer",
        ]

    def missing(self, instances):
        if self.process.poll() is None:
            return 0  # nobody but the daemon opens its index; asked after `stop`
        held = set()
        for index in self.data.rglob("*.sqlite"):
            with sqlite3.connect(f"file:{index}?mode=ro", uri=True) as database:
                held |= {uid for (uid,) in database.execute("SELECT uid FROM instance")}
        files = sum(1 for _ in (self.data / "objects").rglob("*.dcm"))
        return max(len(set(instances) - held), len(instances) - files)


class StoreSCP(Server):
    name = "storescp"

    def command(self):
        return ["storescp", "-od", str(self.data), str(self.port)]

    def missing(self, instances):
        held = {file.name.partition(".")[2] for file in self.data.iterdir()}
        return len(set(instances) - held)


class BestStoreSCP(StoreSCP):
    """The fastest setting of DCMTK found: bytes as they come, a process an Association, the longest PDU."""

    name = "storescp best"
    environment = {"TCP_NODELAY": "1"}

    def command(self):
        return ["storescp", "+B", "--fork", "-pdu", "131072", "-od", str(self.data), str(self.port)]


class DcmQRSCP(Server):
    name = "dcmqrscp"

    def command(self):
        # Debian's dcmqrscp.cfg with one storage area, of the largest quota dcmqrscp takes.
        configuration = self.directory / "dcmqrscp.cfg"
        configuration.write_text(
            f"NetworkTCPPort = {self.port}\nMaxPDUSize = 16384\nMaxAssociations = 16\n"
            "HostTable BEGIN\nHostTable END\nVendorTable BEGIN\nVendorTable END\n"
            f"AETable BEGIN\n{BENCH_AE} {self.data} RW (500, 1024mb) ANY\nAETable END\n")
        return ["dcmqrscp", "-c", str(configuration)]

    def missing(self, instances):
        return len(instances) - sum(1 for file in self.data.iterdir() if file.suffix == ".dcm")


class Orthanc(Server):
    name = "Orthanc"
    durable = "bytes only"

    def command(self):
        self.http_port = free_port()
        configuration = self.directory / "orthanc.json"
        configuration.write_text(
            json.dumps({
                "Name": "bench", "StorageDirectory": str(self.data), "IndexDirectory": str(self.data),
                "DicomAet": BENCH_AE, "DicomPort": self.port, "HttpPort": self.http_port, "DicomAlwaysAllowFind": True,
            }))
        return [shutil.which("Orthanc") or "/usr/sbin/Orthanc", str(configuration)]

    def missing(self, instances):
        if self.process.poll() is not None:
            return 0
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}/statistics", timeout=30) as answer:
            return len(instances) - json.load(answer)["CountInstances"]


class OrthancNoDelay(Orthanc):
    # Its setting TcpNoDelay is for HTTP (and on by default); the DICOM port obeys DCMTK's variable.
    name = "Orthanc NODELAY"
    environment = {"TCP_NODELAY": "1"}


ALL = [Priord, StoreSCP, BestStoreSCP, DcmQRSCP, Orthanc, OrthancNoDelay]


def is_installed(kind):
    """Whether the program of a server can be found; priord's own path is checked by the caller."""
    if issubclass(kind, Orthanc):
        return shutil.which("Orthanc") is not None or os.path.exists("/usr/sbin/Orthanc")
    if issubclass(kind, StoreSCP):
        return shutil.which("storescp") is not None
    return shutil.which("dcmqrscp") is not None if kind is DcmQRSCP else True
