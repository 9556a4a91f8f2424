"""A case in the making: the images of a base, shared until one is changed, and what priord must say of them."""

import copy
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pydicom
from pydicom import uid
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset

EXPLICIT = uid.ExplicitVRLittleEndian


def new_uid(name: str) -> str:
    """A UID under 2.25 from SHA-256 of `name`, so that every run makes the same ones."""
    return "2.25." + str(int.from_bytes(hashlib.sha256(("priord cases/" + name).encode()).digest()[:16], "big"))


def generator(name: str) -> np.random.Generator:
    digest = hashlib.sha256(("priord cases/" + name).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[16:24], "big")))


def stored_values(ds) -> np.ndarray:
    """[frames ×] rows × columns of an uncompressed little endian gray image, as int32 with high bits put right."""
    frames = int(ds.get("NumberOfFrames") or 1)
    kind = "<i" if ds.PixelRepresentation else "<u"
    array = np.frombuffer(ds.PixelData, kind + str(ds.BitsAllocated // 8), frames * ds.Rows * ds.Columns)
    values = array.reshape(((frames,) if frames > 1 else ()) + (ds.Rows, ds.Columns)).astype(np.int32)
    return values


def value_range(ds):
    bits = int(ds.BitsStored)
    return (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if ds.PixelRepresentation else (0, (1 << bits) - 1)


def put_values(ds, values):
    """Sets Pixel Data, rounded and kept within Bits Stored."""
    low, high = value_range(ds)
    whole = np.clip(np.rint(values), low, high).astype(("<i" if ds.PixelRepresentation else "<u") + str(ds.BitsAllocated // 8))
    data = whole.tobytes()
    ds.PixelData = data + b"\0" * (len(data) % 2)
    ds.Rows, ds.Columns = whole.shape[-2:]
    ds["PixelData"].VR = "OW" if ds.BitsAllocated > 8 else "OB"


def rescaled(ds, values):
    return values * float(ds.get("RescaleSlope", 1) or 1) + float(ds.get("RescaleIntercept", 0) or 0)


def unrescaled(ds, values):
    return (values - float(ds.get("RescaleIntercept", 0) or 0)) / float(ds.get("RescaleSlope", 1) or 1)


def duplicate(ds) -> Dataset:
    """A data set that can be changed without changing `ds`; long values, which nobody changes in place, are shared."""
    twin = Dataset()
    twin._dict = {tag: _own(element) for tag, element in ds._dict.items()}
    twin.file_meta = copy.deepcopy(ds.file_meta)
    twin.set_original_encoding(*ds.original_encoding, ds.original_character_set)
    return twin


def _own(element):
    if isinstance(element, RawDataElement):
        return element
    if element.VR == "SQ":
        return copy.deepcopy(element)
    value = element.value if isinstance(element.value, (bytes, str, int, float)) else copy.deepcopy(element.value)
    own = DataElement(element.tag, element.VR, value, already_converted=True)
    own.is_undefined_length = element.is_undefined_length
    return own


def write(ds, path, syntax=None):
    """Writes a Part-10 file; `syntax` None keeps the one in the meta group."""
    path = Path(path)
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax or ds.file_meta.TransferSyntaxUID
    meta.MediaStorageSOPClassUID = ds.SOPClassUID
    meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    meta.ImplementationClassUID = new_uid("implementation")
    ds.file_meta = meta
    if not meta.TransferSyntaxUID.is_little_endian:
        # Every element has to be a parsed one before it can be written the other way round.
        for _ in ds.iterall():
            pass
        ds.set_original_encoding(False, False, ds.original_character_set)
    ds.save_as(path, enforce_file_format=True, overwrite=True)


@dataclass
class Base:
    """One clean study from which cases are made.

    `kind` is CT, MR, DX or XA. `tags` say what may be done with it, e.g. "stack" (slices whose positions make a stack),
    "air" (CT with air around the body), "region:chest".
    """

    name: str
    kind: str
    origin: str
    images: list = field(default_factory=list)
    tags: set = field(default_factory=set)
    item: str | None = None
    held_out: bool = False
    # Study Descriptions by which an item of that nature is matched, e.g. {"thin": "…"}.
    words: dict = field(default_factory=dict)
    folder: Path | None = None
    # How many images it has, known before they are read.
    count: int = 0
    # Reads the images, and the headers alone; None when they are in `images` already.
    load: Callable | None = None
    load_headers: Callable | None = None

    def lay(self, root: Path, headers_only=False):
        """Reads the images and writes them as files once; cases link to them."""
        if headers_only and self.load_headers is not None:
            self.images = self.load_headers()
        elif self.load is not None:
            self.images = self.load()
        self.folder = root / self.name
        self.folder.mkdir(parents=True, exist_ok=True)
        for index, ds in enumerate(self.images):
            write(ds, self.folder / f"{index:04d}.dcm", EXPLICIT)
        # Read again, so that the elements of a case that nobody changes are copied as the bytes they are.
        self.images = [pydicom.dcmread(self.folder / f"{index:04d}.dcm") for index in range(len(self.images))]


class Image:
    """One image of a draft. `ds` is shared with the base and only for reading; `edit()` gives a copy of its own."""

    def __init__(self, ds, source: Path | None = None):
        self.ds, self.source = ds, source

    def edit(self) -> Dataset:
        if self.source is not None:
            self.ds, self.source = duplicate(self.ds), None
        return self.ds

    @property
    def values(self):
        return stored_values(self.ds)

    @property
    def z(self):
        """Position along the stack's normal, mm."""
        row, column = np.array(self.ds.ImageOrientationPatient[:3], float), np.array(self.ds.ImageOrientationPatient[3:], float)
        return float(np.dot(np.cross(row, column), np.array(self.ds.ImagePositionPatient, float)))


@dataclass
class Expectation:
    """What must be raised: any of `rules`; `part` is completeness or quality; None of it for a control."""

    part: str
    rules: tuple
    level: str
    # Completeness: how many slices, frames or instances are missing, where it can be said.
    missing: int | None = None
    # Whether evidence of that rule suffices, whatever the study's verdict.
    evidence_only: bool = False


class Draft:
    """The images of one case."""

    def __init__(self, base: Base, name: str):
        self.base, self.name = base, name
        self.images = [Image(ds, base.folder / f"{i:04d}.dcm") for i, ds in enumerate(base.images)]
        self.random = generator(name)
        self.syntax = EXPLICIT
        # Bytes that stand in for a data set that pydicom would not write.
        self.raw = {}

    def drop(self, indices):
        gone = set(indices)
        self.images = [image for i, image in enumerate(self.images) if i not in gone]

    def add(self, ds):
        self.images.append(Image(ds))
        return ds

    def copy_of(self, image: Image, name: str) -> Dataset:
        """Another instance like `image`, with a UID of its own, added to the draft."""
        twin = Image(image.ds, Path("."))
        ds = twin.edit()
        ds.SOPInstanceUID = new_uid(f"{self.name} {name}")
        self.images.append(Image(ds))
        return ds

    def describe(self, text: str):
        """Another Study Description in every image."""
        for image in self.images:
            image.edit().StudyDescription = text

    def set(self, **attributes):
        for image in self.images:
            ds = image.edit()
            for keyword, value in attributes.items():
                if value is None:
                    if keyword in ds:
                        del ds[keyword]
                else:
                    setattr(ds, keyword, value)

    def stack(self):
        """Images of the largest series with positions, in spatial order."""
        groups = {}
        for image in self.images:
            if "ImagePositionPatient" in image.ds and "ImageOrientationPatient" in image.ds and "LOCALIZER" not in (image.ds.get("ImageType") or []):
                groups.setdefault(image.ds.SeriesInstanceUID, []).append(image)
        if not groups:
            return []
        return sorted(max(groups.values(), key=len), key=lambda image: image.z)

    def renumber(self, images, start=1, step=1):
        for k, image in enumerate(images):
            image.edit().InstanceNumber = start + step * k

    def write(self, folder: Path, headers_only=False):
        """Links what is as in the base and writes the rest; without pixels where nobody will look at them."""
        folder.mkdir(parents=True, exist_ok=True)
        for index, image in enumerate(self.images):
            path = folder / f"{index:04d}.dcm"
            if headers_only and image.source is None and "PixelData" in image.ds:
                del image.ds.PixelData
            if image.source is not None and self.syntax == EXPLICIT:
                if path.exists():
                    path.unlink()
                os.link(image.source, path)
            elif index in self.raw:
                path.write_bytes(self.raw[index])
            else:
                write(image.ds, path, image.ds.file_meta.TransferSyntaxUID)
