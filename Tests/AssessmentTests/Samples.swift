import Catalogue
import DICOMCore
import DICOMImaging
import DICOMNetwork
import Foundation
import TestImages

@testable import Assessment

/// Values of a header, several in one Attribute with "\\" between them. (Testing has a `Tag` too.)
typealias Header = [DICOMCore.Tag: String]

/// 2026-11-21 12:00 UTC, when the sample studies arrive.
let noon = Date(timeIntervalSince1970: 1_795_262_400)

func catalogueItem(_ code: String) throws -> CatalogueItem {
    guard let item = try ImagingCatalogue.bundled()[ItemCode(code)] else { throw SampleError.noItem(code) }
    return item
}

enum SampleError: Error {
    case noItem(String)
}

/// Read once: it is the slow part of an assessor.
private let lexicon = Result { try Lexicon.bundled() }

extension Assessor {
    static func sample(_ change: (inout AssessmentParameters) -> Void = { _ in }) throws -> Assessor {
        var parameters = AssessmentParameters()
        change(&parameters)
        return try Assessor(parameters: parameters, lexicon: lexicon.get())
    }

    static func sample(_ configuration: RuleConfiguration) throws -> Assessor {
        try Assessor(configuration: configuration, lexicon: lexicon.get())
    }
}

extension StudyContent {
    static func sample(_ series: [SeriesContent], item: CatalogueItem? = nil) throws -> StudyContent {
        try StudyContent(studyInstanceUID: StudyInstanceUID("1.2.3"), receivedAt: noon, series: series, item: item)
    }
}

extension SeriesContent {
    /// A series of images with these Instance Numbers, all with the same attributes.
    static func sample(
        _ number: Int = 1, modality: String = "CT", numbers: [Int], attributes: Header = [:]
    ) throws -> SeriesContent {
        let instances = try numbers.enumerated().map { index, instanceNumber in
            try InstanceContent.sample(
                "1.2.3.\(number).\(index)",
                attributes: attributes.merging([.instanceNumber: "\(instanceNumber)"]) { $1 })
        }
        return try SeriesContent(
            seriesInstanceUID: SeriesInstanceUID("1.2.3.\(number)"), modality: modality, instances: instances)
    }

    /// A series of radiographs with these attributes, one image each.
    static func radiographs(_ images: [Header], modality: String = "DX") throws -> SeriesContent {
        let instances = try images.enumerated().map { index, attributes in
            try InstanceContent.sample(
                "1.2.3.1.\(index)", attributes: attributes.merging([.instanceNumber: "\(index + 1)"]) { $1 })
        }
        return try SeriesContent(
            seriesInstanceUID: SeriesInstanceUID("1.2.3.1"), modality: modality, instances: instances)
    }
}

extension InstanceContent {
    /// A stored object as the daemon reads it; nil for a file that is none.
    init?(reading path: String) throws {
        let header = try ObjectHeader(path: path)
        guard let uid = header.attributes[.sopInstanceUID] else { return nil }
        try self.init(
            sopInstanceUID: SOPInstanceUID(uid),
            sopClassUID: SOPClassUID(header.attributes[.sopClassUID] ?? "1.2"),
            transferSyntaxUID: TransferSyntaxUID(header.meta.transferSyntaxUID), attributes: header.attributes
        ) { (request) throws(PixelError) in try ImageFigures(file: path, request) }
        functionalGroups = {
            guard let file = FileHandle(forReadingAtPath: path) else { return nil }
            return FunctionalGroups(descriptor: file.fileDescriptor)
        }
    }

    /// A CT image whose pixels can't be had, unless a file is given.
    static func sample(
        _ uid: String = "1.2.3.4", sopClass: String = "1.2.840.10008.5.1.4.1.1.2", attributes: Header = [:],
        file: String? = nil
    ) throws -> InstanceContent {
        let defaults: Header = [
            .rows: "16", .columns: "16", .studyDate: "20261120", .studyTime: "080000",
            .patientName: "Wang^Xiaomei", .patientID: "HX00010234", .patientBirthDate: "19680412", .patientSex: "F",
        ]
        let values = defaults.merging(attributes) { $1 }
            .mapValues { $0.split(separator: "\\", omittingEmptySubsequences: false).map(String.init) }
        return try InstanceContent(
            sopInstanceUID: SOPInstanceUID(uid), sopClassUID: SOPClassUID(sopClass),
            transferSyntaxUID: TransferSyntaxUID("1.2.840.10008.1.2.1"), attributes: AttributeSet(values: values)
        ) { (request) throws(PixelError) in
            guard let file else { throw .unreadable(detail: "no file") }
            return try ImageFigures(file: file, request)
        }
    }
}
