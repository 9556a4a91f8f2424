// swift-tools-version: 6.2
import PackageDescription

// Its own small package, so that the program's does not grow products for it; the rooms are links to the sources.

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]
let libraries: [LinkerSetting] = [
    "dcmjpls", "dcmtkcharls", "dcmjpeg", "ijg8", "ijg12", "ijg16", "dcmimage", "dcmimgle",
    "dcmtls", "dcmnet", "dcmdata", "oflog", "ofstd", "openjp2", "png", "jpeg",
].map { .linkedLibrary($0) }
let log = Target.Dependency.product(name: "Logging", package: "swift-log")

func room(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings)
}

let package = Package(
    name: "assessment-benchmark",
    dependencies: [.package(url: "https://github.com/apple/swift-log", from: "1.16.2")],
    targets: [
        room("DICOMCore", []),
        .target(
            name: "CDCMTK",
            cxxSettings: [.unsafeFlags(["-Werror=delete-incomplete", "-Wall", "-Wextra"])],
            linkerSettings: libraries),
        room("DICOMNetwork", ["CDCMTK", "DICOMCore", log]),
        room("DICOMImaging", ["CDCMTK", "DICOMCore", log]),
        room("Catalogue", ["DICOMCore"], resources: [.copy("Resources")]),
        room("Matching", ["Catalogue", "DICOMCore"]),
        room("Assessment", ["Catalogue", "DICOMImaging", "DICOMCore"]),
        .executableTarget(
            name: "AssessmentEvaluator",
            dependencies: ["Assessment", "Matching", "Catalogue", "DICOMImaging", "DICOMNetwork", "DICOMCore", log],
            swiftSettings: swiftSettings),
        // What run.py compares with: the libraries alone, without a line of priord.
        .executableTarget(name: "PeerDecoder", linkerSettings: libraries),
    ],
    cxxLanguageStandard: .cxx17
)
