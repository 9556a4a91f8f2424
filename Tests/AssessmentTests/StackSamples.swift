import DICOMCore
import Foundation

@testable import Assessment

/// The same numbers on every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: Int) { state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A slice of an invented series: where it lies and what else its header says.
struct SampleSlice {
    var position: SIMD3<Double>
    var orientation: [Double]
    var number: Int?
    var header: Header = [:]

    var attributes: Header {
        var values = header
        values[.imagePositionPatient] = [position.x, position.y, position.z].map(SampleSlice.text).joined(
            separator: "\\")
        values[.imageOrientationPatient] = orientation.map(SampleSlice.text).joined(separator: "\\")
        if let number { values[.instanceNumber] = "\(number)" }
        return values
    }

    /// As scanners write decimals: at most 16 characters.
    static func text(_ value: Double) -> String { String(format: "%.6f", value) }
}

/// How the slices of an invented stack lie.
struct SampleStack {
    var orientation = SampleStack.axial
    /// Distances between neighbours, millimetres.
    var distances: [Double]
    var origin = SIMD3(-115.5, -1.85, 100.0)
    /// From slice to slice aside, per millimetre along the normal.
    var shear = SIMD2(0.0, 0.0)
    var header: Header = [:]

    static let axial: [Double] = [1, 0, 0, 0, 1, 0]
    static let sagittal: [Double] = [0, 1, 0, 0, 0, -1]
    static let coronal: [Double] = [1, 0, 0, 0, 0, -1]

    static func oblique(_ degrees: Double, _ turn: Double = 0) -> [Double] {
        let (tilt, yaw) = (degrees * .pi / 180, turn * .pi / 180)
        return [cos(yaw), sin(yaw), 0, -sin(yaw) * cos(tilt), cos(yaw) * cos(tilt), sin(tilt)]
    }

    /// Numbered from 1 along the normal.
    var slices: [SampleSlice] {
        let (row, column) = (
            SIMD3(orientation[0], orientation[1], orientation[2]), SIMD3(orientation[3], orientation[4], orientation[5])
        )
        let normal = SIMD3(
            row.y * column.z - row.z * column.y, row.z * column.x - row.x * column.z,
            row.x * column.y - row.y * column.x)
        var along = 0.0
        var result: [SampleSlice] = []
        for index in 0...distances.count {
            let place = origin + normal * along + row * (shear.x * along) + column * (shear.y * along)
            result.append(SampleSlice(position: place, orientation: orientation, number: index + 1, header: header))
            if index < distances.count { along += distances[index] }
        }
        return result
    }

    static func regular(_ count: Int, spacing: Double, orientation: [Double] = axial, header: Header = [:])
        -> [SampleSlice]
    {
        SampleStack(
            orientation: orientation, distances: Array(repeating: spacing, count: count - 1), header: header
        ).slices
    }
}

extension [SampleSlice] {
    /// Numbered anew in their order.
    func renumbered(from first: Int = 1, step: Int = 1) -> [SampleSlice] {
        enumerated().map { index, slice in
            var slice = slice
            slice.number = first + index * step
            return slice
        }
    }

    func jittered(_ amount: Double, _ generator: inout SeededGenerator) -> [SampleSlice] {
        map { slice in
            var slice = slice
            let row = SIMD3(slice.orientation[0], slice.orientation[1], slice.orientation[2])
            let column = SIMD3(slice.orientation[3], slice.orientation[4], slice.orientation[5])
            let normal = SIMD3(
                row.y * column.z - row.z * column.y, row.z * column.x - row.x * column.z,
                row.x * column.y - row.y * column.x)
            slice.position += normal * Double.random(in: -amount...amount, using: &generator)
            return slice
        }
    }

    func with(_ header: Header) -> [SampleSlice] {
        map { slice in
            var slice = slice
            slice.header.merge(header) { $1 }
            return slice
        }
    }

    func without(_ index: Int) -> [SampleSlice] {
        var rest = self
        rest.remove(at: index)
        return rest
    }

    func series(_ number: Int = 1, modality: String = "CT") throws -> SeriesContent {
        let defaults: Header = [
            .imageType: "ORIGINAL\\PRIMARY\\AXIAL", .frameOfReferenceUID: "1.2.3.9", .pixelSpacing: "0.5\\0.5",
        ]
        return try SeriesContent(
            seriesInstanceUID: SeriesInstanceUID("1.2.3.\(number)"), modality: modality,
            instances: enumerated().map { index, slice in
                try InstanceContent.sample(
                    "1.2.3.\(number).\(index)", attributes: defaults.merging(slice.attributes) { $1 })
            })
    }
}
