"""Pixels into the Pixel Data of a Transfer Syntax (PS3.5 8 and A.4)."""

import io

import numpy as np
from PIL import Image
from pydicom import uid
from pydicom.encaps import encapsulate
from pydicom.pixels import get_encoder

from . import jpeg_lossless

IMPLICIT = uid.ImplicitVRLittleEndian
EXPLICIT = uid.ExplicitVRLittleEndian
BIG_ENDIAN = uid.ExplicitVRBigEndian
DEFLATED = uid.DeflatedExplicitVRLittleEndian
RLE = uid.RLELossless
JPEG_LOSSLESS = uid.JPEGLosslessSV1
JPEG_LS = uid.JPEGLSLossless
JPEG_2000 = uid.JPEG2000Lossless
JPEG_BASELINE = uid.JPEGBaseline8Bit

_PLUGINS = {RLE: "pydicom", JPEG_LS: "pyjpegls", JPEG_2000: "pylibjpeg"}
_JPEG_QUALITY = 88


def put_pixels(dataset, pixels, syntax):
    """Sets Pixel Data and what describes it. `pixels`: [frames ×] rows × columns [× 3] of unsigned integers."""
    color = pixels.ndim >= 3 and pixels.shape[-1] == 3
    frames = pixels if pixels.ndim == (4 if color else 3) else pixels[np.newaxis]
    dataset.Rows, dataset.Columns = frames.shape[1:3]
    dataset.SamplesPerPixel = 3 if color else 1
    if color:
        dataset.PhotometricInterpretation, dataset.PlanarConfiguration = "RGB", 0
    dataset.PixelRepresentation = 0
    wide = pixels.dtype == np.uint16
    dataset.BitsAllocated = 16 if wide else 8
    if "BitsStored" not in dataset:
        dataset.BitsStored = 12 if wide else 8
    dataset.HighBit = dataset.BitsStored - 1
    if not syntax.is_compressed or syntax == DEFLATED:
        dataset.PixelData = frames.astype(">u2" if wide and syntax == BIG_ENDIAN else "<u2" if wide else "u1").tobytes()
        if len(dataset.PixelData) % 2:
            dataset.PixelData += b"\0"
        dataset["PixelData"].VR = "OW" if wide or syntax == IMPLICIT else "OB"
        return
    streams = [_encoded(dataset, frame, syntax) for frame in frames]
    dataset.PixelData = encapsulate([s + b"\0" * (len(s) % 2) for s in streams])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    if syntax == JPEG_BASELINE:
        dataset.LossyImageCompression = "01"
        dataset.LossyImageCompressionMethod = "ISO_10918_1"
        dataset.LossyImageCompressionRatio = f"{frames.nbytes / sum(map(len, streams)):.1f}"


def _encoded(dataset, frame, syntax):
    if syntax == JPEG_LOSSLESS:
        return jpeg_lossless.encode(frame, dataset.BitsStored)
    if syntax == JPEG_BASELINE:
        stream = io.BytesIO()
        Image.fromarray(frame).save(stream, "JPEG", quality=_JPEG_QUALITY)
        return stream.getvalue()
    return get_encoder(syntax).encode(
        np.ascontiguousarray(frame),
        encoding_plugin=_PLUGINS[syntax],
        rows=int(dataset.Rows),
        columns=int(dataset.Columns),
        samples_per_pixel=int(dataset.SamplesPerPixel),
        photometric_interpretation=dataset.PhotometricInterpretation,
        bits_allocated=int(dataset.BitsAllocated),
        bits_stored=int(dataset.BitsStored),
        pixel_representation=0,
        number_of_frames=1,
        **({"planar_configuration": 0} if dataset.SamplesPerPixel == 3 else {}),
    )
