import Catalogue
import DICOMCore
import Foundation
import Testing

@testable import Assessment

@Suite struct MissingPhaseTests {
    private let chestEnhanced = "BW2310ZZZ"
    private let headCTA = "B32R1WZZZ"
    private let urography = "BT241CZZZ"
    private let chestPlain = "BW23ZYZZZ"

    private func found(
        _ code: String, _ headers: [Header], modality: String = "CT", isExact: Bool = true
    ) throws -> Completeness.Evidence? {
        let series = try headers.enumerated().map { index, header in
            try SampleStack.regular(12, spacing: 5, header: header).series(index + 1, modality: modality)
        }
        var study = try StudyContent.sample(series, item: catalogueItem(code))
        study.isItemExact = isExact
        return try Assessor.sample().completeness(of: study).evidence.first { $0.rule == .missingPhase }
    }

    @Test(arguments: [
        ("平扫", "增强"), ("胸部平扫 5mm", "动脉期"), ("Chest without contrast", "Chest with contrast"),
        ("PLAIN", "PORTAL VENOUS PHASE"),
        ("Không tiêm", "Sau tiêm"), ("NON CONTRAST", "Arterial phase 1.0"), ("pre", "post"),
    ])
    func `descriptions tell plain from enhanced in three languages`(plain: String, enhanced: String) throws {
        let both = try found(chestEnhanced, [[.seriesDescription: plain], [.seriesDescription: enhanced]])
        #expect(both?.verdict == .complete)
        #expect(try found(chestEnhanced, [[.seriesDescription: plain]])?.missing == ["POST"])
        #expect(try found(chestEnhanced, [[.seriesDescription: enhanced]])?.missing == ["PRE"])
    }

    @Test func `an agent tells where descriptions do not`() throws {
        let agent: Header = [.contrastBolusAgent: "Iohexol 350"]
        #expect(try found(chestEnhanced, [[:], agent])?.verdict == .complete)
        #expect(try found(chestEnhanced, [agent])?.missing == ["PRE"])
        #expect(try found(chestEnhanced, [agent, agent])?.missing == ["PRE"])
        #expect(try found(chestEnhanced, [[.contrastBolusAgent: "NONE"], agent])?.verdict == .complete)
    }

    @Test func `one scan that tells nothing cannot be both`() throws {
        #expect(try found(chestEnhanced, [[:]])?.missing == ["PRE or POST"])
        #expect(try found(chestEnhanced, [[:], [:]])?.verdict == .unknown)
    }

