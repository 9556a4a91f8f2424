internal import AdminAPI
internal import Crypto
internal import DICOMCore
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore

/// Style and scripts of the pages: files of the program, named by what is in them, so that browsers may keep them for good.
struct PageAssets: Sendable {
    private struct Asset {
        let bytes: [UInt8]
        let type: String
        let hash: String
    }

    private let assets: [String: Asset]

    private static let types = [
        "page.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8",
        "viewer.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml",
    ]

    /// Read once; a file that is not beside the program is missing from pages, which work without it.
    static let bundled = PageAssets(
        folder: Bundle.module.bundleURL.appendingPathComponent("Resources", isDirectory: true))

    init(folder: URL) {
        var assets: [String: Asset] = [:]
        for (name, type) in Self.types {
            guard let data = try? Data(contentsOf: folder.appendingPathComponent(name)) else { continue }
            let hash = SHA256.hash(data: data).prefix(8).hexadecimal
            assets[name] = Asset(bytes: Array(data), type: type, hash: hash)
        }
        self.assets = assets
    }

    /// Where a file is served; nil when it is not beside the program.
    func path(of name: String) -> PagePath? { assets[name].map { .asset(name, hash: $0.hash) } }

    /// - Throws: a problem with status 404 for a name or hash that is not ours.
    func answer(_ request: Request, name: String, hash: String) throws(Problem) -> Response {
        guard let asset = assets[name], asset.hash == hash else { throw .notFound("no such file") }
        let tag = "\"\(asset.hash)\""
        let headers: HTTPFields = [
            .contentType: asset.type, .eTag: tag, .cacheControl: "public, max-age=31536000, immutable",
            .xContentTypeOptions: "nosniff",
        ]
        if request.headers[.ifNoneMatch].map({ $0.contains(tag) || $0 == "*" }) ?? false {
            return Response(status: .notModified, headers: headers)
        }
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: asset.bytes)))
    }
}
