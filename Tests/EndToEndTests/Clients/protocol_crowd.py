"""Crowds of idle and slow connections, held while others want to be served.

    protocol_crowd.py lobby PORT       600 connections that never finish a request, more than are waited for
    protocol_crowd.py seats PORT COUNT as many idle Associations as are allowed, then one more until it is let in
"""

import sys
import threading
import time

import protocol_wire as wire
from protocol_wire import COMMAND, LAST, Peer, emit, p_data, pdv

PORT = int(sys.argv[2])


def served(instance):
    """Seconds until a newcomer has an echo and a stored instance, and what it was told."""
    peer = Peer(PORT)
    said = [peer.associate()]
    if said == ["accepted"]:
        peer.send(p_data(pdv(1, COMMAND | LAST, wire.echo_command())))
        said.append(peer.outcome())
        peer.send(p_data(pdv(3, COMMAND | LAST, wire.store_command(instance))))
        peer.send(p_data(pdv(3, LAST, wire.data_set(instance))))
        said.append(peer.outcome())
        peer.send(wire.RELEASE_RQ)
        said.append(peer.outcome())
    peer.close()
    return peer.elapsed(), ", ".join(said)


def lobby():
    """Silent, dribbling and half-finished in turn."""
    request = wire.associate_rq()
    crowd = [Peer(PORT) for _ in range(600)]
    for number, peer in enumerate(crowd):
        peer.send(request[: (0, 5, 60)[number % 3]])
    stop = threading.Event()

    def dribble():
        at = 60
        while not stop.wait(0.2):
            at += 1
            for peer in crowd[2::3]:
                peer.send(request[at : at + 1])

    thread = threading.Thread(target=dribble)
    thread.start()
    for number in range(5):
        seconds, said = served(f"2.25.71{number}")
        emit(f"newcomer {number}", seconds=seconds, got=said)
    stop.set()
    thread.join()
    for peer in crowd:
        peer.close()


def seats():
    count = int(sys.argv[3])
    seated = [Peer(PORT) for _ in range(count)]
    emit("seated", got=", ".join(sorted({peer.associate() for peer in seated})))
    began = time.monotonic()
    _, said = served("2.25.720")
    emit("one too many", got=said)
    while said.startswith("rejected") and time.monotonic() - began < 20:
        time.sleep(0.25)
        _, said = served("2.25.720")
    emit("after a while", got=said, seconds=round(time.monotonic() - began, 1))
    outcomes = [peer.outcome(within=0.2) for peer in seated]
    emit("gave way", count=len([outcome for outcome in outcomes if outcome != "silence"]))
    for peer in seated:
        peer.close()


if __name__ == "__main__":
    {"lobby": lobby, "seats": seats}[sys.argv[1]]()
