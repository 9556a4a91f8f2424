"""QIDO-RS with dicomweb-client, held against what the files say.

    dicomweb_search.py HTTP_PORT FOLDER…
    dicomweb_search.py HTTP_PORT --base

The files have been sent before. A FOLDER has one Study or more.
"""

import io
import json
import pathlib
import socket
import sys
import time
import warnings
from collections import defaultdict
from urllib.parse import urlparse

import requests
from dicomweb_client.api import DICOMwebClient
from pydicom import dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import HTJ2KLossless, RLELossless, generate_uid

from protocol_wire import emit

PORT = int(sys.argv[1])
ROOT = f"http://127.0.0.1:{PORT}/dicomweb"
CHINESE = "2.25.274588220911404479339877106200941906599"
warnings.simplefilter("ignore")


class Comparison:
    def __init__(self, name):
        self.name, self.compared, self.wrong = name, 0, []

    def equal(self, got, wanted, what):
        self.compared += 1
        if got != wanted:
            self.wrong.append(f"{what}: {got!r} for {wanted!r}"[:300])

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is not None:
            self.wrong.append(f"{kind.__name__}: {error}"[:500])
        emit(self.name, compared=self.compared, wrong="; ".join(self.wrong[:5]))
        return True


def value(found, tag):
    values = found.get(tag, {}).get("Value", [])
    return values[0] if values else None


def uids(found, tag="0020000D"):
    return sorted(value(match, tag) for match in found)


def get(path, accept="application/dicom+json"):
    return requests.get(ROOT + path, headers={"Accept": accept}, timeout=60)


