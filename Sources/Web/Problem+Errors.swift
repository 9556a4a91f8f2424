internal import AdminAPI
internal import Archive
internal import Catalogue
internal import DICOMCore
internal import Delivery
internal import Ingestion
internal import Matching
internal import Recall

extension Problem {
    static func badRequest(_ detail: String) -> Problem {
        Problem(
            type: "urn:priord:problem:bad-request", title: "The request cannot be understood", status: 400,
            detail: detail)
    }

    static func notFound(_ detail: String) -> Problem {
        Problem(type: "urn:priord:problem:not-found", title: "There is no such thing", status: 404, detail: detail)
    }

    static func notAcceptable(_ detail: String) -> Problem {
        Problem(
            type: "urn:priord:problem:not-acceptable", title: "No such representation", status: 406, detail: detail)
    }

    static func unavailable(_ detail: String) -> Problem {
        Problem(type: "urn:priord:problem:unavailable", title: "Not available now", status: 503, detail: detail)
    }

    static func conflict(_ detail: String) -> Problem {
        Problem(type: "urn:priord:problem:exists", title: "It exists already", status: 409, detail: detail)
    }

    static func unreadable(_ detail: String) -> Problem {
        Problem(
            type: "urn:priord:problem:unreadable", title: "The object cannot be read", status: 422, detail: detail)
    }

    static func tooLarge(limit: Int) -> Problem {
        Problem(
            type: "urn:priord:problem:too-large", title: "The request is too large", status: 413,
            detail: "at most \(limit) bytes are taken")
    }

    /// Of a search that was given up.
    static let tookTooLongType = "urn:priord:problem:took-too-long"

    /// Our own fault, or the machine's; the log says more under the trace id.
    static func internalFault(traceID: String) -> Problem {
        Problem(
            type: "urn:priord:problem:internal", title: "The daemon failed", status: 500,
            detail: "the log tells more under this trace id", traceID: traceID)
    }

    /// The only place where an archive's error becomes an HTTP status.
    init(_ error: ArchiveError, traceID: String) {
        self =
            switch error {
            case .unknownStudy, .unknownInstance, .unknownQuarantineID: .notFound("\(error)")
            case .exportExists: .conflict("\(error)")
            case .diskReserve:
                Problem(
                    type: "urn:priord:problem:disk-reserve", title: "The disk is full", status: 507,
                    detail: "\(error)")
            case .recoveryNeeded, .closed, .stopped: .unavailable("\(error)")
            case .fileSystem:
                Problem(
                    type: "urn:priord:problem:file-system", title: "A system call failed", status: 500,
                    detail: "\(error)", traceID: traceID)
            case .headerUnreadable: .unreadable("\(error)")
            case .tookTooLong:
                Problem(
                    type: Self.tookTooLongType, title: "The search took too long", status: 503, detail: "\(error)")
            case .inUse, .index, .indexNotDurable, .indexIsNewer, .siteKeyUnusable: .internalFault(traceID: traceID)
            }
    }

    /// The only place where an ingestion error becomes an HTTP status; the C-STORE Status is said beside it.
    init(_ error: IngestError, traceID: String) {
        self =
            switch error {
            case .outOfResources(let cause): Problem(cause, traceID: traceID)
            case .mismatch, .missingUID, .unreadable, .noPart10File:
                Problem(
                    type: "urn:priord:problem:refused", title: "The object was not stored", status: 422,
                    detail: "\(error)")
            case .internalFault(let traceID): .internalFault(traceID: traceID)
            }
        dimseStatus = DIMSEStatus(error).description
    }

    /// The only place where what cannot be shown of an object becomes an HTTP status.
    init(_ error: ViewError, traceID: String) {
        self =
            switch error {
            case .archive(let cause): Problem(cause, traceID: traceID)
            case .absent(let detail): .notFound(detail)
            case .unsupported(let detail): .notAcceptable(detail)
            case .unreadable(let detail): .unreadable(detail)
            case .unavailable(let detail): .unavailable(detail)
            }
    }

