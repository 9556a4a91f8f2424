"""Radiographs from the physics: rays through a body, scatter, quanta, detector, logarithm, a look; no public DX series is at hand.

The bodies are those of `Fixtures/generator`; what the detector sees of them and what the console makes of it is done here,
so that dose, blur and field are parameters.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from .draft import EXPLICIT, Base, generator, new_uid, put_values

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "Fixtures"))
from generator.images import chest, knee, radiograph  # noqa: E402
from generator.iods import radiography  # noqa: E402

EXAM_DAY = "20261116"


@dataclass(frozen=True)
class Console:
    """What one room's detector and software do."""

    bits: int = 12
    inverted: bool = False  # MONOCHROME1
    masked: bool = True  # black outside the field, else what little exposure it got
    enhancement: float = 0.6  # of details about 2 mm wide
    quanta: float = 24000.0  # per open pixel of 0.2 mm at target exposure
    target: float = 250.0
    steep: bool = False  # a curve with toe and shoulder instead of a straight one


CONSOLES = [
    Console(),
    Console(bits=14, inverted=True, masked=False),
    Console(bits=10, enhancement=0.3, steep=True),
    Console(bits=12, inverted=True, enhancement=0.9),
    Console(bits=12, masked=False, quanta=16000, target=400, steep=True),
    Console(bits=15, inverted=True, enhancement=0.2, quanta=32000, target=500),
]


class _Body(Exception):
    def __init__(self, water, bone):
        self.water, self.bone = water, bone


def _tissue(draw, *arguments, **options):
    """Ray lengths in cm of water and bone of a picture of the fixture generator."""

    def stop(water, bone, *_, **__):
        raise _Body(water, bone)

    kept = chest.expose, knee.expose
    chest.expose = knee.expose = stop
    try:
        draw(*arguments, **options)
    except _Body as body:
        return body.water, body.bone
    finally:
        chest.expose, knee.expose = kept


def exposed(water, bone, spacing, name, console, dose=1.0, field=None, blur=0.7, motion=0, kv_factor=1.0, metal=None):
    """Detector signal in quanta and the lit field, a boolean picture.

    `field` is (top, bottom, left, right) in pixels; `dose` relative to the target; `motion` pixels of movement along the rows.
    """
    random = generator(name + " quanta")
    path = 0.2 * np.clip(water, 0, None) + 0.62 * np.clip(bone, 0, None)
    if metal is not None:
        path = path + 3.0 * metal
    open_quanta = console.quanta * dose * (spacing / 0.02) ** 2
    lit = np.zeros(water.shape)
    top, bottom, left, right = field or (0, water.shape[0], 0, water.shape[1])
    lit[top:bottom, left:right] = 1.0
    edge = ndimage.gaussian_filter(lit, 0.06 / spacing)
    primary = open_quanta * np.exp(-kv_factor * path) * edge
    small = primary[::8, ::8]
    scatter = ndimage.zoom(ndimage.gaussian_filter(small, 2.5 / (8 * spacing)), 8, order=1)[: water.shape[0], : water.shape[1]]
    scatter = np.pad(scatter, ((0, water.shape[0] - scatter.shape[0]), (0, water.shape[1] - scatter.shape[1])), mode="edge")
    expected = primary + 0.18 * scatter + 0.002 * open_quanta
    if motion:
        expected = ndimage.uniform_filter1d(expected, motion, axis=0)
    expected = ndimage.gaussian_filter(expected, blur)
    quanta = ndimage.gaussian_filter(random.poisson(expected).astype(np.float64), 0.45)
    return quanta + random.normal(0, 6.0, water.shape), lit > 0.5


