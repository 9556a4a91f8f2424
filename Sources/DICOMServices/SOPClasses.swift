internal import DICOMNetwork
internal import Delivery

/// SOP Classes that priord names (PS3.4 B.5, C.6; PS3.6 A).
enum SOPClasses {
    static let verification = "1.2.840.10008.1.1"
    static let patientRootFind = "1.2.840.10008.5.1.4.1.2.1.1"
    static let studyRootFind = "1.2.840.10008.5.1.4.1.2.2.1"
    static let patientRootMove = "1.2.840.10008.5.1.4.1.2.1.2"
    static let patientRootGet = "1.2.840.10008.5.1.4.1.2.1.3"
    static let studyRootMove = "1.2.840.10008.5.1.4.1.2.2.2"
    static let studyRootGet = "1.2.840.10008.5.1.4.1.2.2.3"
    /// Retired.
    static let patientStudyOnlyFind = "1.2.840.10008.5.1.4.1.2.3.1"
    static let performedStep = "1.2.840.10008.3.1.2.3.3"

    /// Those that are served by name, in the order of the conformance statement.
    static let served: [(uid: String, service: AssociationPolicy.Service)] = [
        (verification, .verification),
        (patientRootFind, .find(.patientRoot)), (studyRootFind, .find(.studyRoot)),
        (patientStudyOnlyFind, .find(.patientStudyOnly)),
        (patientRootGet, .get(.patientRoot)), (studyRootGet, .get(.studyRoot)),
        (patientRootMove, .move(.patientRoot)), (studyRootMove, .move(.studyRoot)),
        (performedStep, .performedStep), (StorageCommitment.sopClassUID, .storageCommitment),
    ]

    /// Storage SOP Classes that Debian 12's DCMTK 3.6.7 does not list yet, as DCMTK 3.7.0 does.
    static let newerStorage: Set = [
        "1.2.840.10008.5.1.4.1.1.6.3",  // Photoacoustic Image
        "1.2.840.10008.5.1.4.1.1.9.1.4",  // General 32-bit ECG Waveform
        "1.2.840.10008.5.1.4.1.1.9.100.1",  // Waveform Presentation State
        "1.2.840.10008.5.1.4.1.1.9.100.2",  // Waveform Acquisition Presentation State
        "1.2.840.10008.5.1.4.1.1.11.12",  // Variable Modality LUT Softcopy Presentation State
        "1.2.840.10008.5.1.4.1.1.66.7",  // Label Map Segmentation
        "1.2.840.10008.5.1.4.1.1.66.8",  // Height Map Segmentation
        "1.2.840.10008.5.1.4.1.1.77.1.8",  // Confocal Microscopy Image
        "1.2.840.10008.5.1.4.1.1.77.1.9",  // Confocal Microscopy Tiled Pyramidal Image
        "1.2.840.10008.5.1.4.1.1.88.70",  // Implantation Plan SR
        "1.2.840.10008.5.1.4.1.1.88.77",  // Waveform Annotation SR
        "1.2.840.10008.5.1.4.1.1.481.23",  // Enhanced RT Image
        "1.2.840.10008.5.1.4.1.1.481.24",  // Enhanced Continuous RT Image
        "1.2.840.10008.5.1.4.1.1.481.25",  // RT Patient Position Acquisition Instruction
    ]
}
