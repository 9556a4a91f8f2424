import Archive
import Catalogue
import Testing

@testable import Recall

@Suite struct PersonKeysTests {
    private func keys(_ name: String, _ birthDate: String = "19700412") -> PersonKeys {
        var record = IdentityRecord(key: "k", patientID: name + birthDate, issuer: "A", place: "")
        (record.name, record.birthDate) = (name, birthDate)
        return PersonKeys(record)
    }

    private func meet(_ one: PersonKeys, _ other: PersonKeys) -> Bool {
        !one.sought.isDisjoint(with: other.kept) || !other.sought.isDisjoint(with: one.kept)
    }

    @Test(arguments: [
        ("张^伟", "Zhang^Wei"), ("張偉", "WEI ZHANG"), ("Zhang^Wei=張^偉", "张伟"), ("曾^小明", "ZENG XIAOMING"),
        ("单^英", "Shan^Ying"), ("吕^梅", "LV^MEI"), ("欧阳^修", "Xiu^Ouyang"), ("Nguyễn^Văn Á", "nguyen van a"),
        ("ĐẶNG^Thị Hằng", "Dang Thi Hang"), ("Nguyễn^Văn An", "AN NGUYEN VAN"), ("王小东", "WANG XIAO DONG"),
        ("Zhang^Xiaodong", "Zhamg^Xiaodong"), ("王^小东", "wang x d"),
    ])
    func `names that may be one are compared, in whatever script and order`(one: String, other: String) {
        #expect(meet(keys(one), keys(other)))
    }

    @Test(arguments: [
        ("19700412", "19700413"), ("19700412", "19700421"), ("19700412", "19710412"), ("19700412", "19701204"),
        ("19700412", "19700101"), ("19700412", "19710101"), ("19700412", ""), ("", "19700412"), ("", ""),
    ])
    func `a slip in the birth date, or none, keeps nobody from being compared`(one: String, other: String) {
        #expect(meet(keys("王^小东", one), keys("Wang^Xiaodong", other)))
    }

    @Test func `strangers are not compared`() {
        #expect(!meet(keys("王^小东"), keys("李^梅")))
        #expect(!meet(keys("王^小东", "19700412"), keys("王^小东", "19850730")))
    }
}

@Suite struct NameRarityTests {
    @Test func `a large index tells how frequent names are, a small one does not`() throws {
        let surnames = try Surname.bundled()
        let (name, rare) = (try #require(PersonName("尉迟^琉璃")), try #require(PersonName("王^小东")))
        let known = NameRarity(surnames)
        let families = [(name: "尉迟", identities: 30_000), (name: "王", identities: 10)]
        let small = NameRarity(surnames, families: families, of: NameRarity.leastTotal - 1)
        #expect(small.share(of: name, isBySound: false) == known.share(of: name, isBySound: false))
        let large = NameRarity(surnames, families: families, of: 100_000)
        #expect(large.share(of: name, isBySound: false) > 10 * known.share(of: name, isBySound: false))
        // Ten are too few to take the country's commonest name for a rare one.
        #expect(large.share(of: rare, isBySound: false) == known.share(of: rare, isBySound: false))
    }
}
