"""Ends a server again and again, under four senders, at random moments; then counts what it acknowledged and lost.

    rounds.py --server priord --binaries DIR --rounds 50                     SIGKILL
    rounds.py --server priord --binaries DIR --rounds 10 --disk ext4         power cut (root, loop devices, xfsprogs)

Prints one JSON object; the seed in it repeats the moments and the instances.
"""

import argparse
import contextlib
import random
import time

import disk
import servers
import trial


def run(options, work):
    chance = random.Random(options.seed)
    answering = trial.Answering(work, "acked")
    with contextlib.ExitStack() as stack:
        volume = None
        data = work / "data"
        if options.disk:
            volume = stack.enter_context(disk.LoopDisk(options.disk, 2 << 30, work))
            data = volume.mount_point / "data"
        server = stack.enter_context(servers.make(options.server, data, work, options.binaries))
        server.start()
        with trial.senders(server, work, options.seed):
            for _ in range(options.rounds):
                answering.wait(server.process)
                time.sleep(chance.uniform(0, options.longest))
                if volume:
                    cut(server, volume, chance)
                else:
                    server.kill()
                server.start()
                answering.forget()
            answering.wait(server.process)
        result = {
            "server": options.server, "fault": f"power cut on {options.disk}" if options.disk else "SIGKILL",
            "seed": options.seed, "rounds": options.rounds}
        return result | trial.outcome(server, work)


def cut(server, volume, chance):
    """Takes the power away and gives it back, with the server gone in between."""
    if chance.random() < 0.3:
        # What a kill left in the page cache alone must not be vouched for by the next start.
        server.kill()
        server.start()
        time.sleep(chance.uniform(0, 0.3))
    volume.cut_power()
    if chance.random() < 0.5:
        # It lives on a while with a dead disk and answers what it then must.
        time.sleep(chance.uniform(0, 0.3))
    server.kill()
    volume.unmount()
    volume.mount()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", choices=["priord", "storescp", "dcmqrscp", "orthanc"], default="priord")
    parser.add_argument("--binaries", help="where priord and priorctl are")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--longest", type=float, default=1.0, help="seconds of traffic in a round, at most")
    parser.add_argument("--disk", choices=["ext4", "xfs"], help="cut the power of such a disk instead of SIGKILL")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--within", type=int, default=600, help="seconds after which it gives up")
    trial.report(run, parser.parse_args())


if __name__ == "__main__":
    main()
