internal import Archive
internal import DICOMCore

/// By what identities are found that are worth comparing (blocking): two that share a key are held against each other.
///
/// Keys go from what identifies to what describes, and each coarse one has a finer one beside it, so that where very many
/// share the coarse one the finer one does: a national ID that stands for none, a telephone of a whole village.
struct PersonKeys: Equatable {
    /// Kept with the identity.
    private(set) var kept: Set<Int64> = []
    /// Looked for when it is resolved.
    private(set) var sought: Set<Int64> = []
    /// Those of them that identify: two that share one are the same human, unless something speaks against it.
    private(set) var identifying: Set<Int64> = []

    private enum Kind: UInt8 {
        case nationalID = 1
        case nationalIDAndName, number, phone, phoneAndName, birthDayAndName, birthDayAndWord, yearAndName, dayAndName
        case name, nameWithoutBirthDay
    }

    init(_ record: IdentityRecord) {
        let name = PersonName(record.name)
        let letters = name.map(Self.letters) ?? []
        addIdentifiers(record, letters)
        guard let name else { return }
        for letters in letters { keep(.name, letters) }
        if let day = PersonTraits.birthDay(record.birthDate) {
            add(day, letters, Self.words(of: name))
        } else {
            for letters in letters {
                add(.nameWithoutBirthDay, letters)
                seek(.name, letters)
            }
        }
    }

    /// Keys that everybody has who may bear the name.
    static func keys(ofName name: PersonName) -> [Int64] { letters(of: name).map { hash(.name, [$0]) } }

    private mutating func addIdentifiers(_ record: IdentityRecord, _ letters: [String]) {
        if !record.nationalHash.isEmpty {
            identify(.nationalID, record.nationalHash)
            for letters in letters { add(.nationalIDAndName, record.nationalHash, letters) }
        }
        if !record.issuer.isEmpty { identify(.number, record.issuer, record.patientID) }
        for other in record.others { identify(.number, other.issuer, other.patientID) }
        for phone in record.phones {
            add(.phone, phone)
            for letters in letters { add(.phoneAndName, phone, letters) }
        }
    }

    private mutating func add(_ day: CalendarDay, _ letters: [String], _ words: Set<String>) {
        // A year alone is written as its first day, and may be a year off.
        let isYearOnly = day.month == 1 && day.day == 1
        let years = isYearOnly ? [day.year - 1, day.year, day.year + 1] : [day.year]
        for letters in letters {
            add(.birthDayAndName, day.description, letters)
            for year in years { add(.yearAndName, String(year), letters) }
            // A slip in the year leaves month and day, one in these leaves the year.
            if !isYearOnly { add(.dayAndName, String(day.description.suffix(4)), letters) }
            seek(.nameWithoutBirthDay, letters)
        }
        for word in words { add(.birthDayAndWord, day.description, word) }
    }

    private mutating func add(_ kind: Kind, _ parts: String...) {
        kept.insert(Self.hash(kind, parts))
        sought.insert(Self.hash(kind, parts))
    }

    private mutating func identify(_ kind: Kind, _ parts: String...) {
        let key = Self.hash(kind, parts)
        kept.insert(key)
        sought.insert(key)
        identifying.insert(key)
    }

    private mutating func keep(_ kind: Kind, _ parts: String...) { kept.insert(Self.hash(kind, parts)) }

    private mutating func seek(_ kind: Kind, _ parts: String...) { sought.insert(Self.hash(kind, parts)) }

    /// FNV-1a, 64 bits: the same on every run.
    private static func hash(_ kind: Kind, _ parts: [String]) -> Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func take(_ byte: UInt8) {
            hash ^= UInt64(byte)
            hash &*= 0x0000_0100_0000_01B3
        }
        take(kind.rawValue)
        for part in parts {
            for byte in part.utf8 { take(byte) }
            take(0)
        }
        return Int64(bitPattern: hash)
    }

    // MARK: Names

    /// Readings looked at of one name; most have one.
    private static let readingLimit = 12

    /// The letters that a name is spelt with, in alphabetical order: one for each way to read it. Neither the order of its
    /// words nor where one ends is in them, nor the script it is written in.
    static func letters(of name: PersonName) -> [String] {
        var found: [String] = []
        for text in readings(of: name.characters[...]) + name.spellings.map({ $0.map(\.plain).joined() })
        where !text.isEmpty {
            let sorted = String(decoding: text.utf8.sorted(), as: UTF8.self)
            if !found.contains(sorted) { found.append(sorted) }
        }
        return found
    }

    /// Words at the ends of a name, where its family stands: what is left to find it by when one of the others is misspelt.
    static func words(of name: PersonName) -> Set<String> {
        var words: Set<String> = []
        if !name.characters.isEmpty {
            words.formUnion(readings(of: name.characters.prefix(name.familyCount)))
            words.formUnion(readings(of: name.givenCharacters))
            if let last = name.characters.last { words.formUnion(ChineseName.sounds(of: last)) }
        }
        for spelling in name.spellings { words.formUnion([spelling.first, spelling.last].compactMap { $0?.plain }) }
        return words.filter { $0.utf8.count > 1 }
    }

    private static func readings(of characters: ArraySlice<Unicode.Scalar>) -> [String] {
        var readings = [""]
        for character in characters {
            let sounds = ChineseName.sounds(of: character)
            // What has no sound is itself: it is at least found again.
            let parts = sounds.isEmpty ? [String(Character(character))] : sounds
            let longer = readings.flatMap { reading in parts.map { reading + $0 } }
            readings = Array(longer.prefix(readingLimit))
        }
        return readings.filter { !$0.isEmpty }
    }
}
