"""An Orthanc of our own that sends files to priord and asks it to commit to them (Storage Commitment SCU).

    protocol_orthanc_commitment.py PORT ORTHANC_PORT FILE_DIRECTORY
"""

import ctypes
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from protocol_wire import emit

PORT, DICOM, FILES = int(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    HTTP = probe.getsockname()[1]


def rest(path, body=None):
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    with urllib.request.urlopen(f"http://127.0.0.1:{HTTP}{path}", data, timeout=60) as answer:
        return json.load(answer)


def wait_for(ready):
    for _ in range(300):
        try:
            answer = ready()
            if answer:
                return answer
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.1)
    raise TimeoutError


def commitment(instances):
    transaction = rest("/modalities/priord/storage-commitment", {"DicomInstances": instances})["ID"]
    report = lambda: rest(f"/storage-commitment/{transaction}")
    return wait_for(lambda: (answer := report())["Status"] != "Pending" and answer)


def main(directory):
    settings = {
        "StorageDirectory": str(directory),
        "IndexDirectory": str(directory),
        "HttpPort": HTTP,
        "DicomPort": DICOM,
        "DicomAet": "ORTHANC",
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DicomModalities": {
            "priord": {"AET": "PRIORD", "Host": "127.0.0.1", "Port": PORT, "AllowStorageCommitment": True}
        },
        "Plugins": [],
    }
    (directory / "orthanc.json").write_text(json.dumps(settings))
    orthanc = subprocess.Popen(
        [shutil.which("Orthanc") or "/usr/sbin/Orthanc", str(directory / "orthanc.json")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL),
    )
    try:
        wait_for(lambda: rest("/system"))
        for file in sorted(FILES.glob("*.dcm")):
            rest("/instances", file.read_bytes())
        rest("/modalities/priord/store", {"Resources": rest("/studies"), "Synchronous": True})
        named = []
        for instance in rest("/instances"):
            tags = rest(f"/instances/{instance}/simplified-tags")
            named.append([tags["SOPClassUID"], tags["SOPInstanceUID"]])
        for case, instances in [("all stored", named), ("one not stored", named[1:] + [[named[0][0], "1.2.3.4"]])]:
            report = commitment(instances)
            emit(case, status=report["Status"], committed=len(report["Success"]), failed=len(report["Failures"]))
    finally:
        # Its clean stop takes as long as its longest timeout, and nothing of it is kept.
        orthanc.kill()
        orthanc.wait()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        main(pathlib.Path(name))
