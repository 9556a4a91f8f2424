"""What dciodvfy (dicom3tools) finds wrong in objects that leave priord and not in those that came.

    dciodvfy.py DICOM_PORT HTTP_PORT PRIORCTL DATA_DIRECTORY FOLDER…
"""

import pathlib
import subprocess
import sys
import tempfile
import warnings

import requests
from pydicom import dcmread

from decoders import by_dcmtk
from protocol_dimse import associate, send
from protocol_retrieve import UNCOMPRESSED
from protocol_wire import emit
from round_trip_corpus import DEFLATED, corpus, told

PORT, ROOT, PRIORCTL, DATA = int(sys.argv[1]), f"http://127.0.0.1:{sys.argv[2]}/dicomweb", sys.argv[3], sys.argv[4]
warnings.simplefilter("ignore")


def errors(path):
    """It does not read deflated Data Sets."""
    if dcmread(path, stop_before_pixels=True).file_meta.TransferSyntaxUID == DEFLATED:
        path = inflated(path)
    done = subprocess.run(["dciodvfy", str(path)], capture_output=True, timeout=60, text=True, errors="replace")
    return {line for line in done.stderr.splitlines() + done.stdout.splitlines() if line.startswith("Error")}


def inflated(path):
    by_dcmtk(path).save_as(path.with_suffix(".inflated"))
    return path.with_suffix(".inflated")


def main(directory):
    samples = corpus(sys.argv[5:], directory)
    for sample in samples.values():
        association = associate(PORT, [(sample.sop_class, [sample.syntax])])
        send(association, sample.sop_class, sample.instance, sample.data_set)
        association.release()
    before = {uid: errors(sample.path) for uid, sample in samples.items()}
    emit("originals", objects=len(samples), errors=sum(map(len, before.values())))

    def judge(name, objects):
        found, compared = [], 0
        for uid, content in objects:
            path = directory / "leaving.dcm"
            path.write_bytes(content)
            compared += 1
            new = sorted(errors(path) - before[uid])
            found += [f"{samples[uid].kind}: {line}" for line in new]
        emit(name, compared=compared, new="; ".join(found[:20]))

    for syntax in ["*", *UNCOMPRESSED]:
        got = []
        for uid, sample in samples.items():
            url = f"{ROOT}/studies/{sample.study}/series/{sample.series}/instances/{uid}"
            answer = requests.get(url, headers={"Accept": f"application/dicom; transfer-syntax={syntax}"}, timeout=60)
            if answer.status_code == 200:
                got.append((uid, answer.content))
        judge(syntax, got)

    exported = directory / "exported"
    exported.mkdir()
    subprocess.run([PRIORCTL, "export", "--all", str(exported), "--data-dir", DATA], capture_output=True, timeout=120)
    contents = [path.read_bytes() for path in exported.rglob("*.dcm")]
    judge("exported", [(told(content)[0], content) for content in contents])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        main(pathlib.Path(name))
