"""Sends every hostile Data Set verbatim in both Little Endian Transfer Syntaxes and reports the Status of each.

    protocol_hostile.py PORT DATA_DIR HOSTILE_DIR
"""

import sys

from protocol_dimse import associate, send, whereabouts
from protocol_wire import emit

PORT, DATA, HOSTILE = int(sys.argv[1]), sys.argv[2], sys.argv[3]
sys.path.insert(0, HOSTILE)
import hostile  # noqa: E402


for name, syntax in (("explicit", hostile.EXPLICIT), ("implicit", hostile.IMPLICIT)):
    # No byte at all is a case of protocol_bad_input.py: pynetdicom would send no Data Set then.
    for kind in hostile.KINDS.keys() - {"empty"}:
        sop_class, instance = hostile.command_uids(kind)
        content = hostile.data_set(kind, syntax)
        association = associate(PORT, [(sop_class, [syntax])])
        status = send(association, sop_class, instance, content)
        association.release()
        emit(f"{kind} {name}", status=status, kept=whereabouts(DATA, instance, content))
