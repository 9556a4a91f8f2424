import Archive
import DICOMCore
import Foundation
import Testing

@testable import Recall

/// Whose studies are, as the registry finds and people decide.
@Suite struct PersonRegistryTests {
    let shelf: StudyShelf
    private static let card = "11010519491231002X"

    init() throws { shelf = try StudyShelf() }

    /// One man at two hospitals that both know his identity card.
    func addTwoHospitals() throws {
        try shelf.add(1) {
            ($0.patientID, $0.issuer, $0.name, $0.sex, $0.birthDate) = ("77", "H1", "张^伟", "M", "19491231")
            $0.header = PatientHeader(otherPatientIDs: [Self.card])
            $0.date = "20261020"
        }
        try shelf.add(2) {
            ($0.patientID, $0.issuer, $0.name, $0.sex, $0.birthDate) = ("A-5", "H2", "Zhang^Wei", "M", "19491231")
            $0.header = PatientHeader(otherPatientIDs: [Self.card])
        }
    }

    /// Three identities of one name and birth date, with nothing that identifies.
    func addNamesakes() throws -> (PersonRegistry, [String]) {
        for (number, issuer) in ["H1", "H2", "H3"].enumerated() {
            try shelf.add(number + 1) {
                ($0.patientID, $0.issuer, $0.name, $0.sex) = ("N\(number)", issuer, "尉迟^琉璃", "F")
                $0.date = "2026100\(number + 1)"
            }
        }
        let registry = try shelf.registry()
        try registry.resolveAll()
        let ids = try (1...3).map { number in
            let profile = try #require(try registry.person(ofStudy: .sample(number)))
            return try #require(profile.identities.first { $0.record.patientID == "N\(number - 1)" }).record.key
        }
        return (registry, ids)
    }

    // MARK: Rules

    @Test func `one identity card joins the numbers of two hospitals, and priors come from both`() throws {
        try addTwoHospitals()
        let registry = try shelf.registry()
        #expect(try registry.resolveAll() == 2)
        let person = try #require(try registry.person(ofStudy: .sample(2)))
        #expect(person.identities.map(\.link) == [.same, .same])
        #expect(Set(person.identities.map(\.record.nationalLastFour)) == ["002X"])
        #expect(person.person.personID == person.identities.map(\.record.key).min())
        let answer = try shelf.answer(2)
        #expect(answer.priors.map(\.identityLink) == [.same] && answer.person == person.person)
        let ordered = try shelf.recall().priors(patientID: "77", issuer: "H1", item: "BW03ZZZ8B")
        #expect(ordered.priors.count == 2 && ordered.person == person.person)
    }

    @Test func `the number of a card is nowhere in the index`() throws {
        try addTwoHospitals()
        let registry = try shelf.registry()
        try registry.resolveAll()
        let record = try #require(try registry.person(ofStudy: .sample(1))).identities[0].record
        #expect(record.nationalHash.count == 64 && !"\(record)".contains(Self.card))
    }

