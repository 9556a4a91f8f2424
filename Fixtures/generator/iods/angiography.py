"""X-Ray Angiographic Image Storage (PS3.3 A.14), a multi-frame run with its mask."""

from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from .common import image


def run(frames, frames_per_second, spacing_mm):
    """`frames` is the run's pixel array; frame 1 is the mask of all others."""
    mask = Dataset()
    mask.MaskOperation = "AVG_SUB"
    mask.ApplicableFrameRange = [2, len(frames)]
    mask.MaskFrameNumbers = 1
    return image(
        uid.XRayAngiographicImageStorage,
        ["ORIGINAL", "PRIMARY", "SINGLE PLANE"],
        BitsStored=10,
        NumberOfFrames=len(frames),
        FrameIncrementPointer=Tag("FrameTime"),
        FrameTime=1000 // frames_per_second,
        CineRate=frames_per_second,
        RecommendedDisplayFrameRate=frames_per_second,
        PixelIntensityRelationship="LIN",
        LossyImageCompression="00",
        MaskSubtractionSequence=Sequence([mask]),
        RecommendedViewingMode="SUB",
        KVP=75,
        XRayTubeCurrent=400,
        ExposureTime=60,
        RadiationSetting="GR",
        RadiationMode="PULSED",
        IntensifierSize=280,
        ImagerPixelSpacing=[spacing_mm, spacing_mm],
        DistanceSourceToDetector=1100,
        PositionerMotion="STATIC",
        PositionerPrimaryAngle=0,
        PositionerSecondaryAngle=0,
        TableMotion="STATIC",
        ContrastBolusAgent="Iodixanol 320",
        ContrastBolusIngredient="IODINE",
        PatientOrientation=["L", "F"],
        AcquisitionNumber=1,
        WindowCenter=512,
        WindowWidth=1024,
    )
