import DICOMCore
import Foundation

/// Thresholds of `inconsistent-geometry`.
public struct InconsistentGeometryParameters: RuleParameters {
    /// How far direction cosines may be from unit length and right angles; two digits round by less.
    public var cosineError = 0.01
    /// How far from the isocentre an image may lie, in mm.
    public var reach = 5000.0
    /// The finest and the coarsest pixels, in mm; detectors go down to 0.05 mm, nuclear medicine up to 10 mm.
    public var leastSpacing = 0.01
    public var greatestSpacing = 20.0
    /// The largest image, in mm; a scout of the whole body has two metres.
    public var extent = 3000.0
    /// How far Pixel Spacing × Columns may be from Reconstruction Diameter (0018,1100), as a fraction of it.
    public var diameterError = 0.1
    /// How far an image may lie beside the row of the others, in mm.
    public var shift = 5.0
    /// How far the row of a stack may lean from its normal beyond the gantry's tilt, in degrees.
    public var lean = 10.0

    public static var settings: [RuleSetting<Self>] {
        [
            RuleSetting("cosine-error", \.cosineError, unit: "cosine", range: 0.0001...0.1),
            RuleSetting("reach", \.reach, unit: "mm", range: 100...20_000),
            RuleSetting("least-spacing", \.leastSpacing, unit: "mm", range: 0...1),
            RuleSetting("greatest-spacing", \.greatestSpacing, unit: "mm", range: 1...100),
            RuleSetting("extent", \.extent, unit: "mm", range: 100...20_000),
            RuleSetting("diameter-error", \.diameterError, unit: "fraction", range: 0.01...1),
            RuleSetting("shift", \.shift, unit: "mm", range: 0.1...100),
            RuleSetting("lean", \.lean, unit: "degrees", range: 1...90),
        ]
    }

    public init() {}
}

/// `inconsistent-geometry`: where the images lie, as their headers say, cannot be, or contradicts itself.
///
/// Each image alone, and each frame of an enhanced one: numbers, unit vectors at right angles, a place within reach, pixels of a size (PS3.3 C.7.6.2.1.1).
/// The images of a stack together: one orientation, matrix, spacing, Frame of Reference, one row, one order, and what
/// else the header says of the place (Slice Location, Patient Orientation, tilt, Reconstruction Diameter). Scouts,
/// pages and several stacks in one series are as they should be (``GeometryStack``).
struct InconsistentGeometry: QualityRule {
    let name = QualityRuleName.inconsistentGeometry
    let parameters: InconsistentGeometryParameters

    func findings(in series: InspectedSeries) -> [Quality.Finding] {
        let images = series.images.map(\.instance).filter { !$0.isCapture && !$0.isSegmentation }
        let single = faultsAlone(series, images)
        guard series.series.isSliced else { return single }
        return single + missing(series, images) + orientationLetters(series, images) + diameter(series, images)
            + stackFindings(series, images)
    }

    private func finding(
        _ series: InspectedSeries, _ severity: Quality.Severity, _ instance: InstanceContent, value: Double? = nil,
        threshold: Double? = nil, unit: String? = nil, _ detail: String
    ) -> Quality.Finding {
        var finding = series.finding(name, severity, value: value, threshold: threshold, unit: unit, detail)
        finding.sopInstanceUID = instance.sopInstanceUID
        return finding
    }

    // MARK: Each image alone

    /// A fault, where it was first seen, and how many images have it; of a multi-frame object how many frames.
    private struct Seen {
        let fault: GeometryFault
        let instance: InstanceContent
        var count = 1
        /// From 1, of the first object; nil where that is one image.
        var frame: Int?
        var frameCount = 0

        func detail(of imageCount: Int) -> String {
            var text = fault.detail
            if count > 1 { text += " in \(count) of \(imageCount) images" }
            if let frame {
                text += frameCount > 1 ? " in \(frameCount) frames, first in frame \(frame)" : " in frame \(frame)"
            }
            return text
        }
    }

    private func faultsAlone(_ series: InspectedSeries, _ images: [InstanceContent]) -> [Quality.Finding] {
        var found: [Seen] = []
        for instance in images {
            for seen in faults(of: instance, isSliced: series.series.isSliced) {
                if let index = found.firstIndex(where: { $0.fault.detail == seen.fault.detail }) {
                    found[index].count += 1
                } else {
                    found.append(seen)
                }
            }
        }
        return found.map { seen in
            finding(
                series, seen.fault.isCertain ? .fail : .review, seen.instance, value: seen.fault.value,
                threshold: seen.fault.threshold, unit: seen.fault.unit, seen.detail(of: images.count))
        }
    }

