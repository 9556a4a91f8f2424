"""What senders were told, and whether it is true."""

import hashlib
import pathlib
import struct
from dataclasses import dataclass, field


@dataclass
class Answers:
    """Every answer that senders wrote down."""

    acknowledged: dict = field(default_factory=dict)  # SOP Instance UID: (SHA-256, bytes)
    refused: list = field(default_factory=list)  # (SOP Instance UID, Status)

    @classmethod
    def read(cls, directory):
        answers = cls()
        for record in pathlib.Path(directory).glob("*.acked"):
            for line in record.read_text().splitlines():
                uid, sha, byte_count = line.split("\t")
                answers.acknowledged[uid] = (sha, int(byte_count))
        for record in pathlib.Path(directory).glob("*.refused"):
            answers.refused += [tuple(line.split("\t")) for line in record.read_text().splitlines()]
        return answers

    def compare(self, found):
        """`found` gives (SOP Instance UID, SHA-256 of the Data Set); returns UIDs that are lost and changed."""
        kept = {}
        for uid, sha in found:
            kept.setdefault(uid, set()).add(sha)
        lost = sorted(uid for uid in self.acknowledged if uid not in kept)
        changed = sorted(uid for uid, (sha, _) in self.acknowledged.items() if uid in kept and sha not in kept[uid])
        return lost, changed


def part10_files(directory):
    """(SOP Instance UID, SHA-256 of the Data Set) of every Part-10 file below a directory, whatever its name."""
    for path in pathlib.Path(directory).rglob("*"):
        if path.is_file() and (content := part10(path.read_bytes())):
            yield content


def part10(data):
    """(SOP Instance UID, SHA-256 of the Data Set) of a Part-10 file (PS3.10 7.1), or None when it is none."""
    if len(data) < 144 or data[128:138] != b"DICM\x02\x00\x00\x00UL":
        return None
    end = 144 + struct.unpack_from("<I", data, 140)[0]
    if end > len(data):
        return None
    position = 144
    while position + 8 <= end:
        element, vr = struct.unpack_from("<H", data, position + 2)[0], data[position + 4 : position + 6]
        if vr in (b"OB", b"UN", b"OW", b"UT", b"SQ"):
            length, header = struct.unpack_from("<I", data, position + 8)[0], 12
        else:
            length, header = struct.unpack_from("<H", data, position + 6)[0], 8
        if element == 0x0003:  # (0002,0003) Media Storage SOP Instance UID
            uid = data[position + header : position + header + length].rstrip(b"\0 ").decode("ascii", "replace")
            return uid, hashlib.sha256(data[end:]).hexdigest()
        position += header + length
    return None
