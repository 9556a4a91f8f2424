public import DICOMCore

/// Which stored Instances are meant: those that meet every condition that is set. Without any, none.
public struct InstanceSelection: Sendable, Equatable {
    public var patientID: String?
    /// Narrows ``patientID`` to one issuer.
    public var issuer: String?
    /// Any of these; empty for any at all, as below.
    public var studies: [StudyInstanceUID]
    public var series: [SeriesInstanceUID]
    public var instances: [SOPInstanceUID]

    public init(
        patientID: String? = nil, issuer: String? = nil, studies: [StudyInstanceUID] = [],
        series: [SeriesInstanceUID] = [], instances: [SOPInstanceUID] = []
    ) {
        self.patientID = patientID
        self.issuer = issuer
        self.studies = studies
        self.series = series
        self.instances = instances
    }

    var isEmpty: Bool { patientID == nil && studies.isEmpty && series.isEmpty && instances.isEmpty }
}

/// What Instances have to be offered in to be sent as they are stored.
public struct InstanceKind: Hashable, Sendable {
    public let sopClassUID: SOPClassUID
    public let transferSyntaxUID: TransferSyntaxUID

    public init(sopClassUID: SOPClassUID, transferSyntaxUID: TransferSyntaxUID) {
        self.sopClassUID = sopClassUID
        self.transferSyntaxUID = transferSyntaxUID
    }
}

extension StoredInstance {
    public var kind: InstanceKind { InstanceKind(sopClassUID: sopClassUID, transferSyntaxUID: transferSyntaxUID) }
}

/// The Instances of an ``InstanceSelection`` as they were at one moment, read from the index page by page: by Study Date,
/// Series and Instance Number, then in order of arrival; those that were named one by one in the order of their names.
///
/// What arrives later is not among them, so that there are as many as ``count`` says.
public struct SelectedInstances: Sendable {
    enum Part: Sendable {
        case series(id: Int64, uid: String)
        case instances([SOPInstanceUID])
    }

    public let count: Int
    /// How many there are of each kind.
    public let kinds: [InstanceKind: Int]
    private let index: StudyIndex
    private let selection: InstanceSelection
    private let lastOrdinal: Int64
    private let parts: [Part]
    private let pageLimit: Int
    private var nextPart = 0
    private var page: ArraySlice<StoredInstance> = []
    /// The last Instance of the page before in the same Series; nil where a part begins.
    private var last: StoredInstance?

    init(
        index: StudyIndex, selection: InstanceSelection, kinds: [InstanceKind: Int], lastOrdinal: Int64, parts: [Part],
        pageLimit: Int
    ) {
        self.index = index
        self.selection = selection
        self.kinds = kinds
        count = kinds.values.reduce(0, +)
        self.lastOrdinal = lastOrdinal
        self.parts = parts
        self.pageLimit = pageLimit
    }

    /// The next one, or nil after the last. Blocks where a page begins.
    public mutating func next() throws(ArchiveError) -> StoredInstance? {
        while page.isEmpty {
            guard nextPart < parts.count else { return nil }
            switch parts[nextPart] {
            case .instances(let uids):
                page = try index.instances(named: uids, in: selection, upTo: lastOrdinal)[...]
                nextPart += 1
            case .series(let id, let uid):
                page = try index.instances(inSeries: id, uid, after: last, upTo: lastOrdinal, limit: pageLimit)[...]
                last = page.last
                if page.isEmpty { nextPart += 1 }
            }
        }
        return page.popFirst()
    }
}
