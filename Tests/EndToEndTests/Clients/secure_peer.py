"""Callers by TLS (PS3.15 B.12), right and wrong ones.

    secure_peer.py peers PORT TLS_PORT CREDENTIALS      pynetdicom with certificates of each kind
    secure_peer.py hostile PORT TLS_PORT CREDENTIALS    what no DICOM library would do
    secure_peer.py crowd PORT TLS_PORT CREDENTIALS      handshakes that never end, while others want to be served

CREDENTIALS holds ca.pem and NAME.pem, NAME.key.
"""

import pathlib
import socket
import ssl
import sys
import time

import protocol_wire as wire
from protocol_dimse import associate, send, verdict
from protocol_wire import COMMAND, EXPLICIT, LAST, SECONDARY_CAPTURE, data_set, emit, p_data, pdv

MODE, PORT, TLS_PORT, FILES = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), pathlib.Path(sys.argv[4])
CAPTURE = [(SECONDARY_CAPTURE, [EXPLICIT])]


def credentials(name=None, newest=None, oldest=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(FILES / "ca.pem")
    if oldest:
        # The system's own policy refuses what is older than what is to be tried.
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = oldest
    if newest:
        context.maximum_version = newest
    if name:
        context.load_cert_chain(FILES / f"{name}.pem", FILES / f"{name}.key")
    return context


class SecurePeer(wire.Peer):
    """As Peer, over TLS."""

    def __init__(self, context):
        super().__init__(TLS_PORT)
        self.socket.settimeout(15)
        self.socket = context.wrap_socket(self.socket)


def peers():
    for name in ("pinned", "other", "expired", "stranger", None):
        got = []
        for calling in ("PINNED", "SECURE"):
            try:
                got.append(verdict(associate(TLS_PORT, CAPTURE, calling, tls=credentials(name))))
            except (ssl.SSLError, OSError):
                got.append("no connection")
        emit(f"certificate {name}", pinned=got[0], secure=got[1])
    emit("without TLS", got=verdict(associate(PORT, CAPTURE, "SECURE")))
    emit("open by TCP", got=verdict(associate(PORT, CAPTURE, "OPEN")))
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = credentials("pinned", newest=version, oldest=version)
        association = associate(TLS_PORT, CAPTURE, "PINNED", tls=context)
        status = "no association"
        if association.is_established:
            instance = f"2.25.91{int(version)}"
            status = send(association, SECONDARY_CAPTURE, instance, data_set(instance, pixels=3_000_000))
            association.release()
        emit(version.name, status=status)


def handshake(context):
    try:
        peer = SecurePeer(context)
        peer.send(wire.associate_rq(calling="PINNED"))
        return peer.outcome()
    except (ssl.SSLError, OSError) as error:
        return type(error).__name__


def refused(got):
    return got not in ("accepted", "silence")


def hostile():
    # Versions and suites that BCP 195 forbids.
    old = credentials("pinned", newest=ssl.TLSVersion.TLSv1_1, oldest=ssl.TLSVersion.TLSv1)
    emit("TLS 1.1", refused=refused(handshake(old)))
    weak = credentials("pinned", newest=ssl.TLSVersion.TLSv1_2)
    weak.set_ciphers("AES128-SHA:AES256-SHA:@SECLEVEL=0")
    emit("weak suites", refused=refused(handshake(weak)))

    peer = wire.Peer(TLS_PORT)
    emit("no TLS on the port for it", got=peer.associate())
    peer = wire.Peer(PORT)
    try:
        credentials("pinned").wrap_socket(peer.socket)
        emit("TLS on the other port", got="open")
    except (ssl.SSLError, OSError):
        emit("TLS on the other port", got="closed")

    peer = SecurePeer(credentials("pinned"))
    peer.send(b"GET / HTTP/1.1\r\n\r\n")
    emit("HTTP by TLS", got=peer.outcome())
    peer = SecurePeer(credentials("pinned"))
    peer.dribble(wire.associate_rq(calling="PINNED"), 0.005, size=8)
    emit("in small pieces", got=peer.outcome())
    peer.send(p_data(pdv(1, COMMAND | LAST, wire.echo_command())))
    emit("and an echo", got=peer.outcome())
    # Cut off without close_notify, in the middle of a Data Set.
    peer.send(p_data(pdv(3, COMMAND | LAST, wire.store_command("2.25.9200"))))
    peer.send(p_data(pdv(3, 0, data_set("2.25.9200")[:64])))
    peer.socket.close()

    peer = SecurePeer(credentials("pinned"))
    peer.associate(calling="PINNED")
    raw = socket.socket(fileno=peer.socket.detach())
    raw.sendall(b"\x17\x03\x03\x00\x20" + bytes(32))
    raw.settimeout(15)
    try:
        while raw.recv(4096):
            pass
    except OSError:
        pass
    emit("a forged record", got="closed")

    # A renegotiation, which only TLS 1.2 has; the ssl module cannot ask for one, openssl can.
    emit("still serving", got=handshake(credentials("pinned")))


def crowd():
    hello = ssl.MemoryBIO()
    client = credentials("pinned").wrap_bio(ssl.MemoryBIO(), hello)
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    first = hello.read()
    crowd = [wire.Peer(TLS_PORT) for _ in range(200)]
    for number, peer in enumerate(crowd):
        peer.send((b"", first[:40], first)[number % 3])
    since = time.monotonic()
    emit("by TLS", got=handshake(credentials("pinned")))
    peer = wire.Peer(PORT)
    emit("by TCP", got=peer.associate(calling="OPEN"))
    emit("meanwhile", seconds=round(time.monotonic() - since, 1))
    emit("the crowd", ended=sum(peer.outcome(within=8) == "closed" for peer in crowd[::40]))
    for peer in crowd:
        peer.close()


if __name__ == "__main__":
    {"peers": peers, "hostile": hostile, "crowd": crowd}[MODE]()