    /// The only place where a query's error becomes an HTTP status (PS3.18 Table 10.6.3-1).
    init(_ error: QueryError, traceID: String) {
        self =
            switch error {
            case .noLevel, .levelNotInModel, .unusableKey, .nothingAsked: .badRequest("\(error)")
            case .tooManyObjects, .tookTooLong:
                Problem(
                    type: "urn:priord:problem:too-large", title: "The search is too large", status: 413,
                    detail: "\(error)")
            case .index(let cause): Problem(cause, traceID: traceID)
            }
    }

    init(_ error: CatalogueFaults) {
        self.init(
            type: "urn:priord:problem:catalogue", title: "The file is not put in force", status: 422,
            detail: "\(error)", faults: error.faults.map(CatalogueFaultRow.init))
    }

    init(_ error: CatalogueRemovalError) {
        self =
            switch error {
            case .unknown: .notFound("\(error)")
            case .bundled, .referredTo, .primary:
                Problem(
                    type: "urn:priord:problem:in-use", title: "The catalogue stays", status: 409, detail: "\(error)")
            }
    }

    init(_ error: RecallError, traceID: String) {
        self =
            switch error {
            case .unknownStudy: Problem(.unknownStudy, traceID: traceID)
            case .notAnItemCode:
                .badRequest("item is a code of nine characters, or list/entry, such as vietnam-25qd-byt-2014/43")
            case .index(let cause): Problem(cause, traceID: traceID)
            }
    }

    init(_ error: PersonError, traceID: String) {
        self =
            switch error {
            case .unknownIdentity(let id): .notFound("no identity is called \(id)")
            case .unknownStudy: Problem(.unknownStudy, traceID: traceID)
            case .nobody: .badRequest("by names who decides, in at most 64 bytes; a note has at most 500")
            case .sameIdentity(let id): .badRequest("\(id) is one identity, and a link takes two")
            case .standsAlone(let id):
                Problem(
                    type: "urn:priord:problem:contradiction", title: "It contradicts what is known", status: 409,
                    detail: "\(id) is a person by itself; there is nothing to take it out of")
            case .keptApart(let one, let other):
                Problem(
                    type: "urn:priord:problem:contradiction", title: "It contradicts what is known", status: 409,
                    detail: "a person keeps \(one) and \(other) apart, and the link would join them; "
                        + "link these two first if that was wrong")
            case .noReview(let one, let other): .notFound("\(one) and \(other) do not wait for a look")
            case .index(let cause): Problem(cause, traceID: traceID)
            }
    }

    /// The only place where what the desk does not take becomes an HTTP status.
    init(_ error: DeskError, traceID: String) {
        self =
            switch error {
            case .recall(let cause): Problem(cause, traceID: traceID)
            case .archive(let cause): Problem(cause, traceID: traceID)
            case .unknownItem, .notAPrior: .notFound("\(error)")
            case .missing, .text, .notTaken, .unknownReason, .noteNeeded, .notForPeople, .ambiguousPatient:
                .badRequest("\(error)")
            case .unmapped, .notRecognisable, .onlyPossiblyThePerson, .notRecognisedBefore:
                Problem(
                    type: "urn:priord:problem:not-proposed", title: "The proposal does not stand", status: 409,
                    detail: "\(error)")
            }
    }

    init(_ error: AliasTeachingError) {
        self =
            switch error {
            case .person, .reason: .badRequest("\(error)")
            case .refused:
                Problem(
                    type: "urn:priord:problem:contradiction", title: "It contradicts what is known", status: 409,
                    detail: "\(error)")
            case .alreadyTaught: .conflict("\(error)")
            case .notInForce: .notFound("\(error)")
            }
    }

    init(_ faults: AliasTable.Faults) {
        self.init(
            type: "urn:priord:problem:refused", title: "The table was not imported", status: 422,
            detail: faults.faults.prefix(Self.faultLimit).map(\.description).joined(separator: "\n")
                + (faults.faults.count > Self.faultLimit ? "\nand \(faults.faults.count - Self.faultLimit) more" : ""))
    }

    private static let faultLimit = 100
}
