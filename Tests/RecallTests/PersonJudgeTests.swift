import Catalogue
import DICOMCore
import Testing

@testable import Recall

@Suite struct PersonJudgeTests {
    private static let judge = Result { PersonJudge(rarity: NameRarity(try Surname.bundled())) }

    private func person(
        _ name: String? = "王^小东", born: String = "19700412", sex: String = "M", id: String? = nil, issuer: String = "A",
        number: String = "1", phone: String? = nil
    ) -> PersonTraits {
        PersonTraits(
            identity: .init(issuer: issuer, patientID: number), name: name.flatMap { PersonName($0) },
            sex: .init(rawValue: sex), birthDay: PersonTraits.birthDay(born), nationalID: id,
            phones: Set([phone.flatMap(PersonTraits.phone)].compactMap(\.self)))
    }

    private func link(_ one: PersonTraits, _ other: PersonTraits) throws -> PersonVerdict.Link {
        let there = try Self.judge.get().judge(one, other)
        #expect(try Self.judge.get().judge(other, one) == there)
        return there.link
    }

    @Test func `one national ID and a name that agrees join`() throws {
        #expect(try link(person(id: "h"), person("Wang^Xiaodong", id: "h", issuer: "B")) == .same)
        #expect(try link(person(id: "h"), person(born: "", id: "h", issuer: "B")) == .same)
        #expect(try link(person(id: "h"), person("王^小东", born: "19700421", id: "h", issuer: "B")) == .same)
    }

    @Test func `name and birth date alone join nobody, however rare the name`() throws {
        #expect(try link(person("尉迟^琉璃"), person("尉迟^琉璃", issuer: "B")) == .possible)
        #expect(try link(person(phone: "13812345678"), person(issuer: "B", phone: "13812345678")) == .possible)
    }

    @Test func `a national ID in other hands joins nobody`() throws {
        #expect(try link(person(id: "h"), person("李^梅", born: "19820101", sex: "F", id: "h", issuer: "B")) == .possible)
        #expect(try link(person(id: "h"), person("王^建国", born: "19450302", id: "h", issuer: "B")) == .possible)
        #expect(try link(person(id: "h"), person(sex: "F", id: "h", issuer: "B")) == .possible)
        #expect(try link(person(id: "h"), person(nil, id: "h", issuer: "B")) == .possible)
    }

    @Test func `twins are two`() throws {
        let one = person("王^小东", id: "h1", phone: "13812345678")
        let other = person("王^小西", id: "h2", issuer: "B", phone: "13812345678")
        #expect(try link(one, other) == .different)
        var withoutIDs = (one, other)
        withoutIDs.0.nationalID = nil
        withoutIDs.1.nationalID = nil
        #expect(try link(withoutIDs.0, withoutIDs.1) != .same)
    }

    @Test func `a slip in the birth date or the name leaves it possible`() throws {
        #expect(try link(person(), person(born: "19700421", issuer: "B")) == .possible)
        #expect(try link(person(), person("Wang^Xiaodong", born: "19700402", issuer: "B")) == .possible)
        #expect(try link(person(), person("王^晓东", issuer: "B")) == .possible)
        #expect(try link(person("Nguyễn^Văn An"), person("NGUYEN VAN AN", born: "19701204", issuer: "B")) == .possible)
    }

    @Test func `the same Patient ID of two issuers says nothing`() throws {
        #expect(
            try link(person(number: "1001"), person("李^梅", born: "19820101", sex: "F", issuer: "B", number: "1001"))
                == .different)
    }

    @Test func `an identity that names the other joins where nothing contradicts`() throws {
        var one = person()
        one.otherIdentities = [.init(issuer: "B", patientID: "77")]
        #expect(try link(one, person("Wang^Xiaodong", issuer: "B", number: "77")) == .same)
        #expect(try link(one, person("Li^Mei", sex: "F", issuer: "B", number: "77")) == .possible)
        #expect(try link(one, person("Wang^Xiaodong", issuer: "C", number: "77")) == .possible)
    }

    @Test func `two that say almost nothing are different, not joined`() throws {
        #expect(try link(person(nil, born: "", sex: ""), person(nil, born: "", sex: "", issuer: "B")) == .different)
        #expect(try link(person("王伟", born: ""), person("王伟", born: "", issuer: "B")) != .same)
    }

    @Test(arguments: ["19000101", "18000101", "", "20001345", "garbage"])
    func `a birth date that stands for none is none`(value: String) { #expect(PersonTraits.birthDay(value) == nil) }

    @Test(arguments: [
        ("+86 138-1234-5678", "13812345678"), ("013812345678", "13812345678"), ("0571-87654321", "57187654321"),
        ("84 912 345 678", "912345678"), ("0912345678", "912345678"),
    ])
    func `telephone numbers compare by their digits`(value: String, digits: String) {
        #expect(PersonTraits.phone(value) == digits)
    }

    @Test(arguments: ["", "110", "00000000000", "11111111"])
    func `what is no telephone number is none`(value: String) { #expect(PersonTraits.phone(value) == nil) }

    // MARK: A population

    @Test func `no two of 100,000 pairs of different people are joined`() throws {
        let judge = try Self.judge.get()
        var population = Population(seed: 6)
        var counts: [PersonVerdict.Link: Int] = [:]
        for _ in 0..<100_000 {
            let (one, other) = population.differentPeople()
            counts[judge.judge(one.traits, other.traits).link, default: 0] += 1
        }
        #expect(counts[.same, default: 0] == 0)
        #expect(counts[.different, default: 0] > 50_000)
    }

    @Test func `of the identities of one person, 97 in 100 are the same or possible`() throws {
        let judge = try Self.judge.get()
        var population = Population(seed: 7)
        var found = 0
        for _ in 0..<20_000 {
            let (one, other) = population.onePerson()
            if judge.judge(one.traits, other.traits).link != .different { found += 1 }
        }
        #expect(found >= 19_400)
    }
}
