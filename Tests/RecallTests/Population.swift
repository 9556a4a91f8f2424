import DICOMCore

@testable import Recall

/// Invented people with the difficulties of real registers, the same on every run.
struct Population {
    private var random: SplitMix
    private var next = 0

    init(seed: UInt64) { random = SplitMix(state: seed) }

    private static let families = "王王王李李李张张张刘刘陈陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董曾解单仇覃"
    private static let given = "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀霞平刚桂英华建国文辉玉兰红梅小东晓春海燕志永佳思雨浩宇子涵欣怡"
    private static let vietnameseFamilies = [
        "Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Đặng", "Đỗ", "Vũ",
    ]
    private static let middles = ["Văn", "Thị", "Đức", "Minh", "Ngọc", "Thanh"]
    private static let lasts = [
        "An", "Bình", "Hùng", "Hưng", "Hằng", "Lan", "Mai", "Nam", "Phương", "Quân", "Sơn", "Tuấn", "Đạt",
    ]

    struct Human {
        var family: String
        var given: String
        var isVietnamese: Bool
        var born: CalendarDay
        var sex: PersonTraits.Sex
        var number: String
        var phone: String
    }

    /// What one hospital wrote down of a person.
    struct Sheet {
        var issuer: String
        var patientID: String
        var name: String
        var born: CalendarDay?
        var sex: PersonTraits.Sex?
        var number: String?
        var phone: String?

        var traits: PersonTraits {
            PersonTraits(
                identity: .init(issuer: issuer, patientID: patientID), name: PersonName(name), sex: sex, birthDay: born,
                nationalID: number, phones: Set([phone].compactMap(\.self)))
        }
    }

    mutating func human() -> Human {
        let isVietnamese = random.chance(0.3)
        let family: String
        let given: String
        if isVietnamese {
            family = random.pick(Self.vietnameseFamilies)
            given = random.pick(Self.middles) + " " + random.pick(Self.lasts)
        } else {
            family = String(random.pick(Array(Self.families)))
            let count = random.chance(0.2) ? 1 : 2
            given = String((0..<count).map { _ in random.pick(Array(Self.given)) })
        }
        next += 1
        let (born, sex) = (
            CalendarDay(number: -20_000 + random.below(35_000)), random.chance(0.5) ? PersonTraits.Sex.male : .female
        )
        return Human(
            family: family, given: given, isVietnamese: isVietnamese, born: born, sex: sex,
            number: Self.identityCard(next, born, sex), phone: "13\(100_000_000 + random.below(899_999_999))")
    }

    /// How one hospital wrote a person down.
    mutating func record(of human: Human, at issuer: String) -> Sheet {
        var born: CalendarDay? = human.born
        if random.chance(0.05) { born = slip(human.born) }
        if random.chance(0.03) { born = nil }
        let (patientID, name) = ("\(random.below(50_000))", written(human))
        return Sheet(
            issuer: issuer, patientID: patientID, name: name, born: born, sex: random.chance(0.03) ? nil : human.sex,
            number: random.chance(0.5) ? human.number : nil, phone: random.chance(0.4) ? human.phone : nil)
    }

    /// A number nobody else has, with its check character (GB 11643-1999).
    private static func identityCard(_ number: Int, _ born: CalendarDay, _ sex: PersonTraits.Sex) -> String {
        let order = number % 500 * 2 + (sex == .male ? 1 : 0)
        let digits = "\(110_000 + number / 500)\(born)" + String("00\(order)".suffix(3))
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(digits.utf8, weights).reduce(0) { $0 + Int($1.0 - 48) * $1.1 }
        return digits + String(Array("10X98765432")[sum % 11])
    }

    private mutating func written(_ human: Human) -> String {
        var given = human.given
        if random.chance(0.03), !human.isVietnamese {
            given = given.replacing("小", with: "晓").replacing("英", with: "瑛")
        }
        let letters = human.isVietnamese ? (human.family, given) : (Self.pinyin(human.family), Self.pinyin(given))
        switch random.below(human.isVietnamese ? 3 : 5) {
        case 0: return "\(human.family)^\(given)"
        case 1 where human.isVietnamese: return Self.plain("\(human.family) \(given)").uppercased()
        case 1: return "\(letters.0)^\(letters.1)=\(human.family)^\(given)"
        case 2 where human.isVietnamese: return Self.plain("\(given)^\(human.family)")
        case 2: return "\(letters.0) \(letters.1)".uppercased()
        case 3: return human.family + given
        default: return "\(letters.1)^\(letters.0)"
        }
    }

    private static func pinyin(_ text: String) -> String {
        text.unicodeScalars.compactMap { ChineseName.sounds(of: $0).last }.joined()
    }

    private static func plain(_ text: String) -> String {
        PersonName(text)?.spellings.first?.map(\.plain).joined(separator: " ") ?? text
    }

    private mutating func slip(_ day: CalendarDay) -> CalendarDay {
        switch random.below(3) {
        case 0: CalendarDay(year: day.year, month: day.day, day: day.month) ?? day
        case 1: CalendarDay(year: day.year, month: 1, day: 1) ?? day
        default:
            CalendarDay(year: day.year + (day.year % 10 == 9 ? -1 : 1), month: day.month, day: min(day.day, 28)) ?? day
        }
    }

    mutating func onePerson() -> (Sheet, Sheet) {
        let human = human()
        return (record(of: human, at: "A"), record(of: human, at: "B"))
    }

    /// Two people, as hard to tell apart as people are: twins, parent and child, namesakes born on one day, one who
    /// uses the other's card, two patients of one number.
    mutating func differentPeople() -> (Sheet, Sheet) {
        let one = human()
        var other = human()
        switch random.below(8) {
        case 0:  // Twins
            (other.family, other.isVietnamese, other.born, other.phone) = (
                one.family, one.isVietnamese, one.born, one.phone
            )
            if other.isVietnamese != one.isVietnamese || other.given == one.given || one.isVietnamese {
                other.given = one.given + " Anh"
            }
            if !one.isVietnamese { other.given = String(one.given.dropLast()) + (one.given.hasSuffix("伟") ? "芳" : "伟") }
        case 1:  // Parent and child
            (other.family, other.isVietnamese, other.phone) = (one.family, one.isVietnamese, one.phone)
            other.given = one.isVietnamese ? "Minh Tú" : "梓"
            other.born = CalendarDay(number: one.born.number + 9_000)
        case 2:  // Namesakes born on one day
            (other.family, other.given, other.isVietnamese) = (one.family, one.given, one.isVietnamese)
            (other.born, other.sex) = (one.born, one.sex)
        case 3:  // Namesakes
            (other.family, other.given, other.isVietnamese, other.sex) = (
                one.family, one.given, one.isVietnamese, one.sex
            )
        case 4:  // A borrowed card
            other.number = one.number
        case 5:  // A borrowed card within the family
            (other.family, other.isVietnamese, other.phone, other.number) = (
                one.family, one.isVietnamese, one.phone, one.number
            )
            other.given = one.isVietnamese ? "Bảo" : "梓"
            other.born = CalendarDay(number: one.born.number + 9_000)
        default: break
        }
        var records = (record(of: one, at: "A"), record(of: other, at: "B"))
        if random.chance(0.1) { records.1.patientID = records.0.patientID }
        return records
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }
    mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &self) < share }
    mutating func pick<Element>(_ items: [Element]) -> Element { items[below(items.count)] }
}
