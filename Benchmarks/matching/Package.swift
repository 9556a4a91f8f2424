// swift-tools-version: 6.2
import PackageDescription

// Its own small package, so that the program's does not grow products for it; the rooms are links to the sources.

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "matching-benchmark",
    targets: [
        .target(name: "DICOMCore", swiftSettings: swiftSettings),
        .target(
            name: "Catalogue", dependencies: ["DICOMCore"], resources: [.copy("Resources")],
            swiftSettings: swiftSettings),
        .target(name: "Matching", dependencies: ["Catalogue", "DICOMCore"], swiftSettings: swiftSettings),
        .executableTarget(
            name: "MatchingBenchmark", dependencies: ["Matching", "Catalogue"], swiftSettings: swiftSettings),
    ]
)
