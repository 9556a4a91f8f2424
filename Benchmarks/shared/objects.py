"""The objects that are sent: plausible headers, seeded pixel values, and UIDs that never repeat.

Files are written once a run; before each measurement their UIDs are overwritten in place, so that no server can
answer from what it holds already and the sender still reads ordinary Part-10 files.
"""

import random
import struct
from dataclasses import dataclass
from pathlib import Path

EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
UID_LENGTH = 42  # characters; even, so that no padding moves what follows


@dataclass(frozen=True)
class Profile:
    """One kind of object: `rows` x `columns` of 16-bit values."""

    name: str
    modality: str
    sop_class: str
    rows: int
    columns: int
    description: str

    @property
    def pixel_bytes(self):
        return self.rows * self.columns * 2


CT = Profile("CT", "CT", "1.2.840.10008.5.1.4.1.1.2", 512, 512, "CT slice, 512 KB")
MR = Profile("MR", "MR", "1.2.840.10008.5.1.4.1.1.4", 256, 256, "MR slice, 128 KB")
DX = Profile("DX", "DX", "1.2.840.10008.5.1.4.1.1.1.1", 2800, 2800, "DX image, 15.7 MB")
LARGE = Profile("200 MB", "OT", "1.2.840.10008.5.1.4.1.1.7", 10_240, 10_240, "one object of 210 MB")
HUGE = Profile("537 MB", "OT", "1.2.840.10008.5.1.4.1.1.7", 16_384, 16_384, "one object of 537 MB")
PROFILES = {profile.name: profile for profile in (CT, MR, DX)}


class UIDs:
    """Numbers UIDs under 2.25 (PS3.5 B.2) from a random start; `fresh` never returns one twice."""

    def __init__(self, seed):
        self._next = random.Random(f"uids {seed}").randrange(10**36, 9 * 10**36)

    def fresh(self):
        self._next += 1
        uid = f"2.25.{self._next}"
        assert len(uid) == UID_LENGTH
        return uid


def element(group, number, vr, value):
    """One element in Explicit VR Little Endian (PS3.5 7.1.2), padded to an even length."""
    if isinstance(value, str):
        value = value.encode()
    if len(value) % 2:
        value += b"\0" if vr in ("UI", "OB") else b" "
    head = struct.pack("<HH2s", group, number, vr.encode("ascii"))
    if vr in ("OB", "OW", "SQ", "UN", "UT"):
        return head + struct.pack("<HI", 0, len(value)) + value
    return head + struct.pack("<H", len(value)) + value


def short(number):
    return struct.pack("<H", number)


class ObjectFile:
    """A Part-10 file on disk and the places where its UIDs stand."""

    def __init__(self, path, profile, number, pixels):
        self.path = path
        study, series, instance = (f"2.25.{10**36 + kind}" for kind in (1, 2, 3))
        meta = (
            element(0x0002, 0x0001, "OB", b"\0\1")
            + element(0x0002, 0x0002, "UI", profile.sop_class)
            + element(0x0002, 0x0003, "UI", instance)
            + element(0x0002, 0x0010, "UI", EXPLICIT_LITTLE_ENDIAN)
            + element(0x0002, 0x0012, "UI", "2.25.71094812734561209")
        )
        header = bytes(128) + b"DICM" + element(0x0002, 0x0000, "UL", struct.pack("<I", len(meta))) + meta
        header += self._data_set(profile, number, study, series, instance)
        header += struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OW", 0, profile.pixel_bytes)
        self.size = len(header) + profile.pixel_bytes
        with open(path, "wb") as file:
            file.write(header)
            if pixels is None:
                file.truncate(self.size)  # a hole reads as zeros
            else:
                file.write(pixels)
        self._places = {uid: self._positions(header, uid) for uid in (study, series, instance)}
        self._order = (study, series, instance)

    @staticmethod
    def _positions(header, uid):
        positions, start = [], 0
        while (start := header.find(uid.encode("ascii"), start)) >= 0:
            positions.append(start)
            start += 1
        return positions

    @staticmethod
    def _data_set(profile, number, study, series, instance):
        m = profile.modality
        return b"".join(
            [
                element(0x0008, 0x0005, "CS", "ISO_IR 192"),
                element(0x0008, 0x0008, "CS", "ORIGINAL\\PRIMARY\\AXIAL"),
                element(0x0008, 0x0016, "UI", profile.sop_class),
                element(0x0008, 0x0018, "UI", instance),
                element(0x0008, 0x0020, "DA", "20261120"),
                element(0x0008, 0x0021, "DA", "20261120"),
                element(0x0008, 0x0023, "DA", "20261120"),
                element(0x0008, 0x0030, "TM", "101500"),
                element(0x0008, 0x0033, "TM", f"10{number // 60 % 60:02}{number % 60:02}"),
                element(0x0008, 0x0050, "SH", "A20261120"),
                element(0x0008, 0x0060, "CS", m),
                element(0x0008, 0x0070, "LO", "Invented Imaging"),
                element(0x0008, 0x0080, "LO", "Hangzhou Benchmark Hospital"),
                element(0x0008, 0x0090, "PN", "Referring^Doctor"),
                element(0x0008, 0x1010, "SH", f"{m}-ROOM-1"),
                element(0x0008, 0x1030, "LO", f"{m} chest"),
                element(0x0008, 0x103E, "LO", f"{m} 1.0 axial"),
                element(0x0010, 0x0010, "PN", "Benchmark^Patient"),
                element(0x0010, 0x0020, "LO", "BENCH-1"),
                element(0x0010, 0x0030, "DA", "19700101"),
                element(0x0010, 0x0040, "CS", "O"),
                element(0x0018, 0x0015, "CS", "CHEST"),
                element(0x0018, 0x0050, "DS", "1.0"),
                element(0x0018, 0x1030, "LO", "Thorax routine"),
                element(0x0020, 0x000D, "UI", study),
                element(0x0020, 0x000E, "UI", series),
                element(0x0020, 0x0010, "SH", "1"),
                element(0x0020, 0x0011, "IS", "1"),
                element(0x0020, 0x0013, "IS", str(number + 1)),
                element(0x0020, 0x0032, "DS", f"-250.0\\-250.0\\{number:.1f}"),
                element(0x0020, 0x0037, "DS", "1\\0\\0\\0\\1\\0"),
                element(0x0028, 0x0002, "US", short(1)),
                element(0x0028, 0x0004, "CS", "MONOCHROME2"),
                element(0x0028, 0x0010, "US", short(profile.rows)),
                element(0x0028, 0x0011, "US", short(profile.columns)),
                element(0x0028, 0x0030, "DS", "0.7\\0.7"),
                element(0x0028, 0x0100, "US", short(16)),
                element(0x0028, 0x0101, "US", short(12)),
                element(0x0028, 0x0102, "US", short(11)),
                element(0x0028, 0x0103, "US", short(0)),
                element(0x0028, 0x1052, "DS", "-1024"),
                element(0x0028, 0x1053, "DS", "1"),
            ]
        )

    def rename(self, study, series, instance):
        """Gives the object new UIDs."""
        with open(self.path, "r+b") as file:
            for old, new in zip(self._order, (study, series, instance)):
                for position in self._places[old]:
                    file.seek(position)
                    file.write(new.encode("ascii"))