def shown(quanta, lit, spacing, console, outside=None):
    """Stored values as the console sends them: logarithm, detail enhancement, range from the anatomy in the field."""
    logarithm = -np.log(np.clip(quanta, 8.0, None))
    detail = logarithm - ndimage.gaussian_filter(logarithm, 0.2 / spacing)
    enhanced = logarithm + console.enhancement * np.clip(detail, -0.5, 0.5)
    inside = ndimage.binary_erosion(lit, iterations=12)
    low, high = np.percentile(enhanced[inside], [0.5, 99.5])
    unit = (enhanced - low) / (high - low)
    if console.steep:
        unit = 1 / (1 + np.exp(-4.4 * (unit - 0.5)))
        unit = (unit - 0.0998) / 0.8004
    full = (1 << console.bits) - 1
    values = full * (0.05 + 0.88 * unit)
    if console.masked:
        values = np.where(lit, values, 0.0)
    values = np.clip(values, 0, full)
    return full - values if console.inverted else values


def stamp(values, at, letter, spacing, console):
    """A lead letter in the field: as bright as unexposed."""
    full = (1 << console.bits) - 1
    y, x = np.mgrid[0 : values.shape[0], 0 : values.shape[1]]
    x, y = (x - at[1]) * spacing, (y - at[0]) * spacing
    picture = radiograph.mark(np.zeros(values.shape), x, y, letter, (0.0, 0.0), 1.2)
    return np.where(picture > 1000, 0.0 if console.inverted else full * 0.97, values)


