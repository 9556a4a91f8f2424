import DICOMCore
import Foundation
import Testing

@testable import Assessment

/// The sample study is of 2026-11-20 08:00 and arrives on 2026-11-21 12:00 UTC.
@Suite struct ExamDatesTests {
    private func quality(
        _ headers: [Header], modality: String = "CT", receivedAt: Date = noon,
        _ change: (inout ExamDateParameters) -> Void = { _ in }
    ) throws -> Quality {
        let instances = try headers.enumerated().map { index, header in
            var instance = try InstanceContent.sample("1.2.3.1.\(index)", attributes: header)
            instance.receivedAt = receivedAt
            return instance
        }
        let series = try SeriesContent(
            seriesInstanceUID: SeriesInstanceUID("1.2.3.1"), modality: modality, instances: instances)
        let assessor = try Assessor.sample {
            $0.qualityRules = [.examDate]
            change(&$0.exam)
        }
        return try assessor.quality(of: .sample([series]))
    }

    private func severities(_ headers: [Header], modality: String = "CT") throws -> [Quality.Severity] {
        try quality(headers, modality: modality).findings.map(\.severity)
    }

    @Test func `an exam whose dates agree is nothing to say`() throws {
        let header: Header = [
            .seriesDate: "20261120", .seriesTime: "080100", .acquisitionDate: "20261120", .acquisitionTime: "080210",
            .acquisitionDateTime: "20261120080210.5+0800", .contentDate: "20261120", .contentTime: "080300",
        ]
        #expect(try severities([header, header]).isEmpty)
    }

