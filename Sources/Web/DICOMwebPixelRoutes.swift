internal import AdminAPI
internal import Archive
internal import DICOMCore
internal import Delivery
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore

/// Parts of one Instance: bulk data, frames, pictures (PS3.18 10.4.1.1.3 to 10.4.1.1.6).
struct DICOMwebPixelRoutes {
    let routes: DICOMwebRoutes
    private var daemon: Daemon { routes.daemon }

    private static let bytesType = "application/octet-stream"

    /// One value; encapsulated Pixel Data as its frames, decoded.
    func bulkData(_ request: Request, _ context: WebContext) async throws -> Response {
        let query = try QueryParameters(request.uri, allowed: ["accept"])
        let ranges = try request.mediaRanges(query)
        let path = context.parameters.getCatchAll().joined(separator: "/")
        let instance = try await routes.selected(DICOMwebTarget(context)).first
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
        let instance = try await routes.selected(DICOMwebTarget(context)).first
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

    /// A picture of a frame, the first where none is named; a small one under a path that ends so.
    func rendered(_ request: Request, _ context: WebContext) async throws -> Response {
        let numbers = try context.parameters.get("frames") == nil ? [] : Self.frameNumbers(context)
        guard numbers.count <= 1 else { throw Problem.badRequest("one frame is rendered at a time") }
        let instance = try await routes.selected(DICOMwebTarget(context)).first
        return try await picture(
            request, of: instance, frame: numbers.first, isThumbnail: request.uri.path.hasSuffix("/thumbnail"))
    }

    /// - Parameter frame: from 1; nil for the one that stands for all of them.
    func picture(
        _ request: Request, of instance: StoredInstance, frame: Int?, isThumbnail: Bool
    ) async throws -> Response {
        let query = try QueryParameters(
            request.uri, allowed: isThumbnail ? ["accept", "viewport"] : ["accept", "viewport", "window", "quality"])
        var wish = try PictureWish(query)
        wish.frame = frame ?? (isThumbnail ? ((instance.image.numberOfFrames ?? 1) + 1) / 2 : 1)
        if isThumbnail, wish.viewport == nil {
            wish.viewport = (PictureWish.thumbnailSide, PictureWish.thumbnailSide)
        }
        let type = try request.accepted(
            of: ["image/jpeg", "image/png"], query, else: "pictures are answered as image/jpeg or image/png")
        if type == "image/png" { wish.format = .png }
        let tag = instance.entityTag("\(type)-\(wish.frame)-\(daemon.facts.version)")
        if let unchanged = request.unchanged(tag) { return unchanged }
        let views = daemon.views
        let bytes = try await daemon.pictures.run { [wish] in try views.picture(of: instance, wish) }
        return routes.single(DICOMwebPart(contentType: type, bytes: bytes), headers: [.eTag: tag])
    }

    /// A list of numbers from 1 (PS3.18 10.1.1).
    ///
    /// - Throws: a problem with status 400 when it is none.
    private static func frameNumbers(_ context: WebContext) throws(Problem) -> [Int] {
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

    private static let uncompressed: Set<String> = ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"]

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

extension PictureWish {
    /// Reads the parameters of PS3.18 8.3.5.
    ///
    /// - Throws: a problem with status 400 naming the parameter.
    init(_ query: QueryParameters) throws(Problem) {
        self.init()
        format = .jpeg(quality: try query.integer("quality", in: 1...100, default: PictureWish.defaultQuality))
        if let text = query["viewport"] {
            // Width and height, then perhaps the region of the frame: left, top, width, height.
            let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
            let limit = 1...PictureWish.viewportLimit
            guard [2, 6].contains(numbers.count), let columns = numbers[0], let rows = numbers[1],
                limit.contains(columns), limit.contains(rows)
            else { throw .badRequest("viewport is columns,rows or columns,rows,left,top,width,height in pixels") }
            viewport = (columns, rows)
            if numbers.count == 6 {
                guard let left = numbers[2], let top = numbers[3], let width = numbers[4], let height = numbers[5],
                    left >= 0, top >= 0, width > 0, height > 0
                else { throw .badRequest("the region of a viewport lies within the frame") }
                region = (left, top, width, height)
            }
        }
        if let text = query["window"] {
            let fields = text.split(separator: ",", omittingEmptySubsequences: false)
            let function = fields.count > 2 ? fields[2].lowercased() : "linear"
            guard (2...3).contains(fields.count), let center = Double(fields[0]), let width = Double(fields[1]),
                center.isFinite, width.isFinite, width > 0, function != "linear" || width >= 1,
                PictureWish.windowFunctions.contains(function)
            else { throw .badRequest("window is centre,width,function with linear, linear-exact or sigmoid") }
            window = (center, width, function)
        }
    }
}
