"""A sender of one study that holds all of it and sends all but one instance, and what priord then makes of the study.

    sender_peer.py KIND PEER_PORT PRIORD_PORT PRIORCTL DATA_DIRECTORY STUDY_DIRECTORY [complete]

KIND is a system that answers C-FIND and C-MOVE, `orthanc` or `dcmqrscp`, or one that does not answer: `down`, `silent`
(accepts the connection), `garbage`, `mute` (accepts the Association). With `complete` it waits until the study is
complete, else for the first assessment. The peer calls itself SENDER.
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

import pydicom

from protocol_wire import emit

KIND, PEER_PORT, PRIORD_PORT, PRIORCTL, DATA, FILES = sys.argv[1:7]
PEER_PORT, PRIORD_PORT = int(PEER_PORT), int(PRIORD_PORT)
WAITS_FOR_COMPLETE = sys.argv[7:] == ["complete"]
LIMIT = 60


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60)
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def send(files, port, called):
    run("dcmsend", "-aet", "SENDER", "-aec", called, "127.0.0.1", port, *files)


def wait_for_port(port):
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on {port}")


def start(command):
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def dcmqrscp(directory, files):
    store = directory / "store"
    store.mkdir()
    for file in files:
        shutil.copy(file, store)
    run("dcmqridx", store, *sorted(store.iterdir()))
    (directory / "dcmqrscp.cfg").write_text(
        f"""NetworkTCPPort = {PEER_PORT}
MaxPDUSize = 16384
MaxAssociations = 16
HostTable BEGIN
priord = (PRIORD, 127.0.0.1, {PRIORD_PORT})
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
SENDER {store} RW (200, 1024mb) ANY
AETable END
"""
    )
    server = start(["dcmqrscp", "-c", str(directory / "dcmqrscp.cfg")])
    wait_for_port(PEER_PORT)
    return server


def rest(port, path, body=None):
    data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, method="POST" if data else "GET")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def orthanc(directory, files):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        http = probe.getsockname()[1]
    settings = {
        "StorageDirectory": str(directory),
        "IndexDirectory": str(directory),
        "HttpPort": http,
        "DicomPort": PEER_PORT,
        "DicomAet": "SENDER",
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DicomAlwaysAllowFind": True,
        "DicomAlwaysAllowMove": True,
        "DicomModalities": {"priord": ["PRIORD", "127.0.0.1", PRIORD_PORT]},
        "Plugins": [],
    }
    (directory / "orthanc.json").write_text(json.dumps(settings))
    server = start([shutil.which("Orthanc") or "/usr/sbin/Orthanc", str(directory / "orthanc.json")])
    for _ in range(200):
        try:
            rest(http, "/system")
            break
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    server.identifiers = [rest(http, "/instances", pathlib.Path(file).read_bytes())["ID"] for file in files]
    server.http = http
    return server


class Listener:
    """Something on the port that is no DICOM peer."""

    def __init__(self, serve):
        self.socket = socket.create_server(("127.0.0.1", PEER_PORT))
        self.serve = serve
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        kept = []
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            kept.append(connection)
            if self.serve:
                self.serve(connection)

    def kill(self):
        self.socket.close()

    def wait(self):
        pass


def garbage(connection):
    try:
        connection.sendall(os.urandom(64) * 100)
    except OSError:
        pass


class Mute:
    """Accepts every Association and answers no query."""

    def __init__(self):
        from pynetdicom import AE, evt
        from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelFind

        self.is_over = threading.Event()
        entity = AE("SENDER")
        entity.add_supported_context(StudyRootQueryRetrieveInformationModelFind)

        def answer(event):
            self.is_over.wait(LIMIT)
            yield 0xC000, None

        self.server = entity.start_server(
            ("127.0.0.1", PEER_PORT), block=False, evt_handlers=[(evt.EVT_C_FIND, answer)]
        )

    def kill(self):
        self.is_over.set()
        self.server.shutdown()

    def wait(self):
        pass


def study(uid):
    done = subprocess.run(
        [PRIORCTL, "study", uid, "--json", "--data-dir", DATA], capture_output=True, text=True, timeout=30
    )
    return json.loads(done.stdout) if done.returncode == 0 else None


def wait_for(uid, condition):
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        found = study(uid)
        if found and condition(found):
            return found
        time.sleep(0.1)
    raise TimeoutError(f"not within {LIMIT} s: {json.dumps(study(uid))[:2000]}")


def describe(case, found, **more):
    evidence = [piece for piece in found["completeness"]["evidence"] if piece["rule"] == "sender-count"]
    emit(
        case,
        verdict=found["completeness"]["verdict"],
        rule=(found["completeness"]["evidence"] or [{"rule": ""}])[0]["rule"],
        senderCount=" ".join(piece["verdict"] for piece in evidence),
        missing="|".join(name for piece in evidence for name in piece["missing"]),
        instances=found["study"]["instanceCount"],
        versions=" ".join(version["completeness"] for version in found["versions"]),
        timeline=" ".join(event["kind"] for event in found["timeline"]),
        details="|".join(event["detail"] for event in found["timeline"]),
        **more,
    )


def main(directory):
    files = sorted(str(path) for path in pathlib.Path(FILES).glob("*.dcm"))
    withheld = pydicom.dcmread(files[len(files) // 2], stop_before_pixels=True)
    uid = str(withheld.StudyInstanceUID)
    sent = [file for index, file in enumerate(files) if index != len(files) // 2]
    start_peer = {
        "dcmqrscp": lambda: dcmqrscp(directory, files),
        "orthanc": lambda: orthanc(directory, files),
        "silent": lambda: Listener(None),
        "garbage": lambda: Listener(garbage),
        "mute": Mute,
        "down": lambda: None,
    }
    peer = start_peer[KIND]()
    try:
        if KIND == "orthanc":
            identifiers = [one for index, one in enumerate(peer.identifiers) if index != len(files) // 2]
            rest(peer.http, "/modalities/priord/store", {"Resources": identifiers, "Synchronous": True})
        else:
            send(sent, PRIORD_PORT, "PRIORD")
        began = time.monotonic()
        first = wait_for(uid, lambda found: found["assessmentVersion"] >= 1)
        describe(
            "first", first, withheld=withheld.SOPInstanceUID, number=withheld.InstanceNumber,
            sent=len(sent), seconds=f"{time.monotonic() - began:.1f}",
        )
        if WAITS_FOR_COMPLETE:
            describe("complete", wait_for(uid, lambda found: found["completeness"]["verdict"] == "complete"))
            # Whatever would go round in circles has begun to by then.
            time.sleep(4)
            describe("afterwards", study(uid))
    finally:
        if peer:
            # Orthanc's clean stop takes as long as its longest timeout, and nothing of it is kept.
            peer.kill()
            peer.wait()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        main(pathlib.Path(name))
