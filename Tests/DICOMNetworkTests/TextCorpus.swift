import DICOMCore
import Glibc
import Testing

@testable import DICOMNetwork

/// Names and descriptions as hospitals write them; all persons are invented.
enum TextCorpus {
    struct Language: Sendable {
        let name: String
        let names: [String]
        let descriptions: [String]
    }

    static let chinese = Language(
        name: "zh-Hans",
        names: """
            张伟 王芳 李娜 刘洋 陈静 杨勇 赵磊 黄艳 周杰 吴敏 徐强 孙丽 马超 朱琳 胡军 郭涛 何平 高翔 林峰 罗兰 郑爽 梁栋 谢婷 宋佳 唐敏 许晴 韩雪 冯刚 邓超 曹颖
            彭飞 曾志伟 肖红 田甜 董洁 袁泉 潘虹 蒋雯丽 蔡明 余男 欧阳娜娜 司马懿 王小梅 李建国 陈桂英 徐玥 沈喆 俞珺 金鑫 丁淼 章子怡 傅煜 邵俊 叶蓓 翁倩 祝枝山
            Wang^XiaoDong=王^小东= Zhang^Wei=张^伟 Li^Na=李^娜= 陈^晓燕 周^昞 诸葛^亮 丁 王 李
            """.words,
        descriptions: """
            胸部正侧位|胸部CT平扫|头颅MRI增强扫描|腰椎正侧位片|左膝关节MR平扫|右手正斜位|上腹部CT平扫+增强|颈椎六位片|冠状动脉CTA|乳腺钼靶双侧|骨盆正位|肺动脉CTA|
            盆腔MRI平扫+DWI|副鼻窦CT|颞骨薄层CT|全脊柱拼接|床旁胸片|泌尿系造影（IVU）|下肢血管DSA|左侧股骨正侧位|右踝关节正、侧位|颅脑CT灌注|垂体动态增强|
            心脏大血管|胃肠钡餐|肝脏三期增强|甲状腺|双肺高分辨CT|T2加权 轴位|定位像
            """.lines)

    static let traditional = Language(
        name: "zh-Hant",
        names: """
            陳怡君 林志豪 黃淑芬 張家豪 李美玲 王建宏 吳雅婷 劉冠廷 蔡依珊 楊宗翰 許淑惠 鄭文傑 謝佩珊 郭俊宏 洪嘉玲 邱國華 曾慧敏 廖偉誠 賴俊傑 徐靜怡 周麗華 葉志明
            歐陽^震華 何^樂兒 鍾^鎮濤 梁^詠琪 關^禮傑
            """.words,
        descriptions: """
            胸部X光正面|腹部電腦斷層掃描|腦部磁振造影|腰椎側面|左膝關節磁振造影|骨盆腔電腦斷層|頸椎正側面|乳房攝影|冠狀動脈電腦斷層血管攝影|右手正面斜面|鼻竇|全身骨骼掃描
            """.lines)

    static let vietnamese = Language(
        name: "vi",
        names: """
            Nguyễn^Văn Đức|Trần^Thị Hồng|Lê^Minh Hoàng|Phạm^Thị Thu Hà|Hoàng^Văn Thái|Huỳnh^Ngọc Bích|Phan^Đình Phùng|Vũ^Thị Lan|Võ^Văn Kiệt|Đặng^Thùy Trâm|
            Bùi^Quang Huy|Đỗ^Thị Mai|Hồ^Xuân Hương|Ngô^Bảo Châu|Dương^Văn Minh|Lý^Thị Hiền|Đinh^Công Tráng|Trịnh^Công Sơn|Mai^Thị Hạnh|Đào^Duy Từ|Lương^Thế Vinh|
            Tạ^Thị Kiều|Châu^Văn Liêm|Tô^Hữu Bằng|Nguyễn^Thị Mỹ Duyên|Lâm^Quốc Việt|Cao^Thị Tuyết|Trương^Vĩnh Ký|Kiều^Oanh|Quách^Thị Trang|NGUYỄN^THỊ HƯỜNG|TRẦN^VĂN ĐẠT|
            LÊ^THỊ HUỆ|PHẠM^ĐỨC DŨNG|Nguyễn^Hữu Phước|Nguyễn^Thị Yến|Đoàn^Khắc Xuyên|Thạch^Sết|Đức|Hồng
            """.lines,
        descriptions: """
            Chụp X-quang ngực thẳng|Chụp cắt lớp vi tính sọ não|Chụp cộng hưởng từ cột sống thắt lưng|X-quang khớp gối trái thẳng nghiêng|CT bụng có tiêm thuốc cản quang|
            Chụp cột sống cổ thẳng nghiêng|Siêu âm ổ bụng|Chụp khung chậu thẳng|MRI khớp vai phải|Chụp xương bàn tay|Chụp mạch vành|Chụp tuyến vú|Chụp bụng không chuẩn bị|Phổi thẳng|
            Chụp hốc mắt|Cột sống ngực|Tim phổi thẳng|CHỤP X QUANG NGỰC THẲNG|SỌ THẲNG NGHIÊNG|Xương đùi phải
            """.lines)