    // A number of another script is no digit: 京 is 10^16.
    @Test(arguments: ["+京京京京", "+9999", "+08000", "-0099", "+", "0800", "+٠٨٠٠"])
    func `a zone that is none leaves the exam in any zone`(zone: String) throws {
        #expect(
            try severities([[.timezoneOffsetFromUTC: zone, .acquisitionDateTime: "20261120080210\(zone)"]]).isEmpty)
        #expect(ExamMoment.secondsFromUTC(zone) == nil)
        #expect(ExamMoment.secondsOfDay("京京京京京京") == nil)
    }

    @Test func `an exam across midnight is nothing to say`() throws {
        let night: Header = [
            .studyDate: "20261119", .studyTime: "235800", .acquisitionDate: "20261120", .acquisitionTime: "000300",
        ]
        #expect(try severities([night]).isEmpty)
        let early: Header = [
            .studyDate: "20261120", .studyTime: "000100", .acquisitionDate: "20261119", .acquisitionTime: "235900",
        ]
        #expect(try severities([early]).isEmpty)
    }

    @Test(arguments: ["19980301", "20060715"])
    func `an old study that arrives years later is nothing to say`(date: String) throws {
        #expect(try severities([[.studyDate: date, .acquisitionDate: date, .contentDate: date]]).isEmpty)
    }

    @Test(
        arguments: [
            ([.acquisitionDate: "20261110"], 10.0),
            ([.imageType: "DERIVED\\PRIMARY", .acquisitionDate: "20261110"], 10.0),
            ([.acquisitionDateTime: "20161120080000"], 3652),
            ([.contentDate: "20261101"], 19), ([.seriesDate: "20261001"], 50), ([.acquisitionDate: "20261118"], 2),
        ] as [(Header, Double)])
    func `an image acquired long before its Study Date is raised`(header: Header, days: Double) throws {
        let found = try quality([[:], header]).findings
        #expect(found.map(\.severity) == [.review])
        #expect(found.first?.value == days && found.first?.unit == "days")
        #expect(found.first?.sopInstanceUID?.value == "1.2.3.1.1")
    }

    @Test func `an image acquired long after its Study Date is raised, of a tracer later`() throws {
        let late: Header = [.studyDate: "20261113", .acquisitionDate: "20261120"]
        #expect(try severities([late]) == [.review])
        #expect(try severities([late], modality: "PT").isEmpty)
        #expect(try severities([[.studyDate: "20261117", .acquisitionDate: "20261120"]]).isEmpty)
        #expect(try severities([[.studyDate: "20261101", .acquisitionDate: "20261120"]], modality: "NM") == [.review])
    }

    @Test(
        arguments: [
            [
                .imageType: "DERIVED\\SECONDARY\\MPR", .contentDate: "20261121", .contentTime: "080000",
                .seriesDate: "20261121",
            ],
            [.imageType: "DERIVED\\SECONDARY", .acquisitionDate: "20200101"],
            [.acquisitionDate: "20261120", .seriesDate: "20261121", .contentDate: "20261121", .contentTime: "100000"],
        ] as [Header])
    func `what was computed later, or from an earlier exam, is nothing to say`(header: Header) throws {
        #expect(try severities([[:], header]).isEmpty)
    }

    @Test(arguments: ["66.4", "66.7", "30", "481.2"])
    func `a segmentation, a map or a dose made years later is nothing to say`(sopClass: String) throws {
        let made = try InstanceContent.sample(
            "1.2.3.1.2", sopClass: "1.2.840.10008.5.1.4.1.1." + sopClass,
            attributes: [
                .imageType: "DERIVED\\PRIMARY", .studyDate: "20161120", .seriesDate: "20260318",
                .contentDate: "20260318",
            ])
        let series = try SeriesContent(
            seriesInstanceUID: SeriesInstanceUID("1.2.3.1"), modality: "SEG", instances: [made])
        let assessor = try Assessor.sample { $0.qualityRules = [.examDate] }
        #expect(try assessor.quality(of: .sample([series])).findings.isEmpty)
    }

    @Test func `a date after arrival fails, whichever it is`() throws {
        for tag in [DICOMCore.Tag.seriesDate, .acquisitionDate, .contentDate] {
            let found = try quality([[:], [tag: "20261123"]]).findings
            #expect(found.first?.severity == .fail)
            #expect(found.first?.unit == "hours")
        }
        #expect(try severities([[.acquisitionDateTime: "20261121122000+0000"]]).contains(.fail))
        #expect(try severities([[.acquisitionDateTime: "20261121121000+0000"]]).isEmpty)
    }

    @Test func `objects of another Study Date are raised, of the day beside only noted`() throws {
        #expect(try severities([[:], [:], [.studyDate: "20261121"]]) == [.info])
        let found = try quality([[:], [:], [.studyDate: "20251120"]]).findings
        #expect(found.map(\.severity) == [.review])
        #expect(found.first?.sopInstanceUID?.value == "1.2.3.1.2")
    }

    @Test(arguments: ["19000101", "00010101"])
    func `the least date of a program is no exam date`(date: String) throws {
        #expect(try severities([[.studyDate: date, .patientBirthDate: ""]]) == [.review])
    }

    @Test func `a date that is none is raised`() throws {
        #expect(try severities([[:], [.studyDate: "20261320"]]) == [.review])
        #expect(try severities([[.acquisitionDate: "***"]]) == [.review])
    }

    @Test func `an acquisition before birth fails`() throws {
        let found = try quality([[.patientBirthDate: "20261120", .acquisitionDate: "20261119"]]).findings
        #expect(found.map(\.severity) == [.fail])
    }

    @Test(arguments: ["25", "2561", "", "noon", "1", "0860"])
    func `a time that is none counts as missing`(time: String) throws {
        #expect(try severities([[.studyDate: "20261121", .studyTime: time]]).isEmpty)
        #expect(ExamMoment.secondsOfDay(time) == nil)
    }

    @Test func `the delay of a live series is measured, that of an import is not`() throws {
        let live: Header = [.acquisitionDate: "20261121", .acquisitionTime: "110000", .timezoneOffsetFromUTC: "+0000"]
        let measure = try quality([live]).measures.first { $0.rule == .examDate }
        #expect(measure?.value == 3600 && measure?.unit == "s")
        #expect(try quality([[.acquisitionDate: "20240101", .acquisitionTime: "110000"]]).measures.isEmpty)
        #expect(try quality([[.acquisitionDate: "20261121"]]).measures.isEmpty)
    }
}
