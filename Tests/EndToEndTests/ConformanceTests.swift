import Foundation
import Testing

/// docs/conformance.md against what the program says of itself.
@Suite(.timeLimit(.minutes(1))) struct ConformanceTests {
    private static let statement = Tool.root.appending(path: "docs/conformance.md")

    /// A copy of the statement, changed.
    private func copy(_ change: (String) -> String) throws -> URL {
        let file = FileManager.default.temporaryDirectory.appending(path: "conformance-\(UUID().uuidString).md")
        try Data(change(String(contentsOf: Self.statement, encoding: .utf8)).utf8).write(to: file)
        return file
    }

    private func check(_ file: URL) throws -> Tool.Output {
        try Tool.run(Tool.built("priord"), ["conformance", "--check", file.path])
    }

    @Test func `the conformance statement says what the program does`() throws {
        let said = try check(Self.statement)
        #expect(said.isSuccess, "\(said.text)make conformance writes its tables anew")
    }

    @Test func `a table that differs, is missing or is none is named, and writing puts it right`() throws {
        let file = try copy { text in
            text.replacing("| 1 | 1 | 3 |", with: "| 1 | 1 | 4 |")
                .replacing("<!-- table status-c-store -->", with: "<!-- table status-c-stare -->")
        }
        defer { try? FileManager.default.removeItem(at: file) }
        let said = try check(file)
        #expect(said.status == 1)
        let lines = said.text.split(separator: "\n")
        #expect(
            lines == [
                "rejections: the program says otherwise", "status-c-stare: no such table", "status-c-store: missing",
            ])

        let mended = try copy { $0.replacing("| 1 | 1 | 3 |", with: "| 1 | 1 | 4 |") }
        defer { try? FileManager.default.removeItem(at: mended) }
        #expect(try Tool.run(Tool.built("priord"), ["conformance", "--write", mended.path]).isSuccess)
        #expect(try String(contentsOf: mended, encoding: .utf8) == String(contentsOf: Self.statement, encoding: .utf8))
    }

    @Test func `the tables name what is served`() throws {
        let said = try Tool.run(Tool.built("priord"), ["conformance"])
        #expect(said.isSuccess)
        for fact in [
            "| VerificationSOPClass | 1.2.840.10008.1.1 | Verification | none |",
            "| STUDY | StudyInstanceUID (0020,000D) (unique) | UI | single value, list |",
            "| PATIENT | PatientBirthDate (0010,0030) | DA | single value, range |",
            "| A700 | disk reserve reached", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ISO 2022 IR 159",
            "| `association-limit` | 64 |", "CTImageStorage",
        ] {
            #expect(said.text.contains(fact), "\(fact)")
        }
    }
}
