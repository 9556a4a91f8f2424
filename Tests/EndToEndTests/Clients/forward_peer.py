"""A PACS that studies are forwarded to, which may refuse, break off, and commit to what it took.

    forward_peer.py PORT PRIORD_PORT FOLDER [OPTION...]

Options, where NUMBER is an Instance Number and TIMES how often (for ever without it):
    refuse=NUMBER:STATUS[:TIMES]   answers a C-STORE with that Status (hexadecimal)
    abort=NUMBER[:TIMES]           aborts the Association instead of answering
    abort=all[:TIMES]
    commit=all|never|reject        answers requests for commitment: all is kept; not at all; the request itself with 0110
    lose=NUMBER[:TIMES]            says of that one that it is not kept (0112)
    report=same|new                over the Association of the request, or over one of its own

It writes every Data Set as it came to FOLDER/ORDER.dataset, and what happens to FOLDER/log.jsonl. Ends with its input.
"""

import json
import pathlib
import queue
import sys
import threading
import time

from pydicom.dataset import Dataset
from pynetdicom import ALL_TRANSFER_SYNTAXES, AE, AllStoragePresentationContexts, build_role, evt

COMMITMENT, INSTANCE = "1.2.840.10008.1.20.1", "1.2.840.10008.1.20.1.1"
PORT, PRIORD_PORT, FOLDER = int(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
OPTIONS = [option.partition("=")[::2] for option in sys.argv[4:]]
FOLDER.mkdir(exist_ok=True)
LOG = open(FOLDER / "log.jsonl", "a", buffering=1)
LOCK = threading.Lock()
STORED, REPORTS, USED = {}, queue.Queue(), {}


def note(event, **facts):
    with LOCK:
        print(json.dumps({"event": event, **{name: str(fact) for name, fact in facts.items()}}), file=LOG, flush=True)


def applies(name, number):
    """The first option of that name for that Instance Number which is not used up; the rest of it."""
    for option, value in OPTIONS:
        who, *rest = value.split(":")
        if option != name or who not in (str(number), "all"):
            continue
        times = rest.pop() if len(rest) > (1 if name == "refuse" else 0) else None
        with LOCK:
            USED[(option, value)] = USED.get((option, value), 0) + 1
            if times is None or USED[(option, value)] <= int(times):
                return rest or [""]
    return None


def setting(name, default):
    return next((value for option, value in OPTIONS if option == name), default)


def store(event):
    data_set = event.dataset
    raw = event.request.DataSet.getvalue()
    number = int(data_set.InstanceNumber)
    facts = {"number": number, "series": data_set.SeriesInstanceUID, "uid": data_set.SOPInstanceUID}
    if applies("abort", number):
        note("aborted", **facts)
        event.assoc.abort()
        return 0xC000
    refused = applies("refuse", number)
    if refused and not refused[0].startswith("B"):
        note("refused", status=refused[0], **facts)
        return int(refused[0], 16)
    with LOCK:
        order = len(list(FOLDER.glob("*.dataset")))
        (FOLDER / f"{order:05}.dataset").write_bytes(raw)
        STORED[str(data_set.SOPInstanceUID)] = number
    note("stored", **facts)
    return int(refused[0], 16) if refused else 0x0000


def action(event):
    request = event.action_information
    named = [str(item.ReferencedSOPInstanceUID) for item in request.ReferencedSOPSequence]
    note("asked", transaction=request.TransactionUID, count=len(named))
    if setting("commit", "all") == "reject":
        return 0x0110, None
    if setting("commit", "all") != "never":
        REPORTS.put((request, event.assoc))
    return 0x0000, None


def report(request):
    answer = Dataset()
    answer.TransactionUID = request.TransactionUID
    kept, lost = [], []
    for item in request.ReferencedSOPSequence:
        copy = Dataset()
        copy.ReferencedSOPClassUID, copy.ReferencedSOPInstanceUID = (
            item.ReferencedSOPClassUID,
            item.ReferencedSOPInstanceUID,
        )
        number = STORED.get(str(item.ReferencedSOPInstanceUID))
        if number is None or applies("lose", number):
            copy.FailureReason = 0x0112
            lost.append(copy)
        else:
            kept.append(copy)
    if kept:
        answer.ReferencedSOPSequence = kept
    if lost:
        answer.FailedSOPSequence = lost
    return answer, 2 if lost else 1


def send_reports():
    while True:
        request, association = REPORTS.get()
        answer, event_type = report(request)
        is_own = setting("report", "new") == "new"
        if is_own:
            ae = AE(ae_title="PACS")
            ae.add_requested_context(COMMITMENT)
            association = ae.associate(
                "127.0.0.1", PRIORD_PORT, ae_title="PRIORD", ext_neg=[build_role(COMMITMENT, scp_role=True)]
            )
            if not association.is_established:
                note("not reported", why="no association")
                time.sleep(0.5)
                REPORTS.put((request, association))
                continue
        else:
            time.sleep(0.3)
        status, _ = association.send_n_event_report(answer, event_type, COMMITMENT, INSTANCE)
        code = f"{status.Status:04X}" if "Status" in status else "none"
        note("reported", status=code, type=event_type)
        if is_own:
            association.release()


ae = AE(ae_title="PACS")
for context in AllStoragePresentationContexts:
    ae.add_supported_context(context.abstract_syntax, ALL_TRANSFER_SYNTAXES)
if setting("commit", "") or setting("lose", ""):
    ae.add_supported_context(COMMITMENT)
ae.add_supported_context("1.2.840.10008.1.1")
ae.network_timeout = ae.acse_timeout = ae.dimse_timeout = 30
threading.Thread(target=send_reports, daemon=True).start()
server = ae.start_server(
    ("127.0.0.1", PORT), block=False, evt_handlers=[(evt.EVT_C_STORE, store), (evt.EVT_N_ACTION, action)]
)
note("listening")
sys.stdin.read()
server.shutdown()
