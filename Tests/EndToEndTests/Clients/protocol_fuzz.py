"""Whole sessions with bytes changed at random, from a fixed seed; reports how many of each ending there were.

    protocol_fuzz.py PORT COUNT SEED
"""

import collections
import random
import socket
import struct
import sys

import protocol_wire as wire
from protocol_wire import COMMAND, LAST, Peer, emit, item, p_data, pdv

PORT, COUNT, RANDOM = int(sys.argv[1]), int(sys.argv[2]), random.Random(int(sys.argv[3]))


def request():
    """An A-ASSOCIATE-RQ with every user information sub-item there is (PS3.7 D.3.3)."""
    uid = wire.SECONDARY_CAPTURE.encode()
    sub_items = [
        item(0x51, struct.pack(">I", 16384)),
        item(0x52, b"2.25.1"),
        item(0x53, struct.pack(">HH", 1, 1)),
        item(0x54, struct.pack(">H", len(uid)) + uid + b"\1\1"),
        item(0x55, b"PROTOCOL_FUZZ"),
        item(0x56, struct.pack(">H", len(uid)) + uid + bytes(6)),
        item(0x57, struct.pack(">H", len(uid)) + uid + struct.pack(">H", 3) + b"1.2" + struct.pack(">H", 0)),
        item(0x58, b"\2\1" + struct.pack(">H", 4) + b"user" + struct.pack(">H", 4) + b"word"),
    ]
    body = struct.pack(">HH16s16s32x", 1, 0, b"PRIORD".ljust(16), b"FUZZ".ljust(16))
    body += item(0x10, wire.APPLICATION_CONTEXT.encode())
    body += b"".join(wire.context_item(*context) for context in wire.DEFAULT_CONTEXTS)
    return wire.pdu(1, body + item(0x50, b"".join(sub_items)))


def session():
    content = wire.data_set("2.25.750", pixels=100)
    find = wire.command(0x0020, wire.STUDY_FIND, message_id=3, has_data_set=True)
    keys = struct.pack("<HHI", 8, 0x52, 6) + b"STUDY " + struct.pack("<HHI", 0x20, 0x0D, 0)
    return [
        p_data(pdv(1, COMMAND | LAST, wire.echo_command())),
        p_data(pdv(3, COMMAND | LAST, wire.store_command("2.25.750", message_id=2))) + p_data(pdv(3, LAST, content)),
        p_data(pdv(5, COMMAND | LAST, find), pdv(5, LAST, keys)),
        wire.RELEASE_RQ,
    ]


def mutated(data):
    data = bytearray(data)
    for _ in range(RANDOM.randint(1, 4)):
        at = RANDOM.randrange(len(data))
        change = RANDOM.randrange(5)
        if change == 0:
            data[at] ^= 1 << RANDOM.randrange(8)
        elif change == 1:
            data[at] = RANDOM.choice((0, 1, 0x7F, 0x80, 0xFF))
        elif change == 2:
            data[at : at + 2] = RANDOM.choice((b"\0\0", b"\xff\xff", b"\0\1"))
        elif change == 3:
            del data[at : at + RANDOM.randint(1, 8)]
        else:
            data[at:at] = data[at : at + RANDOM.randint(1, 32)]
        if not data:
            break
    return bytes(data)


endings = collections.Counter()
for number in range(COUNT):
    peer = Peer(PORT)
    if number % 2:
        peer.send(mutated(request()) + b"".join(session()))
    else:
        peer.send(request() + mutated(b"".join(session())))
    try:
        peer.socket.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    last = ""
    while (outcome := peer.outcome(within=20)) not in ("closed", "silence"):
        last = outcome
    endings[f"{last.split(' ')[0]} {outcome}".strip()] += 1
    peer.close()
emit("endings", **{name.replace(" ", "_"): count for name, count in sorted(endings.items())})
