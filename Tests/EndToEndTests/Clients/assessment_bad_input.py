"""Sends images whose pixels, geometry or numbers are impossible, each as a study of its own, and says what was answered.

    assessment_bad_input.py PORT FIXTURES_DIR

A case is "GROUP NAME"; its facts are the Study Instance UID, how many instances and their Statuses, each once. Group `pixels`: nothing sound can be decoded. Group
`header`: the pixels are sound, a header value is not.
"""

import io
import random
import struct
import sys
import warnings
from pathlib import Path

from protocol_dimse import associate, send
from protocol_wire import emit
from pydicom import config, dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import generate_fragments
from pydicom.filewriter import write_dataset
from pydicom.filebase import DicomBytesIO
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

warnings.filterwarnings("ignore")
config.settings.writing_validation_mode = config.IGNORE
config.settings.reading_validation_mode = config.IGNORE

PORT, FIXTURES = int(sys.argv[1]), Path(sys.argv[2])
RANDOM = random.Random(20261121)

# One file for each encoding: explicit and implicit Little Endian, JPEG-LS, JPEG 2000, RLE, JPEG lossless, JPEG baseline, a run.
CT, DX = "14-ct-head/1-008.dcm", "23-dr-pixel-data-truncated/1-001.dcm"
LS, J2K, RLE = "01-dr-chest-pa-lat/1-001.dcm", "04-dr-chest-pa/1-001.dcm", "06-dr-knee-right/1-001.dcm"
LOSSLESS, BASELINE, RUN = "08-dr-knee-left/1-001.dcm", "29-dr-chest-pa-lossy/1-001.dcm", "20-xa-dsa-legs/1-001.dcm"
COMPRESSED = {"jpeg-ls": LS, "jpeg-2000": J2K, "rle": RLE, "jpeg-lossless": LOSSLESS, "jpeg-baseline": BASELINE}


def image(name):
    return dcmread(FIXTURES / "studies" / name)


