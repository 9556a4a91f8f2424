public import Catalogue
public import Matching

/// What the program brings with it, read once for all tests: one copy takes some 30 MB, and hundreds of tests are under way
/// at once.
public enum Bundled {
    public static let lexicon = read { try Lexicon.bundled() }
    public static let library = read { try CatalogueLibrary.bundled(lexicon: lexicon) }
    public static let namer = StudyNamer(library: library, lexicon: lexicon)
    public static let coverage = read { try AnatomyCoverage.bundled(lexicon: lexicon) }
    public static let policy = read { try RecognitionPolicy.bundled() }

    private static func read<Value>(_ reading: () throws -> Value) -> Value {
        do { return try reading() } catch { fatalError("what the program brings cannot be read: \(error)") }
    }
}
