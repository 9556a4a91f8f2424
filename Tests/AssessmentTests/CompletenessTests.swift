import DICOMCore
import Foundation
import Testing

@testable import Assessment

@Suite struct AnnouncedCountTests {
    private func completeness(_ series: [SeriesContent]) throws -> Completeness {
        try Assessor.sample().completeness(of: .sample(series))
    }

    @Test func `a series short of its announced count is incomplete and names the numbers`() throws {
        let found = try completeness([
            .sample(numbers: [1, 2, 4], attributes: [.numberOfSeriesRelatedInstances: "5"])
        ])
        #expect(found.verdict == .incomplete)
        #expect(found.evidence.first?.rule == .announcedCount)
        #expect(found.evidence.first?.missing == ["instance 3", "instance 5"])
    }

    @Test(arguments: [
        DICOMCore.Tag.imagesInAcquisition, .numberOfSeriesRelatedInstances, .numberOfStudyRelatedInstances,
    ])
    func `as many as announced are complete, and more are no loss`(tag: DICOMCore.Tag) throws {
        for announced in ["3", "2"] {
            let found = try completeness([.sample(numbers: [1, 2, 3], attributes: [tag: announced])])
            #expect(found.verdict == .complete)
        }
    }

    @Test func `nothing announced leaves it unknown`() throws {
        #expect(try completeness([.sample(numbers: [1, 2, 3])]).verdict == .unknown)
    }

    @Test func `one series announced of two leaves it unknown`() throws {
        let found = try completeness([
            .sample(1, numbers: [1, 2, 3], attributes: [.imagesInAcquisition: "3"]), .sample(2, numbers: [1, 2, 3]),
        ])
        #expect(found.verdict == .unknown)
    }

    @Test func `each acquisition of a series has its own count`() throws {
        var series = try SeriesContent.sample(
            numbers: [1, 2, 3], attributes: [.imagesInAcquisition: "3", .acquisitionNumber: "1"])
        series.instances += try SeriesContent.sample(
            9, numbers: [11, 12], attributes: [.imagesInAcquisition: "3", .acquisitionNumber: "2"]
        ).instances
        let found = try completeness([series])
        #expect(found.verdict == .incomplete)
        #expect(found.evidence.first?.missing == ["1 instances"])
    }

    @Test func `an acquisition spread over series adds up`() throws {
        let shared: Header = [.imagesInAcquisition: "5", .acquisitionNumber: "1"]
        let found = try completeness([
            .sample(1, numbers: [1, 2, 3], attributes: shared), .sample(2, numbers: [4, 5], attributes: shared),
        ])
        #expect(found.verdict == .complete)
    }

    @Test func `a whole series beside it shows that the count is per series`() throws {
        let shared: Header = [.imagesInAcquisition: "3", .acquisitionNumber: "1"]
        let found = try completeness([
            .sample(1, numbers: [1, 2], attributes: shared), .sample(2, numbers: [1, 2, 3], attributes: shared),
        ])
        #expect(found.verdict == .incomplete)
        #expect(found.evidence.first?.missing == ["instance 3"])
    }

    @Test func `a derived series is not measured by the count of its source`() throws {
        let found = try completeness([
            .sample(numbers: [1, 2], attributes: [.imagesInAcquisition: "300", .imageType: "DERIVED\\SECONDARY\\MPR"])
        ])
        #expect(found.verdict == .unknown)
    }

    @Test func `frames of an enhanced object count as its images`() throws {
        let found = try completeness([
            .sample(numbers: [1], attributes: [.imagesInAcquisition: "40", .numberOfFrames: "40"])
        ])
        #expect(found.verdict == .complete)
    }

    @Test func `frames that lack of an enhanced object are counted in frames`() throws {
        let found = try completeness([
            .sample(numbers: [1], attributes: [.imagesInAcquisition: "100", .numberOfFrames: "90"])
        ])
        #expect(found.verdict == .incomplete)
        #expect(found.evidence.first?.missing == ["10 frames"])
        #expect(found.evidence.first?.detail.contains("100 announced, 90 frames received") == true)
    }

    @Test(arguments: ["0", "-3", "99999999999999999999", "many", ""])
    func `an absurd count announces nothing`(announced: String) throws {
        let found = try completeness([.sample(numbers: [1, 2, 3], attributes: [.imagesInAcquisition: announced])])
        #expect(found.verdict == .unknown)
    }
}

@Suite struct InstanceNumberGapTests {
    @Test func `a hole is named`() throws {
        let found = try Assessor.sample().completeness(of: .sample([.sample(numbers: [1, 2, 4, 5, 8])]))
        #expect(found.verdict == .incomplete)
        #expect(found.evidence.first?.rule == .instanceNumberGap)
        #expect(found.evidence.first?.missing == ["instance 3", "instance 6", "instance 7"])
    }

