internal import Foundation
internal import Synchronization

/// How the characters of Chinese names are written and read.
///
/// A table of ICU, asked a character at a time and kept, with what it does not know: surnames that sound otherwise than
/// the word, and characters that stand for the same surname.
enum ChineseName {
    static func isCharacter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x323AF: true
        default: false
        }
    }

    /// The simplified form.
    static func simplified(_ scalar: Unicode.Scalar) -> Unicode.Scalar { known(scalar).simplified }

    /// Every way it may be read in a name, in pinyin without tones; `ü` as `u`, `v` and `yu`.
    static func sounds(of scalar: Unicode.Scalar) -> [String] { known(scalar).sounds }

    /// Surnames of two characters; others have one.
    static let compoundSurnames: Set<String> = [
        "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "司徒", "令狐", "夏侯", "宇文", "长孙", "端木", "独孤", "南宫",
        "万俟", "闻人", "呼延", "东郭", "百里", "西门", "钟离", "淳于", "单于", "太史", "申屠", "轩辕", "澹台", "公冶", "濮阳", "赫连", "鲜于", "拓跋",
    ]

    private struct Known {
        let simplified: Unicode.Scalar
        let sounds: [String]
    }

    private static let table = Mutex<[Unicode.Scalar: Known]>([:])

    /// There are no more characters than this in use; a hostile sender may name all of Unicode.
    private static let tableLimit = 30_000

    private static func known(_ scalar: Unicode.Scalar) -> Known {
        table.withLock { table in
            if let known = table[scalar] { return known }
            let known = learn(scalar)
            if table.count < tableLimit { table[scalar] = known }
            return known
        }
    }

    private static func learn(_ scalar: Unicode.Scalar) -> Known {
        let text = String(Character(scalar))
        let plain = text.applyingTransform(StringTransform("Hant-Hans"), reverse: false)?.unicodeScalars.first ?? scalar
        let simplified = variants[plain] ?? plain
        let latin = String(Character(simplified)).applyingTransform(.toLatin, reverse: false) ?? ""
        let base = latin.applyingTransform(.stripDiacritics, reverse: false)?.lowercased() ?? ""
        var sounds = otherSounds[simplified] ?? []
        if base.utf8.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }), !base.isEmpty {
            sounds.insert(base, at: 0)
        }
        if latin.decomposedStringWithCanonicalMapping.unicodeScalars.contains("\u{308}") {
            sounds += [base.replacing("u", with: "v"), base.replacing("u", with: "yu")]
        }
        return Known(simplified: simplified, sounds: sounds)
    }

    /// Written both ways by one family, or in one hospital and not the other.
    private static let variants: [Unicode.Scalar: Unicode.Scalar] = [
        "萧": "肖", "阎": "闫", "嶽": "岳", "淩": "凌", "於": "于", "佘": "佘", "陞": "升", "珮": "佩", "銘": "铭", "堃": "坤",
    ]

    /// Beside ICU's one reading: as a surname, or in given names.
    private static let otherSounds: [Unicode.Scalar: [String]] = [
        "单": ["shan", "chan"], "曾": ["zeng"], "解": ["xie"], "仇": ["qiu"], "查": ["zha"], "盖": ["ge"], "区": ["ou"],
        "朴": ["piao", "park"], "翟": ["zhai"], "尉": ["yu"], "万": ["mo"], "覃": ["qin"], "乐": ["yue"], "缪": ["miao"],
        "员": ["yun"], "能": ["nai"], "折": ["she"], "种": ["chong"], "重": ["chong"], "黑": ["he"], "秘": ["bi"],
        "祭": ["zhai"], "谌": ["shen"], "隗": ["kui"], "车": ["ju"], "令": ["ling"], "行": ["hang", "heng"],
        "长": ["chang"], "朝": ["zhao"], "晟": ["sheng"], "茜": ["xi"], "参": ["shen"], "盛": ["cheng"], "薄": ["bo"],
        "召": ["shao"], "句": ["gou"], "都": ["du"], "洗": ["xian"], "郗": ["chi"], "郇": ["xun"], "费": ["bi"],
        "柏": ["bo"], "伽": ["jia", "qie", "ga"], "莘": ["shen"], "娜": ["nuo"], "贾": ["gu"], "宿": ["su"],
        "石": ["dan"], "传": ["chuan", "zhuan"], "藏": ["zang"], "降": ["xiang"], "调": ["diao", "tiao"],
        "亲": ["qing"], "系": ["ji"], "臧": ["cang"], "瞿": ["ju"], "褚": ["zhu"], "幺": ["mo"], "么": ["yao"],
        "佟": ["dong"], "俞": ["shu"], "殷": ["yan"], "洋": ["xiang"], "卜": ["bo"], "牟": ["mu"], "冯": ["ping"],
        "相": ["xiang"], "骆": ["luo"], "吕": ["lyu"], "阿": ["e"], "艾": ["yi"], "奇": ["ji"], "其": ["ji"],
    ]
}
