"""DSA runs: the fixture generator's pelvic vessels at the size machines make, with quanta, breathing and shutters."""

import sys
from pathlib import Path

import numpy as np
from pydicom.tag import Tag
from scipy import ndimage

from .draft import EXPLICIT, Base, generator, new_uid, put_values

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "Fixtures"))
from generator.images import angiogram  # noqa: E402
from generator.iods import angiography  # noqa: E402

from .radiographs import EXAM_DAY, _meta  # noqa: E402

DESCRIPTION = "双下肢动脉DSA造影"


def base(index, frames=12, size=384, rate=4):
    """A clean run of `frames` frames; the first is the mask of all others."""
    name = f"run-{index}"
    random = generator(name)
    values = angiogram.run(name, frames, rate, size, 0.105 * 256 / size).astype(np.float64)
    # A gain of its own and a detector with more bits than the fixture's.
    bits = (10, 12, 14)[index % 3]
    values = values * ((1 << bits) - 1) / 1023.0 * float(random.uniform(0.85, 1.0))
    ds = angiography.run(np.zeros((frames, size, size), np.uint16), rate, 0.28)
    ds.file_meta = _meta()
    ds.SamplesPerPixel, ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 1, 16, bits, bits - 1, 0
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.NumberOfFrames = frames
    put_values(ds, values)
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.PatientName, ds.PatientID = f"Probe^Run{index}", "P" + new_uid(name)[-9:]
    ds.PatientBirthDate, ds.PatientSex = "19510302", "M"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID = (new_uid(f"{part} {name}") for part in ("study", "series", "instance"))
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = EXAM_DAY
    ds.StudyTime, ds.SeriesTime, ds.AcquisitionTime, ds.ContentTime = "140000", "140500", "140610", "140615"
    ds.StudyDescription, ds.SeriesDescription, ds.Modality = DESCRIPTION, "DSA " + str(rate) + " F/S", "XA"
    ds.SeriesNumber, ds.InstanceNumber, ds.BodyPartExamined = 1, 1, "LEG"
    ds.Manufacturer, ds.StationName = "Invented", f"ANGIO_{index % 3 + 1}"
    ds.WindowCenter, ds.WindowWidth = 1 << (bits - 1), 1 << bits
    return Base("xa-" + name, "XA", "physics", [ds], {"run", "mask"}, count=1)


def shifted(frames, pixels, first=2):
    """The patient moves by `pixels` (rows, columns) from frame `first` on."""
    moved = frames.astype(np.float64).copy()
    for k in range(first, len(moved)):
        moved[k] = ndimage.shift(moved[k], pixels, order=1, mode="nearest")
    return moved


__all__ = ["base", "shifted", "DESCRIPTION", "EXPLICIT", "Tag"]
