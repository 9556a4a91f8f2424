"""pynetdicom as a client, and what is sent through it unchecked and unchanged."""

import io
import pathlib
import sqlite3
import time

from pydicom import dcmread
from pydicom.filereader import _read_file_meta_info, read_preamble
from pynetdicom import AE
from pynetdicom.dimse_primitives import C_STORE

IMPLICIT = "1.2.840.10008.1.2"


def associate(port, contexts, calling="PROTOCOL", called="PRIORD", roles=(), tls=None):
    """`contexts` lists (Abstract Syntax, [Transfer Syntax]) pairs; the Association may not be established."""
    ae = AE(ae_title=calling)
    ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = 30
    for abstract, syntaxes in contexts:
        ae.add_requested_context(abstract, syntaxes)
    arguments = {"ext_neg": list(roles)} if roles else {}
    if tls:
        arguments["tls_args"] = (tls, None)
    return ae.associate("127.0.0.1", port, ae_title=called, **arguments)


def verdict(association):
    """What became of the request for an Association, which ends with that."""
    if association.is_established:
        association.release()
        return "accepted"
    if association.is_rejected:
        answer = association.acceptor.primitive
        # The standard numbers reasons within their source; pynetdicom keeps the three apart.
        return f"rejected {answer.result}/{answer.result_source}/{answer.diagnostic}"
    return "aborted"


def context_id(association, abstract):
    return next(c.context_id for c in association.accepted_contexts if c.abstract_syntax == abstract)


def exchange(association, request, context):
    """Sends a request as it stands and returns its response, or None when there is none.

    pynetdicom's own thread must stand still meanwhile: it drops what it does not expect. Only one that waits at the
    checkpoint does; `_is_paused`, which pynetdicom looks at, is true a little before and after as well.
    """
    checkpoint = association._reactor_checkpoint
    checkpoint.clear()
    while association.is_alive() and not checkpoint._cond._waiters:
        time.sleep(0.001)
    association.dimse.send_msg(request, context)
    _, response = association.dimse.get_msg(block=True)
    checkpoint.set()
    return response


def send(association, abstract, instance, data_set, command_class=None):
    """Sends `data_set` bit for bit and returns the Status as four digits, or "aborted"."""
    request = C_STORE()
    request.MessageID, request.Priority = 1, 2
    request.AffectedSOPClassUID, request.AffectedSOPInstanceUID = command_class or abstract, instance
    request.DataSet = io.BytesIO(data_set)
    response = exchange(association, request, context_id(association, abstract))
    return "aborted" if response is None else f"{response.Status:04X}"


class File:
    """A file taken apart: what its sender would announce, and its Data Set as it stands."""

    tags = ["SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"]

    def __init__(self, path):
        self.path = pathlib.Path(path)
        with open(path, "rb") as stream:
            has_preamble = read_preamble(stream, force=True) is not None
            meta = _read_file_meta_info(stream) if has_preamble else None
            self.data_set = stream.read()
        self.syntax = str(meta.TransferSyntaxUID) if meta and "TransferSyntaxUID" in meta else IMPLICIT
        header = dcmread(path, stop_before_pixels=True, force=True, specific_tags=File.tags)
        self.sop_class = str(header.get("SOPClassUID", ""))
        self.instance = str(header.get("SOPInstanceUID", ""))
        self.has_study = bool(header.get("StudyInstanceUID")) and bool(header.get("SeriesInstanceUID"))


def read_index(data_directory, sql, *arguments):
    """Rows of the running daemon's index."""
    index = sqlite3.connect(f"file:{data_directory}/index.sqlite?mode=ro", uri=True, timeout=10)
    try:
        return index.execute(sql, arguments).fetchall()
    finally:
        index.close()


def stored_bytes(data_directory, instance):
    """The Data Set kept for a SOP Instance UID, or None."""
    rows = read_index(data_directory, "SELECT ordinal, dataSetOffset FROM instance WHERE uid = ?", instance)
    if not rows:
        return None
    digits = f"{rows[0][0]:09}"
    path = pathlib.Path(data_directory, "objects", digits[:3], digits[3:6], digits + ".dcm")
    return path.read_bytes()[rows[0][1] :]


def quarantined_bytes(data_directory, instance, reason):
    """The Data Sets kept in quarantine under a SOP Instance UID for a reason."""
    rows = read_index(
        data_directory,
        "SELECT id, dataSetOffset FROM quarantine WHERE sopInstance = ? AND reason = ? ORDER BY id",
        instance,
        reason,
    )
    directory = pathlib.Path(data_directory, "quarantine")
    return [(directory / f"{number:09}.{reason}.dcm").read_bytes()[offset:] for number, offset in rows]


def whereabouts(data_directory, instance, data_set):
    """Where these very bytes are kept: stored, quarantine or nowhere."""
    if stored_bytes(data_directory, instance) == data_set:
        return "stored"
    reasons = read_index(data_directory, "SELECT DISTINCT reason FROM quarantine WHERE sopInstance = ?", instance)
    kept = (quarantined_bytes(data_directory, instance, reason) for (reason,) in reasons)
    return "quarantine" if any(data_set in those for those in kept) else "nowhere"