    @Test(arguments: [
        [1, 2, 3, 4], [0, 1, 2, 3], [1, 3, 5, 7], [31, 32, 33], [1, 2, 5, 6, 9, 10], [1, 2, 3, 1001, 1002, 1003],
        [1, 1, 2, 2, 3, 3], [1, 9], [7], [5, 4, 3], [2, 4, 6, 8, 1_000_000_000], [.min + 1, 0, .max],
    ])
    func `legitimate numbering raises no alarm`(numbers: [Int]) throws {
        let found = try Assessor.sample().completeness(of: .sample([.sample(numbers: numbers)]))
        #expect(found.verdict == .unknown)
    }

    @Test func `every single hole inside a series is found`() throws {
        for lost in 2..<60 {
            let numbers = (1...60).filter { $0 != lost }
            #expect(InstanceNumberGap.holes(in: numbers.shuffled()) == [lost])
        }
    }

    @Test func `acquisitions may interleave and localizers may hold numbers`() throws {
        var series = try SeriesContent.sample(numbers: [1, 3, 4, 7], attributes: [.acquisitionNumber: "1"])
        series.instances += try SeriesContent.sample(
            8, numbers: [5, 6, 8], attributes: [.acquisitionNumber: "2"]
        ).instances
        series.instances += try SeriesContent.sample(
            9, numbers: [2], attributes: [.imageType: "ORIGINAL\\PRIMARY\\LOCALIZER"]
        ).instances
        #expect(try Assessor.sample().completeness(of: .sample([series])).verdict == .unknown)
    }

    @Test func `an announced count that was reached overrules it`() throws {
        let series = try SeriesContent.sample(numbers: [1, 2, 4], attributes: [.numberOfSeriesRelatedInstances: "3"])
        let found = try Assessor.sample().completeness(of: .sample([series]))
        #expect(found.verdict == .complete)
        #expect(found.evidence.map(\.rule) == [.announcedCount, .instanceNumberGap])
    }

    @Test func `a count of another series does not overrule it`() throws {
        let found = try Assessor.sample().completeness(
            of: .sample([
                .sample(1, numbers: [1, 2, 3], attributes: [.numberOfSeriesRelatedInstances: "3"]),
                .sample(2, numbers: [1, 2, 4, 5]),
            ]))
        #expect(found.verdict == .incomplete)
    }

    @Test func `a list of a thousand holes is cut`() throws {
        let found = try Assessor.sample { $0.missingLimit = 10 }
            .completeness(of: .sample([.sample(numbers: (1...3000).filter { $0 % 7 != 0 || $0 % 5 != 0 })]))
        #expect(found.evidence.first?.missing.count == 10)
    }
}

@Suite struct MissingViewTests {
    private let chestTwoViews = "BW03ZZZ8B"

    private func completeness(
        _ code: String, modality: String = "DX", _ images: [Header]
    ) throws -> Completeness {
        try Assessor.sample().completeness(
            of: .sample([.radiographs(images, modality: modality)], item: catalogueItem(code)))
    }

    @Test func `both views make it complete`() throws {
        let found = try completeness(chestTwoViews, [[.viewPosition: "PA"], [.viewPosition: "LL"]])
        #expect(found.verdict == .complete)
        #expect(found.evidence.first?.rule == .missingView)
    }

    @Test func `one view of two names the other`() throws {
        let found = try completeness(chestTwoViews, [[.viewPosition: "PA"]])
        #expect(found.verdict == .incomplete)
        #expect(found.evidence.first?.missing == ["LAT"])
    }

    @Test func `a repeated projection does not stand in for a missing one`() throws {
        let found = try completeness(chestTwoViews, [[.viewPosition: "PA"], [.viewPosition: "PA"]])
        #expect(found.verdict == .incomplete)
        #expect(found.evidence.first?.missing == ["LAT"])
    }

    @Test func `a bedside AP is a frontal view`() throws {
        #expect(try completeness("BW03ZZZZ1", [[.viewPosition: "AP"]]).verdict == .complete)
    }

    @Test func `images whose views can't be told leave it unknown`() throws {
        #expect(try completeness(chestTwoViews, [[:], [:]]).verdict == .unknown)
        let both: [Header] = [[.viewPosition: "PA"], [.seriesDescription: "胸部正侧位"]]
        #expect(try completeness(chestTwoViews, both).verdict == .unknown)
    }

    @Test func `fewer images than views are too few whatever they show`() throws {
        let found = try completeness(chestTwoViews, [[:]])
        #expect(found.verdict == .incomplete)
        #expect(found.evidence.first?.missing == ["PA", "LAT"])
    }

