"""A modality that tells of its performed procedure steps (MPPS).

    protocol_steps.py PORT STUDY_FOLDER statuses|study [LACKING]

`statuses` tries what is right and wrong of N-CREATE and N-SET; `study` performs a study: it starts a step, stores the
folder but for the last LACKING files, and completes the step with all of them.
"""

import io
import pathlib
import sys

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from pynetdicom import AE
from pynetdicom.dimse_primitives import N_CREATE, N_SET

from protocol_dimse import exchange
from protocol_wire import emit

STEP = "1.2.840.10008.3.1.2.3.3"
PORT, FOLDER, MODE = int(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
LACKING = int(sys.argv[4]) if len(sys.argv) > 4 else 0


def started(study):
    step = Dataset()
    item = Dataset()
    item.StudyInstanceUID, item.AccessionNumber, item.ScheduledProcedureStepID = study, "A1", "S1"
    item.RequestedProcedureID = item.RequestedProcedureDescription = item.ScheduledProcedureStepDescription = ""
    item.ReferencedStudySequence, item.ScheduledProtocolCodeSequence = [], []
    step.ScheduledStepAttributesSequence = [item]
    step.PatientName, step.PatientID, step.PatientBirthDate, step.PatientSex = "Test^Step", "P1", "", ""
    step.PerformedProcedureStepID, step.PerformedStationAETitle = "PPS1", "CT1"
    step.PerformedStationName = step.PerformedLocation = ""
    step.PerformedProcedureStepStartDate, step.PerformedProcedureStepStartTime = "20261120", "080000"
    step.PerformedProcedureStepEndDate = step.PerformedProcedureStepEndTime = ""
    step.PerformedProcedureStepStatus = "IN PROGRESS"
    step.Modality, step.StudyID, step.PerformedSeriesSequence = "CT", "", []
    return step


def ended(status, headers):
    step = Dataset()
    step.PerformedProcedureStepStatus = status
    step.PerformedProcedureStepEndDate, step.PerformedProcedureStepEndTime = "20261120", "081500"
    series = {}
    for header in headers:
        series.setdefault(header.SeriesInstanceUID, []).append(header)
    step.PerformedSeriesSequence = []
    for uid, members in series.items():
        item = Dataset()
        item.SeriesInstanceUID, item.ProtocolName, item.SeriesDescription = uid, "Head", ""
        item.PerformingPhysicianName = item.OperatorsName = item.RetrieveAETitle = ""
        item.ReferencedImageSequence, item.ReferencedNonImageCompositeSOPInstanceSequence = [], []
        for member in members:
            reference = Dataset()
            reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = (
                member.SOPClassUID,
                member.SOPInstanceUID,
            )
            item.ReferencedImageSequence.append(reference)
        step.PerformedSeriesSequence.append(item)
    return step


def associate(headers=(), calling="CT1"):
    ae = AE(ae_title=calling)
    ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = 30
    ae.add_requested_context(STEP, ExplicitVRLittleEndian)
    for sop_class in {header.SOPClassUID for header in headers}:
        ae.add_requested_context(sop_class, ExplicitVRLittleEndian)
    return ae.associate("127.0.0.1", PORT, ae_title="PRIORD")


def create(association, data_set, uid=None):
    answer, _ = association.send_n_create(data_set, STEP, uid)
    return answer


def change(association, data_set, uid):
    answer, _ = association.send_n_set(data_set, STEP, uid)
    return answer


def code(answer):
    return f"{answer.Status:04X}" if "Status" in answer else "aborted"


def raw(association, request, data_set):
    """Sends `data_set` as it stands."""
    request.MessageID = 7
    if isinstance(request, N_CREATE):
        request.AffectedSOPClassUID, request.AffectedSOPInstanceUID = STEP, generate_uid()
        request.AttributeList = io.BytesIO(data_set)
    else:
        request.RequestedSOPClassUID, request.RequestedSOPInstanceUID = STEP, generate_uid()
        request.ModificationList = io.BytesIO(data_set)
    response = exchange(association, request, association.accepted_contexts[0].context_id)
    return "aborted" if response is None else f"{response.Status:04X}"


def statuses():
    association = associate()
    study, uid = generate_uid(), generate_uid()
    emit("create", status=code(create(association, started(study), uid)))
    emit("create again", status=code(create(association, started(study), uid)))
    given = create(association, started(study))
    emit("create without a UID", status=code(given), given=bool(given.get("AffectedSOPInstanceUID")))

    completed = started(study)
    completed.PerformedProcedureStepStatus = "COMPLETED"
    emit("create completed", status=code(create(association, completed, generate_uid())))
    for keyword in ["PerformedStationAETitle", "Modality", "PerformedProcedureStepStatus"]:
        lacking, empty = started(study), started(study)
        delattr(lacking, keyword)
        setattr(empty, keyword, "")
        emit(f"create without {keyword}", status=code(create(association, lacking, generate_uid())))
        emit(f"create with an empty {keyword}", status=code(create(association, empty, generate_uid())))
    nowhere = started(study)
    del nowhere.ScheduledStepAttributesSequence[0].StudyInstanceUID
    emit("create without a study", status=code(create(association, nowhere, generate_uid())))
    emit("create from garbage", status=raw(association, N_CREATE(), b"\x08\x00\x05\x00CS\xff\xff" * 9))
    emit("set from garbage", status=raw(association, N_SET(), b"\x40\x00\x40\x03SQ\x00\x00\xff\xff\xff\xff" * 5000))

    emit("set unknown", status=code(change(association, ended("COMPLETED", []), generate_uid())))
    strange = Dataset()
    strange.PerformedProcedureStepStatus = "DONE"
    emit("set strange status", status=code(change(association, strange, uid)))
    running = Dataset()
    running.PerformedProcedureStepStatus, running.PerformedProcedureStepDescription = "IN PROGRESS", "still"
    emit("set in progress", status=code(change(association, running, uid)))
    other = associate(calling="CT2")
    emit("set by another peer", status=code(change(other, ended("DISCONTINUED", []), uid)))
    other.release()
    emit("set completed", status=code(change(association, ended("COMPLETED", []), uid)))
    late = change(association, ended("DISCONTINUED", []), uid)
    emit("set after the end", status=code(late), error=f"{late.get('ErrorID', 0):04X}", comment=late.get("ErrorComment"))
    association.release()


def perform():
    files = sorted(FOLDER.glob("*.dcm"))
    headers = [dcmread(file, stop_before_pixels=True) for file in files]
    association = associate(headers)
    uid = generate_uid()
    emit("started", status=code(create(association, started(headers[0].StudyInstanceUID), uid)))
    stored = [association.send_c_store(dcmread(file)).Status for file in files[: len(files) - LACKING]]
    emit("stored", count=len(stored), failed=sum(status != 0 for status in stored))
    emit("completed", status=code(change(association, ended("COMPLETED", headers), uid)))
    emit("last", uid=headers[-1].SOPInstanceUID, study=headers[0].StudyInstanceUID)
    association.release()


if __name__ == "__main__":
    statuses() if MODE == "statuses" else perform()
