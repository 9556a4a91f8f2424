"""Objects handed out in uncompressed Transfer Syntaxes they are not stored in: the same whatever the way, every other value as it
was, and the pixels as DCMTK and pydicom decode them.

    round_trip_conversion.py DICOM_PORT HTTP_PORT FOLDER…
"""

import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy
import requests
from pydicom import dcmread
from pydicom.pixels import pixel_array

from data_sets import BIG_ENDIAN, differences, turned
from decoders import by_dcmtk, by_pydicom
from protocol_dimse import associate, send
from protocol_retrieve import EXPLICIT, UNCOMPRESSED, Inbox, facts, get, keys
from protocol_wire import emit
from round_trip_corpus import corpus, in_directory, told

PORT, ROOT = int(sys.argv[1]), f"http://127.0.0.1:{sys.argv[2]}/dicomweb"
# Two decoders of these may differ in the last bit.
LOSSY = {"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.91"}
# Nothing here decodes it, and priord says so.
UNDECODABLE = {"1.2.840.10008.1.2.4.201"}
warnings.simplefilter("ignore")


def by_get(sample, syntax):
    inbox = Inbox()
    identifier = keys("IMAGE", StudyInstanceUID=sample.study, SeriesInstanceUID=sample.series, SOPInstanceUID=sample.instance)
    found = facts(get(PORT, identifier, [(sample.sop_class, [syntax])], inbox))
    return found["status"], inbox.arrived.get(sample.instance)


def by_wado(sample, syntax):
    url = f"{ROOT}/studies/{sample.study}/series/{sample.series}/instances/{sample.instance}"
    answer = requests.get(url, headers={"Accept": f"application/dicom; transfer-syntax={syntax}"}, timeout=60)
    return answer.status_code, told(answer.content)[1] if answer.status_code == 200 else None


def by_getscu(samples):
    """It takes all it is sent in Explicit VR Little Endian; one run for all of them."""
    with tempfile.TemporaryDirectory() as directory:
        studies = sorted({sample.study for sample in samples.values()})
        subprocess.run(
            ["getscu", "-S", "+B", "-aet", "GETSCU", "-aec", "PRIORD", "-k", "0008,0052=STUDY", "-k",
             "0020,000D=" + "\\".join(studies), "127.0.0.1", str(PORT)],
            cwd=directory, capture_output=True, timeout=120)
        return in_directory(directory)


def pixels(sample, content, directory):
    """Why the pixels are not as others decode them, or ""."""
    path = pathlib.Path(directory) / "converted.dcm"
    path.write_bytes(content)
    converted, original = dcmread(path), dcmread(sample.path)
    if "PixelData" not in converted:
        return ""
    if sample.syntax in UNCOMPRESSED:
        is_same = pixel_words(converted) == pixel_words(original)
        return "" if is_same else "differs from the original's"
    ours = pixel_array(path, raw=True).astype(numpy.int64)
    dcmtk, pydicom = by_dcmtk(sample.path), by_pydicom(sample.path)
    if dcmtk is None and pydicom is None:
        return "nobody else decodes it"
    if dcmtk is not None and not numpy.array_equal(pixel_array(dcmtk, raw=True), ours):
        return "differs from DCMTK's"
    # pydicom leaves colours as they are coded.
    if pydicom is not None and converted.PhotometricInterpretation == original.PhotometricInterpretation:
        if pydicom.shape != ours.shape or numpy.abs(pydicom - ours).max() > (1 if sample.syntax in LOSSY else 0):
            return "differs from pydicom's"
    return ""


def pixel_words(data_set):
    """Pixel Data in little endian."""
    value, is_swapped = data_set.PixelData, data_set.file_meta.TransferSyntaxUID == BIG_ENDIAN
    return turned(value, 2) if is_swapped and data_set["PixelData"].VR == "OW" else value


def main(directory):
    samples = corpus(sys.argv[3:], directory)
    for sample in samples.values():
        association = associate(PORT, [(sample.sop_class, [sample.syntax])])
        send(association, sample.sop_class, sample.instance, sample.data_set)
        association.release()
    explicit = {}
    for syntax in UNCOMPRESSED:
        compared, ways, elements, wrong, refused = 0, [], [], [], []
        for sample in samples.values():
            name = f"{sample.path.name} {sample.kind}"
            (status, got), (code, over_http) = by_get(sample, syntax), by_wado(sample, syntax)
            if sample.syntax in UNDECODABLE:
                refused.append(f"{status} {code}")
                continue
            compared += 1
            if status != "0000" or got is None or over_http is None or got[0] != syntax:
                ways.append(f"{name}: {status} {code}")
                continue
            # A Data Set of odd length, as deflated ones may be, is padded on an Association.
            if got != over_http and got[1] != over_http[1] + b"\0":
                ways.append(f"{name}: C-GET and WADO-RS differ")
            if syntax == EXPLICIT:
                explicit[sample.instance] = got
            content = sample.part10(*got)
            if found := differences(content, sample.part10()):
                elements.append(f"{name}: {found}")
            if found := pixels(sample, content, directory):
                wrong.append(f"{name}: {found}")
        emit(syntax, compared=compared, ways="; ".join(ways), elements="; ".join(elements), pixels="; ".join(wrong),
             refused=" ".join(sorted(set(refused))))
    fetched = by_getscu(samples)
    emit("getscu", compared=len(fetched), wrong=" ".join(uid for uid in fetched if fetched[uid] != explicit.get(uid)),
         missing=" ".join(str(samples[uid].kind) for uid in explicit.keys() - fetched.keys()))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        main(pathlib.Path(name))
