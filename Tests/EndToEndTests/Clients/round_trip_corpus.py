"""What is sent on a round trip: one object for each SOP Class, Transfer Syntax and character set among some files."""

import io
import pathlib

from pydicom import dcmread, dcmwrite

from protocol_dimse import File

IMPLICIT, EXPLICIT, BIG_ENDIAN, DEFLATED = (
    "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99")
# Says more bytes of Pixel Data than follow; priord refuses it.
BROKEN = {"MR_truncated.dcm"}


def element(number, vr, value):
    value += (b"\0" if vr != "SH" else b" ") * (len(value) % 2)
    head = b"\2\0" + number.to_bytes(2, "little") + vr.encode()
    return head + (b"\0\0" + len(value).to_bytes(4, "little") if vr == "OB" else len(value).to_bytes(2, "little")) + value


def part10(sop_class, instance, syntax, data_set):
    """A Part-10 file of a Data Set as it stands (PS3.10 7.1)."""
    meta = b"".join([
        element(0x01, "OB", b"\0\1"), element(0x02, "UI", sop_class.encode()), element(0x03, "UI", instance.encode()),
        element(0x10, "UI", syntax.encode()), element(0x12, "UI", b"2.25.1")])
    return bytes(128) + b"DICM" + element(0x00, "UL", len(meta).to_bytes(4, "little")) + meta + data_set


def taken_apart(content):
    """(Transfer Syntax, Data Set) of a Part-10 file."""
    start = 144 + int.from_bytes(content[140:144], "little")
    at, syntax = 144, None
    while at < start:
        number, vr = int.from_bytes(content[at + 2 : at + 4], "little"), content[at + 4 : at + 6]
        if vr == b"OB":
            length, at = int.from_bytes(content[at + 8 : at + 12], "little"), at + 12
        else:
            length, at = int.from_bytes(content[at + 6 : at + 8], "little"), at + 8
        if number == 0x10:
            syntax = content[at : at + length].rstrip(b"\0 ").decode()
        at += length
    return syntax, content[start:]


def in_directory(name):
    """(Transfer Syntax, Data Set) of every file, by SOP Instance UID."""
    return dict(told(path.read_bytes()) for path in pathlib.Path(name).iterdir())


def told(content):
    return str(dcmread(io.BytesIO(content), specific_tags=["SOPInstanceUID"]).SOPInstanceUID), taken_apart(content)


class Sample(File):
    """A file with a SOP Instance UID that no other of the corpus has; its study is told for retrievals."""

    def __init__(self, path, taken):
        super().__init__(path)
        header = dcmread(path, force=True)
        self.study, self.series = str(header.get("StudyInstanceUID", "")), str(header.get("SeriesInstanceUID", ""))
        characters = header.get("SpecificCharacterSet") or ""
        self.characters = characters if isinstance(characters, str) else "\\".join(characters)
        self.is_usable = bool(self.sop_class and self.instance) and self.path.name not in BROKEN
        if self.is_usable and not self.has_study:
            # Samples of codecs may have no study.
            header.StudyInstanceUID = self.study = "2.25.501"
            header.SeriesInstanceUID = self.series = "2.25.502"
            written = io.BytesIO()
            dcmwrite(written, header)
            self.data_set = taken_apart(written.getvalue())[1]
        if self.instance in taken and self.is_usable and self.syntax != DEFLATED:
            # Several real files are one image in different Transfer Syntaxes.
            names = (self.instance[:-2] + str(number) for number in range(10, 100))
            name = next(name for name in names if name not in taken)
            self.data_set = self.data_set.replace(self.instance.encode(), name.encode())
            self.instance = name

    @property
    def kind(self):
        return self.sop_class, self.syntax, self.characters

    def part10(self, syntax=None, data_set=None):
        """The object as a file, or another Data Set of it."""
        return part10(self.sop_class, self.instance, syntax or self.syntax, data_set or self.data_set)


def corpus(folders, directory):
    """Samples by SOP Instance UID, each written to `directory` as a Part-10 file of its own."""
    samples, kinds = {}, set()
    for folder in folders:
        for path in sorted(path for path in pathlib.Path(folder).rglob("*") if path.is_file()):
            try:
                sample = Sample(path, samples)
            except Exception:  # what pydicom says of files that are none
                continue
            if not sample.is_usable or sample.kind in kinds:
                continue
            kinds.add(sample.kind)
            sample.path = directory / f"{len(samples):03}.dcm"
            sample.path.write_bytes(sample.part10())
            samples[sample.instance] = sample
    return samples
