"""C-FIND at STUDY level over the fixture studies, with pynetdicom; reports the studies that each query finds.

    protocol_find.py PORT
"""

import io
import sys
import warnings

from pydicom.dataset import Dataset
from pynetdicom.dimse_primitives import C_FIND

import protocol_wire as wire
from protocol_dimse import associate, exchange
from protocol_wire import COMMAND, EXPLICIT, IMPLICIT, LAST, STUDY_FIND, Peer, emit, p_data, pdv

PORT = int(sys.argv[1])
warnings.simplefilter("ignore")
KEYS = ["StudyInstanceUID", "PatientName", "PatientID", "StudyDate", "ModalitiesInStudy", "StudyDescription"]


def query(case, syntax=IMPLICIT, charset=None, level="STUDY", keys=KEYS, **values):
    """Reports the last Status, the one before it, how many matches there were and what the first one says."""
    identifier = Dataset()
    if charset:
        identifier.SpecificCharacterSet = charset
    if level:
        identifier.QueryRetrieveLevel = level
    for key in keys:
        setattr(identifier, key, "")
    for key, value in values.items():
        setattr(identifier, key, value)
    association = associate(PORT, [(STUDY_FIND, [syntax])])
    answers = list(association.send_c_find(identifier, STUDY_FIND))
    association.release()
    matches = [found for _, found in answers if found is not None]
    first = matches[0] if matches else Dataset()
    emit(
        case,
        status=f"{answers[-1][0].Status:04X}",
        pending=f"{answers[0][0].Status:04X}",
        count=len(matches),
        studies=" ".join(sorted({str(found.get("StudyInstanceUID")) for found in matches})),
        name=str(first.get("PatientName", "")),
        description=str(first.get("StudyDescription", "")),
        charset=str(first.get("SpecificCharacterSet", "")),
        level=str(first.get("QueryRetrieveLevel", "")),
        retrieve=str(first.get("RetrieveAETitle", "")),
        instances=str(first.get("NumberOfStudyRelatedInstances", "")),
    )


def malformed():
    """An Identifier that is no Data Set."""
    association = associate(PORT, [(STUDY_FIND, [EXPLICIT])])
    request = C_FIND()
    request.MessageID, request.Priority, request.AffectedSOPClassUID = 1, 2, STUDY_FIND
    request.Identifier = io.BytesIO(b"\xff" * 100)
    response = exchange(association, request, association.accepted_contexts[0].context_id)
    emit("malformed identifier", status=f"{response.Status:04X}")
    association.release()


def cancelled():
    """A C-CANCEL-RQ right behind the C-FIND-RQ, so that it is there before the last match."""
    identifier = (
        wire.struct.pack("<HHI", 8, 0x52, 6) + b"STUDY " + wire.struct.pack("<HHI", 0x20, 0x0D, 0)
    )
    request = wire.command(0x0020, STUDY_FIND, message_id=7, has_data_set=True)
    body = wire.element(0x0100, 0x0FFF) + wire.element(0x0120, 7) + wire.element(0x0800, 0x0101)
    cancel = wire.element(0x0000, wire.struct.pack("<I", len(body))) + body
    peer = Peer(PORT)
    peer.associate()
    peer.send(
        p_data(pdv(5, COMMAND | LAST, request)) + p_data(pdv(5, LAST, identifier)) + p_data(pdv(5, COMMAND | LAST, cancel))
    )
    said = []
    while not said or said[-1] == "status FF00":
        outcome = peer.outcome()
        if outcome != "status FFFF":  # the Identifier of a match
            said.append(outcome)
    peer.send(p_data(pdv(1, COMMAND | LAST, wire.echo_command())))
    emit("cancelled", last=said[-1], matches=len(said) - 1, afterwards=peer.outcome())
    peer.close()


if __name__ == "__main__":
    query("universal")
    query("universal, explicit", syntax=EXPLICIT)
    query("patient ID", PatientID="HX00010234")
    query("patient ID with wildcard", PatientID="HX0001*")
    query("patient ID and issuer", PatientID="HX00010234", IssuerOfPatientID="HUXI-REGION")
    query("name with wildcard", PatientName="Wang*")
    query("name in another case", PatientName="wang^xiaomei")
    query("Chinese name in UTF-8", charset="ISO_IR 192", PatientName="*王^小梅*")
    query("Chinese name in GB18030", charset="GB18030", PatientName="*王^小梅*")
    query("Vietnamese name", charset="ISO_IR 192", PatientName="Nguyễn*")
    query("Vietnamese name without diacritics", PatientName="nguyen*")
    query("one date", StudyDate="20260914")
    query("date range", StudyDate="20260701-20260731")
    query("date range open at its end", StudyDate="20261001-")
    query("date range open at its begin", StudyDate="-19991231")
    query("date range that ends before it begins", StudyDate="20261231-20260101")
    query("no date", StudyDate="yesterday")
    query("modality", ModalitiesInStudy="MR")
    query("modality with wildcard", ModalitiesInStudy="M?")
    query("UID list", StudyInstanceUID=sys.argv[2:4])
    query("unknown UID", StudyInstanceUID="2.25.404")
    query("sex", PatientSex="O")
    query("description with wildcard", charset="ISO_IR 192", StudyDescription="*平扫*")
    query("institution", charset="ISO_IR 192", InstitutionName="杭州湖滨医院")
    query("institution with wildcard", charset="ISO_IR 192", InstitutionName="杭州*")
    query("birth date of nobody", PatientBirthDate="18000101")
    query("time of nobody", StudyTime="000000-000001")
    query("study ID of nobody", StudyID="NOBODY")
    query("counts", keys=KEYS + ["NumberOfStudyRelatedInstances"], PatientID="HX00010234", StudyDate="20260914")
    query("unsupported key", keys=KEYS + ["SeriesDescription"], PatientID="HX00010234")
    query("unsupported level", level="SERIES")
    query("no level", level=None)
    malformed()
    cancelled()
