public import Catalogue

/// A description that a person taught: what a study is that some site, device or modality calls so.
///
/// A value; who taught it, when and why is kept with its history in Archive.
public struct Alias: Sendable, Equatable {
    /// Where an alias holds: everywhere for one modality, or narrower.
    public struct Scope: Sendable, Hashable {
        /// As ``StudyDescriptor/imagingModality`` writes it.
        public let modality: String
        /// Institution Name (0008,0080); nil for every institution.
        public let site: String?
        /// Calling AE Title of the sender; nil for every sender.
        public let aeTitle: String?

        fileprivate let siteKey: String?

        /// - Throws: ``AliasFault`` when one of them is no such value.
        public init(modality: String, site: String? = nil, aeTitle: String? = nil) throws(AliasFault) {
            let parts = modality.uppercased().split(separator: "+", omittingEmptySubsequences: false)
            guard !parts.isEmpty, parts.allSatisfy(Self.isCodeString) else { throw .modality }
            self.modality = Set(parts).sorted().joined(separator: "+")
            if let site {
                guard site.unicodeScalars.count <= 64, let key = DescriptionKey(site) else { throw .site }
                siteKey = key.value
            } else {
                siteKey = nil
            }
            self.site = site
            if let aeTitle {
                guard (1...16).contains(aeTitle.utf8.count), aeTitle.utf8.allSatisfy({ (0x20..<0x7F).contains($0) })
                else { throw .aeTitle }
            }
            self.aeTitle = aeTitle
        }

        /// A Code String (PS3.5 6.2) such as a modality.
        private static func isCodeString(_ text: Substring) -> Bool {
            (1...16).contains(text.utf8.count)
                && text.utf8.allSatisfy {
                    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
                        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                }
        }

        /// Whether studies of this site and sender lie inside; the modality is compared elsewhere.
        public func includes(site: String, aeTitle: String) -> Bool {
            (self.aeTitle == nil || self.aeTitle == aeTitle) && includes(site: site)
        }

        /// Whether studies of this site may lie inside.
        public func includes(site: String) -> Bool { siteKey == nil || DescriptionKey(site)?.value == siteKey }

        /// Greater is more particular: a sender is one device, a site has many.
        var particularity: Int { (aeTitle == nil ? 0 : 2) + (siteKey == nil ? 0 : 1) }

        public static func == (left: Scope, right: Scope) -> Bool {
            left.modality == right.modality && left.siteKey == right.siteKey && left.aeTitle == right.aeTitle
        }

        public func hash(into hasher: inout Hasher) {
            hasher.combine(modality)
            hasher.combine(siteKey)
            hasher.combine(aeTitle)
        }
    }

    /// What studies of the description are.
    public enum Meaning: Sendable, Hashable {
        case item(ItemCode)
        /// None of the items of any catalogue; nobody needs to look at them again.
        case noItem
    }

    /// 0 before it is in force.
    public let id: Int64
    /// As it was taught.
    public let description: String
    public let key: DescriptionKey
    public let scope: Scope
    public let meaning: Meaning
    public let grade: StudyMatch.Grade
    /// In 0.6...1: an answer below is none.
    public let confidence: Double

    public static let defaultConfidence = 0.95

    /// - Throws: ``AliasFault`` when a part of it can't be taught.
    public init(
        id: Int64 = 0, description: String, scope: Scope, meaning: Meaning, grade: StudyMatch.Grade = .exact,
        confidence: Double = defaultConfidence
    ) throws(AliasFault) {
        guard description.unicodeScalars.count <= FoldedText.scalarLimit else { throw .descriptionTooLong }
        let folded = FoldedText(description)
        if folded.isDamaged { throw .descriptionDamaged }
        guard let key = DescriptionKey(description) else { throw .noDescription }
        guard (Matcher.confidenceThreshold...1).contains(confidence) else { throw .confidence }
        self.id = id
        self.description = description
        self.key = key
        self.scope = scope
        self.meaning = meaning
        self.grade = grade
        self.confidence = confidence
    }
}

/// Why something can't be taught.
public enum AliasFault: Error, Equatable, Sendable, CaseIterable {
    case noDescription, descriptionDamaged, descriptionTooLong, modality, site, aeTitle, confidence
}

extension AliasFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noDescription: "the description has no word"
        case .descriptionDamaged: "the description has control characters or direction overrides in it"
        case .descriptionTooLong: "the description is longer than \(FoldedText.scalarLimit) characters"
        case .modality: "the modality is one as DICOM writes it, such as CT, or several joined by +"
        case .site: "the site is an Institution Name of at most 64 characters"
        case .aeTitle: "the sender is an AE Title of 1 to 16 ASCII characters"
        case .confidence: "the confidence lies from \(Matcher.confidenceThreshold) to 1"
        }
    }
}
