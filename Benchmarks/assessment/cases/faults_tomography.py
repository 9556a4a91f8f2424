"""CT, MR and angiographic images whose physics is off."""

import numpy as np
from scipy import ndimage

from . import angiograms
from .draft import Expectation, put_values, rescaled, stored_values, unrescaled
from .registry import fault


def _series_of_stack(draft):
    stack = draft.stack()
    return [image for image in draft.images if image.ds.SeriesInstanceUID == stack[0].ds.SeriesInstanceUID]


@fault("hu-offset", needs={"air", "stack"}, kinds={"CT"}, variants=2, bases=4)
def hu_offset(draft, level, variant):
    """The scale is off by 80 to 120 HU (clear) or 52 to 60, up or down."""
    offset = float(draft.random.uniform(80, 120) if level == "clear" else draft.random.uniform(54, 60)) * (1 if variant == 0 else -1)
    for image in _series_of_stack(draft):
        ds = image.edit()
        ds.RescaleIntercept = round(float(ds.get("RescaleIntercept", 0)) + offset)
    return Expectation("quality", ("hu-calibration",), level)


@fault("hu-slope", needs={"air", "stack"}, kinds={"CT"}, bases=4)
def hu_slope(draft, level, variant):
    """Air at −880 (clear) or −940, water still 0."""
    factor = 0.88 if level == "clear" else 0.94
    for image in _series_of_stack(draft):
        ds = image.edit()
        put_values(ds, unrescaled(ds, factor * rescaled(ds, stored_values(ds))))
    return Expectation("quality", ("hu-calibration",), level)


@fault("ct-noise", needs={"air", "stack"}, kinds={"CT"}, excludes={"sharp", "thin"}, variants=1, bases=4)
def ct_noise(draft, level, variant):
    """Photon starvation everywhere: 90 HU (clear) or 50 HU on a soft kernel of 2.5 mm and more."""
    sigma = 90.0 if level == "clear" else 50.0
    for image in _series_of_stack(draft):
        ds = image.edit()
        hu = rescaled(ds, stored_values(ds)).astype(np.float64)
        grain = ndimage.gaussian_filter(draft.random.normal(0, 1, hu.shape), 0.7)
        fluid = np.clip((hu + 1100) / 600, 0.25, 1.0)
        put_values(ds, unrescaled(ds, np.where(hu < -1400, hu, hu + sigma * fluid * grain / grain.std())))
    return Expectation("quality", ("noise",), level)


@fault("slices-thick", needs={"stack", "word:thin"}, kinds={"CT"}, excludes={"fixture"}, variants=1, headers_only=False, bases=4)
def slices_thick(draft, level, variant):
    """A high-resolution item with slices of 5 mm (clear) or 2.5 mm."""
    thickness = 5.0 if level == "clear" else 2.5
    for image in draft.images:
        ds = image.edit()
        ds.StudyDescription = draft.base.words["thin"]
        ds.SliceThickness = thickness
        if "SpacingBetweenSlices" in ds:
            ds.SpacingBetweenSlices = thickness
    return Expectation("quality", ("slice-thickness",), level)


@fault("coverage-cut", needs={"stack", "region:chest"}, kinds={"CT"}, variants=2)
def coverage_cut(draft, level, variant):
    """A chest of 80 mm (clear) or 150 mm, from the top or the bottom."""
    wanted = 80.0 if level == "clear" else 150.0
    stack = draft.stack()
    if variant:
        stack = stack[::-1]
    kept = [image for image in stack if abs(image.z - stack[0].z) <= wanted]
    draft.images = kept
    for image in kept:
        ds = image.edit()
        for keyword in ("ImagesInAcquisition", "NumberOfSeriesRelatedInstances", "NumberOfStudyRelatedInstances"):
            if keyword in ds:
                delattr(ds, keyword)
    draft.renumber(sorted(kept, key=lambda i: i.ds.InstanceNumber))
    return Expectation("any", ("coverage",), level)


@fault("head-cut", needs={"stack", "region:head"}, excludes={"nameless"}, kinds={"CT", "MR"}, variants=1)
def head_cut(draft, level, variant):
    """A head of 40 mm (clear) or 70 mm."""
    stack = draft.stack()
    wanted = 40.0 if level == "clear" else 70.0
    kept = [image for image in stack if abs(image.z - stack[0].z) <= wanted]
    if len(kept) > 0.8 * len(stack) or len(kept) < 3:
        return None
    draft.images = kept
    for image in kept:
        ds = image.edit()
        for keyword in ("ImagesInAcquisition", "NumberOfSeriesRelatedInstances", "NumberOfStudyRelatedInstances"):
            if keyword in ds:
                delattr(ds, keyword)
    draft.renumber(sorted(kept, key=lambda i: i.ds.InstanceNumber))
    return Expectation("any", ("coverage",), level)


