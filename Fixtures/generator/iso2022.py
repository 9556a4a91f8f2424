"""Text in ISO 2022 IR 58 (GB 2312 in G1), which pydicom writes without its escape sequences."""

import re

from pydicom.dataelem import RawDataElement

_DESIGNATE_G1 = b"\x1b$)A"
_TEXT = {"PN", "LO", "SH", "LT", "ST", "UT", "UC"}


def encode(value: str) -> bytes:
    """`value` with the escape sequence before the first Chinese character of each component.

    The designation ends at "^", "=" and "\\" (PS3.5 6.1.2.5.3; PS3.5 K.2 shows such a name). ASCII stays in G0.
    """
    pieces = re.split(r"([\\^=])", value)
    return b"".join(_piece(piece) for piece in pieces)


def _piece(text):
    for place, character in enumerate(text):
        if not character.isascii():
            return text[:place].encode("ascii") + _DESIGNATE_G1 + text[place:].encode("gb2312")
    return text.encode("ascii")


def put_text(dataset):
    """Replaces each text value that is not ASCII by its bytes, which are then written as they are."""
    for element in list(dataset):
        if element.VR in _TEXT and not str(element.value).isascii():
            data = encode(str(element.value))
            data += b" " * (len(data) % 2)
            dataset[element.tag] = RawDataElement(element.tag, element.VR, len(data), data, 0, False, True, True)
