"""What priord and its peers lose of what they acknowledged, side by side; see README.md.

    sudo .venv-tests/bin/python Benchmarks/durability/run.py --binaries .build/release [--rounds 10]
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys

TRIAL = pathlib.Path(__file__).parents[2] / "Tests/EndToEndTests/Clients/durability/rounds.py"
SERVERS = {"priord": None, "storescp": "storescp", "dcmqrscp": "dcmqrscp", "orthanc": "Orthanc"}
FAULTS = {"SIGKILL": [], "power cut, ext4": ["--disk", "ext4"], "power cut, XFS": ["--disk", "xfs"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", required=True, help="where priord and priorctl are")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1, help="the same moments for every server")
    options = parser.parse_args()

    print("| server | fault | rounds | acknowledged | lost | changed | seconds |\n|---|---|--:|--:|--:|--:|--:|")
    for fault, arguments in FAULTS.items():
        for server, program in SERVERS.items():
            if program and not shutil.which(program):
                continue
            answer = subprocess.run(
                [sys.executable, TRIAL, "--server", server, "--binaries", options.binaries, "--rounds",
                 str(options.rounds), "--seed", str(options.seed), *arguments],
                stdout=subprocess.PIPE, text=True)
            if answer.returncode != 0:
                print(f"| {server} | {fault} | did not finish | | | | |", flush=True)
                continue
            result = json.loads(answer.stdout)
            numbers = [result[name] for name in ("rounds", "acknowledged", "lost", "changed", "seconds")]
            print("|", " | ".join([server, fault, *map(str, numbers)]), "|", flush=True)


if __name__ == "__main__":
    main()
