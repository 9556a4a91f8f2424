/// What Specific Character Set (0008,0005) may say, for the conformance statement.
public enum CharacterSetFacts {
    /// Terms of one value.
    public static var single: [String] { DeclaredCharacterSet.terms.single }
    /// Terms that code extensions may name (PS3.5 6.1.2.5).
    public static var extensions: [String] { DeclaredCharacterSet.terms.extensions }
}
