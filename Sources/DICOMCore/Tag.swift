/// Identifies an Attribute: group and element number (PS3.5 7.1).
///
/// Every tag priord reads is named once, in ``Tag`` extensions; nothing else spells a number.
public struct Tag: Hashable, Sendable, Comparable {
    public let group: UInt16
    public let element: UInt16

    public init(_ group: UInt16, _ element: UInt16) {
        self.group = group
        self.element = element
    }

    public static func < (left: Tag, right: Tag) -> Bool {
        (left.group, left.element) < (right.group, right.element)
    }
}

extension Tag: CustomStringConvertible {
    /// As the standard prints it: `(0020,000D)`.
    public var description: String {
        "(\(Tag.hex(group)),\(Tag.hex(element)))"
    }

    private static func hex(_ number: UInt16) -> String {
        let digits = String(number, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}

/// The Attributes priord reads, by their keyword in PS3.6.
extension Tag {
    // File meta information (PS3.10 7.1)
    public static let mediaStorageSOPClassUID = Tag(0x0002, 0x0002)
    public static let mediaStorageSOPInstanceUID = Tag(0x0002, 0x0003)
    public static let transferSyntaxUID = Tag(0x0002, 0x0010)

    // SOP Common
    public static let specificCharacterSet = Tag(0x0008, 0x0005)
    public static let imageType = Tag(0x0008, 0x0008)
    public static let sopClassUID = Tag(0x0008, 0x0016)
    public static let sopInstanceUID = Tag(0x0008, 0x0018)
    public static let timezoneOffsetFromUTC = Tag(0x0008, 0x0201)

    // Study
    public static let studyDate = Tag(0x0008, 0x0020)
    public static let studyTime = Tag(0x0008, 0x0030)
    public static let accessionNumber = Tag(0x0008, 0x0050)
    public static let queryRetrieveLevel = Tag(0x0008, 0x0052)
    public static let retrieveAETitle = Tag(0x0008, 0x0054)
    public static let modality = Tag(0x0008, 0x0060)
    public static let modalitiesInStudy = Tag(0x0008, 0x0061)
    public static let conversionType = Tag(0x0008, 0x0064)
    public static let presentationIntentType = Tag(0x0008, 0x0068)
    public static let institutionName = Tag(0x0008, 0x0080)
    public static let referringPhysicianName = Tag(0x0008, 0x0090)
    public static let stationName = Tag(0x0008, 0x1010)
    public static let studyDescription = Tag(0x0008, 0x1030)
    public static let procedureCodeSequence = Tag(0x0008, 0x1032)
    public static let seriesDescription = Tag(0x0008, 0x103E)
    public static let codeValue = Tag(0x0008, 0x0100)
    public static let codeMeaning = Tag(0x0008, 0x0104)
    public static let anatomicRegionSequence = Tag(0x0008, 0x2218)
    public static let viewCodeSequence = Tag(0x0054, 0x0220)

    // Patient
    public static let patientName = Tag(0x0010, 0x0010)
    public static let patientID = Tag(0x0010, 0x0020)
    public static let issuerOfPatientID = Tag(0x0010, 0x0021)
    public static let patientBirthDate = Tag(0x0010, 0x0030)
    public static let patientSex = Tag(0x0010, 0x0040)

    // Acquisition
    public static let contrastBolusAgent = Tag(0x0018, 0x0010)
    public static let contrastBolusAgentSequence = Tag(0x0018, 0x0012)
    public static let bodyPartExamined = Tag(0x0018, 0x0015)
    public static let protocolName = Tag(0x0018, 0x1030)
    public static let acquisitionDeviceProcessingDescription = Tag(0x0018, 0x1400)
    public static let patientPosition = Tag(0x0018, 0x5100)
    public static let viewPosition = Tag(0x0018, 0x5101)

    // Relationship
    public static let studyInstanceUID = Tag(0x0020, 0x000D)
    public static let seriesInstanceUID = Tag(0x0020, 0x000E)
    public static let studyID = Tag(0x0020, 0x0010)
    public static let seriesNumber = Tag(0x0020, 0x0011)
    public static let acquisitionNumber = Tag(0x0020, 0x0012)
    public static let instanceNumber = Tag(0x0020, 0x0013)
    public static let imagePositionPatient = Tag(0x0020, 0x0032)
    public static let patientOrientation = Tag(0x0020, 0x0020)
    public static let imageOrientationPatient = Tag(0x0020, 0x0037)
    public static let laterality = Tag(0x0020, 0x0060)
    public static let imageLaterality = Tag(0x0020, 0x0062)
    public static let imagesInAcquisition = Tag(0x0020, 0x1002)
    public static let numberOfStudyRelatedSeries = Tag(0x0020, 0x1206)
    public static let numberOfStudyRelatedInstances = Tag(0x0020, 0x1208)
    public static let numberOfSeriesRelatedInstances = Tag(0x0020, 0x1209)

    // Image Pixel
    public static let samplesPerPixel = Tag(0x0028, 0x0002)
    public static let photometricInterpretation = Tag(0x0028, 0x0004)
    public static let numberOfFrames = Tag(0x0028, 0x0008)
    public static let rows = Tag(0x0028, 0x0010)
    public static let columns = Tag(0x0028, 0x0011)
    public static let bitsAllocated = Tag(0x0028, 0x0100)
    public static let bitsStored = Tag(0x0028, 0x0101)
    public static let highBit = Tag(0x0028, 0x0102)
    public static let pixelRepresentation = Tag(0x0028, 0x0103)
    public static let pixelPaddingValue = Tag(0x0028, 0x0120)
    public static let pixelPaddingRangeLimit = Tag(0x0028, 0x0121)
    public static let pixelData = Tag(0x7FE0, 0x0010)

    // Procedure step
    public static let requestAttributesSequence = Tag(0x0040, 0x0275)
    public static let requestedProcedureDescription = Tag(0x0032, 0x1060)
    public static let requestedProcedureCodeSequence = Tag(0x0032, 0x1064)
}
