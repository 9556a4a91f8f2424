"""A STOW-RS server that studies are forwarded to, which may refuse, be busy and break off.

    forward_stow_peer.py PORT FOLDER [OPTION...]

Options, where NUMBER is an Instance Number and TIMES how often (for ever without it):
    status=NUMBER:CODE[:TIMES]     answers with that HTTP status and nothing else
    busy=NUMBER:SECONDS:TIMES      answers 503 with Retry-After
    refuse=NUMBER:REASON[:TIMES]   answers 409 with that Failure Reason (hexadecimal)
    warn=NUMBER:REASON             takes it, with that Warning Reason, and answers 202
    drop=NUMBER[:TIMES]            closes the connection after the first bytes
    stall=NUMBER[:TIMES]           does not answer
    flood=NUMBER[:TIMES]           answers with two megabytes
    only=UID                       answers 415 to any other Transfer Syntax
    authorization=VALUE            answers 401 to requests without that header
    tls=CERTIFICATE,KEY,CA         speaks TLS, and asks for a certificate of that CA

It writes every Data Set as it came to FOLDER/ORDER.dataset, every File Meta Information to FOLDER/ORDER.meta, and what happens to
FOLDER/log.jsonl. Ends with its input.
"""

import http.server
import io
import json
import pathlib
import ssl
import sys
import threading
import time

from pydicom import dcmread

PORT, FOLDER = int(sys.argv[1]), pathlib.Path(sys.argv[2])
OPTIONS = [option.partition("=")[::2] for option in sys.argv[3:]]
FOLDER.mkdir(exist_ok=True)
LOG = open(FOLDER / "log.jsonl", "a", buffering=1)
LOCK = threading.Lock()
USED = {}
# How many parts each option has without TIMES.
PARTS = {"status": 2, "busy": 2, "refuse": 2, "warn": 2, "drop": 1, "stall": 1, "flood": 1}


def note(event, **facts):
    with LOCK:
        print(json.dumps({"event": event, **{name: str(fact) for name, fact in facts.items()}}), file=LOG, flush=True)


def applies(number):
    for option, value in OPTIONS:
        if option not in PARTS:
            continue
        who, *rest = value.split(":")
        if who not in (str(number), "all"):
            continue
        times = rest.pop() if len(rest) >= PARTS[option] else None
        USED[(option, value)] = USED.get((option, value), 0) + 1
        if times is None or USED[(option, value)] <= int(times):
            return option, rest
    return None, []


def setting(name):
    return next((value for option, value in OPTIONS if option == name), None)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, code, body=b"", **headers):
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "application/dicom+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        wanted = setting("authorization")
        if wanted and self.headers["Authorization"] != wanted:
            note("unauthorized", path=self.path)
            self.close_connection = True
            return self.answer(401, Connection="close")
        body = self.rfile.read(length)
        boundary = self.headers["Content-Type"].partition("boundary=")[2].strip('"').encode()
        part = body.split(b"--" + boundary)[1]
        head, _, content = part.partition(b"\r\n\r\n")
        content = content[:-2]
        data_set = dcmread(io.BytesIO(content))
        meta_length = 144 + int.from_bytes(content[140:144], "little")
        number = int(data_set.InstanceNumber)
        facts = {
            "number": number,
            "series": data_set.SeriesInstanceUID,
            "uid": data_set.SOPInstanceUID,
            "path": self.path,
            "type": self.headers["Content-Type"].partition("; boundary")[0],
            "accept": self.headers["Accept"],
            "part": head.strip().decode(),
            "syntax": data_set.file_meta.TransferSyntaxUID,
        }
        only = setting("only")
        if only and only != data_set.file_meta.TransferSyntaxUID:
            note("not taken", **facts)
            return self.answer(415)
        option, rest = applies(number)
        if option in ("drop", "stall"):
            note(option, **facts)
            if option == "stall":
                time.sleep(120)
            self.close_connection = True
            return self.connection.close()
        if option == "flood":
            note(option, **facts)
            return self.answer(200, b" " * (2 << 20))
        if option == "status":
            note("status", code=rest[0], **facts)
            return self.answer(int(rest[0]))
        if option == "busy":
            note("busy", **facts)
            return self.answer(503, Retry_After=rest[0])
        named = {
            "00081150": {"vr": "UI", "Value": [str(data_set.SOPClassUID)]},
            "00081155": {"vr": "UI", "Value": [str(data_set.SOPInstanceUID)]},
        }
        if option == "refuse":
            note("refused", **facts)
            named["00081197"] = {"vr": "US", "Value": [int(rest[0], 16)]}
            return self.answer(409, json.dumps({"00081198": {"vr": "SQ", "Value": [named]}}).encode())
        with LOCK:
            order = len(list(FOLDER.glob("*.dataset")))
            (FOLDER / f"{order:05}.dataset").write_bytes(content[meta_length:])
            (FOLDER / f"{order:05}.meta").write_bytes(content[:meta_length])
        if option == "warn":
            named["00081196"] = {"vr": "US", "Value": [int(rest[0], 16)]}
        note("stored", **facts)
        self.answer(
            202 if option == "warn" else 200, json.dumps({"00081199": {"vr": "SQ", "Value": [named]}}).encode()
        )


server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
if setting("tls"):
    certificate, key, authority = setting("tls").split(",")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(authority)
    context.verify_mode = ssl.CERT_REQUIRED
    server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
note("listening")
sys.stdin.read()
server.shutdown()
