"""What figures depend on, and how they are printed."""

import os
import platform
import subprocess
from pathlib import Path


def machine():
    """Processor, memory, kernel, load, versions of the peers."""
    cpu = next((line.partition(":")[2].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    memory = int(open("/proc/meminfo").readline().split()[1]) // 1024
    return {
        "processor": f"{cpu}, {os.cpu_count()} cores", "memory": f"{memory} MB", "kernel": platform.release(),
        "load average at start": load(),
        "DCMTK": version(["dcmsend", "--version"]), "Orthanc": version(["/usr/sbin/Orthanc", "--version"]),
    }


def load():
    return " ".join(f"{value:.2f}" for value in os.getloadavg())


def file_system(directory):
    """Type and options of the file system that holds `directory`."""
    best = ("", "?")
    for line in Path("/proc/mounts").read_text().splitlines():
        _, point, kind, options, *_ = line.split()
        if Path(directory).resolve().is_relative_to(point) and len(point) >= len(best[0]):
            best = (point, f"{kind} ({options})")
    return best[1]


def version(command):
    try:
        lines = subprocess.run(command, capture_output=True, text=True, timeout=10).stdout.splitlines()
    except OSError:
        return "not installed"
    return lines[0].strip(" $") if lines else "?"


def at_share(values, share):
    """The value that this share of `values` does not exceed: 0.5 for the median, 0.99 for p99."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def table(head, rows):
    """A Markdown table; the first column is text, the others are figures."""
    lines = [" | ".join(head), "---" + "|---:" * (len(head) - 1)] + [" | ".join(map(str, row)) for row in rows]
    return "\n".join(f"| {line} |" if number != 1 else f"|{line}|" for number, line in enumerate(lines))
