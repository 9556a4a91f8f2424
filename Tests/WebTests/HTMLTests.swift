import DICOMCore
import Foundation
import Testing

@testable import Web

@Suite struct HTMLTests {
    @Test(arguments: [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("Tom & \"Jerry\" 'x'", "Tom &amp; &quot;Jerry&quot; &#39;x&#39;"),
        ("王 小东 · Nguyễn", "王 小东 · Nguyễn"),
        ("a\u{0}b\u{1B}[31m\u{85}c", "a\u{FFFD}b\u{FFFD}[31m\u{FFFD}c"),
        (String([0xFFFE, 0xFDD0].compactMap { Unicode.Scalar($0 as UInt32).map(Character.init) }), "\u{FFFD}\u{FFFD}"),
        ("two\nlines\tand", "two\nlines\tand"),
    ])
    func `text is text, whatever it says`(text: String, markup: String) {
        #expect(HTML(text).markup == markup)
        #expect(Element.p { text }.markup == "<p>\(markup)</p>")
    }

    @Test func `values of attributes stay inside their quotes`() {
        let element = Element.input(.value("\" onfocus=\"alert(1)\" x=\""), .name("q"))
        #expect(
            element.markup
                == "<input value=\"&quot; onfocus=&quot;alert(1)&quot; x=&quot;\" name=\"q\">")
    }

    @Test func `text from outside cannot turn the direction of its neighbours`() {
        #expect(HTML.said("\u{202E}gnp.exe").markup == "<bdi>\u{202E}gnp.exe</bdi>")
        #expect(HTML.said("שרה").markup == "<bdi>שרה</bdi>")
        #expect(HTML.said("") == .empty)
    }

    @Test func `pieces are put together in order, and what is absent leaves nothing`() {
        let isShown = false
        let html = Element.ul(.class("x"), isShown ? .open : nil) {
            for number in 1...2 { Element.li { "\(number)" } }
            if isShown { Element.li { "never" } }
        }
        #expect(html.markup == "<ul class=\"x\"><li>1</li><li>2</li></ul>")
    }

    @Test func `elements without content have no end`() {
        #expect(Element.img(.alt("a"), .lazy).markup == "<img alt=\"a\" loading=\"lazy\">")
        #expect(Element.canvas().markup == "<canvas></canvas>")
    }
}

@Suite struct PagePathTests {
    @Test func `links lead within the server, with everything encoded`() {
        #expect(PagePath.person("../../etc/passwd?x#y").text == "/persons/..%2F..%2Fetc%2Fpasswd%3Fx%23y")
        #expect(PagePath.person("javascript:alert(1)").text == "/persons/javascript%3Aalert%281%29")
        #expect(PagePath.search.asking([("q", "王 & 李=1"), ("from", "")]).text == "/?q=%E7%8E%8B%20%26%20%E6%9D%8E%3D1")
        #expect(PagePath.again("//evil.example/%2e%2e").text == "/evil.example/..")
        #expect(PagePath.again("/").text == "/")
    }
}