    /// Each fault of an object once. What its frames say is looked at where images are slices of a body; a microscope's or an
    /// endoscope's have sizes of their own.
    private func faults(of instance: InstanceContent, isSliced: Bool) -> [Seen] {
        let (rows, columns) = (instance.attributes.integer(.rows), instance.attributes.integer(.columns))
        var found = ImageGeometry(instance.attributes).faults(rows: rows, columns: columns, parameters).map {
            Seen(fault: $0, instance: instance)
        }
        for (index, frame) in (isSliced ? instance.frames : []).enumerated() {
            for fault in ImageGeometry(frame).faults(rows: rows, columns: columns, parameters) {
                if let known = found.firstIndex(where: { $0.fault.detail == fault.detail }) {
                    found[known].frameCount += 1
                } else {
                    found.append(Seen(fault: fault, instance: instance, frame: index + 1, frameCount: 1))
                }
            }
        }
        return found
    }

    /// Position, orientation and spacing are type 1 of CT and MR images (PS3.3 C.7.6.2): without them nothing can be measured.
    private func missing(_ series: InspectedSeries, _ images: [InstanceContent]) -> [Quality.Finding] {
        let classes: Set = ["1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"]
        let scanned = images.filter { instance in
            let isTiled = instance.imageType.contains { ["MOSAIC", "VFRAME"].contains($0.uppercased()) }
            return classes.contains(instance.sopClassUID.value) && !instance.isComputed && !isTiled
        }
        let lacking = scanned.filter { instance in
            let geometry = ImageGeometry(instance.attributes)
            return (geometry.position.isMissing && !instance.attributes.contains(.imagePositionRetired))
                || (geometry.orientation.isMissing && !instance.attributes.contains(.imageOrientationRetired))
        }
        let unsized = scanned.filter { instance in
            let geometry = ImageGeometry(instance.attributes)
            return geometry.spacing.isMissing && !geometry.position.isMissing && !geometry.orientation.isMissing
        }
        if let first = unsized.first {
            return [
                finding(
                    series, .review, first, value: Double(unsized.count), threshold: 0, unit: "images",
                    "\(unsized.count) of \(scanned.count) images have a place and no Pixel Spacing")
            ]
        }
        // What was never measured by a scanner has no size either.
        let isMeasured = scanned.contains { !ImageGeometry($0.attributes).spacing.isMissing }
        guard let first = lacking.first, lacking.count < scanned.count || isMeasured else { return [] }
        return [
            finding(
                series, .review, first, value: Double(lacking.count), threshold: 0, unit: "images",
                "\(lacking.count) of \(scanned.count) images have no Image Position or Orientation (Patient)")
        ]
    }

    /// Patient Orientation (0020,0020) names the directions of rows and columns in letters (PS3.3 C.7.6.1.1.1).
    private func orientationLetters(_ series: InspectedSeries, _ images: [InstanceContent]) -> [Quality.Finding] {
        let contradicting = images.filter { instance in
            let letters = instance.attributes.strings(.patientOrientation)
            guard letters.count == 2, let plane = ImageGeometry(instance.attributes).plane else { return false }
            return zip(letters, [plane.row, plane.column]).contains { InconsistentGeometry.contradicts($0, $1) }
        }
        guard let first = contradicting.first else { return [] }
        return [
            finding(
                series, .review, first, value: Double(contradicting.count), threshold: 0, unit: "images",
                "Patient Orientation contradicts Image Orientation (Patient) in \(contradicting.count) of "
                    + "\(images.count) images")
        ]
    }

    /// Whether a direction written in letters, the main one first, cannot be `vector`.
    private static func contradicts(_ letters: String, _ vector: SIMD3<Double>) -> Bool {
        let axes: [Character: SIMD3<Double>] = [
            "L": SIMD3(1, 0, 0), "R": SIMD3(-1, 0, 0), "P": SIMD3(0, 1, 0), "A": SIMD3(0, -1, 0), "H": SIMD3(0, 0, 1),
            "F": SIMD3(0, 0, -1),
        ]
        let named = letters.uppercased().compactMap { axes[$0] }.map { SlicePlane.dot($0, vector) }
        // Between two axes either letter may come first: within 45° of both it is right.
        return named.count == letters.count && !named.isEmpty && (named[0] < 0.3 || named.contains { $0 < -0.3 })
    }

    /// The circle that was reconstructed is as wide as the image (PS3.3 C.8.2.1).
    private func diameter(_ series: InspectedSeries, _ images: [InstanceContent]) -> [Quality.Finding] {
        let original = images.filter { !$0.isDerived && !$0.isLocalizer }
        let errors = original.compactMap { instance -> (instance: InstanceContent, error: Double)? in
            let attributes = instance.attributes
            guard let diameter = attributes.decimal(.reconstructionDiameter), diameter > 0,
                let spacing = attributes.decimals(.pixelSpacing), spacing.count == 2,
                let rows = attributes.integer(.rows), let columns = attributes.integer(.columns)
            else { return nil }
            let ratio = max(spacing[0] * Double(rows), spacing[1] * Double(columns)) / diameter
            // A smaller image may have been cut out; what a scanner reconstructs is a square of at least 512.
            guard ratio > 1 || (rows == columns && rows >= 512) else { return nil }
            return (instance, abs(ratio - 1))
        }
        guard series.series.modality?.uppercased() == "CT", let worst = errors.max(by: { $0.error < $1.error }),
            worst.error > parameters.diameterError
        else { return [] }
        return [
            finding(
                series, .review, worst.instance, value: (worst.error * 1000).rounded() / 1000,
                threshold: parameters.diameterError, unit: "fraction",
                "Pixel Spacing contradicts Reconstruction Diameter")
        ]
    }

