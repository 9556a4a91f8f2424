"""Queries and retrievals that no sane peer asks for, by hand; each tells how it was answered, and whether the Association lives on.

    dimse_hostile.py identifiers PORT STUDY_UID
    dimse_hostile.py contexts PORT STUDY_UID
    dimse_hostile.py destinations PORT DESTINATION_PORT STUDY_UID

`identifiers` asks with malformed ones, `contexts` in Presentation Contexts that are for something else, at odd times and with
cancellations nobody waits for; `destinations` is a Move Destination that reads nothing, or leaves in the middle.
"""

import socket
import struct
import sys
import threading
import time

import protocol_wire as wire
from protocol_wire import COMMAND, EXPLICIT, IMPLICIT, LAST, STUDY_FIND, VERIFICATION, Peer, emit, p_data, pdv

MODE, PORT, STUDY = sys.argv[1], int(sys.argv[2]), sys.argv[-1]
STUDY_MOVE, STUDY_GET = "1.2.840.10008.5.1.4.1.2.2.2", "1.2.840.10008.5.1.4.1.2.2.3"
PATIENT_FIND, PATIENT_MOVE = "1.2.840.10008.5.1.4.1.2.1.1", "1.2.840.10008.5.1.4.1.2.1.2"
CONTEXTS = [
    (1, VERIFICATION, [IMPLICIT]), (3, STUDY_FIND, [IMPLICIT]), (5, STUDY_MOVE, [IMPLICIT]), (7, STUDY_GET, [IMPLICIT]),
    (9, PATIENT_FIND, [IMPLICIT]), (11, PATIENT_MOVE, [IMPLICIT]), (13, STUDY_FIND, [EXPLICIT]), (15, STUDY_MOVE, [EXPLICIT]),
]
FIND, GET, MOVE = 0x0020, 0x0010, 0x0021
LEVEL, PATIENT_ID, STUDY_UID, SERIES_UID, INSTANCE_UID = (8, 0x52), (0x10, 0x20), (0x20, 0x0D), (0x20, 0x0E), (8, 0x18)


def implicit(tag, value):
    value = value if isinstance(value, bytes) else value.encode()
    value += b" " * (len(value) % 2)
    return struct.pack("<HHI", *tag, len(value)) + value


def explicit(tag, vr, value, length=None):
    value += b" " * (len(value) % 2)
    head = struct.pack("<HH2s", *tag, vr)
    if vr in (b"UN", b"SQ"):
        return head + struct.pack("<HI", 0, len(value) if length is None else length) + value
    return head + struct.pack("<H", len(value) if length is None else length) + value


def message(kind, context, sop_class, identifier, destination="DEST", message_id=7):
    """A request with an Identifier, or without one for None."""
    parts = wire.element(0x0002, sop_class) + wire.element(0x0100, kind) + wire.element(0x0110, message_id)
    if kind == MOVE:
        parts += wire.element(0x0600, destination.ljust(len(destination) + len(destination) % 2))
    parts += wire.element(0x0700, 0) + wire.element(0x0800, 0x0101 if identifier is None else 1)
    pdus = [p_data(pdv(context, COMMAND | LAST, wire.element(0, struct.pack("<I", len(parts))) + parts))]
    if identifier is not None:
        pieces = [identifier[at : at + 16000] for at in range(0, len(identifier), 16000)] or [b""]
        pdus += [p_data(pdv(context, LAST if piece is pieces[-1] else 0, piece)) for piece in pieces]
    return b"".join(pdus)


def cancel(message_id=7, context=5):
    body = wire.element(0x0100, 0x0FFF) + wire.element(0x0120, message_id) + wire.element(0x0800, 0x0101)
    return p_data(pdv(context, COMMAND | LAST, wire.element(0, struct.pack("<I", len(body))) + body))


ECHO = p_data(pdv(1, COMMAND | LAST, wire.echo_command()))


def final(peer, within=30):
    """The last Status of a request; what is pending, or no command, is passed over."""
    while True:
        outcome = peer.outcome(within)
        if outcome not in ("status FF00", "status FF01", "status FFFF"):
            return outcome


def ask(case, *sent, echo=True):
    peer = Peer(PORT)
    peer.associate(calling="RETRIEVER", contexts=CONTEXTS)
    began = time.monotonic()
    for piece in sent:
        peer.send(piece)
    got = final(peer)
    seconds = round(time.monotonic() - began, 1)
    alive = "" if got in ("aborted", "closed") or not echo else (peer.send(ECHO), final(peer, 5))[1]
    emit(case, got=got, alive=alive, seconds=seconds)
    peer.close()


