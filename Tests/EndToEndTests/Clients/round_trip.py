"""Objects stored at priord in one way and brought back in every other, whole Data Sets compared, byte for byte.

    round_trip.py WAY_IN DICOM_PORT HTTP_PORT DESTINATION_PORT ORTHANC_PORT FOLDER…

WAY_IN is one of `WAYS_IN`. DCMTK's senders and Orthanc write Data Sets anew, so what they have sent is seen by a control: the same
peer sends the same files to `storescp --bit-preserving`, and priord has to hand out just those bytes. What a peer cannot send at all
does not reach the control either, and is only counted.
"""

import io
import pathlib
import subprocess
import sys
import tempfile
import time
import warnings

import pydicom
import requests
from dicomweb_client.api import DICOMwebClient

from orthanc import DICOMWEB_PLUGIN, Orthanc, free_port
from protocol_dimse import associate, send
from protocol_retrieve import Inbox, destination, get, keys, move
from protocol_wire import emit
from round_trip_corpus import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT, corpus, in_directory, taken_apart, told

WAY, PORT, HTTP, DESTINATION, ORTHANC = sys.argv[1], *map(int, sys.argv[2:6])
ROOT = f"http://127.0.0.1:{HTTP}/dicomweb"
STORED = 'multipart/related; type="application/dicom"; transfer-syntax=*'
warnings.simplefilter("ignore")

# How storescu is told to propose a Transfer Syntax; it knows no others.
STORESCU = {
    EXPLICIT: "-xe", IMPLICIT: "-xi", BIG_ENDIAN: "-xb", DEFLATED: "-xd", "1.2.840.10008.1.2.4.50": "-xy",
    "1.2.840.10008.1.2.4.51": "-xx", "1.2.840.10008.1.2.4.70": "-xs", "1.2.840.10008.1.2.4.80": "-xt",
    "1.2.840.10008.1.2.4.81": "-xu", "1.2.840.10008.1.2.4.90": "-xv", "1.2.840.10008.1.2.4.91": "-xw",
    "1.2.840.10008.1.2.5": "-xr",
}


def run(*command, directory=None):
    """What a program says; whether it thinks that it succeeded is for the comparison to show."""
    done = subprocess.run(
        [str(part) for part in command], cwd=directory, capture_output=True, text=True, timeout=120, errors="replace")
    return done.stdout + done.stderr


# Ways in that speak DICOM: whom they send to is told by AE Title and port.

def by_pynetdicom(samples, called, port):
    for sample in samples.values():
        association = associate(port, [(sample.sop_class, [sample.syntax])], called=called)
        if association.accepted_contexts:
            send(association, sample.sop_class, sample.instance, sample.data_set)
        association.release()


def by_storescu(samples, called, port):
    for syntax, option in STORESCU.items():
        files = [sample.path for sample in samples.values() if sample.syntax == syntax]
        if files:
            run("storescu", "-R", "-nh", option, "-aec", called, "127.0.0.1", port, *files)


def by_dcmsend(samples, called, port):
    files = [sample.path for sample in samples.values()]
    run("dcmsend", "-dn", "-nh", "-nuc", "-aec", called, "127.0.0.1", port, *files)


