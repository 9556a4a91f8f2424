import DICOMCore
import Foundation
import Testing

@testable import Assessment

@Suite struct IdentityTests {
    private func findings(_ headers: [Header]) throws -> [Quality.Finding] {
        try Assessor.sample().quality(of: .sample([.radiographs(headers)])).findings(of: .identity)
    }

    @Test func `a usable identity that is the same everywhere is nothing to say`() throws {
        #expect(try findings([[:], [:], [:]]).isEmpty)
    }

    @Test func `a name for each of many images is one finding, soon`() throws {
        let names = (0..<3000).map { index in
            String((0..<4).map { Character(Unicode.Scalar(UInt8(97 + index / [1, 26, 676, 17_576][$0] % 26))) })
        }
        let found = try findings(names.map { [.patientName: "Qu\($0)^Ba\(String($0.reversed()))"] })
        #expect(found.map(\.detail) == ["20 or more different Patient's Names"])
    }

    @Test func `of values as frequent as each other the same one is named whatever the order`() throws {
        let headers: [Header] = [[.patientSex: "M"], [.patientSex: "F"]]
        let images = try headers.enumerated().map { try InstanceContent.sample("1.2.3.1.\($0)", attributes: $1) }
        let named = try [images, images.reversed()].map { images in
            let series = try SeriesContent(
                seriesInstanceUID: SeriesInstanceUID("1.2.3.1"), modality: "DX", instances: images)
            return try Assessor.sample().quality(of: .sample([series])).findings(of: .identity).map(\.sopInstanceUID)
        }
        #expect(named[0] == named[1])
    }

    @Test(arguments: [
        "", "ANONYMOUS^", "Anonymous", "TEST", "TEST^PATIENT", "test^^^^", "NONAME", "XXX", "xxx^xxx",
        "UNKNOWN^UNKNOWN",
        "***", "^^^^", "Anonymized 123", "无名氏", "測試", "TEST=测试", "张^某某", "张某", "Doe^John", "Vô Danh", "N/A", "No Name",
        "匿名", "12345", "REMOVED",
    ])
    func `a name that names nobody is raised`(name: String) throws {
        let found = try findings([[.patientName: name]])
        #expect(found.map(\.severity) == [.review])
    }

    @Test(arguments: [
        "Wang^Xiaomei", "Test^Anna", "Demo^Maria^", "Null^Christopher", "Na^Yoon", "Xu^Xx", "王^丽丽", "莉莉", "Võ^Danh",
        "Nguyễn^Thị Ngọc", "O", "Li", "Lê", "Müller^Zoé", "김^영희", "Patient^Grace", "A058062", "HEAD",
        "Yamada^Tarou=山田^太郎=やまだ^たろう",
        "Иванов^Иван",
    ])
    func `an unusual name is no placeholder`(name: String) throws {
        #expect(try findings([[.patientName: name]]).isEmpty)
    }

    @Test(arguments: [
        "", "0", "00000000", "0000", "1111111", "99999999", "123456", "1234567890", "TEST", "UNKNOWN",
        "N/A", "XXXX", "---", "ANONYMOUS", "None", "PATIENT ID",
    ])
    func `an ID that identifies nobody is raised`(id: String) throws {
        #expect(try findings([[.patientID: id]]).map(\.severity) == [.review])
    }

    @Test(arguments: [
        "1", "42", "12345", "0012", "HX00010234", "PLASTIC", "110101199003077758", "A-1", "TEST-7731", "112233",
    ])
    func `a short or plain ID is no placeholder`(id: String) throws {
        #expect(try findings([[.patientID: id]]).isEmpty)
    }

    @Test func `without name and ID nobody can be told, and the study fails`() throws {
        #expect(try findings([[.patientName: "", .patientID: ""]]).map(\.severity) == [.fail, .fail])
        #expect(try findings([[.patientName: "ANONYMOUS", .patientID: "0"]]).map(\.severity) == [.fail, .fail])
    }

    @Test func `an image without the ID that its fellows have is raised`() throws {
        let found = try findings([[:], [.patientID: ""], [:]])
        #expect(found.map(\.severity) == [.review])
        #expect(found.first?.sopInstanceUID?.value == "1.2.3.1.1")
    }

    @Test func `a missing birth date or sex is only noted`() throws {
        let found = try findings([[.patientBirthDate: "", .patientSex: ""]])
        #expect(found.map(\.severity) == [.info, .info])
    }

    @Test(arguments: [
        "19000101", "19010101", "00000000", "99991231", "18580101", "1968-04-12", "1968", "19681301", "unknown",
    ])
    func `a birth date that is none is raised`(date: String) throws {
        #expect(try findings([[.patientBirthDate: date]]).map(\.severity) == [.review])
    }

    @Test(arguments: ["19050101", "1968.04.12", "20261120", "19500101", "19700101"])
    func `a rare birth date is one`(date: String) throws {
        #expect(try findings([[.patientBirthDate: date]]).isEmpty)
    }

    @Test(arguments: [("M", 0), ("F", 0), ("f", 0), ("男", 0), ("Nữ", 0), ("O", 1), ("U", 1)])
    func `sex is read as people write it, and O is noted`(sex: String, count: Int) throws {
        let found = try findings([[.patientSex: sex]])
        #expect(found.map(\.severity) == Array(repeating: .info, count: count))
    }

    @Test func `another sex than M, F and O is raised`() throws {
        #expect(try findings([[.patientSex: "X"]]).map(\.severity) == [.review])
    }

