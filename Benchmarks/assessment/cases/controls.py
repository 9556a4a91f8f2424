"""Clean studies that look as if something were wrong: nothing may be raised on any of them."""

from datetime import date, timedelta

import numpy as np
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from scipy import ndimage

from .bases import nameless
from .draft import new_uid, put_values, rescaled, stored_values, unrescaled, value_range
from .encode import SYNTAXES, transcode
from .faults_completeness import make_dynamic, two_phases
from .faults_radiography import _each, _field
from .registry import control


@control("as-it-is")
def as_it_is(draft, level, variant):
    """The base itself."""


@control("recoded", excludes={"run"}, variants=len(SYNTAXES), bases=3)
def recoded(draft, level, variant):
    """Losslessly recoded, every syntax in turn; of long stacks every second or third slice."""
    _thinned(draft, 12)
    if draft.images[0].ds.BitsAllocated == 16 and draft.images[0].ds.PixelRepresentation and SYNTAXES[variant] == uid.JPEGLosslessSV1:
        return False
    for image in draft.images:
        transcode(image.edit(), SYNTAXES[variant])


@control("run-recoded", needs={"run"}, variants=3, bases=1)
def run_recoded(draft, level, variant):
    """A run in RLE, JPEG-LS and JPEG 2000, a codestream a frame."""
    transcode(draft.images[0].edit(), [uid.RLELossless, uid.JPEGLSLossless, uid.JPEG2000Lossless][variant])


