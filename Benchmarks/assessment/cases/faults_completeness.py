"""Studies of which something is missing."""

import numpy as np

from .draft import Expectation, new_uid, put_values
from .registry import fault

GEOMETRY = ("slice-gap", "duplicate-position", "instance-number-gap", "announced-count", "temporal-positions")


def _strip_counts(draft):
    """No count is announced, so that only geometry can tell."""
    for image in draft.images:
        if any(k in image.ds for k in ("ImagesInAcquisition", "NumberOfSeriesRelatedInstances", "NumberOfStudyRelatedInstances")):
            ds = image.edit()
            for keyword in ("ImagesInAcquisition", "NumberOfSeriesRelatedInstances", "NumberOfStudyRelatedInstances"):
                if keyword in ds:
                    delattr(ds, keyword)


def _without(draft, stack, places):
    gone = [stack[p] for p in places]
    draft.images = [image for image in draft.images if not any(image is g for g in gone)]


@fault("slice-missing", needs={"stack"}, variants=12, headers_only=True)
def slice_missing(draft, level, variant):
    """One interior slice; at the borderline level the second or the last but one. Every other variant has its numbers closed up."""
    stack = draft.stack()
    n = len(stack)
    place = int(draft.random.integers(2, n - 2)) if level == "clear" else (1 if variant % 2 == 0 else n - 2)
    _without(draft, stack, [place])
    if variant % 2:
        _strip_counts(draft)
        draft.renumber(sorted(draft.images, key=lambda i: i.ds.InstanceNumber))
    return Expectation("completeness", GEOMETRY if variant % 2 == 0 else ("slice-gap",), level, 1)