def compare(files):
    client = DICOMwebClient(ROOT)
    studies, series, instances = defaultdict(list), defaultdict(list), {}
    for head in files:
        studies[str(head.StudyInstanceUID)].append(head)
        series[str(head.StudyInstanceUID), str(head.SeriesInstanceUID)].append(head)
        instances[str(head.SOPInstanceUID)] = head

    with Comparison("studies") as comparison:
        found = client.search_for_studies()
        comparison.equal(uids(found), sorted(studies), "studies")
        for match in found:
            own = studies[value(match, "0020000D")]
            comparison.equal(value(match, "00100020"), own[0].PatientID, "PatientID")
            comparison.equal(value(match, "00080020"), str(own[0].StudyDate), "StudyDate")
            comparison.equal(value(match, "00201208"), len(own), "NumberOfStudyRelatedInstances")
            comparison.equal(value(match, "00201206"), len({h.SeriesInstanceUID for h in own}), "…Series")
            comparison.equal(sorted(match["00080061"]["Value"]), sorted({h.Modality for h in own}), "ModalitiesInStudy")
            # This client writes a Host without the port, which URLs made of it lack then.
            place = urlparse(value(match, "00081190")).path.removeprefix("/dicomweb")
            comparison.equal(place, f"/studies/{value(match, '0020000D')}", "RetrieveURL")
            missing = {"00080020", "00080030", "00080050", "00080056", "00080061", "00080090", "00081190", "00100010",
                       "00100020", "00100030", "00100040", "0020000D", "00200010", "00201206", "00201208"} - set(match)
            comparison.equal(missing, set(), "attributes of a study")

    with Comparison("series") as comparison:
        for study, own in studies.items():
            found = client.search_for_series(study)
            comparison.equal(uids(found, "0020000E"), sorted({str(h.SeriesInstanceUID) for h in own}), study)
            for match in found:
                heads = series[study, value(match, "0020000E")]
                comparison.equal(value(match, "00080060"), heads[0].Modality, "Modality")
                comparison.equal(value(match, "00201209"), len(heads), "NumberOfSeriesRelatedInstances")
                comparison.equal(value(match, "0020000D"), study, "StudyInstanceUID")
        everywhere = client.search_for_series(limit=5000)
        comparison.equal(uids(everywhere, "0020000E"), sorted(one for _, one in series), "all series")
        comparison.equal({value(match, "00100020") is not None for match in everywhere}, {True}, "their patients")

    with Comparison("instances") as comparison:
        for (study, one), heads in series.items():
            found = client.search_for_instances(study, one)
            comparison.equal(uids(found, "00080018"), sorted(str(h.SOPInstanceUID) for h in heads), one)
            for match in found:
                head = instances[value(match, "00080018")]
                comparison.equal(value(match, "00080016"), head.SOPClassUID, "SOPClassUID")
                for tag, keyword in (("00200013", "InstanceNumber"), ("00280010", "Rows"), ("00280100", "BitsAllocated")):
                    wanted = head.get(keyword)
                    comparison.equal(value(match, tag), None if wanted is None else int(wanted), keyword)
        for study, own in studies.items():
            comparison.equal(len(client.search_for_instances(study)), len(own), f"instances of {study}")

    with Comparison("paging") as comparison:
        for level, wanted, tag, limit in (("studies", sorted(studies), "0020000D", 3),
                                          ("series", sorted(one for _, one in series), "0020000E", 7),
                                          ("instances", sorted(instances), "00080018", 101)):
            found, offset = [], 0
            while True:
                answer = get(f"/{level}?limit={limit}&offset={offset}")
                page = answer.json()
                left = offset + len(page) < len(wanted)
                comparison.equal("299" in answer.headers.get("Warning", ""), left, f"warning of {level} at {offset}")
                if not page:
                    break
                found += page
                offset += limit
            comparison.equal(uids(found, tag), wanted, f"pages of {level}")
        client_pages = client.search_for_studies(limit=2, get_remaining=True)
        comparison.equal(uids(client_pages), sorted(studies), "remaining pages")

    with Comparison("names") as comparison:
        def named(text, fuzzy=False):
            return uids(client.search_for_studies(fuzzymatching=fuzzy, search_filters={"PatientName": text}))
        for text in ("王^小梅", "王*", "Wang^Xiaomei", "wang^xiaomei", "WANG*", "=王^小梅", "*小梅*"):
            comparison.equal(CHINESE in named(text), True, text)
        comparison.equal(CHINESE in named("Xiaomei Wang"), False, "another order")
        comparison.equal(CHINESE in named("Xiaomei Wang", fuzzy=True), True, "another order, fuzzy")
        comparison.equal(CHINESE in named("小梅 王", fuzzy=True), True, "ideographs, fuzzy")
        vietnamese = sorted(study for study, own in studies.items() if str(own[0].PatientName).startswith("Nguyễn"))
        comparison.equal(bool(vietnamese), True, "fixtures with Vietnamese names")
        for text in ("Nguyễn*", "nguyen*", "NGUYỄN*"):
            comparison.equal(set(vietnamese) <= set(named(text)), True, text)
        found = client.search_for_studies(search_filters={"StudyInstanceUID": CHINESE})
        comparison.equal(value(found[0], "00100010"), {"Alphabetic": "Wang^Xiaomei", "Ideographic": "王^小梅"}, "PN")

    with Comparison("matching") as comparison:
        def found(level="studies", **filters):
            return client.search_for_studies(search_filters=filters)
        dates = sorted({str(own[0].StudyDate) for own in studies.values()})
        for first, last in ((dates[0], dates[len(dates) // 2]), (dates[1], ""), ("", dates[-2]), (dates[-1], dates[0])):
            wanted = sorted(study for study, own in studies.items()
                            if (first or "0") <= str(own[0].StudyDate) <= (last or "9"))
            comparison.equal(uids(found(StudyDate=f"{first}-{last}")), wanted, f"{first}-{last}")
        patient = files[0].PatientID
        comparison.equal(uids(found(PatientID=patient)),
                         sorted(s for s, own in studies.items() if own[0].PatientID == patient), patient)
        some = sorted(studies)[:3]
        for divider in (",", "\\"):
            comparison.equal(uids(found(StudyInstanceUID=divider.join(some))), some, f"list with {divider}")
        for modality in ("CT", "DX", "MR"):
            comparison.equal(uids(found(ModalitiesInStudy=modality)),
                             sorted(s for s, own in studies.items() if modality in {h.Modality for h in own}), modality)
        station = client.search_for_series(search_filters={"Manufacturer": files[0].Manufacturer}, limit=1000)
        comparison.equal(uids(station, "0020000E"),
                         sorted(one for (_, one), own in series.items() if own[0].Manufacturer == files[0].Manufacturer),
                         "an Attribute of the objects")
        requested = [head for head in files if head.get("RequestAttributesSequence")]
        if requested:
            step = requested[0].RequestAttributesSequence[0].get("ScheduledProcedureStepID", "")
            got = client.search_for_series(
                search_filters={"RequestAttributesSequence.ScheduledProcedureStepID": step}, limit=1000)
            comparison.equal(str(requested[0].SeriesInstanceUID) in uids(got, "0020000E"), True, "in a Sequence")
        absent = client.search_for_series(search_filters={"RequestAttributesSequence.00400009": "NO-SUCH"}, limit=1000)
        comparison.equal(absent, [], "in a Sequence, of nothing")

    with Comparison("everything") as comparison:
        for (study, one), heads in list(series.items())[:6]:
            for match in client.search_for_instances(study, one, fields=["all"])[:3]:
                head = instances[value(match, "00080018")]
                for keyword in ("Manufacturer", "StudyDescription", "PixelSpacing", "WindowCenter", "PatientSex"):
                    element = head.get(keyword) and head[keyword]
                    if element is not None and element.VM == 1:
                        # pydicom leaves escape sequences of GB2312 in the text.
                        wanted = str(element.value).replace("\x1b$)A", "")
                        comparison.equal(str(value(match, f"{element.tag:08X}")), wanted, keyword)
                comparison.equal("7FE00010" in match, False, "pixel data")
        field = client.search_for_studies(fields=["StudyDescription", "00081030", "Manufacturer"], limit=1)
        comparison.equal({"00081030", "00080070"} <= set(field[0]), True, "fields")

    with Comparison("hostile") as comparison:
        for path, status in (
            ("/studies?NoSuchKeyword=1", 400), ("/studies?limit=-1", 400), ("/studies?PatientID=%ff", 400),
            ("/studies?PatientID=a%00", 400), ("/studies/1.2%2f3/series", 400), ("/studies/%2e%2e%2f/series", 400),
            ("/studies/1..2/series", 400), ("/studies?StudyDate=tomorrow", 400), ("/series/1.2", 404),
            ("/studies?" + "&".join(f"0009{n:04X}=1" for n in range(16, 1000)), 400),
        ):
            answer = get(path)
            comparison.equal(answer.status_code, status, path[:60])
            comparison.equal(answer.headers["Content-Type"], "application/problem+json", path[:60])
            comparison.equal(answer.json()["status"], status, path[:60])
        comparison.equal(get("/studies", "application/dicom+xml").status_code, 406, "XML")
        comparison.equal(get("/studies?offset=" + "9" * 30).json(), [], "offset")
        # A query of a megabyte is refused by its length, and the daemon goes on.
        with socket.create_connection(("127.0.0.1", PORT), timeout=20) as wire:
            status = b""
            try:
                wire.sendall(b"GET /dicomweb/studies?PatientID=" + b"A" * (1 << 20) + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
            except OSError:
                pass
            try:
                status = wire.recv(100)
            except OSError:
                pass
            comparison.equal(status[9:12] in (b"400", b"414", b"431", b""), True, f"megabyte {status[:40]}")
        comparison.equal(get("/studies?limit=1").status_code, 200, "afterwards")

    with Comparison("slow readers") as comparison:
        # They ask for more than buffers hold and read nothing.
        wires = []
        for _ in range(12):
            wire = socket.create_connection(("127.0.0.1", PORT), timeout=20)
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            wire.sendall(b"GET /dicomweb/instances?includefield=all&limit=10000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            wires.append(wire)
        slowest = 0.0
        for _ in range(5):
            start = time.monotonic()
            comparison.equal(get("/studies?limit=10").status_code, 200, "beside slow readers")
            slowest = max(slowest, time.monotonic() - start)
        comparison.equal(slowest < 10, True, f"{slowest:.1f} s beside slow readers")
        for wire in wires:
            wire.close()


def parts(answer):
    boundary = answer.headers["Content-Type"].split("boundary=")[1].encode()
    pieces = (b"\r\n" + answer.content).split(b"\r\n--" + boundary)
    assert pieces[0] == b"" and pieces[-1] == b"--\r\n", "boundaries"
    return [piece.lstrip(b"\r\n").split(b"\r\n\r\n", 1) for piece in pieces[1:-1]]


def damage(files):
    """A Study of which one instance cannot be decoded, one is in a Transfer Syntax nobody here decodes, one is no image."""
    heads = [head for head in files
             if head.Modality == "CT" and not head.file_meta.TransferSyntaxUID.is_compressed][:4]
    study, one = generate_uid(), generate_uid()

    def copy(index):
        found = dcmread(heads[index].filename)
        found.StudyInstanceUID, found.SeriesInstanceUID = study, one
        found.SOPInstanceUID = found.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        found.InstanceNumber = index + 1
        return found

    def written(data_set):
        stream = io.BytesIO()
        data_set.save_as(stream)
        return stream.getvalue()

    def store(objects):
        body = b"".join(b"--x\r\nContent-Type: application/dicom\r\n\r\n" + content + b"\r\n" for content in objects)
        answer = requests.post(
            ROOT + "/studies", data=body + b"--x--\r\n", timeout=60,
            headers={"Content-Type": 'multipart/related; type="application/dicom"; boundary=x'})
        assert answer.status_code == 200, answer.text

    good, torn = copy(0), copy(1)
    torn.compress(RLELossless)
    torn.PixelData = encapsulate([b"\x02\x00\x00\x00" + b"\xff" * 60 + b"\x00" * 40])
    rest = copy(2)
    store([written(good), written(torn), written(rest)])
    with Comparison("damaged instance") as comparison:
        answer = get(f"/studies/{study}", 'multipart/related; type="application/dicom"')
        comparison.equal(answer.status_code, 200, "status")
        found = {str(dcmread(io.BytesIO(content)).SOPInstanceUID): head for head, content in parts(answer)}
        comparison.equal(len(found), 3, "parts")
        comparison.equal(RLELossless.encode() in found[torn.SOPInstanceUID], True, "as stored")
        comparison.equal(b"1.2.840.10008.1.2.1" in found[good.SOPInstanceUID], True, "converted")
        comparison.equal(RLELossless.encode() in found[good.SOPInstanceUID], False, "converted")
        alone = get(f"/studies/{study}/series/{one}/instances/{torn.SOPInstanceUID}", "application/dicom")
        comparison.equal(alone.status_code, 422, "alone")
        metadata = get(f"/studies/{study}/metadata").json()
        comparison.equal(len(metadata), 3, "metadata")
        answer = get(f"/studies/{study}/rendered", "multipart/related; type=image/png")
        pictures = parts(answer)
        comparison.equal(len(pictures), 2, "pictures")
        places = [head.split(b"Content-Location: ")[1].split(b"\r\n")[0].decode() for head, _ in pictures]
        comparison.equal([requests.get(place, timeout=60).status_code for place in places], [200, 200], "places")
        comparison.equal(get(f"/studies/{study}/rendered", "image/jpeg").content[:2], b"\xff\xd8", "representative")
        comparison.equal(get(f"/studies/{study}/series/{one}/rendered?window=40,400&viewport=64,64&quality=50&annotation=patient",
                             "image/jpeg").headers.get("Warning", "").count("annotation"), 1, "annotation")

    strange = copy(3)
    strange.file_meta.TransferSyntaxUID = HTJ2KLossless
    strange["PixelData"].VR = "OB"
    strange.PixelData = encapsulate([b"\xff\x4f" + bytes(100)])
    strange["PixelData"].is_undefined_length = True
    store([written(strange)])
    with Comparison("what nobody decodes") as comparison:
        answer = get(f"/studies/{study}", 'multipart/related; type="application/dicom"')
        comparison.equal(answer.status_code, 206, "status")
        comparison.equal("1 of the instances" in answer.headers.get("Warning", ""), True, "warning")
        comparison.equal(len(parts(answer)), 3, "parts")
        answer = get(f"/studies/{study}", 'multipart/related; type="application/dicom"; transfer-syntax=*')
        comparison.equal((answer.status_code, len(parts(answer))), (200, 4), "as stored")
        alone = get(f"/studies/{study}/series/{one}/instances/{strange.SOPInstanceUID}", "application/dicom")
        comparison.equal(alone.status_code, 406, "alone")


def base():
    """What Retrieve URL and BulkDataURI begin with, when a request pretends to come through a proxy."""
    headers = {"Host": "127.0.0.1", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https",
               "Forwarded": "host=evil.example;proto=https"}
    study = requests.get(ROOT + "/studies?limit=1", headers=headers, timeout=60).json()[0]
    metadata = requests.get(ROOT + f"/studies/{value(study, '0020000D')}/metadata", headers=headers, timeout=60).json()
    places = {value(study, "00081190"), metadata[0]["7FE00010"]["BulkDataURI"]}
    emit("base", url=" ".join(sorted({place.split("/dicomweb/")[0] for place in places})))


def main():
    paths = [path for folder in sys.argv[2:] for path in sorted(pathlib.Path(folder).rglob("*.dcm"))]
    files = [dcmread(path, stop_before_pixels=True) for path in paths]
    base()
    compare(files)
    damage(files)


base() if sys.argv[2] == "--base" else main()
