"""A C-FIND requestor that does as little work of its own as can be, so that a time is the other side's."""

import socket
import struct
import sys

IMPLICIT = "1.2.840.10008.1.2"


def item(kind, body):
    return struct.pack(">BBH", kind, 0, len(body)) + body


def element(group, number, value):
    value = value.encode() if isinstance(value, str) else value
    value += (b"\0" if (group, number) in UIDS else b" ") * (len(value) % 2)
    return struct.pack("<HHI", group, number, len(value)) + value


UIDS = {(0, 0x0002), (0x0020, 0x000D), (0x0020, 0x000E), (0x0008, 0x0018)}


class Finder:
    """One Association, and queries over it; counts the matches."""

    def __init__(self, port, sop_class, called="PRIORD"):
        self.sop_class = sop_class
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""
        body = struct.pack(">HH16s16s32x", 1, 0, called.encode().ljust(16), b"BENCHMARK".ljust(16))
        body += item(0x10, b"1.2.840.10008.3.1.1.1")
        body += item(0x20, struct.pack(">BBBB", 1, 0, 0, 0) + item(0x30, sop_class.encode()) + item(0x40, IMPLICIT.encode()))
        body += item(0x50, item(0x51, struct.pack(">I", 131072)) + item(0x52, b"2.25.1"))
        self.socket.sendall(struct.pack(">BBI", 1, 0, len(body)) + body)
        kind, _ = self.pdu()
        if kind != 2:
            sys.exit(f"the association was not accepted (PDU {kind})")

    def pdu(self):
        while len(self.rest) < 6 or len(self.rest) < 6 + struct.unpack_from(">I", self.rest, 2)[0]:
            piece = self.socket.recv(1 << 18)
            if not piece:
                sys.exit("the peer closed the connection")
            self.rest += piece
        length = struct.unpack_from(">I", self.rest, 2)[0]
        pdu, self.rest = (self.rest[0], self.rest[6:6 + length]), self.rest[6 + length:]
        return pdu

    def find(self, level, keys):
        """How many matches there are; ends the program when the query fails."""
        identifier = b"".join(
            element(*key, value) for key, value in sorted({(0x0008, 0x0052): level, **keys}.items()))
        command = element(0, 0x0002, self.sop_class) + element(0, 0x0100, b"\x20\0") + element(0, 0x0110, b"\1\0")
        command += element(0, 0x0700, b"\0\0") + element(0, 0x0800, b"\0\0")
        command = element(0, 0, struct.pack("<I", len(command))) + command
        pdvs = b"".join(struct.pack(">IBB", len(data) + 2, 1, control) + data for control, data in ((3, command), (2, identifier)))
        self.socket.sendall(struct.pack(">BBI", 4, 0, len(pdvs)) + pdvs)
        count = 0
        while True:
            kind, body = self.pdu()
            if kind != 4:
                sys.exit(f"PDU {kind} instead of an answer")
            at = 0
            while at < len(body):
                length, _, control = struct.unpack_from(">IBB", body, at)
                if control & 1:
                    place = body.index(b"\0\0\0\x09\2\0\0\0", at) + 8
                    status = struct.unpack_from("<H", body, place)[0]
                    if status not in (0xFF00, 0xFF01):
                        if status:
                            sys.exit(f"status {status:04X}")
                        return count
                    count += 1
                at += 4 + length

    def close(self):
        self.socket.close()


#: What a list of studies shows: eleven Attributes.
RETURNED = {(0x0008, 0x0020): "", (0x0008, 0x0030): "", (0x0008, 0x0050): "", (0x0008, 0x0061): "", (0x0008, 0x1030): "",
            (0x0010, 0x0010): "", (0x0010, 0x0020): "", (0x0010, 0x0030): "", (0x0020, 0x000D): "", (0x0020, 0x1206): "",
            (0x0020, 0x1208): "", (0x0008, 0x0005): "ISO_IR 192"}
