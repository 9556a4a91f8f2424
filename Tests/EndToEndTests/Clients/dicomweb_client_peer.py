"""DICOMweb with dicomweb-client: what is handed out compared with what was sent, and stored by it.

    dicomweb_client_peer.py DICOM_PORT HTTP_PORT FOLDER…
    dicomweb_client_peer.py DICOM_PORT HTTP_PORT --large PID

The second takes the one study that is there, of any size, and tells by how much the daemon grew meanwhile.
"""

import io
import json
import pathlib
import sys
import urllib.request
import warnings
from urllib.parse import urlparse

import numpy
import requests
from dicomweb_client.api import DICOMwebClient
from PIL import Image
from pydicom import dcmread
from pydicom.pixels import pixel_array
from pydicom.uid import generate_uid

from protocol_dimse import File, associate, send
from protocol_wire import emit

DICOM_PORT, HTTP = int(sys.argv[1]), f"http://127.0.0.1:{sys.argv[2]}"
ROOT = HTTP + "/dicomweb"
EXPLICIT = "1.2.840.10008.1.2.1"
warnings.simplefilter("ignore")


def resident(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


def large(pid):
    study = json.load(urllib.request.urlopen(f"{HTTP}/api/v1/studies"))["studies"][0]
    accept = 'multipart/related; type="application/dicom"; transfer-syntax=*'
    request = urllib.request.Request(f"{ROOT}/studies/{study['studyInstanceUID']}", headers={"Accept": accept})
    before, greatest, received = resident(pid), 0, 0
    with urllib.request.urlopen(request, timeout=60) as answer:
        while chunk := answer.read(4 << 20):
            received += len(chunk)
            greatest = max(greatest, resident(pid))
    # Preamble, File Meta Information and the head of the part come on top of the Data Set.
    extra = received - study["byteCount"]
    emit("large", whole=0 < extra < 4096, received=received, grown=max(0, greatest - before))


def data_set(content):
    """What follows the File Meta Information of a Part-10 file."""
    length = int.from_bytes(content[140:144], "little")
    return content[144 + length:]


class Comparison:
    def __init__(self, name):
        self.name, self.compared, self.wrong = name, 0, []

    def note(self, is_right, what):
        self.compared += 1
        if not is_right:
            self.wrong.append(str(what))

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is not None:
            self.wrong.append(f"{kind.__name__}: {error}")
        emit(self.name, compared=self.compared, wrong="; ".join(self.wrong[:5]))
        return True


def parts(url, accept):
    """Contents of the parts of a multipart answer, taken apart by hand."""
    answer = requests.get(url, headers={"Accept": accept}, timeout=60)
    answer.raise_for_status()
    boundary = answer.headers["Content-Type"].split("boundary=")[1].encode()
    pieces = (b"\r\n" + answer.content).split(b"\r\n--" + boundary)
    assert pieces[0] == b"" and pieces[-1] == b"--\r\n", "boundaries"
    return [piece.split(b"\r\n\r\n", 1)[1] for piece in pieces[1:-1]]


def main():
    files = [File(path) for folder in sys.argv[3:] for path in sorted(pathlib.Path(folder).rglob("*.dcm"))]
    by_uid = {file.instance: file for file in files}
    assert len(by_uid) == len(files)
    statuses = set()
    # One Association a kind: of two contexts of one SOP Class pynetdicom takes the first.
    for kind in sorted({(f.sop_class, f.syntax) for f in files}):
        association = associate(DICOM_PORT, [kind])
        for file in files:
            if (file.sop_class, file.syntax) == kind:
                statuses.add(send(association, file.sop_class, file.instance, file.data_set))
        association.release()
    emit("sent", instances=len(files), statuses=" ".join(sorted(statuses)))

    client = DICOMwebClient(ROOT)
    heads = {uid: dcmread(file.path) for uid, file in by_uid.items()}
    studies = sorted({str(head.StudyInstanceUID) for head in heads.values()})
    series = sorted({(str(head.StudyInstanceUID), str(head.SeriesInstanceUID)) for head in heads.values()})
    stored = 'multipart/related; type="application/dicom"; transfer-syntax=*'

    with Comparison("study") as comparison:
        got = [part for uid in studies for part in parts(f"{ROOT}/studies/{uid}", stored)]
        comparison.note(len(got) == len(files), f"{len(got)} parts")
        for part in got:
            uid = str(dcmread(io.BytesIO(part)).SOPInstanceUID)
            comparison.note(data_set(part) == by_uid[uid].data_set, uid)

    with Comparison("series") as comparison:
        for study, one in series:
            got = client.retrieve_series(study, one)
            wanted = {uid for uid, head in heads.items() if head.SeriesInstanceUID == one}
            comparison.note({str(found.SOPInstanceUID) for found in got} == wanted, one)
            for found in got:
                # Without a Transfer Syntax asked for it is Explicit VR Little Endian.
                right = heads[str(found.SOPInstanceUID)]
                comparison.note(found.file_meta.TransferSyntaxUID == EXPLICIT, found.file_meta.TransferSyntaxUID)
                comparison.note(numpy.array_equal(pixel_array(found), pixel_array(right)), right.SOPInstanceUID)

    samples = [next(head for head in heads.values() if head.SeriesInstanceUID == one) for _, one in series]
    uids = [(str(h.StudyInstanceUID), str(h.SeriesInstanceUID), str(h.SOPInstanceUID)) for h in samples]
    with Comparison("instance") as comparison:
        for head, names in zip(samples, uids):
            found = client.retrieve_instance(*names)
            comparison.note(found.PatientID == head.PatientID and found.SOPInstanceUID == names[2], names[2])
            url = "{}/studies/{}/series/{}/instances/{}".format(ROOT, *names)
            accept = {"Accept": "application/dicom; transfer-syntax=*"}
            answer = requests.get(url, headers=accept, timeout=60)
            comparison.note(data_set(answer.content) == by_uid[names[2]].data_set, f"single {names[2]}")
            tagged = requests.get(url, headers={**accept, "If-None-Match": answer.headers["ETag"]}, timeout=60)
            comparison.note(tagged.status_code == 304, f"tag {names[2]}")

    with Comparison("stored") as comparison:
        for head, names in zip(samples, uids):
            copy = dcmread(by_uid[names[2]].path)
            copy.SOPInstanceUID = copy.file_meta.MediaStorageSOPInstanceUID = generate_uid()
            copy.StudyInstanceUID = study = generate_uid()
            copy.SeriesInstanceUID = one = generate_uid()
            written = io.BytesIO()
            copy.save_as(written)
            for _ in range(2):
                # The same bytes once more are no failure.
                answer = client.store_instances([copy], study_instance_uid=study)
                referenced = [item.ReferencedSOPInstanceUID for item in answer.ReferencedSOPSequence]
                comparison.note(referenced == [copy.SOPInstanceUID], referenced)
                comparison.note("FailedSOPSequence" not in answer, "failed")
            accept = {"Accept": "application/dicom; transfer-syntax=*"}
            url = f"{ROOT}/studies/{study}/series/{one}/instances/{copy.SOPInstanceUID}"
            found = requests.get(url, headers=accept, timeout=60)
            comparison.note(data_set(found.content) == data_set(written.getvalue()), url)

    with Comparison("metadata") as comparison:
        for study in studies:
            for found in client.retrieve_study_metadata(study):
                right = heads[found["00080018"]["Value"][0]]
                comparison.note(found["00100010"]["Value"][0] is not None, "name")
                for tag in ("Rows", "Columns", "Modality", "StudyInstanceUID", "InstanceNumber"):
                    element = right[tag]
                    value = found[f"{element.tag:08X}"]["Value"][0]
                    comparison.note(str(value) == str(element.value), f"{tag} {value}")
                comparison.note("BulkDataURI" in found["7FE00010"], "pixel data")

    with Comparison("bulk data") as comparison:
        for head, names in zip(samples, uids):
            # This client writes a Host without the port, which URIs made of it lack then.
            uri = HTTP + urlparse(client.retrieve_instance_metadata(*names)["7FE00010"]["BulkDataURI"]).path
            content = b"".join(client.retrieve_bulkdata(uri))
            comparison.note(content.startswith(pixel_array(head).tobytes()), names[2])

    with Comparison("frames") as comparison:
        for head, names in zip(samples, uids):
            count = int(head.get("NumberOfFrames", 1))
            numbers = sorted({1, (count + 1) // 2, count})
            frames = client.retrieve_instance_frames(*names, frame_numbers=numbers)
            comparison.note(len(frames) == len(numbers), f"{len(frames)} frames")
            pixels = pixel_array(head).reshape(count, -1)
            for number, frame in zip(numbers, frames):
                comparison.note(bytes(frame) == pixels[number - 1].tobytes(), f"{names[2]} {number}")

    with Comparison("rendered") as comparison:
        for head, names in zip(samples, uids):
            for accept, kind in (("image/jpeg", "JPEG"), ("image/png", "PNG")):
                picture = Image.open(io.BytesIO(client.retrieve_instance_rendered(*names, media_types=(accept,))))
                comparison.note(picture.format == kind, picture.format)
                comparison.note(picture.size == (head.Columns, head.Rows), picture.size)
            url = "{}/studies/{}/series/{}/instances/{}/frames/1/rendered".format(ROOT, *names)
            small = requests.get(url + "?viewport=64,64", headers={"Accept": "image/png"}, timeout=60)
            comparison.note(max(Image.open(io.BytesIO(small.content)).size) == 64, "viewport")

    with Comparison("thumbnail") as comparison:
        study, one, instance = uids[0]
        for path in (f"studies/{study}", f"studies/{study}/series/{one}",
                     f"studies/{study}/series/{one}/instances/{instance}"):
            answer = requests.get(f"{ROOT}/{path}/thumbnail", timeout=60)
            comparison.note(answer.status_code == 200, answer.status_code)
            comparison.note(max(Image.open(io.BytesIO(answer.content)).size) <= 200, path)

    url = "{}/studies/{}/series/{}/instances/{}/rendered".format(ROOT, *uids[0])
    pictures = {requests.get(f"{url}?window={window}", timeout=60).content for window in ("40,80", "400,2000")}
    emit("window", differs=len(pictures) == 2)
    beyond = "{}/studies/{}/series/{}/instances/{}/frames/9999".format(ROOT, *uids[0])
    emit("absent", status=requests.get(beyond, timeout=60).status_code)


if sys.argv[3] == "--large":
    large(int(sys.argv[4]))
else:
    main()
