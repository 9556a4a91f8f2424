internal import DICOMCore
internal import Foundation
internal import GRDB

/// A Series of which text could not be decoded.
struct UndecodableSeries: Sendable {
    let series: SeriesInstanceUID
    /// The first such Instance.
    let instance: SOPInstanceUID
    let peer: AETitle?
}

extension IndexTransaction {
    /// Notes how the text of a new Instance was decoded, where that was not as declared.
    mutating func noteText(of new: NewInstance, study: Int64, series: Int64) throws {
        let text = new.record.text
        guard text.state > .declared else { return }
        let raised = try db.cachedStatement(
            sql: "UPDATE series SET textState = ? WHERE id = ? AND textState < ? RETURNING id")
        let isNews = try Int64.fetchOne(raised, arguments: [text.state.rawValue, series, text.state.rawValue]) != nil
        if isNews, text.state == .undecodable {
            try record(
                .textUndecodable, study: new.record.studyInstanceUID, at: new.origin.receivedAt,
                detail: "series \(new.record.seriesInstanceUID), instance \(new.record.sopInstanceUID)")
            undecodable.append(
                UndecodableSeries(
                    series: new.record.seriesInstanceUID, instance: new.record.sopInstanceUID,
                    peer: new.origin.callingAETitle))
        }
        let known = try db.cachedStatement(
            sql: "SELECT textState, textEncoding, sourceAETitle FROM study WHERE id = ? AND textState < ?")
        guard let row = try Row.fetchOne(known, arguments: [study, text.state.rawValue]) else { return }
        try db.cachedStatement(sql: "UPDATE study SET textState = ?, textEncoding = ? WHERE id = ?")
            .execute(arguments: [text.state.rawValue, text.encoding?.rawValue ?? "", study])
        let peer: String = row[2]
        guard !peer.isEmpty else { return }
        let was = TextOrigin(state: row[0], encoding: row[1])
        if was.state > .declared { try count(was, of: peer, by: -1) }
        try count(text, of: peer, by: 1)
    }

    private func count(_ text: TextOrigin, of peer: String, by change: Int) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO peerText (aeTitle, state, encoding, studies) VALUES (?, ?, ?, ?)
                ON CONFLICT (aeTitle, state, encoding) DO UPDATE SET studies = studies + excluded.studies
                """
        ).execute(arguments: [peer, text.state.rawValue, text.encoding?.rawValue ?? "", change])
    }
}
