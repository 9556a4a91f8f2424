internal import Catalogue
internal import Matching

/// Files that are not in force, to see what they would change.
public struct CandidateRules: Sendable {
    public typealias File = (name: String, bytes: [UInt8])

    /// An edition to stand beside those in force, or in the place of one with its id.
    public var catalogue: File?
    /// Words to stand beside those in force, or in the place of a file of that name.
    public var lexicon: File?

    public init(catalogue: File? = nil, lexicon: File? = nil) {
        self.catalogue = catalogue
        self.lexicon = lexicon
    }

    /// The rules in force with the files.
    ///
    /// - Throws: ``CatalogueFaults`` of the first file at fault.
    func namer(from inForce: StudyNamer) throws -> StudyNamer {
        var namer = inForce
        if let lexicon {
            var words = namer.words
            words.put(try words.file(from: lexicon.bytes, named: lexicon.name))
            namer = try namer.naming(with: words)
        }
        if let catalogue {
            var library = namer.library
            library.put(try library.edition(from: catalogue.bytes, file: catalogue.name))
            namer = namer.naming(by: library)
        }
        return namer
    }
}
