/// Who calls, as far as places among the Associations are concerned.
public struct CallingPeer: Sendable, Hashable {
    /// What status and log call it. All who are called the same share what they may have.
    public var name: String
    /// Associations it may have at once.
    public var limit: Int
    /// Associations that nobody else can have.
    public var reserve: Int
    /// Its part of the machine where peers contend (``FairTurns``).
    public var weight: Int

    public init(name: String, limit: Int, reserve: Int = 0, weight: Int = 1) {
        self.name = name
        self.limit = limit
        self.reserve = reserve
        self.weight = weight
    }

    public var party: FairTurns.Party { FairTurns.Party(name: name, weight: weight) }
}

/// How the Associations that are served at once are divided among those who call.
///
/// Who calls is told by the A-ASSOCIATE-RQ as it lies in the socket's buffer, before a thread is spent on it.
public struct AssociationShares: Sendable {
    /// Associations served at once.
    public var limit: Int
    /// ``CallingPeer/reserve`` of everybody who has one, by name; in all at most ``limit``.
    public var reserves: [String: Int]
    /// Who calls, by AE Title as sent, without padding, and numeric address.
    public var peer: @Sendable (_ callingAETitle: String, _ host: String) -> CallingPeer

    public init(
        limit: Int, reserves: [String: Int] = [:],
        peer: @escaping @Sendable (_ callingAETitle: String, _ host: String) -> CallingPeer
    ) {
        self.limit = limit
        self.reserves = reserves
        self.peer = peer
    }

    /// Everybody may have all of them.
    public init(limit: Int) {
        self.init(limit: limit) { _, host in CallingPeer(name: host, limit: limit) }
    }
}

/// What one peer has of the Associations.
public struct PeerAssociations: Sendable, Equatable {
    /// ``CallingPeer/name``.
    public var name: String
    public var open: Int
    /// How often it was told 2/3/2 since the start.
    public var refused: Int

    public init(name: String, open: Int, refused: Int) {
        self.name = name
        self.open = open
        self.refused = refused
    }
}
