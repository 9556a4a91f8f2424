"""Pixels that are broken, blank, compressed with loss, or pictures of a screen: faults of any modality."""

import io

import numpy as np
from PIL import Image as Picture
from pydicom import uid
from pydicom.encaps import encapsulate

from .draft import Expectation, new_uid, put_values, stored_values
from .encode import compressed
from .registry import fault


def _one(draft):
    """An image in the middle, and of radiographs the first."""
    images = draft.stack() or draft.images
    return images[len(images) // 2] if len(images) > 2 else images[0]


@fault("pixels-truncated", excludes={"fragment"}, variants=1, bases=8)
def pixels_truncated(draft, level, variant):
    """Pixel Data ends early: after 60 %, or four bytes before the end."""
    ds = _one(draft).edit()
    length = len(ds.PixelData)
    ds.PixelData = ds.PixelData[: int(length * 0.6) // 2 * 2 if level == "clear" else length - 4]
    return Expectation("any", ("pixel-data", "frame-count"), level)


@fault("codestream-truncated", excludes={"fragment", "run"}, variants=4, bases=4)
def codestream_truncated(draft, level, variant):
    """A compressed image whose codestream was cut: to 40 %, or to 90 %."""
    image = _one(draft)
    syntax = [uid.JPEGLSLossless, uid.JPEG2000Lossless, uid.RLELossless, uid.JPEGLosslessSV1][variant]
    ds = image.edit()
    stream = compressed(ds, syntax)
    stream = stream[: int(len(stream) * (0.4 if level == "clear" else 0.9))]
    ds.PixelData = encapsulate([stream + b"\0" * (len(stream) % 2)])
    ds["PixelData"].VR, ds["PixelData"].is_undefined_length = "OB", True
    ds.file_meta.TransferSyntaxUID = syntax
    return Expectation("any", ("pixel-data",), level)


@fault("rows-wrong", excludes={"fragment", "run"}, bases=6)
def rows_wrong(draft, level, variant):
    """Rows do not fit the length: doubled, or one too many."""
    ds = _one(draft).edit()
    data = ds.PixelData
    ds.Rows = ds.Rows * 2 if level == "clear" else ds.Rows + 1
    ds.PixelData = data
    return Expectation("any", ("pixel-data", "inconsistent-geometry"), level)


@fault("blank", excludes={"fragment"}, variants=1, bases=10)
def blank(draft, level, variant):
    """Every pixel equal; borderline: equal but for one step of electronic noise."""
    ds = _one(draft).edit()
    values = stored_values(ds)
    flat = np.full(values.shape, int(np.median(values)) + 3)
    if level == "borderline":
        flat = flat + draft.random.integers(0, 2, values.shape)
    put_values(ds, flat)
    return Expectation("quality", ("blank-image", "contrast-range", "saturation"), level)


@fault("lossy", kinds={"DX", "CT", "MR"}, excludes={"fragment"}, variants=2, bases=5)
def lossy(draft, level, variant):
    """JPEG baseline of 8 bits, marked (clear); marked lossy at a low ratio and sent uncompressed again (borderline)."""
    image = _one(draft)
    ds = image.edit()
    if level == "borderline":
        ds.LossyImageCompression, ds.LossyImageCompressionRatio = "01", ("2.5", "6")[variant]
        ds.LossyImageCompressionMethod = ("ISO_15444_1", "ISO_14495_1")[variant]
        return Expectation("quality", ("lossy-compression",), level)
    values = stored_values(ds).astype(np.float64)
    low, high = np.percentile(values, [0.1, 99.9])
    small = np.clip((values - low) / (high - low) * 255, 0, 255).astype(np.uint8)
    stream = io.BytesIO()
    Picture.fromarray(small).save(stream, "JPEG", quality=88 if variant == 0 else 60)
    bytes_ = stream.getvalue()
    ds.PixelData = encapsulate([bytes_ + b"\0" * (len(bytes_) % 2)])
    ds["PixelData"].VR, ds["PixelData"].is_undefined_length = "OB", True
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    if "PixelPaddingValue" in ds:
        del ds.PixelPaddingValue
    slope = (high - low) / 255 * float(ds.get("RescaleSlope", 1) or 1)
    if "RescaleIntercept" in ds:
        ds.RescaleIntercept = round(low * float(ds.get("RescaleSlope", 1) or 1) + float(ds.RescaleIntercept), 2)
        ds.RescaleSlope = round(slope, 6)
    for keyword in ("SmallestImagePixelValue", "LargestImagePixelValue"):
        if keyword in ds:
            delattr(ds, keyword)
    ds.WindowCenter, ds.WindowWidth = ds.get("WindowCenter", 128), ds.get("WindowWidth", 256)
    ds.file_meta.TransferSyntaxUID = uid.JPEGBaseline8Bit
    ds.LossyImageCompression, ds.LossyImageCompressionMethod = "01", "ISO_10918_1"
    ds.LossyImageCompressionRatio = f"{values.size * 2 / len(bytes_):.1f}"
    return Expectation("quality", ("lossy-compression",), level)


@fault("screen-capture-only", kinds={"CT", "MR", "DX"}, excludes={"fragment", "localizer"}, bases=5)
def screen_capture_only(draft, level, variant):
    """Nothing but a picture of the screen; borderline: several, filed under the modality's own SOP Class."""
    image = _one(draft)
    keep = draft.images.index(image)
    draft.images = [draft.images[keep]]
    ds = image.edit()
    values = stored_values(ds).astype(np.float64)
    low, high = np.percentile(values, [1, 99])
    put_values_8(ds, np.clip((values - low) / (high - low + 1) * 255, 0, 255))
    ds.ImageType = ["DERIVED", "SECONDARY", "SCREEN SAVE"] if level == "borderline" else ["DERIVED", "SECONDARY"]
    ds.ConversionType = "WSD"
    for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "RescaleIntercept", "RescaleSlope", "PixelPaddingValue", "SliceLocation"):
        if keyword in ds:
            delattr(ds, keyword)
    if level == "clear":
        ds.SOPClassUID = uid.SecondaryCaptureImageStorage
    else:
        draft.copy_of(image, "second").InstanceNumber = 2
    return Expectation("quality", ("secondary-capture",), level)


def put_values_8(ds, values):
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    for keyword in ("SmallestImagePixelValue", "LargestImagePixelValue"):
        if keyword in ds:
            delattr(ds, keyword)
    put_values(ds, values)


__all__ = ["new_uid"]
