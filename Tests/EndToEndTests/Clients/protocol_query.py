"""C-FIND in every Information Model and level over the fixture studies, with pynetdicom and by hand.

    protocol_query.py PORT STUDY_UID_OF_A_CHINESE_NAME STUDY_UID_OF_A_VIETNAMESE_NAME
"""

import struct
import sys
import warnings

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pynetdicom import AE
from pynetdicom.pdu_primitives import SOPClassExtendedNegotiation

import protocol_wire as wire
from protocol_wire import COMMAND, EXPLICIT, LAST, STUDY_FIND, Peer, emit, p_data, pdv

PORT, CHINESE, VIETNAMESE = int(sys.argv[1]), sys.argv[2], sys.argv[3]
warnings.simplefilter("ignore")
PATIENT_FIND, PATIENT_STUDY_FIND = "1.2.840.10008.5.1.4.1.2.1.1", "1.2.840.10008.5.1.4.1.2.3.1"
ROOTS = {"patient root": PATIENT_FIND, "study root": STUDY_FIND, "patient/study only": PATIENT_STUDY_FIND}
UNIQUE = {"PATIENT": "PatientID", "STUDY": "StudyInstanceUID", "SERIES": "SeriesInstanceUID", "IMAGE": "SOPInstanceUID"}


def associate(sop_class, agreed=None, syntax=EXPLICIT):
    ae = AE(ae_title="QUERY")
    ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = 60
    ae.add_requested_context(sop_class, [syntax])
    items = []
    if agreed is not None:
        item = SOPClassExtendedNegotiation()
        item.sop_class_uid, item.service_class_application_information = sop_class, agreed
        items.append(item)
    return ae.associate("127.0.0.1", PORT, ae_title="PRIORD", ext_neg=items)


def identifier(level, **values):
    data_set = Dataset()
    if level:
        data_set.QueryRetrieveLevel = level
    if level in UNIQUE:
        setattr(data_set, UNIQUE[level], "")
    for keyword, value in values.items():
        setattr(data_set, keyword, value)
    return data_set


def find(case, data_set, sop_class=STUDY_FIND, agreed=None, syntax=EXPLICIT):
    """Reports Status and matches, and returns these."""
    association = associate(sop_class, agreed, syntax)
    accepted = association.acceptor.sop_class_extended.get(sop_class, b"").hex()
    answers = list(association.send_c_find(data_set, sop_class))
    association.release()
    matches = [match for _, match in answers if match is not None]
    last = answers[-1][0]
    emit(
        case, status=f"{last.Status:04X}", pending=f"{answers[0][0].Status:04X}", count=len(matches), accepted=accepted,
        comment=str(last.get("ErrorComment", "")),
        keys=" ".join(sorted(element.keyword for element in (matches[0] if matches else Dataset()))),
    )
    return matches


def levels():
    """Down from the top of each model to an image, by the Unique Keys of what was found."""
    for name, sop_class in ROOTS.items():
        above = {"StudyInstanceUID": CHINESE} if sop_class == STUDY_FIND else {"PatientID": "HX00010234"}
        for level in UNIQUE:
            matches = find(f"{name}, {level}", identifier(level, **above), sop_class)
            if matches:
                above[UNIQUE[level]] = getattr(matches[0], UNIQUE[level])
            elif level != "PATIENT":
                break


def character_sets():
    for charset in [None, "ISO_IR 100", "ISO_IR 192", "GB18030", "GBK", ["", "ISO 2022 IR 58"], ["", "ISO 2022 IR 87"], "NONSENSE"]:
        said = {}
        for name, uid in {"chinese": CHINESE, "vietnamese": VIETNAMESE}.items():
            data_set = identifier("STUDY", StudyInstanceUID=uid, PatientName="", StudyDescription="")
            association = associate(STUDY_FIND)
            if charset:
                data_set.SpecificCharacterSet = charset
            for _, match in association.send_c_find(data_set, STUDY_FIND):
                if match is not None:
                    declared = match.get("SpecificCharacterSet", "")
                    said[name] = str(match.PatientName)
                    said[name + " set"] = declared if isinstance(declared, str) else "\\".join(declared)
            association.release()
        emit(f"asked in {charset}", **{key.replace(" ", "_"): value for key, value in said.items()})


