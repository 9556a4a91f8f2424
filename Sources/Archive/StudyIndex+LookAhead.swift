internal import DICOMCore
internal import GRDB

extension StudyIndex {
    /// Reads what taking in the first Instance of a Study is going to read, beside whoever writes: among millions of studies
    /// its place in each index is on the disk, and nobody should wait for the index while that is read.
    func lookAhead(to record: InstanceRecord, from origin: InstanceOrigin) throws {
        let (patient, study) = (record.patient, record.study)
        let day: StatementArguments = [study.date, study.time]
        try lookAhead { db in
            func look(_ table: String, _ condition: String, _ arguments: StatementArguments) throws -> Bool {
                let sql = "SELECT * FROM \(table) WHERE \(condition) LIMIT 1"
                return try Row.fetchOne(db.cachedStatement(sql: sql), arguments: arguments) != nil
            }
            func seek(_ index: String, _ condition: String, _ arguments: StatementArguments) throws {
                let sql = "SELECT 1 FROM study INDEXED BY \(index) WHERE \(condition) LIMIT 1"
                _ = try Row.fetchOne(db.cachedStatement(sql: sql), arguments: arguments)
            }
            _ = try look("instance", "uid = ?", [record.sopInstanceUID.value])
            _ = try look("series", "uid = ?", [record.seriesInstanceUID.value])
            if try look("study", "uid = ?", [record.studyInstanceUID.value]) { return }
            _ = try look("event", "study = ?", [record.studyInstanceUID.value])
            _ = try look("patient", "patientID = ? AND issuer = ?", [patient.patientID, patient.issuer])
            _ = try look("studyModality", "modality = ? AND date = ? AND time >= ?", [record.series.modality] + day)
            try seek("studyByDate", "date = ? AND time >= ?", day)
            try seek("studyByInstitution", "institution = ? AND date = ? AND time >= ?", [study.institution] + day)
            try seek("studyByIssuer", "issuer = ? AND date = ? AND time >= ?", [patient.issuer] + day)
            try seek(
                "studyBySource", "sourceAETitle = ? AND date = ? AND time >= ?",
                [origin.callingAETitle?.value ?? ""] + day)
            try seek("studyByPatientID", "patientID = ? AND issuer = ?", [patient.patientID, patient.issuer])
            try seek("studyByAccession", "accessionNumber = ? AND accessionNumber <> ''", [study.accessionNumber])
            let name = SearchText.fold(patient.name)
                .split(separator: "=", maxSplits: 2, omittingEmptySubsequences: false)
            for (number, group) in Self.nameGroups.enumerated().prefix(name.count) {
                try seek(
                    "studyByNameGroup\(number + 1)", "\(group.sql) = ? AND \(group.condition)",
                    [name[number...].joined(separator: "=")])
            }
        }
    }
}
