public import DICOMCore

/// A system that may open Associations to priord.
public struct Peer: Sendable, Equatable {
    /// AE Title the peer calls itself.
    public var aeTitle: AETitle
    /// Addresses it may call from; never empty, because an AE Title alone proves nothing.
    public var hosts: [HostBlock]
    /// TCP port it listens on, where it takes Associations of ours; nil when it is only ever the caller.
    public var port: UInt16?
    /// AE Titles it may call priord by; never empty.
    public var calledAETitles: [AETitle]
    public var permissions: Set<PeerService>
    /// Whether it may change and end Performed Procedure Steps that other peers created.
    public var changesStepsOfOthers = false
    /// What it hears when it sends other bytes under a known SOP Instance UID.
    public var conflictAnswer: ConflictAnswer
    /// Stands in for Institution Name (0008,0080) where the peer sends none.
    public var institution: String?
    /// Stands in for Issuer of Patient ID (0010,0021) where the peer sends none.
    public var issuer: String?
    /// What its text is in, whatever it declares in Specific Character Set (0008,0005).
    public var characterSet: TextEncoding?
    /// Whether it is asked what it has of a study that settled (C-FIND); needs ``port``.
    public var isAskedBack = false
    /// Whether what it has and we lack is fetched from it (C-MOVE); it is asked then too.
    public var isRetrievedFrom = false
    /// Associations it may have at once; nil for the share that every peer may have.
    public var associationLimit: Int?
    /// Associations that nobody else can have.
    public var associationReserve = 0
    /// Its share of the machine where peers contend, as a multiple of that of a peer with 1.
    public var weight = 1
    /// Certificates it must show one of, by their SHA-256; empty for none in particular.
    public var certificates: [CertificateFingerprint] = []
    /// Whether it may call by TLS alone; so it is with ``certificates``.
    public var needsTLS = false

    public init(
        aeTitle: AETitle, hosts: [HostBlock], port: UInt16? = nil, calledAETitles: [AETitle] = [.priord],
        permissions: Set<PeerService> = Set(PeerService.allCases), conflictAnswer: ConflictAnswer = .success,
        institution: String? = nil, issuer: String? = nil, characterSet: TextEncoding? = nil
    ) {
        self.aeTitle = aeTitle
        self.hosts = hosts
        self.port = port
        self.calledAETitles = calledAETitles
        self.permissions = permissions
        self.conflictAnswer = conflictAnswer
        self.institution = institution
        self.issuer = issuer
        self.characterSet = characterSet
    }

    /// Where it can be called: nil without ``port``. Its address is the only one in ``hosts``; if there are several, the one
    /// it last called from, as long as that is still among them.
    public func listener(lastCalledFrom last: IPAddress?) -> (host: IPAddress, port: UInt16)? {
        guard let port else { return nil }
        if hosts.count == 1, let only = hosts[0].onlyAddress { return (only, port) }
        guard let last, hosts.contains(where: { $0.contains(last) }) else { return nil }
        return (last, port)
    }

    /// C-STORE Status for a conflicting duplicate, whose bytes are kept in quarantine either way (PS3.7 C.5.6).
    public enum ConflictAnswer: String, CaseIterable, Sendable {
        case success = "0000"
        case duplicateSOPInstance = "0111"

        public var status: DIMSEStatus {
            switch self {
            case .success: .success
            case .duplicateSOPInstance: .duplicateSOPInstance
            }
        }
    }
}

/// Whether an Association may be opened; a refusal names its Reason (PS3.8 Table 9-21).
public enum PeerAdmission: Equatable, Sendable {
    case admitted(Peer)
    /// 1/1/3: no peer of that AE Title calls from that address, or it does not prove to be it.
    case callingAETitleNotRecognised
    /// 1/1/7: the peer is known and may not call this AE Title.
    case calledAETitleNotRecognised
}

extension PriordConfig {
    /// What priord calls itself when it calls a peer: its own AE Title where the peer knows it by that.
    public func aeTitle(toward peer: Peer) -> AETitle {
        peer.calledAETitles.contains(aeTitle) ? aeTitle : peer.calledAETitles.first ?? aeTitle
    }

    /// A destination that is asked to commit to what it took may call to answer, and for nothing else.
    private func committing(calling: AETitle, from host: IPAddress) -> Peer? {
        destinations.lazy.compactMap { destination in
            guard destination.isCommitting, case .association(host, _, calling) = destination.endpoint else {
                return nil
            }
            return Peer(
                aeTitle: calling, hosts: [HostBlock(host)], calledAETitles: [destination.callingAETitle],
                permissions: [.report])
        }.first
    }

    /// The peer of the list that calls itself so at this address; nobody has to have proved anything yet.
    public func peer(calling: AETitle, from host: IPAddress) -> Peer? {
        peers.first { peer in peer.aeTitle == calling && peer.hosts.contains { $0.contains(host) } }
    }

    /// Decides by the list of peers, and for callers outside it by `acceptsAnyPeer`.
    public func admission(
        calling: AETitle, called: AETitle, from host: IPAddress, by transport: PeerTransport = .tcp
    ) -> PeerAdmission {
        let anyone = acceptsAnyPeer ? Peer(aeTitle: calling, hosts: [HostBlock(host)], calledAETitles: [aeTitle]) : nil
        let committing = committing(calling: calling, from: host)
        guard var peer = peer(calling: calling, from: host) ?? anyone ?? committing, peer.admits(transport) else {
            return .callingAETitleNotRecognised
        }
        if committing != nil { peer.permissions.insert(.report) }
        return peer.calledAETitles.contains(called) ? .admitted(peer) : .calledAETitleNotRecognised
    }
}

/// How a caller came.
public enum PeerTransport: Equatable, Sendable {
    case tcp
    /// With the SHA-256 of the certificate that it has shown and that is believed, if any.
    case tls(CertificateFingerprint?)
}

extension Peer {
    fileprivate func admits(_ transport: PeerTransport) -> Bool {
        switch transport {
        case .tcp: !needsTLS && certificates.isEmpty
        case .tls(let shown): certificates.isEmpty || shown.map(certificates.contains) ?? false
        }
    }
}

/// SHA-256 of a certificate in DER.
public struct CertificateFingerprint: Hashable, Sendable, CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    public let value: String

    /// Nil unless `text` is 64 hexadecimal digits, in pairs with colons between them or without, as
    /// `openssl x509 -fingerprint -sha256` prints them.
    public init?(_ text: String) {
        let digits = text.contains(":") ? text.split(separator: ":", omittingEmptySubsequences: false) : [text[...]]
        guard digits.count == 1 || digits.allSatisfy({ $0.utf8.count == 2 }) else { return nil }
        let value = digits.joined().lowercased()
        guard value.wholeMatch(of: /[0-9a-f]{64}/) != nil else { return nil }
        self.value = value
    }

    public var description: String { value }
}
