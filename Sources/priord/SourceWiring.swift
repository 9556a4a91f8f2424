import DICOMNetwork
import Delivery
import PriordConfig
import Recall
import Sources

// What the configuration says of sources, in the words of the rooms that ask them.

extension PriorSource {
    init(_ source: ConfiguredSource, _ config: PriordConfig) {
        self.init(
            name: source.name, endpoint: Endpoint(source, config), deadline: source.deadline, aeTitle: source.aeTitle,
            ownAETitle: source.callingAETitle)
        let known = config.institutions.first { $0.id == source.institution }
        institution = known?.name ?? ""
        issuer = source.issuer ?? ""
        institutionIssuer = known?.issuer ?? ""
        characterSet = source.characterSet
        isFetchedFrom = source.isFetchedFrom
        cacheTime = source.cacheTime
        questionLimit = source.questionLimit
        failureLimit = source.breakerFailureCount
        pauses = ForwardPauses(
            first: source.retryPause / .seconds(1), longest: source.longestPause / .seconds(1))
        prefetch = source.prefetch.map { PrefetchRule($0) }
    }
}

extension PriorSource.Endpoint {
    fileprivate init(_ source: ConfiguredSource, _ config: PriordConfig) {
        switch source.endpoint {
        case .web(let web):
            var service = HTTPService(web, calling: source.callingAETitle, config)
            service.connectTimeout = source.deadline
            self = source.kind == .priord ? .priord(service) : .dicomweb(service)
        case .association(let host, let port, let aeTitle):
            var request = AssociationRequest(
                host: "\(host)", port: Int(port), callingAETitle: source.callingAETitle, calledAETitle: aeTitle,
                contexts: [])
            request.limits = AssociationLimits(config)
            self = .association(request)
        }
    }
}

extension PrefetchRule {
    fileprivate init(_ rule: ConfiguredSource.Prefetch) {
        self.init(
            relation: PriorRelation(rawValue: rule.relation.rawValue) ?? .contains, maximumAge: rule.maximumAge,
            occasions: Set(rule.occasions.map { $0 == .order ? .order : .firstImage }), studyLimit: rule.studyLimit,
            byteLimit: rule.byteLimit)
    }
}
