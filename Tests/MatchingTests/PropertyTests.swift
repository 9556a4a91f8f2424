import Catalogue
import Foundation
import Testing

@testable import Matching

/// What must not change an answer, and what must.
@Suite struct PropertyTests {
    static let items = (try? ImagingCatalogue.bundled().items) ?? []

    func codes(_ item: CatalogueItem, _ text: String) -> [ItemCode] {
        matcher.match(study(item.dicomModalities[0], text)).codes
    }

    @Test func `full-width characters do not change a match`() {
        for item in Self.items {
            let wide = item.name.zh.applyingTransform(.fullwidthToHalfwidth, reverse: true) ?? ""
            #expect(codes(item, wide) == [item.code], "\(wide)")
        }
    }

    @Test func `traditional characters do not change a match`() {
        for item in Self.items {
            let traditional = item.name.zh.applyingTransform(StringTransform("Hans-Hant"), reverse: false) ?? ""
            #expect(codes(item, traditional) == [item.code], "\(traditional)")
        }
    }

    @Test func `case does not change a match`() {
        for item in Self.items {
            #expect(codes(item, item.name.en.uppercased()) == [item.code])
            #expect(codes(item, item.name.vi.uppercased()) == [item.code])
        }
    }

    @Test func `decomposed diacritics do not change a match`() {
        for item in Self.items {
            #expect(codes(item, item.name.vi.decomposedStringWithCanonicalMapping) == [item.code])
        }
    }

    @Test func `Vietnamese without diacritics is never read as another item`() {
        var answered = 0
        for item in Self.items {
            let bare = item.name.vi.replacing("đ", with: "d").replacing("Đ", with: "D")
                .folding(options: .diacriticInsensitive, locale: nil)
            let found = codes(item, bare)
            #expect(found.isEmpty || found == [item.code], "\(bare)")
            answered += found.isEmpty ? 0 : 1
        }
        #expect(answered >= 165, "answered \(answered) of \(Self.items.count)")
    }

    @Test func `spaces between words of Chinese do not change a match`() {
        for item in Self.items {
            #expect(
                codes(item, item.name.zh.map(String.init).joined(separator: " ")) == [item.code] || !isChinese(item))
        }
    }

    private func isChinese(_ item: CatalogueItem) -> Bool { item.name.zh.allSatisfy { !$0.isASCII } }

    @Test(arguments: [("左", "右"), ("Left", "Right"), ("left", "right"), ("trái", "phải")])
    func `swapping left and right always changes the item's side and nothing else`(left: String, right: String) throws {
        let catalogue = try ImagingCatalogue.bundled()
        var swapped = 0
        for item in catalogue.items where item.laterality == .left {
            for language in Language.allCases where item.name[language].contains(left) {
                let text = item.name[language].replacing(left, with: right)
                let code = try #require(codes(item, text).first ?? item.code)
                guard let other = catalogue[code], code != item.code else {
                    #expect(codes(item, text).isEmpty, "\(text)")
                    continue
                }
                #expect(other.laterality == .right && other.anatomy == item.anatomy && other.views == item.views)
                swapped += 1
            }
        }
        #expect(swapped > 0)
    }

    @Test func `the order of words does not change a match`() {
        let knee = matcher.match(study("DX", "正侧位 右 膝关节 DR")).codes
        #expect(knee == matcher.match(study("DX", "DR 膝关节 右 正侧位")).codes && !knee.isEmpty)
        let match = matcher.match(study("CT", "W/O CONTRAST CHEST CT")).codes
        #expect(match == matcher.match(study("CT", "CT CHEST W/O CONTRAST")).codes && !match.isEmpty)
    }
}
