internal import AdminAPI
internal import Catalogue
internal import DICOMCore
internal import Foundation

/// One file of `catalogue check`.
struct CatalogueCheckAnswer: Encodable {
    var file: String
    var isRight: Bool
    /// What `catalogue add` would come to; nil when the file has a fault.
    var change: CatalogueChangeAnswer?
    var faults: [CatalogueFaultRow]
    /// Faults beyond those listed.
    var furtherFaultCount: Int

    /// Puts the file in `library` when it is right, so that the next may refer to it.
    init(_ bytes: [UInt8], file: String, into library: inout CatalogueLibrary) {
        self.file = file
        do throws(CatalogueFaults) {
            let edition = try library.edition(from: bytes, file: file)
            let before =
                library[edition.id]
                ?? library.edition(of: edition.header.list, on: edition.header.effective.from)
            library.put(edition)
            isRight = true
            change = CatalogueChangeAnswer(edition, before: before)
            faults = []
            furtherFaultCount = 0
        } catch {
            isRight = false
            faults = error.faults.map(CatalogueFaultRow.init)
            furtherFaultCount = error.furtherCount
        }
    }
}

extension CatalogueFaultRow {
    init(_ fault: CatalogueFault) {
        self.init(file: fault.file, line: fault.line, column: fault.column, reason: fault.reason)
    }
}

extension CatalogueChangeAnswer {
    fileprivate init(_ edition: CatalogueEdition, before: CatalogueEdition?) {
        let header = edition.header
        let change = edition.change(from: before)
        let today = Date().formatted(Date.ISO8601FormatStyle(timeZone: .current).year().month().day())
        let hasEnded = header.effective.until.map { $0.iso < today } ?? false
        self.init(
            catalogue: CatalogueRow(
                id: edition.id.value, list: header.list.value, edition: header.edition, kind: header.kind.rawValue,
                from: header.effective.from.iso, until: header.effective.until?.iso, itemCount: edition.entries.count,
                publisher: header.publisher, source: header.source, isBundled: false, isPrimary: false,
                file: edition.file,
                state: header.effective.from.iso > today ? .upcoming : hasEnded ? .past : .inForce),
            comparedWith: before?.id.value, added: change.added, removed: change.removed,
            changed: change.changed)
    }
}

/// Catalogues and their faults for people.
struct CatalogueReport {
    let presentation: Presentation

    /// Items that are named of a change, of which no more are shown.
    static let itemLimit = 12

    init(_ presentation: Presentation) { self.presentation = presentation }

    func text(_ answer: CataloguesAnswer) -> String {
        var table = Table([
            .init(title: presentation.word(.catalogue)), .init(title: presentation.word(.kind)),
            .init(title: presentation.word(.from)), .init(title: presentation.word(.until)),
            .init(title: presentation.word(.items), isNumber: true), .init(title: presentation.word(.state)),
            .init(title: presentation.word(.origin)), .init(title: presentation.word(.source), limit: 60),
        ])
        for row in answer.catalogues {
            table.add([
                row.id + (row.isPrimary ? " *" : ""), presentation.verdict(row.kind), row.from, row.until ?? "",
                String(row.itemCount), presentation.verdict(row.state.rawValue),
                row.isBundled ? presentation.word(.program) : row.file,
                [row.publisher, row.source].filter { !$0.isEmpty }.joined(separator: ", "),
            ])
        }
        return ([table.text] + answer.refused.map(refusal)).joined(separator: "\n")
    }

    func refusal(_ refused: RefusedCatalogueRow) -> String {
        refusal(of: refused.file, refused.faults, further: refused.furtherFaultCount)
            + (refused.kept.map { "\n  \(presentation.word(.staysInForce)): \($0)" } ?? "")
    }

    func refusal(of file: String, _ faults: [CatalogueFaultRow], further: Int = 0) -> String {
        let lines = faults.map { fault in
            "\(Output.printable(file)):\(fault.line): \(Output.printable(fault.column)): \(Output.printable(fault.reason))"
        }
        return Presentation.block(
            "\(Output.printable(file)): \(presentation.word(.refused)), \(presentation.word(.faults)): \(faults.count + further)",
            lines + (further > 0 ? ["… +\(further)"] : []))
    }

    func text(_ answer: CatalogueCheckAnswer) -> String {
        guard let change = answer.change else {
            return refusal(of: answer.file, answer.faults, further: answer.furtherFaultCount)
        }
        return "\(Output.printable(answer.file)): \(presentation.word(.right))\n" + text(change)
    }

    func text(_ answer: CatalogueChangeAnswer) -> String {
        let row = answer.catalogue
        let period = row.from + (row.until.map { " – \($0)" } ?? " –")
        var lines = [
            "\(presentation.word(.items)): \(row.itemCount)", "\(presentation.word(.period)): \(period)",
            "\(presentation.word(.state)): \(presentation.verdict(row.state.rawValue))",
        ]
        if let before = answer.comparedWith {
            lines.append("\(presentation.word(.comparedWith)): \(before)")
            for (word, keys) in [(Word.added, answer.added), (.removed, answer.removed), (.changed, answer.changed)] {
                let named = keys.prefix(Self.itemLimit).map(Output.printable).joined(separator: " ")
                let rest = keys.count > Self.itemLimit ? " …" : ""
                lines.append("\(presentation.word(word)): \(keys.count)" + (keys.isEmpty ? "" : "  \(named)\(rest)"))
            }
        }
        return Presentation.block("\(row.id) (\(presentation.verdict(row.kind)))", lines)
    }
}