@fault("mr-noise", kinds={"MR"}, needs={"stack"}, excludes={"localizer", "diffusion"}, variants=2, bases=4)
def mr_noise(draft, level, variant):
    """Rician noise: signal to noise about 3 (clear) or 6 in every image of the series."""
    ratio = 3.0 if level == "clear" else 6.0
    for image in _series_of_stack(draft):
        ds = image.edit()
        values = stored_values(ds).astype(np.float64)
        object_ = values[values > 0.25 * np.percentile(values, 99)]
        sigma = np.median(object_) / ratio
        real, imaginary = draft.random.normal(0, sigma, (2, *values.shape))
        put_values(ds, np.hypot(values + real, imaginary))
    return Expectation("quality", ("signal-to-noise",), level)


@fault("ghost", kinds={"MR"}, needs={"stack"}, excludes={"localizer", "diffusion"}, variants=2, bases=4)
def ghost(draft, level, variant):
    """A ghost half a field away along the phase direction: 25 % (clear) or 12 % of the signal; variant 1: two at a quarter."""
    share = 0.25 if level == "clear" else 0.12
    for image in _series_of_stack(draft):
        ds = image.edit()
        values = stored_values(ds).astype(np.float64)
        axis = 1 if ds.get("InPlanePhaseEncodingDirection") == "ROW" else 0
        n = values.shape[axis]
        if variant == 0:
            copy = share * np.roll(values, n // 2, axis)
        else:
            copy = 0.7 * share * (np.roll(values, n // 4, axis) + np.roll(values, -n // 4, axis))
        put_values(ds, np.sqrt(values**2 + copy**2) if level == "clear" else values + copy)
    return Expectation("quality", ("ghosting",), level)


@fault("frame-gap", needs={"run"}, kinds={"XA"}, variants=2)
def frame_gap(draft, level, variant):
    """Frames lost on the way: one gap of five (clear) or two frame times; variant 1: the times are missing (borderline) or run backwards."""
    ds = draft.images[0].edit()
    frames = int(ds.NumberOfFrames)
    times = [0.0] + [250.0] * (frames - 1)
    if variant == 0:
        times[frames // 2] *= 5 if level == "clear" else 2
    elif level == "clear":
        times[frames // 2] = -250.0
    else:
        del ds.FrameTime
        for keyword in ("FrameIncrementPointer", "CineRate", "RecommendedDisplayFrameRate"):
            if keyword in ds:
                delattr(ds, keyword)
        return Expectation("quality", ("frame-timing",), level)
    ds.FrameTimeVector, ds.FrameIncrementPointer = times, 0x00181065
    if "FrameTime" in ds:
        del ds.FrameTime
    return Expectation("quality", ("frame-timing",), level)


@fault("mask-lost", needs={"run"}, kinds={"XA"}, variants=2)
def mask_lost(draft, level, variant):
    """The mask named does not exist, or is full of contrast already (borderline)."""
    ds = draft.images[0].edit()
    frames = int(ds.NumberOfFrames)
    item = ds.MaskSubtractionSequence[0]
    if level == "clear":
        if variant == 0:
            item.MaskFrameNumbers = frames + 20
        else:
            del ds.MaskSubtractionSequence
    else:
        item.MaskFrameNumbers = int(frames * (0.6, 0.75)[variant])
    return Expectation("any", ("mask-frame", "frame-count"), level)


@fault("moved", needs={"run"}, kinds={"XA"}, variants=2)
def moved(draft, level, variant):
    """The patient moves between mask and run: 8 pixels (clear) or 3."""
    ds = draft.images[0].edit()
    values = stored_values(ds).astype(np.float64)
    scale = values.shape[-1] / 384
    step = (8.0 if level == "clear" else 3.0) * max(1.0, scale)
    pixels = (step, 0.3 * step) if variant == 0 else (0.0, -step)
    lit = values.max(axis=0) > 0.02 * values.max()
    put_values(ds, np.where(lit, angiograms.shifted(values, pixels, 2), values))
    return Expectation("quality", ("motion",), level)
