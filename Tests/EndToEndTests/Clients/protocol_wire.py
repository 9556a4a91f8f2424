"""The Upper Layer protocol by hand (PS3.8 9.3), for what no sane client library would send."""

import json
import socket
import struct
import sys
import threading
import time

VERIFICATION = "1.2.840.10008.1.1"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
STUDY_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1"

COMMAND, LAST = 1, 2
_output = threading.Lock()


def emit(case, **facts):
    """One line of the report that the Swift side reads: every fact is text."""
    line = json.dumps({"case": case, **{key: str(value) for key, value in facts.items()}}) + "\n"
    with _output:
        sys.stdout.write(line)
        sys.stdout.flush()


def item(kind, body):
    return struct.pack(">BBH", kind, 0, len(body)) + body


def pdu(kind, body, length=None):
    return struct.pack(">BBI", kind, 0, len(body) if length is None else length) + body


def context_item(identifier, abstract, transfer_syntaxes):
    body = struct.pack(">BBBB", identifier, 0, 0, 0) + item(0x30, abstract.encode())
    return item(0x20, body + b"".join(item(0x40, uid.encode()) for uid in transfer_syntaxes))


DEFAULT_CONTEXTS = [
    (1, VERIFICATION, [IMPLICIT]),
    (3, SECONDARY_CAPTURE, [EXPLICIT]),
    (5, STUDY_FIND, [IMPLICIT]),
]


def associate_rq(calling="PROTOCOL", called="PRIORD", contexts=None, application=APPLICATION_CONTEXT):
    body = struct.pack(">HH16s16s32x", 1, 0, called.encode().ljust(16), calling.encode().ljust(16))
    body += item(0x10, application.encode())
    body += b"".join(context_item(*context) for context in (contexts or DEFAULT_CONTEXTS))
    user = item(0x51, struct.pack(">I", 16384)) + item(0x52, b"2.25.1") + item(0x55, b"PROTOCOL_TEST")
    return pdu(1, body + item(0x50, user))


def element(number, value):
    if isinstance(value, int):
        value = struct.pack("<H", value)
    elif isinstance(value, str):
        value = value.encode() + b"\0" * (len(value) % 2)
    return struct.pack("<HHI", 0, number, len(value)) + value


def command(field, sop_class, instance=None, message_id=1, has_data_set=False):
    parts = element(0x0002, sop_class) + element(0x0100, field) + element(0x0110, message_id)
    if has_data_set:
        parts += element(0x0700, 0)
    parts += element(0x0800, 0x0000 if has_data_set else 0x0101)
    if instance is not None:
        parts += element(0x1000, instance)
    return element(0x0000, struct.pack("<I", len(parts))) + parts


def store_command(instance, sop_class=SECONDARY_CAPTURE, message_id=1):
    return command(0x0001, sop_class, instance, message_id, has_data_set=True)


def echo_command(message_id=1):
    return command(0x0030, VERIFICATION, message_id=message_id)


def pdv(context, control, data, length=None):
    return struct.pack(">IBB", len(data) + 2 if length is None else length, context, control) + data


def p_data(*pdvs):
    return pdu(4, b"".join(pdvs))


RELEASE_RQ = pdu(5, bytes(4))
ABORT = pdu(7, bytes(4))


class Peer:
    """One TCP connection and what came back over it."""

    def __init__(self, port, host="127.0.0.1", receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect((host, port))
        self.since = time.monotonic()

    def send(self, data):
        """False once the other side has closed."""
        try:
            self.socket.sendall(data)
            return True
        except OSError:
            return False

    def dribble(self, data, pause, size=1):
        for start in range(0, len(data), size):
            if not self.send(data[start : start + size]):
                return
            time.sleep(pause)

    def associate(self, **arguments):
        self.send(associate_rq(**arguments))
        return self.outcome()

    def receive_exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise ConnectionError
            data += piece
        return data

    def receive_pdu(self):
        kind, _, length = struct.unpack(">BBI", self.receive_exactly(6))
        return kind, self.receive_exactly(length)

    def outcome(self, within=15):
        """The next thing said: accepted, rejected r/s/r, status NNNN, released, aborted, closed or silence."""
        self.socket.settimeout(within)
        try:
            kind, body = self.receive_pdu()
        except TimeoutError:
            return "silence"
        except OSError:
            return "closed"
        if kind == 2:
            return "accepted"
        if kind == 3:
            return "rejected %d/%d/%d" % tuple(body[1:4])
        if kind == 4:
            return "status %04X" % status(body)
        return {6: "released", 7: "aborted"}.get(kind, f"pdu {kind}")

    def elapsed(self):
        return round(time.monotonic() - self.since, 2)

    def close(self):
        self.socket.close()

    def reset(self):
        """Closes so that the other side sees a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def status(body):
    """Status (0000,0900) of the response in one P-DATA-TF, or FFFF."""
    data = body[6:]
    at = 0
    while at + 8 <= len(data):
        group, number, length = struct.unpack_from("<HHI", data, at)
        if (group, number) == (0, 0x0900):
            return struct.unpack_from("<H", data, at + 8)[0]
        at += 8 + length
    return 0xFFFF


def data_set(instance, study="2.25.501", series="2.25.502", pixels=16):
    """A small sound Secondary Capture in Explicit VR Little Endian."""

    def put(group, number, vr, value):
        value += (b"\0" if vr in (b"UI", b"OB", b"OW") else b" ") * (len(value) % 2)
        if vr in (b"OB", b"OW"):
            return struct.pack("<HH2sHI", group, number, vr, 0, len(value)) + value
        return struct.pack("<HH2sH", group, number, vr, len(value)) + value

    return b"".join(
        [
            put(0x0008, 0x0016, b"UI", SECONDARY_CAPTURE.encode()),
            put(0x0008, 0x0018, b"UI", instance.encode()),
            put(0x0008, 0x0020, b"DA", b"20260901"),
            put(0x0008, 0x0060, b"CS", b"OT"),
            put(0x0010, 0x0010, b"PN", b"Invented^Wire"),
            put(0x0010, 0x0020, b"LO", b"WIRE-1"),
            put(0x0020, 0x000D, b"UI", study.encode()),
            put(0x0020, 0x000E, b"UI", series.encode()),
            put(0x7FE0, 0x0010, b"OW", bytes(pixels)),
        ]
    )
