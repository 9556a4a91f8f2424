internal import Archive
internal import DICOMCore
internal import Delivery

/// What a search is for: the Studies, Series or Instances there are, or those of a Study or Series (PS3.18 Table 10.6.1-1).
struct SearchTarget: Sendable {
    let level: QueryLevel
    var study: StudyInstanceUID?
    var series: SeriesInstanceUID?

    /// The Unique Keys that the path tells.
    var keys: [(tag: Tag, value: String)] {
        [study.map { (.studyInstanceUID, $0.value) }, series.map { (.seriesInstanceUID, $0.value) }].compactMap(\.self)
    }

    /// Attributes that are answered whether asked for or not (PS3.18 Tables 10.6.3-3 to 10.6.3-5), those of the levels above
    /// where the path names none of them.
    ///
    /// What only objects know is read from them within a Study, and of Instances within a Series: elsewhere a page of matches
    /// would read as many objects. It is answered there when it is included.
    var answered: [Query.Term] {
        var tags: [Tag] = []
        if study == nil { tags += Self.ofStudy }
        if level > .study, series == nil {
            tags += Self.ofSeries
            if level == .series, study != nil { tags += Self.ofSeriesObject }
        }
        if level == .image {
            tags += Self.ofInstance
            if series != nil { tags += Self.ofInstanceObject }
        }
        var terms = tags.map { Query.Term([$0]) }
        if tags.contains(.requestAttributesSequence) {
            terms += [.scheduledProcedureStepID, .requestedProcedureID].map {
                Query.Term([.requestAttributesSequence, $0])
            }
            terms.removeAll { $0.path == [.requestAttributesSequence] }
        }
        return terms
    }

    private static let ofStudy: [Tag] = [
        .studyDate, .studyTime, .accessionNumber, .modalitiesInStudy, .referringPhysicianName, .patientName, .patientID,
        .patientBirthDate, .patientSex, .studyID, .studyDescription, .numberOfStudyRelatedSeries,
        .numberOfStudyRelatedInstances,
    ]
    private static let ofSeries: [Tag] = [
        .modality, .seriesDescription, .seriesNumber, .numberOfSeriesRelatedInstances,
    ]
    private static let ofSeriesObject: [Tag] = [
        .timezoneOffsetFromUTC, .performedStepStartDate, .performedStepStartTime, .requestAttributesSequence,
    ]
    private static let ofInstance: [Tag] = [.sopClassUID, .instanceNumber, .rows, .columns, .numberOfFrames]
    private static let ofInstanceObject: [Tag] = [.timezoneOffsetFromUTC, .bitsAllocated]

    /// Of those answered unasked, what is left out where it is not known.
    static let conditional: Set<Tag> = Set(
        ofSeriesObject + ofInstanceObject + [.rows, .columns, .numberOfFrames, .seriesDescription])
}

/// The matches of a search as JSON, piece by piece. Used by one thread at a time; each piece blocks for the disk.
struct SearchResults: Sendable {
    private var run: QueryRun
    private let base: String
    /// Left out where they have no value, since nobody asked for them.
    private let optional: Set<Tag>
    private var json = AttributeJSON()
    private(set) var isAtEnd = false
    private var isFirst = true

    /// - Parameter base: what URLs begin with.
    init(_ run: QueryRun, base: String, asked: Set<Tag>) {
        self.run = run
        self.base = base
        optional = SearchTarget.conditional.subtracting(asked)
    }

    /// Whether there are matches beyond the limit. Known at the end.
    var isCut: Bool { run.isCut }

    /// Longest time one piece takes from others that search.
    private static let patience: Duration = .milliseconds(50)

    /// The next bytes of the list, from its first bracket to its last; perhaps none.
    mutating func piece(upTo byteCount: Int) throws -> [UInt8] {
        let end = ContinuousClock.now + Self.patience
        var bytes = [UInt8]()
        if isFirst { bytes.append(UInt8(ascii: "[")) }
        while bytes.count < byteCount, ContinuousClock.now < end {
            switch try run.step() {
            case .match(let match):
                if !isFirst { bytes.append(UInt8(ascii: ",")) }
                isFirst = false
                bytes += json.encoded(attributes(of: match))
            case .none: continue
            case .end:
                bytes.append(UInt8(ascii: "]"))
                isAtEnd = true
                return bytes
            }
        }
        return bytes
    }

    private func attributes(of match: QueryMatch) -> AttributeSet {
        var attributes = match.attributes
        for tag in optional
        where attributes.items(tag).isEmpty && !attributes.strings(tag).contains(where: { !$0.isEmpty }) {
            attributes.remove(tag)
        }
        attributes[.specificCharacterSet] = "ISO_IR 192"
        // Whatever is in the index is on the disk.
        attributes[.instanceAvailability] = "ONLINE"
        attributes[.retrieveURL] = base + path(of: match.found)
        return attributes
    }

    private func path(of found: IndexMatch) -> String {
        var path = "\(DICOMwebRoutes.root)/studies/\(found.study?.studyInstanceUID.value ?? "")"
        if let series = found.series { path += "/series/\(series.seriesInstanceUID)" }
        if let instance = found.instance { path += "/instances/\(instance.sopInstanceUID)" }
        return path
    }
}