class Pool:
    """`count` files of one profile in `directory`; `None` for pixels makes holes instead of values."""

    def __init__(self, directory, profile, count, seed, has_pixels=True):
        directory = Path(directory)
        directory.mkdir(parents=True)
        self.profile = profile
        pixels = None
        if has_pixels:
            values = random.Random(f"pixels {seed} {profile.name}").randbytes(profile.pixel_bytes)
            mask = int.from_bytes(b"\xff\x0f" * (profile.pixel_bytes // 2), "little")
            pixels = (int.from_bytes(values, "little") & mask).to_bytes(profile.pixel_bytes, "little")
        self.files = [ObjectFile(directory / f"{n:05}.dcm", profile, n, pixels) for n in range(count)]

    def studies(self, sizes, uids):
        """Disjoint groups of files with new UIDs, one Study each, and all their SOP Instance UIDs.

        `sizes` may not sum to more than the pool holds.
        """
        assert sum(sizes) <= len(self.files)
        groups, instances, start = [], [], 0
        for size in sizes:
            study, series = uids.fresh(), uids.fresh()
            group = self.files[start : start + size]
            for file in group:
                instances.append(uids.fresh())
                file.rename(study, series, instances[-1])
            groups.append(group)
            start += size
        return groups, instances


def small_file(path, uid, patient, issuer, name, birth, sex):
    """Writes one small CT image as a study of its own, whose UIDs begin with `uid`."""
    series, instance, rows = uid + ".1", uid + ".1.1", 32
    meta = (
        element(0x0002, 0x0001, "OB", b"\0\1")
        + element(0x0002, 0x0002, "UI", CT.sop_class)
        + element(0x0002, 0x0003, "UI", instance)
        + element(0x0002, 0x0010, "UI", EXPLICIT_LITTLE_ENDIAN)
        + element(0x0002, 0x0012, "UI", "2.25.71094812734561209")
    )
    data_set = [
        element(0x0008, 0x0005, "CS", "ISO_IR 192"),
        element(0x0008, 0x0016, "UI", CT.sop_class), element(0x0008, 0x0018, "UI", instance),
        element(0x0008, 0x0020, "DA", "20261120"), element(0x0008, 0x0030, "TM", "101500"),
        element(0x0008, 0x0050, "SH", uid[-12:]), element(0x0008, 0x0060, "CS", "CT"),
        element(0x0008, 0x0090, "PN", ""), element(0x0008, 0x1030, "LO", "CT chest"),
        element(0x0010, 0x0010, "PN", name), element(0x0010, 0x0020, "LO", patient), element(0x0010, 0x0021, "LO", issuer),
        element(0x0010, 0x0030, "DA", birth), element(0x0010, 0x0040, "CS", sex),
        element(0x0020, 0x000D, "UI", uid), element(0x0020, 0x000E, "UI", series), element(0x0020, 0x0010, "SH", "1"),
        element(0x0020, 0x0011, "IS", "1"), element(0x0020, 0x0013, "IS", "1"),
        element(0x0028, 0x0002, "US", short(1)), element(0x0028, 0x0004, "CS", "MONOCHROME2"),
        element(0x0028, 0x0010, "US", short(rows)), element(0x0028, 0x0011, "US", short(rows)),
        element(0x0028, 0x0100, "US", short(16)), element(0x0028, 0x0101, "US", short(12)),
        element(0x0028, 0x0102, "US", short(11)), element(0x0028, 0x0103, "US", short(0)),
        element(0x7FE0, 0x0010, "OW", bytes(2 * rows * rows)),
    ]
    header = bytes(128) + b"DICM" + element(0x0002, 0x0000, "UL", struct.pack("<I", len(meta))) + meta
    Path(path).write_bytes(header + b"".join(data_set))
