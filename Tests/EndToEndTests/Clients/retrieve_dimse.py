"""C-GET and C-MOVE with pynetdicom, and what arrives compared with what was sent, byte for byte.

    retrieve_dimse.py MODE PORT DESTINATION_PORT FILE_OR_DIRECTORY…

MODE is `whole` (every file comes back as it was sent, by C-GET and by C-MOVE), `status` (requests that are refused), `cancel`,
or the name of a broken Move Destination: `absent`, `rejecting`, `deaf` (takes no Presentation Context), `choosy` (refuses every
other Instance), `aborting` (after every second Instance), `silent` (never answers a C-STORE-RQ), `mute` (accepts the connection
and says nothing).
"""

import io
import pathlib
import socket
import sys
import threading
import time
import warnings

from pydicom import dcmread
from pynetdicom import AE
from pynetdicom.dimse_primitives import C_GET, C_MOVE

from protocol_dimse import File, associate, exchange, send
from protocol_retrieve import (
    EXPLICIT, IMPLICIT, PATIENT_GET, STUDY_GET, STUDY_MOVE, Inbox, by_class, destination, facts, get, keys, move)
from protocol_wire import STUDY_FIND, emit

MODE, PORT, DESTINATION = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
warnings.simplefilter("ignore")


def files():
    for path in map(pathlib.Path, sys.argv[4:]):
        yield from sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]


def renamed(file, taken):
    """The same file under a SOP Instance UID of its own: several real files are one image in different Transfer Syntaxes."""
    for number in range(10, 100):
        name = file.instance[:-2] + str(number)
        if name not in taken:
            file.data_set = file.data_set.replace(file.instance.encode(), name.encode())
            file.instance = name
            return


def stored():
    """Sends every file as it stands; gives those that were taken, by SOP Instance UID."""
    taken = {}
    for path in files():
        try:
            file = File(path)
        except Exception:  # what pydicom says of files that are none
            continue
        if not (file.sop_class and file.instance and file.data_set and file.has_study):
            continue
        if file.instance in taken:
            renamed(file, taken)
        association = associate(PORT, [(file.sop_class, [file.syntax])])
        if association.accepted_contexts and send(
                association, file.sop_class, file.instance, file.data_set) == "0000":
            header = dcmread(path, stop_before_pixels=True, force=True)
            file.study, file.series = str(header.StudyInstanceUID), str(header.SeriesInstanceUID)
            file.patient = str(header.get("PatientID", ""))
            taken[file.instance] = file
        association.release()
    return taken


def fragments(data_set):
    """As it leaves: a deflated Data Set may have an odd length, and gets a NULL behind it (PS3.5 A.5)."""
    return data_set + b"\0" * (len(data_set) % 2)


def compare(name, taken, inbox):
    wrong = [uid for uid, file in taken.items() if inbox.arrived.get(uid) != (file.syntax, fragments(file.data_set))]
    emit(name, sent=len(taken), identical=len(taken) - len(wrong), extra=len(set(inbox.arrived) - set(taken)),
         syntaxes=len({file.syntax for file in taken.values()}), wrong=" ".join(str(taken[u].path) for u in wrong))


def whole():
    taken = stored()
    contexts = [(abstract, [syntax]) for abstract, syntax in by_class(taken)]
    studies = {}
    for file in taken.values():
        studies.setdefault(file.study, []).append(file)
    inbox, problems = Inbox(), []
    for study, members in studies.items():
        needed = sorted({(file.sop_class, file.syntax) for file in members})
        answers = get(PORT, keys("STUDY", StudyInstanceUID=study), [(a, [s]) for a, s in needed], inbox)
        found = facts(answers, len(members))
        if found["status"] != "0000" or found["completed"] != len(members) or not found["consistent"]:
            problems.append(f"{study}: {found}")
    compare("get", taken, inbox)
    emit("get problems", text="; ".join(problems))

    inbox, problems = Inbox(), []
    server = destination(DESTINATION, inbox, contexts)
    for study, members in studies.items():
        found = facts(move(PORT, keys("STUDY", StudyInstanceUID=study)), len(members))
        if found["status"] != "0000" or found["completed"] != len(members) or not found["consistent"]:
            problems.append(f"{study}: {found}")
    server.shutdown()
    compare("move", taken, inbox)
    emit("move problems", text="; ".join(problems), originators=str(sorted(inbox.originators, key=str)))

    # All levels, lists of UIDs, both Information Models, and relational only where it was agreed on.
    study, members = max(studies.items(), key=lambda item: len(item[1]))
    needed = [(a, [s]) for a, s in sorted({(file.sop_class, file.syntax) for file in members})]
    one, some = members[0], [file.instance for file in members[:3]]

    def count(name, identifier, **options):
        inbox = Inbox()
        found = facts(get(PORT, identifier, needed, inbox, **options))
        emit(name, status=found["status"], arrived=len(inbox.arrived), whole=len(members),
             series=sum(file.series == one.series for file in members))

    count("series", keys("SERIES", StudyInstanceUID=study, SeriesInstanceUID=one.series))
    count("images", keys("IMAGE", StudyInstanceUID=study, SeriesInstanceUID=one.series, SOPInstanceUID=some))
    count("patient", keys("PATIENT", PatientID=one.patient), model=PATIENT_GET)
    count("patient's study", keys("STUDY", PatientID=one.patient, StudyInstanceUID=study), model=PATIENT_GET)
    count("another's study", keys("STUDY", PatientID="nobody", StudyInstanceUID=study), model=PATIENT_GET)
    count("hierarchical image", keys("IMAGE", SOPInstanceUID=some))
    count("relational image", keys("IMAGE", SOPInstanceUID=some), relational=b"\1")
    count("relational refused", keys("IMAGE", SOPInstanceUID=some), relational=b"\0")
    count("relational series", keys("SERIES", SeriesInstanceUID=one.series), relational=b"\1")
    count("no such study", keys("STUDY", StudyInstanceUID="1.2.3.4"))
    count("no role", keys("STUDY", StudyInstanceUID=study), roles=False)


