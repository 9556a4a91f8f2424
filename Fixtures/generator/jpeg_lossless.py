"""JPEG lossless, first-order prediction (Process 14, Selection Value 1; ITU-T T.81 Annex H).

No Python package writes this Transfer Syntax, so the codestream is made here: one component, one scan,
one fixed Huffman table, no restart markers.
"""

import struct

import numpy as np

# Code length of each difference category SSSS (T.81 H.1.2.2); short for the noise of a few units we have.
_LENGTHS = {
    2: [0],
    3: [1, 2, 3, 4, 5],
    4: [6],
    5: [7],
    6: [8],
    7: [9],
    8: [10],
    9: [11],
    10: [12],
    11: [13],
    12: [14],
    13: [15],
    14: [16],
}


def _codes():
    """Canonical codes in order of length (T.81 C.2)."""
    code, previous, codes, lengths = 0, 0, np.zeros(17, np.uint64), np.zeros(17, np.int64)
    for length, symbols in _LENGTHS.items():
        code <<= length - previous
        previous = length
        for symbol in symbols:
            codes[symbol], lengths[symbol] = code, length
            code += 1
    return codes, lengths


def _differences(frame, precision):
    sample = frame.astype(np.int64)
    prediction = np.empty_like(sample)
    prediction[:, 1:] = sample[:, :-1]
    prediction[1:, 0] = sample[:-1, 0]
    prediction[0, 0] = 1 << (precision - 1)
    return (sample - prediction).ravel()


def _entropy_coded(differences):
    codes, lengths = _codes()
    size = np.zeros(differences.shape, np.int64)
    rest = np.abs(differences)
    while rest.any():
        size += rest > 0
        rest >>= 1
    # A negative difference is sent as its value minus one, low bits only (T.81 F.1.2.1).
    extra = np.where(differences < 0, differences + (1 << size) - 1, differences).astype(np.uint64)
    words = (codes[size] << size.astype(np.uint64)) | extra
    bits = lengths[size] + size
    ends = np.cumsum(bits)
    total = int(ends[-1])
    which = np.repeat(np.arange(bits.size), bits)
    place = (ends[which] - 1 - np.arange(total)).astype(np.uint64)
    stream = ((words[which] >> place) & np.uint64(1)).astype(np.uint8)
    padded = np.concatenate([stream, np.ones(-total % 8, np.uint8)])
    return np.packbits(padded).tobytes().replace(b"\xff", b"\xff\x00")


def _segment(marker, payload):
    return struct.pack(">HH", marker, len(payload) + 2) + payload


def encode(frame, precision):
    """The codestream of one frame of unsigned samples, `precision` bits each."""
    rows, columns = frame.shape
    counts = bytes(len(_LENGTHS.get(length, [])) for length in range(1, 17))
    values = bytes(symbol for symbols in _LENGTHS.values() for symbol in symbols)
    return b"".join(
        [
            b"\xff\xd8",
            _segment(0xFFC3, struct.pack(">BHHBBBB", precision, rows, columns, 1, 1, 0x11, 0)),
            _segment(0xFFC4, b"\x00" + counts + values),
            _segment(0xFFDA, bytes([1, 1, 0x00, 1, 0, 0])),
            _entropy_coded(_differences(frame, precision)),
            b"\xff\xd9",
        ]
    )
