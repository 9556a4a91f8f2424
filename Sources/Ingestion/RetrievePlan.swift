internal import Assessment
internal import DICOMCore
internal import DICOMNetwork

/// What to ask a sender for with C-MOVE, so that what is missing comes and little else.
struct RetrievePlan: Equatable {
    /// One C-MOVE-RQ.
    struct Request: Equatable {
        var level: QueryRetrieveSCU.Level
        var series: SeriesInstanceUID?
        /// Empty above IMAGE level.
        var instances: [SOPInstanceUID] = []
    }

    var requests: [Request]

    /// UIDs of one request: 500 of 64 characters are half of what a value of VR UI in Explicit VR may be long (PS3.5 7.1.2).
    private static let instanceLimit = 500

    /// Plans by what the sender has, where it told, else by where something lacks.
    ///
    /// - Parameters:
    ///   - answer: nil when the sender did not tell.
    ///   - received: what is stored of the study, by series.
    ///   - attempt: from 0; each later one asks one level higher, since peers that answer IMAGE level badly exist.
    init(
        _ answer: SenderAnswer?, received: [SeriesInstanceUID: Set<SOPInstanceUID>], loss: [SeriesInstanceUID],
        attempt: Int
    ) {
        let narrow: [Request]
        if let answer {
            narrow = RetrievePlan.requests(answer, received)
        } else {
            narrow = loss.isEmpty ? [Request(level: .study)] : loss.map { Request(level: .series, series: $0) }
        }
        requests = narrow
        for _ in 0..<attempt { requests = RetrievePlan.widened(requests) }
    }

    private static func requests(
        _ answer: SenderAnswer, _ received: [SeriesInstanceUID: Set<SOPInstanceUID>]
    ) -> [Request] {
        let all = received.values.reduce(into: Set()) { $0.formUnion($1) }
        guard !answer.series.isEmpty else {
            return (answer.instanceCount ?? 0) > all.count ? [Request(level: .study)] : []
        }
        let listed = answer.missing(from: all).flatMap { series, instances in
            stride(from: 0, to: instances.count, by: instanceLimit).map { start in
                Request(
                    level: .image, series: series.seriesInstanceUID,
                    instances: instances[start..<min(start + instanceLimit, instances.count)].map(\.sopInstanceUID))
            }
        }
        let counted = answer.series.filter { series in
            series.instances == nil
                && (series.instanceCount ?? 0) > (received[series.seriesInstanceUID]?.count ?? 0)
        }
        return listed + counted.map { Request(level: .series, series: $0.seriesInstanceUID) }
    }

    private static func widened(_ requests: [Request]) -> [Request] {
        if requests.contains(where: { $0.level == .image }) {
            return Set(requests.compactMap(\.series)).sorted().map { Request(level: .series, series: $0) }
        }
        return requests.isEmpty ? [] : [Request(level: .study)]
    }

    /// For the timeline.
    var summary: String {
        let instances = requests.reduce(0) { $0 + $1.instances.count }
        let series = requests.filter { $0.level == .series }.count
        var parts: [String] = []
        if instances > 0 { parts.append("\(instances) instances") }
        if series > 0 { parts.append("\(series) series") }
        return parts.isEmpty ? "the study" : parts.joined(separator: ", ")
    }
}

extension RetrievePlan.Request {
    /// The Unique Keys (PS3.4 C.4.2.2.1).
    func keys(of study: StudyInstanceUID) -> AttributeSet {
        var keys = AttributeSet()
        keys[.studyInstanceUID] = study.value
        if let series { keys[.seriesInstanceUID] = series.value }
        if !instances.isEmpty { keys.set(.sopInstanceUID, to: instances.map(\.value)) }
        return keys
    }
}
