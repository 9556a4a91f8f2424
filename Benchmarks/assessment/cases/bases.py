"""Clean studies to start from: real series found in folders, and the repository's own fixtures."""

import json
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pydicom
from pydicom import uid
from scipy import ndimage

from .draft import EXPLICIT, Base, duplicate, new_uid, put_values, rescaled, stored_values, unrescaled, value_range

warnings.filterwarnings("ignore")

_IMAGE_CLASSES = {
    uid.CTImageStorage: "CT",
    uid.MRImageStorage: "MR",
    uid.ComputedRadiographyImageStorage: "DX",
    uid.DigitalXRayImageStorageForPresentation: "DX",
    uid.XRayAngiographicImageStorage: "XA",
}
_LOSSY = {"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.91"}

# Study Description and item by kind and region; the matcher has to find the item from it.
WORDS = {
    ("CT", "head"): ("头颅CT平扫", "B020ZYZZZ", {"enhanced": "头颅CT增强", "thin": "颞骨CT高分辨率平扫"}),
    ("CT", "chest"): ("胸部CT平扫", "BW23ZYZZZ", {"enhanced": "胸部CT增强", "thin": "肺部CT高分辨率平扫"}),
    ("CT", "abdomen"): ("全腹部CT平扫", "BW21ZYZZZ", {"enhanced": "全腹部CT增强"}),
    ("MR", "head"): ("头颅MRI平扫", "B030ZYZZZ", {"diffusion": "头颅MRI平扫+DWI"}),
}

# Items that the other Study Descriptions ask for.
_OTHER_ITEMS = {
    "头颅CT增强": "B02010ZZZ", "颞骨CT高分辨率平扫": "BN2FZBZZZ", "胸部CT增强": "BW2310ZZZ", "肺部CT高分辨率平扫": "BB24ZBZZZ",
    "全腹部CT增强": "BW2110ZZZ", "头颅MRI平扫+DWI": "B030ZMZZZ", "肺部CT低剂量平扫": "BB24ZDZZZ",
}

EXAM_DAY = "20261116"


def item_of(description, base):
    """The item a study of that description is of; that of its base when the description is the base's own."""
    if description in _OTHER_ITEMS:
        return _OTHER_ITEMS[description]
    return base.item if description == base.images[0].get("StudyDescription", "") else None


def _files(folder: Path):
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if path.stat().st_size < 3000:
            continue
        with open(path, "rb") as file:
            if file.read(132)[128:] == b"DICM":
                yield path


def series_in(folder: Path):
    """Series below `folder`: lists of paths with the headers, in order of their first file."""
    series = {}
    for path in _files(folder):
        try:
            ds = pydicom.dcmread(path, stop_before_pixels=True)
        except Exception:
            continue
        if ds.get("SOPClassUID") in _IMAGE_CLASSES and "Rows" in ds:
            series.setdefault((path.parent, ds.SeriesInstanceUID), []).append((path, ds))
    return list(series.values())


def _usable(path, ds):
    """Whether an image is gray, whole and never was compressed with loss, as far as header and length tell."""
    try:
        if ds.get("SamplesPerPixel") != 1 or ds.file_meta.TransferSyntaxUID == uid.ExplicitVRBigEndian:
            return False
        if ds.file_meta.TransferSyntaxUID in _LOSSY or ds.get("LossyImageCompression") == "01":
            return False
        # A file cut short by whoever published it is no clean start.
        length = ds.Rows * ds.Columns * ds.BitsAllocated // 8 * int(ds.get("NumberOfFrames") or 1)
        return ds.file_meta.TransferSyntaxUID.is_compressed or path.stat().st_size > length
    except Exception:
        return False


def read(path):
    """One image, uncompressed."""
    ds = pydicom.dcmread(path)
    if ds.file_meta.TransferSyntaxUID.is_compressed and not ds.file_meta.TransferSyntaxUID.is_deflated:
        ds.decompress()
    ds.file_meta.TransferSyntaxUID = EXPLICIT
    return ds


