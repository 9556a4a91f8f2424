"""C-GET and C-MOVE with pynetdicom, a Move Destination, and what arrived, byte for byte."""

from pydicom.dataset import Dataset
from pynetdicom import AE, build_role, evt
from pynetdicom.pdu_primitives import SOPClassExtendedNegotiation

from protocol_dimse import associate

STUDY_GET, STUDY_MOVE = "1.2.840.10008.5.1.4.1.2.2.3", "1.2.840.10008.5.1.4.1.2.2.2"
PATIENT_GET, PATIENT_MOVE = "1.2.840.10008.5.1.4.1.2.1.3", "1.2.840.10008.5.1.4.1.2.1.2"
IMPLICIT, EXPLICIT, BIG_ENDIAN = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
UNCOMPRESSED = [EXPLICIT, IMPLICIT, BIG_ENDIAN]


def keys(level, **values):
    identifier = Dataset()
    identifier.QueryRetrieveLevel = level
    for name, value in values.items():
        setattr(identifier, name, value)
    return identifier


class Inbox:
    """What arrived, and how each Instance is answered."""

    def __init__(self, answer=lambda inbox, event: 0x0000):
        self.arrived, self.originators, self.answer = {}, set(), answer

    def handlers(self):
        return [(evt.EVT_C_STORE, self.take)]

    def take(self, event):
        request = event.request
        self.originators.add((request.MoveOriginatorApplicationEntityTitle, request.MoveOriginatorMessageID))
        status = self.answer(self, event)
        if status == 0x0000:
            self.arrived[str(request.AffectedSOPInstanceUID)] = (
                str(event.context.transfer_syntax), request.DataSet.getvalue())
        return status


def get(port, identifier, contexts, inbox, model=STUDY_GET, relational=None, roles=True, stop_after=None, calling="RETRIEVER"):
    """One C-GET; returns every response."""
    ae = AE(ae_title=calling)
    ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = 60
    ae.add_requested_context(model, [EXPLICIT])
    for abstract, syntaxes in contexts:
        ae.add_requested_context(abstract, syntaxes)
    negotiation = [build_role(a, scp_role=True) for a in dict.fromkeys(a for a, _ in contexts)] if roles else []
    if relational is not None:
        item = SOPClassExtendedNegotiation()
        item.sop_class_uid, item.service_class_application_information = model, relational
        negotiation.append(item)
    association = ae.associate(
        "127.0.0.1", port, ae_title="PRIORD", ext_neg=negotiation, evt_handlers=inbox.handlers())
    responses = []
    for status, answer in association.send_c_get(identifier, model):
        responses.append((status, answer))
        if stop_after is not None and status.get("NumberOfCompletedSuboperations", 0) >= stop_after:
            association.send_c_cancel(1, query_model=model)
            stop_after = None
    association.release()
    return responses


def move(port, identifier, model=STUDY_MOVE, destination="DEST", stop_after=None, calling="RETRIEVER"):
    association = associate(port, [(model, [EXPLICIT])], calling=calling)
    responses = []
    for status, answer in association.send_c_move(identifier, destination, model, msg_id=1):
        responses.append((status, answer))
        if stop_after is not None and status.get("NumberOfCompletedSuboperations", 0) >= stop_after:
            association.send_c_cancel(1, query_model=model)
            stop_after = None
    association.release()
    return responses


def facts(responses, total=None):
    """The last Status and counts, and whether counts added up all the way."""
    last, answer = responses[-1]
    names = ["Remaining", "Completed", "Failed", "Warning"]
    counts = [[int(status.get(f"NumberOf{name}Suboperations", 0)) for name in names] for status, _ in responses]
    failed = answer.get("FailedSOPInstanceUIDList", []) if answer is not None else []
    failed = [failed] if isinstance(failed, str) else list(failed or [])
    return {
        "status": f"{last.Status:04X}" if "Status" in last else "none",
        "completed": counts[-1][1], "failed": counts[-1][2], "warning": counts[-1][3], "listed": len(failed),
        "remaining": last.get("NumberOfRemainingSuboperations", "absent"),
        "consistent": len({sum(c) for c in counts}) == 1 if total is None else all(sum(c) == total for c in counts),
        "pending": sum(status.get("Status") == 0xFF00 for status, _ in responses),
    }


def destination(port, inbox, contexts, **options):
    ae = AE(ae_title="DEST")
    ae.maximum_pdu_size = options.get("pdu", 16382)
    for abstract, syntaxes in contexts:
        ae.add_supported_context(abstract, syntaxes)
    return ae.start_server(
        ("127.0.0.1", port), block=False, evt_handlers=inbox.handlers() + options.get("handlers", []))


def by_class(taken):
    """SOP Class and syntaxes, one context for each pair."""
    return sorted({(file.sop_class, file.syntax) for file in taken.values()})
