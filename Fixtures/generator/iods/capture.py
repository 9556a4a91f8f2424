"""Secondary Capture Image Storage (PS3.3 A.8.1)."""

from pydicom import uid

from .common import image


def screenshot(date, time):
    """One picture of a workstation's screen."""
    return image(
        uid.SecondaryCaptureImageStorage,
        ["DERIVED", "SECONDARY"],
        ConversionType="WSD",
        SecondaryCaptureDeviceManufacturer="Invented",
        DateOfSecondaryCapture=date,
        TimeOfSecondaryCapture=time,
        PatientOrientation="",
        BitsStored=8,
    )