def normalise(images, name, description, day=EXAM_DAY):
    """Gives real images one invented person, one study and plausible dates; all else stays as the machine wrote it."""
    # Anonymised files carry emptied dates and identities, which are faults of their own.
    for ds in images:
        ds.SpecificCharacterSet = "ISO_IR 192"
        ds.PatientName, ds.PatientID = "Probe^" + name.title().replace("-", ""), "P" + new_uid(name)[-9:]
        ds.PatientBirthDate, ds.PatientSex = "19720403", ds.get("PatientSex") or "F"
        if ds.PatientSex not in ("M", "F"):
            ds.PatientSex = "F"
        if "PatientAge" in ds:
            del ds.PatientAge
        ds.StudyInstanceUID = new_uid("study " + name)
        ds.SeriesInstanceUID = new_uid(f"series {name} {ds.SeriesInstanceUID}")
        ds.SOPInstanceUID = new_uid(f"instance {name} {ds.SOPInstanceUID}")
        ds.StudyDescription = description
        ds.StudyTime = ds.get("StudyTime") or "101500"
        for keyword in ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate"):
            setattr(ds, keyword, day)
        for keyword in ("SeriesTime", "AcquisitionTime", "ContentTime"):
            if keyword in ds and not getattr(ds, keyword):
                delattr(ds, keyword)
        for keyword in ("AcquisitionDateTime", "InstanceCreationDate", "PerformedProcedureStepStartDate", "ScheduledProcedureStepStartDate",
                        "PerformedProcedureStepEndDate", "DateOfSecondaryCapture", "RequestAttributesSequence", "ReferencedPerformedProcedureStepSequence",
                        "ProcedureCodeSequence", "RequestedProcedureDescription", "PerformedProcedureStepDescription", "LossyImageCompression",
                        "LossyImageCompressionRatio", "LossyImageCompressionMethod", "DerivationCodeSequence", "DerivationDescription", "NumberOfStudyRelatedInstances", "NumberOfSeriesRelatedInstances",
                        "OverlayData"):
            if keyword in ds:
                delattr(ds, keyword)
        # Emptied by anonymisers to zero.
        for keyword in ("PixelSpacing", "ImagerPixelSpacing"):
            if keyword in ds and not all(float(v) > 0 for v in ds[keyword].value or [0]):
                delattr(ds, keyword)
        for tag in [t for t in ds.keys() if 0x6000 <= t.group <= 0x60FF]:
            del ds[tag]
    return images


def nameless(images):
    """Takes away what names an examination: one slice is no examination of a chest, and contrast without a plain phase none either."""
    for ds in images:
        for keyword in ("ProtocolName", "SeriesDescription", "BodyPartExamined", "ContrastBolusAgent", "ContrastBolusAgentSequence", "RequestedContrastAgent",
                        "AnatomicRegionSequence", "RequestedProcedureCodeSequence"):
            if keyword in ds:
                delattr(ds, keyword)


def _region(ds, name):
    part = f"{ds.get('BodyPartExamined', '')} {ds.get('StudyDescription', '')} {ds.get('SeriesDescription', '')} {name}".upper()
    for region, words in (("head", ("HEAD", "BRAIN", "CRANE", "SKULL")), ("chest", ("CHEST", "THORA", "LUNG")), ("abdomen", ("ABD",))):
        if any(word in part for word in words):
            return region
    return None


def _positions(images):
    """Positions along the normal, mm, or None when there are none or the orientations differ."""
    try:
        orientation = np.array(images[0].ImageOrientationPatient, float)
        normal = np.cross(orientation[:3], orientation[3:])
        if any(np.abs(np.array(ds.ImageOrientationPatient, float) - orientation).max() > 0.01 for ds in images):
            return None
        return np.array([float(np.dot(normal, np.array(ds.ImagePositionPatient, float))) for ds in images])
    except Exception:
        return None


def _spaced_evenly(z):
    gaps = np.diff(np.unique(np.round(z, 2)))
    return len(gaps) >= 7 and gaps.max() < 1.25 * np.median(gaps)


# Millimetres along the normal that an examination of a whole region has at least.
_LEAST_REACH = 100.0


