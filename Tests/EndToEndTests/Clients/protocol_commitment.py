"""A modality that wants to be told what is kept (Storage Commitment Push Model).

    protocol_commitment.py PORT LISTENING_PORT STUDY_FOLDER COMMAND...

Commands, done in order:
    store            sends the folder
    same             asks for all of it and waits for the result on the same Association
    new              asks for all of it, releases, and waits for the result on an Association of priord's
    refused          answers the result on the same Association with 0110, and waits for it on one of priord's
    both             asks for the first object and waits for two results on the same Association
    ask              asks for all of it and releases
    listen           waits for one result on an Association of priord's
    failures         asks for what is not stored, stored as another class, and under a Transaction UID used before
    malformed        sends requests that are wrong
"""

import io
import pathlib
import queue
import sys

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid
from pynetdicom import AE, evt
from pynetdicom.dimse_primitives import N_ACTION

from protocol_dimse import exchange
from protocol_wire import emit

COMMITMENT, INSTANCE = "1.2.840.10008.1.20.1", "1.2.840.10008.1.20.1.1"
PORT, LISTENING_PORT, FOLDER = int(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
HEADERS = [dcmread(file, stop_before_pixels=True) for file in sorted(FOLDER.glob("*.dcm"))]
REPORTS = queue.Queue()
REFUSES = "refused" in sys.argv


def heard(event):
    is_ours = event.assoc.is_acceptor
    context = event.assoc.accepted_contexts[0]
    # On an Association of priord's we are its acceptor, and SCU only if role selection made us so.
    role = ("scu" if context.as_scu and not context.as_scp else "wrong") if is_ours else ""
    REPORTS.put((event.request.EventTypeID, event.event_information, is_ours, role))
    return 0x0000 if is_ours or not REFUSES else 0x0110, None


def associate(*sop_classes):
    ae = AE(ae_title="CT1")
    ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = 30
    for sop_class in sop_classes or [COMMITMENT]:
        ae.add_requested_context(sop_class, ExplicitVRLittleEndian)
    return ae.associate("127.0.0.1", PORT, ae_title="PRIORD", evt_handlers=[(evt.EVT_N_EVENT_REPORT, heard)])


def listening():
    ae = AE(ae_title="CT1")
    # SCU of a context that priord proposes to be SCP of: nothing but the right role selection is accepted.
    ae.add_supported_context(
        COMMITMENT, [ExplicitVRLittleEndian, ImplicitVRLittleEndian], scu_role=False, scp_role=True
    )
    return ae.start_server(("127.0.0.1", LISTENING_PORT), block=False, evt_handlers=[(evt.EVT_N_EVENT_REPORT, heard)])


def request(named, transaction=None):
    data_set = Dataset()
    data_set.TransactionUID = transaction or generate_uid()
    data_set.ReferencedSOPSequence = []
    for sop_class, instance in named:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, instance
        data_set.ReferencedSOPSequence.append(item)
    return data_set


EVERYTHING = [(header.SOPClassUID, header.SOPInstanceUID) for header in HEADERS]


def ask(association, data_set, action=1, instance=INSTANCE):
    answer, _ = association.send_n_action(data_set, action, COMMITMENT, instance)
    return f"{answer.Status:04X}" if "Status" in answer else "aborted"


def emit_report(case, transaction=None, status="0000"):
    try:
        kind, report, is_ours, role = REPORTS.get(timeout=40)
    except queue.Empty:
        return emit(case, status=status, heard="nothing")
    committed = report.get("ReferencedSOPSequence", [])
    failed = report.get("FailedSOPSequence", [])
    emit(
        case,
        status=status,
        type=kind,
        committed=len(committed),
        failed=len(failed),
        reasons=" ".join(sorted({f"{item.FailureReason:04X}" for item in failed})),
        on="new" if is_ours else "same",
        role=role,
        transaction=transaction is None or report.TransactionUID == transaction,
    )


def store():
    association = associate(*{header.SOPClassUID for header in HEADERS})
    files = sorted(FOLDER.glob("*.dcm"))
    emit("store", failed=sum(association.send_c_store(dcmread(file)).Status != 0 for file in files))
    association.release()


def same():
    association, data_set = associate(), request(EVERYTHING)
    status = ask(association, data_set)
    emit_report("same", data_set.TransactionUID, status)
    association.release()


def new():
    server, association, data_set = listening(), associate(), request(EVERYTHING)
    status = ask(association, data_set)
    association.release()
    emit_report("new", data_set.TransactionUID, status)
    server.shutdown()


def refused():
    server, association, data_set = listening(), associate(), request(EVERYTHING)
    status = ask(association, data_set)
    emit_report("refused", data_set.TransactionUID, status)
    emit_report("then", data_set.TransactionUID, status)
    association.release()
    server.shutdown()


def both():
    association = associate()
    emit("asked again", status=ask(association, request(EVERYTHING[:1])))
    emit_report("one")
    emit_report("other")
    association.release()


def ask_only():
    association = associate()
    emit("ask", status=ask(association, request(EVERYTHING)))
    association.release()


def listen():
    server = listening()
    emit_report("listen")
    server.shutdown()


def failures():
    association = associate()
    sop_class, instance = EVERYTHING[0]
    emit_report("unknown", status=ask(association, request(EVERYTHING + [(sop_class, "1.2.3.4.5")])))
    emit_report("other class", status=ask(association, request([("1.2.840.10008.5.1.4.1.1.1", instance)])))
    transaction = generate_uid()
    emit_report("first of its UID", status=ask(association, request([EVERYTHING[0]], transaction)))
    emit_report("again the same", status=ask(association, request([EVERYTHING[0]], transaction)))
    emit_report("another list", status=ask(association, request([EVERYTHING[1]], transaction)))
    association.release()


def raw(association, data_set):
    action = N_ACTION()
    action.MessageID, action.ActionTypeID = 7, 1
    action.RequestedSOPClassUID, action.RequestedSOPInstanceUID = COMMITMENT, INSTANCE
    action.ActionInformation = io.BytesIO(data_set)
    response = exchange(association, action, association.accepted_contexts[0].context_id)
    return "aborted" if response is None else f"{response.Status:04X}"


def malformed():
    association = associate()
    good = request(EVERYTHING)
    emit("another action", status=ask(association, good, action=2))
    emit("another instance", status=ask(association, good, instance="1.2.3"))
    emit("no instances", status=ask(association, request([])))
    nameless = request(EVERYTHING)
    del nameless.TransactionUID
    emit("no transaction", status=ask(association, nameless))
    lacking = request(EVERYTHING)
    del lacking.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
    emit("an item without a UID", status=ask(association, lacking))
    emit("garbage", status=raw(association, b"\xfe\xff\x00\xe0\xff\xff\xff\xff" * 1000))
    emit("nothing", status=raw(association, b"\x08\x00"))
    emit_report("then a good one", good.TransactionUID, ask(association, good))
    association.release()


COMMANDS = {
    "store": store,
    "same": same,
    "new": new,
    "refused": refused,
    "both": both,
    "ask": ask_only,
    "listen": listen,
    "failures": failures,
    "malformed": malformed,
}

for command in sys.argv[4:]:
    COMMANDS[command]()
