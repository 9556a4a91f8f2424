"""Radiographs that are badly exposed, blurred, noisy, cut, or of the wrong side."""

import numpy as np
from pydicom.uid import DigitalXRayImageStorageForPresentation
from scipy import ndimage

from . import radiographs
from .draft import Expectation, put_values, stored_values, value_range
from .registry import fault


def _each(draft):
    """Every image's data set with its values as bright-is-dense fractions of the full range."""
    for image in draft.images:
        ds = image.edit()
        low, high = value_range(ds)
        values = (stored_values(ds).astype(np.float64) - low) / (high - low)
        yield ds, values, (low, high)


def _field(values):
    """Slices that leave out a masked border: where neither the lowest nor the highest value reigns."""
    rows, columns = values.shape
    def lit(profile):
        inside = np.flatnonzero(profile < 0.9)
        return (inside[0], inside[-1] + 1) if len(inside) else (0, len(profile))
    extreme = (values <= 0.002) | (values >= 0.998)
    top, bottom = lit(extreme.mean(axis=1))
    left, right = lit(extreme.mean(axis=0))
    return slice(top, bottom), slice(left, right)


def _put(ds, values, bounds):
    put_values(ds, np.clip(values, 0, 1) * (bounds[1] - bounds[0]) + bounds[0])


@fault("deviation-index", kinds={"DX"}, excludes={"fragment", "old-cr"}, variants=4, bases=6)
def deviation_index(draft, level, variant):
    """Far over- or underexposed by its own index: ±6 to ±9, or just beyond ±3. Variant 2, 3: no DI, only EI and its target."""
    step = (float(draft.random.uniform(6, 9)) if level == "clear" else float(draft.random.uniform(3.15, 3.6))) * (1 if variant % 2 == 0 else -1)
    for image in draft.images:
        ds = image.edit()
        target = float(ds.get("TargetExposureIndex") or 400)
        ds.TargetExposureIndex, ds.ExposureIndex = f"{target:.0f}", f"{target * 10 ** (step / 10):.1f}"
        ds.DeviationIndex = f"{step:.1f}"
        if variant >= 2:
            del ds.DeviationIndex
    return Expectation("quality", ("exposure-index",), level)


@fault("saturated", kinds={"DX"}, excludes={"fragment"}, variants=2, bases=8)
def saturated(draft, level, variant):
    """Anatomy burnt to one end of the range: 30 % of the field clipped (clear) or 12 %, the bright end or the dark one."""
    for ds, values, bounds in _each(draft):
        rows, columns = _field(values)
        field = values[rows, columns]
        inner = field[(field > 0.004) & (field < 0.996)]
        # Direct radiation is at one end already; the share is of what lies between.
        share = 0.30 if level == "clear" else 0.12
        if variant == 0:
            limit = np.quantile(inner, 1 - share)
            changed = np.where(field >= limit, 1.0, field / limit * 0.97)
        else:
            body = inner[inner > np.quantile(inner, 0.02)]
            limit = np.quantile(body, share)
            changed = np.where(field <= limit, 0.0, 0.03 + 0.97 * (field - limit) / (1 - limit))
        values[rows, columns] = changed
        _put(ds, values, bounds)
    return Expectation("quality", ("saturation",), level)


@fault("flat", kinds={"DX"}, excludes={"fragment"}, bases=8)
def flat(draft, level, variant):
    """The anatomy in 3 % (clear) or 6 % of the range."""
    share = 0.03 if level == "clear" else 0.06
    for ds, values, bounds in _each(draft):
        rows, columns = _field(values)
        field = values[rows, columns]
        low, high = np.quantile(field, [0.01, 0.99])
        values[rows, columns] = 0.45 + share * np.clip((field - low) / (high - low), -0.05, 1.05)
        _put(ds, values, bounds)
    return Expectation("quality", ("contrast-range", "blank-image"), level)


@fault("blurred", kinds={"DX"}, excludes={"fragment", "coarse"}, variants=2, bases=8)
def blurred(draft, level, variant):
    """Unsharp: Gaussian of 1.2 mm (clear) or 0.6 mm; or the patient moved 6 mm (clear) or 3 mm, with the quanta's noise kept."""
    for ds, values, bounds in _each(draft):
        spacing = float((ds.get("ImagerPixelSpacing") or ds.get("PixelSpacing") or [0.2, 0.2])[0])
        rows, columns = _field(values)
        field = values[rows, columns]
        fine = field - ndimage.gaussian_filter(field, 1.0)
        grain = np.median(np.abs(fine)) * 1.48
        if variant == 0:
            blurry = ndimage.gaussian_filter(field, (1.2 if level == "clear" else 0.6) / spacing, mode="nearest")
        else:
            blurry = ndimage.uniform_filter1d(field, max(3, round((6.0 if level == "clear" else 3.0) / spacing)), axis=0, mode="nearest")
            blurry = ndimage.gaussian_filter(blurry, 0.25 / spacing) + draft.random.normal(0, 0.7 * grain, field.shape)
        values[rows, columns] = blurry
        _put(ds, values, bounds)
    return Expectation("quality", ("blur",), level)