    @Test func `only the first study of an identity has an object read`() throws {
        try addTwoHospitals()
        let registry = try shelf.registry()
        #expect(try registry.resolveAll() == 2)
        let count = shelf.headerReadCount
        #expect(count >= 2)
        for number in 3...6 {
            try shelf.add(number) { ($0.patientID, $0.name, $0.sex, $0.birthDate) = ("77", "张^伟", "M", "19491231") }
        }
        #expect(try registry.resolveAll() == 4)
        #expect(shelf.headerReadCount == count)
        #expect(
            try registry.studies(of: #require(try registry.person(ofStudy: .sample(1))).person.personID)?.total == 6)
    }

    @Test func `an identity that another names joins where nothing contradicts`() throws {
        try shelf.add(1) { ($0.patientID, $0.issuer, $0.name, $0.sex) = ("1", "H1", "Nguyễn^Văn Á", "M") }
        try shelf.add(2) {
            ($0.patientID, $0.issuer, $0.name, $0.sex) = ("2", "H2", "NGUYEN VAN A", "M")
            $0.header = PatientHeader(others: [.init(issuer: "H1", patientID: "1")])
        }
        try shelf.registry().resolveAll()
        #expect(try shelf.registry().person(ofStudy: .sample(1))?.identities.map(\.link) == [.same, .same])
    }

    @Test func `the same number at two hospitals without issuer is two people`() throws {
        try shelf.add(1) {
            ($0.issuer, $0.institution, $0.name, $0.sex) = ("", "First Hospital", "王^小东", "M")
        }
        try shelf.add(2) {
            ($0.issuer, $0.institution, $0.name, $0.sex) = ("", "Second Hospital", "李^梅", "F")
            $0.birthDate = "19820303"
        }
        try shelf.add(3) {
            ($0.issuer, $0.institution, $0.name) = ("", "", "李^梅")
            $0.sender = try? AETitle("MODALITY")
        }
        let registry = try shelf.registry()
        try registry.resolveAll()
        #expect(try shelf.answer(1).priors.isEmpty)
        let persons = try registry.persons(patientID: "P1", issuer: nil)
        #expect(persons.count == 3)
        let places = persons.flatMap { $0.person.identities.filter { $0.link == .same } }.map(\.institution)
        #expect(Set(places) == ["first hospital", "second hospital", "ae:MODALITY"])
    }

    @Test(arguments: [[1, 2, 3], [3, 1, 2], [2, 3, 1]])
    func `who contradict each other are not joined by a third whom both agree with`(order: [Int]) throws {
        // A card in other hands at two hospitals, and at a third where no birth date was asked for.
        let births = ["19491231", "19910615", ""]
        for number in order {
            try shelf.add(number) {
                ($0.patientID, $0.issuer, $0.name, $0.sex) = ("C\(number)", "H\(number)", "王^小东", "M")
                $0.birthDate = births[number - 1]
                $0.header = PatientHeader(otherPatientIDs: [Self.card])
            }
        }
        let registry = try shelf.registry()
        try registry.resolveAll()
        let one = try #require(try registry.person(ofStudy: .sample(1)))
        let other = try #require(try registry.person(ofStudy: .sample(2)))
        #expect(one.person.personID != other.person.personID)
        #expect(try registry.reviews(limit: 10, offset: 0).total >= 1)
    }

    @Test func `twins are two`() throws {
        for (number, name) in ["王^小东", "王^小西"].enumerated() {
            try shelf.add(number + 1) {
                ($0.patientID, $0.issuer, $0.name, $0.sex) = ("\(number)", "H\(number)", name, "M")
                $0.header = PatientHeader(phones: ["13812345678"])
            }
        }
        let registry = try shelf.registry()
        try registry.resolveAll()
        #expect(try registry.counts().persons == 2)
    }

    @Test func `a slip in the birth date under one number waits for a look, and is only possible until then`() throws {
        try shelf.add(1) { ($0.name, $0.sex, $0.birthDate, $0.date) = ("王^小东", "M", "19700412", "20261020") }
        try shelf.add(2) { ($0.name, $0.sex, $0.birthDate) = ("王^小东", "M", "19700421") }
        let answer = try shelf.answer(2)
        #expect(answer.priors.map(\.identityLink) == [.possible])
        #expect(answer.priors.first?.recognition.verdict != .recognised)
        let registry = try shelf.registry()
        let review = try #require(try registry.reviews().pairs.first)
        #expect(review.pair.reasons.contains("sameNumber") && review.pair.reasons.contains("nearBirthDay"))
        try registry.settleReview(review.one.key, review.other.key, as: .same, by: "Dr Chen")
        #expect(try shelf.answer(2).priors.map(\.identityLink) == [.same])
        #expect(try registry.reviews().total == 0)
    }

    @Test func `a number given to somebody else shows up for review`() throws {
        try shelf.add(1) { ($0.name, $0.sex, $0.birthDate, $0.date) = ("王^小东", "M", "19700412", "20261020") }
        try shelf.add(2) { ($0.name, $0.sex, $0.birthDate) = ("李^梅", "F", "19910203") }
        #expect(try shelf.answer(2).priors.map(\.identityLink) == [.possible])
        let registry = try shelf.registry()
        let review = try #require(try registry.reviews().pairs.first)
        try registry.settleReview(review.one.key, review.other.key, as: .different, by: "Dr Chen")
        #expect(try shelf.answer(2).priors.isEmpty)
    }

    @Test func `what an identity lacked is learned from its next study`() throws {
        try shelf.add(1) { ($0.name, $0.birthDate) = ("Zhang^Wei", "") }
        try shelf.add(2) { ($0.name, $0.sex, $0.birthDate) = ("Zhang^Wei=张^伟", "M", "19491231") }
        try shelf.add(3) { ($0.name, $0.birthDate) = ("张伟", "19491231") }
        let registry = try shelf.registry()
        try registry.resolveAll()
        let person = try #require(try registry.person(ofStudy: .sample(3)))
        #expect(person.identities.count == 1)
        let record = try #require(person.identities.first).record
        #expect((record.name, record.birthDate, record.sex) == ("Zhang^Wei=张^伟", "19491231", "M"))
    }

    @Test(arguments: [[1, 2, 3], [3, 1, 2], [2, 3, 1]])
    func `a card that two names were shown with proves nothing of anybody`(order: [Int]) throws {
        let names = ["王^小东", "王^小东", "李^梅"]
        for number in order {
            try shelf.add(number) {
                ($0.patientID, $0.issuer, $0.name) = ("C\(number)", "H\(number)", names[number - 1])
                ($0.sex, $0.birthDate) = ("M", "19491231")
                $0.header = PatientHeader(otherPatientIDs: [Self.card])
            }
            try shelf.registry().resolveAll()
        }
        let registry = try shelf.registry()
        #expect(try registry.counts().persons == 3)
        let review = try #require(
            try registry.reviews().pairs.first { Set([$0.one.patientID, $0.other.patientID]) == ["C1", "C2"] })
        #expect(review.pair.link == .possible && review.pair.reasons.contains("sharedIdentifier"))
        try registry.settleReview(review.one.key, review.other.key, as: .same, by: "Dr Chen")
        #expect(try registry.counts().persons == 2)
        try registry.settleReview(review.one.key, review.other.key, as: .undecided, by: "Dr Chen")
        #expect(try registry.counts().persons == 3)
    }

