internal import AdminAPI
internal import Archive
internal import DICOMCore
internal import Delivery
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Ingestion
internal import Logging

/// Pictures for people (PS3.18 10.4.1.1.3, 10.4.1.1.4): of a Study or Series one for each image in it as parts, or that which
/// stands for all of them alone; of frames each.
struct DICOMwebPictureRoutes {
    let routes: DICOMwebRoutes
    private var daemon: Daemon { routes.daemon }

    /// - Parameter levels: paths of Study, Series and Instance.
    func add(to router: Router<WebContext>, _ levels: [String]) {
        for level in levels {
            router.resource(RouterPath(level + "/thumbnail"), [.get: { try await thumbnail($0, DICOMwebTarget($1)) }])
            router.resource(RouterPath(level + "/rendered"), [.get: { try await rendered($0, DICOMwebTarget($1)) }])
        }
        guard let instance = levels.last else { return }
        router.resource(
            RouterPath(instance + "/frames/:frames/rendered"), [.get: { try await frames($0, $1, isThumbnail: false) }])
        router.resource(
            RouterPath(instance + "/frames/:frames/thumbnail"), [.get: { try await frames($0, $1, isThumbnail: true) }])
    }

    private func thumbnail(_ request: Request, _ target: DICOMwebTarget) async throws -> Response {
        let query = try PictureQuery(request, isThumbnail: true)
        let form = try query.form(ofSeveral: false)
        return try await one(query, form, representatives(of: target), middleFrame: true)
    }

    private func rendered(_ request: Request, _ target: DICOMwebTarget) async throws -> Response {
        let query = try PictureQuery(request, isThumbnail: false)
        let form = try query.form(ofSeveral: target.instance == nil)
        if target.instance != nil { return try await one(query, form, [routes.selected(target)]) }
        guard form.isMultipart else { return try await one(query, form, representatives(of: target)) }
        return try await each(query, form, target)
    }

    private func frames(_ request: Request, _ context: WebContext, isThumbnail: Bool) async throws -> Response {
        let numbers = try DICOMwebPixelRoutes.frameNumbers(context)
        guard !isThumbnail || numbers.count == 1 else {
            throw Problem.badRequest("a thumbnail is of one frame")
        }
        guard numbers.count <= Self.frameLimit else {
            throw Problem.badRequest("at most \(Self.frameLimit) frames are rendered at a time")
        }
        var query = try PictureQuery(request, isThumbnail: isThumbnail)
        let form = try query.form(ofSeveral: numbers.count > 1)
        let instance = try await routes.selected(DICOMwebTarget(context))
        query.wish.frame = numbers[0]
        guard numbers.count > 1 else { return try await one(query, form, [instance]) }
        guard form.isMultipart else {
            throw Problem.notAcceptable("several frames are answered as multipart/related; type=\"\(form.type)\"")
        }
        return try await each(query, form, numbers, of: instance)
    }

    private static let frameLimit = 1000

    /// The image in the middle, which shows most, and others if it cannot be drawn; whatever there is where there is no image.
    private func representatives(of target: DICOMwebTarget) async throws -> [StoredInstance] {
        let index = daemon.archive.index
        return try await daemon.retrievals.run {
            var instances = try index.instances(of: target.selection)
            let middle = instances.count / 2
            var number = 0
            var chosen: StoredInstance?
            var others: [StoredInstance] = []
            while number <= middle || chosen?.image.rows == nil, let next = try instances.next() {
                if chosen == nil || next.image.rows != nil {
                    if let chosen, chosen.image.rows != nil, others.count < Self.otherLimit { others.append(chosen) }
                    chosen = next
                }
                number += 1
            }
            guard let chosen else { throw target.absence }
            while others.count < Self.otherLimit, let next = try instances.next() {
                if next.image.rows != nil { others.append(next) }
            }
            return [chosen] + others
        }
    }

    /// Images that are tried where that in the middle is damaged.
    private static let otherLimit = 4

