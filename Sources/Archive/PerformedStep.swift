public import DICOMCore
public import Foundation

/// A Modality Performed Procedure Step as its modality described it last (PS3.4 F.7). What it says is in `attributes` alone;
/// the rest reads them.
public struct PerformedStep: Sendable, Equatable {
    /// Performed Procedure Step Status (0040,0252).
    public enum Status: Int, Sendable, CaseIterable {
        case inProgress = 0
        case completed = 1
        case discontinued = 2

        /// - Returns: nil for no Enumerated Value of PS3.3 C.4.14.
        public init?(dicom text: String) {
            guard let found = Status.allCases.first(where: { $0.dicom == text }) else { return nil }
            self = found
        }

        public var dicom: String {
            switch self {
            case .inProgress: "IN PROGRESS"
            case .completed: "COMPLETED"
            case .discontinued: "DISCONTINUED"
            }
        }

        /// Nothing of the step may be changed any more (PS3.4 F.7.2.2.2).
        public var isFinal: Bool { self != .inProgress }
    }

    /// One Series that was made in it.
    public struct Series: Sendable, Equatable {
        public let seriesInstanceUID: SeriesInstanceUID
        /// Images and other composite objects, each once.
        public let instances: [NamedInstance]
    }

    public let uid: SOPInstanceUID
    public var attributes: AttributeSet
    public let callingAETitle: AETitle
    public let host: String
    public let createdAt: Date
    public var changedAt: Date

    public init(
        uid: SOPInstanceUID, attributes: AttributeSet, callingAETitle: AETitle, host: String, createdAt: Date
    ) {
        self.uid = uid
        self.attributes = attributes
        self.callingAETitle = callingAETitle
        self.host = host
        self.createdAt = createdAt
        changedAt = createdAt
    }
}

/// A SOP Instance that somebody names, stored here or not.
public struct NamedInstance: Sendable, Hashable {
    public let sopClassUID: SOPClassUID
    public let sopInstanceUID: SOPInstanceUID

    public init(sopClassUID: SOPClassUID, sopInstanceUID: SOPInstanceUID) {
        self.sopClassUID = sopClassUID
        self.sopInstanceUID = sopInstanceUID
    }

    /// Reads Referenced SOP Class and Instance UID (0008,1150), (0008,1155) of an Item.
    ///
    /// - Returns: nil when one is missing or breaks PS3.5 9.1.
    public init?(_ item: AttributeSet) {
        guard let sopClass = item[.referencedSOPClassUID].flatMap({ try? SOPClassUID($0) }),
            let instance = item[.referencedSOPInstanceUID].flatMap({ try? SOPInstanceUID($0) })
        else { return nil }
        self.init(sopClassUID: sopClass, sopInstanceUID: instance)
    }
}

extension PerformedStep {
    public var status: Status { attributes[.performedStepStatus].flatMap(Status.init(dicom:)) ?? .inProgress }

    /// Studies it was performed for, each once; usually one.
    public var studies: [StudyInstanceUID] {
        unique(
            attributes.items(.scheduledStepAttributesSequence)
                .compactMap { $0[.studyInstanceUID].flatMap { try? StudyInstanceUID($0) } })
    }

    public var accessionNumber: String {
        attributes.items(.scheduledStepAttributesSequence).lazy.compactMap { $0[.accessionNumber] }.first ?? ""
    }

    public var series: [Series] {
        attributes.items(.performedSeriesSequence).compactMap { item in
            guard let uid = item[.seriesInstanceUID].flatMap({ try? SeriesInstanceUID($0) }) else { return nil }
            let named = item.items(.referencedImageSequence) + item.items(.referencedNonImageSequence)
            return Series(seriesInstanceUID: uid, instances: unique(named.compactMap(NamedInstance.init)))
        }
    }

    /// Every Instance made in it, each once.
    var instances: [SOPInstanceUID] { unique(series.flatMap(\.instances).map(\.sopInstanceUID)) }

    private func unique<Element: Hashable>(_ elements: [Element]) -> [Element] {
        var seen = Set<Element>()
        return elements.filter { seen.insert($0).inserted }
    }
}
