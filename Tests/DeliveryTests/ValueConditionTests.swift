import DICOMCore
import DICOMNetwork
import Foundation
import Testing

@testable import Delivery

/// Swift Testing has a `Tag` too.
typealias AttributeTag = DICOMCore.Tag

/// The rules of matching, PS3.4 C.2.2.2.
@Suite struct ValueConditionTests {
    private static let shanghai = DateTimeReading(dataSetOffset: "+0800", timeZone: .gmt)

    private static func condition(
        _ vr: ValueRepresentation, _ key: String, fuzzy: Bool = false
    ) throws -> ValueCondition {
        try ValueCondition(
            AttributeTag(0x0008, 0x0050), vr, values: key.components(separatedBy: "\\"),
            reading: .init(isFuzzy: fuzzy, dateTimes: shanghai))
    }

    private static func matches(_ vr: ValueRepresentation, _ key: String, _ value: String, fuzzy: Bool = false) throws
        -> Bool
    {
        let values = value.isEmpty ? [] : value.components(separatedBy: "\\")
        return try condition(vr, key, fuzzy: fuzzy).matches(values, dateTimes: shanghai)
    }

    @Test(
        arguments: [
            // Single value and universal, C.2.2.2.1 and C.2.2.2.3.
            (.shortString, "A1", "A1", true), (.shortString, "a1", "A1", false), (.shortString, "", "A1", true),
            (.shortString, "*", "", true), (.shortString, "A1", "", false), (.codeString, "F", "M", false),
            // Several values: one is enough, on either side.
            (.codeString, "PRIMARY", "ORIGINAL\\PRIMARY\\AXIAL", true), (.codeString, "CT\\MR", "MR", true),
            (.codeString, "CT\\MR", "US\\DX", false), (.codeString, "C?\\M?", "MR", true),
            // Wildcards, C.2.2.2.4.
            (.longString, "*正侧位", "胸部正侧位", true), (.longString, "胸部?侧位", "胸部正侧位", true),
            (.longString, "胸部", "胸部正侧位", false), (.longString, "*", "", true), (.longString, "?", "", false),
            (.longText, "a*", "a\\b", true), (.applicationEntity, "MOD*", "MODALITY", true),
            (.longString, "100%", "100%", true), (.longString, "[a]*", "a", false), (.longString, "[a]*", "[a]b", true),
            // UIDs, C.2.2.2.2: no wildcard there.
            (.uniqueIdentifier, "1.2.3", "1.2.3", true), (.uniqueIdentifier, "1.2.3\\1.2.4", "1.2.4", true),
            (.uniqueIdentifier, "1.2.*", "1.2.3", false), (.uniqueIdentifier, "*", "1.2.3", true),
            // Numbers, whatever their spelling.
            (.integerString, "7", "007", true), (.integerString, "+7", "7", true), (.integerString, "7", "8", false),
            (.decimalString, "1.50", "1.5", true), (.decimalString, "15e-1", "1.5", true),
            (.decimalString, "0.5", "0.7\\0.5", true), (.unsignedShort, "512", "512", true),
            (.integerString, "*", "9", true), (.ageString, "045Y", "045Y", true), (.ageString, "04*", "045Y", false),
        ] as [(ValueRepresentation, String, String, Bool)])
    func `values match as their VR asks`(vr: ValueRepresentation, key: String, value: String, isMatch: Bool) throws {
        #expect(try Self.matches(vr, key, value) == isMatch)
    }

