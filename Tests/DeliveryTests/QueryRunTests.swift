import Archive
import DICOMCore
import DICOMNetwork
import Foundation
import Logging
import Testing

@testable import Delivery

/// Queries answered from an index and from stored objects.
@Suite struct QueryRunTests {
    private static func filled() throws -> TestStore {
        let store = try TestStore()
        // Wang: a CT of two series and a chest film on another day. Nguyen: one film. Nobody: no Patient ID.
        try store.put(study: 1, series: 1, number: 1, [.studyDate: "20260913", .studyTime: "233000", .kvp: "120"])
        try store.put(study: 1, series: 1, number: 2, [.studyDate: "20260913", .studyTime: "233000", .kvp: "100"])
        try store.put(study: 1, series: 2, number: 1, [.modality: "SR", .sopClassUID: "1.2.840.10008.5.1.4.1.1.88.11"])
        try store.put(
            study: 2, series: 3, number: 1,
            [
                .studyDate: "20260914", .studyTime: "0700", .modality: "DX", .accessionNumber: "A2",
                .studyDescription: "胸部正侧位",
            ],
            sequences: [
                .requestAttributesSequence: [
                    AttributeSet(values: [.requestedProcedureDescription: ["CHEST PA"], .codeValue: ["C1"]])
                ]
            ])
        try store.put(
            study: 3, series: 4, number: 1,
            [
                .patientID: "V001", .issuerOfPatientID: "BVBM", .patientName: "Nguyễn^Văn Đức", .modality: "DX",
                .studyDate: "20260915", .studyTime: "080000",
            ])
        try store.put(
            study: 4, series: 5, number: 1,
            [.patientID: "", .patientName: "Unknown", .modality: "US", .studyDate: "20260916"])
        return store
    }

    private static let found: [(level: QueryLevel, keys: [AttributeTag: String], matches: [String])] = [
        (.study, [:], ["1.2.1", "1.2.2", "1.2.3", "1.2.4"]),
        (.study, [.patientID: "C001"], ["1.2.1", "1.2.2"]),
        (.study, [.patientID: "C*"], ["1.2.1", "1.2.2"]),
        (.study, [.patientID: "*001"], ["1.2.1", "1.2.2", "1.2.3"]),
        (.study, [.patientID: "V001", .issuerOfPatientID: "OTHER"], []),
        (.study, [.patientName: "王*"], ["1.2.1", "1.2.2"]),
        (.study, [.patientName: "=王*"], ["1.2.1", "1.2.2"]),
        (.study, [.patientName: "=wang*"], []),
        (.study, [.patientName: "nguyen*"], ["1.2.3"]),
        (.study, [.patientName: "*duc"], ["1.2.3"]),
        (.study, [.studyInstanceUID: "1.2.3\\1.2.4\\1.2.404"], ["1.2.3", "1.2.4"]),
        (.study, [.studyInstanceUID: "nonsense"], []),
        (.study, [.studyDate: "20260914-20260915"], ["1.2.2", "1.2.3"]),
        (.study, [.studyDate: "20260914-20260915", .studyTime: "0730-"], ["1.2.3"]),
        (.study, [.studyDate: "20260915-20260914"], []),
        (.study, [.modalitiesInStudy: "SR"], ["1.2.1"]),
        (.study, [.modalitiesInStudy: "C?\\US"], ["1.2.1", "1.2.4"]),
        (.study, [.modality: "DX"], ["1.2.2", "1.2.3"]),
        (.study, [.sopClassesInStudy: "1.2.840.10008.5.1.4.1.1.88.11"], ["1.2.1"]),
        (.study, [.accessionNumber: "A2"], ["1.2.2"]),
        (.study, [.accessionNumber: "A?"], ["1.2.2"]),
        (.study, [.studyDescription: "*正侧位"], ["1.2.2"]),
        (.study, [.studyDescription: "*[*"], []),
        (.study, [.numberOfStudyRelatedInstances: "3"], ["1.2.1"]),
        (.study, [.numberOfPatientRelatedStudies: "2"], ["1.2.1", "1.2.2"]),
        // What the index does not have is read from the objects.
        (.study, [.kvp: "120"], ["1.2.1"]),
        (.study, [.kvp: "120", .patientID: "V001"], []),
        (.image, [.kvp: "100.0", .studyInstanceUID: "1.2.1"], ["1.2.1.1.2"]),
        (.series, [:], ["1.2.1.1", "1.2.1.2", "1.2.2.3", "1.2.3.4", "1.2.4.5"]),
        (.series, [.studyInstanceUID: "1.2.1"], ["1.2.1.1", "1.2.1.2"]),
        (.series, [.studyInstanceUID: "1.2.1", .modality: "CT"], ["1.2.1.1"]),
        (.series, [.modality: "DX"], ["1.2.2.3", "1.2.3.4"]),
        (.series, [.seriesInstanceUID: "1.2.2.3"], ["1.2.2.3"]),
        (.series, [.seriesInstanceUID: "1.2.2.3", .studyInstanceUID: "1.2.1"], []),
        (.series, [.seriesNumber: "2"], ["1.2.1.2"]),
        (.series, [.numberOfSeriesRelatedInstances: "2"], ["1.2.1.1"]),
        (.series, [.patientName: "wang*", .modality: "S?"], ["1.2.1.2"]),
        (.image, [.seriesInstanceUID: "1.2.1.1"], ["1.2.1.1.1", "1.2.1.1.2"]),
        (.image, [.seriesInstanceUID: "1.2.1.1", .instanceNumber: "02"], ["1.2.1.1.2"]),
        (.image, [.sopInstanceUID: "1.2.1.1.2\\1.2.3.4.1"], ["1.2.1.1.2", "1.2.3.4.1"]),
        (.image, [.sopInstanceUID: "1.2.1.1.2", .studyInstanceUID: "1.2.3"], []),
        (.image, [.studyDate: "20260914-"], ["1.2.2.3.1", "1.2.3.4.1", "1.2.4.5.1"]),
        (.patient, [:], ["C001", "V001"]),
        (.patient, [.patientID: "C001"], ["C001"]),
        (.patient, [.patientID: "V*"], ["V001"]),
        (.patient, [.patientName: "王^小东"], ["C001"]),
        (.patient, [.patientName: "Nguyễn*"], ["V001"]),
        (.patient, [.patientSex: "F"], []),
    ]