    @Test func `an order with contrast only, named by the nearest item, lacks no plain scan`() throws {
        let agent: Header = [.contrastBolusAgent: "Iohexol 350"]
        for headers in [[agent], [agent, agent], [[:]]] {
            #expect(try found(chestEnhanced, headers, isExact: false)?.verdict == .unknown)
        }
        #expect(try found(chestEnhanced, [[.seriesDescription: "PLAIN"]], isExact: false)?.missing == ["POST"])
        #expect(
            try found(chestEnhanced, [[.seriesDescription: "PLAIN"], agent], isExact: false)?.verdict == .complete)
    }

    @Test func `a series that tells nothing may be what lacks`() throws {
        #expect(try found(chestEnhanced, [[.seriesDescription: "平扫"], [:]])?.verdict == .unknown)
    }

    @Test func `an agent that scouts carry too tells nothing`() throws {
        let agent: Header = [.contrastBolusAgent: "Iohexol 350"]
        let scout = agent.merging([.imageType: "ORIGINAL\\PRIMARY\\LOCALIZER"]) { $1 }
        #expect(try found(chestEnhanced, [scout, agent, agent])?.verdict == .unknown)
    }

    @Test(
        arguments: [
            ([.contrastBolusAgent: "ORAL"], [:]), ([.contrastBolusAgent: "Gastrografin P.O."], [:]),
            ([.contrastBolusAgent: "口服水"], [:]), ([.contrastBolusAgent: "uống nước"], [:]),
            ([.contrastBolusAgent: "Iohexol 350"], [.contrastBolusRoute: "Oral route"]),
            ([.contrastBolusAgent: "Iohexol"], [.contrastBolusRoute: "RECTAL"]),
            ([.contrastBolusAgent: "Iohexol"], [.contrastBolusRoute: "Intrathecal"]),
        ] as [(Header, Header)])
    func `what was drunk or filled in enhances nothing`(agent: Header, route: Header) throws {
        let drunk = agent.merging(route) { $1 }
        #expect(try found(chestEnhanced, [drunk])?.missing == ["PRE or POST"])
        #expect(try found(chestEnhanced, [drunk, drunk])?.verdict == .unknown)
        #expect(try found(chestEnhanced, [drunk, [.contrastBolusAgent: "Iohexol"]])?.verdict == .complete)
    }

    @Test(arguments: ["ORAL & IV", "Iohexol I.V., oral", "Omnipaque", "CE", "口服+静脉", "Temporal bone 50ml"])
    func `an agent in the blood enhances, whatever was drunk beside it`(agent: String) throws {
        let enhanced: Header = [.contrastBolusAgent: agent]
        #expect(try found(chestEnhanced, [enhanced])?.missing == ["PRE"])
        #expect(try found(chestEnhanced, [[.contrastBolusAgent: "ORAL"], enhanced])?.verdict == .complete)
    }

    @Test func `angiography and urography need no plain phase`() throws {
        for code in [headCTA, urography] {
            #expect(
                try found(code, [[.seriesDescription: "CTA", .contrastBolusAgent: "Iohexol"]])?.verdict == .complete)
            #expect(try found(code, [[.seriesDescription: "plain"]])?.missing == ["POST"])
        }
    }

    @Test func `a plain item asks nothing`() throws {
        #expect(try found(chestPlain, [[.seriesDescription: "增强"]]) == nil)
    }

    @Test func `a dynamic item asks for three passes`() throws {
        func dynamic(_ passes: Int) throws -> Completeness.Evidence? {
            let series = try [
                SampleStack.regular(12, spacing: 5, header: [.seriesDescription: "T1 pre"]).series(1, modality: "MR"),
                (1...passes).flatMap { pass in
                    SampleStack.regular(
                        12, spacing: 5,
                        header: [.seriesDescription: "T1 dynamic", .temporalPositionIdentifier: "\(pass)"])
                }.renumbered().series(2, modality: "MR"),
            ]
            return try Assessor.sample().completeness(of: .sample(series, item: catalogueItem("BH325NZ1Z"))).evidence
                .first { $0.rule == .missingPhase }
        }
        #expect(try dynamic(6)?.verdict == .complete)
        #expect(try dynamic(2)?.missing == ["1 dynamic passes"])
    }
}

@Suite struct MissingBValueTests {
    private func found(_ headers: [Header], beside: Header = [:]) throws -> Completeness.Evidence? {
        let plain = beside.merging([.seriesDescription: "t2_tse_ax"]) { $1 }
        let t2 = try SampleStack.regular(20, spacing: 5, header: plain).series(1, modality: "MR")
        let series = try headers.enumerated().map { index, header in
            try SampleStack.regular(20, spacing: 5, header: header).series(index + 2, modality: "MR")
        }
        return try Assessor.sample().completeness(of: .sample([t2] + series, item: catalogueItem("B030ZMZZZ"))).evidence
            .first { $0.rule == .missingBValue }
    }

