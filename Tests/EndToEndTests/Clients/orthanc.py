"""An Orthanc of our own on free ports of the loopback, which knows priord by that name."""

import ctypes
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

DICOMWEB_PLUGIN = pathlib.Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end_with_parent():
    """A test that is given up kills its script, and with it Orthanc (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Orthanc:
    """`with Orthanc(PORT) as orthanc:` serves until the end of the block.

    `dicom` is the port it listens on for Associations, any free one if none is given; `modality` and `settings` are added to
    what it knows of priord and to its own settings. With `dicomweb`, a URL, priord is its DICOMweb server of that name too.
    """

    def __init__(self, port, dicom=None, modality=None, dicomweb=None, **settings):
        self.http, self.dicom = free_port(), dicom or free_port()
        self.settings = {
            "HttpPort": self.http, "DicomPort": self.dicom, "DicomAet": "ORTHANC", "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False, "DicomAlwaysAllowStore": True, "DefaultEncoding": "Utf8", "Plugins": [],
            "DicomModalities": {"priord": {"AET": "PRIORD", "Host": "127.0.0.1", "Port": port, **(modality or {})}},
        }
        if dicomweb:
            self.settings["Plugins"] = [str(DICOMWEB_PLUGIN)]
            self.settings["DicomWeb"] = {"Enable": True, "Servers": {"priord": {"Url": dicomweb}}}
        self.settings.update(settings)

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory()
        place = pathlib.Path(self.directory.name)
        store = str(place / "store")
        path = place / "orthanc.json"
        path.write_text(json.dumps({**self.settings, "StorageDirectory": store, "IndexDirectory": store}))
        self.process = subprocess.Popen(
            [shutil.which("Orthanc") or "/usr/sbin/Orthanc", str(path)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=end_with_parent)
        self.wait_for(lambda: self.rest("/system"))
        return self

    def __exit__(self, *error):
        # Its clean stop takes as long as its longest timeout, and nothing of it is kept.
        self.process.kill()
        self.process.wait()
        self.directory.cleanup()

    def rest(self, path, body=None, method=None, raw=False):
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.http}{path}", data, method=method or ("GET" if data is None else "POST"))
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.read() if raw else json.load(answer)

    def wait_for(self, ready):
        """What `ready` answers once that is something."""
        for _ in range(300):
            try:
                answer = ready()
                if answer:
                    return answer
            except (urllib.error.URLError, ConnectionError):
                if self.process.poll() is not None:
                    raise
            time.sleep(0.1)
        raise TimeoutError

    def clear(self):
        for study in self.rest("/studies"):
            self.rest(f"/studies/{study}", method="DELETE", raw=True)

    def files(self):
        """The Part-10 files it holds."""
        return [self.rest(f"/instances/{instance}/file", raw=True) for instance in self.rest("/instances")]
