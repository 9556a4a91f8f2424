"""An Orthanc of our own, on free ports of the loopback, that sends files to priord and receives others from it.

    protocol_orthanc.py PORT FILE_DIRECTORY [PRIORCTL]
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

PORT, FILES = int(sys.argv[1]), pathlib.Path(sys.argv[2])
PRIORCTL = sys.argv[3] if len(sys.argv) > 3 else None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end_with_parent():
    """A test that is given up kills this script, and with it Orthanc (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


HTTP, DICOM = free_port(), free_port()


def rest(path, body=None, method=None):
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{HTTP}{path}", data, method=method or ("POST" if data else "GET"))
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def wait_until_ready(orthanc):
    for _ in range(200):
        try:
            return rest("/system")
        except (urllib.error.URLError, ConnectionError):
            if orthanc.poll() is not None:
                raise
            time.sleep(0.1)
    raise TimeoutError


def queries():
    """C-FIND from the patient down to an image, as Orthanc asks: Patient Root for patients, Study Root below."""
    keys = {"PatientID": "HX00010234", "PatientName": "王*", "PatientBirthDate": "", "NumberOfPatientRelatedStudies": ""}
    for level, unique in [("Patient", "PatientID"), ("Study", "StudyInstanceUID"), ("Series", "SeriesInstanceUID"),
                          ("Instance", "SOPInstanceUID")]:
        query = rest("/modalities/priord/query", {"Level": level, "Query": {unique: "", **keys}})["ID"]
        answers = rest(f"/queries/{query}/answers?expand&simplify")
        names = {answer.get("PatientName", "") for answer in answers}
        emit(f"query {level}", count=len(answers), names=" ".join(sorted(names)))
        if level == "Patient":
            keys = {"PatientID": "HX00010234", "StudyDate": "20260914", "PatientName": "", "ModalitiesInStudy": ""}
        else:
            keys = {unique: answers[0][unique]} | ({"StudyInstanceUID": answers[0]["StudyInstanceUID"]} if level == "Series" else {})


def main(directory):
    settings = {
        "Name": "protocol test",
        "StorageDirectory": str(directory),
        "IndexDirectory": str(directory),
        "HttpPort": HTTP,
        "DicomPort": DICOM,
        "DicomAet": "ORTHANC",
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DicomAlwaysAllowStore": True,
        "DefaultEncoding": "Utf8",
        "DicomModalities": {"priord": ["PRIORD", "127.0.0.1", PORT]},
        "Plugins": [],
    }
    (directory / "orthanc.json").write_text(json.dumps(settings))
    orthanc = subprocess.Popen(
        [shutil.which("Orthanc") or "/usr/sbin/Orthanc", str(directory / "orthanc.json")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=end_with_parent,
    )
    try:
        wait_until_ready(orthanc)
        files = sorted(FILES.rglob("*.dcm"))
        for file in files:
            rest("/instances", file.read_bytes())
        emit("echo", answer=rest("/modalities/priord/echo", {}))
        job = rest("/modalities/priord/store", {"Resources": rest("/studies"), "Synchronous": True})
        emit("store", files=len(files), sent=job["InstancesCount"], failed=job["FailedInstancesCount"])
        queries()
        if PRIORCTL:
            for study in rest("/studies"):
                rest(f"/studies/{study}", method="DELETE")
            to = ["--to", f"127.0.0.1:{DICOM}", "--ae-title", "ORTHANC"]
            sent = subprocess.run([PRIORCTL, "send", str(FILES), *to], capture_output=True, timeout=120)
            emit("from us", status=sent.returncode, received=rest("/statistics")["CountInstances"])
    finally:
        # Its clean stop takes as long as its longest timeout, and nothing of it is kept.
        orthanc.kill()
        orthanc.wait()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        main(pathlib.Path(name))
