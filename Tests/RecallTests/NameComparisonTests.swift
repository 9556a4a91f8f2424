import Catalogue
import Testing

@testable import Recall

@Suite struct NameComparisonTests {
    @Test(
        arguments: [
            // Chinese: scripts, groups, orders, systems that write no `^`.
            ("王^小东", "王小东", .exact), ("王^小東", "王^小东", .exact), ("張^國強", "张国强", .exact),
            ("Wang^Xiaodong=王^小东", "王^小东", .exact), ("Wang^Xiaodong", "王^小东", .sound),
            ("WANG XIAO DONG", "王^小东", .sound), ("Xiaodong^Wang", "王^小东", .sound), ("wangxiaodong", "王小东", .sound),
            ("Wang^Xiaodong", "WANG XIAO DONG", .exact), ("Wang^Xiaodong", "Xiaodong^Wang", .sound),
            ("Zeng^Guofan", "曾^国藩", .sound), ("Shan^Xiong", "单^雄", .sound), ("Xie^Jin", "解^缙", .sound),
            ("Qiu^Ying", "仇^英", .sound), ("Ou^Yang", "区^阳", .sound), ("Lv^Bu", "吕^布", .sound), ("Lu^Bu", "吕布", .sound),
            ("Ouyang^Xiu", "欧阳修", .sound), ("Ou Yang Xiu", "歐陽^修", .sound), ("Xiu^Ouyang", "欧阳^修", .sound),
            ("修^欧阳", "欧阳修", .sound), ("Wang^X D", "王^小东", .near), ("Wang^Xiaodon", "王^小东", .near),
            ("王^小冬", "王^小东", .near), ("王^晓东", "王^小东", .near), ("王^小北", "王^小东", .family), ("李^小东", "王^小东", .different),
            ("Wang^Fang", "王^小东", .family), ("Li^Wei", "王^伟", .different), ("Wang^Wei=王^伟", "王^威", .near),
            ("肖^华", "萧^华", .exact), ("Wang^Xiaodong=王^小北", "Wang^Xiaodong=王^小东", .family),
            // Vietnamese: marks, đ, orders.
            ("Nguyễn^Văn An", "NGUYEN VAN AN", .sound), ("Nguyễn Văn An", "Nguyễn^Văn An", .exact),
            ("Đỗ^Thị Hằng", "Do Thi Hang", .sound), ("An^Nguyen Van", "Nguyễn^Văn An", .sound),
            ("Trần^Văn Hùng", "Trần^Văn Hưng", .near), ("Trần^Văn Hùng", "Trần^Thị Lan", .family),
            ("NGUYEN VAN AN", "NGUYEN VAN ANH", .near), ("NGUYEN VAN AN", "TRAN VAN AN", .different),
            ("Lê^Thị Hoa", "Phạm^Thị Hoa", .different),
            // Others.
            ("Müller^Jürgen", "MULLER JURGEN", .sound), ("Smith^John^^Dr", "SMITH^JOHN", .exact),
            ("Smith^John", "Smyth^John", .near), ("Smith^John", "Jones^Mary", .different),
        ] as [(String, String, NameAgreement)])
    func `two names agree as far as they are one`(one: String, other: String, expected: NameAgreement) throws {
        let (first, second) = (try #require(PersonName(one)), try #require(PersonName(other)))
        #expect(NameComparison(first, second).agreement == expected)
        #expect(NameComparison(second, first) == NameComparison(first, second))
    }

    @Test(arguments: ["", "^^^^", "=", " ", "12345", "^", "?"])
    func `a name without a letter says nothing`(value: String) { #expect(PersonName(value) == nil) }

    @Test func `common names are shared by more people than rare ones`() throws {
        let rarity = NameRarity(try Surname.bundled())
        func share(_ name: String, bySound: Bool = false) throws -> Double {
            rarity.share(of: try #require(PersonName(name)), isBySound: bySound)
        }
        #expect(try share("王伟") > share("覃伟"))
        #expect(try share("王伟") > share("王国维"))
        #expect(try share("王伟", bySound: true) > share("王伟"))
        #expect(try share("Nguyễn Văn An") > share("Kiều Văn An"))
        #expect(try (1e-4...1e-3).contains(share("王伟")))
    }
}
