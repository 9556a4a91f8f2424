#!/usr/bin/env python3
"""Data Sets that no sane sender makes, built on the spot; none of them is committed.

    python3 hostile.py --list
    python3 hostile.py KIND OUT.dcm [--syntax implicit|explicit]

Needs nothing but Python. OUT.dcm is a Part-10 file whose file meta group is sound; everything after it is the
hostile Data Set, to be sent verbatim: see `split`. The SOP Class and SOP Instance UID of the file meta group are
those a sender would put into its C-STORE command.
"""

import argparse
import hashlib
import os
import pathlib
import struct
import sys

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
UNDEFINED = 0xFFFFFFFF
_LONG = {"OB", "OW", "SQ", "UN", "UT", "UC", "UR"}

SOP_CLASS, SOP_INSTANCE = (0x0008, 0x0016), (0x0008, 0x0018)
STUDY, SERIES, PIXEL_DATA = (0x0020, 0x000D), (0x0020, 0x000E), (0x7FE0, 0x0010)


def uid(name: str) -> str:
    """A UID under 2.25 that is the same on every run."""
    return "2.25." + str(int.from_bytes(hashlib.sha256(("priord hostile/" + name).encode()).digest()[:16], "big"))


class Writer:
    """Encodes elements in one of the two Little Endian Transfer Syntaxes (PS3.5 7.1)."""

    def __init__(self, syntax):
        self.syntax = syntax

    def header(self, tag, vr, length) -> bytes:
        if self.syntax == IMPLICIT:
            return struct.pack("<HHI", *tag, length)
        if vr in _LONG:
            return struct.pack("<HH2sHI", *tag, vr.encode(), 0, length)
        return struct.pack("<HH2sH", *tag, vr.encode(), length)

    def element(self, tag, vr, value) -> bytes:
        """`value` is padded to an even length: UIDs and bytes with NUL, text with a space."""
        data = value if isinstance(value, bytes) else value.encode("utf-8")
        if len(data) % 2:
            data += b"\0" if vr in ("UI", "OB", "OW", "UN") else b" "
        return self.header(tag, vr, len(data)) + data


def elements(writer, name, **changes):
    """A small sound Data Set as a list of (tag, bytes); `changes` sets a UID's value, None leaves the element out."""
    values = {
        "sop_class": SECONDARY_CAPTURE,
        "sop_instance": uid(name),
        "study": uid("study " + name),
        "series": uid("series " + name),
    }
    values.update(changes)
    table = [
        (SOP_CLASS, "UI", values["sop_class"]),
        (SOP_INSTANCE, "UI", values["sop_instance"]),
        ((0x0008, 0x0020), "DA", "20260901"),
        ((0x0008, 0x0060), "CS", "OT"),
        ((0x0010, 0x0010), "PN", "Invented^Nobody"),
        ((0x0010, 0x0020), "LO", "HOSTILE-1"),
        (STUDY, "UI", values["study"]),
        (SERIES, "UI", values["series"]),
        ((0x0020, 0x0013), "IS", "1"),
        ((0x0028, 0x0002), "US", struct.pack("<H", 1)),
        ((0x0028, 0x0004), "CS", "MONOCHROME2"),
        ((0x0028, 0x0010), "US", struct.pack("<H", 4)),
        ((0x0028, 0x0011), "US", struct.pack("<H", 4)),
        ((0x0028, 0x0100), "US", struct.pack("<H", 8)),
        ((0x0028, 0x0101), "US", struct.pack("<H", 8)),
        ((0x0028, 0x0102), "US", struct.pack("<H", 7)),
        ((0x0028, 0x0103), "US", struct.pack("<H", 0)),
        (PIXEL_DATA, "OW", bytes(range(16))),
    ]
    return [(tag, writer.element(tag, vr, value)) for tag, vr, value in table if value is not None]


def _join(parts):
    return b"".join(data for _, data in parts)


def _with(**changes):
    return lambda writer, name: _join(elements(writer, name, **changes))


def _insert(parts, tag, data):
    """`parts` with `data` as element `tag`, in ascending order."""
    return sorted([p for p in parts if p[0] != tag] + [(tag, data)])


def _garbage(writer, name):
    return b"".join(hashlib.sha256(f"{name}{k}".encode()).digest() for k in range(128))


