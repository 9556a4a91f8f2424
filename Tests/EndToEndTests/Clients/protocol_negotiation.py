"""Presentation Contexts: which are accepted, with which Transfer Syntax, and what then is stored.

    protocol_negotiation.py PORT DATA_DIR
"""

import sys

from pydicom._uid_dict import UID_dictionary
from pydicom.uid import AllTransferSyntaxes
from pynetdicom.sop_class import _STORAGE_CLASSES

from protocol_dimse import associate, send, whereabouts
from protocol_wire import EXPLICIT, IMPLICIT, SECONDARY_CAPTURE, STUDY_FIND, VERIFICATION, data_set, emit

PORT, DATA = int(sys.argv[1]), sys.argv[2]
BIG, DEFLATED = "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"
LOSSLESS, BASELINE, HTJ2K = "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.201"


def refused(classes):
    """Those of `classes` that are not accepted, asked for in as few Associations as possible."""
    classes, missing = sorted(classes), []
    for start in range(0, len(classes), 120):
        association = associate(PORT, [(uid, [IMPLICIT, EXPLICIT]) for uid in classes[start : start + 120]])
        missing += [context.abstract_syntax for context in association.rejected_contexts]
        association.release()
    return missing


def storage_classes():
    named = {
        uid
        for uid, (name, kind, *_) in UID_dictionary.items()
        if kind == "SOP Class" and "Storage" in name and "Commitment" not in name and "Directory" not in name
    }
    emit("pynetdicom's storage classes", refused=" ".join(refused(set(map(str, _STORAGE_CLASSES.values())))))
    emit("PS3.6's storage classes", asked=len(named), refused=" ".join(refused(named)))
    private = ["1.2.826.0.1.3680043.9.9999.1", "1.3.46.670589.11.0.0.12.1"]
    emit("private classes", refused=len(refused(private)))
    emit("other services", refused=len(refused(["1.2.840.10008.5.1.1.1", "1.2.840.10008.5.1.4.31"])))


def preference():
    offers = {
        "explicit before implicit": [IMPLICIT, EXPLICIT],
        "explicit before compressed": [LOSSLESS, BASELINE, EXPLICIT],
        "lossless in the peer's order": [LOSSLESS, IMPLICIT],
        "lossy last": [BASELINE, BIG, LOSSLESS],
        "big endian before lossy": [BASELINE, BIG],
        "deflated alone": [DEFLATED],
        "lossy alone": [BASELINE],
        "a private one alone": ["1.2.3.4.5"],
    }
    for case, offered in offers.items():
        association = associate(PORT, [(SECONDARY_CAPTURE, offered)])
        emit(case, chosen=association.accepted_contexts[0].transfer_syntax[0])
        association.release()
    association = associate(PORT, [(VERIFICATION, [LOSSLESS]), (STUDY_FIND, [DEFLATED]), (SECONDARY_CAPTURE, [EXPLICIT])])
    emit("messages compressed", results=" ".join(str(c.result) for c in association.rejected_contexts))
    association.release()


def transfer_syntaxes():
    """The same small Data Set under every Transfer Syntax that is Explicit VR Little Endian outside the pixels."""
    others = {IMPLICIT, BIG, DEFLATED}
    syntaxes = [str(uid) for uid in AllTransferSyntaxes if str(uid) not in others] + [HTJ2K, "1.2.3.4.5"]
    missing = []
    for number, syntax in enumerate(dict.fromkeys(syntaxes)):
        instance = f"2.25.90{number:02}"
        content = data_set(instance)
        association = associate(PORT, [(SECONDARY_CAPTURE, [syntax])])
        status = send(association, SECONDARY_CAPTURE, instance, content)
        association.release()
        if status != "0000" or whereabouts(DATA, instance, content) != "stored":
            missing.append(syntax)
    emit("every Transfer Syntax", asked=number + 1, missing=" ".join(missing))


def private_instance():
    uid = "1.2.826.0.1.3680043.9.9999.1"
    content = data_set("2.25.899").replace(
        bytes([len(SECONDARY_CAPTURE) + 1, 0]) + SECONDARY_CAPTURE.encode() + b"\0", bytes([len(uid), 0]) + uid.encode()
    )
    association = associate(PORT, [(uid, [EXPLICIT])])
    if association.accepted_contexts:
        emit("private instance", status=send(association, uid, "2.25.899", content))
    else:
        emit("private instance", status="context refused")
    association.release()


if __name__ == "__main__":
    storage_classes()
    preference()
    transfer_syntaxes()
    private_instance()
