"""Digital X-Ray Image Storage - For Presentation (PS3.3 A.26), Computed Radiography Image Storage (A.2)
and Digital Mammography X-Ray Image Storage - For Presentation (A.27)."""

from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from .common import coded, code, image

_DETECTOR = dict(
    DetectorType="DIRECT", DetectorConfiguration="AREA", DetectorID="DET-01", DetectorActiveShape="RECTANGLE"
)


def digital(
    pixels, region, view, orientation, laterality="U", spacing_mm=0.66, window=None, bits=12, exposure_index=400
):
    """One DX image. `view` is the ViewPosition; `orientation` what row and column point to, e.g. ["L", "F"]."""
    high = (1 << bits) - 1
    dataset = image(
        uid.DigitalXRayImageStorageForPresentation,
        ["ORIGINAL", "PRIMARY", ""],
        PresentationIntentType="FOR PRESENTATION",
        BitsStored=bits,
        PixelIntensityRelationship="LOG",
        PixelIntensityRelationshipSign=-1,
        RescaleIntercept=0,
        RescaleSlope=1,
        RescaleType="US",
        PresentationLUTShape="IDENTITY",
        LossyImageCompression="00",
        WindowCenter=window[0] if window else (high + 1) // 2,
        WindowWidth=window[1] if window else high + 1,
        PatientOrientation=orientation,
        ImageLaterality=laterality,
        AnatomicRegionSequence=coded(region) if region else Sequence(),
        AcquisitionContextSequence=Sequence(),
        ImagerPixelSpacing=[spacing_mm, spacing_mm],
        FieldOfViewShape="RECTANGLE",
        FieldOfViewDimensions=[round(pixels.shape[0] * spacing_mm), round(pixels.shape[1] * spacing_mm)],
        PositionerType="NONE",
        KVP=125 if region == "chest" else 60,
        ExposureTime=6,
        XRayTubeCurrent=320,
        Exposure=2,
        DistanceSourceToDetector=1800 if region == "chest" else 1150,
        ExposureIndex=str(exposure_index),
        TargetExposureIndex="400",
        DeviationIndex="0" if exposure_index == 400 else "-0.3",
        CollimatorShape="RECTANGULAR",
        CollimatorLeftVerticalEdge=14,
        CollimatorRightVerticalEdge=pixels.shape[1] - 12,
        CollimatorUpperHorizontalEdge=14,
        CollimatorLowerHorizontalEdge=pixels.shape[0] - 12,
        **_DETECTOR,
    )
    if view:
        dataset.ViewPosition = view
    if region == "chest":
        dataset.PatientOrientationCodeSequence = _erect()
    return dataset


def _erect():
    """Patient Orientation Code (PS3.16 CID 19)."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "10904000", "SCT", "erect"
    return Sequence([item])


def computed(pixels, body_part, view, orientation):
    """One CR image whose side is not said anywhere."""
    return image(
        uid.ComputedRadiographyImageStorage,
        ["ORIGINAL", "PRIMARY"],
        ViewPosition=view,
        PatientOrientation=orientation,
        KVP=60,
        PlateID="P-0007",
        ImagerPixelSpacing=[0.5, 0.5],
        WindowCenter=1800,
        WindowWidth=3400,
    )


def mammogram(pixels, projection, laterality="R"):
    """One MG image; `projection` is CC or MLO."""
    view = code(projection)
    view.ViewModifierCodeSequence = Sequence()
    orientation = {"CC": ["P", "L"], "MLO": ["P", "FL"]}[projection]
    return image(
        uid.DigitalMammographyXRayImageStorageForPresentation,
        ["ORIGINAL", "PRIMARY", ""],
        PresentationIntentType="FOR PRESENTATION",
        BitsStored=12,
        PixelIntensityRelationship="LOG",
        PixelIntensityRelationshipSign=-1,
        RescaleIntercept=0,
        RescaleSlope=1,
        RescaleType="US",
        PresentationLUTShape="IDENTITY",
        LossyImageCompression="00",
        WindowCenter=1700,
        WindowWidth=3000,
        PatientOrientation=orientation,
        ImageLaterality=laterality,
        AnatomicRegionSequence=coded("breast"),
        ViewCodeSequence=Sequence([view]),
        ViewPosition=projection,
        OrganExposed="BREAST",
        BreastImplantPresent="NO",
        PartialView="NO",
        AcquisitionContextSequence=Sequence(),
        ImagerPixelSpacing=[0.35, 0.35],
        PositionerType="MAMMOGRAPHIC",
        PositionerPrimaryAngle=0 if projection == "CC" else 45,
        KVP=29,
        AnodeTargetMaterial="TUNGSTEN",
        FilterMaterial="RHODIUM",
        CompressionForce=110,
        BodyPartThickness=52,
        **_DETECTOR,
    )
