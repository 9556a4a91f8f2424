import DICOMCore
import Foundation
import Testing

@testable import Assessment

/// Twelve axial CT slices 5 mm apart, 0.5 mm pixels, unless a test says otherwise.
@Suite struct InconsistentGeometryTests {
    private func header(_ index: Int, x: Double = -128, y: Double = -128, z: Double? = nil) -> Header {
        let place = z ?? Double(index) * 5
        return [
            .imagePositionPatient: "\(x)\\\(y)\\\(place)", .imageOrientationPatient: "1\\0\\0\\0\\1\\0",
            .pixelSpacing: "0.5\\0.5", .rows: "512", .columns: "512", .frameOfReferenceUID: "1.2.3.9",
            .sliceLocation: "\(place)", .imageType: "ORIGINAL\\PRIMARY\\AXIAL", .instanceNumber: "\(index + 1)",
            .reconstructionDiameter: "256",
        ]
    }

    private var stack: [Header] { (0..<12).map { header($0) } }

    private func findings(_ headers: [Header], modality: String = "CT", sopClass: String = "1.2.840.10008.5.1.4.1.1.2")
        throws -> [Quality.Finding]
    {
        let instances = try headers.enumerated().map { index, header in
            try InstanceContent.sample("1.2.3.1.\(index)", sopClass: sopClass, attributes: header)
        }
        let series = try SeriesContent(
            seriesInstanceUID: SeriesInstanceUID("1.2.3.1"), modality: modality, instances: instances)
        return try Assessor.sample { $0.qualityRules = [.inconsistentGeometry] }.quality(of: .sample([series])).findings
    }

    /// The stack with some Attributes of one slice changed.
    private func changed(_ index: Int, _ changes: Header) -> [Header] {
        var headers = stack
        headers[index].merge(changes) { $1 }
        return headers
    }

    @Test func `a plain stack is nothing to say`() throws {
        #expect(try findings(stack).isEmpty)
    }

    @Test(arguments: [
        "0\\0\\0\\0\\0\\0", "2\\0\\0\\0\\1\\0", "1\\0\\0\\1\\0\\0", "1\\0\\0\\0\\1", "nan\\0\\0\\0\\1\\0",
        "a\\b\\c\\d\\e\\f",
        "1\\0\\0\\0.5\\0.866\\0", "inf\\0\\0\\0\\1\\0",
    ])
    func `an orientation that is none fails, and names the image`(orientation: String) throws {
        let found = try findings(changed(4, [.imageOrientationPatient: orientation]))
        #expect(found.contains { $0.severity == .fail && $0.sopInstanceUID?.value == "1.2.3.1.4" })
    }

    @Test(arguments: ["1\\0\\0\\0\\1.03\\0", "1\\0.03\\0\\0\\1\\0"])
    func `an orientation a little off is raised`(orientation: String) throws {
        #expect(try findings(changed(4, [.imageOrientationPatient: orientation])).contains { $0.severity == .review })
    }

    @Test(arguments: ["0.71\\0.71\\0\\-0.71\\0.71\\0", "1\\0\\0\\0\\0.999\\-0.035", "1.00001\\0\\0\\0\\1\\0"])
    func `cosines of few digits are right`(orientation: String) throws {
        let headers = (0..<12).map { header($0).merging([.imageOrientationPatient: orientation]) { $1 } }
        #expect(try findings(headers).isEmpty)
    }

    @Test(arguments: ["nan\\0\\0", "1e9\\0\\0", "0\\0", "x\\y\\z", "0\\0\\-99999"])
    func `a position that is none fails`(position: String) throws {
        let found = try findings(changed(4, [.imagePositionPatient: position]))
        #expect(found.first?.severity == .fail && found.first?.sopInstanceUID?.value == "1.2.3.1.4")
    }

    @Test(arguments: ["0\\0", "-0.5\\0.5", "0.5", "0.0001\\0.0001", "500\\500", "1e300\\1e300", "nan\\nan", "0,5\\0,5"])
    func `a pixel spacing that is none fails`(spacing: String) throws {
        let found = try findings(changed(4, [.pixelSpacing: spacing]))
        #expect(found.contains { $0.severity == .fail && $0.sopInstanceUID?.value == "1.2.3.1.4" })
    }

    @Test func `a slice with a place and no pixel spacing is for review`() throws {
        let found = try findings(changed(4, [.pixelSpacing: ""]))
        #expect(found.contains { $0.severity == .review && $0.sopInstanceUID?.value == "1.2.3.1.4" })
        #expect(try findings(stack.map { $0.merging([.pixelSpacing: ""]) { $1 } }).map(\.value) == [12])
    }