class Storescp:
    """Keeps what it is sent bit for bit, in whatever Transfer Syntax."""

    def __enter__(self):
        self.directory, self.port = tempfile.TemporaryDirectory(), free_port()
        self.process = subprocess.Popen(
            ["storescp", "+xa", "+B", "-aet", "CONTROL", "-od", self.directory.name, str(self.port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            if run("echoscu", "-aec", "CONTROL", "127.0.0.1", self.port) == "":
                break
            time.sleep(0.05)
        return self

    def __exit__(self, *error):
        self.process.kill()
        self.process.wait()
        self.directory.cleanup()

    @property
    def received(self):
        return in_directory(self.directory.name)


def controlled(way):
    """Sends to the control and to priord; what the control got is what priord has to have."""

    def store(samples, orthanc):
        with Storescp() as control:
            way(samples, "CONTROL", control.port)
            sent = control.received
        way(samples, "PRIORD", PORT)
        return sent

    return store


def from_pynetdicom(samples, orthanc):
    by_pynetdicom(samples, "PRIORD", PORT)
    return as_they_are(samples)


def as_they_are(samples):
    return {uid: (sample.syntax, sample.data_set) for uid, sample in samples.items()}


def from_dicomweb_client(samples, orthanc):
    client, sent = DICOMwebClient(ROOT), {}
    for uid, sample in samples.items():
        data_set = pydicom.dcmread(sample.path)
        written = io.BytesIO()
        pydicom.dcmwrite(written, data_set)
        client.store_instances([data_set])
        sent[uid] = taken_apart(written.getvalue())
    return sent


def from_orthanc(samples, orthanc):
    upload(samples, orthanc)
    with Storescp() as control:
        orthanc.rest("/modalities/control", {"AET": "CONTROL", "Host": "127.0.0.1", "Port": control.port}, "PUT", raw=True)
        for instance in orthanc.rest("/instances"):
            for name in ("control", "priord"):
                orthanc.rest(f"/modalities/{name}/store", {"Resources": [instance], "Permissive": True, "Synchronous": True})
        return control.received


def from_orthanc_by_stow(samples, orthanc):
    upload(samples, orthanc)
    orthanc.rest("/dicom-web/servers/priord/stow", {"Resources": orthanc.rest("/studies"), "Synchronous": True}, raw=True)
    return dict(told(content) for content in orthanc.files())


def upload(samples, orthanc):
    """What Orthanc does not take is not sent by it."""
    orthanc.clear()
    for sample in samples.values():
        try:
            orthanc.rest("/instances", sample.path.read_bytes())
        except OSError:
            continue


WAYS_IN = {
    "pynetdicom": from_pynetdicom, "storescu": controlled(by_storescu), "dcmsend": controlled(by_dcmsend),
    "dicomweb-client": from_dicomweb_client, "orthanc": from_orthanc, "orthanc stow": from_orthanc_by_stow,
}


def studies(samples):
    return sorted({sample.study for sample in samples.values()})


def members(samples, study):
    return {uid: sample for uid, sample in samples.items() if sample.study == study}


def to_pynetdicom_by_get(samples, sent, orthanc):
    inbox = Inbox()
    for study in studies(samples):
        contexts = sorted({(s.sop_class, sent[uid][0]) for uid, s in members(samples, study).items()})
        get(PORT, keys("STUDY", StudyInstanceUID=study), [(a, [t]) for a, t in contexts], inbox)
    return inbox.arrived


def to_pynetdicom_by_move(samples, sent, orthanc):
    inbox = Inbox()
    contexts = sorted({(sample.sop_class, sent[uid][0]) for uid, sample in samples.items()})
    server = destination(DESTINATION, inbox, [(a, [t]) for a, t in contexts])
    for study in studies(samples):
        move(PORT, keys("STUDY", StudyInstanceUID=study))
    server.shutdown()
    return inbox.arrived


def to_movescu(samples, sent, orthanc):
    # One C-MOVE for all, since movescu waits for an Association in steps of a second. With +B it takes no notice of -od.
    with tempfile.TemporaryDirectory() as directory:
        run("movescu", "-S", "+xa", "+B", "-aet", "DEST", "-aem", "DEST", "-aec", "PRIORD", "+P", DESTINATION,
            "-k", "0008,0052=STUDY", "-k", "0020,000D=" + "\\".join(studies(samples)), "127.0.0.1", PORT, directory=directory)
        return in_directory(directory)


def to_dicomweb(samples, sent, orthanc):
    """Study by study, in one answer of many parts."""
    got = {}
    for study in studies(samples):
        answer = requests.get(f"{ROOT}/studies/{study}", headers={"Accept": STORED}, timeout=60)
        boundary = answer.headers["Content-Type"].split("boundary=")[1].encode()
        pieces = (b"\r\n" + answer.content).split(b"\r\n--" + boundary)
        got.update(told(piece.split(b"\r\n\r\n", 1)[1]) for piece in pieces[1:-1])
    return got


def to_dicomweb_client(samples, sent, orthanc):
    """What the client makes of it, written again as it writes what it was sent."""
    client, got = DICOMwebClient(ROOT), {}
    for study in studies(samples):
        for found in client.retrieve_study(study, media_types=(("application/dicom", "*"),)):
            got[str(found.SOPInstanceUID)] = written_again(found)
    return got


def written_again(data_set):
    written = io.BytesIO()
    pydicom.dcmwrite(written, data_set)
    return taken_apart(written.getvalue())


def to_orthanc(samples, sent, orthanc):
    orthanc.clear()
    query = {"Level": "Study", "Query": {"StudyInstanceUID": "\\".join(studies(samples))}}
    found = orthanc.rest("/modalities/priord/query", query)["ID"]
    try:
        orthanc.rest(f"/queries/{found}/retrieve", {"TargetAet": "ORTHANC", "Permissive": True, "Synchronous": True}, raw=True)
    except OSError:  # It has not taken all of them.
        pass
    return dict(told(content) for content in orthanc.files())


def to_orthanc_by_wado(samples, sent, orthanc):
    orthanc.clear()
    resources = [{"Study": study} for study in studies(samples)]
    orthanc.rest("/dicom-web/servers/priord/retrieve", {"Resources": resources, "Synchronous": True}, raw=True)
    return dict(told(content) for content in orthanc.files())


def directly(samples, sent, called, port):
    """Sends what is at priord to somebody else."""
    for uid, (syntax, data_set) in sent.items():
        association = associate(port, [(samples[uid].sop_class, [syntax])], called=called)
        if association.accepted_contexts:
            # The length of fragments is even (PS3.8 9.3.5.1).
            send(association, samples[uid].sop_class, uid, data_set + bytes(len(data_set) % 2))
        association.release()


def as_storescp_takes_it(samples, sent, orthanc):
    with Storescp() as control:
        directly(samples, sent, "CONTROL", control.port)
        return control.received


def as_orthanc_takes_it(samples, sent, orthanc):
    orthanc.clear()
    directly(samples, sent, "ORTHANC", orthanc.dicom)
    return dict(told(content) for content in orthanc.files())


def padded(samples, sent, orthanc):
    return {uid: (syntax, data_set + bytes(len(data_set) % 2)) for uid, (syntax, data_set) in sent.items()}


def unchanged(samples, sent, orthanc):
    return sent


def as_dicomweb_client_writes(samples, sent, orthanc):
    return {
        uid: written_again(pydicom.dcmread(io.BytesIO(samples[uid].part10(*found)))) for uid, found in sent.items()}


# Each way with what it has to give.
WAYS_OUT = {
    "pynetdicom C-GET": (to_pynetdicom_by_get, padded),
    "pynetdicom C-MOVE": (to_pynetdicom_by_move, padded),
    "movescu": (to_movescu, as_storescp_takes_it),
    "WADO-RS": (to_dicomweb, unchanged),
    "dicomweb-client": (to_dicomweb_client, as_dicomweb_client_writes),
    "orthanc C-MOVE": (to_orthanc, as_orthanc_takes_it),
    "orthanc WADO-RS": (to_orthanc_by_wado, unchanged),
}


def main(directory, orthanc):
    samples = corpus(sys.argv[6:], directory)
    sent = WAYS_IN[WAY](samples, orthanc)
    syntaxes = {syntax for syntax, _ in sent.values()}
    emit("sent", samples=len(samples), sent=len(sent), syntaxes=len(syntaxes),
         characters=len({samples[uid].characters for uid in sent}),
         unsent=" ".join(sorted({samples[uid].syntax for uid in set(samples) - set(sent)})))
    samples = {uid: samples[uid] for uid in sent}
    for name, (way, expectation) in WAYS_OUT.items():
        expected = expectation(samples, sent, orthanc)
        got = way(samples, sent, orthanc)
        wrong = [
            f"{samples[uid].path.name} {samples[uid].kind} " + ("missing" if uid not in got else "differs")
            for uid in expected if got.get(uid) != expected[uid]]
        emit(name, compared=len(expected), extra=len(set(got) - set(expected)), wrong="; ".join(wrong))


if __name__ == "__main__":
    web = ROOT + "/" if DICOMWEB_PLUGIN.exists() else None
    with tempfile.TemporaryDirectory() as name, Orthanc(PORT, ORTHANC, dicomweb=web) as orthanc:
        main(pathlib.Path(name), orthanc)
