/// What people confuse about the characters of radiology: how they sound and how they look.
enum ChineseCharacters {
    /// Characters of the trade that are said in another way than ICU's first.
    static let otherSounds: [UInt32: [UInt32]] = Dictionary(
        uniqueKeysWithValues: [
            ("重", "chong"), ("长", "chang"), ("薄", "bo"), ("肋", "le"), ("血", "xie"), ("泌", "bi"), ("颈", "geng"),
            ("咽", "ye"), ("率", "lv"), ("滤", "lv"), ("女", "nv"), ("绿", "lv"), ("脉", "mo"), ("系", "ji"), ("便", "pian"),
            ("尿", "sui"),
        ].map { (FoldedText($0.0).scalars[0], FoldedText($0.1).scalars) })

    /// How a character may be wrong.
    enum Slip {
        /// It sounds like the right one.
        case sound
        /// It looks like it.
        case shape
        /// It sounds nearly like it, as the south says it.
        case nearSound
        /// In any way, in a word long enough to be told without it.
        case any

        var shortestWord: Int {
            switch self {
            case .sound, .shape: 2
            case .nearSound: 3
            case .any: 5
            }
        }

        func explains(_ written: UInt32, _ heard: [UInt32], for right: UInt32, _ wanted: [UInt32]) -> Bool {
            switch self {
            case .sound: !wanted.isEmpty && wanted == heard
            case .shape: ChineseCharacters.shapes[right].map { $0 == ChineseCharacters.shapes[written] } ?? false
            case .nearSound: !wanted.isEmpty && Self.blurred(wanted) == Self.blurred(heard)
            case .any: true
            }
        }

        /// zh, ch, sh as z, c, s; the n of a nasal with or without g.
        private static func blurred(_ sound: [UInt32]) -> [UInt32] {
            var letters = sound
            if letters.count > 1, letters[1] == 0x68 { letters.remove(at: 1) }
            if letters.last == 0x67 { letters.removeLast() }
            return letters
        }
    }

    /// Characters of the trade with those they are mistaken for by their looks, by the group they stand in.
    private static let shapes: [UInt32: Int] = {
        let groups = [
            "体休", "腕碗婉惋", "踝裸课", "桡挠饶绕烧", "髋宽髓", "胫径经茎", "腓排诽绯", "骶低底抵", "髂骼胳", "肋助勒肭",
            "锁琐销", "眶框匡筐", "胰姨胎", "腺线泉", "盆盒盘", "颅颇颅", "窦豆窭", "颞聂颢", "颌颔领", "椎锥推堆稚维",
            "垂锤乖捶", "趾指址扯", "髌滨缤膑", "肩眉启", "喉候猴", "咽烟因", "靶把耙钯", "钼目铝", "扫扣归", "描苗猫",
            "膝漆滕", "脾牌睥", "肾贤", "腰要", "腹复馥履", "胛甲岬", "尺尽", "跟根限", "垒全", "寰环还", "枢柩", "弯湾",
            "强墙", "侧倒测则", "腔控空", "增憎赠", "乳孔浮", "臂壁", "肘时肋",
        ]
        var shapes: [UInt32: Int] = [:]
        for (number, group) in groups.enumerated() {
            for scalar in FoldedText(group).scalars where shapes[scalar] == nil { shapes[scalar] = number }
        }
        return shapes
    }()
}
