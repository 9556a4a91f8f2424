import DICOMCore
import Foundation
import Testing

@testable import Archive

@Suite struct TextTests {
    private static func record(_ number: Int, study: Int = 1, _ state: TextState, _ encoding: TextEncoding? = nil)
        throws
        -> InstanceRecord
    {
        var record = try InstanceRecord.sample(number, study: study)
        record.text = TextOrigin(state: state, encoding: encoding)
        return record
    }

    @Test func `a study is as its weakest instance, and is counted once`() throws {
        let test = try TestArchive()
        let peer = try AETitle("MODALITY")
        try test.store(Self.record(1, .declared))
        #expect(try test.index.text(ofPeer: peer) == PeerText())
        try test.store(Self.record(2, .repaired, .gb18030))
        try test.store(Self.record(3, .guessed, .big5))
        try test.store(Self.record(4, .repaired, .utf8))
        #expect(try test.index.study(.sample(1))?.text == TextOrigin(state: .guessed, encoding: .big5))
        #expect(
            try test.index.text(ofPeer: peer) == PeerText(studies: [TextOrigin(state: .guessed, encoding: .big5): 1]))

        let before = try test.index.peers()
        #expect(try test.archive.reindex().keptHistory)
        #expect(try test.index.peers() == before)
        #expect(try test.index.study(.sample(1))?.text == TextOrigin(state: .guessed, encoding: .big5))
    }

    @Test(
        arguments: [
            ([:], nil), ([.gb18030: 2], nil), ([.gb18030: 3], .gb18030), ([.gb18030: 8, .utf8: 2], .gb18030),
            ([.gb18030: 7, .utf8: 3], nil), ([.tcvn3: 100, .windows1258: 1], .tcvn3),
        ] as [([TextEncoding: Int], TextEncoding?)])
    func `what nearly all repaired studies of a peer are in is its default`(
        repaired: [TextEncoding: Int], learned: TextEncoding?
    ) {
        var text = PeerText()
        for (encoding, count) in repaired { text.studies[TextOrigin(state: .repaired, encoding: encoding)] = count }
        text.studies[TextOrigin(state: .guessed, encoding: .shiftJIS)] = 1000
        #expect(text.learnedEncoding == learned)
    }

    @Test func `a default is learned as studies come, is lost when they disagree, and outlives a restart`() throws {
        let test = try TestArchive()
        let peer = try AETitle("MODALITY")
        #expect(try test.archive.learnedTextEncoding(of: nil) == nil)
        for study in 1...3 {
            #expect(try test.archive.learnedTextEncoding(of: peer) == nil)
            try test.store(Self.record(1, study: study, .repaired, .gb18030))
        }
        #expect(try test.archive.learnedTextEncoding(of: peer) == .gb18030)
        try test.restart()
        #expect(try test.archive.learnedTextEncoding(of: peer) == .gb18030)
        try test.store(Self.record(1, study: 4, .repaired, .utf8))
        #expect(try test.archive.learnedTextEncoding(of: peer) == nil)
    }

    @Test func `an undecodable series is an event once`() throws {
        let test = try TestArchive()
        for number in 1...3 { try test.store(Self.record(number, .undecodable)) }
        let events = try test.index.timeline(of: .sample(1)).filter { $0.kind == .textUndecodable }
        #expect(events.map(\.detail) == ["series 1.2.1.1, instance 1.2.1.1.1"])
    }
}
