"""Medians, ranges and ratios of the measurements, and the targets they are held to."""

from statistics import median

#: (what, server compared with, load, ratio wanted now, ratio wanted later). DESIGN.md "Numbers to reach".
TARGETS = [
    ("storescp", "CT x1", 10, 20),
    ("Orthanc", "CT x8", 3, 5),
    ("Orthanc", "CT x1", None, 10),
    ("Orthanc NODELAY", "CT x1", None, 3),
    ("Orthanc NODELAY", "CT x8", None, 3),
    ("storescp best", "CT x1", None, 0.7),
    ("storescp best", "CT x4", None, 0.9),
    ("storescp best", "CT x8", None, 0.9),
]


class Results:
    def __init__(self, measurements):
        self.of = {}
        for measurement in measurements:
            self.of.setdefault((measurement.load, measurement.server), []).append(measurement)

    def rate(self, load, server):
        """Median instances per second, or None when not measured."""
        runs = self.of.get((load, server))
        return median(run.instances_per_second for run in runs) if runs else None

    def ratio(self, load, server, against):
        ours, theirs = self.rate(load, server), self.rate(load, against)
        return ours / theirs if ours and theirs else None

    def table(self):
        lines = [
            "| load | server | instances/s (min–max) | MB/s | CPU ms/instance | other CPU | priord is |",
            "|---|---|---:|---:|---:|---:|---:|",
        ]
        for (load, server), runs in self.of.items():
            rates = [run.instances_per_second for run in runs]
            cpu = median(run.server_cpu_seconds / run.instances * 1000 for run in runs)
            ratio = self.ratio(load, "priord", server)
            lines.append(
                f"| {load} | {server} | {median(rates):.4g} ({min(rates):.4g}–{max(rates):.4g})"
                f" | {median(run.megabytes_per_second for run in runs):.4g} | {cpu:.3g}"
                f" | {median(run.other_cpu_share for run in runs):.0%}"
                f" | {f'{ratio:.2f} x' if ratio and server != 'priord' else ''} |")
        return "\n".join(lines)

    def targets(self):
        def verdict(ratio, wanted):
            return "" if wanted is None else f"{wanted} x: {'reached' if ratio >= wanted else 'NOT reached'}"

        lines = ["| priord against | load | measured | wanted now | wanted later |", "|---|---|---:|---|---|"]
        for against, load, now, later in TARGETS:
            ratio = self.ratio(load, "priord", against)
            if ratio is not None:
                lines.append(
                    f"| {against} | {load} | {ratio:.2f} x | {verdict(ratio, now)} | {verdict(ratio, later)} |")
        return "\n".join(lines)


def starts_table(starts):
    """`starts`: one dict a server session, with server, seconds, idle and after (bytes),
    sent and missing (instances)."""
    lines = [
        "| server | promises durable | acknowledged, not held | starts in | idle memory | memory after its loads |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for server in dict.fromkeys(start["server"] for start in starts):
        own = [start for start in starts if start["server"] == server]
        lines.append(
            f"| {server} | {own[0]['durable']} | {sum(s['missing'] for s in own)} of {sum(s['sent'] for s in own)}"
            f" | {median(s['seconds'] for s in own) * 1000:.0f} ms"
            f" | {median(s['idle'] for s in own) / 1e6:.1f} MB | {median(s['after'] for s in own) / 1e6:.1f} MB |")
    return "\n".join(lines)


def large_table(rows):
    lines = ["| server | peak memory | seconds |", "|---|---:|---:|"]
    for row in rows:
        lines.append(f"| {row['server']} | {row['peak'] / 1e6:.0f} MB | {row['seconds']:.1f} |")
    return "\n".join(lines)