def real(series, folder: Path, at_most=160):
    """Bases from every usable one of `series`, which lie below `folder`; named after where they lie."""
    result, seen = [], set()
    for members in series:
        paths, headers = [path for path, _ in members], [ds for _, ds in members]
        where = str(paths[0].parent.relative_to(folder.parent) if folder in paths[0].parents else paths[0].parent.name)
        if len(members) > at_most or not all(_usable(path, ds) for path, ds in members):
            continue
        first = headers[0]
        kind = _IMAGE_CLASSES[first.SOPClassUID]
        name = "".join(c if c.isalnum() else "-" for c in where.lower()).strip("-")[-46:] + "-" + new_uid(str(first.SeriesInstanceUID))[-4:]
        if first.SOPInstanceUID in seen or min(first.Rows, first.Columns) < 32:
            continue
        seen.add(first.SOPInstanceUID)
        region = _region(first, where) if kind in ("CT", "MR") else None
        localizer = "LOCALIZER" in (first.get("ImageType") or []) or "ocalizer" in str(first.get("SeriesDescription"))
        z = _positions(headers)
        # A slab of a few centimetres, as functional series are, is no examination of a head.
        covers = z is not None and z.max() - z.min() >= _LEAST_REACH
        is_whole = region and not localizer and len(headers) >= 8
        words = WORDS.get((kind, region)) if is_whole and covers else None
        base = Base(name, kind, where, count=len(headers))
        if words:
            base.item, base.words = words[1], words[2]
        if is_whole and (kind, region) in WORDS:
            base.tags |= {"region:" + region} | (set() if words else {"nameless"})
        if localizer:
            base.tags.add("localizer")
        elif z is not None and len(headers) >= 8 and len(np.unique(np.round(z, 2))) == len(z):
            base.tags.add("stack" if _spaced_evenly(z) else "irregular")
        elif z is not None and len(np.unique(np.round(z, 2))) >= 4 and len(z) % len(np.unique(np.round(z, 2))) == 0 and len(z) > 8:
            base.tags.add("dynamic")
        else:
            base.tags.add("fragment")
        # Real radiographs seldom say what the new ones do; faults that need it are left out.
        if kind == "DX":
            base.tags -= {"fragment"}
            base.tags |= {"real", "old-cr"} | ({"coarse"} if min(first.Rows, first.Columns) < 1000 else set())
        base.load = partial(_load_real, base, paths, words[0] if words else f"{kind} study")
        base.load_headers = partial(_headers, base, paths, words[0] if words else f"{kind} study")
        result.append(base)
    return result


