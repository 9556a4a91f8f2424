"""Servers under trial: priord, and the peers it is compared with. Each has a way to start it and to look into it."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

import acknowledged


def free_port():
    """A port outside the range from which outgoing connections take theirs: it stays free between two starts."""
    for port in range(20_000 + os.getpid() % 9_000, 32_000):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port")


class Server:
    """A process with its data below `data`; its output goes to a file in `work`."""

    called = "PRIORD"

    def __init__(self, data, work):
        self.data, self.work = pathlib.Path(data), pathlib.Path(work)
        self.port = free_port()
        self.log = self.work / "server.log"
        self.process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def command(self):
        raise NotImplementedError

    def is_ready(self, offset):
        """Whether it serves, judged by a connection; priord says so itself."""
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def start(self, within=30):
        self.data.mkdir(parents=True, exist_ok=True)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PRIORD_")}
        offset = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.work,
                env=environment | self.environment(), start_new_session=True)
        deadline = time.monotonic() + within
        while not self.is_ready(offset):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{type(self).__name__} did not start:\n{self.log.read_text()[offset:]}")
            time.sleep(0.01)

    def environment(self):
        return {}

    def kill(self):
        """SIGKILL to it and to the children it has, which are of its own session."""
        if self.process is None:
            return
        session, self.process = self.process, None
        deadline = time.monotonic() + 10
        try:
            while time.monotonic() < deadline:
                os.killpg(session.pid, signal.SIGKILL)
                session.poll()
                time.sleep(0.005)  # children of its own are only gone when init has seen them
        except ProcessLookupError:
            pass
        session.wait()

    def stop(self, within=60):
        """SIGTERM; returns its exit status."""
        self.process.terminate()
        status = self.process.wait(timeout=within)
        self.kill()
        return status

    def kept(self):
        """(SOP Instance UID, SHA-256 of the Data Set) of all that the running server has."""
        return acknowledged.part10_files(self.data)


class Priord(Server):
    def __init__(self, data, work, binaries, reserve="1MB"):
        super().__init__(data, work)
        self.binaries, self.reserve = pathlib.Path(binaries), reserve

    def command(self):
        return [
            self.binaries / "priord", "serve", "--data-dir", self.data, "--dicom-port", str(self.port), "--http-port",
            "0", "--accept-any-peer", "--quiet-period", "1s"]

    def environment(self):
        return {"PRIORD_DISK_RESERVE": self.reserve}

    def is_ready(self, offset):
        return b"priord serves" in self.log.read_bytes()[offset:]

    def ctl(self, *arguments):
        return subprocess.run(
            [self.binaries / "priorctl", *arguments, "--data-dir", self.data], capture_output=True, text=True)

    def kept(self):
        """As an operator gets them: exported by the running daemon."""
        export = self.work / "export"
        shutil.rmtree(export, ignore_errors=True)
        answer = self.ctl("export", "--all", export)
        if answer.returncode != 0:
            raise RuntimeError(f"export failed: {answer.stdout}{answer.stderr}")
        return acknowledged.part10_files(export)


class StoreSCP(Server):
    """DCMTK's storescp; `--fork`, since it otherwise serves one Association at a time."""

    def command(self):
        return ["storescp", "--fork", "-od", self.data, str(self.port)]


class QueryRetrieveSCP(Server):
    """DCMTK's dcmqrscp."""

    def command(self):
        database = self.data / "db"
        database.mkdir(exist_ok=True)
        configuration = self.work / "dcmqrscp.cfg"
        configuration.write_text(
            f"NetworkTCPPort = {self.port}\nMaxPDUSize = 16384\nMaxAssociations = 16\n"
            "HostTable BEGIN\nHostTable END\nVendorTable BEGIN\nVendorTable END\n"
            f"AETable BEGIN\nPRIORD {database} RW (10000, 4096mb) ANY\nAETable END\n")
        return ["dcmqrscp", "-c", configuration]


class Orthanc(Server):
    def __init__(self, data, work):
        super().__init__(data, work)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.http_port = probe.getsockname()[1]

    def command(self):
        configuration = self.work / "orthanc.json"
        configuration.write_text(json.dumps({
            "Name": "Trial", "StorageDirectory": str(self.data), "IndexDirectory": str(self.data),
            "DicomAet": "PRIORD", "DicomPort": self.port, "HttpPort": self.http_port, "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False, "DicomAlwaysAllowStore": True, "DicomCheckCalledAet": False,
            "Plugins": []}))
        return ["Orthanc", configuration]

    def is_ready(self, offset):
        try:
            self.get("/system")
            return super().is_ready(offset)
        except OSError:
            return False

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}{path}", timeout=30) as answer:
            return answer.read()

    def kept(self):
        for instance in json.loads(self.get("/instances")):
            try:
                content = acknowledged.part10(self.get(f"/instances/{instance}/file"))
            except OSError:  # indexed, but its file is gone
                continue
            if content:
                yield content


def make(name, data, work, binaries):
    return {
        "priord": lambda: Priord(data, work, binaries),
        "storescp": lambda: StoreSCP(data, work),
        "dcmqrscp": lambda: QueryRetrieveSCP(data, work),
        "orthanc": lambda: Orthanc(data, work),
    }[name]()