    @Test(
        arguments: [
            (.date, "20260914", "20260914", true), (.date, "20260901-20260930", "20260914", true),
            (.date, "20260901-20260930", "20260930", true), (.date, "20260901-", "20270101", true),
            (.date, "-20260930", "19700101", true), (.date, "-20260930", "20261001", false),
            (.date, "2026.09.14", "20260914", true), (.date, "20260914", "2026.09.14", true),
            (.date, "20260901-", "", false), (.date, "20261231-20260101", "20260601", false),
            (.date, "20260914\\20260916", "20260916", true), (.date, "20260901-", "2026", false),
            (.time, "093015", "093015.25", true), (.time, "0930", "093015.25", true), (.time, "09", "095959.9", true),
            (.time, "09:30-10:00", "093015", true), (.time, "100000-", "093015", false),
            (.time, "-093015.3", "093015.25", true), (.time, "-093015.1", "093015.25", false),
            (.time, "0930-", "", false), (.time, "2300-0100", "233000", false), (.time, "0800-", "09", true),
            // 09:30 in Shanghai is 01:30 UTC.
            (.dateTime, "20260914", "20260914093015", true), (.dateTime, "2026", "20260914093015", true),
            (.dateTime, "202602", "20260228235959.999999", true), (.dateTime, "202602", "20260301", false),
            (.dateTime, "20260914013015+0000", "20260914093015", true),
            (.dateTime, "20260914013015+0000", "20260914093015+0900", false),
            (.dateTime, "20260913-20260914", "20260914093015", true),
            (.dateTime, "20260914093000-20260914093100", "20260914013015+0000", true),
            (.dateTime, "20260914-0500-20260915-0500", "20260915093015", true),
            (.dateTime, "-20260914", "20260914000000-0500", true), (.dateTime, "20260915-", "20260914235959", false),
            (.dateTime, "20260914-", "", false), (.dateTime, "20260914", "nonsense", false),
        ] as [(ValueRepresentation, String, String, Bool)])
    func `ranges hold their ends, and what is left out makes a range`(
        vr: ValueRepresentation, key: String, value: String, isMatch: Bool
    ) throws {
        #expect(try Self.matches(vr, key, value) == isMatch)
    }

    private static let wang = "Wang^XiaoDong=王^小东=わん^しゃおどん"

    @Test(
        arguments: [
            ("Wang^XiaoDong", wang, true), ("wang^xiaodong", wang, true), ("WANG*", wang, true), ("Wang", wang, false),
            ("王*", wang, true), ("王^小东", wang, true), ("=王*", wang, true), ("=李*", wang, false),
            ("Wang*=王*", wang, true), ("Wang*=李*", wang, false), ("==わん*", wang, true), ("王*=", wang, false),
            ("Li*=王*", wang, false), ("*小东*", wang, true), ("Wang^Xiao????", wang, true), ("*", wang, true),
            ("Wang^XiaoDong^^^", wang, true), ("Wang^XiaoDong", "Wang^XiaoDong^^^", true),
            ("nguyen^van duc", "Nguyễn^Văn Đức", true), ("Nguyễn^V?n*", "NGUYEN^VAN DUC", true),
            ("ｎｇｕｙｅｎ*", "Nguyễn^Văn Đức", true), ("DUC*", "Nguyễn^Văn Đức", false), ("muller", "Müller", true),
            ("=王*", "Wang", false), ("Wang*", "", false), ("", "", true), ("S*[a]*", "Smith^Anna", false),
        ])
    func `names match in every component group, without case and marks`(
        key: String, value: String, isMatch: Bool
    ) throws {
        #expect(try Self.matches(.personName, key, value) == isMatch)
    }

    @Test(
        arguments: [
            ("Duc Nguyen", "Nguyễn^Văn Đức", true), ("van", "Nguyễn^Văn Đức", true), ("guyen", "Nguyễn^Văn Đức", false),
            ("wang xiao", wang, true), ("王", wang, true), ("Wang^Li", wang, false), ("", wang, true),
        ])
    func `meant loosely, each word of a name begins one`(key: String, value: String, isMatch: Bool) throws {
        #expect(try Self.matches(.personName, key, value, fuzzy: true) == isMatch)
    }