def _thinned(draft, count):
    """Of a long stack every second, third … slice, renumbered and without announced counts: as far as before, and less to encode."""
    stack = draft.stack()
    if len(stack) <= count:
        return
    # Of a place that holds several images all or none stay.
    places = sorted({round(image.z, 2) for image in stack})
    chosen = set(places[:: -(-len(places) // count)])
    kept = [image for image in stack if round(image.z, 2) in chosen]
    draft.images = kept + [image for image in draft.images if not any(image is one for one in stack)]
    draft.set(ImagesInAcquisition=None, NumberOfSeriesRelatedInstances=None, NumberOfStudyRelatedInstances=None, SpacingBetweenSlices=None)
    draft.renumber(kept)


# Geometry -----------------------------------------------------------------------------------------------------------


@control("mixed-spacing", needs={"stack", "region:head"}, kinds={"CT"}, variants=2, headers_only=True, bases=4)
def mixed_spacing(draft, level, variant):
    """Skull base in steps of 3, the rest of 6 mm; as one series."""
    stack = draft.stack()
    _respace(draft, stack, [3.0] * (len(stack) // 2) + [6.0] * (len(stack) - len(stack) // 2 - 1), thickness=True)
    if variant:
        draft.set(SpacingBetweenSlices=3.0)


def _respace(draft, stack, gaps, thickness=False):
    z = 0.0
    for k, image in enumerate(stack):
        ds = image.edit()
        row, column = np.array(ds.ImageOrientationPatient[:3], float), np.array(ds.ImageOrientationPatient[3:], float)
        normal = np.cross(row, column)
        start = np.array(stack[0].ds.ImagePositionPatient, float) if k == 0 else start
        # The first position stands; the others follow along the normal.
        ds.ImagePositionPatient = [round(float(v), 4) for v in start + normal * z]
        if "SliceLocation" in ds:
            ds.SliceLocation = round(z, 3)
        if thickness:
            ds.SliceThickness = gaps[min(k, len(gaps) - 1)]
        if k < len(gaps):
            z += gaps[k]


@control("respaced", needs={"stack"}, excludes={"fixture"}, variants=3, headers_only=True, bases=4)
def respaced(draft, level, variant):
    """Thin slices of 0.5 mm without a gap, of 1.25 mm, or thick ones of 10 mm."""
    stack = draft.stack()
    draft.describe(f"{draft.base.kind} study")
    nameless([image.edit() for image in draft.images])
    _respace(draft, stack, [(0.5, 1.25, 10.0)[variant]] * (len(stack) - 1), thickness=True)


@control("multi-frame", needs={"stack"}, kinds={"CT", "MR"}, headers_only=True, bases=6)
def multi_frame(draft, level, variant):
    """The whole stack as the frames of one enhanced object (PS3.3 C.7.6.16)."""
    stack = draft.stack()
    draft.images = stack[:1]
    ds = draft.images[0].edit()
    ds.SOPClassUID = uid.EnhancedCTImageStorage if draft.base.kind == "CT" else uid.EnhancedMRImageStorage
    ds.NumberOfFrames, ds.InstanceNumber = len(stack), 1
    orientation, measures, shared = Dataset(), Dataset(), Dataset()
    orientation.ImageOrientationPatient = ds.ImageOrientationPatient
    measures.PixelSpacing, measures.SliceThickness = ds.PixelSpacing, ds.get("SliceThickness") or 5
    shared.PlaneOrientationSequence, shared.PixelMeasuresSequence = Sequence([orientation]), Sequence([measures])
    ds.SharedFunctionalGroupsSequence = Sequence([shared])
    frames = []
    for k, image in enumerate(stack):
        content, position, frame = Dataset(), Dataset(), Dataset()
        content.StackID, content.InStackPositionNumber, content.DimensionIndexValues = "1", k + 1, [1, k + 1]
        position.ImagePositionPatient = image.ds.ImagePositionPatient
        frame.FrameContentSequence, frame.PlanePositionSequence = Sequence([content]), Sequence([position])
        frames.append(frame)
    ds.PerFrameFunctionalGroupsSequence = Sequence(frames)
    for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "SliceLocation", "ImagesInAcquisition", "SpacingBetweenSlices", "PixelSpacing",
                    "SliceThickness", "NumberOfSeriesRelatedInstances", "NumberOfStudyRelatedInstances"):
        if keyword in ds:
            delattr(ds, keyword)


@control("jitter", needs={"stack"}, variants=2, headers_only=True, bases=12)
def jitter(draft, level, variant):
    """Positions jump by up to a tenth of the spacing, as tables and rounding do."""
    stack = draft.stack()
    step = abs(stack[1].z - stack[0].z)
    for image in stack:
        ds = image.edit()
        normal = np.cross(np.array(ds.ImageOrientationPatient[:3], float), np.array(ds.ImageOrientationPatient[3:], float))
        by = float(draft.random.uniform(-0.1, 0.1)) * step
        digits = 4 if variant == 0 else 1 if step >= 2 else 2
        ds.ImagePositionPatient = [round(float(p) + by * float(n), digits) for p, n in zip(ds.ImagePositionPatient, normal)]


@control("interleaved", needs={"stack"}, variants=1, headers_only=True, bases=10)
def interleaved(draft, level, variant):
    """Numbered as acquired: even slices first, then odd."""
    stack = draft.stack()
    draft.renumber(stack[::2] + stack[1::2])


@control("two-interleaved-series", needs={"stack"}, variants=1, headers_only=True, bases=8)
def two_interleaved(draft, level, variant):
    """Two stacks in one study, of even and odd slices, each with a gap as wide as a slice."""
    stack = draft.stack()
    if len(stack) < 12:
        return False
    draft.images = stack
    draft.set(ImagesInAcquisition=None, NumberOfSeriesRelatedInstances=None, NumberOfStudyRelatedInstances=None)
    for image in stack[1::2]:
        ds = image.edit()
        ds.SeriesInstanceUID, ds.SeriesNumber = new_uid(draft.name), int(ds.get("SeriesNumber") or 1) + 100
    draft.renumber(stack[::2])
    draft.renumber(stack[1::2])


@control("numbers-from-zero", needs={"stack"}, headers_only=True, bases=6)
def numbers_from_zero(draft, level, variant):
    """Instance Numbers start with 0."""
    draft.renumber(sorted(draft.images, key=lambda i: int(i.ds.InstanceNumber or 0)), 0)


@control("numbers-by-design", needs={"stack"}, variants=3, headers_only=True, bases=6)
def numbers_by_design(draft, level, variant):
    """Numbers in tens, from 1001 in descending order, or going on over the series of the study."""
    images = sorted(draft.images, key=lambda i: int(i.ds.InstanceNumber or 0))
    draft.set(ImagesInAcquisition=None)
    draft.renumber(images, *((10, 10), (1000 + len(images), -1), (341, 1))[variant])


@control("gantry-tilt", needs={"stack", "region:head"}, kinds={"CT"}, headers_only=True, variants=2, bases=4)
def gantry_tilt(draft, level, variant):
    """Slices tilted by 15 degrees, positions advancing along the table and not along the normal."""
    stack = draft.stack()
    angle = np.radians(15.0 if variant == 0 else -20.0)
    step = abs(stack[1].z - stack[0].z)
    start = [float(v) for v in stack[0].ds.ImagePositionPatient]
    for k, image in enumerate(stack):
        ds = image.edit()
        ds.ImageOrientationPatient = [1, 0, 0, 0, round(float(np.cos(angle)), 7), round(float(-np.sin(angle)), 7)]
        ds.ImagePositionPatient = [start[0], start[1], round(start[2] + step * k, 3)]
        ds.GantryDetectorTilt = round(float(np.degrees(angle)), 1)


@control("localizers", needs={"stack"}, kinds={"CT", "MR"}, variants=2, bases=6)
def localizers(draft, level, variant):
    """Three localizers of three directions, in a series of their own or (variant 1) in that of the stack."""
    stack = draft.stack()
    planes = [[1, 0, 0, 0, 1, 0], [0, 1, 0, 0, 0, -1], [1, 0, 0, 0, 0, -1]]
    for k, plane in enumerate(planes):
        ds = draft.copy_of(stack[len(stack) // 2], f"localizer {k}")
        ds.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
        ds.ImageOrientationPatient = plane
        ds.SliceThickness = 10
        ds.InstanceNumber = (0 if variant else 1) + k
        for keyword in ("ImagesInAcquisition", "SpacingBetweenSlices", "NumberOfSeriesRelatedInstances", "NumberOfStudyRelatedInstances"):
            if keyword in ds:
                delattr(ds, keyword)
        if variant == 0:
            ds.SeriesInstanceUID, ds.SeriesNumber, ds.SeriesDescription = new_uid(draft.name + " localizer"), 99, "Localizer"
        else:
            ds.InstanceNumber = len(stack) + 1000 + k


@control("reformatted", needs={"stack"}, kinds={"CT"}, variants=1, bases=5)
def reformatted(draft, level, variant):
    """Beside the axial stack a coronal and a sagittal reconstruction of another spacing."""
    stack = draft.stack()
    for s, plane in enumerate(([1, 0, 0, 0, 0, -1], [0, 1, 0, 0, 0, -1])):
        for k in range(7):
            ds = draft.copy_of(stack[k * (len(stack) - 1) // 6], f"mpr {s} {k}")
            ds.ImageType = ["DERIVED", "SECONDARY", "REFORMATTED", "AVERAGE"]
            ds.ImageOrientationPatient = plane
            ds.ImagePositionPatient = [-100.0, round(-80.0 + 5.0 * k, 1), 90.0] if s == 0 else [round(-60.0 + 5.0 * k, 1), -100.0, 90.0]
            ds.SliceThickness, ds.InstanceNumber = 3, k + 1
            ds.SeriesInstanceUID, ds.SeriesNumber = new_uid(f"{draft.name} {s}"), 200 + s
            ds.SeriesDescription = ("COR MPR", "SAG MPR")[s]
            for keyword in ("ImagesInAcquisition", "SpacingBetweenSlices", "GantryDetectorTilt", "SliceLocation", "NumberOfSeriesRelatedInstances", "NumberOfStudyRelatedInstances"):
                if keyword in ds:
                    delattr(ds, keyword)


@control("overlapping", needs={"stack"}, kinds={"CT"}, headers_only=True, bases=4)
def overlapping(draft, level, variant):
    """Thick slices at half their thickness, and Spacing Between Slices that says the thickness."""
    stack = draft.stack()
    step = abs(stack[1].z - stack[0].z)
    draft.set(SliceThickness=round(2 * step, 2), SpacingBetweenSlices=round(2 * step, 2))


@control("spaced-apart", needs={"stack"}, kinds={"CT"}, headers_only=True, bases=4)
def spaced_apart(draft, level, variant):
    """High resolution of old: 1 mm slices every 10 mm, and MR gaps of a third: spacing is not thickness."""
    stack = draft.stack()
    step = abs(stack[1].z - stack[0].z)
    draft.set(SliceThickness=round(max(0.6, step / 8), 2), SpacingBetweenSlices=None)


@control("dynamic", needs={"stack"}, excludes={"localizer"}, variants=2, headers_only=True, bases=8)
def dynamic(draft, level, variant):
    """A whole dynamic series: every position at every moment; with and without a count of moments."""
    make_dynamic(draft, announce=variant == 0)


@control("two-phases", needs={"stack", "word:enhanced"}, kinds={"CT"}, headers_only=True)
def two_phases_clean(draft, level, variant):
    """Plain and enhanced, as asked for."""
    two_phases(draft)


@control("counted", needs={"stack"}, variants=2, headers_only=True, bases=8)
def counted(draft, level, variant):
    """All announced came; variant 1: more came than was announced, as when a console counts one acquisition of three."""
    total = len(draft.images)
    draft.set(NumberOfSeriesRelatedInstances=None, ImagesInAcquisition=None)
    series = {}
    for image in draft.images:
        series.setdefault(image.ds.SeriesInstanceUID, []).append(image)
    for images in series.values():
        for image in images:
            image.edit().NumberOfSeriesRelatedInstances = len(images) if variant == 0 else max(1, len(images) // 3)
    draft.set(NumberOfStudyRelatedInstances=total)


@control("two-stacks-one-series", needs={"stack"}, headers_only=True, bases=6)
def two_stacks(draft, level, variant):
    """Two slabs with 60 mm between them, each an acquisition of its own (spine levels)."""
    stack = draft.stack()
    if len(stack) < 16:
        return False
    draft.images = stack
    draft.set(ImagesInAcquisition=None, NumberOfSeriesRelatedInstances=None, NumberOfStudyRelatedInstances=None)
    half = len(stack) // 2
    normal = np.cross(np.array(stack[0].ds.ImageOrientationPatient[:3], float), np.array(stack[0].ds.ImageOrientationPatient[3:], float))
    for k, image in enumerate(stack):
        ds = image.edit()
        ds.AcquisitionNumber = 1 if k < half else 2
        if k >= half:
            ds.ImagePositionPatient = [round(float(p) + 60 * float(n), 4) for p, n in zip(ds.ImagePositionPatient, normal)]
    draft.renumber(stack)


@control("echoes", needs={"stack"}, kinds={"MR"}, headers_only=True, bases=6)
def echoes(draft, level, variant):
    """Two echoes of each slice in one series: every position twice."""
    stack = draft.stack()
    draft.images = stack
    draft.set(ImagesInAcquisition=None)
    for k, image in enumerate(list(stack)):
        ds = draft.copy_of(image, f"echo {k}")
        ds.EchoTime, ds.EchoNumbers = round(float(image.ds.get("EchoTime") or 10) + 70, 3), 2
        ds.InstanceNumber = len(stack) + k + 1
    for k, image in enumerate(stack):
        ds = image.edit()
        ds.EchoNumbers, ds.InstanceNumber = 1, k + 1


@control("magnitude-and-phase", needs={"stack"}, kinds={"MR"}, headers_only=True, bases=4)
def magnitude_and_phase(draft, level, variant):
    """Magnitude and phase of each slice in one series, told apart by Image Type alone."""
    stack = draft.stack()
    draft.images = stack
    draft.set(ImagesInAcquisition=None)
    for k, image in enumerate(list(stack)):
        ds = draft.copy_of(image, f"phase {k}")
        ds.ImageType, ds.InstanceNumber = ["ORIGINAL", "PRIMARY", "P", "ND"], 2 * k + 2
    for k, image in enumerate(stack):
        ds = image.edit()
        ds.ImageType, ds.InstanceNumber = ["ORIGINAL", "PRIMARY", "M", "ND"], 2 * k + 1


# Pixels as machines write them -------------------------------------------------------------------------------------


@control("padded", needs={"air", "stack"}, kinds={"CT"}, excludes={"fixture"}, variants=2, bases=5)
def padded(draft, level, variant):
    """Outside the reconstruction circle a padding value, −2000 or −3024."""
    _thinned(draft, 30)
    for image in draft.images:
        ds = image.edit()
        hu = rescaled(ds, stored_values(ds))
        y, x = np.mgrid[0 : hu.shape[0], 0 : hu.shape[1]]
        outside = (x - hu.shape[1] / 2) ** 2 + (y - hu.shape[0] / 2) ** 2 > (0.5 * min(hu.shape)) ** 2
        padding = -2000 if variant == 0 else -3024
        hu = np.where(outside, padding, np.maximum(hu, -1024))
        _sixteen(ds, 1)
        ds.RescaleIntercept, ds.RescaleSlope = (0, 1) if variant == 0 else (-1024, 1)
        stored = hu - float(ds.RescaleIntercept)
        ds.PixelPaddingValue = int(padding - float(ds.RescaleIntercept))
        ds["PixelPaddingValue"].VR = "SS"
        put_values(ds, stored)


def _sixteen(ds, signed):
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, signed
    for keyword in ("PixelPaddingValue", "PixelPaddingRangeLimit", "SmallestImagePixelValue", "LargestImagePixelValue"):
        if keyword in ds:
            delattr(ds, keyword)


@control("unsigned-with-slope", needs={"air", "stack"}, kinds={"CT"}, bases=3)
def unsigned_with_slope(draft, level, variant):
    """Stored with a slope of 0.5 and an intercept of −8192."""
    _thinned(draft, 24)
    for image in draft.images:
        ds = image.edit()
        hu = rescaled(ds, stored_values(ds))
        _sixteen(ds, 0)
        ds.RescaleIntercept, ds.RescaleSlope = -8192, 0.5
        put_values(ds, (hu + 8192) / 0.5)


@control("high-bit", kinds={"DX", "MR"}, excludes={"fragment", "run"}, variants=2, bases=4)
def high_bit(draft, level, variant):
    """Bits above Bits Stored used for something else, or values shifted up with High Bit 15."""
    _thinned(draft, 12)
    for image in draft.images:
        ds = image.edit()
        if ds.PixelRepresentation or ds.BitsAllocated != 16 or ds.BitsStored > 14:
            return False
        values = stored_values(ds)
        bits = int(ds.BitsStored)
        if variant == 0:
            words = values.astype("<u2") | (draft.random.integers(0, 2, values.shape).astype("<u2") << (bits + 1))
        else:
            words = (values << (16 - bits)).astype("<u2")
            ds.HighBit = 15
        ds.PixelData = words.astype("<u2").tobytes()


@control("inverted", kinds={"DX"}, excludes={"fragment"}, bases=8)
def inverted(draft, level, variant):
    """The other photometric interpretation, the same picture."""
    for ds, values, bounds in _each(draft):
        put_values(ds, (1 - values) * (bounds[1] - bounds[0]) + bounds[0])
        ds.PhotometricInterpretation = "MONOCHROME1" if ds.PhotometricInterpretation == "MONOCHROME2" else "MONOCHROME2"
        if "PresentationLUTShape" in ds:
            ds.PresentationLUTShape = "INVERSE" if ds.PhotometricInterpretation == "MONOCHROME1" else "IDENTITY"


@control("lut", kinds={"DX"}, excludes={"fragment"}, variants=2, bases=4)
def lut(draft, level, variant):
    """A modality LUT, or a VOI LUT sequence, of 256 and more entries."""
    for image in draft.images:
        ds = image.edit()
        bits = int(ds.BitsStored)
        item = Dataset()
        entries = 1 << min(bits, 12)
        item.LUTDescriptor = [entries, 0, 16]
        item["LUTDescriptor"].VR = "US"
        curve = 65535 / (1 + np.exp(-8 * (np.arange(entries) / entries - 0.5)))
        item.LUTData = curve.astype("<u2").tobytes() if variant else np.linspace(0, 4095, entries).astype("<u2").tobytes()
        item["LUTData"].VR = "OW"
        if variant:
            item.LUTExplanation = "SIGMOID"
            ds.VOILUTSequence = Sequence([item])
        else:
            item.ModalityLUTType = "OD"
            for keyword in ("RescaleSlope", "RescaleIntercept", "RescaleType"):
                if keyword in ds:
                    delattr(ds, keyword)
            if bits > 12:
                return False
            ds.ModalityLUTSequence = Sequence([item])


@control("dark", kinds={"DX"}, excludes={"fragment"}, bases=5)
def dark(draft, level, variant):
    """A picture kept in the lower half of its range, with a window to match."""
    for ds, values, bounds in _each(draft):
        _put_range(ds, values * 0.45, bounds)
        ds.WindowCenter, ds.WindowWidth = int((bounds[1] - bounds[0]) * 0.22), int((bounds[1] - bounds[0]) * 0.45)


def _put_range(ds, values, bounds):
    put_values(ds, values * (bounds[1] - bounds[0]) + bounds[0])


@control("background-clipped", needs={"sided"}, kinds={"DX"}, excludes={"fragment"}, bases=5)
def background_clipped(draft, level, variant):
    """Direct radiation beside the limb is at the end of the range; the limb is not."""
    for ds, values, bounds in _each(draft):
        rows, columns = _field(values)
        field = values[rows, columns]
        inverted_ = ds.PhotometricInterpretation == "MONOCHROME1"
        bright = 1 - field if inverted_ else field
        air = np.quantile(bright, 0.02) + 0.04
        bright = np.where(bright <= air, 0.0, bright)
        values[rows, columns] = 1 - bright if inverted_ else bright
        _put_range(ds, values, bounds)


@control("cropped", kinds={"DX"}, excludes={"fragment"}, bases=5)
def cropped(draft, level, variant):
    """Cut to the lit field by the console: no border to be seen."""
    for ds, values, bounds in _each(draft):
        rows, columns = _field(values)
        margin = 12
        field = values[rows.start + margin : rows.stop - margin, columns.start + margin : columns.stop - margin]
        _put_range(ds, np.ascontiguousarray(field), bounds)
        for keyword in ("CollimatorShape", "CollimatorUpperHorizontalEdge", "CollimatorLowerHorizontalEdge", "CollimatorLeftVerticalEdge", "CollimatorRightVerticalEdge", "FieldOfViewDimensions"):
            if keyword in ds:
                delattr(ds, keyword)


@control("deviation-small", kinds={"DX"}, excludes={"fragment", "old-cr"}, variants=4, bases=4)
def deviation_small(draft, level, variant):
    """Deviation index within ±2; variant 3: no index of any kind, as old CR and many DR write."""
    for image in draft.images:
        ds = image.edit()
        if variant == 3:
            for keyword in ("ExposureIndex", "TargetExposureIndex", "DeviationIndex"):
                if keyword in ds:
                    delattr(ds, keyword)
            ds.RelativeXRayExposure = 1400
            ds.Sensitivity = "203"
        else:
            step = (-1.4, 0.9, 1.8)[variant]
            target = float(ds.get("TargetExposureIndex") or 400)
            ds.TargetExposureIndex, ds.ExposureIndex, ds.DeviationIndex = f"{target:.0f}", f"{target * 10 ** (step / 10):.0f}", f"{step:.1f}"


@control("side-elsewhere", needs={"sided"}, kinds={"DX"}, variants=2, bases=4)
def side_elsewhere(draft, level, variant):
    """The side in (0020,0060) of the series, or in the code of the frame's anatomy alone, not in (0020,0062)."""
    for image in draft.images:
        ds = image.edit()
        side = ds.get("ImageLaterality") or ds.get("Laterality")
        if "ImageLaterality" in ds:
            del ds.ImageLaterality
        ds.Laterality = side
        if variant:
            item = Dataset()
            item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = {"R": ("24028007", "SCT", "Right"), "L": ("7771000", "SCT", "Left")}[side]
            if "AnatomicRegionSequence" in ds and len(ds.AnatomicRegionSequence):
                ds.AnatomicRegionSequence[0].AnatomicRegionModifierSequence = Sequence([item])


@control("air-at-the-ends", needs={"air", "stack"}, kinds={"CT"}, bases=4)
def air_at_the_ends(draft, level, variant):
    """The last two slices show air and table noise only, above the head or below the feet."""
    stack = draft.stack()
    for image in stack[-2:]:
        ds = image.edit()
        hu = rescaled(ds, stored_values(ds))
        put_values(ds, unrescaled(ds, np.where(hu < -1400, hu, -1000 + ndimage.gaussian_filter(draft.random.normal(0, 30, hu.shape), 0.7))))


@control("metal", needs={"air", "stack"}, kinds={"CT"}, bases=4)
def metal(draft, level, variant):
    """A clip of metal with its streaks in some slices."""
    _thinned(draft, 30)
    stack = draft.stack()
    for image in stack[len(stack) // 2 : len(stack) // 2 + 4]:
        ds = image.edit()
        hu = rescaled(ds, stored_values(ds)).astype(np.float64)
        y, x = np.mgrid[0 : hu.shape[0], 0 : hu.shape[1]]
        y0, x0 = int(hu.shape[0] * 0.55), int(hu.shape[1] * 0.45)
        angle, radius = np.arctan2(y - y0, x - x0), np.hypot(y - y0, x - x0)
        streaks = 260 * np.cos(12 * angle) * np.exp(-radius / 60)
        hu = np.where(hu > -1400, hu + streaks, hu)
        hu[radius < 6] = 3071
        top = rescaled(ds, value_range(ds)[1])
        put_values(ds, unrescaled(ds, np.clip(hu, rescaled(ds, value_range(ds)[0]), top)))


@control("sharp-kernel", needs={"air", "stack"}, kinds={"CT"}, bases=4)
def sharp_kernel(draft, level, variant):
    """A bone kernel: details and noise lifted threefold, named as such."""
    _thinned(draft, 30)
    for image in draft.images:
        ds = image.edit()
        hu = rescaled(ds, stored_values(ds)).astype(np.float64)
        sharp = hu + 2.0 * (hu - ndimage.gaussian_filter(hu, 0.9))
        grain = draft.random.normal(0, 1, hu.shape)
        grain = grain - ndimage.gaussian_filter(grain, 1.0)
        sharp = sharp + 40 * grain / grain.std() * np.clip((hu + 1050) / 600, 0.2, 1)
        put_values(ds, unrescaled(ds, np.where(hu < -1400, hu, np.clip(sharp, -1024, 3071))))
        ds.ConvolutionKernel = ["BONE", "B70f", "FC81", "YC"][len(draft.name) % 4]
        ds.SeriesDescription, ds.SliceThickness = "Bone 1.0", 1.0
        ds.WindowCenter, ds.WindowWidth = 500, 2500


@control("low-dose", needs={"air", "stack", "region:chest"}, kinds={"CT"}, excludes={"fixture"}, bases=3)
def low_dose(draft, level, variant):
    """A low-dose chest: 35 HU of noise at 1.25 mm, as a screening examination has."""
    for image in draft.images:
        ds = image.edit()
        hu = rescaled(ds, stored_values(ds)).astype(np.float64)
        grain = ndimage.gaussian_filter(draft.random.normal(0, 1, hu.shape), 0.7)
        put_values(ds, unrescaled(ds, np.where(hu < -1400, hu, hu + 32 * grain / grain.std() * np.clip((hu + 1050) / 600, 0.3, 1))))
        ds.StudyDescription, ds.SeriesDescription, ds.SliceThickness = "肺部CT低剂量平扫", "Low dose 1.25", 1.25
        ds.XRayTubeCurrent, ds.Exposure = 30, 15


@control("hu-near", needs={"air", "stack"}, kinds={"CT"}, variants=2, bases=5)
def hu_near(draft, level, variant):
    """Air off by 25 HU, up or down: within tolerance."""
    for image in draft.stack():
        ds = image.edit()
        ds.RescaleIntercept = round(float(ds.get("RescaleIntercept", 0)) + (25 if variant == 0 else -25))


@control("thin-among-thick", needs={"stack", "word:thin"}, kinds={"CT"}, excludes={"fixture"}, bases=3)
def thin_among_thick(draft, level, variant):
    """A high-resolution item whose thin series comes with a thick one beside it."""
    stack = draft.stack()
    draft.images = [image for image in draft.images if image.ds.SeriesInstanceUID == stack[0].ds.SeriesInstanceUID]
    draft.set(StudyDescription=draft.base.words["thin"], SliceThickness=1.0, SpacingBetweenSlices=None)
    for k, image in enumerate(stack[::2]):
        ds = draft.copy_of(image, f"thick {k}")
        ds.SliceThickness, ds.InstanceNumber = 5.0, k + 1
        ds.SeriesInstanceUID, ds.SeriesNumber, ds.SeriesDescription = new_uid(draft.name + " thick"), 77, "Mediastinum 5.0"
        if "ImagesInAcquisition" in ds:
            del ds.ImagesInAcquisition


@control("zero-background", needs={"stack"}, kinds={"MR"}, excludes={"localizer"}, bases=5)
def zero_background(draft, level, variant):
    """Background masked to exactly zero, as several makers do."""
    _thinned(draft, 40)
    for image in draft.images:
        ds = image.edit()
        values = stored_values(ds)
        body = ndimage.binary_dilation(ndimage.binary_opening(values > 0.12 * np.percentile(values, 99)), iterations=4)
        put_values(ds, np.where(ndimage.binary_fill_holes(body), values, 0))


@control("float-slope", needs={"stack"}, kinds={"MR"}, bases=3)
def float_slope(draft, level, variant):
    """Philips scales each image with a slope and an intercept of its own."""
    _thinned(draft, 40)
    for k, image in enumerate(draft.images):
        ds = image.edit()
        ds.RescaleSlope, ds.RescaleIntercept, ds.RescaleType = round(1.5 + 0.01 * k, 4), 0, "normalized"


# Headers -------------------------------------------------------------------------------------------------------------


@control("name-written-differently", excludes={"fragment"}, variants=3, bases=5)
def name_written_differently(draft, level, variant):
    """One person, written as different machines do: capitals, a trailing caret, an ideographic group."""
    if len(draft.images) < 2:
        return False
    for image in draft.images[len(draft.images) // 2 :]:
        ds = image.edit()
        ds.PatientName = [str(ds.PatientName).upper(), str(ds.PatientName) + "^^", str(ds.PatientName) + "=王^小东"][variant]


@control("long-ago", excludes={"fragment"}, bases=6)
def long_ago(draft, level, variant):
    """A study of years ago, migrated today."""
    day = (date.today() - timedelta(days=365 * 6)).strftime("%Y%m%d")
    draft.set(StudyDate=day, SeriesDate=day, AcquisitionDate=day, ContentDate=day)


@control("over-midnight", excludes={"fragment"}, bases=5)
def over_midnight(draft, level, variant):
    """Begun at 23:50, ended the next day; reconstructed two days later."""
    made = draft.images[0].ds.StudyDate
    next_day = (date(int(made[:4]), int(made[4:6]), int(made[6:8])) + timedelta(days=1)).strftime("%Y%m%d")
    draft.set(StudyTime="235000", AcquisitionDate=next_day, ContentDate=next_day, AcquisitionTime="000410", ContentTime="001000")


@control("with-reports", excludes={"fragment"}, variants=2, bases=5)
def with_reports(draft, level, variant):
    """A dose page as a picture of a screen beside the images (variant 1: a 3D rendering in colour)."""
    first = draft.images[0].ds
    ds = draft.copy_of(draft.images[0], "page")
    ds.SOPClassUID = uid.SecondaryCaptureImageStorage
    ds.ImageType, ds.ConversionType = ["DERIVED", "SECONDARY", "OTHER"], "WSD"
    ds.SeriesInstanceUID, ds.SeriesNumber, ds.SeriesDescription = new_uid(draft.name + " page"), 999, ("Dose Report", "3D VR")[variant]
    for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "RescaleIntercept", "RescaleSlope", "PixelPaddingValue", "SliceLocation", "NumberOfFrames",
                    "FrameIncrementPointer", "FrameTime", "MaskSubtractionSequence", "ImagesInAcquisition", "SliceThickness", "SpacingBetweenSlices",
                    "SmallestImagePixelValue", "LargestImagePixelValue", "ModalityLUTSequence", "NumberOfSeriesRelatedInstances", "NumberOfStudyRelatedInstances"):
        if keyword in ds:
            delattr(ds, keyword)
    ds.InstanceNumber = 1
    picture = np.zeros((240, 320), np.int32)
    for row in range(20, 220, 22):
        width = int(draft.random.integers(60, 280))
        picture[row : row + 8, 20:width] = draft.random.integers(0, 2, (8, width - 20)) * 255
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    ds.PhotometricInterpretation = "MONOCHROME2"
    put_values(ds, picture)
    if variant:
        colour = np.repeat((picture // 2 + 60).astype(np.uint8)[..., None], 3, axis=2)
        ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "RGB", 0
        ds.PixelData = colour.tobytes()
    for announced in ("NumberOfStudyRelatedInstances",):
        if announced in first:
            for image in draft.images:
                setattr(image.edit(), announced, len(draft.images))


# Angiography ---------------------------------------------------------------------------------------------------------


@control("variable-rate", needs={"run"}, kinds={"XA"}, bases=4)
def variable_rate(draft, level, variant):
    """4 frames a second at first, 1 a second later, by programme."""
    ds = draft.images[0].edit()
    frames = int(ds.NumberOfFrames)
    half = frames // 2
    ds.FrameTimeVector = [0.0] + [250.0] * (half - 1) + [1000.0] * (frames - half)
    ds.FrameIncrementPointer = 0x00181065
    del ds.FrameTime


@control("still", needs={"run"}, kinds={"XA"}, variants=2, bases=4)
def still(draft, level, variant):
    """Half a pixel of drift, and a table of 0.3 pixels of pulsation: no motion to speak of."""
    from .angiograms import shifted

    ds = draft.images[0].edit()
    values = stored_values(ds).astype(np.float64)
    put_values(ds, shifted(values, (0.3, 0.2) if variant == 0 else (0.0, -0.4), 2))


@control("later-mask", needs={"run"}, kinds={"XA"}, bases=4)
def later_mask(draft, level, variant):
    """Two frames before the contrast; the second is the mask."""
    ds = draft.images[0].edit()
    values = stored_values(ds)
    put_values(ds, np.concatenate([values[:1], values[:1] + draft.random.integers(-2, 3, values[:1].shape) * (values[:1] > 0), values[1:]]))
    ds.NumberOfFrames = int(ds.NumberOfFrames) + 1
    item = ds.MaskSubtractionSequence[0]
    item.MaskFrameNumbers, item.ApplicableFrameRange = 2, [3, int(ds.NumberOfFrames)]


@control("unsubtracted", needs={"run"}, kinds={"XA"}, bases=2)
def unsubtracted(draft, level, variant):
    """A cine run of the heart: no mask and no need of one."""
    ds = draft.images[0].edit()
    del ds.MaskSubtractionSequence
    ds.RecommendedViewingMode = "NAT"
    ds.StudyDescription, ds.SeriesDescription, ds.BodyPartExamined = "冠状动脉造影", "Coro 15 F/S", "HEART"
    ds.FrameTime, ds.CineRate, ds.RecommendedDisplayFrameRate = 66.7, 15, 15