def identifiers():
    study = implicit(LEVEL, "STUDY") + implicit(STUDY_UID, STUDY)
    uids = "\\".join(f"2.25.{4 * 10**24 + n}" for n in range(30_000))
    cases = {
        "no level": implicit(STUDY_UID, STUDY), "empty level": implicit(LEVEL, "") + implicit(STUDY_UID, STUDY),
        "unknown level": implicit(LEVEL, "GALAXY") + implicit(STUDY_UID, STUDY),
        "two levels": implicit(LEVEL, "STUDY\\SERIES") + implicit(STUDY_UID, STUDY),
        "level of another model": implicit(LEVEL, "PATIENT") + implicit(PATIENT_ID, "X"),
        "key missing": implicit(LEVEL, "SERIES") + implicit(SERIES_UID, "1.2.3"),
        "key empty": implicit(LEVEL, "STUDY") + implicit(STUDY_UID, ""),
        "key below the level": study + implicit(SERIES_UID, "1.2.3"),
        "list above the level": implicit(LEVEL, "SERIES") + implicit(STUDY_UID, STUDY + "\\1.2.3") + implicit(SERIES_UID, "1.2.3"),
        "wildcard in a UID": implicit(LEVEL, "STUDY") + implicit(STUDY_UID, "1.2.*"),
        "UID that is a path": implicit(LEVEL, "STUDY") + implicit(STUDY_UID, "../../etc/passwd"),
        "UID of 1000 digits": implicit(LEVEL, "STUDY") + implicit(STUDY_UID, "1." + "2" * 1000),
        "UID of NULs": implicit(LEVEL, "STUDY") + implicit(STUDY_UID, bytes(64)),
        "30,000 UIDs": implicit(LEVEL, "STUDY") + implicit(STUDY_UID, uids),
        "a key of 1 MB": implicit(LEVEL, "STUDY") + implicit((0x10, 0x10), "A" * (1 << 20)) + implicit(STUDY_UID, STUDY),
        "3 MB of UIDs": implicit(LEVEL, "STUDY") + implicit(STUDY_UID, "\\".join([uids] * 3)),
        "cut in a value": study[:-3], "cut in a head": study + b"\x10\x00\x20",
        "length beyond the end": study + struct.pack("<HHI", 0x10, 0x20, 0xFFFFFFF0) + b"X",
        "sequence without end": study + struct.pack("<HHI", 0x40, 0x275, 0xFFFFFFFF) + struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF),
        "sequence of no items": study + implicit((0x40, 0x275), b"garbage garbage!"),
        "nested a thousand deep": study + (struct.pack("<HHI", 0x40, 0x275, 0xFFFFFFFF) + struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)) * 1000,
        "garbage": b"\xff" * 100, "nothing": b"", "no data set": None,
    }
    for kind, name, context, sop_class in [(FIND, "find", 3, STUDY_FIND), (MOVE, "move", 5, STUDY_MOVE), (GET, "get", 7, STUDY_GET)]:
        for case, identifier in cases.items():
            ask(f"{name}, {case}", message(kind, context, sop_class, identifier))
    level, key = explicit(LEVEL, b"CS", b"STUDY"), explicit(STUDY_UID, b"UI", STUDY.encode())
    for case, identifier in {
        "VR that is none": level + explicit(STUDY_UID, b"\x01\x02", STUDY.encode()),
        "VR of another kind": level + explicit(STUDY_UID, b"DS", STUDY.encode()),
        "length of another VR": level + key[:6] + b"\xff\xff" + key[8:],
        "1200 UIDs as UN": level + explicit(STUDY_UID, b"UN", "\\".join(uids.split("\\")[:3000] + [STUDY]).encode()),
    }.items():
        ask(f"find, {case}", message(FIND, 13, STUDY_FIND, identifier))
        ask(f"move, {case}", message(MOVE, 15, STUDY_MOVE, identifier))
    for case, tag, value in [
        ("range that ends before it begins", (8, 0x20), "20270101-20260101"), ("range of ranges", (8, 0x20), "2026-2027-2028"),
        ("range of nothing", (8, 0x20), "-"), ("range beyond the calendar", (8, 0x20), "20260231-20261399"),
        ("time beyond the day", (8, 0x30), "250000-990000"), ("wildcards without end", (0x10, 0x20), "*?" * 30),
        ("number that is none", (0x20, 0x13), "NaN"), ("unknown character set", (8, 5), "ISO_IR 9999"),
        ("escape without end", (0x10, 0x10), b"A\x1b$)"),
    ]:
        level_of = "IMAGE" if tag == (0x20, 0x13) else "STUDY"
        above = implicit(STUDY_UID, STUDY) + implicit(SERIES_UID, "1.2.3") if level_of == "IMAGE" else b""
        body = b"".join(sorted([implicit(tag, value), implicit(LEVEL, level_of)], key=lambda e: (e[0], e[1], e[2], e[3]))) + above
        ask(f"find, {case}", message(FIND, 3, STUDY_FIND, body))