    @Test(
        arguments: [
            (.date, "yesterday"), (.date, "2026"), (.date, "-"), (.date, "20260914-today"),
            (.date, "20260101-20260201-20260301"), (.time, "noon"), (.time, "-"), (.time, "9"), (.time, "0930.5"),
            (.time, "093015.1234567"), (.dateTime, "2026091"), (.dateTime, "-"), (.dateTime, "20261301"),
            (.dateTime, "20260914250000"), (.integerString, "seven"), (.decimalString, "nan"),
            (.decimalString, "1e999"), (.unsignedShort, "0x10"), (.otherByte, "x"),
        ] as [(ValueRepresentation, String)])
    func `a value that its VR cannot have is a fault`(vr: ValueRepresentation, key: String) {
        #expect(throws: QueryError.self) { try Self.condition(vr, key) }
    }

    @Test func `long lists of UIDs are looked for, long patterns and long lists of them are not`() throws {
        let uids = (0..<30_000).map { "1.2.\($0)" }
        #expect(try Self.matches(.uniqueIdentifier, uids.joined(separator: "\\"), "1.2.29999"))
        #expect(throws: QueryError.self) { try Self.condition(.longString, String(repeating: "*a", count: 600)) }
        #expect(throws: QueryError.self) { try Self.condition(.personName, String(repeating: "a", count: 1100)) }
        let texts = (0..<300).map { "A\($0)*" }.joined(separator: "\\")
        #expect(throws: QueryError.self) { try Self.condition(.shortString, texts) }
    }

    @Test func `nothing can match a range that ends before it begins, or UIDs that are none`() throws {
        #expect(try Self.condition(.date, "20261231-20260101").isImpossible)
        #expect(try Self.condition(.time, "2300-0100").isImpossible)
        #expect(try Self.condition(.dateTime, "2027-2026").isImpossible)
        #expect(try Self.condition(.uniqueIdentifier, "not a uid").isImpossible)
        #expect(try !Self.condition(.uniqueIdentifier, "1.2.3\\not a uid").isImpossible)
        #expect(try !Self.condition(.uniqueIdentifier, "").isImpossible)
    }

    @Test func `a pattern full of wildcards takes no time to fail`() {
        let pattern = WildcardPattern(String(repeating: "*a", count: 500) + "b")
        let start = ContinuousClock.now
        #expect(!pattern.matches(String(repeating: "a", count: 5000)))
        #expect(ContinuousClock.now - start < .seconds(10))
    }
}

/// What a query is made of.
@Suite struct QueryTests {
    init() throws { try DICOMLibrary.prepare() }

    private static func identifier(_ level: String?, _ values: [AttributeTag: String]) -> AttributeSet {
        var identifier = AttributeSet(values: values.mapValues { $0.components(separatedBy: "\\") })
        identifier[.queryRetrieveLevel] = level
        return identifier
    }

    @Test(
        arguments: [
            (nil, .studyRoot, QueryError.noLevel), ("STUDIES", .studyRoot, .noLevel), ("study", .studyRoot, .noLevel),
            ("PATIENT", .studyRoot, .levelNotInModel(.patient)),
            ("SERIES", .patientStudyOnly, .levelNotInModel(.series)),
        ] as [(String?, InformationModel, QueryError)])
    func `a level that is missing or not in the model is a fault`(
        level: String?, model: InformationModel, fault: QueryError
    ) {
        #expect(throws: fault) { try Query(identifier: Self.identifier(level, [:]), model: model) }
    }

