internal import DICOMCore
internal import Foundation
internal import GRDB

// How rows become values. The UIDs were checked when they came in; a row that breaks their rules is a damaged index.

extension StudySummary {
    init(row: Row) throws {
        let code: String = row["code"]
        let match = CatalogueMatch(catalogue: row["catalogue"], code: code, confidence: row["confidence"])
        self.init(
            studyInstanceUID: try StudyInstanceUID(row["uid"]),
            patient: PatientRecord(
                patientID: row["patientID"], issuer: row["issuer"], name: row["patientName"],
                birthDate: row["birthDate"], sex: row["sex"]),
            study: StudyRecord(
                date: row["date"], time: row["time"], accessionNumber: row["accessionNumber"], studyID: row["studyID"],
                description: row["description"], referringPhysicianName: row["referringPhysicianName"],
                institution: row["institution"]),
            modalities: (row["modalities"] as String).split(separator: "\\").map(String.init),
            sourceAETitle: try? AETitle(row["sourceAETitle"]), seriesCount: row["seriesCount"],
            instanceCount: row["instanceCount"], byteCount: row["byteCount"],
            state: StudyState(rawValue: row["state"]) ?? .receiving,
            firstInstanceAt: Date(milliseconds: row["firstInstanceAt"]),
            lastInstanceAt: Date(milliseconds: row["lastInstanceAt"]),
            settledAt: (row["settledAt"] as Int64?).map(Date.init(milliseconds:)),
            identityDiffers: row["identityDiffers"], isAwaitingAssessment: row["awaitingAssessment"],
            assessmentVersion: row["assessmentVersion"], match: code.isEmpty ? nil : match,
            completeness: row["completeness"], quality: row["quality"],
            text: TextOrigin(state: row["textState"], encoding: row["textEncoding"]))
    }
}

extension TextOrigin {
    /// - Parameters: as the index keeps them; "" stands for no encoding.
    init(state: Int, encoding: String) {
        self.init(state: TextState(rawValue: state) ?? .undecodable, encoding: TextEncoding(rawValue: encoding))
    }
}

extension SeriesSummary {
    init(row: Row) throws {
        self.init(
            seriesInstanceUID: try SeriesInstanceUID(row["uid"]),
            series: SeriesRecord(
                modality: row["modality"], number: row["number"], description: row["description"],
                bodyPart: row["bodyPart"], laterality: row["laterality"], protocolName: row["protocolName"],
                stationName: row["stationName"]),
            instanceCount: row["instanceCount"], byteCount: row["byteCount"])
    }
}

extension StoredInstance {
    init(row: Row) throws {
        guard let digest = ObjectDigest(bytes: row["digest"]) else {
            throw ArchiveError.index(resultCode: 11, message: "instance row \(row["ordinal"] as Int64) is damaged")
        }
        self.init(
            sopInstanceUID: try SOPInstanceUID(row["uid"]), sopClassUID: try SOPClassUID(row["sopClass"]),
            seriesInstanceUID: try SeriesInstanceUID(row["seriesUID"]),
            studyInstanceUID: try StudyInstanceUID(row["studyUID"]),
            transferSyntaxUID: try TransferSyntaxUID(row["transferSyntax"]),
            image: ImageRecord(
                number: row["number"], numberOfFrames: row["numberOfFrames"], rows: row["rows"],
                columns: row["columns"], viewPosition: row["viewPosition"]),
            receivedAt: Date(milliseconds: row["receivedAt"]), byteCount: row["byteCount"],
            dataSetOffset: row["dataSetOffset"], digest: digest, ordinal: row["ordinal"])
    }
}

extension PatientSummary {
    init(row: Row) {
        self.init(
            patient: PatientRecord(
                patientID: row["patientID"], issuer: row["issuer"], name: row["name"], birthDate: row["birthDate"],
                sex: row["sex"]),
            studyCount: row["studyCount"])
    }
}

extension Event {
    init(row: Row) {
        self.init(
            id: row["id"], at: Date(milliseconds: row["at"]), kind: EventKind(rawValue: row["kind"]),
            studyInstanceUID: (row["study"] as String?).flatMap { try? StudyInstanceUID($0) }, detail: row["detail"])
    }
}