    @Test(arguments: [
        ("Wang^Xiaomei", "WANG^XIAOMEI"), ("Wang^Xiaomei", "Wang Xiaomei"), ("Wang^Xiaomei^^^", "Wang^Xiao Mei"),
        ("Wang^Xiaomei", "Xiaomei^Wang"), ("Wang^Xiaomei=王^小梅", "Wang^Xiaomei"), ("Wang^Xiaomei=王^小梅", "王小梅"),
        ("Wang^Xiaomei", "王^小梅"), ("Nguyễn^Văn Đức", "NGUYEN^VAN DUC"), ("Müller^Zoé", "MULLER^ZOE"),
        ("张^伟", "張^偉"), ("Smith^John^A", "Smith^John"), ("Smith^J", "SMITH^JOHN"),
        ("Smith^John^^Dr", "Smith^John^^^Jr"),
        ("Nguyen^Thi Hong Phuong Anh", "Nguyen^Thi Hong Phu"), ("Wang^Xiaomei", "Ｗａｎｇ^Ｘｉａｏｍｅｉ"),
        ("Wang^Xiaomei", "???^???"),
        ("Yamada^Tarou=山田^太郎", "=山田^太郎"), ("Иванов^Иван", "ИВАНОВ^ИВАН"), (" Wang ^ Xiaomei ", "Wang^Xiaomei"),
        ("O'Neil^Ann-Marie", "ONEIL^ANN MARIE"),
    ])
    func `two spellings are one name`(first: String, second: String) throws {
        #expect(try findings([[.patientName: first], [.patientName: second]]).isEmpty)
    }

    @Test(arguments: [
        ("Wang^Xiaomei", "Li^Jianguo"), ("Wang^Xiaomei", "Wang^Xiaoli"), ("王^小梅", "王^小丽"), ("Li^Na", "Li^Nan"),
        ("Smith^John", "Smith^Jane"), ("Smith^John", "Smyth^John"), ("Nguyễn^Văn An", "Nguyễn^Văn Bình"),
        ("Иванов^Иван", "Петров^Иван"), ("Wang^Xiaomei=王^小梅", "Wang^Xiaomei=李^娜"),
    ])
    func `two names are raised, and neither is told`(first: String, second: String) throws {
        let found = try findings([[.patientName: first], [.patientName: first], [.patientName: second]])
        #expect(found.map(\.severity) == [.review])
        #expect(found.first?.detail == "2 different Patient's Names")
        #expect(found.first?.sopInstanceUID?.value == "1.2.3.1.2")
        #expect(found.first?.value == 2)
    }

    @Test(arguments: [("HX1", "hx1"), ("00123", "123"), ("123^^^HOSP", "123"), ("HX-1", "HX1")])
    func `two spellings are one ID`(first: String, second: String) throws {
        #expect(try findings([[.patientID: first], [.patientID: second]]).isEmpty)
    }

    @Test func `two IDs fail, whatever else agrees`() throws {
        let found = try findings([[:], [:], [.patientID: "HX2"]])
        #expect(found.map(\.severity) == [.fail])
        #expect(found.first?.detail == "2 different Patient IDs")
        #expect(found.first?.sopInstanceUID?.value == "1.2.3.1.2")
    }

    @Test func `IDs of two issuers, or one named as the other's other ID, are only noted`() throws {
        let issuers = try findings([
            [.patientID: "1", .issuerOfPatientID: "A"], [.patientID: "2", .issuerOfPatientID: "B"],
        ])
        #expect(issuers.map(\.severity) == [.info])
        let others = try findings([[.patientID: "7"], [.patientID: "8", .otherPatientIDs: "7\\9"]])
        #expect(others.map(\.severity) == [.info])
        let same = try findings([
            [.patientID: "1", .issuerOfPatientID: "A"], [.patientID: "2", .issuerOfPatientID: "A"],
        ])
        #expect(same.map(\.severity) == [.fail])
    }

    @Test func `another birth date or sex within the study is raised`() throws {
        #expect(try findings([[:], [.patientBirthDate: "19680413"]]).map(\.severity) == [.review])
        #expect(try findings([[:], [.patientSex: "M"]]).map(\.severity) == [.review])
        #expect(try findings([[:], [.patientSex: "O"]]).map(\.severity) == [.review])
        #expect(try findings([[:], [.patientBirthDate: "", .patientSex: ""]]).isEmpty)
    }

    @Test func `a report that says O of the sex contradicts no image`() throws {
        var report = try InstanceContent.sample(
            "1.2.3.1.9", sopClass: "1.2.840.10008.5.1.4.1.1.88.11", attributes: [.patientSex: "O"])
        // A report has no Rows.
        var values: [DICOMCore.Tag: [String]] = [:]
        for tag in report.attributes.tags where tag != .rows { values[tag] = report.attributes.strings(tag) }
        report.attributes = AttributeSet(values: values)
        let series = try SeriesContent(
            seriesInstanceUID: SeriesInstanceUID("1.2.3.2"), modality: "SR", instances: [report])
        let quality = try Assessor.sample().quality(of: .sample([.radiographs([[:]]), series]))
        #expect(quality.findings(of: .identity).isEmpty)
    }

    @Test func `no finding holds what it is about`() throws {
        let odd: Header = [
            .patientName: "Secretname^Given", .patientID: "S3CRET", .patientBirthDate: "19010101", .patientSex: "QQQ",
        ]
        for finding in try findings([[:], odd]) {
            for value in ["Secret", "S3CRET", "1901", "QQQ", "Wang", "HX0001"] {
                #expect(!finding.detail.localizedCaseInsensitiveContains(value))
            }
        }
    }
}
