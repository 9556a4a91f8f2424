internal import DICOMCore
internal import Foundation
internal import GRDB

// How rows become values. The UIDs were checked when they came in; a row that breaks their rules is a damaged index.
//
// Columns are named in a list and read in its order: to look each up by its name takes longer than everything else that is
// done for a row, and a query has many.

/// Reads the columns of a row from left to right.
struct RowReader {
    private let row: Row
    private(set) var position: Int

    init(_ row: Row, at position: Int = 0) {
        self.row = row
        self.position = position
    }

    mutating func next<Value: DatabaseValueConvertible & StatementColumnConvertible>() -> Value {
        defer { position += 1 }
        return row[position]
    }

    /// nil for NULL.
    mutating func nextOrNil<Value: DatabaseValueConvertible & StatementColumnConvertible>() -> Value? {
        defer { position += 1 }
        return row[position]
    }

    mutating func skip(_ columns: RowColumns) { position += columns.count }
}

/// The columns that a value is made of, in the order in which it reads them.
struct RowColumns: CustomStringConvertible {
    let count: Int
    /// As SQL.
    let description: String

    init(_ table: String, _ names: String...) {
        count = names.count
        description = names.map { $0.contains(".") ? $0 : "\(table).\($0)" }.joined(separator: ", ")
    }
}

extension StudySummary {
    static let columns = RowColumns(
        "study", "uid", "patientID", "issuer", "patientName", "birthDate", "sex", "date", "time", "accessionNumber",
        "studyID", "description", "referringPhysicianName", "institution", "modalities", "sourceAETitle", "seriesCount",
        "instanceCount", "byteCount", "state", "firstInstanceAt", "lastInstanceAt", "settledAt", "identityDiffers",
        "awaitingAssessment", "assessmentVersion", "catalogue", "code", "confidence", "completeness", "quality",
        "textState", "textEncoding")

    init(row: Row) throws {
        var reader = RowReader(row)
        try self.init(reading: &reader)
    }

    init(reading row: inout RowReader) throws {
        let uid = try StudyInstanceUID(row.next())
        let patient = PatientRecord(
            patientID: row.next(), issuer: row.next(), name: row.next(), birthDate: row.next(), sex: row.next())
        let study = StudyRecord(
            date: row.next(), time: row.next(), accessionNumber: row.next(), studyID: row.next(),
            description: row.next(), referringPhysicianName: row.next(), institution: row.next())
        let modalities: String = row.next()
        let source: String = row.next()
        let (seriesCount, instanceCount, byteCount): (Int, Int, Int64) = (row.next(), row.next(), row.next())
        let state: Int = row.next()
        let (first, last, settled): (Int64, Int64, Int64?) = (row.next(), row.next(), row.nextOrNil())
        let (identityDiffers, isAwaiting, version): (Bool, Bool, Int) = (row.next(), row.next(), row.next())
        let match = CatalogueMatch(catalogue: row.next(), code: row.next(), confidence: row.next())
        let (completeness, quality): (String, String) = (row.next(), row.next())
        self.init(
            studyInstanceUID: uid, patient: patient, study: study,
            modalities: modalities.split(separator: "\\").map(String.init), sourceAETitle: try? AETitle(source),
            seriesCount: seriesCount, instanceCount: instanceCount, byteCount: byteCount,
            state: StudyState(rawValue: state) ?? .receiving, firstInstanceAt: Date(milliseconds: first),
            lastInstanceAt: Date(milliseconds: last), settledAt: settled.map(Date.init(milliseconds:)),
            identityDiffers: identityDiffers, isAwaitingAssessment: isAwaiting, assessmentVersion: version,
            match: match.code.isEmpty ? nil : match, completeness: completeness, quality: quality,
            text: TextOrigin(state: row.next(), encoding: row.next()))
    }
}

extension TextOrigin {
    /// - Parameters: as the index keeps them; "" stands for no encoding.
    init(state: Int, encoding: String) {
        self.init(state: TextState(rawValue: state) ?? .undecodable, encoding: TextEncoding(rawValue: encoding))
    }
}

extension SeriesSummary {
    static let columns = RowColumns(
        "series", "uid", "modality", "number", "description", "bodyPart", "laterality", "protocolName", "stationName",
        "instanceCount", "byteCount")

    init(row: Row) throws {
        var reader = RowReader(row)
        try self.init(reading: &reader)
    }

    init(reading row: inout RowReader) throws {
        self.init(
            seriesInstanceUID: try SeriesInstanceUID(row.next()),
            series: SeriesRecord(
                modality: row.next(), number: row.nextOrNil(), description: row.next(), bodyPart: row.next(),
                laterality: row.next(), protocolName: row.next(), stationName: row.next()),
            instanceCount: row.next(), byteCount: row.next())
    }
}

extension StoredInstance {
    /// Of an Instance with its Series and Study beside it.
    static let columns = RowColumns(
        "instance", "ordinal", "digest", "uid", "sopClass", "series.uid", "study.uid", "transferSyntax", "number",
        "numberOfFrames", "rows", "columns", "viewPosition", "receivedAt", "byteCount", "dataSetOffset")

    init(row: Row) throws {
        var reader = RowReader(row)
        try self.init(reading: &reader)
    }

    init(reading row: inout RowReader) throws {
        let ordinal: Int64 = row.next()
        guard let digest = ObjectDigest(bytes: row.next()) else {
            throw ArchiveError.index(resultCode: 11, message: "instance row \(ordinal) is damaged")
        }
        self.init(
            sopInstanceUID: try SOPInstanceUID(row.next()), sopClassUID: try SOPClassUID(row.next()),
            seriesInstanceUID: try SeriesInstanceUID(row.next()), studyInstanceUID: try StudyInstanceUID(row.next()),
            transferSyntaxUID: try TransferSyntaxUID(row.next()),
            image: ImageRecord(
                number: row.nextOrNil(), numberOfFrames: row.nextOrNil(), rows: row.nextOrNil(),
                columns: row.nextOrNil(),
                viewPosition: row.next()),
            receivedAt: Date(milliseconds: row.next()), byteCount: row.next(), dataSetOffset: row.next(),
            digest: digest, ordinal: ordinal)
    }
}

extension PatientSummary {
    static let columns = RowColumns("patient", "patientID", "issuer", "name", "birthDate", "sex", "studyCount")

    init(row: Row) {
        var reader = RowReader(row)
        self.init(reading: &reader)
    }

    init(reading row: inout RowReader) {
        self.init(
            patient: PatientRecord(
                patientID: row.next(), issuer: row.next(), name: row.next(), birthDate: row.next(), sex: row.next()),
            studyCount: row.next())
    }
}

extension Event {
    init(row: Row) {
        self.init(
            id: row["id"], at: Date(milliseconds: row["at"]), kind: EventKind(rawValue: row["kind"]),
            studyInstanceUID: (row["study"] as String?).flatMap { try? StudyInstanceUID($0) }, detail: row["detail"])
    }
}
