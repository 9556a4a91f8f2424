internal import AdminAPI
internal import Archive
internal import DICOMCore
internal import Delivery
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore

/// What a path of DICOMweb names: a Study, a Series of it, or an Instance of that.
struct DICOMwebTarget: Sendable {
    let study: StudyInstanceUID
    let series: SeriesInstanceUID?
    let instance: SOPInstanceUID?

    /// - Throws: a problem with status 400 when a UID is none.
    init(_ context: WebContext) throws(Problem) {
        study = try StudyInstanceUID(parameter: context.parameters.get("study"))
        series = try context.parameters.get("series").map { text throws(Problem) in
            try SeriesInstanceUID(parameter: text)
        }
        instance = try context.parameters.get("instance").map { text throws(Problem) in
            try SOPInstanceUID(parameter: text)
        }
    }

    init(_ instance: StoredInstance) {
        study = instance.studyInstanceUID
        series = instance.seriesInstanceUID
        self.instance = instance.sopInstanceUID
    }

    var selection: InstanceSelection {
        InstanceSelection(
            studies: [study], series: series.map { [$0] } ?? [], instances: instance.map { [$0] } ?? [])
    }

    /// From the root of the server.
    var path: String {
        var path = "\(DICOMwebRoutes.root)/studies/\(study)"
        if let series { path += "/series/\(series)" }
        if let instance { path += "/instances/\(instance)" }
        return path
    }

    var absence: Problem {
        .notFound(instance != nil ? "no such instance" : series != nil ? "no such series" : "no such study")
    }
}

extension StoredInstance {
    /// What is known of it when its object cannot be read.
    var indexed: AttributeSet {
        var attributes = AttributeSet(values: [
            .sopClassUID: [sopClassUID.value], .sopInstanceUID: [sopInstanceUID.value],
            .studyInstanceUID: [studyInstanceUID.value], .seriesInstanceUID: [seriesInstanceUID.value],
        ])
        for (tag, number) in [
            (Tag.instanceNumber, image.number), (.rows, image.rows), (.columns, image.columns),
            (.numberOfFrames, image.numberOfFrames),
        ] {
            attributes[tag] = number.map(String.init)
        }
        return attributes
    }

    /// The same for as long as the object's bytes are, and another for each form it is answered in (RFC 9110 8.8.3).
    func entityTag(_ form: String) -> String { "\"\(digest)-\(form)\"" }
}

extension Request {
    /// The answer for a client that has the representation of that tag already (RFC 9110 13.1.2), else nil.
    func unchanged(_ tag: String) -> Response? {
        guard let known = headers[.ifNoneMatch] else { return nil }
        let tags = known.split(separator: ",").map { $0.drop { $0 == " " } }
        let isKnown = tags.contains { text in
            let bare = text.hasPrefix("W/") ? text.dropFirst(2) : text
            return bare.prefix { $0 != " " } == tag || text == "*"
        }
        return isKnown ? Response(status: .notModified, headers: .dicomweb([.eTag: tag])) : nil
    }
}

extension HTTPFields {
    /// Patient data: kept by the client alone, and asked for again before it is used.
    static func dicomweb(_ fields: HTTPFields) -> HTTPFields {
        var fields = fields
        fields[.cacheControl] = "private, no-cache"
        fields[.vary] = "Accept"
        return fields
    }
}

extension BlockingLane {
    /// What `work` makes of the next Instance of which it makes something, and those after it; nil after the last.
    func run<Value: Sendable>(
        following instances: SelectedInstances, _ work: @escaping @Sendable (StoredInstance) throws -> Value?
    ) async throws -> (value: Value, rest: SelectedInstances)? {
        try await run {
            var rest = instances
            while let instance = try rest.next() {
                if let value = try work(instance) { return (value, rest) }
            }
            return nil
        }
    }
}
