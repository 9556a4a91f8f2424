import DICOMCore
import Foundation
import Testing

@testable import Archive

@Suite struct SearchTests {
    /// Three studies that are settled and one that is still receiving.
    static func filled() throws -> TestArchive {
        let test = try TestArchive()
        try test.store(
            .sample(
                study: 1, patientID: "C001", name: "Wang^XiaoDong=王^小东", date: "20261101",
                description: "胸部正侧位", institution: "杭州市第一医院"), at: 1)
        try test.store(
            .sample(
                study: 2, patientID: "V001", issuer: "BVBM", name: "Nguyễn^Văn Đức", date: "20261102",
                description: "Chụp cắt lớp vi tính sọ não", institution: "Bệnh viện Bạch Mai", modality: "CT"), at: 2)
        try test.store(
            .sample(
                study: 3, patientID: "E001", name: "Smith^Anna", date: "20261103", description: "CHEST PA AND LATERAL"),
            at: 3)
        try test.settle(at: 10)
        try test.store(
            .sample(study: 4, patientID: "E001", name: "Smith^Anna", date: "20261104", description: "Knee left"), at: 11
        )
        return test
    }

    @Test(
        arguments: [
            ("王小东", []), ("小东", [1]), ("王 小东", [1]), ("东", [1]), ("张伟", []), ("小东 胸部", [1]), ("a东", []), ("正侧位", [1]),
            ("胸部", [1]), ("第一医院", [1]),
            ("nguyen van duc", [2]), ("Nguyễn Văn Đức", [2]), ("NGUYỄN", [2]), ("đức", [2]), ("duc", [2]),
            ("so nao", [2]),
            ("ｎｇｕｙｅｎ", [2]), ("bach mai", [2]), ("chest", [3]), ("CHEST lateral", [3]), ("pa", [3]), ("smith", [4, 3]),
            ("smith knee", [4]), ("nee le", [4]), ("V001", [2]), ("chest knee", []), ("\"*' OR 1", []),
            ("", [4, 3, 2, 1]),
        ] as [(String, [Int])])
    func `text is found whatever its width, case and diacritics`(text: String, expected: [Int]) throws {
        let test = try Self.filled()
        var filter = StudyFilter()
        filter.text = text
        let wanted = try expected.map(StudyInstanceUID.sample)
        #expect(try test.index.studies(matching: filter).map(\.studyInstanceUID) == wanted)
    }

    @Test(
        arguments: [
            ("Wang^XiaoDong", [1]), ("王*", [1]), ("*小东", [1]), ("nguyen*", [2]), ("Nguyễn^V?n*", [2]),
            ("smith^anna", [4, 3]),
            ("smith", []), ("*anna*", [4, 3]), ("S*[a]*", []), ("*", [4, 3, 2, 1]),
        ] as [(String, [Int])])
    func `a name pattern matches a whole component group`(pattern: String, expected: [Int]) throws {
        let test = try Self.filled()
        var filter = StudyFilter()
        filter.patientName = pattern
        let wanted = try expected.map(StudyInstanceUID.sample)
        #expect(try test.index.studies(matching: filter).map(\.studyInstanceUID) == wanted)
    }

    @Test func `conditions on keys, dates, modality, institution and state hold together`() throws {
        let test = try Self.filled()
        func found(_ change: (inout StudyFilter) throws -> Void) throws -> [StudyInstanceUID] {
            var filter = StudyFilter()
            try change(&filter)
            let studies = try test.index.studies(matching: filter).map(\.studyInstanceUID)
            #expect(try test.index.countStudies(matching: filter) == studies.count)
            return studies
        }
        #expect(
            try found {
                $0.firstDate = "20261102"
                $0.lastDate = "20261103"
            } == [.sample(3), .sample(2)])
        #expect(try found { $0.modalities = ["CT"] } == [.sample(2)])
        #expect(
            try found {
                $0.modalities = ["CT", "DX"]
                $0.lastDate = "20261102"
            } == [.sample(2), .sample(1)])
        #expect(try found { $0.institution = "Bệnh viện Bạch Mai" } == [.sample(2)])
        #expect(
            try found {
                $0.sourceAETitle = try AETitle("MODALITY")
                $0.state = .receiving
            } == [.sample(4)])
        #expect(
            try found {
                $0.patientID = "E001"
                $0.issuer = "H1"
            } == [.sample(4), .sample(3)])
        #expect(
            try found {
                $0.patientID = "?001"
                $0.issuer = "BVBM"
            } == [.sample(2)])
        #expect(try found { $0.studyInstanceUIDs = [try .sample(1), try .sample(7)] } == [.sample(1)])
        #expect(try found { $0.isUnmapped = true }.isEmpty)
        #expect(
            try found {
                $0.modalities = ["DX"]
                $0.text = "knee"
            } == [.sample(4)])
    }

    @Test func `a study that was opened again is found by its old and its new text, once`() throws {
        let test = try Self.filled()
        var late = try InstanceRecord.sample(2, study: 1, series: 2)
        late.series.description = "加扫 腰椎"
        try test.store(late, at: 20)
        for state in [StudyState.receiving, .settled] {
            if state == .settled { try test.settle(at: 30) }
            for text in ["腰椎", "小东", "正侧位", "wang"] {
                var filter = StudyFilter()
                filter.text = text
                #expect(try test.index.studies(matching: filter).map(\.state) == [state])
            }
        }
    }

    @Test func `pages follow each other without gap or repetition`() throws {
        let test = try Self.filled()
        var filter = StudyFilter()
        filter.limit = 3
        let first = try test.index.studies(matching: filter)
        filter.offset = 3
        let second = try test.index.studies(matching: filter)
        #expect((first + second).map(\.studyInstanceUID.value) == ["1.2.4", "1.2.3", "1.2.2", "1.2.1"])
    }

    @Test func `priors are of the same issuer's patient, with the code, without the study itself`() throws {
        let test = try TestArchive()
        for study in 1...3 { try test.store(.sample(study: study, date: "2026110\(study)"), at: study) }
        try test.store(.sample(study: 4, issuer: "H2"), at: 4)
        try test.store(.sample(study: 5, patientID: ""), at: 5)
        try test.settle(at: 10)
        for study in 1...3 { _ = try test.index.publish(.sample(instanceCount: 1), of: .sample(study)) }
        let priors = try test.index.studies(
            ofPatient: "P1", issuer: "H1", code: "BW03ZZZ8B", excluding: .sample(3))
        #expect(priors.map(\.studyInstanceUID) == [try .sample(2), try .sample(1)])
        #expect(try test.index.studies(ofPatient: "P1", issuer: "H2").count == 1)
        #expect(try test.index.studies(ofPatient: "P1", issuer: "H1", code: "other").isEmpty)
        #expect(try test.index.studies(ofPatient: "", issuer: "H1").isEmpty)
        #expect(try test.index.patients(withID: "P1").map(\.studyCount) == [3, 1])
        var filter = StudyFilter()
        filter.code = "BW03ZZZ8B"
        filter.text = "chest"
        #expect(try test.index.countStudies(matching: filter) == 3)
    }

    @Test(arguments: [
        ("  Đặng\tThị  Ánh ", "dang thi anh"), ("ＣＴ　胸部", "ct 胸部"), ("ÅSA", "asa"), ("한국", "한국"), ("", ""),
        ("Straße", "straße"), ("a\u{0}b", "a b"),
    ])
    func `folding keeps letters and drops what only looks different`(text: String, folded: String) {
        #expect(SearchText.fold(text) == folded)
    }
}
