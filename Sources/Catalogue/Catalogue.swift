// Catalogue owns what may be compared with a study: coded items, the grammar of their codes, the lexicon that names
// their parts in three languages, and the recognition rules. All of it is versioned data in Resources/ (provenance in
// Resources/README.md); adding a list is adding a file. It knows nothing of studies: reading one is Matching's work.
// Start reading at CatalogueLibrary, then Lexicon.

import Foundation

/// Why a catalogue file is not put in force. Nothing of a refused file is used.
public enum CatalogueError: Error, Equatable, Sendable {
    /// The file is not beside the program; `file` is its name within Resources.
    case missing(file: String)
    /// `column` is the header's name, or `#n` where the header itself is at fault; `line` counts from 1, header included.
    case malformed(file: String, line: Int, column: String, reason: String)
}

extension CatalogueError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missing(let file): "\(file): no such catalogue file"
        case .malformed(let file, let line, let column, let reason): "\(file):\(line): \(column): \(reason)"
        }
    }
}

/// The catalogue files that are part of the program.
enum BundledFile: String {
    case catalogues = "catalogues.tsv"
    case zhejiangImaging = "zhejiang-imaging-2021.tsv"
    case codeAxes = "code-axes.tsv"
    case codeAxesVietnamese = "code-axes-vi.tsv"
    case codeComposition = "code-composition.tsv"
    case recognitionRules = "zhejiang-recognition-rules.tsv"
    case recognitionChecks = "recognition-checks.tsv"
    case vietnamProcedures = "vietnam-25qd-byt-2014.tsv"
    case chinaTechniques = "cn-interventional-2019.tsv"
    case interventionalRequirements = "cn-interventional-requirements.tsv"
    case synonyms = "synonyms.tsv"
    case chineseTerms = "lexicon-zh.tsv"
    case englishTerms = "lexicon-en.tsv"
    case vietnameseTerms = "lexicon-vi.tsv"
    case europeanTerms = "lexicon-european.tsv"
    case abbreviations = "lexicon-abbreviations.tsv"
    case orderCodes = "lexicon-codes.tsv"
    case lexiconRules = "lexicon-rules.tsv"
    case anatomyCoverage = "anatomy-coverage.tsv"
    case surnames = "surnames.tsv"
    case interventionalTerms = "lexicon-interventional.tsv"
    case procedureRules = "procedure-rules.tsv"

    func table() throws(CatalogueError) -> TabSeparatedTable {
        try TabSeparatedTable(Self.bytes(rawValue), file: rawValue)
    }

    /// Several files read side by side, in their order.
    static func tables(_ files: [BundledFile]) throws(CatalogueError) -> [TabSeparatedTable] {
        let read = concurrently(files.count) { place in
            Result { () throws(CatalogueError) in try files[place].table() }
        }
        return try read.map { (table) throws(CatalogueError) in try table.get() }
    }

    /// The bytes of a file of Resources.
    static func bytes(_ name: String) throws(CatalogueError) -> [UInt8] {
        let folder = Bundle.module.bundleURL.appendingPathComponent("Resources", isDirectory: true)
        guard let data = try? Data(contentsOf: folder.appendingPathComponent(name)) else { throw .missing(file: name) }
        return Array(data)
    }
}
