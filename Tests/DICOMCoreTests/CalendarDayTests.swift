import Testing

@testable import DICOMCore

@Suite struct CalendarDayTests {
    @Test(arguments: ["20260228", "2024.02.29", "19000101", "20001231"])
    func `a DA value is a day`(value: String) throws {
        let day = try #require(CalendarDay(dicom: value))
        #expect(day.description == value.filter { $0 != "." })
    }

    @Test(arguments: [
        "", "20260229", "19000229", "20261301", "20260100", "2026", "2026-1-1", "202601011", "２０２６０１０１", "00000101",
    ])
    func `what the calendar lacks is none`(value: String) {
        #expect(CalendarDay(dicom: value) == nil)
    }

    @Test(arguments: [
        ("19700101", "19700101", 0), ("20240228", "20240301", 2), ("20250228", "20250301", 1),
        ("20261231", "20270101", 1), ("19000101", "20000101", 36_524), ("20261121", "20261022", -30),
    ])
    func `whole days lie between two days`(first: String, second: String, count: Int) throws {
        #expect(try #require(CalendarDay(dicom: first)).days(to: #require(CalendarDay(dicom: second))) == count)
    }

    @Test func `every day has its number back`() throws {
        let first = try #require(CalendarDay(dicom: "00010101")).number
        let last = try #require(CalendarDay(dicom: "99991231")).number
        for number in stride(from: first, through: last, by: 13) {
            #expect(CalendarDay(number: number).number == number)
        }
        #expect(CalendarDay(number: .min).number == first && CalendarDay(number: .max).number == last)
        #expect(CalendarDay(number: 0).description == "19700101")
    }
}