    @Test func `a number that everybody was given elsewhere joins no namesakes`() throws {
        for (number, name) in ["王^小东", "王^小东", "李^梅"].enumerated() {
            try shelf.add(number + 1) {
                ($0.patientID, $0.issuer, $0.name, $0.sex) = ("Q\(number)", "H\(number)", name, "M")
                $0.header = PatientHeader(others: [.init(issuer: "MPI", patientID: "0")])
            }
        }
        let registry = try shelf.registry()
        try registry.resolveAll()
        #expect(try registry.counts().persons == 3)
    }

    @Test func `a number of the site's list of placeholders is nobody's`() throws {
        try addTwoHospitals()
        let registry = try shelf.registry(placeholders: [Self.card])
        try registry.resolveAll()
        #expect(try registry.counts().persons == 2)
        #expect(try registry.persons(patientID: "77", issuer: "H1").first?.identities.first?.record.nationalHash == "")
    }

    @Test func `a card is found in a later study, where the first has none`() throws {
        try addTwoHospitals()
        try shelf.add(3) {
            ($0.patientID, $0.issuer, $0.name, $0.sex, $0.birthDate) = ("88", "H3", "张^伟", "M", "19491231")
        }
        let registry = try shelf.registry()
        try registry.resolveAll()
        #expect(try registry.counts().persons == 2)
        try shelf.add(4) {
            ($0.patientID, $0.issuer, $0.name, $0.sex, $0.birthDate) = ("88", "H3", "张^伟", "M", "19491231")
            $0.header = PatientHeader(otherPatientIDs: [Self.card])
        }
        try registry.resolveAll()
        #expect(try registry.counts().persons == 1)
    }

    @Test func `of an identity that nothing identifies three headers are read`() throws {
        for number in 1...6 { try shelf.add(number) { $0.name = "王^小东" } }
        let registry = try shelf.registry()
        #expect(try registry.resolveAll() == 6)
        #expect(shelf.headerReadCount == 3)
    }

