"""Sends files with their own Transfer Syntax and their very bytes, and compares what is stored with what was sent.

    protocol_files.py PORT DATA_DIR FILE_OR_DIRECTORY…
"""

import pathlib
import sys

from protocol_dimse import File, associate, send, whereabouts
from protocol_wire import emit

PORT, DATA = int(sys.argv[1]), sys.argv[2]


def files(paths):
    for path in map(pathlib.Path, paths):
        yield from sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]


for path in files(sys.argv[3:]):
    try:
        file = File(path)
    except Exception:  # what pydicom says of files that are none
        continue
    if not file.sop_class or not file.instance or not file.data_set:
        continue
    association = associate(PORT, [(file.sop_class, [file.syntax])])
    if not association.accepted_contexts:
        emit(str(path), status="context refused", syntax=file.syntax)
        association.abort()
        continue
    status = send(association, file.sop_class, file.instance, file.data_set)
    association.release()
    kept = whereabouts(DATA, file.instance, file.data_set)
    emit(str(path), status=status, syntax=file.syntax, kept=kept, hasStudy=file.has_study)
