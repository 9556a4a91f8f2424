"""Asks the daemon to stop while an instance is half way, and reports what everybody gets.

    protocol_drain.py PORT PID
"""

import os
import signal
import sys
import time

import protocol_wire as wire
from protocol_wire import COMMAND, LAST, Peer, emit, p_data, pdv

PORT, PID = int(sys.argv[1]), int(sys.argv[2])
CONTENT = wire.data_set("2.25.730", pixels=100_000)

idle, busy, silent = Peer(PORT), Peer(PORT), Peer(PORT)
idle.associate()
busy.associate()
busy.send(p_data(pdv(3, COMMAND | LAST, wire.store_command("2.25.730"))))
busy.send(b"".join(p_data(pdv(3, 0, CONTENT[start : start + 10_000])) for start in range(0, 50_000, 10_000)))
# An echo on a third Association is answered only after what was sent before it has been taken in.
probe = Peer(PORT)
probe.associate()
probe.send(p_data(pdv(1, COMMAND | LAST, wire.echo_command())))
emit("before", got=probe.outcome())
os.kill(PID, signal.SIGTERM)
emit("idle", got=idle.outcome())
emit("silent", got=silent.outcome())


def newcomer():
    try:
        peer = Peer(PORT)
    except OSError:
        return "refused"
    peer.send(wire.associate_rq())
    return peer.outcome(within=0.5)


deadline = time.monotonic() + 5
while (said := newcomer()) == "silence" and time.monotonic() < deadline:
    pass
emit("newcomer", got=said)
busy.send(b"".join(p_data(pdv(3, 0, CONTENT[start : start + 10_000])) for start in range(50_000, len(CONTENT), 10_000)))
busy.send(p_data(pdv(3, LAST, b"")))
emit("busy", got=busy.outcome())
emit("busy afterwards", got=busy.outcome())