    @Test func `a number typed for everybody costs no more than a few looks`() throws {
        let surnames = Array("赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华")
        for (number, surname) in surnames.enumerated() {
            try shelf.add(number + 1) {
                ($0.patientID, $0.name, $0.sex) = ("UNKNOWN", "\(surname)^文", "M")
                $0.birthDate = "19\(50 + number)0304"
            }
        }
        let registry = try shelf.registry()
        #expect(try registry.resolveAll() == surnames.count)
        #expect(try registry.counts().identities == surnames.count)
        #expect(try registry.reviews(limit: 1000).total <= 21 * 20 / 2)
        // The same description is the same identity, however many there are.
        try shelf.add(100) {
            ($0.patientID, $0.name, $0.sex) = ("UNKNOWN", "\(surnames[surnames.count - 1])^文", "M")
            $0.birthDate = "19\(49 + surnames.count)0304"
        }
        try registry.resolveAll()
        #expect(try registry.counts().identities == surnames.count)
        let own = try #require(try registry.person(ofStudy: .sample(100)))
        #expect(own.identities.map(\.record.studyCount) == [2])
    }

    @Test func `a study that learns its institution while it is resolved is the institution's`() throws {
        try shelf.add(1) {
            ($0.issuer, $0.institution, $0.name, $0.hasReport) = ("", "", "李^梅", false)
            $0.sender = try? AETitle("MODALITY")
        }
        let shelf = shelf
        let registry = try shelf.registry { _ in
            try? shelf.change(index: "UPDATE study SET institution = 'First Hospital' WHERE institution = ''")
        }
        try registry.resolveAll()
        let places = try registry.persons(patientID: "P1", issuer: nil).flatMap(\.identities).map(\.record.place)
        #expect(places == ["first hospital"])
    }

    @Test func `who lost the last study is nobody's identity any more`() throws {
        try shelf.add(1) {
            ($0.issuer, $0.institution, $0.name, $0.hasReport) = ("", "", "李^梅", false)
            $0.sender = try? AETitle("MODALITY")
        }
        try shelf.add(2) { ($0.issuer, $0.institution, $0.name) = ("", "Second Hospital", "李^梅") }
        let registry = try shelf.registry()
        try registry.resolveAll()
        #expect(try registry.reviews().total == 1)
        // The second object of the first study names the institution.
        try shelf.add(1) { ($0.issuer, $0.institution, $0.name) = ("", "First Hospital", "李^梅") }
        try registry.resolveAll()
        let persons = try registry.persons(patientID: "P1", issuer: nil)
        #expect(Set(persons.flatMap(\.identities).map(\.record.place)) == ["first hospital", "second hospital"])
        #expect(try registry.reviews().total == 1)
    }

    @Test func `what somebody may have to look at stays when more is learned of one of the two`() throws {
        let (registry, ids) = try addNamesakes()
        #expect(try registry.reviews().total == 3)
        try shelf.add(4) { ($0.patientID, $0.issuer, $0.name, $0.sex) = ("N0", "H1", "Yuchi^Liuli=尉迟^琉璃", "F") }
        try registry.resolveAll()
        #expect(try registry.person(id: ids[0])?.identities.count == 3)
        #expect(try registry.reviews().total == 3)
    }

    @Test func `one study that cannot be resolved keeps no other waiting, and is tried again`() throws {
        try shelf.add(1) { $0.name = "王^小东" }
        let registry = try shelf.registry()
        try registry.resolveAll()
        try shelf.change(index: "UPDATE identity SET others = '{'")
        try shelf.add(2) { $0.name = "王^小东" }
        try shelf.add(3) { ($0.patientID, $0.name) = ("P2", "李^梅") }
        let step = try registry.resolvePending()
        #expect(try step.resolvedCount == 1 && step.failures.map(\.study) == [.sample(2)])
        #expect(try registry.resolvePending().failures.isEmpty)
        var progress = ResolutionProgress()
        progress.setAside(try .sample(2))
        progress.begin()
        #expect(progress.setAside.count == 1)
        progress.begin(at: .now + ResolutionProgress.pause)
        #expect(progress.setAside.isEmpty)
    }

    // MARK: Finding

    @Test(arguments: [
        ("张伟", true), ("張偉", true), ("Zhang Wei", true), ("WEI^ZHANG", true), ("zhangwei", true),
        ("nguyen van a", false), ("Á Nguyễn Văn", false), ("NGUYỄN^VĂN Á", false), ("nguyen", false),
        ("Li Mei", nil), ("", nil), ("^^=^", nil),
    ])
    func `a person is found by name in any script and order`(name: String, isChinese: Bool?) throws {
        try shelf.add(1) { ($0.patientID, $0.name) = ("C", "張^偉") }
        try shelf.add(2) { ($0.patientID, $0.name, $0.birthDate) = ("V", "Nguyễn^Văn Á", "19800101") }
        let registry = try shelf.registry()
        try registry.resolveAll()
        let found = try registry.find(name: name).flatMap(\.identities).map(\.record.patientID)
        #expect(found == (isChinese.map { [$0 ? "C" : "V"] } ?? []))
    }

