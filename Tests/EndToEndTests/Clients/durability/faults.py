"""Makes priord's disk fail while it lives; each fault prints one JSON object. Needs root and loop devices.

    faults.py reserve  --binaries DIR     the disk reserve is reached, then there is space again
    faults.py full     --binaries DIR     no space is left in the middle of a large instance
    faults.py storm    --binaries DIR     no space is left at random moments, under four senders
    faults.py io-error --binaries DIR     the disk answers EIO to everything
"""

import argparse
import pathlib
import random
import shutil
import subprocess
import sys
import time

import acknowledged
import disk
import servers
import trial

MEGABYTE = 1 << 20


def send(server, work, phase, limit, first, fixed_size=None):
    """Sends some instances and returns the answers to them alone."""
    directory = work / f"answers-{phase}"
    directory.mkdir()
    program = pathlib.Path(__file__).with_name("sender.py")
    arguments = ["--port", server.port, "--limit", limit, "--first", first, "--record", directory / phase]
    if fixed_size:
        arguments += ["--fixed-size", fixed_size]
    subprocess.run(
        [sys.executable, program, *map(str, arguments)], check=True, timeout=120, stderr=subprocess.DEVNULL)
    for record in directory.iterdir():
        shutil.copy(record, work)
    return acknowledged.Answers.read(directory)


def summary(answers):
    return {"acknowledged": len(answers.acknowledged), "refused": sorted({status for _, status in answers.refused})}


def kept_files(server):
    return len(list((server.data / "objects").rglob("*.dcm"))), len(list((server.data / "incoming").iterdir()))


def reserve(server, volume, work, _):
    before = send(server, work, "before", 5, 0)
    objects, _ = kept_files(server)
    volume.fill(leaving=16 * MEGABYTE)
    below = send(server, work, "below", 5, 100)
    objects_below, unfinished = kept_files(server)
    volume.release()
    after = send(server, work, "after", 5, 100)
    return {
        "before": summary(before), "below": summary(below), "after": summary(after),
        "keptOfRefused": objects_below - objects + unfinished}


def full(server, volume, work, _):
    volume.fill(leaving=8 * MEGABYTE)
    large = send(server, work, "large", 1, 0, fixed_size=16 * MEGABYTE)
    objects, unfinished = kept_files(server)
    small = send(server, work, "small", 1, 100, fixed_size=4096)
    volume.release()
    after = send(server, work, "after", 1, 0, fixed_size=16 * MEGABYTE)
    return {
        "before": summary(small), "below": summary(large), "after": summary(after),
        "keptOfRefused": objects + unfinished}


def storm(server, volume, work, options):
    chance = random.Random(options.seed)
    answering = trial.Answering(work, "acked")
    with trial.senders(server, work, options.seed):
        for _ in range(options.rounds):
            answering.wait(server.process)
            time.sleep(chance.uniform(0, 0.3))
            volume.fill(leaving=chance.choice([0, 0, 100_000, 2 * MEGABYTE]))
            time.sleep(chance.uniform(0, 0.3))
            volume.release()
            answering.forget()
        answering.wait(server.process)
    return {"seed": options.seed}


def io_error(server, volume, work, options):
    acked, refused = trial.Answering(work, "acked"), trial.Answering(work, "refused")
    with trial.senders(server, work, options.seed):
        acked.wait(server.process)
        volume.cut_power()
        for _ in range(5):
            refused.wait(server.process)
        server.kill()
        volume.unmount()
        volume.mount()
        server.start()
        acked.forget()
        acked.wait(server.process)
    return {}


def run(options, work):
    with disk.LoopDisk("ext4", 512 * MEGABYTE, work) as volume:
        reserved = "32MB" if options.fault == "reserve" else "1MB"
        with servers.Priord(volume.mount_point / "data", work, options.binaries, reserve=reserved) as server:
            server.start()
            faults = {"reserve": reserve, "full": full, "storm": storm, "io-error": io_error}
            return faults[options.fault](server, volume, work, options) | trial.outcome(server, work)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fault", choices=["reserve", "full", "storm", "io-error"])
    parser.add_argument("--binaries", required=True, help="where priord and priorctl are")
    parser.add_argument("--rounds", type=int, default=10, help="moments without space in the storm")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--within", type=int, default=120, help="seconds after which it gives up")
    trial.report(run, parser.parse_args())


if __name__ == "__main__":
    main()