def _load_real(base, paths, description):
    images = normalise([read(path) for path in paths], base.name, description)
    if base.tags & {"fragment", "nameless"}:
        nameless(images)
    if base.kind == "CT" and "localizer" not in base.tags:
        middle = images[len(images) // 2]
        if (rescaled(middle, stored_values(middle)) < -900).mean() > 0.08:
            base.tags.add("air")
        if float(middle.get("SliceThickness") or 5) <= 1.25:
            base.tags.add("thin")
    return images


def _headers(base, paths, description):
    """The same images without their pixels."""
    images = normalise(read_headers(paths), base.name, description)
    if base.tags & {"fragment", "nameless"}:
        nameless(images)
    return images


def read_headers(paths):
    """Images without their pixels, as if they were uncompressed."""
    images = [pydicom.dcmread(path, stop_before_pixels=True) for path in paths]
    for ds in images:
        ds.file_meta.TransferSyntaxUID = EXPLICIT
    return images


def drawn_out(ds, name, count=36, spacing=8.0):
    """A stack from one real axial slice: each copy zoomed and shifted a little, as neighbouring anatomy is."""
    images = []
    values = rescaled(ds, stored_values(ds)).astype(np.float64)
    outside = values.min()
    coefficients = ndimage.spline_filter(values, order=3)
    for k in range(count):
        zoom = 1.0 + 0.05 * np.sin(0.45 * k) - 0.03 * k / count
        shift = 3.0 * np.cos(0.3 * k)
        centre = (np.array(values.shape) - 1) / 2
        offset = centre - centre / zoom + np.array([shift, -shift])
        one = ndimage.affine_transform(coefficients, 1 / np.array([zoom, zoom]), offset, order=3, mode="constant", cval=outside, prefilter=False)
        copy = duplicate(ds)
        copy.SOPInstanceUID = f"{ds.SOPInstanceUID}.{k}"
        copy.InstanceNumber, copy.SliceThickness = k + 1, min(spacing, float(ds.get("SliceThickness") or spacing))
        position = [float(p) for p in ds.ImagePositionPatient]
        copy.ImagePositionPatient = [position[0], position[1], round(position[2] - spacing * k, 3)]
        copy.SliceLocation = copy.ImagePositionPatient[2]
        for keyword in ("SpacingBetweenSlices", "ImagesInAcquisition"):
            if keyword in copy:
                delattr(copy, keyword)
        put_values(copy, np.clip(unrescaled(copy, one), *value_range(copy)))
        images.append(copy)
    return images


def chest_stacks(series):
    """Chest stacks drawn out of single real slices, for rules that need a whole chest."""
    result = []
    for members in series:
        path, ds = members[0]
        try:
            if ds.Modality != "CT" or len(members) > 2 or ds.Rows != 512 or not _usable(path, ds):
                continue
            if [round(float(v)) for v in ds.ImageOrientationPatient] != [1, 0, 0, 0, 1, 0]:
                continue
            ds = read(path)
            body = rescaled(ds, stored_values(ds))[128:384, 96:416]
            if (body < -700).mean() < 0.15:
                continue
        except Exception:
            continue
        name = "chest-" + new_uid(str(ds.SOPInstanceUID))[-5:]
        words = WORDS[("CT", "chest")]
        base = Base(name, "CT", "drawn out of " + path.parent.name, tags={"stack", "air", "region:chest"}, item=words[1], words=words[2], count=36)
        base.load = partial(_load_chest, base, ds, words[0])
        result.append(base)
    return result


def _load_chest(base, ds, description):
    images = normalise(drawn_out(ds, base.name), base.name, description)
    nameless(images)
    for one in images:
        one.BodyPartExamined, one.SeriesDescription = "CHEST", f"Chest {float(one.SliceThickness):.1f}"
    if images[0].SliceThickness <= 1.25:
        base.tags.add("thin")
    return images


def fixtures(folder: Path):
    """The repository's fixture studies that are meant to be whole and good."""
    clean = {
        "01": "DX", "02": "DX", "04": "DX", "05": "DX", "06": "DX", "07": "DX", "08": "DX", "10": "CT", "11": "CT", "12": "CT", "13": "CT",
        "14": "CT", "15": "CT", "18": "MR", "20": "XA", "21": "DX", "31": "DX",
    }
    result = []
    items = {study["folder"]: study["expected"]["code"] for study in json.loads((folder / "manifest.json").read_text())["studies"]}
    for path in sorted((folder / "studies").iterdir()):
        kind = clean.get(path.name[:2])
        if kind is None:
            continue
        files = sorted(path.glob("*.dcm"))
        base = Base(
            "fixture-" + path.name, kind, "Fixtures/" + path.name, tags={"fixture", "coarse"}, item=items.get("studies/" + path.name),
            count=len(files), load=partial(_load_fixture, files), load_headers=partial(read_headers, files))
        number = path.name[:2]
        if number in ("10", "11", "12"):
            base.tags |= {"stack", "air", "region:chest"}
            base.words = WORDS[("CT", "chest")][2]
        elif number in ("14", "15"):
            base.tags |= {"stack", "air", "region:head"}
            base.words = WORDS[("CT", "head")][2]
        elif number == "13":
            base.tags |= {"phases"}
        elif number == "18":
            base.tags |= {"diffusion"}
        elif number in ("01", "02", "05"):
            base.tags |= {"chest", "pair"}
        elif number in ("04",):
            base.tags |= {"chest"}
        elif number in ("06", "07", "08"):
            base.tags |= {"sided", "pair"}
        elif number == "20":
            base.tags |= {"run"}
        result.append(base)
    return result


def _load_fixture(files):
    return [read(file) for file in files]