def odd_keys():
    find("object's own key", identifier("STUDY", PatientID="HX0001*", Manufacturer="*", KVP=""))
    find("key of a lower level", identifier("STUDY", PatientID="HX00010234", SeriesDescription=""))
    private = identifier("STUDY", PatientID="HX00010234")
    private.add_new(0x00091001, "LO", "X")
    find("private key", private)
    unknown = identifier("STUDY", PatientID="HX00010234")
    unknown.add_new(0x0008FFF0, "LO", "X")
    find("unknown key", unknown)
    items = identifier("STUDY", PatientID="HX00010234")
    item = Dataset()
    item.CodeValue = "NO-SUCH-CODE"
    items.ProcedureCodeSequence = Sequence([item])
    find("sequence", items)
    find("modality at study level", identifier("STUDY", Modality="MR"))
    find("range that ends before it begins", identifier("STUDY", StudyDate="20270101-20260101"))
    find("time that is none", identifier("STUDY", StudyTime="noon"))
    find("no level", identifier(None, PatientID="X"))
    find("level of another model", identifier("PATIENT", PatientID="X"))
    find("level below the model", identifier("SERIES", PatientID="X"), PATIENT_STUDY_FIND)
    find("level that is none", identifier("STUDIES", PatientID="X"))
    find("everything below", identifier("SERIES"))
    find("everything below, agreed", identifier("SERIES"), agreed=b"\1")
    find("an image by its series alone", identifier("IMAGE", SOPInstanceUID="2.25.404"))
    find("big endian", identifier("STUDY", PatientID="HX00010234", NumberOfStudyRelatedSeries="", Rows=""), syntax="1.2.840.10008.1.2.2")


def agreements():
    find("agreed on everything", identifier("STUDY", PatientID="HX00010234"), agreed=b"\1\1\1\1\1")
    find("name meant loosely", identifier("STUDY", PatientName="xiaomei"), agreed=b"\0\0\1")
    find("name meant strictly", identifier("STUDY", PatientName="xiaomei"), agreed=b"\0\0\0")
    find("overlong agreement", identifier("STUDY", PatientID="HX00010234"), agreed=b"\1" * 200)


def raw(identifier_bytes, sop_class=STUDY_FIND, message_id=7):
    request = wire.command(0x0020, sop_class, message_id=message_id, has_data_set=True)
    fragments = [identifier_bytes[i : i + 16000] for i in range(0, len(identifier_bytes), 16000)] or [b""]
    pdus = [p_data(pdv(5, COMMAND | LAST, request))]
    for number, fragment in enumerate(fragments):
        pdus.append(p_data(pdv(5, LAST if number == len(fragments) - 1 else 0, fragment)))
    return b"".join(pdus)


def implicit(group, element, value):
    return struct.pack("<HHI", group, element, len(value)) + value


def too_large():
    """An Identifier of more than 1 MiB, one of nearly as much, and one that ends within an Attribute."""
    level = implicit(0x0008, 0x0052, b"STUDY ")
    for case, data in {
        "identifier of 2 MiB": level + implicit(0x0020, 0x000D, b"1.2.3\\" * 350_000),
        "identifier of 1 MB of UIDs": level + implicit(0x0020, 0x000D, (b"2.25." + b"4" * 25 + b"\\") * 33_000),
        "identifier of wildcards": level + implicit(0x0008, 0x1030, b"*a" * 30_000),
        "identifier that is cut": level + implicit(0x0020, 0x000D, b"1.2.3 ")[:-3],
        "empty identifier": b"",
    }.items():
        peer = Peer(PORT)
        peer.associate()
        peer.send(raw(data))
        emit(case, outcome=peer.outcome(within=60), seconds=peer.elapsed())
        peer.close()


def cancelled():
    """Thousands of images, and a C-CANCEL-RQ after the first hundred of the answers."""
    count, study, series = 3000, "2.25.7001", "2.25.7002"
    peer = Peer(PORT)
    peer.associate()
    for number in range(count):
        instance = f"2.25.70030000{number}"
        peer.send(
            p_data(pdv(3, COMMAND | LAST, wire.store_command(instance)))
            + p_data(pdv(3, LAST, wire.data_set(instance, study, series)))
        )
        if peer.outcome() != "status 0000":
            raise SystemExit("not stored")
    query = implicit(0x0008, 0x0018, b"") + implicit(0x0008, 0x0052, b"IMAGE ") + implicit(0x0020, 0x000E, series.encode() + b"\0")
    for case, cancel_after in [("to its end", None), ("cancelled", 100)]:
        peer.send(raw(query))
        matches, last = 0, ""
        while not last or last == "status FF00":
            outcome = peer.outcome()
            if outcome == "status FFFF":
                continue
            last = outcome
            matches += last == "status FF00"
            if matches == cancel_after and last == "status FF00":
                body = wire.element(0x0100, 0x0FFF) + wire.element(0x0120, 7) + wire.element(0x0800, 0x0101)
                cancel = wire.element(0x0000, struct.pack("<I", len(body))) + body
                peer.send(p_data(pdv(5, COMMAND | LAST, cancel)))
        emit(case, matches=matches, last=last)
    peer.send(p_data(pdv(1, COMMAND | LAST, wire.echo_command())))
    emit("afterwards", said=peer.outcome())
    peer.close()


if __name__ == "__main__":
    levels()
    character_sets()
    odd_keys()
    agreements()
    too_large()
    cancelled()
