"""Clients that take their time, all at once; reports what each one got and after how many seconds.

    protocol_deadlines.py PORT
"""

import sys
import threading
import time

import protocol_wire as wire
from protocol_wire import COMMAND, Peer, emit, p_data, pdv

PORT = int(sys.argv[1])
STORE = p_data(pdv(3, COMMAND | wire.LAST, wire.store_command("2.25.701")))


def report(name, peer, got=None):
    got = got or peer.outcome(within=20)
    emit(name, got=got, seconds=peer.elapsed())
    peer.close()


def established():
    peer = Peer(PORT)
    peer.associate()
    peer.since = time.monotonic()
    return peer


def silent_connection():
    report("silent connection", Peer(PORT))


def half_a_request():
    peer = Peer(PORT)
    peer.send(wire.associate_rq()[:90])
    report("half a request", peer)


def dribbled_request():
    peer = Peer(PORT)
    peer.dribble(wire.associate_rq(), pause=0.05)
    report("dribbled request", peer)


def dribbled_long_request():
    """Longer than what is waited for in the socket's buffer, so that its own thread reads the rest."""
    syntaxes = [f"1.2.840.10008.1.2.4.{n}" for n in range(50, 100)]
    whole = wire.associate_rq(contexts=[(2 * n + 1, wire.VERIFICATION, syntaxes) for n in range(60)])
    peer = Peer(PORT)
    peer.send(whole[:33_000])
    peer.dribble(whole[33_000:], pause=0.05)
    report("dribbled long request", peer)


def idle_association():
    report("idle association", established())


def dribbled_pdu():
    peer = established()
    peer.dribble(STORE, pause=0.05)
    report("dribbled PDU", peer)


def dribbled_data():
    peer = established()
    peer.send(STORE)
    peer.dribble(p_data(pdv(3, 0, bytes(10_000))), pause=0.05)
    report("dribbled data", peer)


def silence_within_data():
    peer = established()
    peer.send(STORE + p_data(pdv(3, 0, bytes(1000))))
    report("silence within data", peer)


def slow_message():
    """Whole PDUs in good time, 20 kB in a second."""
    peer = established()
    peer.send(STORE)
    peer.dribble(p_data(pdv(3, 0, bytes(1988))) * 100, pause=0.1, size=2000)
    report("slow message", peer)


def empty_fragments():
    """A command that never ends and never holds a byte."""
    peer = established()
    peer.dribble(p_data(pdv(3, COMMAND, b"")) * 100, pause=0.1, size=12)
    report("empty fragments", peer)


def unread_answers():
    """Asks and asks and reads nothing."""
    peer = Peer(PORT, receive_buffer=4096)
    peer.associate()
    peer.since = time.monotonic()
    peer.socket.settimeout(20)
    burst = p_data(pdv(1, COMMAND | wire.LAST, wire.echo_command())) * 500
    while peer.elapsed() < 20 and peer.send(burst):
        pass
    report("unread answers", peer, "closed" if peer.elapsed() < 20 else "silence")


def unread_rejection():
    """Is told that it may not call, and neither reads that nor closes."""
    peer = Peer(PORT)
    peer.send(wire.associate_rq(called="NOBODY_HERE"))
    report("rejection", peer)
    peer = Peer(PORT)
    peer.send(wire.associate_rq(called="NOBODY_HERE"))
    time.sleep(3)
    peer.close()


def flood_after_an_abort():
    """Breaks the protocol and then sends without end, whatever it is told."""
    peer = established()
    peer.socket.settimeout(20)
    peer.send(p_data(pdv(99, COMMAND | wire.LAST, wire.echo_command())))
    flood = bytes(1 << 20)
    while peer.elapsed() < 20 and peer.send(flood):
        pass
    report("flood after an abort", peer, "closed" if peer.elapsed() < 20 else "silence")


def within_the_rate():
    """Slow, but faster than the least rate: it may take longer than one PDU."""
    peer = established()
    content = wire.data_set("2.25.702", pixels=800_000)
    peer.send(p_data(pdv(3, COMMAND | wire.LAST, wire.store_command("2.25.702"))))
    pieces = [content[start : start + 10_000] for start in range(0, len(content), 10_000)]
    for piece in pieces[:-1]:
        peer.send(p_data(pdv(3, 0, piece)))
        time.sleep(0.05)
    peer.send(p_data(pdv(3, wire.LAST, pieces[-1])))
    report("within the rate", peer)


if __name__ == "__main__":
    clients = [
        silent_connection,
        half_a_request,
        dribbled_request,
        dribbled_long_request,
        idle_association,
        dribbled_pdu,
        dribbled_data,
        silence_within_data,
        slow_message,
        empty_fragments,
        unread_answers,
        unread_rejection,
        flood_after_an_abort,
        within_the_rate,
    ]
    threads = [threading.Thread(target=client) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