    @Test func `every level finds what its keys say, whether studies are settled or still receiving`() throws {
        let store = try Self.filled()
        for state in ["receiving", "settled"] {
            for (level, keys, matches) in Self.found {
                let unique = IndexedAttribute.uniqueKey(level)
                let answers = try store.answers(level, keys).compactMap { $0[unique] }
                #expect(answers.sorted() == matches, "\(level), \(keys), \(state)")
            }
            try store.settle()
        }
    }

    @Test func `pages of any size find each match once, in either order`() throws {
        let store = try Self.filled()
        for level in QueryLevel.allCases {
            for newestFirst in [false, true] {
                var whole: [String] = []
                for page in [1, 2, 3, 200] {
                    var options = Query.Options()
                    options.newestFirst = newestFirst
                    let found = try store.answers(level, [:], options, page: page)
                        .compactMap { $0[IndexedAttribute.uniqueKey(level)] }
                    #expect(Set(found).count == found.count)
                    if whole.isEmpty { whole = found }
                    #expect(found == whole, "\(level), pages of \(page)")
                }
                if level == .study, newestFirst { #expect(whole == ["1.2.4", "1.2.3", "1.2.2", "1.2.1"]) }
            }
        }
    }

    @Test func `a limit and an offset cut out a part, and tell whether there is more`() throws {
        let store = try Self.filled()
        var options = Query.Options()
        (options.newestFirst, options.offset, options.limit) = (true, 1, 2)
        var run = store.run(try Query(level: .study, pairs: [], options: options))
        #expect(try store.rest(of: &run).compactMap { $0[.studyInstanceUID] } == ["1.2.3", "1.2.2"])
        #expect(run.isCut)
        options.limit = 3
        run = store.run(try Query(level: .study, pairs: [], options: options))
        #expect(try store.rest(of: &run).count == 3)
        #expect(!run.isCut)
    }

    @Test func `date and time are one moment where that was agreed`() throws {
        let store = try Self.filled()
        let keys: [AttributeTag: String] = [.studyDate: "20260913-20260914", .studyTime: "230000-071500"]
        var options = Query.Options()
        options.combinesDateTime = true
        let found = try store.answers(.study, keys, options).compactMap { $0[.studyInstanceUID] }
        #expect(found.sorted() == ["1.2.1", "1.2.2"])
        #expect(try store.answers(.study, keys).isEmpty)
    }

    @Test func `names meant loosely are found by the beginnings of their words`() throws {
        let store = try Self.filled()
        var options = Query.Options()
        options.isFuzzy = true
        for (name, count) in [("duc nguyen", 1), ("xiao", 2), ("小", 2), ("guyen", 0)] {
            #expect(try store.answers(.study, [.patientName: name], options).count == count, "\(name)")
        }
    }

    @Test func `an answer has what was asked for, and nothing of what its level does not have`() throws {
        let store = try Self.filled()
        let keys: [AttributeTag: String] = [
            .studyInstanceUID: "1.2.1", .modalitiesInStudy: "", .sopClassesInStudy: "", .kvp: "",
            .seriesDescription: "",
            .numberOfStudyRelatedSeries: "", .numberOfPatientRelatedInstances: "", .accessionNumber: "",
            .laterality: "",
        ]
        let study = try #require(try store.answers(.study, keys).first)
        #expect(study.strings(.modalitiesInStudy) == ["CT", "SR"])
        #expect(study.strings(.sopClassesInStudy).count == 2)
        #expect(study[.numberOfStudyRelatedSeries] == "2")
        #expect(study[.numberOfPatientRelatedInstances] == "4")
        // The image speaks for the study, and not the report beside it.
        #expect(study[.kvp] == "120")
        #expect(study.contains(.accessionNumber) && study[.accessionNumber] == nil)
        #expect(!study.contains(.seriesDescription) && !study.contains(.laterality) && !study.contains(.patientID))

        let image = try #require(
            try store.answers(.image, [.sopInstanceUID: "1.2.1.1.2", .kvp: "", .availableTransferSyntaxUID: ""]).first)
        #expect(image[.kvp] == "100")
        #expect(image[.availableTransferSyntaxUID] == "1.2.840.10008.1.2.1")
        #expect(image[.studyInstanceUID] == "1.2.1" && image[.seriesInstanceUID] == "1.2.1.1")
    }

