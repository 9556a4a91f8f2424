"""Puts a study together: patient, study, series and equipment around the images of its content."""

from pydicom.dataset import Dataset

from . import iso2022
from .identifiers import uid
from .people import IR_58
from .study import Series, Study
from .syntaxes import put_pixels

# Fixed names of machines; two serial numbers a hospital and modality would be too many to read.
_MODELS = {"DX": "Lumen DR 3", "CR": "Lumen CR 1", "CT": "Ring 64", "MR": "Field 3T", "XA": "Arc V", "MG": "Lumen M 2"}


def data_sets(study: Study):
    """Yields (path below the study's folder, data set) with pixels in the study's Transfer Syntax."""
    for series_number, series in enumerate(study.content(study), 1):
        numbers = series.numbers or range(1, len(series.images) + 1)
        for number, (attributes, pixels) in zip(numbers, series.images):
            dataset = Dataset()
            dataset.update(attributes)
            _patient(dataset, study)
            _study(dataset, study)
            _series(dataset, study, series, series_number)
            _instance(dataset, study, series_number, number)
            put_pixels(dataset, pixels, study.syntax)
            if study.kept_pixel_fraction < 1:
                rows = int(dataset.Rows * study.kept_pixel_fraction)
                dataset["PixelData"].value = dataset.PixelData[: rows * dataset.Columns * dataset.BitsAllocated // 8]
            if study.institution.character_set is IR_58:
                iso2022.put_text(dataset)
            yield f"{series_number}-{number:03d}.dcm", dataset


def _patient(dataset, study):
    person = study.person
    dataset.SpecificCharacterSet = study.institution.character_set
    dataset.PatientName = person.name
    dataset.PatientID = person.patient_id
    dataset.IssuerOfPatientID = person.issuer
    dataset.PatientBirthDate = person.birth_date
    dataset.PatientSex = person.sex


def _study(dataset, study):
    number = study.folder.split("-")[0]
    dataset.StudyInstanceUID = study.uid
    dataset.StudyDate, dataset.StudyTime = study.date, study.time
    dataset.TimezoneOffsetFromUTC = study.institution.timezone
    dataset.AccessionNumber = f"{study.institution.key[:3].upper()}{study.date[2:]}{number}"
    dataset.StudyID = f"S{number}"
    dataset.StudyDescription = study.description
    dataset.ReferringPhysicianName = ""
    if study.announced is not None:
        dataset.NumberOfStudyRelatedInstances = study.announced


def _series(dataset, study, series: Series, series_number):
    dataset.Modality = series.modality
    dataset.SeriesInstanceUID = uid(f"series {study.folder} {series_number}")
    dataset.SeriesNumber = series_number
    dataset.SeriesDate, dataset.SeriesTime = study.date, _later(study.time, 60 * series_number)
    if series.description:
        dataset.SeriesDescription = series.description
    if series.body_part:
        dataset.BodyPartExamined = series.body_part
    if series.protocol:
        dataset.ProtocolName = series.protocol
    if series.laterality is not None:
        dataset.Laterality = series.laterality
    if series.patient_position:
        dataset.PatientPosition = series.patient_position
        dataset.FrameOfReferenceUID = uid("frame of reference " + study.folder)
    if series.announced is not None:
        dataset.NumberOfSeriesRelatedInstances = series.announced
    if series.announced_in_acquisition is not None:
        dataset.ImagesInAcquisition = series.announced_in_acquisition
    dataset.Manufacturer = "Invented"
    dataset.ManufacturerModelName = _MODELS.get(series.modality, "Desk 1")
    dataset.InstitutionName = study.institution.name
    dataset.StationName = f"{study.institution.key.upper()}_{series.modality}1"
    dataset.DeviceSerialNumber = f"{study.institution.key[:2].upper()}-{series.modality}-0001"
    dataset.SoftwareVersions = "1.0"


def _instance(dataset, study, series_number, number):
    dataset.SOPInstanceUID = uid(f"instance {study.folder} {series_number} {number}")
    dataset.InstanceNumber = number
    moment = _later(study.time, 60 * series_number + number)
    dataset.ContentDate, dataset.ContentTime = study.date, moment
    dataset.AcquisitionDate, dataset.AcquisitionTime = study.date, moment


def _later(time, seconds):
    """HHMMSS plus seconds, within one day."""
    total = int(time[:2]) * 3600 + int(time[2:4]) * 60 + int(time[4:6]) + seconds
    return f"{total // 3600:02d}{total // 60 % 60:02d}{total % 60:02d}"
