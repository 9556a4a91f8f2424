// Sources owns what other systems have of a person: it asks other priords, DICOMweb services and C-FIND archives all at once
// (SourceDesk), puts together what they tell without merging what differs, and fetches studies from them (FetchService),
// when somebody asks or ahead by rule. What a prior is worth is Recall's to say, and what comes goes through Ingestion's one
// door. Start reading at ``SourceDesk/priors(beside:for:in:)``.

public import DICOMCore
public import DICOMNetwork
public import Delivery
public import Recall

/// Another system that may have earlier studies of a person, and how it is to be treated.
public struct PriorSource: Sendable {
    public enum Endpoint: Sendable {
        /// Another priord: its API below the URL, DICOMweb at `/dicomweb`.
        case priord(HTTPService)
        /// QIDO-RS and WADO-RS below the URL.
        case dicomweb(HTTPService)
        /// C-FIND and C-MOVE in the Study Root: whom to call; the contexts are replaced.
        case association(AssociationRequest)
    }

    /// What answers, commands and logs call it.
    public var name: String
    public var endpoint: Endpoint
    /// For the whole answer to one question.
    public var deadline: Duration
    /// Institution Name of studies that name none; "" where that is not known.
    public var institution = ""
    /// Issuer of the Patient IDs that come without one; "" where that is not known.
    public var issuer = ""
    /// Issuer of those that come without one with studies of ``institution``, where ``issuer`` is not known.
    public var institutionIssuer = ""
    /// What the text of its C-FIND answers is in, whatever they declare; nil to believe them. Of JSON there is no doubt.
    public var characterSet: TextEncoding?
    /// Stands as the sender of what is fetched from it.
    public var aeTitle: AETitle
    /// What priord calls itself there, and where C-MOVE sends to.
    public var ownAETitle: AETitle
    public var isFetchedFrom = true
    /// How long an answer is used again.
    public var cacheTime: Duration = .seconds(15)
    /// Questions to it at once.
    public var questionLimit = 4
    /// Failures in a row after which it is left alone.
    public var failureLimit = 3
    public var pauses = ForwardPauses()
    /// Nil where nothing is fetched ahead.
    public var prefetch: PrefetchRule?

    public init(
        name: String, endpoint: Endpoint, deadline: Duration = .seconds(3), aeTitle: AETitle, ownAETitle: AETitle
    ) {
        self.name = name
        self.endpoint = endpoint
        self.deadline = deadline
        self.aeTitle = aeTitle
        self.ownAETitle = ownAETitle
    }
}

extension PriorSource {
    /// As the configuration names it.
    public var kind: String {
        switch endpoint {
        case .priord: "priord"
        case .dicomweb: "dicomweb"
        case .association: "c-find"
        }
    }

    /// Where it is, for people; without secrets.
    public var place: String {
        switch endpoint {
        case .priord(let service), .dicomweb(let service): service.url
        case .association(let request): "\(request.calledAETitle) at \(request.host) port \(request.port)"
        }
    }
}

/// Which priors of a source are fetched before anybody asks for them.
public struct PrefetchRule: Sendable, Equatable {
    public enum Occasion: Sendable, Hashable {
        /// Priors were asked for with an order.
        case order
        /// Images of the person came.
        case firstImage
    }

    /// What they have to be to the item: this, or better.
    public var relation: PriorRelation
    /// Days before the exam at most.
    public var maximumAge: Int
    public var occasions: Set<Occasion>
    /// Of one person on one occasion.
    public var studyLimit: Int
    /// Of all that waits to be fetched ahead.
    public var byteLimit: Int64

    public init(
        relation: PriorRelation = .contains, maximumAge: Int = 365, occasions: Set<Occasion> = [.order, .firstImage],
        studyLimit: Int = 3, byteLimit: Int64 = 20_000_000_000
    ) {
        self.relation = relation
        self.maximumAge = maximumAge
        self.occasions = occasions
        self.studyLimit = studyLimit
        self.byteLimit = byteLimit
    }
}
