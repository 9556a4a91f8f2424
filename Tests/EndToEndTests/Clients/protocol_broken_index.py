"""What a daemon answers whose index was broken under it.

    protocol_broken_index.py PORT
"""

import sys

from pydicom.dataset import Dataset

from protocol_dimse import associate, send
from protocol_wire import EXPLICIT, IMPLICIT, SECONDARY_CAPTURE, STUDY_FIND, VERIFICATION, data_set, emit

contexts = [(STUDY_FIND, [IMPLICIT]), (SECONDARY_CAPTURE, [EXPLICIT]), (VERIFICATION, [IMPLICIT])]
association = associate(int(sys.argv[1]), contexts)
keys = Dataset()
keys.QueryRetrieveLevel, keys.StudyInstanceUID = "STUDY", ""
emit("find", status=[f"{status.Status:04X}" for status, _ in association.send_c_find(keys, STUDY_FIND)][-1])
emit("store", status=send(association, SECONDARY_CAPTURE, "2.25.850", data_set("2.25.850")))
emit("echo", status=f"{association.send_c_echo().Status:04X}")
association.release()
