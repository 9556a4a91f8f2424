public import DICOMCore
internal import DICOMNetwork
internal import Foundation
internal import Synchronization

/// A sending system that may be asked what it has, and what is missing here.
public struct Sender: Sendable {
    public var aeTitle: AETitle
    /// What we call ourselves to it, and where it is to send what we retrieve.
    public var ownAETitle: AETitle
    /// Whether what it has and we lack is fetched.
    public var retrievesMissing: Bool
    /// Where it listens, given the address a study came from; nil when that does not tell.
    public var address: @Sendable (_ host: String?) -> (host: String, port: Int)?

    public init(
        aeTitle: AETitle, ownAETitle: AETitle, retrievesMissing: Bool = false,
        address: @escaping @Sendable (_ host: String?) -> (host: String, port: Int)?
    ) {
        self.aeTitle = aeTitle
        self.ownAETitle = ownAETitle
        self.retrievesMissing = retrievesMissing
        self.address = address
    }
}

/// Every sender that may be asked.
public struct Senders: Sendable {
    private let byTitle: [AETitle: Sender]

    public init(_ senders: [Sender] = []) {
        byTitle = Dictionary(senders.map { ($0.aeTitle, $0) }) { first, _ in first }
    }

    public subscript(aeTitle: AETitle) -> Sender? { byTitle[aeTitle] }

    /// In alphabetical order.
    public var aeTitles: [AETitle] { byTitle.keys.sorted { $0.value < $1.value } }

    public var isEmpty: Bool { byTitle.isEmpty }

    public var areAnyRetrievedFrom: Bool { byTitle.values.contains(where: \.retrievesMissing) }
}

/// Why a sender could not be asked.
enum SenderError: Error, Equatable, CustomStringConvertible {
    /// It has several addresses, and the study came from none of them.
    case addressUnknown
    case association(AssociationError)
    /// It answered a query with this Status at every level.
    case refused(DIMSEStatus)

    var description: String {
        switch self {
        case .addressUnknown: "its address is not known"
        case .association(let error): "\(error)"
        case .refused(let status): "C-FIND answered with \(status)"
        }
    }
}

extension Sender {
    /// Opens an Association to it. Blocks, at most `limits.total` and what opening takes.
    func open(
        _ operations: [QueryRetrieveSCU.Operation], host: String?, limits: QueryRetrieveSCU.Limits,
        silence: Duration, within conversation: Conversation
    ) throws(SenderError) -> QueryRetrieveSCU {
        guard let address = address(host) else { throw .addressUnknown }
        var request = AssociationRequest(
            host: address.host, port: address.port, callingAETitle: ownAETitle, calledAETitle: aeTitle, contexts: [])
        request.limits.associationRequest = Sender.openingTime
        request.limits.pdu = silence
        request.limits.idle = silence
        do throws(AssociationError) {
            let scu = try QueryRetrieveSCU(request, for: operations, limits: limits)
            guard conversation.adopt(scu) else {
                scu.abort()
                throw .stopped
            }
            return scu
        } catch {
            throw .association(error)
        }
    }

    /// For the connection, and as long again for the answer to our request.
    private static let openingTime = Duration.seconds(5)
}

/// What is being asked of senders, so that a stop need not wait for their answers.
final class Conversation: Sendable {
    private let state = Mutex<(open: [ObjectIdentifier: QueryRetrieveSCU], isStopped: Bool)>(([:], false))

    /// - Returns: false after ``stop()``.
    func adopt(_ scu: QueryRetrieveSCU) -> Bool {
        state.withLock { state in
            guard !state.isStopped else { return false }
            state.open[ObjectIdentifier(scu)] = scu
            return true
        }
    }

    func drop(_ scu: QueryRetrieveSCU) { _ = state.withLock { $0.open.removeValue(forKey: ObjectIdentifier(scu)) } }

    func stop() {
        let open = state.withLock { state in
            state.isStopped = true
            return state.open.values.map(\.self)
        }
        for scu in open { scu.interrupt() }
    }
}
