"""Every row of the status table, provoked with pynetdicom against a daemon with the peers of ProtocolStatusTests.

    protocol_status.py PORT DATA_DIR HOSTILE_DIR
"""

import sys

from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from pynetdicom import build_role

from protocol_dimse import associate, quarantined_bytes, read_index, send, stored_bytes, verdict
from protocol_wire import EXPLICIT, IMPLICIT, SECONDARY_CAPTURE, STUDY_FIND, VERIFICATION, data_set, emit

PORT, DATA, HOSTILE = int(sys.argv[1]), sys.argv[2], sys.argv[3]
sys.path.insert(0, HOSTILE)
import hostile  # noqa: E402

CAPTURE = [(SECONDARY_CAPTURE, [EXPLICIT])]
FIRST, SECOND, THIRD = (data_set("2.25.801", pixels=size) for size in (16, 18, 20))


def store(calling, instance, content):
    association = associate(PORT, CAPTURE, calling)
    status = send(association, SECONDARY_CAPTURE, instance, content)
    association.release()
    return status


def find(calling):
    association = associate(PORT, [(STUDY_FIND, [IMPLICIT])], calling)
    keys = Dataset()
    keys.QueryRetrieveLevel, keys.StudyInstanceUID = "STUDY", ""
    statuses = [status.Status for status, _ in association.send_c_find(keys, STUDY_FIND)]
    association.release()
    return f"{statuses[-1]:04X}"


def stored_and_duplicate():
    emit("stored", status=store("STORES", "2.25.801", FIRST), kept=stored_bytes(DATA, "2.25.801") == FIRST)
    emit("byte-equal duplicate", status=store("STORES", "2.25.801", FIRST))


def conflicts():
    emit("conflict, default", status=store("STORES", "2.25.801", SECOND))
    emit("conflict, 0111 set", status=store("STRICT", "2.25.801", THIRD))
    emit(
        "both kept",
        first=stored_bytes(DATA, "2.25.801") == FIRST,
        others=quarantined_bytes(DATA, "2.25.801", "conflict") == [SECOND, THIRD],
    )


def refused_with_quarantine():
    kinds = {
        "class-mismatch": "mismatch",
        "instance-mismatch": "mismatch",
        "no-study": "missingUID",
        "no-series": "missingUID",
        "no-sop-instance": "missingUID",
        "garbage": "unreadable",
        "cut-in-element": "unreadable",
    }
    for kind, reason in kinds.items():
        content = hostile.data_set(kind)
        _, instance = hostile.command_uids(kind)
        status = store("STORES", instance, content)
        emit(kind, status=status, kept=quarantined_bytes(DATA, instance, reason) == [content])


def peers():
    emit("calling AE unknown", got=verdict(associate(PORT, CAPTURE, "NOBODY")))
    emit("calling AE from another host", got=verdict(associate(PORT, CAPTURE, "ELSEWHERE")))
    emit("called AE wrong", got=verdict(associate(PORT, CAPTURE, "STORES", called="OTHER")))
    emit("called AE of its list", got=verdict(associate(PORT, CAPTURE, "STRICT", called="SECOND_NAME")))
    def refusal(calling, abstract):
        association = associate(PORT, [(VERIFICATION, [IMPLICIT]), (abstract, [IMPLICIT])], calling)
        results = [context.result for context in association.rejected_contexts]
        association.release()
        return results[0] if len(results) == 1 else results

    emit(
        "contexts of services not allowed",
        store=refusal("QUERIES", SECONDARY_CAPTURE),
        query=refusal("STORES", STUDY_FIND),
        mpps=refusal("STORES", "1.2.840.10008.3.1.2.3.3"),
    )
    # As SCP alone it has the context for what C-GET sends it, and stores over that.
    fetcher = associate(PORT, CAPTURE, "FETCHES", roles=[build_role(SECONDARY_CAPTURE, scu_role=True, scp_role=True)])
    emit("store slips through", status=send(fetcher, SECONDARY_CAPTURE, "2.25.802", data_set("2.25.802")))
    fetcher.release()
    emit("may query", status=find("QUERIES"))
    association = associate(PORT, [(VERIFICATION, [IMPLICIT])], "QUERIES")
    emit("echo needs no permission", status=f"{association.send_c_echo().Status:04X}")
    association.release()


def sop_classes():
    film, private = "1.2.840.10008.5.1.1.1", generate_uid()
    association = associate(PORT, [(film, [EXPLICIT]), (private, [EXPLICIT]), (SECONDARY_CAPTURE, [EXPLICIT])], "STORES")
    refused = {context.abstract_syntax: context.result for context in association.rejected_contexts}
    emit("SOP class not supported", print=refused.get(film), private=refused.get(private))
    association.release()
    association = associate(PORT, CAPTURE, "STORES")
    other = "1.2.840.10008.5.1.4.1.1.2"
    status = send(association, SECONDARY_CAPTURE, "2.25.803", data_set("2.25.803"), command_class=other)
    emit("SOP class slips through", status=status)
    association.release()


if __name__ == "__main__":
    for part in (stored_and_duplicate, conflicts, refused_with_quarantine, peers, sop_classes):
        part()
    instances = read_index(DATA, "SELECT count(*) FROM instance")[0][0]
    emit("index", instances=instances, quarantined=read_index(DATA, "SELECT count(*) FROM quarantine")[0][0])