def small(frames=1, bits=16):
    """An uncompressed run of 32 × 32."""
    ds = image(RUN)
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.Rows = ds.Columns = 32
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = bits, min(bits, 12), min(bits, 12) - 1
    ds.NumberOfFrames = frames
    ds.PixelData = bytes(RANDOM.randbytes(32 * 32 * bits // 8)) * frames
    ds["PixelData"].VR = "OW" if bits > 8 else "OB"
    ds["PixelData"].is_undefined_length = False
    return ds


def text(ds, keyword, value, vr="DS"):
    """A value as it stands, be it a number or not."""
    from pydicom.dataelem import RawDataElement
    from pydicom.datadict import tag_for_keyword
    from pydicom.tag import Tag

    raw = value.encode() + b" " * (len(value) % 2)
    tag = Tag(tag_for_keyword(keyword))
    ds._dict[tag] = RawDataElement(tag, vr, len(raw), raw, 0, ds.file_meta.TransferSyntaxUID.is_implicit_VR, True)
    return ds


def stream_of(ds):
    """The fragments of a compressed image."""
    return list(generate_fragments(ds.PixelData))


def put_stream(ds, fragments):
    """Encapsulates by hand: pydicom refuses what no decoder could read."""
    items = [b""] + [f + b"\0" * (len(f) % 2) for f in fragments]
    ds.PixelData = b"".join(struct.pack("<HHL", 0xFFFE, 0xE000, len(item)) + item for item in items)
    ds["PixelData"].VR, ds["PixelData"].is_undefined_length = "OB", True
    return ds


def changed(ds, **attributes):
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    return ds


def without(ds, *keywords):
    for keyword in keywords:
        del ds[keyword]
    return ds


def slices(change):
    """Six slices of one stack, each changed."""
    return [change(image(f"14-ct-head/1-{number:03d}.dcm")) for number in range(5, 11)]


def pixel_cases():
    uncompressed = image(CT)
    yield "cut in half", changed(uncompressed, PixelData=uncompressed.PixelData[: len(uncompressed.PixelData) // 4 * 2])
    yield "of no length", changed(image(CT), PixelData=b"")
    yield "missing", without(image(CT), "PixelData")
    yield "without rows", without(image(CT), "Rows")
    yield "rows of another image", changed(image(CT), Rows=image(CT).Rows * 3)
    for rows, columns in ((0, 0), (0, 192), (65535, 65535), (65535, 1)):
        yield f"of {rows} x {columns}", changed(image(CT), Rows=rows, Columns=columns)
    yield "of 65535 x 65535 in ten thousand frames", changed(image(CT), Rows=65535, Columns=65535, NumberOfFrames="10000")
    for allocated, stored, high in ((0, 0, 0), (64, 64, 63), (16, 0, 0), (16, 40, 39), (12, 12, 11)):
        yield f"of {allocated} bits, {stored} stored", changed(image(CT), BitsAllocated=allocated, BitsStored=stored, HighBit=high)
    for samples in (0, 7, 65535):
        yield f"of {samples} samples", changed(image(CT), SamplesPerPixel=samples)
    yield "ten thousand frames announced, one there", changed(small(), NumberOfFrames=10000)
    yield "two thousand million frames announced", changed(small(), NumberOfFrames="2147483647")
    for name, path in COMPRESSED.items():
        fragments = stream_of(image(path))
        whole = fragments[-1]
        middle = len(whole) // 2
        yield f"{name} cut in half", put_stream(image(path), [whole[:middle]])
        yield f"{name} cut after ten bytes", put_stream(image(path), [whole[:10]])
        yield f"{name} of zeros", put_stream(image(path), [bytes(len(whole))])
        yield f"{name} of noise", put_stream(image(path), [RANDOM.randbytes(len(whole))])
        yield f"{name} of no bytes", put_stream(image(path), [b""])
        huge = bytearray(whole)
        # Wherever the image's own dimensions are written, they become 65535.
        for size in (image(path).Rows, image(path).Columns):
            for width in (2, 4):
                huge = bytearray(bytes(huge[:200]).replace(size.to_bytes(width, "big"), (65535).to_bytes(width, "big")) + huge[200:])
        if name != "rle":
            yield f"{name} of 65535 x 65535 within", put_stream(image(path), [bytes(huge)])
        yield f"{name} without a fragment", changed(image(path), PixelData=struct.pack("<HHL", 0xFFFE, 0xE000, 0))
        yield f"{name} of nine frames with one fragment", changed(image(path), NumberOfFrames=9)
    for name, path in COMPRESSED.items():
        whole = bytearray(stream_of(image(path))[-1])
        for _ in range(40):
            whole[RANDOM.randrange(len(whole))] = RANDOM.randrange(256)
        yield f"{name} with forty wrong bytes?", put_stream(image(path), [bytes(whole)])


def header_cases():
    for value in ("NaN", "inf", "-inf", "1e308", "-1e308", "1e-320", "abc", "", "9" * 400):
        yield f"position {value[:9]}", slices(lambda ds: text(ds, "ImagePositionPatient", "\\".join([value] * 3)))
        yield f"orientation {value[:9]}", slices(lambda ds: text(ds, "ImageOrientationPatient", "\\".join([value] * 6)))
        yield f"spacing {value[:9]}", slices(lambda ds: text(ds, "PixelSpacing", "\\".join([value] * 2)))
        yield f"thickness {value[:9]}", slices(lambda ds: text(ds, "SliceThickness", value))
        yield f"intercept {value[:9]}", text(image(CT), "RescaleIntercept", value)
        yield f"slope {value[:9]}", text(image(CT), "RescaleSlope", value)
        yield f"window {value[:9]}", text(image(CT), "WindowWidth", value)
        yield f"deviation {value[:9]}", text(text(image(J2K), "DeviationIndex", value), "ExposureIndex", value)
        yield f"frame time {value[:9]}", text(small(4), "FrameTime", value)
        yield f"echo {value[:9]}", text(image("18-mr-brain-dwi/1-003.dcm"), "EchoTime", value)
        yield f"field of view {value[:9]}", text(image(LS), "ImagerPixelSpacing", "\\".join([value] * 2))
    for value in ("2147483647", "-2147483648", "999999999999999999999", "x"):
        yield f"instance number {value}", slices(lambda ds: text(ds, "InstanceNumber", value, "IS"))
        yield f"images in acquisition {value}", slices(lambda ds: text(ds, "ImagesInAcquisition", value, "IS"))
        yield f"series related instances {value}", slices(lambda ds: text(ds, "NumberOfSeriesRelatedInstances", value, "IS"))
        yield f"study related instances {value}", slices(lambda ds: text(ds, "NumberOfStudyRelatedInstances", value, "IS"))
        yield f"temporal positions {value}", slices(
            lambda ds: text(text(ds, "NumberOfTemporalPositions", value, "IS"), "TemporalPositionIdentifier", value, "IS")
        )
    yield "orientation of two numbers", text(image(CT), "ImageOrientationPatient", "1\\0")
    yield "position of nine numbers", text(image(CT), "ImagePositionPatient", "\\".join("123456789"))
    yield "orientation of equal directions", changed(image(CT), ImageOrientationPatient=[1, 0, 0, 1, 0, 0])
    for keyword in ("MaskSubtractionSequence", "RequestAttributesSequence", "AnatomicRegionSequence", "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", "ProcedureCodeSequence", "ModalityLUTSequence", "VOILUTSequence"):
        yield f"empty {keyword}", changed(small(4), **{keyword: Sequence([])})
        yield f"empty item in {keyword}", changed(small(4), **{keyword: Sequence([Dataset()])})
    lut = Dataset()
    lut.LUTDescriptor, lut.LUTData = [0, 0, 16], b"\0\0"
    lut["LUTDescriptor"].VR, lut["LUTData"].VR = "US", "OW"
    yield "a LUT of 65536 entries in two bytes", changed(image(J2K), ModalityLUTSequence=Sequence([lut]))
    mask = Dataset()
    mask.MaskOperation, mask.MaskFrameNumbers, mask.ApplicableFrameRange = "AVG_SUB", [65535, 0, 3], [65535, 1, 7]
    yield "a mask beyond the run", changed(small(4), MaskSubtractionSequence=Sequence([mask]))
    yield "sixty thousand frame times", text(small(4), "FrameTimeVector", "\\".join(["250"] * 16000))
    yield "an increment pointer to nothing", changed(small(4), FrameIncrementPointer=0x00999999)
    yield "ten thousand frames", small(10000)
    yield "of an unknown colour space", changed(image(CT), PhotometricInterpretation="NOTHING OF THE KIND")
    yield "minus five frames", changed(small(), NumberOfFrames="-5")
    yield "frames that are no number", text(small(), "NumberOfFrames", "many", "IS")
    yield "dates that are none", changed(text(text(image(CT), "StudyDate", "99999999", "DA"), "AcquisitionDate", "abcd", "DA"))
    yield "padding beyond the bits", text(image(CT), "PixelPaddingValue", "ab", "US")
    yield "a birth in the year 0", text(image(CT), "PatientBirthDate", "00000000", "DA")
    yield "a birth in the year 9999", text(image(CT), "PatientBirthDate", "99991231", "DA")


def data_set_bytes(ds):
    syntax = ds.file_meta.TransferSyntaxUID
    stream = DicomBytesIO()
    stream.is_little_endian, stream.is_implicit_VR = True, syntax.is_implicit_VR
    write_dataset(stream, ds)
    return stream.getvalue()


def main():
    for group, cases in (("pixels", pixel_cases()), ("header", header_cases())):
        for name, made in cases:
            images = made if isinstance(made, list) else [made]
            study, series, statuses = generate_uid(), generate_uid(), []
            association = associate(PORT, [(images[0].SOPClassUID, [images[0].file_meta.TransferSyntaxUID])])
            for ds in images:
                ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID = study, series, generate_uid()
                statuses.append(send(association, ds.SOPClassUID, ds.SOPInstanceUID, data_set_bytes(ds)))
            association.release()
            emit(f"{group} {name}", study=study, status=" ".join(sorted(set(statuses))), instances=len(images))


main()
