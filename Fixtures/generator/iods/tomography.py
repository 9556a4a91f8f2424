"""CT Image Storage (PS3.3 A.3) and MR Image Storage (A.4)."""

from pydicom import uid

from .common import image, put_plane


def ct(position, spacing, thickness, window, kernel, image_type="AXIAL", ctdi=8.0):
    """One CT slice; positions in mm. Rescale Intercept -1024: stored 0 is -1024 HU."""
    dataset = image(
        uid.CTImageStorage,
        ["ORIGINAL", "PRIMARY", image_type],
        BitsStored=12,
        RescaleIntercept=-1024,
        RescaleSlope=1,
        RescaleType="HU",
        WindowCenter=window[0],
        WindowWidth=window[1],
        KVP=120,
        XRayTubeCurrent=180,
        ExposureTime=500,
        ConvolutionKernel=kernel,
        GantryDetectorTilt=0,
        TableHeight=150,
        RotationDirection="CW",
        FilterType="BODY",
        CTDIvol=ctdi,
        AcquisitionNumber=1,
        PositionReferenceIndicator="",
    )
    put_plane(dataset, "axial", position, spacing, thickness)
    dataset.SpacingBetweenSlices = thickness
    return dataset


# Scanning Sequence, Sequence Variant, repetition, echo and inversion time in ms.
_SEQUENCES = {
    "T1": ("SE", "SK", 480, 9, None),
    "T2": ("SE", "SK", 4200, 96, None),
    "FLAIR": (["SE", "IR"], "SK", 8500, 110, 2400),
    "DWI": ("EP", "SK", 4600, 78, None),
}


def mr(contrast, orientation, position, spacing, thickness, window, b_value=None, adc=False):
    """One MR slice; `contrast` is T1, T2, FLAIR or DWI; positions in mm, b-value in s/mm²."""
    scanning, variant, repetition, echo, inversion = _SEQUENCES[contrast]
    kind = (
        ["DERIVED", "PRIMARY", "ADC"] if adc else ["ORIGINAL", "PRIMARY", "DIFFUSION" if contrast == "DWI" else "OTHER"]
    )
    dataset = image(
        uid.MRImageStorage,
        kind,
        BitsStored=12,
        ScanningSequence=scanning,
        SequenceVariant=variant,
        ScanOptions="",
        MRAcquisitionType="2D",
        RepetitionTime=repetition,
        EchoTime=echo,
        EchoTrainLength=1 if contrast == "T1" else 16,
        MagneticFieldStrength=3,
        ImagedNucleus="1H",
        FlipAngle=90,
        WindowCenter=window[0],
        WindowWidth=window[1],
        AcquisitionNumber=1,
        PositionReferenceIndicator="",
    )
    if inversion:
        dataset.InversionTime = inversion
    if b_value is not None:
        dataset.DiffusionBValue = float(b_value)
        dataset.DiffusionDirectionality = "ISOTROPIC" if b_value else "NONE"
    if adc:
        dataset.DerivationDescription = "ADC from b=0 and b=1000 s/mm2"
        dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = 0, 1, "US"
    put_plane(dataset, orientation, position, spacing, thickness)
    dataset.SpacingBetweenSlices = thickness * 1.2
    return dataset