    @Test func `numbers tell which b-value lacks`() throws {
        #expect(try found([[.diffusionBValue: "0"], [.diffusionBValue: "1000"]])?.verdict == .complete)
        #expect(try found([[.diffusionBValue: "50"], [.diffusionBValue: "800"]])?.verdict == .complete)
        #expect(try found([[.diffusionBValue: "1000"]])?.missing == ["b < 100"])
        #expect(
            try found([[.diffusionBValue: "0", .seriesDescription: "ep2d_diff"]])?.missing == ["b >= 100"])
    }

    @Test func `makers' own numbers count`() throws {
        let siemens: Header = [.siemensBValueCreator: "SIEMENS MR HEADER", .seriesDescription: "DWI"]
        let electric: Header = [.generalElectricBValueCreator: "GEMS_PARM_01", .seriesDescription: "DWI"]
        func verdict(_ header: Header, _ tag: DICOMCore.Tag, _ values: [String]) throws -> Completeness.Verdict? {
            try found(values.map { header.merging([tag: $0]) { $1 } })?.verdict
        }
        #expect(try verdict(siemens, .siemensBValue, ["0", "1000"]) == .complete)
        #expect(try verdict(electric, .generalElectricBValue, ["0\\8", "1000001000\\8"]) == .complete)
        let other: Header = [.siemensBValueCreator: "ANOTHER MAKER", .seriesDescription: "DWI"]
        #expect(try verdict(other, .siemensBValue, ["0", "1000"]) != .complete)
    }

    @Test(arguments: ["ep2d_diff_b0_b1000", "DWI b=0, b=1000", "弥散 B0 B1000", "DWI b-50/b-800"])
    func `words tell where numbers lack`(description: String) throws {
        #expect(try found([[.seriesDescription: description]])?.verdict == .complete)
    }

    @Test(arguments: ["DWI b1000", "ep2d_diff_b800", "弥散 b1000"])
    func `a name tells the highest, and not that others lack`(description: String) throws {
        #expect(try found([[.seriesDescription: description]])?.verdict == .unknown)
        let zero: Header = [.seriesDescription: "ep2d_diff", .diffusionBValue: "0"]
        #expect(try found([[.seriesDescription: description], zero])?.verdict == .complete)
        // With numbers in every image the name changes nothing.
        let numbered: Header = [.seriesDescription: description + " b0", .diffusionBValue: "1000"]
        #expect(try found([numbered])?.missing == ["b < 100"])
    }

    @Test func `a sequence name tells one of them`() throws {
        let header: Header = [.seriesDescription: "ep2d_diff", .sequenceName: "*ep_b1000t"]
        #expect(try found([header])?.missing == ["b < 100"])
    }

    @Test func `a map is no diffusion image`() throws {
        let adc: Header = [
            .seriesDescription: "ep2d_diff_ADC", .imageType: "DERIVED\\PRIMARY\\ADC", .diffusionBValue: "0",
        ]
        #expect(try found([[.diffusionBValue: "1000"], adc])?.missing == ["b < 100"])
    }

    @Test func `no diffusion series at all lacks both`() throws {
        #expect(try found([[.seriesDescription: "t1_se_sag"]])?.missing == ["b < 100", "b >= 100"])
        #expect(try found([[:]])?.verdict == .unknown)
    }

    @Test func `a protocol's name that all series share makes none of them diffusion-weighted`() throws {
        let exam: Header = [.protocolName: "Brain + DWI"]
        let t1 = exam.merging([.seriesDescription: "t1_se_sag"]) { $1 }
        let adc = exam.merging([.seriesDescription: "ep2d_diff_ADC", .imageType: "DERIVED\\PRIMARY\\ADC"]) { $1 }
        #expect(try found([t1], beside: exam)?.missing == ["b < 100", "b >= 100"])
        #expect(try found([t1, adc], beside: exam)?.missing == ["b < 100", "b >= 100"])
        let weighted = exam.merging([.seriesDescription: "ep2d_diff", .diffusionBValue: "0"]) { $1 }
        #expect(try found([t1, weighted, adc], beside: exam)?.missing == ["b >= 100"])
        // Of one series it may be the only name.
        #expect(try found([[.protocolName: "DWI"]])?.verdict == .unknown)
    }

    @Test func `frames of one object tell their b-values`() throws {
        func verdict(_ bValues: [Double?]) throws -> Completeness.Verdict? {
            let header: Header = [.numberOfFrames: "\(bValues.count)", .seriesDescription: "DWI"]
            var instance = try InstanceContent.sample("1.2.3.9.1", attributes: header)
            instance.functionalGroups = {
                FunctionalGroups(
                    frames: bValues.map { bValue in
                        var frame = FunctionalGroups.Frame()
                        frame.bValue = bValue
                        return frame
                    })
            }
            let series = try SeriesContent(
                seriesInstanceUID: SeriesInstanceUID("1.2.3.9"), modality: "MR", instances: [instance])
            return try Assessor.sample().completeness(of: .sample([series], item: catalogueItem("B030ZMZZZ")))
                .evidence.first { $0.rule == .missingBValue }?.verdict
        }
        #expect(try verdict([0, 0, 1000, 1000]) == .complete)
        #expect(try verdict([1000, 1000]) == .incomplete)
        #expect(try verdict([nil, nil]) == .unknown)
    }

    @Test func `diffusion images that tell no b-value leave it unknown`() throws {
        #expect(try found([[.seriesDescription: "DWI ax"]])?.verdict == .unknown)
    }

    @Test func `an item without diffusion asks nothing`() throws {
        let series = try SampleStack.regular(20, spacing: 5).series(1, modality: "MR")
        let found = try Assessor.sample().completeness(of: .sample([series], item: catalogueItem("B030ZYZZZ")))
        #expect(!found.evidence.contains { $0.rule == .missingBValue })
    }
}