def contexts():
    study = implicit(LEVEL, "STUDY") + implicit(STUDY_UID, STUDY)
    ask("find in a MOVE context", message(FIND, 5, STUDY_MOVE, study))
    ask("move in a FIND context", message(MOVE, 3, STUDY_FIND, study))
    ask("get in a MOVE context", message(GET, 5, STUDY_MOVE, study))
    ask("find of another class than its context", message(FIND, 3, PATIENT_FIND, study))
    ask("move in a VERIFICATION context", message(MOVE, 1, VERIFICATION, study))
    ask("get without storage contexts", message(GET, 7, STUDY_GET, study))
    for case, destination in [("unknown", "NOBODY"), ("empty", ""), ("blank", "    "), ("of forty characters", "X" * 40),
                              ("of control characters", "A\x01\x02\n"), ("a path", "../../etc/passwd")]:
        ask(f"destination {case}", message(MOVE, 5, STUDY_MOVE, study, destination=destination))
    ask("cancel before anything", cancel(), ECHO)
    ask("cancel of another message", message(FIND, 3, STUDY_FIND, study), cancel(99, 3))
    ask("cancel twice", message(FIND, 3, STUDY_FIND, study), cancel(7, 3), cancel(7, 3))
    ask("cancel in another context", message(FIND, 3, STUDY_FIND, study), cancel(7, 5))
    ask("cancel after the end", message(FIND, 3, STUDY_FIND, implicit(LEVEL, "STUDY") + implicit(STUDY_UID, "1.2.3")), cancel(7, 3))
    ask("two queries at once", message(FIND, 3, STUDY_FIND, study) + message(FIND, 3, STUDY_FIND, study, message_id=8), echo=False)
    ask("a store in the middle of a move", message(MOVE, 5, STUDY_MOVE, study) + ECHO, echo=False)


def destinations():
    """A destination that accepts the Association and then reads nothing, or closes in the middle of an object."""
    study = implicit(LEVEL, "STUDY") + implicit(STUDY_UID, STUDY)
    for case, leaves in [("reads nothing", None), ("reads for a moment, then leaves", 1 << 16), ("resets in the middle", 1 << 20)]:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listener.bind(("127.0.0.1", int(sys.argv[3])))
        listener.listen(4)
        ended = threading.Event()
        thread = threading.Thread(target=serve, args=(listener, leaves, case.startswith("resets"), ended), daemon=True)
        thread.start()
        ask(f"destination that {case}", message(MOVE, 5, STUDY_MOVE, study))
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
    peer = Peer(PORT, receive_buffer=4096)
    contexts = [(1, STUDY_GET, [IMPLICIT]), (3, wire.SECONDARY_CAPTURE, [EXPLICIT])]
    request = wire.associate_rq(calling="RETRIEVER", contexts=contexts)
    role = wire.item(0x54, struct.pack(">H", len(wire.SECONDARY_CAPTURE)) + wire.SECONDARY_CAPTURE.encode() + b"\x00\x01")
    at = request.rindex(wire.item(0x51, struct.pack(">I", 16384))) - 4
    user = request[at + 4 :] + role
    peer.send(wire.pdu(1, request[6:at] + wire.item(0x50, user)))
    peer.outcome()
    began = time.monotonic()
    peer.send(message(GET, 1, STUDY_GET, study))
    # Nothing more is read; the daemon gives up, which shows when what it sent until then has been read.
    time.sleep(12)
    received, how = 0, "open"
    peer.socket.settimeout(5)
    try:
        while piece := peer.socket.recv(1 << 20):
            received += len(piece)
        how = "closed"
    except TimeoutError:
        how = "open"
    except OSError:
        how = "closed"
    emit("requestor that reads nothing", got=how, received=received, seconds=round(time.monotonic() - began, 1), alive="")


def serve(listener, leaves, resets, ended):
    while not ended.is_set():
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        kind, _, length = struct.unpack(">BBI", connection.recv(6, socket.MSG_WAITALL))
        request = connection.recv(length, socket.MSG_WAITALL)
        connection.sendall(accepted(request))
        if leaves is None:
            ended.wait(60)
        else:
            connection.recv(leaves, socket.MSG_WAITALL)
            if resets:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


def accepted(request):
    """A-ASSOCIATE-AC that takes the first Transfer Syntax of every context."""
    items, at = wire.item(0x10, wire.APPLICATION_CONTEXT.encode()), 68
    while at < len(request):
        kind, _, length = struct.unpack_from(">BBH", request, at)
        if kind == 0x20:
            body, inner = request[at + 4 : at + 4 + length], 4
            while body[inner] != 0x40:
                inner += 4 + struct.unpack_from(">H", body, inner + 2)[0]
            syntax = body[inner : inner + 4 + struct.unpack_from(">H", body, inner + 2)[0]]
            items += wire.item(0x21, bytes([body[0], 0, 0, 0]) + syntax)
        at += 4 + length
    user = wire.item(0x50, wire.item(0x51, struct.pack(">I", 16384)) + wire.item(0x52, b"2.25.1"))
    return wire.pdu(2, request[:68] + items + user)


{"identifiers": identifiers, "contexts": contexts, "destinations": destinations}[MODE]()
