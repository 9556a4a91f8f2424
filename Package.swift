// swift-tools-version: 6.2
import PackageDescription

// Rooms, lowest first. A target may import what its line names and nothing else;
// `swift build --explicit-target-dependency-import-check=error` holds it to that.
// docs/map.md says what each room owns.

let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func room(
    _ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil, settings: [SwiftSetting] = []
) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings + settings)
}

// Every start reads 27,000 words, and every image has millions of pixels. Unoptimised both take seconds, and the tests
// start a hundred daemons.
let optimisedAlways: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

let optimisedAlwaysC: [CXXSetting] = [.unsafeFlags(["-O2"], .when(configuration: .debug))]

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: swiftSettings)
}

let package = Package(
    name: "priord",
    products: [
        .executable(name: "priord", targets: ["priord"]),
        .executable(name: "priorctl", targets: ["priorctl"]),
    ],
    dependencies: [
        // SQLite with a writer queue, read snapshots and migrations; the system's SQLite underneath.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // HTTP server of the web page, the API, metrics and the admin socket.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        // Byte buffers, channels and header types, which the interfaces of the HTTP server and client are made of, and
        // threads for what blocks.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        // HTTP client: with Unix sockets for priorctl, with streamed bodies for STOW-RS destinations.
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        // Whom STOW-RS destinations may trust, and what priord shows them: the HTTP client's TLS settings are its types.
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        // Commands and flags of both programs.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // The logging interface every room writes to.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // Long-lived services: ordered start, graceful stop on SIGTERM.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        // The YAML of priord.yaml, with the line of each key. (swift-configuration reads no lists of objects and gives nil for
        // a value that does not convert, where every fault is to be reported with its place.)
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // SHA-256 of every stored object, keyed hashes of national IDs.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        room("DICOMCore", []),

        .target(
            name: "CDCMTK",
            cxxSettings: [.unsafeFlags(["-Werror=delete-incomplete", "-Wall", "-Wextra"])] + optimisedAlwaysC,
            linkerSettings: [
                "dcmjpls", "dcmtkcharls", "dcmjpeg", "ijg8", "ijg12", "ijg16", "dcmimage", "dcmimgle",
                "dcmtls", "dcmnet", "dcmdata", "oflog", "ofstd", "openjp2", "ssl", "crypto",
                // Pictures for browsers: DCMTK codes them into files alone, and the pixel worker has none.
                "png", "jpeg",
            ].map { .linkedLibrary($0) }),
        room("DICOMNetwork", ["CDCMTK", "DICOMCore", log]),
        room("DICOMImaging", ["CDCMTK", "DICOMCore", log], settings: optimisedAlways),

        room("Catalogue", ["DICOMCore"], resources: [.copy("Resources")], settings: optimisedAlways),
        room("Matching", ["Catalogue", "DICOMCore"], settings: optimisedAlways),
        room("Assessment", ["Catalogue", "DICOMImaging", "DICOMCore"]),
        room(
            "Archive",
            [
                "DICOMCore", log,
                .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        room(
            "Recall", ["Archive", "Catalogue", "DICOMCore", .product(name: "Crypto", package: "swift-crypto")],
            settings: optimisedAlways),
        room(
            "Ingestion",
            [
                "Assessment", "Matching", "Catalogue", "DICOMImaging", "Archive", "DICOMNetwork", "DICOMCore", log,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        room(
            "Delivery",
            [
                "DICOMImaging", "Archive", "DICOMNetwork", "DICOMCore", log, nio,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        room(
            "DICOMServices",
            [
                "Ingestion", "Delivery", "Archive", "DICOMNetwork", "DICOMCore", log,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        room(
            "Sources",
            [
                "Recall", "Ingestion", "Delivery", "Matching", "Catalogue", "Archive", "DICOMNetwork", "DICOMCore", log,
                nio,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        room("AdminAPI", ["DICOMCore"]),
        room("PriordConfig", ["DICOMCore", .product(name: "Yams", package: "Yams")]),
        room(
            "Web",
            [
                "Ingestion", "Delivery", "Recall", "Sources", "Matching", "Catalogue", "Archive", "AdminAPI",
                "DICOMCore", log,
                nio,
                .product(name: "NIOPosix", package: "swift-nio"),
                httpTypes,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Crypto", package: "swift-crypto"),
            ], resources: [.copy("Resources")]),

        .executableTarget(
            name: "priord",
            dependencies: [
                "Web", "DICOMServices", "Ingestion", "Delivery", "Sources", "Recall", "Assessment", "Matching",
                "Catalogue",
                "Archive",
                "DICOMImaging", "DICOMNetwork", "PriordConfig", "AdminAPI", "DICOMCore", log, argumentParser,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ], swiftSettings: swiftSettings),
        .executableTarget(
            name: "priorctl",
            dependencies: [
                "AdminAPI", "Matching", "Catalogue", "DICOMNetwork", "DICOMCore", argumentParser, nio,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], swiftSettings: swiftSettings),

        // Images of known content that the tests of several rooms build.
        .target(
            name: "TestImages", dependencies: ["DICOMCore"], path: "Tests/TestImages", swiftSettings: swiftSettings),
        // The bundled catalogues and words, once for all tests.
        .target(
            name: "TestCatalogues", dependencies: ["Matching", "Catalogue"], path: "Tests/TestCatalogues",
            swiftSettings: swiftSettings),
        tests("DICOMCoreTests", ["DICOMCore"]),
        tests("DICOMNetworkTests", ["DICOMNetwork", "DICOMCore", log]),
        tests("DICOMImagingTests", ["DICOMImaging", "DICOMCore", "TestImages", log]),
        tests("CatalogueTests", ["Catalogue", "DICOMCore"]),
        tests(
            "MatchingTests", ["Matching", "Catalogue", "DICOMCore"], exclude: ["Independent", "Studies", "Wordings"]),
        tests(
            "AssessmentTests", ["Assessment", "Catalogue", "DICOMImaging", "DICOMNetwork", "DICOMCore", "TestImages"]),
        tests("ArchiveTests", ["Archive", "DICOMCore", log, .product(name: "GRDB", package: "GRDB.swift")]),
        tests(
            "RecallTests",
            [
                "Recall", "Archive", "Catalogue", "DICOMCore", "TestCatalogues", log,
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        tests("PriordConfigTests", ["PriordConfig", "Assessment", "DICOMCore"]),
        tests(
            "IngestionTests",
            [
                "Ingestion", "Assessment", "Matching", "Catalogue", "Archive", "DICOMImaging", "DICOMNetwork",
                "DICOMCore", "TestImages", "TestCatalogues", log,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        tests(
            "DeliveryTests",
            ["Delivery", "DICOMImaging", "Archive", "DICOMNetwork", "DICOMCore", "TestImages", log, nio]),
        tests("DICOMServicesTests", ["DICOMServices", "Archive", "DICOMNetwork", "DICOMCore"]),
        tests(
            "SourcesTests",
            [
                "Sources", "Recall", "Ingestion", "Delivery", "Matching", "Catalogue", "Archive", "DICOMNetwork",
                "DICOMCore", log, nio, .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        tests("AdminAPITests", ["AdminAPI", "DICOMCore"]),
        tests(
            "WebTests",
            [
                "Web", "Ingestion", "Delivery", "Recall", "Sources", "Assessment", "Matching", "Catalogue", "Archive",
                "DICOMImaging", "DICOMNetwork", "AdminAPI", "DICOMCore", "TestCatalogues", log,
                nio, httpTypes,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        tests(
            "PriorctlTests",
            ["priorctl", "AdminAPI", "Matching", "Catalogue", "DICOMNetwork", "DICOMCore", log, nio, argumentParser]),
        tests("EndToEndTests", [], exclude: ["Clients"]),
    ],
    cxxLanguageStandard: .cxx17
)
