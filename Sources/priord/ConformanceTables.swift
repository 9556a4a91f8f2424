import DICOMCore
import DICOMNetwork
import DICOMServices
import Delivery
import PriordConfig

/// Every table of the conformance statement, made of what the services themselves go by.
enum ConformanceTables {
    static var all: [ConformanceTable] {
        [
            sopClasses, storageClasses, messageSyntaxes, storageSyntaxes, convertedSyntaxes, identity, limits,
            rejections,
            contextResults,
        ] + statuses + [
            commitmentFailures, stepAttributes, queryKeys, matching, declaredCharacterSets, judgedCharacterSets, tls,
        ]
    }

    private static func named(_ uid: String) -> String {
        DICOMLibrary.name(ofUID: uid).map { "\($0) \(uid)" } ?? uid
    }

    private static func named(_ tag: Tag) -> String { "\(DICOMLibrary.keyword(of: tag) ?? "?") \(tag)" }

    private static var sopClasses: ConformanceTable {
        ConformanceTable(
            "sop-classes", ["SOP Class, by keyword", "UID", "service, as SCP", "permission"],
            ServiceFacts.sopClasses.map {
                [
                    DICOMLibrary.name(ofUID: $0.uid) ?? "", $0.uid, $0.service,
                    $0.permission.map { "`\($0.rawValue)`" } ?? "none",
                ]
            })
    }

    private static var storageClasses: ConformanceTable {
        ConformanceTable(
            "storage-classes", ["SOP Class, by keyword", "UID"],
            ServiceFacts.storageSOPClasses.map { [DICOMLibrary.name(ofUID: $0) ?? "(PS3.6, newer)", $0] })
    }

    private static var messageSyntaxes: ConformanceTable {
        ConformanceTable(
            "message-transfer-syntaxes", ["Transfer Syntax"], ServiceFacts.messageTransferSyntaxes.map { [named($0)] })
    }

    private static var storageSyntaxes: ConformanceTable {
        ConformanceTable(
            "transfer-syntax-choice", ["order", "Transfer Syntaxes"],
            TransferSyntaxPreference.order.enumerated().map { number, group in
                [
                    "\(number + 1)",
                    group.isEmpty
                        ? "every other one, private ones too, in the peer's order"
                        : group.map(named).joined(separator: "; "),
                ]
            })
    }

    private static var convertedSyntaxes: ConformanceTable {
        ConformanceTable(
            "conversion", ["order", "Transfer Syntax"],
            OutgoingInstance.uncompressed.enumerated().map { ["\($0.offset + 1)", named($0.element.value)] })
    }

    private static var identity: ConformanceTable {
        ConformanceTable(
            "identity", ["", ""],
            [
                ["Application Context Name", Association.dicomApplicationContext],
                ["Implementation Class UID", DICOMLibrary.implementationClassUID],
                ["Implementation Version Name", DICOMLibrary.implementationVersionName],
                ["Asynchronous operations", "not negotiated; one operation at a time"],
                ["Longest A-ASSOCIATE-RQ", "\(AssociationListener.longestRequest) bytes"],
                [
                    "Connections that wait with theirs",
                    "\(AssociationListener.lobbyCapacity), by TLS \(AssociationListener.secureLobbyCapacity)",
                ],
                [
                    "Gives way to a newcomer where a limit is reached",
                    "an Association idle for \(Int(AssociationListener.idleYield.seconds)) s",
                ],
                ["Instances in one commitment request", "\(ServiceFacts.commitmentInstanceLimit)"],
            ])
    }

    /// Settings that say how Associations are accepted and held.
    private static let associationSettings = [
        "ae-title", "dicom-port", "bind", "association-limit", "peer-association-share", "association-request-timeout",
        "pdu-timeout", "idle-timeout", "minimum-receive-rate", "max-pdu", "accept-unknown-sop-classes", "drain-timeout",
        "commitment-limit", "commitment-timeout",
    ]