def data_set(values, region, view, orientation, side, spacing, console, name, dose, number, description, uids, field):
    """One DX image."""
    full = (1 << console.bits) - 1
    ds = radiography.digital(values, region, view, orientation, side, round(spacing * 10, 3), ((full + 1) // 2, full + 1), console.bits)
    ds.file_meta = _meta()
    ds.PhotometricInterpretation = "MONOCHROME1" if console.inverted else "MONOCHROME2"
    ds.PresentationLUTShape = "INVERSE" if console.inverted else "IDENTITY"
    ds.SamplesPerPixel, ds.BitsAllocated, ds.HighBit, ds.PixelRepresentation = 1, 16, console.bits - 1, 0
    put_values(ds, values)
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.PatientName, ds.PatientID = "Probe^" + name.title().replace("-", ""), "P" + new_uid(uids)[-9:]
    ds.PatientBirthDate, ds.PatientSex = "19650811", "M"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = new_uid("study " + uids), new_uid("series " + uids)
    ds.SOPInstanceUID = new_uid(f"instance {uids} {number}")
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = EXAM_DAY
    ds.StudyTime, ds.SeriesTime, ds.AcquisitionTime, ds.ContentTime = "091500", "091600", f"0917{10 + number:02d}", f"0917{20 + number:02d}"
    ds.StudyDescription, ds.Modality, ds.SeriesNumber, ds.InstanceNumber = description, "DX", 1, number
    ds.BodyPartExamined = region.upper()
    ds.Manufacturer, ds.StationName = "Invented", "ROOM_" + str(CONSOLES.index(console) + 1 if console in CONSOLES else 9)
    ei = console.target * dose
    ds.ExposureIndex, ds.TargetExposureIndex = f"{ei:.0f}", f"{console.target:.0f}"
    ds.DeviationIndex = f"{10 * np.log10(dose):.1f}"
    top, bottom, left, right = field
    ds.CollimatorUpperHorizontalEdge, ds.CollimatorLowerHorizontalEdge = top + 1, bottom
    ds.CollimatorLeftVerticalEdge, ds.CollimatorRightVerticalEdge = left + 1, right
    if side in ("R", "L"):
        ds.ImageLaterality = side
    return ds


def _meta():
    from pydicom.dataset import FileMetaDataset

    meta = FileMetaDataset()
    meta.TransferSyntaxUID = EXPLICIT
    return meta


_TISSUE = {}


def tissue(region, view, name, side, size):
    """Ray lengths and pixel spacing (cm); the last few bodies are kept."""
    key = (region, view, name, side, size)
    if key not in _TISSUE:
        random = generator(name)
        if region == "chest":
            rows, columns, spacing = (int(1536 * size), int(1260 * size), 0.028 / size)
            build = chest.Build(name, float(random.uniform(0.9, 1.08)), float(random.uniform(0.9, 1.15)), float(random.uniform(0.92, 1.08)))
            maps = _tissue(chest.pa if view == "PA" else chest.lateral, build, rows=rows, columns=columns, spacing=spacing)
        else:
            rows, columns, spacing = (int(1400 * size), int(1040 * size), 0.02 / size)
            maps = _tissue(knee.ap if view == "AP" else knee.lateral, name, side, rows=rows, columns=columns, spacing=spacing)
        while len(_TISSUE) > 8:
            _TISSUE.pop(next(iter(_TISSUE)))
        _TISSUE[key] = (maps[0].astype(np.float32), maps[1].astype(np.float32), spacing)
    return _TISSUE[key]


def image(region, view, name, side, console, number, description, uids, size=0.8, dose=1.0, margins=(0.03, 0.03, 0.04, 0.04), **physics):
    """One radiograph; `margins` top, bottom, left, right of the field as fractions of the picture."""
    water, bone, spacing = tissue(region, view, name, side, size)
    rows, columns = water.shape
    field = (int(margins[0] * rows), int(rows * (1 - margins[1])), int(margins[2] * columns), int(columns * (1 - margins[3])))
    metal = physics.pop("metal", None)
    if metal:
        physics["metal"] = _implant(metal, water.shape, spacing)
    quanta, lit = exposed(water, bone, spacing, f"{uids} {number}", console, dose, field, **physics)
    values = shown(quanta, lit, spacing, console)
    letter = side if side in ("R", "L") else ("R" if view == "PA" else "L")
    corner = (field[0] + int(0.04 * rows), field[2] + int(0.05 * columns))
    values = stamp(values, corner, letter, spacing, console)
    orientation = ["L", "F"] if view in ("PA", "AP") else ["P", "F"]
    return data_set(values, region, view, orientation, side, spacing, console, name, dose, number, description, uids, field)


def _implant(kind, shape, spacing):
    """Metal in the ray's way: a pacemaker with its lead, or a plate with screws; relative thickness."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    x, y = (x - shape[1] / 2) * spacing, (y - shape[0] / 2) * spacing
    if kind == "pacemaker":
        case = ((np.abs((x - 9) / 2.3) ** 3 + np.abs((y + 10) / 2.0) ** 3) < 1) * 0.8
        lead = (np.abs(x - (9 - 0.5 * (y + 10))) < 0.12) & (y > -10) & (y < 6)
        return case + lead * 0.9
    plate = (np.abs(x) < 0.6) & (np.abs(y) < 7)
    screws = sum(((np.abs(y - k) < 0.22) & (np.abs(x) < 2.4)) for k in (-6, -4, -2, 2, 4, 6))
    return np.clip(plate + screws, 0, 1.5)


CHEST_PAIR, CHEST_PA = ("胸部正侧位", "BW03ZZZ8B"), ("胸部正位", "BW03ZZZZ1")
KNEES = {"R": ("右膝关节正侧位", "BQ07ZZZ0B"), "L": ("左膝关节正侧位", "BQ08ZZZ0B")}


def base(kind, index, size=0.8, **options):
    """A clean study: kind "chest-pair", "chest", "knee". Options go to every image."""
    uids = f"dx-{kind}-{index}" + "".join(f"-{k}{v}" for k, v in sorted(options.items()))
    name = f"{kind}-{index}"
    console = options.pop("console", CONSOLES[index % len(CONSOLES)])
    if kind == "knee":
        side = "R" if index % 2 == 0 else "L"
        text, item = KNEES[side]
        margins = options.pop("margins", (0.05, 0.05, 0.1, 0.1))
        images = [image("knee", view, name, side, console, k, text, uids, size, margins=margins, **options) for k, view in enumerate(("AP", "LAT"), 1)]
        tags = {"sided", "pair"}
    else:
        views = ("PA", "LL") if kind == "chest-pair" else ("PA",)
        text, item = CHEST_PAIR if kind == "chest-pair" else CHEST_PA
        images = [image("chest", view, name, "U", console, k, text, uids, size, **options) for k, view in enumerate(views, 1)]
        tags = {"chest", "pair"} if len(views) == 2 else {"chest"}
    return Base("dx-" + name, "DX", "physics", images, tags, item, count=len(images))
