internal import Foundation

/// How text is made comparable for search: width and compatibility forms, case, diacritics and spacing mean nothing.
///
/// `Nguyễn Văn Đức`, `NGUYEN VAN DUC` and `ｎｇｕｙｅｎ　van duc` fold to the same; Chinese stays as it is.
public enum SearchText {
    /// Longest text kept for one Study, in characters; further descriptions are not searched.
    static let limit = 8192

    public static func fold(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return spaced(text.lowercased().unicodeScalars) }
        let letters = text.decomposedStringWithCompatibilityMapping.unicodeScalars.lazy
            .filter { $0.properties.generalCategory != .nonspacingMark }
            .map { $0 == "đ" || $0 == "Đ" ? "d" : $0 }
        var plain = String.UnicodeScalarView()
        plain.append(contentsOf: letters)
        return spaced(String(plain).lowercased().precomposedStringWithCanonicalMapping.unicodeScalars)
    }

    /// Folds a Person Name: `^` and `=` separate like spaces.
    static func foldName(_ name: String) -> String {
        fold(String(name.map { $0 == "^" || $0 == "=" ? " " : $0 }))
    }

    /// The terms of a query, folded; a Study matches when it contains every one of them somewhere.
    static func terms(of query: String) -> [String] {
        foldName(query).split(separator: " ").map(String.init)
    }

    /// Parts of a pattern with the wildcards `*` and `?`, folded: what it matches contains them, folded as a whole.
    ///
    /// Where a pattern ends in the middle of a letter and its marks, or of a syllable, that would not hold; so nothing but ASCII
    /// and Chinese characters is in them.
    static func wholeTerms(of pattern: String) -> [String] {
        let parts = pattern.unicodeScalars.split { scalar in
            scalar == "*" || scalar == "?" || !(scalar.isASCII || isIdeographic(scalar))
        }
        return parts.flatMap { terms(of: String(String.UnicodeScalarView($0))) }
    }

    /// The full-text expression that every text containing `terms` satisfies, or nil when none has three characters.
    static func trigramExpression(for terms: [String]) -> String? {
        var trigrams: [String] = []
        for term in terms {
            let scalars = Array(term.unicodeScalars)
            guard scalars.count >= 3 else { continue }
            for start in 0...(scalars.count - 3) {
                var trigram = String.UnicodeScalarView()
                trigram.append(contentsOf: scalars[start..<start + 3])
                let quoted = "\"" + String(trigram).replacingOccurrences(of: "\"", with: "\"\"") + "\""
                if !trigrams.contains(quoted) { trigrams.append(quoted) }
            }
        }
        // A text of a thousand characters would make a query of a thousand parts; the first ones select enough.
        return trigrams.isEmpty ? nil : trigrams.prefix(64).joined(separator: " AND ")
    }

    /// A pattern of DICOM's two wildcards for GLOB, which knows character sets too.
    static func glob(_ pattern: String) -> String { pattern.replacingOccurrences(of: "[", with: "[[]") }

    /// Every pair of adjacent characters of scripts that write without spaces, as it occurs.
    static func pairs(in text: String) -> [String] {
        let scalars = text.unicodeScalars
        return zip(scalars, scalars.dropFirst()).compactMap { first, second in
            guard isIdeographic(first), isIdeographic(second) else { return nil }
            return String(String.UnicodeScalarView([first, second]))
        }
    }

    private static func isIdeographic(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isIdeographic && scalar.properties.generalCategory == .otherLetter
    }

    /// The expression on pairs that every text containing `terms` satisfies, or nil when no term is just one pair.
    static func pairExpression(for terms: [String]) -> String? {
        let pairs = terms.filter { $0.unicodeScalars.count == 2 }.flatMap(pairs(in:))
        return pairs.isEmpty ? nil : pairs.prefix(64).map { "\"\($0)\"" }.joined(separator: " AND ")
    }

    /// Every control character and run of white space as one space, none at the ends.
    private static func spaced(_ scalars: String.UnicodeScalarView) -> String {
        var result = String.UnicodeScalarView()
        var needsSpace = false
        for scalar in scalars {
            if scalar.properties.isWhitespace || scalar.properties.generalCategory == .control {
                needsSpace = !result.isEmpty
            } else {
                if needsSpace { result.append(" ") }
                needsSpace = false
                result.append(scalar)
            }
        }
        return String(result)
    }
}