    // MARK: The images of a stack

    private func stackFindings(_ series: InspectedSeries, _ images: [InstanceContent]) -> [Quality.Finding] {
        let stacked = images.filter { !$0.isLocalizer }
        let kinds = Dictionary(grouping: stacked) { $0.imageType.prefix(2).map { $0.uppercased() } }
        return kinds.sorted { $0.key.lexicographicallyPrecedes($1.key) }.flatMap { _, instances in
            GeometryStack(instances.compactMap(PlacedImage.init), shift: parameters.shift).map { findings($0, series) }
                ?? []
        }
    }

    private func findings(_ stack: GeometryStack, _ series: InspectedSeries) -> [Quality.Finding] {
        let odd: [([PlacedImage], String)] = [
            (stack.turned, "another orientation"), (stack.resized, "another number of rows or columns"),
            (stack.rescaled, "another Pixel Spacing"), (stack.otherwiseFramed, "another Frame of Reference"),
        ]
        var findings = odd.compactMap { images, what -> Quality.Finding? in
            guard let first = images.first else { return nil }
            let count = stack.regular.count + images.count
            return finding(
                series, .review, first.instance, value: Double(images.count), threshold: 0, unit: "images",
                "\(images.count) of the \(count) images of a stack have \(what)")
        }
        if let worst = stack.shifted.max(by: { $0.distance < $1.distance }) {
            findings.append(
                finding(
                    series, .review, worst.image.instance, value: (worst.distance * 10).rounded() / 10,
                    threshold: parameters.shift, unit: "mm",
                    "\(stack.shifted.count) images of a stack lie beside the row of the others"))
        }
        return findings + [lean(stack, series), location(stack, series), tilt(stack, series)].compactMap { $0 }
    }

    /// Slices follow one another across their plane, in a tilted gantry along the table.
    private func lean(_ stack: GeometryStack, _ series: InspectedSeries) -> Quality.Finding? {
        guard let first = stack.regular.first else { return nil }
        let cosine = min(1, abs(SlicePlane.dot(stack.step, stack.axis)))
        let angle = acos(cosine) * 180 / .pi
        let isAlongTable = abs(stack.step.z) > 0.999 && abs(stack.axis.x) < 0.05
        let isTilted = series.series.modality?.uppercased() == "CT" && isAlongTable && angle <= 35
        let tilt = abs(first.tilt ?? 0)
        guard !isTilted, min(angle, abs(angle - tilt)) > parameters.lean else { return nil }
        return finding(
            series, .review, first.instance, value: (angle * 10).rounded() / 10, threshold: parameters.lean,
            unit: "degrees", "the slices do not follow one another across their plane")
    }

    /// Slice Location (0020,1041) runs with the place of the images, whatever it is counted from and in which direction.
    private func location(_ stack: GeometryStack, _ series: InspectedSeries) -> Quality.Finding? {
        let pairs = stack.regular.compactMap { image in
            image.sliceLocation.map {
                (image: image, place: SlicePlane.dot(image.plane.position, stack.axis), location: $0)
            }
        }.sorted { $0.place < $1.place }
        let half = pairs.count / 2
        guard pairs.count >= 5, let first = stack.places.first, let last = stack.places.last else { return nil }
        let far = (0..<(pairs.count - half)).map { (pairs[$0], pairs[$0 + half]) }.filter { $1.place - $0.place > 0.1 }
        let slope = median(far.map { ($1.location - $0.location) / ($1.place - $0.place) })
        let origin = median(pairs.map { $0.location - slope * $0.place })
        let spacing = (last - first) / Double(stack.places.count - 1)
        let limit = max(1, 0.6 * spacing)
        let odd = pairs.map { ($0.image, abs($0.location - slope * $0.place - origin)) }.filter { $0.1 > limit }
        // In most images the two have to run together, or Slice Location counts something else.
        guard let worst = odd.max(by: { $0.1 < $1.1 }), odd.count * 5 <= pairs.count, abs(slope) > 0.5 else {
            return nil
        }
        return finding(
            series, .review, worst.0.instance, value: (worst.1 * 10).rounded() / 10, threshold: limit, unit: "mm",
            "Slice Location contradicts Image Position (Patient) in \(odd.count) of \(pairs.count) images")
    }

    /// One stack, one tilt.
    private func tilt(_ stack: GeometryStack, _ series: InspectedSeries) -> Quality.Finding? {
        let tilts = stack.regular.compactMap { image in image.tilt.map { (image: image, tilt: $0) } }
        guard let usual = mode(tilts.map(\.tilt)),
            let worst = tilts.max(by: { abs($0.tilt - usual) < abs($1.tilt - usual) }), abs(worst.tilt - usual) > 1
        else { return nil }
        return finding(
            series, .review, worst.image.instance, value: worst.tilt, threshold: usual, unit: "degrees",
            "images of one stack name different tilts of the gantry")
    }
}