    @Test(
        arguments: [
            ([.imageOrientationPatient: "0\\1\\0\\0\\0\\-1"], "another orientation"),
            ([.imageOrientationPatient: "-1\\0\\0\\0\\1\\0"], "another orientation"),
            ([.rows: "256"], "another number of rows or columns"),
            ([.pixelSpacing: "0.7\\0.7", .reconstructionDiameter: ""], "another Pixel Spacing"),
            ([.frameOfReferenceUID: "1.2.3.10"], "another Frame of Reference"),
        ] as [(Header, String)])
    func `one image that does not fit its stack is raised`(changes: Header, detail: String) throws {
        for index in [0, 5, 11] {
            let found = try findings(changed(index, changes))
            #expect(found.contains { $0.severity == .review && $0.detail.hasSuffix(detail) }, "\(index): \(found)")
            #expect(found.contains { $0.sopInstanceUID?.value == "1.2.3.1.\(index)" })
        }
    }

    @Test func `an image beside the row of the others is raised`() throws {
        var headers = stack
        headers[6] = header(6, x: -98)
        let found = try findings(headers)
        #expect(found.first?.value == 30 && found.first?.sopInstanceUID?.value == "1.2.3.1.6")
        headers[6] = header(6, x: -127)
        #expect(try findings(headers).isEmpty)
    }

    @Test func `a slice moved along the row contradicts its Slice Location`() throws {
        var headers = stack
        headers[6][.imagePositionPatient] = "-128\\-128\\42.5"
        let found = try findings(headers)
        #expect(found.first?.detail.hasPrefix("Slice Location contradicts") == true)
        #expect(found.first?.sopInstanceUID?.value == "1.2.3.1.6")
    }

    @Test func `positions of two slices exchanged contradict their Slice Locations`() throws {
        var headers = stack
        let kept = headers[3][.imagePositionPatient]
        headers[3][.imagePositionPatient] = headers[7][.imagePositionPatient]
        headers[7][.imagePositionPatient] = kept
        #expect(try findings(headers).map(\.severity) == [.review])
    }

    @Test func `a CT or MR image without its place is raised, alone or all of them`() throws {
        let placeless: Header = [.imagePositionPatient: "", .imageOrientationPatient: ""]
        #expect(try findings(changed(4, placeless)).map(\.severity) == [.review])
        let all = stack.map { $0.merging(placeless) { $1 } }
        #expect(try findings(all).map(\.severity) == [.review])
        #expect(try findings(all, sopClass: "1.2.840.10008.5.1.4.1.1.7").isEmpty)
        let old = all.map {
            $0.merging([.imagePositionRetired: "0\\0\\0", .imageOrientationRetired: "1\\0\\0\\0\\1\\0"]) { $1 }
        }
        #expect(try findings(old).isEmpty)
    }

    @Test(arguments: [
        ("L\\P", 0), ("LA\\PF", 0), ("R\\P", 1), ("L\\A", 1), ("P\\F", 1), ("A\\F", 1), ("", 0), ("X\\Y", 0),
    ])
    func `letters that name other directions are raised`(letters: String, count: Int) throws {
        let headers = stack.map { $0.merging([.patientOrientation: letters]) { $1 } }
        #expect(try findings(headers).count == count)
    }

    @Test func `an oblique plane may name either of its two axes first`() throws {
        let headers = (0..<12).map { index in
            let place = Double(index) * 5
            return header(index).merging([
                .imageOrientationPatient: "0.8\\0.6\\0\\0\\0\\-1",
                .imagePositionPatient: "\(place * 0.6)\\\(-place * 0.8)\\0", .patientOrientation: "PL\\F",
            ]) { $1 }
        }
        #expect(try findings(headers).isEmpty)
    }

    @Test func `a diameter that the pixels do not span is raised`() throws {
        let headers = stack.map { $0.merging([.pixelSpacing: "0.8\\0.8"]) { $1 } }
        #expect(try findings(headers).map(\.detail) == ["Pixel Spacing contradicts Reconstruction Diameter"])
    }

    @Test func `an image cut out of the circle that was reconstructed is right`() throws {
        let headers = (0..<12).map { header($0).merging([.rows: "128", .columns: "128"]) { $1 } }
        #expect(try findings(headers).isEmpty)
    }

