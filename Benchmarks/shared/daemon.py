"""priord on a data directory that a benchmark has made or will fill, on free ports."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path


class Daemon:
    """Runs from its making until `stop`; ends the program when it does not start."""

    def __init__(self, binaries, data, *options):
        self.log = open(Path(data).parent / "priord.log", "w+")
        self.process = subprocess.Popen(
            [Path(binaries) / "priord", "serve", "--data-dir", data, "--dicom-port", "0", "--http-port", "0",
             "--accept-any-peer", *options], stderr=self.log, stdout=subprocess.DEVNULL)
        while "priord serves" not in (text := Path(self.log.name).read_text()):
            if self.process.poll() is not None:
                sys.exit("priord did not start, see " + self.log.name)
            time.sleep(0.1)
        self.port = int(re.search(r"dicom-port=(\d+)", text)[1])
        self.http_port = int(re.search(r"http-port=(\d+)", text)[1])

    def memory(self, name):
        """Megabytes: `VmRSS` now, `VmHWM` at most."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) / 1024
        return 0

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
