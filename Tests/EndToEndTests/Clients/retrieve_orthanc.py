"""An Orthanc of our own that priord sends a study to (C-MOVE of a third), that fetches it from priord (C-MOVE to itself), and that
asks priord for it over HTTP (QIDO-RS).

    retrieve_orthanc.py PORT ORTHANC_DICOM_PORT HTTP_PORT STUDY_DIRECTORY
"""

import io
import pathlib
import sys

import pydicom

from orthanc import Orthanc
from protocol_dimse import File, associate
from protocol_wire import emit

PORT, DICOM, WEB = int(sys.argv[1]), int(sys.argv[2]), f"http://127.0.0.1:{sys.argv[3]}/dicomweb/"
FILES = [File(path) for path in sorted(pathlib.Path(sys.argv[4]).rglob("*.dcm"))]
STUDY = str(pydicom.dcmread(FILES[0].path, stop_before_pixels=True).StudyInstanceUID)
MOVE = "1.2.840.10008.5.1.4.1.2.2.2"


def count_same(orthanc):
    """How many Instances Orthanc holds, and how many of them with the Attributes, pixels included, and the Transfer Syntax
    that were stored at priord. (It writes Data Sets anew, so their bytes differ.)"""
    sent, same, held = {file.instance: file for file in FILES}, 0, orthanc.files()
    for content in held:
        received = pydicom.dcmread(io.BytesIO(content))
        original = sent.get(received.SOPInstanceUID)
        same += (
            original is not None and received.file_meta.TransferSyntaxUID == original.syntax
            and received == pydicom.dcmread(original.path))
    return {"instances": len(held), "same": same}


def ask(orthanc, case, path, **arguments):
    answers = orthanc.rest("/dicom-web/servers/priord/qido", {"Uri": path, "Arguments": arguments})
    emit(f"asked for {case}", count=len(answers))


with Orthanc(PORT, DICOM, dicomweb=WEB) as orthanc:
    identifier = pydicom.Dataset()
    identifier.QueryRetrieveLevel, identifier.StudyInstanceUID = "STUDY", STUDY
    association = associate(PORT, [(MOVE, ["1.2.840.10008.1.2"])], calling="RETRIEVER")
    status = [status for status, _ in association.send_c_move(identifier, "ORTHANC", MOVE)][-1]
    association.release()
    emit("sent by us", status=f"{status.Status:04X}", **count_same(orthanc))

    orthanc.clear()
    query = orthanc.rest("/modalities/priord/query", {"Level": "Study", "Query": {"StudyInstanceUID": STUDY}})
    orthanc.rest(f"/queries/{query['ID']}/retrieve", {"TargetAet": "ORTHANC", "Synchronous": True}, raw=True)
    emit("fetched by move", **count_same(orthanc))

    ask(orthanc, "/studies by key", "/studies", StudyInstanceUID=STUDY)
    ask(orthanc, "/series by key", "/series", StudyInstanceUID=STUDY)
    ask(orthanc, "instances of the study", f"/studies/{STUDY}/instances")
    ask(orthanc, "another study", "/studies", StudyInstanceUID="2.25.404")
