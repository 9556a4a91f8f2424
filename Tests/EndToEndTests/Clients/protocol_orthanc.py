"""An Orthanc of our own that sends files to priord, asks it for them and receives them from it.

    protocol_orthanc.py PORT FILE_DIRECTORY PRIORCTL
"""

import pathlib
import subprocess
import sys

from orthanc import Orthanc
from protocol_wire import emit

PORT, FILES, PRIORCTL = int(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]


def queries(orthanc):
    """C-FIND from the patient down to an image, as Orthanc asks: Patient Root for patients, Study Root below."""
    keys = {"PatientID": "HX00010234", "PatientName": "王*", "PatientBirthDate": "", "NumberOfPatientRelatedStudies": ""}
    for level, unique in [("Patient", "PatientID"), ("Study", "StudyInstanceUID"), ("Series", "SeriesInstanceUID"),
                          ("Instance", "SOPInstanceUID")]:
        query = orthanc.rest("/modalities/priord/query", {"Level": level, "Query": {unique: "", **keys}})["ID"]
        answers = orthanc.rest(f"/queries/{query}/answers?expand&simplify")
        names = {answer.get("PatientName", "") for answer in answers}
        emit(f"query {level}", count=len(answers), names=" ".join(sorted(names)))
        if level == "Patient":
            keys = {"PatientID": "HX00010234", "StudyDate": "20260914", "PatientName": "", "ModalitiesInStudy": ""}
        else:
            keys = {unique: answers[0][unique]} | ({"StudyInstanceUID": answers[0]["StudyInstanceUID"]} if level == "Series" else {})


with Orthanc(PORT) as orthanc:
    files = sorted(FILES.rglob("*.dcm"))
    for file in files:
        orthanc.rest("/instances", file.read_bytes())
    emit("echo", answer=orthanc.rest("/modalities/priord/echo", {}))
    job = orthanc.rest("/modalities/priord/store", {"Resources": orthanc.rest("/studies"), "Synchronous": True})
    emit("store", files=len(files), sent=job["InstancesCount"], failed=job["FailedInstancesCount"])
    queries(orthanc)
    orthanc.clear()
    to = ["--to", f"127.0.0.1:{orthanc.dicom}", "--ae-title", "ORTHANC"]
    sent = subprocess.run([PRIORCTL, "send", str(FILES), *to], capture_output=True, timeout=120)
    emit("from us", status=sent.returncode, received=orthanc.rest("/statistics")["CountInstances"])
