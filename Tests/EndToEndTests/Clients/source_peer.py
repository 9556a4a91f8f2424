"""A DICOMweb service (QIDO-RS, WADO-RS) over a folder of files, which may be silent, lie, flood and break off.

    source_peer.py PORT FOLDER DICOM [OPTION...]

Options, where TIMES is how often (for ever without it):
    silent                    takes connections and never answers
    status=CODE               answers everything with that HTTP status
    type=TYPE                 searches are answered with that Content-Type
    text=TEXT                 searches are answered with that text
    flood                     a search's answer never ends
    drip                      a search's answer comes with a byte a second
    set=KEYWORD:VALUE         searches tell that of every study
    die=PARTS[:TIMES]         retrieving a study breaks off within the part after so many
    die-single[=TIMES]        retrieving an instance breaks off
    alien                     what is retrieved is of another study
    no-list                   instances are not listed (501)

What is asked is written to FOLDER/log.jsonl. Ends with its input.
"""

import http.server
import io
import json
import pathlib
import socket
import sys
import threading
import time
import urllib.parse

from pydicom import dcmread
from pydicom.uid import generate_uid

PORT, FOLDER, DICOM = int(sys.argv[1]), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
OPTIONS = dict(option.partition("=")[::2] for option in sys.argv[4:] if not option.startswith("set="))
FACTS = [option[4:].partition(":")[::2] for option in sys.argv[4:] if option.startswith("set=")]
FOLDER.mkdir(exist_ok=True)
LOG = open(FOLDER / "log.jsonl", "a", buffering=1)
LOCK = threading.Lock()
USED = {}
FILES = {}
for path in sorted(DICOM.rglob("*.dcm")):
    dataset = dcmread(path, stop_before_pixels=True)
    FILES[dataset.SOPInstanceUID] = (path, dataset)


def note(event, **facts):
    with LOCK:
        print(json.dumps({"event": event, **{name: str(fact) for name, fact in facts.items()}}), file=LOG, flush=True)


def applies(option, times):
    with LOCK:
        USED[option] = USED.get(option, 0) + 1
        return not times or USED[option] <= int(times)


def matches(level, query, study=None):
    seen = {}
    wanted = query.get("PatientID", [None])[0]
    for _, dataset in FILES.values():
        if wanted not in (None, dataset.PatientID) or study not in (None, dataset.StudyInstanceUID):
            continue
        key = {"study": dataset.StudyInstanceUID, "series": dataset.SeriesInstanceUID}.get(level, dataset.SOPInstanceUID)
        answer = seen.setdefault(key, {"count": 0})
        answer["count"] += 1
        answer["dataset"] = dataset
    answers = []
    for found in seen.values():
        whole = json.loads(found["dataset"].to_json(suppress_invalid_tags=True))
        keep = ["0020000D", "00080020", "00080030", "00081030", "00080080", "00100010", "00100020", "00100021", "00100030",
                "00100040"]
        if level != "study":
            keep += ["0020000E", "00080060", "0008103E", "00180015"]
        if level == "instance":
            keep += ["00080018", "00080016"]
        answer = {tag: whole[tag] for tag in keep if tag in whole}
        if level == "study":
            answer["00080061"] = {"vr": "CS", "Value": [found["dataset"].Modality]}
            answer["00201208"] = {"vr": "IS", "Value": [found["count"]]}
        for tag, value in FACTS:
            answer[tag] = {"vr": "LO", "Value": [value]}
        answers.append(answer)
    return answers


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        place = [part for part in url.path.split("/") if part]
        note("asked", path=url.path, accept=self.headers.get("Accept"))
        if "silent" in OPTIONS:
            time.sleep(3600)
        if "status" in OPTIONS:
            self.send_response(int(OPTIONS["status"]))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif place[-1] == "instances" and "no-list" in OPTIONS:
            self.send_response(501)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif place[-1] in ("studies", "series", "instances"):
            self.search({"studies": "study", "series": "series"}.get(place[-1], "instance"), query,
                        place[1] if len(place) > 2 else None)
        else:
            self.retrieve(place)

    def search(self, level, query, study):
        self.send_response(200)
        self.send_header("Content-Type", OPTIONS.get("type", "application/dicom+json"))
        if "flood" in OPTIONS or "drip" in OPTIONS:
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b"[")
            while True:
                self.wfile.write(b" " * (1 if "drip" in OPTIONS else 1 << 20))
                self.wfile.flush()
                if "drip" in OPTIONS:
                    time.sleep(1)
        # pydicom leaves the escape sequence of ISO 2022 IR 58 in what it decodes.
        answers = json.dumps(matches(level, query, study)).replace("\\u001b$)A", "")
        body = OPTIONS["text"].encode() if "text" in OPTIONS else answers.encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def retrieve(self, place):
        single = len(place) == 6
        files = [path for uid, (path, dataset) in FILES.items()
                 if dataset.StudyInstanceUID == place[1] and (not single or uid == place[5])]
        if not files:
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        parts, _, times = OPTIONS.get("die", "").partition(":")
        last = int(parts) if parts and not single and applies("die", times) else None
        if single and "die-single" in OPTIONS and applies("die-single", OPTIONS["die-single"]):
            last = 0
        self.send_response(200)
        self.send_header("Content-Type", 'multipart/related; type="application/dicom"; boundary=part-of-it')
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number, path in enumerate(files):
            body = path.read_bytes()
            if "alien" in OPTIONS:
                dataset = dcmread(path)
                dataset.StudyInstanceUID = generate_uid()
                stream = io.BytesIO()
                dataset.save_as(stream, enforce_file_format=True)
                body = stream.getvalue()
            head = b"\r\n--part-of-it\r\nContent-Type: application/dicom\r\n\r\n"
            if number == last:
                self.chunk(head + body[:len(body) // 2])
                self.wfile.flush()
                note("died", part=number)
                # After what was sent, and not in its place, as a reset would be.
                self.connection.shutdown(socket.SHUT_WR)
                self.close_connection = True
                return
            self.chunk(head + body)
        self.chunk(b"\r\n--part-of-it--\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def chunk(self, data):
        self.wfile.write(b"%x\r\n" % len(data) + data + b"\r\n")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        note("left")


server = Server(("127.0.0.1", PORT), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
note("listening")
sys.stdin.read()
