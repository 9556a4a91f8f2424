/// What a peer may be allowed, one by one. C-ECHO is always answered and needs none of it.
public enum PeerService: String, CaseIterable, Sendable {
    /// C-STORE.
    case store
    /// Having it confirmed that what it names is kept: Storage Commitment, N-ACTION.
    case commitment
    /// Saying what it keeps of what was forwarded to it: Storage Commitment, N-EVENT-REPORT.
    case report
    /// Telling of its Modality Performed Procedure Steps: N-CREATE and N-SET.
    case mpps
    /// C-FIND.
    case query
    /// Having Instances sent, to itself (C-GET) or to another (C-MOVE).
    case retrieve
    /// Being sent Instances that anybody asked for (Move Destination).
    case receive
}
