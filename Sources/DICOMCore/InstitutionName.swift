internal import Foundation

/// An Institution Name (0008,0080) as it is compared: without case, width and spaces, for hospitals are written by hand.
public struct InstitutionName: Hashable, Sendable {
    private let folded: String

    public init(_ text: String) {
        folded = text.precomposedStringWithCompatibilityMapping.lowercased().filter { !$0.isWhitespace }
    }
}
