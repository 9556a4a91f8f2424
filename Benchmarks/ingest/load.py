"""The load: `dcmsend` processes side by side, one Association each, and what one measurement of them yields."""

import os
import resource
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from servers import ServerFailure, clean_environment

#: Seconds after which a sender counts as hung.
LIMIT = 120


@dataclass(frozen=True)
class Load:
    """What is sent: which objects, over how many Associations, by which client."""

    profile: str
    associations: int
    client_nodelay: bool = False

    def __str__(self):
        client = ", client NODELAY" if self.client_nodelay else ""
        return f"{self.profile} x{self.associations}{client}"


@dataclass
class Measurement:
    """One timed sending. `seconds` is from before the first sender starts until after the last has ended."""

    server: str
    load: str
    repetition: int
    instances: int
    bytes: int
    seconds: float
    server_cpu_seconds: float
    #: Share of the machine's processor time that neither server nor senders used: kernel threads and other work.
    other_cpu_share: float
    memory_bytes: int

    @property
    def instances_per_second(self):
        return self.instances / self.seconds

    @property
    def megabytes_per_second(self):
        return self.bytes / self.seconds / 1e6

    def as_json(self):
        return asdict(self) | {
            "instances_per_second": round(self.instances_per_second, 1),
            "megabytes_per_second": round(self.megabytes_per_second, 1),
        }


def busy_seconds():
    """Processor seconds the machine has been busy since its start, over all processors."""
    fields = [int(f) for f in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def children_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def wait_until_quiet(limit=1.0):
    """Waits until other programs leave most of the machine idle for a moment, at most `limit` seconds."""
    deadline = time.perf_counter() + limit
    while time.perf_counter() < deadline:
        busy, began = busy_seconds(), time.perf_counter()
        time.sleep(0.1)
        if (busy_seconds() - busy) / (time.perf_counter() - began) / os.cpu_count() < 0.2:
            return


def send(server, groups, client_nodelay, log_directory):
    """Sends every group over an Association of its own, all at once. Returns the seconds it took.

    Raises ServerFailure when a sender does not report success for everything it sent.
    """
    environment = clean_environment(**({"TCP_NODELAY": "1"} if client_nodelay else {}))
    command = ["dcmsend", "-q", "-aec", server.called, "-to", "30", "-td", "60", "127.0.0.1", str(server.port)]
    began = time.perf_counter()
    senders = []
    for number, group in enumerate(groups):
        with open(Path(log_directory) / f"sender-{number}", "wb") as log:
            files = [str(file.path) for file in group]
            senders.append(subprocess.Popen(command + files, env=environment, stdout=log, stderr=log))
    try:
        for sender in senders:
            if sender.wait(LIMIT) != 0:
                raise ServerFailure(f"{server.name}: a sender ended with {sender.returncode}")
    except subprocess.TimeoutExpired:
        raise ServerFailure(f"{server.name}: a sender hung") from None
    finally:
        for sender in senders:
            if sender.poll() is None:
                sender.kill()
                sender.wait()
    return time.perf_counter() - began


def measure(server, load, pool, count, uids, repetition, log_directory, is_warming_up=False):
    """Sends `count` objects with new UIDs and returns the measurement and the UIDs sent."""
    sizes = [count // load.associations + (n < count % load.associations) for n in range(load.associations)]
    groups, instances = pool.studies(sizes, uids)
    os.sync()  # nobody pays for what others left in the page cache
    if not is_warming_up:
        wait_until_quiet()
    busy, children, cpu = busy_seconds(), children_seconds(), server.cpu_seconds()
    seconds = send(server, groups, load.client_nodelay, log_directory)
    server_cpu = server.cpu_seconds() - cpu
    ours = server_cpu + children_seconds() - children
    other = max(0.0, busy_seconds() - busy - ours) / (seconds * os.cpu_count())
    measurement = Measurement(
        server.name, str(load), repetition, count, sum(f.size for g in groups for f in g), seconds, server_cpu, other,
        server.memory())
    return measurement, instances