    /// The first of `instances` that can be drawn.
    private func one(
        _ query: PictureQuery, _ form: PictureForm, _ instances: [StoredInstance], middleFrame: Bool = false
    ) async throws -> Response {
        let views = daemon.views
        var reason: ViewError?
        for instance in instances {
            var wish = query.wish(for: form)
            if middleFrame { wish.frame = ((instance.image.numberOfFrames ?? 1) + 1) / 2 }
            let tag = instance.entityTag("\(form.type)-\(wish.frame)-\(daemon.facts.version)")
            if let unchanged = query.request.unchanged(tag) { return unchanged }
            do {
                let picture = try await daemon.pictures.run { [wish] in try views.picture(of: instance, wish) }
                var headers: HTTPFields = [.eTag: tag]
                headers.tell(of: picture)
                headers.warn(query.warnings, daemon.baseURI(of: query.request))
                let part = DICOMwebPart(contentType: form.type, bytes: picture.bytes)
                guard form.isMultipart else { return routes.single(part, headers: headers) }
                return routes.multipart(of: form.type, part, headers: headers, then: ()) { _ in nil }
            } catch let error as ViewError where error.isOfPixels {
                reason = reason ?? error
            }
        }
        throw reason ?? .absent(detail: "nothing to be rendered")
    }

    /// Every image of a Study or Series that can be drawn. What is none is left out, which a status says as far as it is known
    /// when the answer begins; each part names what it is of.
    private func each(
        _ query: PictureQuery, _ form: PictureForm, _ target: DICOMwebTarget
    ) async throws -> Response {
        let wish = query.wish(for: form)
        let views = daemon.views
        let base = daemon.baseURI(of: query.request)
        let selected = try await routes.selection(target)
        let draw: @Sendable (StoredInstance) throws -> DICOMwebPart = { instance in
            guard instance.image.rows != nil else { throw ViewError.absent(detail: "nothing to be rendered") }
            return DICOMwebPart(
                contentType: form.type, location: base + DICOMwebTarget(instance).path + "/rendered",
                bytes: try views.picture(of: instance, wish).bytes)
        }
        let drawIfPossible: @Sendable (StoredInstance) throws -> DICOMwebPart? = { [logger = routes.logger] instance in
            do {
                return try draw(instance)
            } catch let error as ViewError where error.isOfPixels {
                logger.info(
                    "instance not rendered",
                    metadata: ["sop-instance-uid": "\(instance.sopInstanceUID)", "why": "\(error)"])
                return nil
            }
        }
        let (first, leftOut, rest) = try await daemon.pictures.run {
            var rest = selected
            var leftOut = 0
            var reason: ViewError?
            while let instance = try rest.next() {
                do {
                    return (try draw(instance), leftOut, rest)
                } catch let error as ViewError where error.isOfPixels {
                    leftOut += 1
                    // That of an image says more than that of a report.
                    if reason == nil || instance.image.rows != nil { reason = error }
                }
            }
            throw reason ?? .absent(detail: "nothing to be rendered")
        }
        let others = try await withoutImage(rest)
        var headers = HTTPFields()
        let count = leftOut + others
        headers.warn(query.warnings + (count > 0 ? [DICOMwebRoutes.partial(count)] : []), base)
        return routes.multipart(
            of: form.type, first, status: count > 0 ? .partialContent : .ok, headers: headers, then: rest
        ) { [pictures = daemon.pictures] in
            try await pictures.run(following: $0, drawIfPossible)
        }
    }

    /// How many have no image, as the index tells.
    private func withoutImage(_ instances: SelectedInstances) async throws -> Int {
        try await daemon.retrievals.run {
            var rest = instances
            var count = 0
            while let instance = try rest.next() { count += instance.image.rows == nil ? 1 : 0 }
            return count
        }
    }

