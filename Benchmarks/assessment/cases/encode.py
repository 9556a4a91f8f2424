"""Lossless codestreams in every syntax modalities send."""

import sys
from pathlib import Path

import numpy as np
from pydicom import uid
from pydicom.encaps import encapsulate
from pydicom.pixels import get_encoder

from .draft import stored_values

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "Fixtures"))
from generator import jpeg_lossless  # noqa: E402

SYNTAXES = [
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
    uid.RLELossless,
    uid.JPEGLosslessSV1,
    uid.JPEGLSLossless,
    uid.JPEG2000Lossless,
]


def compressed(ds, syntax, frame=None) -> bytes:
    """The codestream of one frame."""
    values = stored_values(ds)
    if values.ndim == 3:
        values = values[frame]
    bits, signed = int(ds.BitsStored), bool(ds.PixelRepresentation)
    array = values.astype(("i" if signed else "u") + str(ds.BitsAllocated // 8))
    if syntax == uid.JPEGLosslessSV1:
        return jpeg_lossless.encode(array.view(np.uint16) & ((1 << bits) - 1), bits)
    plugin = {uid.RLELossless: "pydicom", uid.JPEGLSLossless: "pyjpegls", uid.JPEG2000Lossless: "pylibjpeg"}[syntax]
    return get_encoder(syntax).encode(
        np.ascontiguousarray(array), encoding_plugin=plugin, rows=int(ds.Rows), columns=int(ds.Columns), samples_per_pixel=1,
        photometric_interpretation=ds.PhotometricInterpretation, bits_allocated=int(ds.BitsAllocated), bits_stored=bits,
        pixel_representation=int(ds.PixelRepresentation), number_of_frames=1,
    )


def transcode(ds, syntax):
    """The data set in another lossless syntax, in place."""
    frames = int(ds.get("NumberOfFrames") or 1)
    if syntax == uid.ExplicitVRBigEndian:
        data = np.frombuffer(ds.PixelData, "<u2" if ds.BitsAllocated == 16 else "u1")
        ds.PixelData = data.astype(">u2").tobytes() if ds.BitsAllocated == 16 else ds.PixelData
    elif syntax.is_compressed and not syntax.is_deflated:
        streams = [compressed(ds, syntax, k if frames > 1 else None) for k in range(frames)]
        ds.PixelData = encapsulate([s + b"\0" * (len(s) % 2) for s in streams])
        ds["PixelData"].VR, ds["PixelData"].is_undefined_length = "OB", True
    ds.file_meta.TransferSyntaxUID = syntax
