public import DICOMCore
public import Foundation

/// What a sending system says it has of one study (C-FIND in the Study Root, PS3.4 C.6.2), as far as it answers:
/// every instance, or a count for each series, or one for the study.
public struct SenderAnswer: Codable, Equatable, Sendable {
    public var aeTitle: AETitle
    public var askedAt: Date
    /// Number of Study Related Instances (0020,1208); nil when it does not say.
    public var instanceCount: Int?
    /// Modalities in Study (0008,0061); empty when it does not say.
    public var modalities: [String]
    /// Empty when it answers for the study alone. Otherwise these are all it has.
    public var series: [Series]

    public struct Series: Codable, Equatable, Sendable {
        public var seriesInstanceUID: SeriesInstanceUID
        public var modality: String?
        /// Number of Series Related Instances (0020,1209); nil when it does not say.
        public var instanceCount: Int?
        /// Every instance of the series, or nil when it does not answer at IMAGE level.
        public var instances: [Instance]?

        public init(
            seriesInstanceUID: SeriesInstanceUID, modality: String? = nil, instanceCount: Int? = nil,
            instances: [Instance]? = nil
        ) {
            self.seriesInstanceUID = seriesInstanceUID
            self.modality = modality
            self.instanceCount = instanceCount
            self.instances = instances
        }
    }

    public struct Instance: Codable, Equatable, Sendable {
        public var sopInstanceUID: SOPInstanceUID
        /// nil when it does not say.
        public var sopClassUID: SOPClassUID?
        public var instanceNumber: Int?

        public init(sopInstanceUID: SOPInstanceUID, sopClassUID: SOPClassUID? = nil, instanceNumber: Int? = nil) {
            self.sopInstanceUID = sopInstanceUID
            self.sopClassUID = sopClassUID
            self.instanceNumber = instanceNumber
        }
    }

    public init(
        aeTitle: AETitle, askedAt: Date, instanceCount: Int? = nil, modalities: [String] = [], series: [Series] = []
    ) {
        self.aeTitle = aeTitle
        self.askedAt = askedAt
        self.instanceCount = instanceCount
        self.modalities = modalities
        self.series = series
    }
}

extension SenderAnswer {
    /// What a sender lists and `received` lacks, by series. Series it does not list are left out, and so are objects that
    /// are no images: presentation states, key notes and raw data are made and kept at the sender, not for sending.
    public func missing(from received: Set<SOPInstanceUID>) -> [(series: Series, instances: [Instance])] {
        series.compactMap { one in
            let lacking = one.expected(beside: received).filter { !received.contains($0.sopInstanceUID) }
            return lacking.isEmpty ? nil : (one, lacking)
        }
    }

    /// Whether it lists at least one of these instances, or lists none at all.
    func knows(_ received: Set<SOPInstanceUID>) -> Bool {
        let lists = series.compactMap(\.instances)
        return lists.isEmpty || lists.contains { $0.contains { received.contains($0.sopInstanceUID) } }
    }
}

extension SenderAnswer.Series {
    /// The listed instances that should have come. Pictures of a screen are often made at the sender afterwards, so those
    /// of a series of which nothing came are not expected.
    func expected(beside received: Set<SOPInstanceUID>) -> [SenderAnswer.Instance] {
        let hasCome = images.contains { received.contains($0.sopInstanceUID) }
        return hasCome ? images : images.filter { !$0.isCapture }
    }

    /// The listed instances that may be images.
    var images: [SenderAnswer.Instance] {
        isAccompanying ? [] : (instances ?? []).filter { !$0.isAccompanying }
    }

    /// Whether its modality is one of objects that go with images.
    var isAccompanying: Bool { modality.map(SenderAnswer.isAccompanying(modality:)) ?? false }
}

extension SenderAnswer {
    /// Modalities of objects that are no images (PS3.3 C.7.3.1.1.1).
    static func isAccompanying(modality: String) -> Bool {
        [
            "SR", "PR", "KO", "DOC", "REG", "SEG", "RWV", "FID", "AU", "ECG", "HD", "RESP", "PLAN", "SMR", "STAIN",
            "RTSTRUCT", "RTPLAN", "RTRECORD",
        ].contains(modality.uppercased())
    }
}

extension SenderAnswer.Instance {
    /// Whether its SOP Class is one of objects that are no images, or private. One that names no class may be an image.
    var isAccompanying: Bool {
        guard let uid = sopClassUID?.value else { return false }
        guard uid.hasPrefix(SenderAnswer.Instance.storage) else { return true }
        let branch = uid.dropFirst(SenderAnswer.Instance.storage.count).split(separator: ".")
        guard let first = branch.first.flatMap({ Int($0) }) else { return true }
        if first == SenderAnswer.Instance.radiotherapy { return !["1", "2"].contains(branch.dropFirst().first) }
        return SenderAnswer.Instance.accompanying.contains(first)
    }

    /// Secondary Capture, single- or multi-frame (PS3.4 B.5).
    var isCapture: Bool {
        guard let uid = sopClassUID?.value else { return false }
        return (uid + ".").hasPrefix(SenderAnswer.Instance.storage + "7.")
    }

    private static let storage = "1.2.840.10008.5.1.4.1.1."
    /// RT Image and RT Dose are its images.
    private static let radiotherapy = 481
    /// Waveforms 9, presentation states 11, raw data, registrations, segmentations 66, real world values 67, surfaces 68,
    /// lens and eye measurements 78 and 79, tractography and reports 80 and 88, macular grids 81, content assessment 90,
    /// encapsulated documents 104 (PS3.4 B.5).
    private static let accompanying: Set = [9, 11, 66, 67, 68, 78, 79, 80, 81, 88, 90, 104]
}
