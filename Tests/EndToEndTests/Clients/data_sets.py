"""Whole Data Sets compared, value by value in bytes, whatever Transfer Syntax each of them is in."""

import io

from pydicom import config, dcmread
from pydicom.datadict import keyword_for_tag

# Some makers' private numbers are text.
config.convert_wrong_length_to_UN = True
IMPLICIT, BIG_ENDIAN = "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"
WORDS = {
    "US": 2, "SS": 2, "OW": 2, "AT": 2, "UL": 4, "SL": 4, "FL": 4, "OF": 4, "OL": 4, "FD": 8, "OD": 8, "UV": 8, "SV": 8,
    "OV": 8,
}
# What decompression is to change (PS3.5 8.2, PS3.3 C.7.6.3.1.2).
PIXELS = {
    "PixelData", "PhotometricInterpretation", "PlanarConfiguration", "ExtendedOffsetTable", "ExtendedOffsetTableLengths",
    "EncapsulatedPixelDataValueTotalLength",
}


def walk(data_set, is_big_endian, hides_private, path=()):
    """Every value in little endian, by the way to it; group lengths and pixels left out."""
    # Bytes first: pydicom replaces what it decodes.
    found = {tag: data_set.get_item(tag) for tag in sorted(data_set.keys())}
    for tag, raw in found.items():
        place = (*path, f"{tag:08X}")
        if tag.element == 0 or keyword_for_tag(tag) in PIXELS:
            continue
        if hides_private and tag.is_private and (raw.VR == "SQ" or bytes(raw.value or b"").startswith(b"\xfe\xff\x00\xe0")):
            continue
        if data_set[tag].VR == "SQ":
            yield place, len(data_set[tag].value)
            for number, item in enumerate(data_set[tag].value):
                yield from walk(item, is_big_endian, hides_private, (*place, number))
            continue
        # Specific Character Set is decoded at once.
        value = raw.value if isinstance(raw.value, bytes) else str(raw.value or "").encode()
        # Padding to an even length is no part of a value.
        yield place, turned(value, WORDS.get(raw.VR, 1) if is_big_endian else 1).rstrip(b"\0 ")


def turned(value, width):
    """Words of so many bytes in the other order."""
    return b"".join(value[at : at + width][::-1] for at in range(0, len(value), width)) if width > 1 else value


def differences(one, other):
    """Where two Part-10 files differ: a few of the ways."""
    both = [dcmread(io.BytesIO(content)) for content in (one, other)]
    syntaxes = [data_set.file_meta.TransferSyntaxUID for data_set in both]
    # Implicit VR does not say that a private Attribute is a Sequence.
    one, other = (
        dict(walk(data_set, syntax == BIG_ENDIAN, IMPLICIT in syntaxes)) for data_set, syntax in zip(both, syntaxes))
    wrong = sorted((way for way in one.keys() | other.keys() if one.get(way) != other.get(way)), key=str)
    return [".".join(map(str, way)) for way in wrong[:4]]
