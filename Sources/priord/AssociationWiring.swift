import DICOMCore
import DICOMNetwork
import DICOMServices
import Foundation
import PriordConfig
import Web

extension AssociationPolicy {
    init(_ config: PriordConfig) {
        self.init(aeTitle: config.aeTitle, acceptsUnknownSOPClasses: config.acceptsUnknownSOPClasses) { caller in
            guard let calling = try? AETitle(caller.calling), let host = IPAddress(caller.host) else {
                return .rejected(.callingAETitleNotRecognized)
            }
            guard let called = try? AETitle(caller.called) else { return .rejected(.calledAETitleNotRecognized) }
            switch config.admission(calling: calling, called: called, from: host, by: PeerTransport(caller.security)) {
            case .callingAETitleNotRecognised: return .rejected(.callingAETitleNotRecognized)
            case .calledAETitleNotRecognised: return .rejected(.calledAETitleNotRecognized)
            case .admitted(let peer):
                return .admitted(
                    PeerRights(
                        aeTitle: calling, calledAETitle: called, services: peer.permissions,
                        changesStepsOfOthers: peer.changesStepsOfOthers, conflictStatus: peer.conflictAnswer.status))
            }
        }
    }
}

extension PeerTransport {
    init(_ security: TLSFacts?) {
        guard let security else {
            self = .tcp
            return
        }
        self = .tls(security.certificate.flatMap { CertificateFingerprint($0.fingerprint) })
    }
}

extension PriordConfig {
    /// What a peer is called among those who share the Associations: its AE Title, with its addresses where another has it too.
    func shareName(of peer: Peer) -> String {
        let isAlone = peers.count { $0.aeTitle == peer.aeTitle } == 1
        return isAlone
            ? peer.aeTitle.value
            : "\(peer.aeTitle)@\(peer.hosts.map(\.description).joined(separator: ","))"
    }

    /// Associations that a peer may have which has no number of its own.
    private var commonAssociationLimit: Int { max(1, associationLimit * peerAssociationShare / 100) }

    /// Callers outside the list count by address, whatever they call themselves.
    var associationShares: AssociationShares {
        let own = Dictionary(
            peers.map { peer in
                (
                    shareName(of: peer),
                    CallingPeer(
                        name: shareName(of: peer), limit: peer.associationLimit ?? commonAssociationLimit,
                        reserve: peer.associationReserve, weight: peer.weight)
                )
            }
        ) { first, _ in first }
        return AssociationShares(
            limit: associationLimit, reserves: own.mapValues(\.reserve).filter { $0.value > 0 }
        ) { [self] title, host in
            let listed = (try? AETitle(title)).flatMap { title in
                IPAddress(host).flatMap { peer(calling: title, from: $0) }
            }
            return listed.flatMap { own[shareName(of: $0)] } ?? CallingPeer(name: host, limit: commonAssociationLimit)
        }
    }

    /// What the listener tells of, with the AE Titles of configured peers.
    func facts(of listener: AssociationListener, _ identity: TLSIdentity?) -> AssociationFacts {
        let titles = Dictionary(peers.map { (shareName(of: $0), $0.aeTitle) }) { first, _ in first }
        var facts = AssociationFacts(
            isListening: listener.isListening, open: listener.associationCount, limit: associationLimit,
            waiting: listener.waitingCount)
        facts.peers = listener.peers.map { peer in
            AssociationFacts.Peer(
                name: peer.name, aeTitle: titles[peer.name], open: peer.open, refused: peer.refused)
        }
        facts.securePort = listener.securePort
        facts.certificateEnd = identity.map { Date(timeIntervalSince1970: TimeInterval($0.expiry)) }
        return facts
    }
}

extension TLSIdentity {
    convenience init(_ settings: TLSSettings) throws(Fault) {
        try self.init(
            Files(
                certificate: settings.certificate.path(percentEncoded: false),
                key: settings.key.path(percentEncoded: false),
                authorities: settings.authorities.path(percentEncoded: false),
                requiresCertificate: settings.clientCertificate == .required))
    }
}

extension TLSSettings {
    /// Which key names a file that is of no use, and why.
    var fault: (key: String, reason: String)? {
        do throws(TLSIdentity.Fault) {
            _ = try TLSIdentity(self)
            return nil
        } catch {
            return switch error {
            case .certificate(let reason): ("certificate", reason)
            case .key(let reason): ("key", reason)
            case .authorities(let reason): ("authorities", reason)
            case .library(let reason): ("certificate", reason)
            }
        }
    }
}

extension FairTurns {
    /// As much at once as there are processors, twice as many syncs, since these wait for the disk too, and one conversion
    /// for each process that does them.
    convenience init(_ config: PriordConfig) {
        let processors = ProcessInfo.processInfo.activeProcessorCount
        self.init(room: [
            .computing: processors, .keeping: 2 * processors, .converting: config.assessmentWorkerCount,
        ])
    }
}
