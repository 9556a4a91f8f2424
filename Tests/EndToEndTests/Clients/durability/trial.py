"""One trial of a server: senders beside it, and the count of what they were told and what is true."""

import contextlib
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

import acknowledged
import servers


@contextlib.contextmanager
def senders(server, work, seed, count=4):
    """Long-lived senders; asked to stop at the end and waited for."""
    program = pathlib.Path(__file__).with_name("sender.py")
    processes = [
        subprocess.Popen(
            [sys.executable, program, "--port", str(server.port), "--called", server.called, "--sender", str(number),
             "--seed", str(seed), "--record", work / str(number)],
            stderr=subprocess.DEVNULL)
        for number in range(count)]
    try:
        yield processes
        if any(process.poll() is not None for process in processes):
            raise RuntimeError("a sender has ended by itself")
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Answering:
    """Tells when senders have got answers of a kind, "acked" or "refused", since the last time."""

    def __init__(self, work, kind):
        self.work, self.kind = work, kind
        self.sizes = self.look()

    def wait(self, process, within=30):
        deadline = time.monotonic() + within
        while (sizes := self.look()) == self.sizes:
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError(f"no instance is {self.kind}; the server's exit status is {process.poll()}")
            time.sleep(0.005)
        self.sizes = sizes

    def forget(self):
        """What has come until now does not count."""
        self.sizes = self.look()

    def look(self):
        return {record.name: size for record in self.work.glob(f"*.{self.kind}") if (size := record.stat().st_size)}


def outcome(server, work):
    """Counts what the server acknowledged, lost and changed; priord is stopped and started first and verifies itself."""
    if isinstance(server, servers.Priord):
        status = server.stop()
        leftovers = len(list((server.data / "incoming").glob("*")))
        quarantined = len(list((server.data / "quarantine").glob("*")))
        server.start()
    answers = acknowledged.Answers.read(work)
    lost, changed = answers.compare(server.kept())
    result = {
        "acknowledged": len(answers.acknowledged),
        "bytes": sum(count for _, count in answers.acknowledged.values()), "lost": len(lost), "changed": len(changed),
        "refused": sorted({status for _, status in answers.refused}), "refusedCount": len(answers.refused),
        "examples": (lost + changed)[:5],
    }
    if isinstance(server, servers.Priord):
        verification = server.ctl("verify", "--full", "--json")
        result |= {
            "exitStatus": status, "unfinishedAfterStop": leftovers, "quarantined": quarantined,
            "verifyStatus": verification.returncode, "recovered": recovered(server.log.read_text()),
        }
    return result


def recovered(log):
    """Sums of what recovery reported: evidence that the moments were bad ones."""
    found = {}
    for line in log.splitlines():
        if " recovered " in line:
            facts = dict(re.findall(r"(removed-unfinished|indexed|removed-duplicates|quarantined)=(\d+)", line))
            for name, count in facts.items():
                found[name] = found.get(name, 0) + int(count)
    return found


def report(run, options):
    """Runs `run(options, work)` in a directory of its own and prints what it returns as one JSON object."""
    # A test's thread may have all signals blocked, which this process inherits and its children would, too.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    # Both ways of ending early leave through the context managers, which unmount and kill what is theirs.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    signal.signal(signal.SIGALRM, lambda *_: sys.exit(f"not done within {options.within} s: {options}"))
    signal.alarm(options.within)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="durability-") as work:
        result = run(options, pathlib.Path(work))
    print(json.dumps(result | {"seconds": round(time.monotonic() - started, 1)}))