    private func each(
        _ query: PictureQuery, _ form: PictureForm, _ numbers: [Int], of instance: StoredInstance
    ) async throws -> Response {
        let wish = query.wish(for: form)
        let views = daemon.views
        let base = daemon.baseURI(of: query.request)
        let place = base + DICOMwebTarget(instance).path + "/frames/"
        let lane = daemon.pictures
        let draw: @Sendable (Int) async throws -> DICOMwebPart = { number in
            try await lane.run {
                var wish = wish
                wish.frame = number
                return DICOMwebPart(
                    contentType: form.type, location: "\(place)\(number)/rendered",
                    bytes: try views.picture(of: instance, wish).bytes)
            }
        }
        guard numbers.allSatisfy({ $0 <= instance.image.numberOfFrames ?? 1 }) else {
            throw ViewError.absent(detail: "no such frame")
        }
        var headers = HTTPFields()
        headers.warn(query.warnings, base)
        let first = try await draw(numbers[0])
        return routes.multipart(of: form.type, first, headers: headers, then: numbers.dropFirst()) { rest in
            guard let number = rest.first else { return nil }
            return (try await draw(number), rest.dropFirst())
        }
    }
}

/// In what pictures are answered.
struct PictureForm: Sendable {
    let type: String
    let isMultipart: Bool
}

/// A request for pictures, read (PS3.18 8.3.5).
struct PictureQuery: Sendable {
    let request: Request
    var wish: PictureWish
    /// What was not done as asked.
    private(set) var warnings: [String] = []
    private let ranges: [MediaRange]

    private static let types = ["image/jpeg", "image/png"]

    /// - Throws: a problem with status 400 naming the parameter.
    init(_ request: Request, isThumbnail: Bool) throws(Problem) {
        let names: Set<String> = ["accept", "viewport"]
        let query = try QueryParameters(
            request.uri,
            allowed: isThumbnail ? names : names.union(["window", "quality", "annotation", "iccprofile"]))
        self.request = request
        ranges = try request.mediaRanges(query)
        wish = try PictureWish(query)
        if isThumbnail, wish.viewport == nil {
            wish.viewport = (PictureWish.thumbnailSide, PictureWish.thumbnailSide)
        }
        if let text = query["annotation"] {
            // Nothing is burned in that anybody could mistake for the image (PS3.18 8.3.5.1.1).
            let values = text.split(separator: ",", omittingEmptySubsequences: false)
            guard values.allSatisfy({ $0 == "patient" || $0 == "technique" }) else {
                throw .badRequest("annotation is patient, technique or both, with a comma between")
            }
            warnings.append("The following annotation values are not supported: \(text)")
        }
        if let profile = try query.choice("iccprofile", of: Self.profiles), profile != "no" {
            warnings.append("The iccprofile parameter is not supported. No profile is embedded.")
        }
    }

    /// PS3.18 8.3.5.1.5.
    private static let profiles = ["no", "yes", "srgb", "adobergb", "rommrgb", "displayp3"]

    /// What is asked for, in that form.
    func wish(for form: PictureForm) -> PictureWish {
        var wish = wish
        if form.type == "image/png" { wish.format = .png }
        return wish
    }

    /// - Parameter isSeveral: whether the path names what may have several pictures: these come as parts, one comes alone.
    /// - Throws: a problem with status 406 when the client takes no form of them.
    func form(ofSeveral isSeveral: Bool) throws(Problem) -> PictureForm {
        for range in ranges {
            for type in Self.types {
                if isSeveral, range.takesParts(of: type) { return PictureForm(type: type, isMultipart: true) }
                if range.takes(type) { return PictureForm(type: type, isMultipart: false) }
                if range.takesParts(of: type) { return PictureForm(type: type, isMultipart: true) }
            }
        }
        throw .notAcceptable("pictures are answered as image/jpeg or image/png")
    }
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

extension HTTPFields {
    /// Tells by which window a picture was made, and between which values the frame lies: a viewer that windows needs both, and
    /// in the header they stand at many places.
    fileprivate mutating func tell(of picture: RenderedPicture) {
        if let (center, width, function) = picture.window, let name = HTTPField.Name("Priord-Window") {
            self[name] = "\(center),\(width),\(function)"
        }
        if let (lowest, highest) = picture.values, let name = HTTPField.Name("Priord-Values") {
            self[name] = "\(lowest),\(highest)"
        }
    }
}