    @Test func `a key that cannot be matched names its Attribute`() {
        #expect(throws: QueryError.unusableKey(.studyDate, "is neither a date nor a range")) {
            try Query(identifier: Self.identifier("STUDY", [.studyDate: "soon"]), model: .studyRoot)
        }
    }

    @Test func `a lower level is not listed as a whole unless that was agreed`() throws {
        let everything = Self.identifier("SERIES", [.seriesInstanceUID: "", .modality: "*"])
        #expect(throws: QueryError.nothingAsked(.series)) { try Query(identifier: everything, model: .studyRoot) }
        var options = Query.Options()
        options.isRelational = true
        #expect(try Query(identifier: everything, model: .studyRoot, options: options).level == .series)
        let some = Self.identifier("IMAGE", [.seriesInstanceUID: "1.2.3"])
        #expect(try Query(identifier: some, model: .studyRoot).level == .image)
    }

    @Test func `Attributes of lower levels, private and unknown ones are not supported`() throws {
        let keys = [
            AttributeTag.patientName, .seriesDescription, .sopInstanceUID, AttributeTag(0x0009, 0x1001),
            AttributeTag(0x0008, 0xFFF0), AttributeTag(0x7FE0, 0x0010), .sliceThickness, .patientAge, .modality,
        ]
        let study = try Query(level: .study, pairs: keys.map { ($0, "") })
        #expect(
            study.unsupported == [
                AttributeTag(0x0008, 0x0018), .modality, .seriesDescription, AttributeTag(0x0008, 0xFFF0),
                AttributeTag(0x0009, 0x1001), AttributeTag(0x7FE0, 0x0010),
            ])
        let patient = try Query(level: .patient, pairs: [(.patientName, ""), (.patientAge, ""), (.kvp, "")])
        #expect(patient.unsupported == [.patientAge, .kvp])
        let image = try Query(level: .image, pairs: keys.map { ($0, "") })
        #expect(image.unsupported.count == 3)
        #expect(try Query(level: .study, pairs: [(AttributeTag(0x0008, 0), "4")]).unsupported.isEmpty)
    }

    @Test func `a path of Sequences is a key of their Items`() throws {
        let query = try Query(
            level: .image,
            terms: [
                .init([.requestAttributesSequence, .requestedProcedureDescription], "CT*"),
                .init([.requestAttributesSequence, .codeValue]), .init([.patientName]),
            ])
        let key = try #require(query.keys.first { $0.tag == .requestAttributesSequence })
        #expect(key.children.map(\.tag) == [.codeValue, .requestedProcedureDescription])
        let reading = DateTimeReading(dataSetOffset: nil, timeZone: .gmt)
        func object(_ texts: String...) -> AttributeSet {
            AttributeSet(sequences: [
                .requestAttributesSequence: texts.map {
                    AttributeSet(values: [.requestedProcedureDescription: [$0], .studyID: ["S"]])
                }
            ])
        }
        #expect(key.matches(object("MR", "CT head"), dateTimes: reading))
        #expect(!key.matches(object("MR"), dateTimes: reading))
        #expect(!key.matches(AttributeSet(), dateTimes: reading))
        var answer = AttributeSet()
        key.copy(from: object("CT head"), to: &answer)
        let item = try #require(answer.items(.requestAttributesSequence).first)
        #expect(item.tags == [.codeValue, .requestedProcedureDescription])
    }

    @Test func `date and time are one moment where that was agreed`() throws {
        let pairs: [(AttributeTag, String)] = [(.studyDate, "20260913-20260914"), (.studyTime, "2200-0600")]
        var options = Query.Options()
        options.combinesDateTime = true
        let combined = try Query(level: .study, pairs: pairs, options: options)
        #expect(combined.moments.map(\.range.first) == ["20260913220000000000"])
        #expect(combined.moments.map(\.range.last) == ["20260914060099999999"])
        #expect(!combined.isImpossible)
        #expect(try Query(level: .study, pairs: pairs).isImpossible)
    }

    @Test func `faults say nothing of what was asked, in ASCII`() {
        let faults: [QueryError] = [
            .noLevel, .levelNotInModel(.patient), .unusableKey(.patientName, "is not a number"), .nothingAsked(.image),
            .tooManyObjects(limit: 5), .tookTooLong(limit: .seconds(60)),
        ]
        for fault in faults { #expect("\(fault)".utf8.allSatisfy { $0 < 0x80 } && "\(fault)".count <= 64) }
    }
}