    // MARK: Answers

    @Test func `what waits is resolved when it is asked about`() throws {
        try addTwoHospitals()
        let registry = try shelf.registry()
        #expect(try registry.counts().pendingStudies == 2 && registry.resolutionTimes == nil)
        #expect(try registry.person(ofStudy: .sample(2))?.identities.count == 1)
        #expect(try registry.counts().pendingStudies == 1)
        #expect(try shelf.answer(2).pendingStudies == 1)
        #expect(try registry.resolvePending().resolvedCount == 1)
        #expect(try registry.resolvePending().resolvedCount == 0)
        let times = try #require(registry.resolutionTimes)
        #expect(times.median > .zero && times.median <= times.ninetyNinth)
        let answer = try shelf.answer(2)
        #expect(answer.pendingStudies == 0 && answer.priors.count == 1)
    }

    @Test func `the same studies make the same persons in whatever order they are asked about`() throws {
        try addTwoHospitals()
        let registry = try shelf.registry()
        let second = try #require(try registry.person(ofStudy: .sample(2))).person.personID
        let first = try #require(try registry.person(ofStudy: .sample(1))).person.personID
        #expect(first == min(first, second))
        #expect(try registry.person(id: second)?.person.personID == first)
        #expect(first.count == 16)
    }

    @Test func `an issuer never seen, an unknown number and a study of nobody are nobody`() throws {
        try addTwoHospitals()
        try shelf.add(3) { $0.patientID = "" }
        let registry = try shelf.registry()
        #expect(try registry.persons(patientID: "77", issuer: "H9").isEmpty)
        #expect(try registry.persons(patientID: "", issuer: nil).isEmpty)
        #expect(try registry.person(ofStudy: .sample(3)) == nil)
        #expect(try registry.person(id: "zzzz") == nil)
        #expect(try registry.studies(of: "zzzz") == nil)
        #expect(throws: PersonError.unknownStudy(try .sample(9))) { try registry.person(ofStudy: .sample(9)) }
        let answer = try shelf.recall().priors(patientID: "77", issuer: "H9", item: "BW03ZZZ8B")
        #expect(answer.priors.isEmpty && answer.person.personID.isEmpty)
        #expect(answer.person.identities.map(\.id) == [""])
    }

    @Test func `studies dated after today are no priors and are counted`() throws {
        try shelf.add(1) { $0.date = "20261020" }
        try shelf.add(2) { $0.date = "20991231" }
        try shelf.add(3)
        let answer = try shelf.answer(3)
        #expect(answer.priors.count == 1 && answer.futureStudies == 1)
    }

    @Test func `a person of very many studies gets the best of them and is told how many there are`() throws {
        for number in 1...400 {
            try shelf.add(number) {
                ($0.date, $0.hasReport) = ("2025\(String(format: "%02d%02d", 1 + number / 40, 1 + number % 28))", false)
                $0.code = number.isMultiple(of: 3) ? "B030ZYZZZ" : "BW03ZZZ8B"
            }
        }
        try shelf.add(401)
        let registry = try shelf.registry()
        try registry.resolveAll()
        let answer = try shelf.recall().priors(forStudy: .sample(401), limit: 20)
        #expect(answer.priors.count == 20 && answer.total == 267)
        #expect(answer.priors.map(\.studyDate) == answer.priors.map(\.studyDate).sorted(by: >))
        let page = try #require(try registry.studies(of: answer.person.personID, limit: 10, offset: 395))
        #expect(page.studies.count == 6 && page.total == 401)
    }
}

extension PersonRegistry {
    /// Resolves everything that waits, in as many steps as that takes.
    @discardableResult
    func resolveAll() throws(PersonError) -> Int {
        var count = 0
        while true {
            let step = try resolvePending().resolvedCount
            if step == 0 { return count }
            count += step
        }
    }
}
