"""What several SOP Classes share: coded anatomy, an image plane, contrast."""

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

# SNOMED CT codes of the Context Groups of PS3.16 (CID 4009, 4010, 4014).
_CODES = {
    "chest": ("51185008", "Chest"),
    "knee": ("72696002", "Knee"),
    "breast": ("76752008", "Breast"),
    "CC": ("399162004", "cranio-caudal"),
    "MLO": ("399368009", "medio-lateral oblique"),
}


def code(meaning) -> Dataset:
    """A code item by our short name."""
    item = Dataset()
    item.CodeValue, item.CodeMeaning = _CODES[meaning]
    item.CodingSchemeDesignator = "SCT"
    return item


def coded(*meanings) -> Sequence:
    return Sequence([code(m) for m in meanings])


def image(sop_class, image_type, **attributes) -> Dataset:
    """A data set with the General Image attributes everything has."""
    dataset = Dataset()
    dataset.SOPClassUID = sop_class
    dataset.ImageType = image_type
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BurnedInAnnotation = "NO"
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def put_plane(dataset, orientation, position, spacing, thickness):
    """Image Plane (PS3.3 C.7.6.2), in mm. `orientation` is "axial" or "sagittal"."""
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0] if orientation == "axial" else [0, 1, 0, 0, 0, -1]
    dataset.ImagePositionPatient = [round(p, 3) for p in position]
    dataset.PixelSpacing = [round(spacing, 6), round(spacing, 6)]
    dataset.SliceThickness = thickness
    dataset.SliceLocation = round(position[2] if orientation == "axial" else position[0], 3)


def put_contrast(dataset, agent, volume_ml):
    """Contrast/Bolus (PS3.3 C.7.6.4)."""
    dataset.ContrastBolusAgent = agent
    dataset.ContrastBolusRoute = "IV"
    dataset.ContrastBolusVolume = volume_ml
    dataset.ContrastBolusIngredient = "IODINE"