@fault("quantum-noise", kinds={"DX"}, excludes={"fragment"}, variants=2, bases=8)
def quantum_noise(draft, level, variant):
    """Grain of 8 % (clear) or 4.5 % of the anatomy's range; variant 1 stronger where the body is dense, as quanta are."""
    share = 0.08 if level == "clear" else 0.045
    for ds, values, bounds in _each(draft):
        rows, columns = _field(values)
        field = values[rows, columns]
        low, high = np.quantile(field, [0.02, 0.98])
        sigma = np.full(field.shape, share * (high - low))
        if variant == 1:
            dense = (field - low) / (high - low)
            if ds.PhotometricInterpretation == "MONOCHROME1":
                dense = 1 - dense
            sigma = sigma * np.clip(0.5 + 1.2 * dense, 0.3, 2.0)
        grain = ndimage.gaussian_filter(draft.random.normal(0, 1, field.shape), 0.5)
        values[rows, columns] = field + sigma * grain / grain.std()
        _put(ds, values, bounds)
    return Expectation("quality", ("noise",), level)


@fault("over-collimated", needs={"chest"}, kinds={"DX"}, excludes={"fragment", "fixture"}, bases=5)
def over_collimated(draft, level, variant):
    """The field of a chest covers 15 % (clear) or 30 % of the detector: the lungs are cut."""
    side = np.sqrt(0.15 if level == "clear" else 0.30)
    for ds, values, bounds in _each(draft):
        rows, columns = values.shape
        top, left = int(rows * (0.5 - side / 2)), int(columns * (0.5 - side / 2))
        kept = values[top : rows - top, left : columns - left].copy()
        # Masked as this console masks: dark as displayed.
        values[:] = 1.0 if ds.PhotometricInterpretation == "MONOCHROME1" else 0.0
        values[top : rows - top, left : columns - left] = kept
        ds.CollimatorShape = "RECTANGULAR"
        ds.CollimatorUpperHorizontalEdge, ds.CollimatorLowerHorizontalEdge = top + 1, rows - top
        ds.CollimatorLeftVerticalEdge, ds.CollimatorRightVerticalEdge = left + 1, columns - left
        _put(ds, values, bounds)
    return Expectation("quality", ("collimation",), level)


@fault("not-collimated", needs={"sided"}, kinds={"DX"}, excludes={"fragment", "fixture", "real"}, levels=("clear",), bases=4)
def not_collimated(draft, level, variant):
    """A knee with the whole detector open: the field is all of it, and three quarters of it direct radiation."""
    grow = 2.2
    for ds, values, bounds in _each(draft):
        # By the header: the shadow of the leaves is no border of one value, and must not stay in an open field.
        rows = slice(int(ds.CollimatorUpperHorizontalEdge) + 7, int(ds.CollimatorLowerHorizontalEdge) - 8)
        columns = slice(int(ds.CollimatorLeftVerticalEdge) + 7, int(ds.CollimatorRightVerticalEdge) - 8)
        field = values[rows, columns]
        inverted = ds.PhotometricInterpretation == "MONOCHROME1"
        direct = np.quantile(field, 0.97 if inverted else 0.03)
        tall, wide = int(field.shape[0] * 1.02), int(field.shape[1] * grow)
        whole = np.full((tall, wide), direct)
        spread = np.abs(field - np.median(field)).mean() * 0.02
        left = (wide - field.shape[1]) // 2
        whole[: field.shape[0], left : left + field.shape[1]] = field
        whole[field.shape[0] :] = whole[2 * field.shape[0] - tall : field.shape[0]][::-1]
        _put(ds, whole + draft.random.normal(0, spread, whole.shape) * (np.abs(whole - direct) < 1e-9), bounds)
        for keyword in ("CollimatorShape", "CollimatorUpperHorizontalEdge", "CollimatorLowerHorizontalEdge", "CollimatorLeftVerticalEdge", "CollimatorRightVerticalEdge"):
            if keyword in ds:
                delattr(ds, keyword)
        ds.FieldOfViewDimensions = [round(tall * float(ds.ImagerPixelSpacing[0])), round(wide * float(ds.ImagerPixelSpacing[1]))]
    return Expectation("quality", ("collimation",), level)


@fault("side-wrong", needs={"sided"}, kinds={"DX"}, variants=2)
def side_wrong(draft, level, variant):
    """The other side in every image or in one (clear); no side at all or in one of two images (borderline)."""
    images = draft.images if variant == 0 else draft.images[:1]
    for image in images:
        ds = image.edit()
        other = {"R": "L", "L": "R"}[ds.get("ImageLaterality") or ds.get("Laterality")]
        for keyword in ("ImageLaterality", "Laterality", "FrameLaterality"):
            if keyword in ds:
                delattr(ds, keyword)
        if level == "clear":
            ds.ImageLaterality = other
        elif ds.SOPClassUID == DigitalXRayImageStorageForPresentation:
            ds.ImageLaterality = ""
    return Expectation("any", ("laterality",), level)


__all__ = ["radiographs"]