@fault("slices-missing", needs={"stack"}, variants=4, headers_only=True)
def slices_missing(draft, level, variant):
    """Several: a run of 2 to 5, or 2 to 4 single ones; borderline: two in a row or two single ones, with the numbers closed up."""
    stack = draft.stack()
    n = len(stack)
    count = int(draft.random.integers(2, 5)) if level == "clear" else 2
    if variant % 2 == 0:
        start = int(draft.random.integers(2, n - 3 - count + 1)) if n > count + 6 else 2
        places = range(start, start + count)
    else:
        # Far enough apart that the median gap stays the true one.
        places = sorted(draft.random.choice(np.arange(2, n - 2), size=min(count, max(1, (n - 4) // 4)), replace=False))
    _without(draft, stack, places)
    _strip_counts(draft)
    # Who loses slices keeps the numbers of the others; holes in closed-up numbers may have been planned.
    if level == "borderline":
        draft.renumber(sorted(draft.images, key=lambda i: i.ds.InstanceNumber))
    return Expectation("completeness", ("slice-gap",), level, len(list(places)))


@fault("end-missing", needs={"stack"}, variants=4, headers_only=True)
def end_missing(draft, level, variant):
    """The end of a stack whose count was announced; borderline: a single image."""
    stack = draft.stack()
    count = int(draft.random.integers(3, 6)) if level == "clear" else 1
    series = stack[0].ds.SeriesInstanceUID
    total = sum(image.ds.SeriesInstanceUID == series for image in draft.images)
    for image in draft.images:
        if image.ds.SeriesInstanceUID == series:
            ds = image.edit()
            if variant % 2:
                ds.ImagesInAcquisition = total
                ds.AcquisitionNumber = 1
            else:
                if "ImagesInAcquisition" in ds:
                    del ds.ImagesInAcquisition
                ds.NumberOfSeriesRelatedInstances = total
    _without(draft, stack, range(len(stack) - count, len(stack)))
    draft.renumber(sorted((i for i in draft.images), key=lambda i: i.ds.InstanceNumber))
    return Expectation("completeness", ("announced-count",), level, count)


@fault("series-missing", needs={"diffusion"}, variants=1, levels=("clear",))
def series_missing(draft, level, variant):
    """A whole series of those counted in (0020,1208)."""
    total = len(draft.images)
    last = max(image.ds.SeriesNumber for image in draft.images if "T1" in image.ds.SeriesDescription.upper() or "t1" in image.ds.SeriesDescription)
    draft.set(NumberOfStudyRelatedInstances=total)
    draft.images = [image for image in draft.images if image.ds.SeriesNumber != last]
    return Expectation("completeness", ("announced-count",), level)


@fault("numbers-missing", needs={"stack", "kind:CT"}, variants=2, headers_only=True)
def numbers_missing(draft, level, variant):
    """No geometry and no count: only a hole in otherwise gapless Instance Numbers; three numbers or one."""
    stack = draft.stack()
    draft.images = [i for i in draft.images if i.ds.SeriesInstanceUID == stack[0].ds.SeriesInstanceUID]
    draft.set(ImagePositionPatient=None, ImageOrientationPatient=None, SliceLocation=None)
    _strip_counts(draft)
    images = sorted(draft.images, key=lambda i: i.ds.InstanceNumber)
    draft.renumber(images)
    count = 3 if level == "clear" else 1
    start = int(draft.random.integers(2, len(images) - count - 2))
    draft.images = images[:start] + images[start + count :]
    return Expectation("completeness", ("instance-number-gap",), level, count)


@fault("slice-sent-twice", needs={"stack"}, variants=3, headers_only=True)
def slice_sent_twice(draft, level, variant):
    """A slice came twice under two UIDs; at the clear level in place of its neighbour, so that the count is right."""
    stack = draft.stack()
    place = int(draft.random.integers(2, len(stack) - 3))
    twin = draft.copy_of(stack[place], "twin")
    if level == "clear":
        # A count that was announced and met is the stronger witness, and wrong here.
        _strip_counts(draft)
        gone = next(image for image in draft.images if image.ds.SOPInstanceUID == stack[place + 1].ds.SOPInstanceUID)
        twin.InstanceNumber = gone.ds.InstanceNumber
        draft.images = [image for image in draft.images if image is not gone]
        return Expectation("completeness", ("slice-gap", "duplicate-position"), level, 1)
    twin.InstanceNumber = max(int(image.ds.InstanceNumber) for image in draft.images) + 1
    return Expectation("completeness", ("duplicate-position",), level, evidence_only=True)


def make_dynamic(draft, times=6, slices=10, announce=True):
    """The first slices of the stack, taken `times` times over, as perfusion is."""
    stack = draft.stack()[:slices]
    draft.images = []
    number = 0
    for t in range(times):
        for k, image in enumerate(stack):
            number += 1
            ds = draft.copy_of(image, f"time {t} slice {k}")
            ds.InstanceNumber, ds.TemporalPositionIdentifier = number, t + 1
            if "ImagesInAcquisition" in ds:
                del ds.ImagesInAcquisition
            if announce:
                ds.NumberOfTemporalPositions = times
                ds.TemporalResolution = 1500
            ds.AcquisitionTime = f"1020{10 + 2 * t:02d}"
            ds.AcquisitionNumber = t + 1


@fault("time-missing", needs={"stack"}, excludes={"localizer"}, variants=3, headers_only=True, bases=8)
def time_missing(draft, level, variant):
    """A dynamic series lacks the images of one moment; borderline: one slice at one moment, and no count of moments is given."""
    make_dynamic(draft, announce=level == "clear" or variant % 2 == 0)
    images = draft.images
    if level == "clear":
        t = (6, 3, 1)[variant]
        draft.images = [image for image in images if image.ds.TemporalPositionIdentifier != t]
        missing = 10
    else:
        gone = (35, 24, 59)[variant]
        draft.images = images[:gone] + images[gone + 1 :]
        missing = 1
    draft.renumber(draft.images)
    return Expectation("completeness", ("temporal-positions", "slice-gap"), level, missing)


@fault("frames-missing", needs={"run"}, variants=3)
def frames_missing(draft, level, variant):
    """Pixel data, or the vector of frame times, has fewer frames than announced; borderline: one."""
    ds = draft.images[0].edit()
    frames = int(ds.NumberOfFrames)
    less = frames // 3 if level == "clear" else 1
    if variant % 3 == 2:
        ds.FrameTimeVector = [0.0] + [250.0] * (frames - 1 - less)
        ds.FrameIncrementPointer = 0x00181065
        if "FrameTime" in ds:
            del ds.FrameTime
        return Expectation("any", ("frame-count", "frame-timing", "pixel-data"), level)
    one = ds.Rows * ds.Columns * ds.BitsAllocated // 8
    ds.PixelData = ds.PixelData[: one * (frames - less)]
    return Expectation("any", ("frame-count", "pixel-data"), level)


@fault("view-missing", needs={"pair"}, kinds={"DX"}, variants=2)
def view_missing(draft, level, variant):
    """One view of two; borderline: the other one came twice."""
    keep = variant % 2
    images = draft.images
    if level == "clear":
        draft.images = [images[keep]]
    else:
        again = draft.copy_of(images[keep], "again")
        again.InstanceNumber = 9
        draft.images = [images[keep], draft.images[-1]]
    return Expectation("completeness", ("missing-view",), level, 1)


def two_phases(draft):
    """A second, enhanced series beside the plain one, and the item that asks for both."""
    stack = draft.stack()
    draft.images = [image for image in draft.images if image.ds.SeriesInstanceUID == stack[0].ds.SeriesInstanceUID]
    plain = list(draft.images)
    for image in plain:
        ds = image.edit()
        ds.SeriesDescription = "平扫 " + str(ds.get("SeriesDescription", ""))
        ds.StudyDescription = draft.base.words["enhanced"]
    for k, image in enumerate(plain):
        ds = draft.copy_of(image, f"enhanced {k}")
        ds.SeriesInstanceUID, ds.SeriesNumber = new_uid(draft.name + " enhanced"), int(ds.get("SeriesNumber") or 1) + 1
        ds.SeriesDescription = "增强 " + str(image.ds.SeriesDescription)[3:]
        ds.ContrastBolusAgent, ds.ContrastBolusRoute, ds.ContrastBolusVolume = "Iohexol 350", "IV", 80
        ds.StudyDescription = draft.base.words["enhanced"]
        ds.AcquisitionTime = ds.ContentTime = "104500"
    return plain


@fault("phase-missing", needs={"stack", "word:enhanced"}, kinds={"CT"}, variants=2, headers_only=True)
def phase_missing(draft, level, variant):
    """The item means plain and enhanced: only the plain came (clear), or only the enhanced (borderline)."""
    plain = two_phases(draft)
    if level == "clear":
        draft.images = plain
    else:
        draft.images = [image for image in draft.images if not any(image is p for p in plain)]
    return Expectation("completeness", ("missing-phase",), level)


@fault("b-value-missing", needs={"diffusion"}, variants=2)
def b_value_missing(draft, level, variant):
    """No diffusion-weighted images, or no image without weighting; variant 1: no diffusion series at all."""
    def b(image):
        return image.ds.get("DiffusionBValue")

    if variant == 1:
        draft.images = [image for image in draft.images if b(image) is None and "ADC" not in str(image.ds.ImageType)]
    else:
        keep = (lambda v: v is None or v < 100) if level == "clear" else (lambda v: v is None or v > 100)
        draft.images = [image for image in draft.images if keep(b(image))]
    _strip_counts(draft)
    for series in {image.ds.SeriesInstanceUID for image in draft.images}:
        draft.renumber(sorted((i for i in draft.images if i.ds.SeriesInstanceUID == series), key=lambda i: i.ds.InstanceNumber))
    return Expectation("completeness", ("missing-b-value",), level)


@fault("b-value-slice-missing", needs={"diffusion"}, variants=2)
def b_value_slice_missing(draft, level, variant):
    """One slice of one b-value."""
    images = sorted((i for i in draft.images if i.ds.get("DiffusionBValue") == (1000.0 if variant else 0.0)), key=lambda i: i.z)
    gone = images[5 if level == "clear" else 1]
    draft.images = [image for image in draft.images if image is not gone]
    _strip_counts(draft)
    return Expectation("completeness", ("slice-gap", "instance-number-gap"), level, 1)


__all__ = ["make_dynamic", "two_phases", "put_values"]