    private static var limits: ConformanceTable {
        ConformanceTable(
            "association-settings", ["setting", "default", "allowed", "meaning"],
            associationSettings.compactMap { key in PriordConfig.settings.first { $0.key == key } }
                .map { ["`\($0.key)`", $0.defaultText, $0.allowed, $0.help] })
    }

    private static var rejections: ConformanceTable {
        ConformanceTable(
            "rejections", ["result", "source", "reason", "when"],
            AssociationRejection.all.map {
                ["\($0.rejection.result)", "\($0.rejection.source)", "\($0.rejection.reason)", $0.meaning]
            })
    }

    private static var contextResults: ConformanceTable {
        ConformanceTable(
            "context-results", ["result", "when"], ContextDecision.results.map { ["\($0.code)", $0.meaning] })
    }

    private static var statuses: [ConformanceTable] {
        ServiceStatuses.all.map { statuses in
            ConformanceTable(
                "status-" + statuses.operation.lowercased(), ["Status", "meaning here"],
                statuses.meanings.map { ["\($0.status)", $0.meaning] })
        }
    }

    private static var commitmentFailures: ConformanceTable {
        ConformanceTable(
            "commitment-failures", ["Failure Reason", "meaning"],
            ServiceFacts.commitmentFailures.map { ["\($0.reason)", $0.meaning] })
    }

    private static var stepAttributes: ConformanceTable {
        ConformanceTable("step-attributes", ["Attribute"], ServiceFacts.mandatoryOfStep.map { [named($0)] })
    }

    private static var queryKeys: ConformanceTable {
        ConformanceTable(
            "query-keys", ["level", "Attribute", "VR", "matching"],
            QueryLevel.allCases.flatMap { level in
                QueryFacts.indexedKeys(of: level).map { tag in
                    let vr = DICOMLibrary.valueRepresentation(of: tag)
                    return [
                        level.rawValue, named(tag) + (tag == QueryFacts.uniqueKey(of: level) ? " (unique)" : ""),
                        vr?.rawValue ?? "", vr.flatMap { QueryFacts.matching(of: $0) } ?? "",
                    ]
                }
            })
    }

    private static var matching: ConformanceTable {
        let groups = Dictionary(grouping: ValueRepresentation.allCases) { QueryFacts.matching(of: $0) ?? "none" }
        return ConformanceTable(
            "matching", ["VR", "matching, beside universal matching"],
            groups.map { (vrs: $0.value.map(\.rawValue).sorted().joined(separator: ", "), matching: $0.key) }
                .sorted { $0.vrs < $1.vrs }.map { [$0.vrs, $0.matching] })
    }

    private static var declaredCharacterSets: ConformanceTable {
        ConformanceTable(
            "character-sets", ["Specific Character Set", "code extensions"],
            [
                [
                    CharacterSetFacts.single.joined(separator: ", "),
                    CharacterSetFacts.extensions.joined(separator: ", "),
                ]
            ])
    }

    private static var judgedCharacterSets: ConformanceTable {
        ConformanceTable(
            "judged-character-sets", ["what undeclared text may be in"], TextEncoding.allCases.map { [$0.rawValue] })
    }

    private static var tls: ConformanceTable {
        ConformanceTable(
            "tls", ["", ""],
            [
                [
                    "Profile",
                    "BCP 195 RFC 8996, 9325 TLS Secure Transport Connection Profile (PS3.15 B.12), as acceptor",
                ],
                ["Port", "`tls: port`, default \(TLSSettings.defaultPort)"],
                ["Versions", TLSIdentity.versions.joined(separator: ", ")],
                ["Cipher suites", TLSIdentity.cipherSuites.joined(separator: ", ")],
                [
                    "Certificate of the peer",
                    TLSSettings.ClientCertificate.allCases.map { "`\($0.rawValue)`" }.joined(separator: " or ")
                        + " (`tls: client-certificate`, default `\(TLSSettings.ClientCertificate.default.rawValue)`); "
                        + "peers may be bound to theirs by SHA-256 (`certificates`)",
                ],
                ["Renegotiation, resumption, compression", "refused"],
            ])
    }
}
