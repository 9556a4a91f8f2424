import Archive
import DICOMCore
import DICOMNetwork
import Delivery
import Foundation
import PriordConfig

// What the configuration says of forwarding, in the words of the rooms that do it.

extension ForwardRule {
    /// One for each destination of a rule of the configuration.
    static func rules(_ forwarding: Forwarding) -> [ForwardRule] {
        forwarding.destinations.map { destination in
            var rule = ForwardRule(name: forwarding.name, destination: destination)
            rule.modalities = Set(forwarding.modalities)
            rule.codes = Set(forwarding.codes)
            rule.sources = Set(forwarding.sources.map(\.value))
            rule.completeness = Set(forwarding.completeness.map(\.rawValue))
            rule.quality = Set(forwarding.quality.map(\.rawValue))
            rule.maximumAge = forwarding.maximumAge
            return rule
        }
    }
}

extension ForwardOrigin {
    /// What a destination calls itself when it sends; nil where it is sent back what it sent, or where nobody said.
    init?(_ destination: Destination) {
        guard !destination.isSentBack else { return nil }
        switch destination.endpoint {
        case .association(let host, _, let aeTitle): self.init(aeTitle: aeTitle, host: "\(host)")
        case .web(let endpoint):
            // A service behind a URL has no address that could be compared.
            guard let aeTitle = endpoint.aeTitle else { return nil }
            self.init(aeTitle: aeTitle)
        }
    }
}

extension ForwardDestination {
    init(_ destination: Destination, _ config: PriordConfig) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = config.timeZone ?? .current
        self.init(
            name: destination.name, endpoint: Endpoint(destination, config), bytesPerSecond: destination.byteRateLimit,
            pauses: ForwardPauses(
                first: destination.retryPause / .seconds(1), longest: destination.longestPause / .seconds(1)),
            failureLimit: destination.breakerFailureCount
        ) { [window = destination.window, calendar] date in
            guard let window else { return true }
            let now = calendar.dateComponents([.hour, .minute], from: date)
            return window.contains(minute: (now.hour ?? 0) * 60 + (now.minute ?? 0))
        }
        instanceAttemptLimit = destination.instanceAttemptCount
        guard destination.isCommitting else { return }
        commitment = ForwardCommitmentTerms(
            wait: destination.commitmentWait / .seconds(1), roundLimit: destination.commitmentAttemptCount)
    }
}

extension ForwardDestination.Endpoint {
    init(_ destination: Destination, _ config: PriordConfig) {
        switch destination.endpoint {
        case .association(let host, let port, let aeTitle):
            var request = AssociationRequest(
                host: "\(host)", port: Int(port), callingAETitle: destination.callingAETitle, calledAETitle: aeTitle,
                contexts: [])
            request.limits = AssociationLimits(config)
            self = .association(request)
        case .web(let web):
            self = .web(HTTPService(web, calling: destination.callingAETitle, config))
        }
    }
}

extension HTTPService {
    init(_ web: WebEndpoint, calling: AETitle, _ config: PriordConfig) {
        self.init(
            url: web.url, aeTitle: calling, connectTimeout: config.associationRequestTimeout,
            answerTimeout: config.idleTimeout, minimumBytesPerSecond: Int(config.minimumReceiveRate))
        func path(_ file: URL?) -> String? { file?.path(percentEncoded: false) }
        (authorityFile, certificateFile) = (path(web.authorityFile), path(web.certificateFile))
        keyFile = path(web.keyFile)
        credentials = path(web.tokenFile).map { .bearer(file: $0) } ?? path(web.passwordFile).map { .basic(file: $0) }
    }
}
