"""An Orthanc of our own that priord sends a study to (C-MOVE of a third) and that fetches it from priord (C-MOVE to itself).

    retrieve_orthanc.py PORT ORTHANC_DICOM_PORT STUDY_DIRECTORY
"""

import json
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import pydicom

from protocol_dimse import File, associate
from protocol_wire import emit

PORT, DICOM = int(sys.argv[1]), int(sys.argv[2])
FILES = [File(path) for path in sorted(pathlib.Path(sys.argv[3]).rglob("*.dcm"))]
STUDY = str(pydicom.dcmread(FILES[0].path, stop_before_pixels=True).StudyInstanceUID)
MOVE = "1.2.840.10008.5.1.4.1.2.2.2"


def rest(http, path, body=None, method=None, raw=False):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{http}{path}", data, method=method or ("POST" if data else "GET"))
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read() if raw else json.load(answer)


def count_same(http, directory):
    """How many Instances Orthanc holds, and how many of them with the Attributes, pixels included, and the Transfer Syntax
    that were stored at priord. (It writes Data Sets anew, so their bytes differ.)"""
    sent, same, instances = {file.instance: file for file in FILES}, 0, rest(http, "/instances")
    for instance in instances:
        path = directory / "received.dcm"
        path.write_bytes(rest(http, f"/instances/{instance}/file", raw=True))
        received = File(path)
        original = sent.get(received.instance)
        same += (
            original is not None and received.syntax == original.syntax
            and pydicom.dcmread(path) == pydicom.dcmread(original.path))
    return {"instances": len(instances), "same": same}


def main(directory):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        http = probe.getsockname()[1]
    (directory / "orthanc.json").write_text(json.dumps({
        "StorageDirectory": str(directory / "store"), "IndexDirectory": str(directory / "store"),
        "HttpPort": http, "DicomPort": DICOM, "DicomAet": "ORTHANC", "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False, "DicomAlwaysAllowStore": True,
        "DicomModalities": {"priord": ["PRIORD", "127.0.0.1", PORT]}, "Plugins": [],
    }))
    orthanc = subprocess.Popen(
        [shutil.which("Orthanc") or "/usr/sbin/Orthanc", str(directory / "orthanc.json")],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                rest(http, "/system")
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        identifier = pydicom.Dataset()
        identifier.QueryRetrieveLevel, identifier.StudyInstanceUID = "STUDY", STUDY
        association = associate(PORT, [(MOVE, ["1.2.840.10008.1.2"])], calling="RETRIEVER")
        status = [status for status, _ in association.send_c_move(identifier, "ORTHANC", MOVE)][-1]
        association.release()
        emit("sent by us", status=f"{status.Status:04X}", **count_same(http, directory))

        for study in rest(http, "/studies"):
            rest(http, f"/studies/{study}", method="DELETE", raw=True)
        query = rest(http, "/modalities/priord/query", {"Level": "Study", "Query": {"StudyInstanceUID": STUDY}})
        rest(http, f"/queries/{query['ID']}/retrieve", {"TargetAet": "ORTHANC", "Synchronous": True}, raw=True)
        emit("fetched by move", **count_same(http, directory))
    finally:
        # Its clean stop takes as long as its longest timeout, and nothing of it is kept.
        orthanc.kill()
        orthanc.wait()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        main(pathlib.Path(name))