    static let western = Language(
        name: "western",
        names: """
            Müller^Jürgen Schröder^Käthe Weiß^Günther Groß^Übelhör Jäger^Björn Köhler^Sönke Öztürk^Ayşegül=x Buc^Jérôme Lefèvre^Hélène Gauthier^François Bérénice^Noël Crête^Benoît
            Garçon^Chloé Muñoz^José García^Begoña Ibáñez^Íñigo Peña^María Núñez^Ángel Gonçalves^João Conceição^Inês Magalhães^Sebastião Simões^António Araújo^Mônica Sørensen^Jørgen
            Ødegård^Åse Håkansson^Göran Åkerström^Märta Lindström^Sjöfn Björk^Guðrún Þórsdóttir^Védís Mäkelä^Päivi Hämäläinen^Jyrki Dell'Osso^Niccolò Forlì^Cosimò Brontë^Zoë
            Citroën^Daniël GRÖßE MÜLLER^JÜRGEN LEFÈVRE^HÉLÈNE MUÑOZ^JOSÉ SØRENSEN^JØRGEN Äneas^Rüdiger Élise Ørn Noé Anaïs Zoé Lê^Hà Trân Hélène Äöü Müßig Bügel Nõmm Võsu Põld Strauß Gülü
            """.words.filter { !$0.contains("=x") },
        descriptions: """
            Schädel nativ|Thorax p.a. im Stehen|Hüfte rechts axial|Sprunggelenk beidseits, Füße|Abdomen übersicht|Rückenmark T2 für Ödem|Kniegelenk 30° Beugung|Größe 5 µm|Wirbelsäule|
            Genou gauche face et profil|Épaule droite|Crâne sans injection|Thorax de face à l'inspiration|Cheville côté gauche|Colonne lombaire – séquence sagittale|Échographie mammaire|
            Columna lumbosacra en posición|Cráneo simple|Tórax póstero-anterior|Exploração do tórax|Crânio sem contraste|Coração e vasos|Coluna cervical – extensão|Bröst|Höger knä|
            Hjärna utan kontrast|Lårben højre|Håndled venstre|Cervello T2 3°|Mammografía bilateral
            """.lines)

    static let japanese = Language(
        name: "ja",
        names: "ヤマダ^タロウ=山田^太郎=やまだ^たろう スズキ^ハナコ=鈴木^花子 佐藤^健 高橋^美咲 田中^さくら 渡辺^大輔 ソトヤマ^ソノコ ﾔﾏﾀﾞ^ﾀﾛｳ".words,
        descriptions: "胸部単純撮影|頭部ＭＲＩ検査|腹部ＣＴ（造影）|左膝関節の撮影|心臓カテーテル検査|マンモグラフィー".lines)

    /// `text` in an encoding, or nil when that does not have its characters.
    static func encode(_ text: String, _ encoding: TextEncoding) -> [UInt8]? {
        let name =
            switch encoding {
            case .gb18030: "GB18030"
            case .big5: "BIG5-HKSCS"
            case .windows1258: "CP1258"
            case .tcvn3: "TCVN5712-1"
            case .windows1252: "CP1252"
            case .shiftJIS: "CP932"
            case .eucKR: "UHC"
            case .utf8, .iso2022: "UTF-8"
            }
        return encode(encoding == .tcvn3 ? fontCapitals(text) : text, name)
    }

    /// Capitals with marks are small letters in the fonts of capitals.
    private static func fontCapitals(_ text: String) -> String {
        String(
            text.map { character in
                let plain: Set<Character> = ["Ă", "Â", "Ê", "Ô", "Ơ", "Ư", "Đ"]
                return character.isASCII || plain.contains(character) ? character : Character(character.lowercased())
            })
    }

    static func encode(_ text: String, _ name: String) -> [UInt8]? {
        guard let descriptor = iconv_open(name, "UTF-8"), descriptor != iconv_t(bitPattern: -1) else { return nil }
        defer { iconv_close(descriptor) }
        var input = text.utf8.map { CChar(bitPattern: $0) }
        var output = [CChar](repeating: 0, count: input.count * 4 + 16)
        return input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                var (from, fromCount) = (input.baseAddress, input.count)
                var (to, toCount) = (output.baseAddress, output.count)
                guard iconv(descriptor, &from, &fromCount, &to, &toCount) == 0,
                    iconv(descriptor, nil, nil, &to, &toCount) == 0
                else { return nil }
                return output.prefix(output.count - toCount).map { UInt8(bitPattern: $0) }
            }
        }
    }
}

extension String {
    fileprivate var words: [String] { split(whereSeparator: \.isWhitespace).map(String.init) }
    /// The parts between "|", whatever lines they are on.
    fileprivate var lines: [String] {
        split { $0 == "|" || $0 == "\n" }.map { $0.trimmingPrefix { $0 == " " } }.filter { !$0.isEmpty }.map(
            String.init)
    }
}