    @Test(arguments: [
        ("胸部后前位", "胸部侧位"), ("Chest PA", "Chest LAT"), ("W033 CHEST FRONTAL", "W034 CHEST LATERAL"),
        ("Ngực thẳng", "Ngực nghiêng"), ("NGUC THANG", "NGUC NGHIENG"), ("正位", "左侧位"),
    ])
    func `descriptions tell the view in three languages`(frontal: String, lateral: String) throws {
        #expect(
            try completeness(chestTwoViews, [[.seriesDescription: frontal], [.seriesDescription: lateral]]).verdict
                == .complete)
        let repeated = try completeness(chestTwoViews, [[.seriesDescription: frontal], [.seriesDescription: frontal]])
        #expect(repeated.evidence.first?.missing == ["LAT"])
    }

    @Test func `a word inside another is no view`() throws {
        let found = try completeness(chestTwoViews, [[.seriesDescription: "BILATERAL MAPPING"], [:]])
        #expect(found.verdict == .unknown)
    }

    @Test func `a view code tells the view`() throws {
        let item = try catalogueItem(chestTwoViews)
        var series = try SeriesContent.radiographs([[:], [:]])
        series.instances[0].attributes.set(.viewCodeSequence, to: [AttributeSet(values: [.codeValue: ["272479007"]])])
        series.instances[1].attributes.set(.viewCodeSequence, to: [AttributeSet(values: [.codeValue: ["R-10236"]])])
        #expect(try Assessor.sample().completeness(of: .sample([series], item: item)).verdict == .complete)
    }

    @Test func `the other knee does not count`() throws {
        let found = try completeness(
            "BQ07ZZZ0B",
            [[.viewPosition: "AP", .imageLaterality: "R"], [.viewPosition: "LAT", .imageLaterality: "L"]])
        #expect(found.verdict == .incomplete)
        #expect(found.evidence.first?.missing == ["LAT"])
    }

    @Test func `through the limb from either side is lateral`() throws {
        for position in ["LAT", "ML", "LM"] {
            #expect(
                try completeness("BQ07ZZZ0B", [[.viewPosition: "AP"], [.viewPosition: position]]).verdict == .complete)
        }
    }

    @Test func `mammograms need both views of both breasts`() throws {
        let four: [Header] = [("CC", "R"), ("CC", "L"), ("MLO", "R"), ("MLO", "L")].map {
            [.viewPosition: $0.0, .imageLaterality: $0.1]
        }
        #expect(try completeness("BH02ZZZZG", modality: "MG", four).verdict == .complete)
        let found = try completeness("BH02ZZZZG", modality: "MG", Array(four.dropLast()) + [four[2]])
        #expect(found.evidence.first?.missing == ["MLO_L"])
    }

    @Test func `raw twins of processed images do not count`() throws {
        let images: [Header] = [
            [.viewPosition: "PA", .presentationIntentType: "FOR PRESENTATION"],
            [.presentationIntentType: "FOR PROCESSING"],
        ]
        #expect(try completeness(chestTwoViews, images).verdict == .incomplete)
    }

    @Test func `flexion and extension are told by words, not by the beam`() throws {
        #expect(try completeness("BR00ZZZEA", [[.viewPosition: "LAT"], [.viewPosition: "LAT"]]).verdict == .unknown)
        let words: [Header] = [
            [.viewPosition: "LAT", .seriesDescription: "颈椎过屈位"], [.viewPosition: "LAT", .seriesDescription: "颈椎过伸位"],
        ]
        #expect(try completeness("BR00ZZZEA", words).verdict == .complete)
    }

    @Test func `lying on the side is no lateral view`() throws {
        let found = try completeness("BW00ZZZ00", [[.seriesDescription: "ABDOMEN LEFT LATERAL DECUBITUS"]])
        #expect(found.verdict == .unknown)
    }

    @Test func `a count that was reached does not excuse a missing view`() throws {
        let found = try completeness(
            chestTwoViews, [[.viewPosition: "PA", .numberOfStudyRelatedInstances: "1"]])
        #expect(found.verdict == .incomplete)
    }

    @Test func `a CT item asks for no views`() throws {
        let found = try Assessor.sample().completeness(
            of: .sample([.sample(numbers: [1, 2, 3])], item: catalogueItem("BW21ZYZZZ")))
        #expect(!found.evidence.contains { $0.rule == .missingView })
    }
}

@Suite struct CompletenessEncodingTests {
    @Test func `it encodes as priorctl study prints it`() throws {
        let completeness = try Completeness(
            verdict: .incomplete, decidedBy: .missingView, confidence: 0.9,
            evidence: [
                Completeness.Evidence(
                    rule: .missingView, seriesInstanceUID: SeriesInstanceUID("1.2"), verdict: .incomplete, detail: "d",
                    missing: ["LAT"])
            ])
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = try String(decoding: encoder.encode(completeness), as: UTF8.self)
        #expect(
            text == """
                {"confidence":0.9,"decidedBy":"missing-view","evidence":[{"confidence":0.9,"detail":"d","missing":["LAT"],\
                "rule":"missing-view","seriesInstanceUID":"1.2","verdict":"incomplete"}],"verdict":"incomplete"}
                """)
    }
}
