import Archive
import Crypto
import DICOMCore
import Testing

@testable import Recall

@Suite struct NationalIDTests {
    @Test func `a number of the right check character tells birth date and sex`() throws {
        // The example of GB 11643-1999.
        let number = try #require(NationalID("11010519491231002X"))
        #expect(number.birthDay == CalendarDay(dicom: "19491231"))
        #expect(number.isFemale)
        #expect(number.lastFour == "002X")
        #expect(NationalID("440524188001010014") == nil || NationalID("440524188001010014")?.birthYear == 1880)
    }

    @Test(arguments: [
        "110105194912310021", "11010519491331002X", "1101051949123100", "A1010519491231002X", "", "111111111111111111",
        "01010519491231002X", "11010519491231002Ｘ１",
    ])
    func `what is no such number is none`(text: String) { #expect(NationalID(text) == nil) }

    @Test func `fifteen digits, small x and spaces are the same number`() throws {
        let key = SymmetricKey(data: [UInt8](repeating: 7, count: 32))
        let whole = try #require(NationalID("11010519491231002X")).hashed(with: key)
        #expect(NationalID("110105 19491231 002x")?.hashed(with: key) == whole)
        #expect(NationalID("110105491231002")?.hashed(with: key) == whole)
        #expect(!whole.contains("1949"))
    }

    @Test func `another key gives another hash`() throws {
        let number = try #require(NationalID("11010519491231002X"))
        let keys = [1, 2].map { SymmetricKey(data: [UInt8](repeating: $0, count: 32)) }
        #expect(number.hashed(with: keys[0]) != number.hashed(with: keys[1]))
    }

    @Test func `twelve digits are a number only where Vietnam's are expected`() throws {
        #expect(NationalID("001085012345") == nil)
        let number = try #require(NationalID("001085012345", of: [.vietnam]))
        #expect(number.birthYear == 1985)
        #expect(!number.isFemale)
        #expect(NationalID("001185012345", of: [.vietnam])?.isFemale == true)
        #expect(NationalID("001203012345", of: [.vietnam])?.birthYear == 2003)
        #expect(NationalID("199085012345", of: [.vietnam]) == nil)
    }

    @Test(arguments: [
        // Written with a check digit: a slip in the birth date is forgiven, a relative's number is not.
        ("11010519491231002X", "19491231", "M", true), ("11010519491231002X", "19491213", "M", true),
        ("11010519491231002X", "19781103", "M", false), ("11010519491231002X", "", "", true),
        // Without one it must agree.
        ("110105491231002", "19491231", "M", true), ("110105491231002", "19491213", "M", false),
        ("110105491231002", "", "M", false), ("001085012345", "19850607", "M", true),
        ("001085012345", "19850607", "F", false), ("001085012345", "", "M", false),
    ])
    func `a number counts where it is the patient's`(text: String, birth: String, sex: String, counts: Bool) {
        let patient = PatientRecord(patientID: "1", birthDate: birth, sex: sex)
        #expect((NationalID(text, agreeingWith: patient) != nil) == counts)
    }
}