    @Test func `Sequences are matched and returned by the keys of their Items`() throws {
        let store = try Self.filled()
        func query(_ text: String) throws -> [AttributeSet] {
            var run = store.run(
                try Query(
                    level: .study,
                    terms: [.init([.requestAttributesSequence, .requestedProcedureDescription], text)]))
            return try store.rest(of: &run)
        }
        let found = try query("CHEST*")
        #expect(found.compactMap { $0[.studyInstanceUID] } == ["1.2.2"])
        #expect(found.first?.items(.requestAttributesSequence).first?.tags == [.requestedProcedureDescription])
        #expect(try query("KNEE*").isEmpty)
        #expect(try query("").count == 4)
    }

    @Test func `a query that would read too many objects ends with a fault, after the matches it found`() throws {
        let store = try Self.filled()
        var limits = QueryLimits()
        limits.objectsRead = 2
        var run = QueryEngine(archive: store.archive, limits: limits, logger: TestStore.logger)
            .run(try Query(level: .study, pairs: [(.kvp, "120")]))
        var found = 0
        #expect(throws: QueryError.tooManyObjects(limit: 2)) {
            while true {
                switch try run.step() {
                case .match: found += 1
                case .none: continue
                case .end: return
                }
            }
        }
        #expect(found == 1)
    }

    @Test func `a query that takes too long ends with a fault`() throws {
        var limits = QueryLimits()
        limits.time = .zero
        var run = QueryEngine(archive: try Self.filled().archive, limits: limits, logger: TestStore.logger)
            .run(try Query(level: .study, pairs: [(.studyDescription, "*x*")]))
        #expect(throws: QueryError.tookTooLong(limit: .zero)) { _ = try run.step() }
    }

    @Test func `an object that is gone matches no key of its own, and its study is answered still`() throws {
        let store = try Self.filled()
        let object = try #require(
            FileManager.default.enumerator(atPath: store.directory)?.compactMap { $0 as? String }
                .filter { $0.contains("objects") && $0.hasSuffix(".dcm") }.sorted().first)
        try FileManager.default.removeItem(atPath: store.directory + "/" + object)
        #expect(try store.answers(.study, [.kvp: "120"]).isEmpty)
        let study = try #require(try store.answers(.study, [.studyInstanceUID: "1.2.1", .kvp: ""]).first)
        #expect(study.contains(.kvp) && study[.kvp] == nil)
    }

    @Test func `a Patient level knows no study and no patient without an ID`() throws {
        let store = try Self.filled()
        let patients = try store.answers(
            .patient, [.patientName: "", .numberOfPatientRelatedStudies: "", .patientBirthTime: ""])
        #expect(patients.count == 2)
        #expect(patients.allSatisfy { !$0.contains(.studyInstanceUID) && $0.contains(.patientBirthTime) })
        #expect(patients.first { $0[.patientID] == "C001" }?[.numberOfPatientRelatedStudies] == "2")
    }
}
