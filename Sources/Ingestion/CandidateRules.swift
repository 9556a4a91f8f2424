internal import Catalogue
internal import Matching

/// Files that are not in force, to see what they would change.
public struct CandidateRules: Sendable {
    public typealias File = (name: String, bytes: [UInt8])

    /// An edition to stand beside those in force, or in the place of one with its id.
    public var catalogue: File?
    /// Words to stand beside those in force.
    public var lexicon: File?

    public init(catalogue: File? = nil, lexicon: File? = nil) {
        self.catalogue = catalogue
        self.lexicon = lexicon
    }

    /// The rules in force with the files.
    ///
    /// - Throws: ``CatalogueFaults`` or ``CatalogueError`` of the first file at fault.
    func namer(from inForce: StudyNamer) throws -> StudyNamer {
        var namer = inForce
        if let lexicon {
            namer = StudyNamer(
                library: namer.library, lexicon: try .bundled(adding: [(lexicon.name, lexicon.bytes)]),
                vocabulary: namer.vocabulary, primary: namer.primary)
        }
        if let catalogue {
            var library = namer.library
            library.put(try library.edition(from: catalogue.bytes, file: catalogue.name))
            namer = namer.naming(by: library)
        }
        return namer
    }
}
