public import DICOMCore

/// Another system that is asked for a person's earlier studies.
public struct ConfiguredSource: Sendable, Equatable {
    public enum Kind: String, CaseIterable, Sendable {
        /// Another priord, by its own API: it tells its assessments.
        case priord
        /// QIDO-RS and WADO-RS.
        case dicomweb
        /// C-FIND and C-MOVE in the Study Root.
        case find = "c-find"
    }

    public enum Endpoint: Sendable, Equatable {
        case web(WebEndpoint)
        case association(host: IPAddress, port: UInt16, aeTitle: AETitle)
    }

    /// What answers, commands and logs call it.
    public var name: String
    public var kind: Kind
    public var endpoint: Endpoint
    /// What priord calls itself there, and where it has studies sent.
    public var callingAETitle: AETitle
    /// For the whole answer to one question.
    public var deadline: Duration = .seconds(3)
    /// Id of the institution whose studies name none there.
    public var institution: String?
    /// Issuer of the Patient IDs that come without one.
    public var issuer: String?
    /// What the text of its objects and C-FIND answers is in, whatever they declare; nil to believe them.
    public var characterSet: TextEncoding?
    /// Whether studies may be fetched from it.
    public var isFetchedFrom = true
    /// How long an answer is used again.
    public var cacheTime: Duration = .seconds(15)
    /// Questions to it at once.
    public var questionLimit = 4
    /// Failures in a row after which it is left alone for a while.
    public var breakerFailureCount = 3
    /// After that; twice as long after every further one, up to ``longestPause``.
    public var retryPause: Duration = .seconds(30)
    public var longestPause: Duration = .seconds(900)
    /// Nil where nothing is fetched before somebody asks for it.
    public var prefetch: Prefetch?

    public init(name: String, kind: Kind, endpoint: Endpoint, callingAETitle: AETitle) {
        self.name = name
        self.kind = kind
        self.endpoint = endpoint
        self.callingAETitle = callingAETitle
    }

    /// What stands as the sender of what is fetched from it: its AE Title, else its name in capitals.
    public var aeTitle: AETitle {
        let title: AETitle? =
            switch endpoint {
            case .association(_, _, let aeTitle): aeTitle
            case .web(let web): web.aeTitle
            }
        return title ?? (try? AETitle(String(name.uppercased().prefix(16)))) ?? callingAETitle
    }

    /// Which priors are fetched before anybody asks for them.
    public struct Prefetch: Sendable, Equatable {
        /// What a prior has to be to the item, at least; the best first.
        public enum Relation: String, CaseIterable, Sendable {
            case same, contains, part, related
        }

        public enum Occasion: String, CaseIterable, Sendable {
            /// Priors are asked for with an order.
            case order
            /// A study has settled after its images came.
            case firstImage = "first-image"
        }

        public var relation = Relation.contains
        /// Days before the exam at most.
        public var maximumAge = 365
        public var occasions = Set(Occasion.allCases)
        /// Of one person on one occasion.
        public var studyLimit = 3
        /// Of what waits to be fetched ahead, by what the source says of its size; a study of unknown size counts as 500 MB.
        public var byteLimit: Int64 = 20_000_000_000

        public init() {}
    }
}

/// Whether sources are asked where a question for priors does not say.
public enum SourceDefault: String, CaseIterable, Sendable {
    case all, none
}
