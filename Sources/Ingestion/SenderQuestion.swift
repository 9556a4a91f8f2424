internal import Archive
internal import Assessment
internal import DICOMCore
internal import DICOMNetwork
internal import Foundation

/// Asks one sender over an open Association what it has of one study: series by series and instance by instance where it
/// answers that, else by counts.
///
/// Peers differ: many answer at STUDY level only, some ignore keys and return more than was asked for, some cut long
/// lists. What is not surely of this study is left out, and a list that is not surely whole counts as none.
struct SenderQuestion {
    let scu: QueryRetrieveSCU
    let study: StudyInstanceUID
    let peer: AETitle

    /// Beyond so many series or instances only counts are asked for.
    private static let seriesLimit = 1_000
    static let instanceLimit = 20_000
    /// More than a study can have; such numbers are noise.
    private static let countLimit = 1_000_000

    /// - Returns: nil when the sender knows no such study.
    func answer(at date: Date) throws(SenderError) -> SenderAnswer? {
        let result: Result<SenderAnswer?, SenderError>
        do throws(AssociationError) {
            result = try answered(at: date)
        } catch {
            throw .association(error)
        }
        return try result.get()
    }

    private func answered(at date: Date) throws(AssociationError) -> Result<SenderAnswer?, SenderError> {
        let found = try scu.find(.series, keys([.seriesInstanceUID, .modality, .numberOfSeriesRelatedInstances]))
        let series = unique(found.isWhole ? matches(found).compactMap(series) : [], by: \.seriesInstanceUID)
        guard !series.isEmpty, series.count <= SenderQuestion.seriesLimit else { return try studyAnswer(at: date) }
        return .success(SenderAnswer(aeTitle: peer, askedAt: date, series: try withInstances(series)))
    }

    /// The same series, each with its instances as long as the sender lists them.
    private func withInstances(_ series: [SenderAnswer.Series]) throws(AssociationError) -> [SenderAnswer.Series] {
        var result = series
        var total = 0
        for index in result.indices where total <= SenderQuestion.instanceLimit {
            var keys = keys([.sopInstanceUID, .sopClassUID, .instanceNumber])
            keys[.seriesInstanceUID] = result[index].seriesInstanceUID.value
            let found = try scu.find(.image, keys)
            // One that does not answer for the first series will not for the others.
            guard found.isWhole else { break }
            let instances = unique(
                matches(found).filter { $0.isIn(result[index].seriesInstanceUID) }.compactMap(instance),
                by: \.sopInstanceUID)
            total += instances.count
            guard total <= SenderQuestion.instanceLimit else { break }
            // Fewer than it counts itself: the list was cut.
            if instances.count >= max(1, result[index].instanceCount ?? 0) { result[index].instances = instances }
        }
        return result
    }

    private func studyAnswer(at date: Date) throws(AssociationError) -> Result<SenderAnswer?, SenderError> {
        let found = try scu.find(.study, keys([.numberOfStudyRelatedInstances, .modalitiesInStudy]))
        guard found.status == .success else { return .failure(.refused(found.status)) }
        guard let match = matches(found).first(where: { $0[.studyInstanceUID] == study.value }) else {
            return .success(nil)
        }
        return .success(
            SenderAnswer(
                aeTitle: peer, askedAt: date, instanceCount: count(.numberOfStudyRelatedInstances, in: match),
                modalities: match.strings(.modalitiesInStudy).filter { !$0.isEmpty }))
    }

    /// The study's Unique Key, and Attributes to be returned.
    private func keys(_ wanted: [Tag]) -> AttributeSet {
        var keys = AttributeSet()
        keys[.studyInstanceUID] = study.value
        for tag in wanted { keys.set(tag, to: [""]) }
        return keys
    }

    /// Those that do not name another study.
    private func matches(_ found: QueryRetrieveSCU.Matches) -> [AttributeSet] {
        found.matches.filter { ($0[.studyInstanceUID] ?? study.value) == study.value }
    }

    private func series(_ match: AttributeSet) -> SenderAnswer.Series? {
        guard let uid = match[.seriesInstanceUID].flatMap({ try? SeriesInstanceUID($0) }) else { return nil }
        return SenderAnswer.Series(
            seriesInstanceUID: uid, modality: match[.modality],
            instanceCount: count(.numberOfSeriesRelatedInstances, in: match))
    }

    private func instance(_ match: AttributeSet) -> SenderAnswer.Instance? {
        guard let uid = match[.sopInstanceUID].flatMap({ try? SOPInstanceUID($0) }) else { return nil }
        return SenderAnswer.Instance(
            sopInstanceUID: uid, sopClassUID: match[.sopClassUID].flatMap { try? SOPClassUID($0) },
            instanceNumber: match.integer(.instanceNumber))
    }

    private func count(_ tag: Tag, in match: AttributeSet) -> Int? {
        match.integer(tag).flatMap { (0..<SenderQuestion.countLimit).contains($0) ? $0 : nil }
    }

    private func unique<Element, Key: Hashable>(_ elements: [Element], by key: (Element) -> Key) -> [Element] {
        var seen = Set<Key>()
        return elements.filter { seen.insert(key($0)).inserted }
    }
}

extension AttributeSet {
    /// Whether it names this series, or none.
    fileprivate func isIn(_ series: SeriesInstanceUID) -> Bool {
        (self[.seriesInstanceUID] ?? series.value) == series.value
    }
}

extension SenderAnswer {
    /// As the index keeps it.
    var record: SenderAnswerRecord {
        // Strings, whole numbers and a date encode always.
        let json = (try? JSONEncoder().encode(self)) ?? Data()
        return SenderAnswerRecord(peer: aeTitle, at: askedAt, json: String(decoding: json, as: UTF8.self))
    }

    /// - Throws: `DecodingError` when an answer was not kept by this version or an earlier one.
    init(_ record: SenderAnswerRecord) throws {
        self = try JSONDecoder().decode(SenderAnswer.self, from: Data(record.json.utf8))
    }

    /// For the timeline: how much, and at which level it was told.
    var summary: String {
        guard !series.isEmpty else {
            return instanceCount.map { "\($0) instances, counted for the study" } ?? "the study, and no count"
        }
        let counted = series.reduce(0) { $0 + ($1.instances?.count ?? $1.instanceCount ?? 0) }
        let isListed = series.allSatisfy { $0.instances != nil }
        return "\(counted) instances in \(series.count) series, \(isListed ? "each named" : "counted by series")"
    }
}
