import Archive
import DICOMCore
import PriordConfig
import Recall

extension InstitutionRegister {
    init(_ configured: [ConfiguredInstitution]) {
        self.init(
            configured.map { Entry(Institution($0), names: $0.names, aeTitles: $0.aeTitles) },
            own: configured.first(where: \.isOwn)?.id)
    }
}

extension Institution {
    fileprivate init(_ configured: ConfiguredInstitution) {
        self.init(
            id: configured.id, name: configured.name,
            standing: configured.standing.map { standing in
                switch standing {
                case .graded(let grade): .graded(grade)
                case .ungraded: .ungraded
                case .thirdParty: .thirdParty
                }
            },
            assessed: configured.assessed.map { Period($0) },
            memberships: configured.memberships.map { Membership(alliance: $0.alliance, period: Period($0.period)) },
            issuer: configured.issuer)
    }
}

extension Institution.Period {
    fileprivate init(_ period: DayPeriod) { self.init(from: period.from, until: period.until) }
}

/// What stands in for what a study does not say: of the peer or source it came from, then of the institution it was made at.
struct SenderDefaults: Sendable {
    private let peers: [AETitle: Peer]
    private let institutions: InstitutionRegister
    /// By what stands as the sender of what is fetched from them.
    private let sources: [AETitle: ConfiguredSource]

    init(_ config: PriordConfig) {
        sources = Dictionary(config.sources.map { ($0.aeTitle, $0) }) { first, _ in first }
        peers = Dictionary(config.peers.map { ($0.aeTitle, $0) }) { first, _ in first }
        institutions = InstitutionRegister(config.institutions)
    }

    func complete(_ record: inout InstanceRecord, from sender: AETitle?) {
        let (peer, source) = (sender.flatMap { peers[$0] }, sender.flatMap { sources[$0] })
        if record.study.institution.isEmpty {
            record.study.institution =
                peer?.institution ?? source?.institution.flatMap { institutions[$0] }?.name ?? ""
        }
        if record.patient.issuer.isEmpty {
            record.patient.issuer =
                peer?.issuer ?? source?.issuer
                ?? institutions.issuer(for: record.study.institution, from: sender) ?? ""
        }
    }
}
