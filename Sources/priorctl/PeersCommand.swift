internal import AdminAPI
internal import ArgumentParser
internal import DICOMCore
internal import DICOMNetwork
internal import Foundation

struct PeersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peers", abstract: "Systems that send to the daemon.", subcommands: [List.self, Echo.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Configured peers and others that called, with what they did last.")

        @OptionGroup var common: CommonOptions

        func run() async throws {
            let data = try await common.client.data("/admin/v1/peers")
            if common.json { return Output.json(data) }
            Output.line(Self.text(try DaemonClient.decoded(data), Presentation(common.lang)))
        }

        static func text(_ answer: PeersAnswer, _ presentation: Presentation) -> String {
            var table = Table([
                .init(title: presentation.word(.peer)), .init(title: presentation.word(.host)),
                .init(title: presentation.word(.instances), isNumber: true),
                .init(title: presentation.word(.size), isNumber: true),
                .init(title: presentation.word(.associations)),
                .init(title: presentation.word(.received)), .init(title: presentation.word(.text), limit: 60),
                .init(title: presentation.word(.failed)),
                .init(title: presentation.word(.reason), limit: 60),
            ])
            func time(_ date: Date?) -> String { date.map(Presentation.time) ?? presentation.word(.never) }
            for peer in answer.peers {
                table.add([
                    peer.aeTitle + (peer.isConfigured ? "" : " *"), peer.host, String(peer.instanceCount),
                    Presentation.size(peer.byteCount), associations(of: peer, presentation), time(peer.lastReceivedAt),
                    characterSets(of: peer.text, presentation), time(peer.lastFailureAt),
                    peer.lastFailure,
                ])
            }
            return table.text
        }

        /// Those it has, and how often it was refused one: "3; refused 12".
        private static func associations(of peer: PeerRow, _ presentation: Presentation) -> String {
            let refused = peer.refusedAssociations
            return "\(peer.openAssociations)" + (refused > 0 ? "; \(presentation.word(.refused)) \(refused)" : "")
        }

        /// What its text is taken for and why, then the studies that were not as declared: "GB18030 (learned); repaired 12".
        private static func characterSets(of text: PeerTextRow, _ presentation: Presentation) -> String {
            var parts: [String] = []
            if let characterSet = text.characterSet, let source = text.source {
                parts.append("\(characterSet) (\(presentation.verdict(source)))")
            }
            for (state, count) in [
                ("repaired", text.repaired.values.reduce(0, +)), ("guessed", text.guessed.values.reduce(0, +)),
                ("undecodable", text.undecodable),
            ] where count > 0 {
                parts.append("\(presentation.verdict(state)) \(count)")
            }
            return parts.joined(separator: "; ")
        }
    }

    struct Echo: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "echo", abstract: "Asks a system for its C-ECHO. Exit code 1 without one.")

        @OptionGroup var common: CommonOptions

        @Argument(help: ArgumentHelp("Where it listens.", valueName: "host:port"))
        var to: HostAndPort

        @Option(help: ArgumentHelp("Its AE Title.", valueName: "title"))
        var aeTitle: AETitle

        @Option(help: ArgumentHelp("AE Title to call with.", valueName: "title"))
        var calling: AETitle = .priorctl

        /// Verification SOP Class (PS3.4 A.4).
        private static let verification = "1.2.840.10008.1.1"

        func run() throws {
            try DICOMLibrary.prepare()
            let start = ContinuousClock.now
            let status = try echo()
            let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
            let elapsed = milliseconds.formatted(.number.precision(.fractionLength(0)).grouping(.never))
            if common.json {
                Output.json(Data(#"{"milliseconds":\#(elapsed),"status":"\#(status)"}"#.utf8))
            } else {
                Output.line("\(aeTitle) at \(to.host):\(to.port) answers \(status) after \(elapsed) ms")
            }
            if status != .success { throw ExitCode.failure }
        }

        private func echo() throws -> DIMSEStatus {
            let request = AssociationRequest(
                host: to.host, port: to.port, callingAETitle: calling, calledAETitle: aeTitle,
                contexts: [(Self.verification, [TransferSyntaxUID.implicitVRLittleEndian.value])])
            let association = try request.open()
            guard let context = association.acceptedContexts.keys.first else {
                try? association.release()
                throw CommandFailure.peer("the peer does not take the Verification SOP Class")
            }
            try association.send(
                Command(
                    field: .echoRequest, presentationContextID: context, messageID: 1,
                    affectedSOPClassUID: Self.verification))
            let response = try association.receive()
            guard response.field == .echoResponse, response.messageID == 1 else {
                throw CommandFailure.peer("the peer answered something else than a C-ECHO-RSP")
            }
            try? association.release()
            return response.status
        }
    }
}