    @Test func `several scouts, other reconstructions and repeats in one series are right`() throws {
        let scout = header(0).merging([
            .imageType: "ORIGINAL\\PRIMARY\\LOCALIZER", .imageOrientationPatient: "1\\0\\0\\0\\0\\-1", .rows: "800",
            .pixelSpacing: "1\\1", .reconstructionDiameter: "",
        ]) { $1 }
        let planes = ["1\\0\\0\\0\\1\\0", "0\\1\\0\\0\\0\\-1", "1\\0\\0\\0\\0\\-1"].flatMap { orientation in
            (0..<3).map { header($0).merging([.imageOrientationPatient: orientation]) { $1 } }
        }
        let heart = (0..<12).map {
            header($0).merging([.pixelSpacing: "0.3\\0.3", .reconstructionDiameter: "153.6"]) { $1 }
        }
        #expect(try findings([scout] + stack).isEmpty)
        #expect(try findings(planes, modality: "MR", sopClass: "1.2.840.10008.5.1.4.1.1.4").isEmpty)
        #expect(try findings(stack + heart).isEmpty)
        #expect(
            try findings(
                stack + [header(5).merging([.rows: "256", .columns: "256", .reconstructionDiameter: ""]) { $1 }]
            ).isEmpty)
    }

    @Test func `a tilted gantry is right, a stack that leans without one is raised`() throws {
        let tilted = stack.map {
            $0.merging([.imageOrientationPatient: "1\\0\\0\\0\\0.94\\-0.342", .gantryDetectorTilt: "20"]) { $1 }
        }
        #expect(try findings(tilted).isEmpty)
        let untold = stack.map { $0.merging([.imageOrientationPatient: "1\\0\\0\\0\\0.94\\-0.342"]) { $1 } }
        #expect(try findings(untold).isEmpty)
        #expect(try findings(untold, modality: "MR").map(\.severity) == [.review])
        let sideways = stack.map { $0.merging([.imageOrientationPatient: "1\\0\\0\\0\\0.34\\-0.94"]) { $1 } }
        #expect(try findings(sideways).map(\.unit) == ["degrees"])
    }

    @Test func `one slice of another tilt is raised`() throws {
        #expect(try findings(stack.map { $0.merging([.gantryDetectorTilt: "0"]) { $1 } }).isEmpty)
        var headers = stack.map { $0.merging([.gantryDetectorTilt: "0"]) { $1 } }
        headers[3][.gantryDetectorTilt] = "15"
        #expect(try findings(headers).first?.sopInstanceUID?.value == "1.2.3.1.3")
    }

    @Test func `jitter, two spacings and echoes at one place are right`() throws {
        let jitter = (0..<12).map { index in
            header(index, x: -128 + Double(index % 3) * 0.2, z: Double(index) * 5 + Double(index % 2) * 0.3)
        }
        #expect(try findings(jitter).isEmpty)
        let mixed = (0..<20).map { header($0, z: $0 < 10 ? Double($0) * 3 : 30 + Double($0 - 10) * 6) }
        #expect(try findings(mixed).isEmpty)
        let echoes = stack + stack.map { $0.merging([.echoNumbers: "2"]) { $1 } }
        #expect(try findings(echoes, modality: "MR").isEmpty)
    }

    @Test func `of two echoes the one that does not fit is raised`() throws {
        var headers = stack + stack
        headers[15].merge([.pixelSpacing: "0.9\\0.9"]) { $1 }
        let found = try findings(headers, modality: "MR")
        #expect(
            found.contains { $0.detail.hasSuffix("another Pixel Spacing") && $0.sopInstanceUID?.value == "1.2.3.1.15" })
    }

    @Test func `a radiograph has pixels of a size, and no place`() throws {
        let class1 = "1.2.840.10008.5.1.4.1.1.1.1"
        #expect(
            try findings(
                [[.pixelSpacing: "0.15\\0.15", .rows: "2800", .columns: "2300"]], modality: "DX", sopClass: class1
            ).isEmpty)
        #expect(try findings([[.pixelSpacing: "0\\0"]], modality: "DX", sopClass: class1).map(\.severity) == [.fail])
    }

    @Test func `what is too large for a number is kept without one`() throws {
        let found = try findings(changed(5, [.imageOrientationPatient: "1e308\\0\\0\\0\\1e308\\0"]))
        #expect(!found.isEmpty)
        #expect(found.allSatisfy { ($0.value ?? 0).isFinite && ($0.threshold ?? 0).isFinite })
        _ = try JSONEncoder().encode(found)
    }
}
