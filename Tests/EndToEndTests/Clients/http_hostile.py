"""HTTP clients without manners: uploads that break multipart or HTTP, and readers that do not take their answer.

    http_hostile.py uploads HTTP_PORT
    http_hostile.py readers HTTP_PORT PID

Each case tells the status of the answer, or that the connection was closed without one, and the seconds it took; `readers`, of the one
study that is there, how many connections the daemon still holds. It is to have an http-idle-timeout of two seconds.
"""

import json
import os
import pathlib
import socket
import struct
import sys
import time

from protocol_wire import EXPLICIT, SECONDARY_CAPTURE, data_set, emit
from round_trip_corpus import part10

MODE, HTTP = sys.argv[1], int(sys.argv[2])
WITHIN = 20


class Client:
    def __init__(self, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(("127.0.0.1", HTTP))
        self.since = time.monotonic()

    def send(self, data):
        """False once the other side has closed."""
        try:
            self.socket.sendall(data)
            return True
        except OSError:
            return False

    def answer(self):
        """(Status or `closed` or `silence`, body) of what comes next."""
        self.socket.settimeout(WITHIN)
        data = b""
        try:
            while b"\r\n\r\n" not in data:
                piece = self.socket.recv(65536)
                if not piece:
                    return "closed", b""
                data += piece
            head, body = data.split(b"\r\n\r\n", 1)
            length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
            while len(body) < length:
                piece = self.socket.recv(65536)
                if not piece:
                    break
                body += piece
        except TimeoutError:
            return "silence", b""
        except OSError:
            return "closed", b""
        return head.split(b" ")[1].decode(), body

    def closed_within(self, seconds):
        """Whether the other side closes when nothing more is said."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(65536):
                pass
            return True
        except TimeoutError:
            return False
        except OSError:
            return True


def instance(number):
    return f"2.25.8000{number}"


def object_of(number, **elements):
    return part10(SECONDARY_CAPTURE, instance(number), EXPLICIT, data_set(instance(number), "2.25.801", "2.25.802", **elements))


def with_pixels(number, pixels):
    content = object_of(number, pixels=len(pixels) + len(pixels) % 2)
    return content[: -len(pixels) - len(pixels) % 2] + pixels + bytes(len(pixels) % 2)


def part(content, boundary=b"edge", head=b"Content-Type: application/dicom"):
    return b"--" + boundary + b"\r\n" + head + b"\r\n\r\n" + content + b"\r\n"


END = b"--edge--\r\n"


def head(length=None, boundary="edge", path="/dicomweb/studies", more=()):
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Accept: application/dicom+json",
             f'Content-Type: multipart/related; type="application/dicom"; boundary={boundary}', *more]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def reasons(body):
    """How many were stored, and why others were not."""
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    failed = [item["00081197"]["Value"][0] for name in ("00081198", "0008119A") for item in answer.get(name, {}).get("Value", [])]
    return {"stored": len(answer.get("00081199", {}).get("Value", [])), "failed": " ".join(f"{reason:04X}" for reason in failed)}


def upload(name, body, *, raw_head=None, half_close=False, **options):
    client = Client()
    client.send(head(len(body), **options) if raw_head is None else raw_head)
    client.send(body)
    if half_close:
        client.socket.shutdown(socket.SHUT_WR)
    status, content = client.answer()
    kind = "problem" if content.startswith(b"{") and b'"title"' in content else "other"
    emit(name, status=status, seconds=round(time.monotonic() - client.since, 1), kind=kind, **reasons(content))
    client.socket.close()


def chunk(data, size=None):
    return (f"{len(data):x}" if size is None else size).encode() + b"\r\n" + data + b"\r\n"


def uploads():
    chunked = head(more=["Transfer-Encoding: chunked"])
    first, second = object_of(1), object_of(2)
    upload("sound", part(first) + END)
    upload("sound, chunked byte by byte", b"".join(chunk(bytes([byte])) for byte in part(object_of(3)) + END) + b"0\r\n\r\n", raw_head=chunked)
    upload("no boundary", part(second) + END, raw_head=head(10).replace(b"; boundary=edge", b""))
    upload("empty boundary", part(second) + END, boundary='""')
    upload("boundary of control characters", part(second) + END, boundary='"a\tb\x01"')
    upload("boundary of 1 MB", part(second) + END, boundary="x" * (1 << 20))
    upload("another boundary than announced", part(second, b"other") + b"--other--\r\n")
    upload("boundary within the data", part(with_pixels(4, b"--edge\r\n--edgy--\n--edge")) + END)
    upload("line that only begins like the boundary", part(object_of(5) + b"\r\n--edgeways\r\n") + part(object_of(6)) + END)
    upload("truncated in the second part", part(object_of(7)) + part(second)[:-100])
    upload("truncated against Content-Length", part(object_of(8)) + part(second)[:-100], raw_head=head(1 << 20), half_close=True)
    upload("longer than its Content-Length", part(object_of(9)) + END + b"GARBAGE" * 100, raw_head=head(len(part(object_of(9)) + END)))
    upload("part with a Content-Length that lies", part(object_of(10), head=b"Content-Type: application/dicom\r\nContent-Length: 3") + END)
    upload("part without a head", b"--edge\r\n\r\n" + object_of(11) + b"\r\n" + END)
    upload("part with a head of 1 MB", part(object_of(12), head=b"X: " + b"y" * (1 << 20)) + END)
    upload("part with a head that is none", part(object_of(13), head=b"no colon at all") + END)
    upload("part of another type", part(b"<xml/>", head=b"Content-Type: text/xml") + part(object_of(14)) + END)
    upload("multipart within multipart", part(part(object_of(15), b"inner"), head=b"Content-Type: multipart/related; boundary=inner") + END)
    upload("nothing at all", b"")
    upload("no part", END)
    upload("empty parts", part(b"") * 3 + END)
    upload("thousands of empty parts", part(b"") * 50_001 + END)
    upload("garbage as an object", part(b"\xff" * 100_000) + END)
    upload("compressed as a whole", b"\x1f\x8b" + bytes(100), more=["Content-Encoding: gzip"])
    upload("length and chunks at once", chunk(part(second) + END) + b"0\r\n\r\n", more=["Transfer-Encoding: chunked"])
    upload("two lengths", part(second) + END, more=["Content-Length: 5"])
    upload("negative length", b"", raw_head=head().replace(b"\r\n\r\n", b"\r\nContent-Length: -1\r\n\r\n"))
    upload("length of 2^64", b"", raw_head=head(1 << 64))
    upload("chunk of 2^64 bytes", chunk(b"x", "f" * 17), raw_head=chunked)
    upload("chunk size that is none", chunk(b"x", "zz"), raw_head=chunked)
    upload("chunk with an extension of 1 MB", chunk(b"x", "1;" + "e" * (1 << 20)), raw_head=chunked)
    upload("head of 1 MB", b"", raw_head=head(0, more=["X-Long: " + "y" * (1 << 20)]))
    upload("thousands of header fields", b"", raw_head=head(0, more=[f"X-{n}: y" for n in range(5000)]))
    upload("study that is a path", part(second) + END, path="/dicomweb/studies/..%2f..%2fetc%2fpasswd")
    upload("study of NUL", part(second) + END, path="/dicomweb/studies/1.2%00.3")
    upload("objects named by paths", b"".join(part(part10(SECONDARY_CAPTURE, name, EXPLICIT, data_set(name, study, "2.25.802"))) for name, study in [
        ("../../escaped", "2.25.801"), ("2.25.81", "../../../tmp/x"), ("/etc/passwd", "2.25.801"), ("2.25.82", "..")]) + END)

    client = Client()
    client.send(head(1 << 20) + part(object_of(16))[:2000])
    emit("silent in the middle", closed=client.closed_within(WITHIN), seconds=round(time.monotonic() - client.since, 1))
    client = Client()
    client.send(head(1 << 20) + b"--edge\r\n")
    while time.monotonic() - client.since < WITHIN and client.send(b"X"):
        time.sleep(0.05)
    emit("trickle", seconds=round(time.monotonic() - client.since, 1))
    upload("sound afterwards", part(second) + END)


def readers():
    pid = int(sys.argv[3])
    study = json.loads(get("/api/v1/studies")[1])["studies"][0]["studyInstanceUID"]
    path = f"/dicomweb/studies/{study}"
    accept = 'Accept: multipart/related; type="application/dicom"; transfer-syntax=*\r\n'
    ask = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{accept}\r\n".encode()

    def reader(name, take, count=1):
        """Clients that ask and then `take(client)` again and again, until the daemon holds none of their connections."""
        free = held(pid)
        clients = [Client(receive_buffer=4096) for _ in range(count)]
        for client in clients:
            client.send(ask)
        began = time.monotonic()
        status, _ = get("/healthz")
        page, _ = get("/dicomweb/studies/2.25.404/metadata")
        meanwhile = time.monotonic() - began
        while held(pid) > free and time.monotonic() - began < WITHIN:
            for client in clients:
                take(client)
            time.sleep(0.1)
        emit(name, status=status, page=page, meanwhile=round(meanwhile, 2), left=max(0, held(pid) - free),
             seconds=round(time.monotonic() - began, 1))
        for client in clients:
            client.socket.close()

    def some(size):
        def take(client):
            client.socket.setblocking(False)
            try:
                client.socket.recv(size)
            except OSError:
                pass
        return take

    reader("takes nothing", lambda client: None)
    reader("a byte at a time", some(1))
    reader("slowly but steadily", some(16 << 10))
    reader("forty that take nothing", lambda client: None, count=40)

    free = held(pid)
    client = Client(receive_buffer=4096)
    client.send(ask)
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.socket.close()
    client = Client()
    client.send(ask)
    client.socket.shutdown(socket.SHUT_WR)
    received = 0
    client.socket.settimeout(WITHIN)
    while piece := client.socket.recv(1 << 20):
        received += len(piece)
    emit("half closed", received=received)
    began = time.monotonic()
    while held(pid) > free and time.monotonic() - began < WITHIN:
        time.sleep(0.1)
    left = max(0, held(pid) - free)
    emit("afterwards", status=get("/healthz")[0], left=left)


def held(pid):
    """Sockets that the daemon has open."""
    count = 0
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            count += os.readlink(entry).startswith("socket:")
        except OSError:
            continue
    return count


def get(path):
    client = Client()
    client.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    try:
        return client.answer()
    finally:
        client.socket.close()


if __name__ == "__main__":
    {"uploads": uploads, "readers": readers}[MODE]()
