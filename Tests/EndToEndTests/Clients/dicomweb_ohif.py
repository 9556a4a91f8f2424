"""The requests that OHIF Viewer 3 makes, at the addresses and with the switches of docs/ohif/priord.js.

    dicomweb_ohif.py CONFIGURATION HTTP_PORT STUDY_INSTANCE_UID
"""

import re
import sys
from urllib.parse import urlencode

import requests

from protocol_wire import emit

ORIGIN = "http://localhost:3000"


def main():
    text = open(sys.argv[1], encoding="utf-8").read()
    here = re.search(r"^const priord = '([^']+)';$", text, re.M)[1]
    settings = dict(re.findall(r"^\s+(\w+): (?:`\$\{priord\}([^`]*)`|'[^']*'|true|false),$", text, re.M))
    switches = dict(re.findall(r"^\s+(\w+): (true|false),$", text, re.M))
    base = here.replace("8104", sys.argv[2])
    qido, wado = base + settings["qidoRoot"], base + settings["wadoRoot"]
    study = sys.argv[3]
    session = requests.Session()
    session.headers["Origin"] = ORIGIN
    allowed = set()

    def get(url, accept):
        answer = session.get(url, headers={"Accept": accept}, timeout=60)
        allowed.add(answer.headers.get("Access-Control-Allow-Origin"))
        return answer

    emit("configuration", here=here, **{name: switches.get(name, "") for name in (
        "qidoSupportsIncludeField", "supportsFuzzyMatching", "supportsWildcard", "supportsReject",
        "enableStudyLazyLoad", "omitQuotationForMultipartRequest")})
    preflight = session.options(
        qido + "/studies", timeout=60,
        headers={"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"})
    emit("preflight", status=preflight.status_code, origin=preflight.headers.get("Access-Control-Allow-Origin"),
         fields=preflight.headers.get("Access-Control-Allow-Headers"))

    # extensions/default/src/DicomWebDataSource/qido.js: mapParams
    query = {"limit": 101, "offset": 0, "fuzzymatching": switches["supportsFuzzyMatching"],
             "includefield": "00081030,00080060,00080090,00100030"}
    every = get(f"{qido}/studies?{urlencode(query)}", "application/dicom+json").json()
    emit("study list", count=len(every), described=sum("00081030" in match for match in every))
    one = next(match for match in every if match["0020000D"]["Value"] == [study])
    names = one["00100010"]["Value"][0]
    for key, text in (("PatientName", f"*{names['Alphabetic'].split('^')[0]}*"),
                      ("PatientName", f"*{names.get('Ideographic', names['Alphabetic'])[:1]}*"),
                      ("00100020", f"*{one['00100020']['Value'][0][1:-1]}*"),
                      ("StudyDescription", f"*{one['00081030']['Value'][0][:2]}*"),
                      ("ModalitiesInStudy", ",".join(one["00080061"]["Value"] + ["XX"])),
                      ("StudyInstanceUID", study),
                      ("StudyDate", f"19700102-{one['00080020']['Value'][0]}")):
        found = get(f"{qido}/studies?{urlencode({**query, key: text})}", "application/dicom+json").json()
        emit(f"filter {key} {text[:3]}", found=any(match["0020000D"]["Value"] == [study] for match in found))
    nothing = get(f"{qido}/studies?{urlencode({**query, '00100020': '*no such*'})}", "application/dicom+json")
    emit("nothing", status=nothing.status_code, text=nothing.text)

    series = get(f"{qido}/studies/{study}/series?includefield=0008103E,00080021", "application/dicom+json").json()
    emit("series", count=len(series), sorted=all("0020000E" in match and "00080060" in match for match in series))
    frames = metadata = compressed = 0
    for match in series:
        place = f"{wado}/studies/{study}/series/{match['0020000E']['Value'][0]}"
        for instance in get(f"{place}/metadata", "application/dicom+json").json():
            metadata += 1
            if frames >= 4 or "00280010" not in instance:
                continue
            accept = "multipart/related; type=application/octet-stream; transfer-syntax=*"
            answer = get(f"{place}/instances/{instance['00080018']['Value'][0]}/frames/1", accept)
            boundary = re.search(r"boundary=([^;]+)", answer.headers["Content-Type"])[1].encode()
            head, content = answer.content.split(b"\r\n\r\n", 1)
            pixels = instance["00280010"]["Value"][0] * instance["00280011"]["Value"][0]
            size = pixels * instance["00280100"]["Value"][0] // 8
            frame = content[:content.rindex(b"\r\n--" + boundary)]
            assert b"Content-Type: application/octet-stream" in head, head
            if b"transfer-syntax=" in head:
                # As it is stored, and the viewer decodes it by what its part says.
                compressed += 1
                assert 0 < len(frame) < size, len(frame)
            else:
                assert len(frame) == size, len(frame)
            bulk = get(instance["7FE00010"]["BulkDataURI"], "application/octet-stream")
            assert len(bulk.content) in (size, size + 1), "bulk data"
            frames += 1
    emit("pictures", metadata=metadata, frames=frames, compressed=compressed)
    emit("origin", allowed=allowed)


main()
