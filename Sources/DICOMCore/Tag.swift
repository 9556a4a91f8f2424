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

    public static func < (left: Tag, right: Tag) -> Bool { left.number < right.number }

    /// Data Sets are dictionaries of tags: hashing one number is quicker than two.
    public func hash(into hasher: inout Hasher) { hasher.combine(number) }

    private var number: UInt32 { UInt32(group) << 16 | UInt32(element) }
}

extension Tag: CustomStringConvertible {
    /// As the standard prints it: `(0020,000D)`.
    public var description: String {
        "(\(Tag.hex(group)),\(Tag.hex(element)))"
    }

    /// From ``description``, as a value of VR AT is printed.
    public init?(written text: String) {
        let digits = text.trimmingPrefix("(").split(separator: ",")
        guard digits.count == 2, digits[0].count == 4, digits[1].prefix(4).count == 4,
            let group = UInt16(digits[0], radix: 16),
            let element = UInt16(digits[1].prefix(4), radix: 16)
        else { return nil }
        self.init(group, element)
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
    public static let referencedSOPClassUID = Tag(0x0008, 0x1150)
    public static let referencedSOPInstanceUID = Tag(0x0008, 0x1155)
    public static let transactionUID = Tag(0x0008, 0x1195)
    public static let failureReason = Tag(0x0008, 0x1197)
    public static let failedSOPInstanceUIDList = Tag(0x0008, 0x0058)
    public static let failedSOPSequence = Tag(0x0008, 0x1198)
    public static let referencedSOPSequence = Tag(0x0008, 0x1199)
    public static let otherFailuresSequence = Tag(0x0008, 0x119A)
    public static let retrieveURL = Tag(0x0008, 0x1190)
    public static let availableTransferSyntaxUID = Tag(0x0008, 0x3002)
    public static let referencedImageSequence = Tag(0x0008, 0x1140)
    public static let sourceImageSequence = Tag(0x0008, 0x2112)

    // Study
    public static let studyDate = Tag(0x0008, 0x0020)
    public static let studyTime = Tag(0x0008, 0x0030)
    public static let seriesDate = Tag(0x0008, 0x0021)
    public static let acquisitionDate = Tag(0x0008, 0x0022)
    public static let contentDate = Tag(0x0008, 0x0023)
    public static let acquisitionDateTime = Tag(0x0008, 0x002A)
    public static let seriesTime = Tag(0x0008, 0x0031)
    public static let acquisitionTime = Tag(0x0008, 0x0032)
    public static let contentTime = Tag(0x0008, 0x0033)
    public static let accessionNumber = Tag(0x0008, 0x0050)
    public static let queryRetrieveLevel = Tag(0x0008, 0x0052)
    public static let queryRetrieveView = Tag(0x0008, 0x0053)
    public static let retrieveAETitle = Tag(0x0008, 0x0054)
    public static let instanceAvailability = Tag(0x0008, 0x0056)
    public static let modality = Tag(0x0008, 0x0060)
    public static let modalitiesInStudy = Tag(0x0008, 0x0061)
    public static let sopClassesInStudy = Tag(0x0008, 0x0062)
    public static let conversionType = Tag(0x0008, 0x0064)
    public static let presentationIntentType = Tag(0x0008, 0x0068)
    public static let institutionName = Tag(0x0008, 0x0080)
    public static let manufacturer = Tag(0x0008, 0x0070)
    public static let manufacturerModelName = Tag(0x0008, 0x1090)
    public static let referringPhysicianName = Tag(0x0008, 0x0090)
    public static let stationName = Tag(0x0008, 0x1010)
    public static let studyDescription = Tag(0x0008, 0x1030)
    public static let performingPhysicianName = Tag(0x0008, 0x1050)
    public static let operatorsName = Tag(0x0008, 0x1070)
    public static let procedureCodeSequence = Tag(0x0008, 0x1032)
    public static let seriesDescription = Tag(0x0008, 0x103E)
    public static let codeValue = Tag(0x0008, 0x0100)
    public static let codeMeaning = Tag(0x0008, 0x0104)
    public static let anatomicRegionSequence = Tag(0x0008, 0x2218)
    public static let anatomicRegionModifierSequence = Tag(0x0008, 0x2220)
    public static let viewCodeSequence = Tag(0x0054, 0x0220)

    // Patient
    public static let patientName = Tag(0x0010, 0x0010)
    public static let patientID = Tag(0x0010, 0x0020)
    public static let issuerOfPatientID = Tag(0x0010, 0x0021)
    public static let patientBirthDate = Tag(0x0010, 0x0030)
    public static let patientSex = Tag(0x0010, 0x0040)
    public static let otherPatientIDs = Tag(0x0010, 0x1000)
    public static let otherPatientIDsSequence = Tag(0x0010, 0x1002)
    public static let patientBirthTime = Tag(0x0010, 0x0032)
    public static let patientAge = Tag(0x0010, 0x1010)
    public static let patientSize = Tag(0x0010, 0x1020)
    public static let patientSizeCodeSequence = Tag(0x0010, 0x1021)
    public static let patientBodyMassIndex = Tag(0x0010, 0x1022)
    public static let patientWeight = Tag(0x0010, 0x1030)
    public static let patientAddress = Tag(0x0010, 0x1040)
    public static let patientTelephoneNumbers = Tag(0x0010, 0x2154)
    public static let medicalAlerts = Tag(0x0010, 0x2000)
    public static let allergies = Tag(0x0010, 0x2110)
    public static let smokingStatus = Tag(0x0010, 0x21A0)
    public static let occupation = Tag(0x0010, 0x2180)
    public static let additionalPatientHistory = Tag(0x0010, 0x21B0)
    public static let pregnancyStatus = Tag(0x0010, 0x21C0)
    public static let lastMenstrualDate = Tag(0x0010, 0x21D0)

    // Acquisition
    public static let contrastBolusAgent = Tag(0x0018, 0x0010)
    public static let contrastBolusAgentSequence = Tag(0x0018, 0x0012)
    public static let contrastBolusAdministrationRouteSequence = Tag(0x0018, 0x0014)
    public static let bodyPartExamined = Tag(0x0018, 0x0015)
    public static let scanningSequence = Tag(0x0018, 0x0020)
    public static let sequenceVariant = Tag(0x0018, 0x0021)
    public static let scanOptions = Tag(0x0018, 0x0022)
    public static let mrAcquisitionType = Tag(0x0018, 0x0023)
    public static let sequenceName = Tag(0x0018, 0x0024)
    public static let cineRate = Tag(0x0018, 0x0040)
    public static let sliceThickness = Tag(0x0018, 0x0050)
    public static let kvp = Tag(0x0018, 0x0060)
    public static let repetitionTime = Tag(0x0018, 0x0080)
    public static let echoTime = Tag(0x0018, 0x0081)
    public static let inversionTime = Tag(0x0018, 0x0082)
    public static let echoNumbers = Tag(0x0018, 0x0086)
    public static let spacingBetweenSlices = Tag(0x0018, 0x0088)
    public static let deviceSerialNumber = Tag(0x0018, 0x1000)
    public static let contrastBolusRoute = Tag(0x0018, 0x1040)
    public static let triggerTime = Tag(0x0018, 0x1060)
    public static let frameTime = Tag(0x0018, 0x1063)
    public static let frameTimeVector = Tag(0x0018, 0x1065)
    public static let frameDelay = Tag(0x0018, 0x1066)
    public static let cardiacNumberOfImages = Tag(0x0018, 0x1090)
    public static let reconstructionDiameter = Tag(0x0018, 0x1100)
    public static let gantryDetectorTilt = Tag(0x0018, 0x1120)
    public static let exposureTime = Tag(0x0018, 0x1150)
    public static let xRayTubeCurrent = Tag(0x0018, 0x1151)
    public static let exposure = Tag(0x0018, 0x1152)
    public static let imagerPixelSpacing = Tag(0x0018, 0x1164)
    public static let convolutionKernel = Tag(0x0018, 0x1210)
    public static let actualFrameDuration = Tag(0x0018, 0x1242)
    public static let inPlanePhaseEncodingDirection = Tag(0x0018, 0x1312)
    public static let flipAngle = Tag(0x0018, 0x1314)
    public static let relativeXRayExposure = Tag(0x0018, 0x1405)
    public static let exposureIndex = Tag(0x0018, 0x1411)
    public static let targetExposureIndex = Tag(0x0018, 0x1412)
    public static let deviationIndex = Tag(0x0018, 0x1413)
    public static let collimatorShape = Tag(0x0018, 0x1700)
    public static let collimatorLeftVerticalEdge = Tag(0x0018, 0x1702)
    public static let collimatorRightVerticalEdge = Tag(0x0018, 0x1704)
    public static let collimatorUpperHorizontalEdge = Tag(0x0018, 0x1706)
    public static let collimatorLowerHorizontalEdge = Tag(0x0018, 0x1708)
    public static let centerOfCircularCollimator = Tag(0x0018, 0x1710)
    public static let radiusOfCircularCollimator = Tag(0x0018, 0x1712)
    public static let verticesOfThePolygonalCollimator = Tag(0x0018, 0x1720)
    public static let shutterShape = Tag(0x0018, 0x1600)
    public static let shutterLeftVerticalEdge = Tag(0x0018, 0x1602)
    public static let shutterRightVerticalEdge = Tag(0x0018, 0x1604)
    public static let shutterUpperHorizontalEdge = Tag(0x0018, 0x1606)
    public static let shutterLowerHorizontalEdge = Tag(0x0018, 0x1608)
    public static let centerOfCircularShutter = Tag(0x0018, 0x1610)
    public static let radiusOfCircularShutter = Tag(0x0018, 0x1612)
    public static let verticesOfThePolygonalShutter = Tag(0x0018, 0x1620)
    public static let detectorID = Tag(0x0018, 0x700A)
    public static let mrDiffusionSequence = Tag(0x0018, 0x9117)
    public static let diffusionBValue = Tag(0x0018, 0x9087)
    public static let diffusionDirectionality = Tag(0x0018, 0x9075)
    public static let diffusionGradientOrientation = Tag(0x0018, 0x9089)
    public static let effectiveEchoTime = Tag(0x0018, 0x9082)
    public static let nominalCardiacTriggerDelayTime = Tag(0x0020, 0x9153)
    /// Of the makers' own, where they keep a b-value.
    public static let siemensBValueCreator = Tag(0x0019, 0x0010)
    public static let siemensBValue = Tag(0x0019, 0x100C)
    public static let generalElectricBValueCreator = Tag(0x0043, 0x0010)
    public static let generalElectricBValue = Tag(0x0043, 0x1039)
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
    /// Of ACR-NEMA and retired since, like its orientation.
    public static let imagePositionRetired = Tag(0x0020, 0x0030)
    public static let imageOrientationRetired = Tag(0x0020, 0x0035)
    public static let imagePositionPatient = Tag(0x0020, 0x0032)
    public static let frameOfReferenceUID = Tag(0x0020, 0x0052)
    public static let temporalPositionIdentifier = Tag(0x0020, 0x0100)
    public static let numberOfTemporalPositions = Tag(0x0020, 0x0105)
    public static let sliceLocation = Tag(0x0020, 0x1041)
    public static let stackID = Tag(0x0020, 0x9056)
    public static let inStackPositionNumber = Tag(0x0020, 0x9057)
    public static let dimensionIndexValues = Tag(0x0020, 0x9157)
    public static let temporalPositionIndex = Tag(0x0020, 0x9128)
    public static let concatenationUID = Tag(0x0020, 0x9161)
    public static let inConcatenationNumber = Tag(0x0020, 0x9162)
    public static let inConcatenationTotalNumber = Tag(0x0020, 0x9163)
    public static let concatenationFrameOffsetNumber = Tag(0x0020, 0x9228)
    public static let frameAcquisitionNumber = Tag(0x0020, 0x9156)
    public static let frameContentSequence = Tag(0x0020, 0x9111)
    public static let planePositionSequence = Tag(0x0020, 0x9113)
    public static let pixelMeasuresSequence = Tag(0x0028, 0x9110)
    public static let planeOrientationSequence = Tag(0x0020, 0x9116)
    public static let patientOrientation = Tag(0x0020, 0x0020)
    public static let imageOrientationPatient = Tag(0x0020, 0x0037)
    public static let laterality = Tag(0x0020, 0x0060)
    public static let imageLaterality = Tag(0x0020, 0x0062)
    public static let imagesInAcquisition = Tag(0x0020, 0x1002)
    public static let numberOfPatientRelatedStudies = Tag(0x0020, 0x1200)
    public static let numberOfPatientRelatedSeries = Tag(0x0020, 0x1202)
    public static let numberOfPatientRelatedInstances = Tag(0x0020, 0x1204)
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
    public static let frameIncrementPointer = Tag(0x0028, 0x0009)
    public static let planarConfiguration = Tag(0x0028, 0x0006)
    public static let pixelSpacing = Tag(0x0028, 0x0030)
    public static let windowCenter = Tag(0x0028, 0x1050)
    public static let windowWidth = Tag(0x0028, 0x1051)
    public static let rescaleIntercept = Tag(0x0028, 0x1052)
    public static let rescaleSlope = Tag(0x0028, 0x1053)
    public static let rescaleType = Tag(0x0028, 0x1054)
    public static let pixelIntensityRelationship = Tag(0x0028, 0x1040)
    public static let burnedInAnnotation = Tag(0x0028, 0x0301)
    public static let breastImplantPresent = Tag(0x0028, 0x1300)
    public static let lossyImageCompression = Tag(0x0028, 0x2110)
    public static let derivationCodeSequence = Tag(0x0008, 0x9215)
    public static let lossyImageCompressionRatio = Tag(0x0028, 0x2112)
    public static let lossyImageCompressionMethod = Tag(0x0028, 0x2114)
    public static let recommendedViewingMode = Tag(0x0028, 0x1090)
    public static let maskSubtractionSequence = Tag(0x0028, 0x6100)
    public static let maskOperation = Tag(0x0028, 0x6101)
    public static let applicableFrameRange = Tag(0x0028, 0x6102)
    public static let maskFrameNumbers = Tag(0x0028, 0x6110)
    public static let maskSubPixelShift = Tag(0x0028, 0x6114)
    public static let pixelPaddingValue = Tag(0x0028, 0x0120)
    public static let pixelPaddingRangeLimit = Tag(0x0028, 0x0121)
    public static let pixelData = Tag(0x7FE0, 0x0010)

    // Structured report
    /// Whether somebody vouches for it: `VERIFIED` or `UNVERIFIED` (PS3.3 C.17.2).
    public static let verificationFlag = Tag(0x0040, 0xA493)

    // Procedure step
    public static let referencedNonImageSequence = Tag(0x0040, 0x0220)
    public static let performedStationAETitle = Tag(0x0040, 0x0241)
    public static let performedStationName = Tag(0x0040, 0x0242)
    public static let performedStepStartDate = Tag(0x0040, 0x0244)
    public static let performedStepStartTime = Tag(0x0040, 0x0245)
    public static let performedStepEndDate = Tag(0x0040, 0x0250)
    public static let performedStepEndTime = Tag(0x0040, 0x0251)
    public static let performedStepStatus = Tag(0x0040, 0x0252)
    public static let performedStepID = Tag(0x0040, 0x0253)
    public static let scheduledStepAttributesSequence = Tag(0x0040, 0x0270)
    public static let performedSeriesSequence = Tag(0x0040, 0x0340)
    public static let requestAttributesSequence = Tag(0x0040, 0x0275)
    public static let scheduledProcedureStepID = Tag(0x0040, 0x0009)
    public static let requestedProcedureID = Tag(0x0040, 0x1001)
    public static let requestedProcedureDescription = Tag(0x0032, 0x1060)
    public static let requestedProcedureCodeSequence = Tag(0x0032, 0x1064)

    // Nuclear medicine and PET
    public static let energyWindowVector = Tag(0x0054, 0x0010)
    public static let numberOfEnergyWindows = Tag(0x0054, 0x0011)
    public static let detectorVector = Tag(0x0054, 0x0020)
    public static let numberOfDetectors = Tag(0x0054, 0x0021)
    public static let phaseVector = Tag(0x0054, 0x0030)
    public static let rotationVector = Tag(0x0054, 0x0050)
    public static let rrIntervalVector = Tag(0x0054, 0x0060)
    public static let numberOfRRIntervals = Tag(0x0054, 0x0061)
    public static let timeSlotVector = Tag(0x0054, 0x0070)
    public static let numberOfTimeSlots = Tag(0x0054, 0x0071)
    public static let sliceVector = Tag(0x0054, 0x0080)
    public static let numberOfSlices = Tag(0x0054, 0x0081)
    public static let angularViewVector = Tag(0x0054, 0x0090)
    public static let timeSliceVector = Tag(0x0054, 0x0100)
    public static let numberOfTimeSlices = Tag(0x0054, 0x0101)
    public static let seriesType = Tag(0x0054, 0x1000)
    public static let imageIndex = Tag(0x0054, 0x1330)

    // Radiotherapy
    public static let gridFrameOffsetVector = Tag(0x3004, 0x000C)

    // Functional groups of multi-frame objects
    public static let frameType = Tag(0x0008, 0x9007)
    public static let diffusionGradientDirectionSequence = Tag(0x0018, 0x9076)
    public static let mrEchoSequence = Tag(0x0018, 0x9114)
    public static let cardiacSynchronizationSequence = Tag(0x0018, 0x9118)
    public static let mrImageFrameTypeSequence = Tag(0x0018, 0x9226)
    public static let ctImageFrameTypeSequence = Tag(0x0018, 0x9329)
    public static let sharedFunctionalGroupsSequence = Tag(0x5200, 0x9229)
    public static let perFrameFunctionalGroupsSequence = Tag(0x5200, 0x9230)
}
