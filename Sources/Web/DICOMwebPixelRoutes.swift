internal import AdminAPI
internal import Archive
internal import DICOMCore
internal import Delivery
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Ingestion

/// Parts of one Instance: bulk data and frames (PS3.18 10.4.1.1.5, 10.4.1.1.6).
struct DICOMwebPixelRoutes {
    let routes: DICOMwebRoutes
    private var daemon: Daemon { routes.daemon }

    private static let bytesType = "application/octet-stream"

    /// One value; encapsulated Pixel Data as its frames, decoded.
    func bulkData(_ request: Request, _ context: WebContext) async throws -> Response {
        let query = try QueryParameters(request.uri, allowed: ["accept"])
        let ranges = try request.mediaRanges(query)
        let path = context.parameters.getCatchAll().joined(separator: "/")
        let instance = try await routes.selected(DICOMwebTarget(context))
        let views = daemon.views
        guard let bytes = try await daemon.pictures.run({ try views.bulkData(of: instance, at: path) }) else {
            let all = Array(1...max(1, instance.image.numberOfFrames ?? 1))
            return try await frames(request, ranges, of: instance, all)
        }
        let tag = instance.entityTag("bulk")
        if let unchanged = request.unchanged(tag) { return unchanged }
        let part = DICOMwebPart(contentType: Self.bytesType, bytes: bytes)
        for range in ranges {
            // A plain value is the handier answer where both will do.
            if range.takes(Self.bytesType) { return routes.single(part, headers: [.eTag: tag]) }
            if range.takesParts(of: Self.bytesType) { return multipart([part], tag) }
        }
        throw Problem.notAcceptable("bulk data is answered as application/octet-stream")
    }

    func frames(_ request: Request, _ context: WebContext) async throws -> Response {
        let query = try QueryParameters(request.uri, allowed: ["accept"])
        let numbers = try Self.frameNumbers(context)
        let ranges = try request.mediaRanges(query)
        let instance = try await routes.selected(DICOMwebTarget(context))
        return try await frames(request, ranges, of: instance, numbers)
    }

    private func frames(
        _ request: Request, _ ranges: [MediaRange], of instance: StoredInstance, _ numbers: [Int]
    ) async throws -> Response {
        let form = try FrameForm(ranges, of: instance, isOneFrame: numbers.count == 1)
        let tag = instance.entityTag(form.isStored ? "frames-stored" : "frames")
        if let unchanged = request.unchanged(tag) { return unchanged }
        let views = daemon.views
        let parts = try await daemon.pictures.run {
            try views.frames(numbers, of: instance, stored: form.isStored)
                .map { DICOMwebPart(contentType: form.contentType, bytes: $0) }
        }
        guard !form.isMultipart, let part = parts.first else { return multipart(parts, tag, of: form.mediaType) }
        return routes.single(part, headers: [.eTag: tag])
    }

    private func multipart(_ parts: [DICOMwebPart], _ tag: String, of type: String = bytesType) -> Response {
        // There is a first one: no path names an empty list of frames.
        routes.multipart(of: type, parts[0], headers: [.eTag: tag], then: parts.dropFirst()) { rest in
            rest.first.map { ($0, rest.dropFirst()) }
        }
    }

    /// A list of numbers from 1 (PS3.18 10.1.1).
    ///
    /// - Throws: a problem with status 400 when it is none.
    static func frameNumbers(_ context: WebContext) throws(Problem) -> [Int] {
        let texts =
            (context.parameters.get("frames") ?? "").removingPercentEncoding?
            .split(separator: ",", omittingEmptySubsequences: false) ?? []
        var numbers: [Int] = []
        for text in texts {
            guard let number = Int32(text), number > 0 else {
                throw .badRequest("frames are numbers from 1, with commas between them")
            }
            numbers.append(Int(number))
        }
        guard !numbers.isEmpty else { throw .badRequest("frames are numbers from 1, with commas between them") }
        // One frame a thousand times over is no more of it, only more work.
        guard Set(numbers).count == numbers.count else { throw .badRequest("a frame is named twice") }
        return numbers
    }
}

/// How frames are wanted.
struct FrameForm: Sendable {
    let isMultipart: Bool
    let isStored: Bool
    let mediaType: String
    let contentType: String

    /// - Throws: a problem with status 406 when the client takes no form of them.
    init(_ ranges: [MediaRange], of instance: StoredInstance, isOneFrame: Bool) throws(Problem) {
        let stored = instance.transferSyntaxUID.value
        let bytesType = "application/octet-stream"
        for range in ranges {
            let asked = range.transferSyntax
            // As stored when that is asked for: by `*`, by its name, or by the media type of its frames.
            let isAskedFor = asked == "*" || asked == stored
            let storedType = Self.mediaTypes[stored]
            for type in [bytesType, storedType].compactMap({ $0 }) {
                let isMultipart = range.takesParts(of: type)
                guard isMultipart || (isOneFrame && range.takes(type)) else { continue }
                let namesType = range.type == type || range.parameters["type"]?.lowercased() == type
                let isStored = storedType != nil && (isAskedFor || (type == storedType && asked == nil && namesType))
                if type != bytesType, !isStored { continue }
                guard isStored || asked == nil || asked == "*" || Self.uncompressed.contains(asked ?? "") else {
                    continue
                }
                self.isMultipart = isMultipart
                self.isStored = isStored
                mediaType = type
                contentType = isStored ? "\(type); transfer-syntax=\(stored)" : bytesType
                return
            }
        }
        throw .notAcceptable("frames are answered as application/octet-stream, or as they are stored, in \(stored)")
    }

    private static let uncompressed: Set = [
        TransferSyntaxUID.explicitVRLittleEndian.value, TransferSyntaxUID.implicitVRLittleEndian.value,
    ]

    /// Of compressed frames, by Transfer Syntax (PS3.18 Table 8.7.3-2).
    private static let mediaTypes: [String: String] = [
        "1.2.840.10008.1.2.4.50": "image/jpeg", "1.2.840.10008.1.2.4.51": "image/jpeg",
        "1.2.840.10008.1.2.4.57": "image/jpeg", "1.2.840.10008.1.2.4.70": "image/jpeg",
        "1.2.840.10008.1.2.5": "image/dicom-rle",
        "1.2.840.10008.1.2.4.80": "image/jls", "1.2.840.10008.1.2.4.81": "image/jls",
        "1.2.840.10008.1.2.4.90": "image/jp2", "1.2.840.10008.1.2.4.91": "image/jp2",
        "1.2.840.10008.1.2.4.92": "image/jpx", "1.2.840.10008.1.2.4.93": "image/jpx",
        "1.2.840.10008.1.2.4.201": "image/jphc", "1.2.840.10008.1.2.4.202": "image/jphc",
        "1.2.840.10008.1.2.4.203": "image/jphc", "1.2.840.10008.1.2.4.110": "image/jxl",
        "1.2.840.10008.1.2.4.111": "image/jxl", "1.2.840.10008.1.2.4.112": "image/jxl",
        "1.2.840.10008.1.2.4.100": "video/mpeg2", "1.2.840.10008.1.2.4.101": "video/mpeg2",
        "1.2.840.10008.1.2.4.102": "video/mp4", "1.2.840.10008.1.2.4.103": "video/mp4",
    ]
}