def _cut_in_element(writer, name):
    """Ends in the middle of Patient's Name."""
    whole = _join(elements(writer, name))
    return whole[: whole.index(b"Invented^") + 5]


def _cut_in_header(writer, name):
    return _join(elements(writer, name)[:5]) + b"\x10\x00\x20"


def _cut_in_pixels(writer, name):
    return _join(elements(writer, name))[:-9]


def _nested(depth):
    def make(writer, name):
        opened = writer.header((0x0040, 0xA730), "SQ", UNDEFINED) + struct.pack("<HHI", 0xFFFE, 0xE000, UNDEFINED)
        closed = struct.pack("<HHI", 0xFFFE, 0xE00D, 0) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
        return _join(_insert(elements(writer, name), (0x0040, 0xA730), opened * depth + closed * depth))

    return make


def _nested_defined(depth):
    """Only a dictionary tells that these are sequences when the VR is implicit."""

    def make(writer, name):
        levels, length = [], 0
        for _ in range(depth):
            level = writer.header((0x0040, 0xA730), "SQ", length + 8) + struct.pack("<HHI", 0xFFFE, 0xE000, length)
            levels.append(level)
            length += len(level)
        return _join(_insert(elements(writer, name), (0x0040, 0xA730), b"".join(reversed(levels))))

    return make


def _nested_unclosed(writer, name):
    before = [p for p in elements(writer, name) if p[0] < (0x0040, 0xA730)]
    opened = writer.header((0x0040, 0xA730), "SQ", UNDEFINED) + struct.pack("<HHI", 0xFFFE, 0xE000, UNDEFINED)
    return _join(before) + opened * 10_000


def _huge(tag, vr, length):
    """An element that claims `length` bytes and brings sixteen; nothing follows it."""

    def make(writer, name):
        before = [p for p in elements(writer, name) if p[0] < tag]
        return _join(before) + writer.header(tag, vr, length) + bytes(16)

    return make


def _out_of_order(writer, name):
    return _join(reversed(elements(writer, name)))


def _twice(writer, name):
    parts = elements(writer, name)
    other = writer.element(SOP_INSTANCE, "UI", uid(name + " twice"))
    return _join(parts[:2]) + other + _join(parts[2:])