def status():
    taken = stored()
    file = next(iter(taken.values()))

    def last(name, responses):
        emit(name, **facts(responses))

    study = keys("STUDY", StudyInstanceUID=file.study)
    last("unknown destination", move(PORT, study, destination="NOWHERE"))
    stranger = associate(PORT, [(model, [EXPLICIT]) for model in (STUDY_GET, STUDY_MOVE, STUDY_FIND)], calling="STRANGER")
    emit("not authorized", contexts=sorted(context.result for context in stranger.rejected_contexts))
    stranger.release()
    last("not a destination", move(PORT, study, destination="PORTED"))
    last("no level", move(PORT, keys("", StudyInstanceUID=file.study)))
    last("patient level in study root", move(PORT, keys("PATIENT", PatientID=file.patient)))
    last("no key", move(PORT, keys("STUDY")))
    last("wildcard", move(PORT, keys("STUDY", StudyInstanceUID="1.2.*")))
    last("no instances", move(PORT, keys("STUDY", StudyInstanceUID="1.2.3")))
    last("context missing", get(PORT, study, [("1.2.840.10008.5.1.4.1.1.88.11", [EXPLICIT])], Inbox()))
    for name, kind, model, field in (("get", C_GET, STUDY_GET, {}), ("move", C_MOVE, STUDY_MOVE, {"MoveDestination": "DEST"})):
        association = associate(PORT, [(model, [EXPLICIT])], calling="RETRIEVER")
        request = kind()
        request.MessageID, request.Priority, request.AffectedSOPClassUID = 5, 2, model
        for key, value in field.items():
            setattr(request, key, value)
        request.Identifier = io.BytesIO(b"\xff" * 100)
        response = exchange(association, request, association.accepted_contexts[0].context_id)
        emit(f"malformed {name}", status=f"{response.Status:04X}", message=response.MessageIDBeingRespondedTo)
        association.release()


def cancel():
    taken = stored()
    study = keys("STUDY", StudyInstanceUID=next(iter(taken.values())).study)
    contexts = [(a, [s]) for a, s in by_class(taken)]

    def slow(inbox, event):
        time.sleep(0.05)
        return 0x0000

    inbox = Inbox(slow)
    found = facts(get(PORT, study, contexts, inbox, stop_after=10), len(taken))
    emit("get", **found, arrived=len(inbox.arrived), total=len(taken))
    inbox = Inbox(slow)
    server = destination(DESTINATION, inbox, contexts)
    found = facts(move(PORT, study, stop_after=10), len(taken))
    server.shutdown()
    emit("move", **found, arrived=len(inbox.arrived), total=len(taken))


def broken():
    taken = stored()
    study = keys("STUDY", StudyInstanceUID=next(iter(taken.values())).study)
    contexts = [(a, [s]) for a, s in by_class(taken)]
    release = threading.Event()
    inbox, server, listener = Inbox(), None, None

    def choosy(inbox, event):
        inbox.seen = getattr(inbox, "seen", 0) + 1
        return 0x0000 if inbox.seen % 2 else 0xA700

    def aborting(inbox, event):
        inbox.seen = getattr(inbox, "seen", 0) + 1
        if inbox.seen % 3 == 0:
            event.assoc.abort()
        return 0x0000

    def silent(inbox, event):
        release.wait(30)
        return 0x0000

    if MODE == "rejecting":
        ae = AE(ae_title="OTHER")
        ae.require_called_aet = True
        ae.add_supported_context(*contexts[0])
        server = ae.start_server(("127.0.0.1", DESTINATION), block=False)
    elif MODE == "deaf":
        server = destination(DESTINATION, inbox, [("1.2.840.10008.1.1", [IMPLICIT])])
    elif MODE == "mute":
        listener = socket.create_server(("127.0.0.1", DESTINATION))
    elif MODE != "absent":
        inbox = Inbox({"choosy": choosy, "aborting": aborting, "silent": silent}[MODE])
        server = destination(DESTINATION, inbox, contexts)
    began = time.monotonic()
    found = facts(move(PORT, study), len(taken))
    seconds = time.monotonic() - began
    # The requestor's Association goes on as if nothing had happened.
    association = associate(PORT, [("1.2.840.10008.1.1", [IMPLICIT])], calling="RETRIEVER")
    echo = association.send_c_echo().Status
    association.release()
    emit(MODE, **found, arrived=len(inbox.arrived), total=len(taken), seconds=f"{seconds:.1f}", echo=f"{echo:04X}")
    release.set()
    if server:
        server.shutdown()
    if listener:
        listener.close()


{"whole": whole, "status": status, "cancel": cancel}.get(MODE, broken)()
