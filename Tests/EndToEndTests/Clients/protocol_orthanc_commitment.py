"""An Orthanc of our own that sends files to priord and asks it to commit to them (Storage Commitment SCU).

    protocol_orthanc_commitment.py PORT ORTHANC_PORT FILE_DIRECTORY
"""

import pathlib
import sys

from orthanc import Orthanc
from protocol_wire import emit

PORT, DICOM, FILES = int(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])

with Orthanc(PORT, DICOM, modality={"AllowStorageCommitment": True}) as orthanc:
    for file in sorted(FILES.glob("*.dcm")):
        orthanc.rest("/instances", file.read_bytes())
    orthanc.rest("/modalities/priord/store", {"Resources": orthanc.rest("/studies"), "Synchronous": True})
    named = []
    for instance in orthanc.rest("/instances"):
        tags = orthanc.rest(f"/instances/{instance}/simplified-tags")
        named.append([tags["SOPClassUID"], tags["SOPInstanceUID"]])
    for case, instances in [("all stored", named), ("one not stored", named[1:] + [[named[0][0], "1.2.3.4"]])]:
        transaction = orthanc.rest("/modalities/priord/storage-commitment", {"DicomInstances": instances})["ID"]
        report = orthanc.wait_for(
            lambda: (answer := orthanc.rest(f"/storage-commitment/{transaction}"))["Status"] != "Pending" and answer)
        emit(case, status=report["Status"], committed=len(report["Success"]), failed=len(report["Failures"]))