# Kind: (what it is, maker of the Data Set, SOP Instance UID of the command or None for the Data Set's own).
KINDS = {
    "sound": ("nothing wrong: the control", _with(), None),
    "instance-mismatch": ("SOP Instance UID differs from the command's", _with(), uid("another instance")),
    "class-mismatch": ("SOP Class UID differs from the command's (Secondary Capture)", _with(sop_class=CT_IMAGE), None),
    "no-sop-class": ("SOP Class UID missing", _with(sop_class=None), None),
    "no-sop-instance": ("SOP Instance UID missing", _with(sop_instance=None), None),
    "no-study": ("Study Instance UID missing", _with(study=None), None),
    "no-series": ("Series Instance UID missing", _with(series=None), None),
    "empty-sop-instance": ("SOP Instance UID empty", _with(sop_instance=""), None),
    "empty-study": ("Study Instance UID empty", _with(study=""), None),
    "empty-series": ("Series Instance UID empty", _with(series=""), None),
    "empty": ("no byte at all", lambda writer, name: b"", None),
    "garbage": ("4096 random bytes", _garbage, None),
    "cut-in-element": ("ends in the middle of a value before the UIDs of study and series", _cut_in_element, None),
    "cut-in-header": ("ends in the middle of a tag", _cut_in_header, None),
    "cut-in-pixels": ("ends in the middle of Pixel Data", _cut_in_pixels, None),
    "nested": ("a sequence nested 10000 deep, undefined lengths", _nested(10_000), None),
    "nested-defined": ("a sequence nested 10000 deep, defined lengths", _nested_defined(10_000), None),
    "nested-unclosed": ("a sequence nested 10000 deep, never closed", _nested_unclosed, None),
    "huge-text": (
        "a text element that claims 2 GB and ends after 16 bytes",
        _huge((0x0008, 0x0119), "UC", 0x7FFFFFFE),
        None,
    ),
    "huge-pixels": ("Pixel Data that claims 1 GB and ends after 16 bytes", _huge(PIXEL_DATA, "OW", 0x40000000), None),
    "huge-private": (
        "a private element that claims 4 GB - 2 and ends after 16 bytes",
        _huge((0x0009, 0x1001), "UN", 0xFFFFFFFE),
        None,
    ),
    "path-study": ("Study Instance UID ../../etc/passwd", _with(study="../../etc/passwd"), None),
    "path-series": ("Series Instance UID 1.2/..", _with(series="1.2/.."), None),
    "path-instance": (
        "SOP Instance UID ../../../tmp/x, in the command too",
        _with(sop_instance="../../../tmp/x"),
        "../../../tmp/x",
    ),
    "absolute-study": ("Study Instance UID /etc/passwd", _with(study="/etc/passwd"), None),
    "dots-study": ("Study Instance UID ..", _with(study=".."), None),
    "nul-study": ("Study Instance UID with a NUL inside", _with(study=b"1.2.3\x004.5"), None),
    "newline-study": (
        "Study Instance UID with a line feed and an escape sequence inside",
        _with(study=b"1.2\n\x1b[2J3.4"),
        None,
    ),
    "letters-study": ("Study Instance UID with letters", _with(study="1.2.abc.4"), None),
    "quote-study": ("Study Instance UID that would end an SQL string", _with(study="1.2'; DROP TABLE study;--"), None),
    "long-study": ("Study Instance UID of 65 characters", _with(study="1." + "2" * 63), None),
    "long-instance": (
        "SOP Instance UID of 65 characters; the command's is sound",
        _with(sop_instance="1." + "3" * 63),
        None,
    ),
    "very-long-study": ("Study Instance UID of 60000 characters", _with(study="1." + "4" * 59_998), None),
    "two-studies": ("Study Instance UID of two values", _with(study="1.2.3\\1.2.4"), None),
    "leading-zero-study": (
        "Study Instance UID with a component 01 (PS3.5 9.1 forbids it)",
        _with(study="1.2.01.3"),
        None,
    ),
    "out-of-order": ("tags in descending order", _out_of_order, None),
    "instance-twice": ("two different SOP Instance UIDs", _twice, None),
}


def data_set(kind: str, syntax: str = EXPLICIT) -> bytes:
    """The hostile Data Set alone, as it goes into the P-DATA of a C-STORE."""
    return KINDS[kind][1](Writer(syntax), kind)


def command_uids(kind: str):
    """Affected SOP Class and Instance UID of the C-STORE command that carries `kind`."""
    return SECONDARY_CAPTURE, KINDS[kind][2] or uid(kind)


def part10(kind: str, syntax: str = EXPLICIT) -> bytes:
    """Preamble, sound file meta group, then the hostile Data Set."""
    sop_class, instance = command_uids(kind)
    writer = Writer(EXPLICIT)
    meta = writer.element((2, 1), "OB", b"\x00\x01")
    for tag, value in (
        ((2, 2), sop_class),
        ((2, 3), instance),
        ((2, 0x10), syntax),
        ((2, 0x12), uid("implementation")),
    ):
        meta += writer.element(tag, "UI", value)
    group = writer.element((2, 0), "UL", struct.pack("<I", len(meta)))
    return bytes(128) + b"DICM" + group + meta + data_set(kind, syntax)


def split(file: bytes):
    """(file meta group with its preamble, Data Set bytes) of what `part10` made."""
    length = struct.unpack_from("<I", file, 140)[0]
    return file[: 144 + length], file[144 + length :]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", nargs="?", choices=KINDS, metavar="KIND")
    parser.add_argument("out", nargs="?", type=pathlib.Path, metavar="OUT.dcm")
    parser.add_argument("--list", action="store_true", help="print every kind and what it is")
    parser.add_argument("--syntax", choices=("implicit", "explicit"), default="explicit")
    arguments = parser.parse_args()
    if arguments.list:
        for kind, (meaning, _, _) in KINDS.items():
            print(f"{kind:20} {meaning}")
        return os.EX_OK
    if not arguments.out:
        parser.error("KIND and OUT.dcm are needed")
    arguments.out.write_bytes(part10(arguments.kind, IMPLICIT if arguments.syntax == "implicit" else EXPLICIT))
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main())
