internal import GRDB

extension StudyIndex {
    /// Copies from another index what no stored object says, into this one that was built from the objects alone.
    ///
    /// A Study keeps state and assessments when it has as many Instances as it had there; otherwise it settles anew.
    func takeHistory(from path: String) throws(ArchiveError) {
        try outsideTransaction { db in try db.execute(sql: "ATTACH ? AS old", arguments: [path]) }
        defer { try? outsideTransaction { db in try db.execute(sql: "DETACH old") } }
        // By themselves, so that what people taught outlives damage elsewhere.
        try write { db in try db.execute(sql: "INSERT INTO aliasEvent SELECT * FROM old.aliasEvent") }
        try write { db in
            try db.execute(sql: Self.history)
            try Self.writeQuality(of: nil, in: db)
            for id in try Int64.fetchAll(db, sql: "SELECT id FROM study WHERE state = 1") {
                try StudyTextIndex(db).insert(id)
            }
        }
    }

    private static let history = """
        DELETE FROM event;
        INSERT INTO event SELECT * FROM old.event;
        DELETE FROM peer;
        INSERT INTO peer SELECT * FROM old.peer;
        INSERT INTO quarantine SELECT * FROM old.quarantine;
        INSERT INTO performedStep SELECT * FROM old.performedStep;
        INSERT INTO stepStudy SELECT * FROM old.stepStudy;
        INSERT INTO commitment SELECT * FROM old.commitment;
        INSERT INTO commitmentStudy SELECT * FROM old.commitmentStudy;
        INSERT INTO forward SELECT * FROM old.forward;
        INSERT INTO forwardInstance SELECT * FROM old.forwardInstance;
        INSERT INTO forwardCommitment SELECT * FROM old.forwardCommitment;
        INSERT INTO forwardPause SELECT * FROM old.forwardPause;
        INSERT INTO sourceFetch SELECT * FROM old.sourceFetch;
        INSERT INTO decision SELECT * FROM old.decision;
        INSERT INTO decisionMark SELECT * FROM old.decisionMark;
        INSERT INTO decisionLoss SELECT * FROM old.decisionLoss;
        UPDATE total SET duplicates = (SELECT duplicates FROM old.total);

        UPDATE instance SET host = was.host, callingAETitle = was.callingAETitle, receivedAt = was.receivedAt
            FROM old.instance AS was WHERE was.uid = instance.uid AND was.digest = instance.digest;
        UPDATE study SET testimonyVersion = was.testimonyVersion, reopenedAt = was.reopenedAt,
                reopenings = was.reopenings
            FROM old.study AS was WHERE was.uid = study.uid;
        UPDATE study SET sourceAETitle = was.sourceAETitle, firstInstanceAt = was.firstInstanceAt,
                lastInstanceAt = was.lastInstanceAt
            FROM old.study AS was WHERE was.uid = study.uid AND was.instanceCount = study.instanceCount;
        INSERT INTO assessment
            SELECT study.id, was.version, was.instanceCount, was.at, was.catalogue, was.code, was.confidence,
                was.completeness, was.quality, was.json
            FROM old.assessment AS was JOIN old.study AS s ON s.id = was.study JOIN study ON study.uid = s.uid;
        INSERT INTO studyOperator
            SELECT study.id, was.place, was.role, was.name
            FROM old.studyOperator AS was JOIN old.study AS s ON s.id = was.study JOIN study ON study.uid = s.uid;
        INSERT INTO descriptor SELECT * FROM old.descriptor;
        INSERT INTO outcome SELECT * FROM old.outcome;
        INSERT INTO senderAnswer
            SELECT study.id, was.peer, was.at, was.keptAt, was.json
            FROM old.senderAnswer AS was JOIN old.study AS s ON s.id = was.study JOIN study ON study.uid = s.uid;
        INSERT INTO senderInquiry
            SELECT study.id, was.peer, was.settledAt, was.attempts, was.nextAt
            FROM old.senderInquiry AS was JOIN old.study AS s ON s.id = was.study JOIN study ON study.uid = s.uid;
        INSERT INTO retrieval
            SELECT study.id, was.version, was.peer, was.attempts, was.nextAt
            FROM old.retrieval AS was JOIN old.study AS s ON s.id = was.study JOIN study ON study.uid = s.uid;
        UPDATE study SET descriptor = was.descriptor, outcome = was.outcome,
                awaitsReview = was.awaitsReview
            FROM old.study AS was WHERE was.uid = study.uid;
        UPDATE study SET assessmentVersion = was.assessmentVersion, catalogue = was.catalogue, code = was.code,
                confidence = was.confidence, completeness = was.completeness, quality = was.quality
            FROM old.study AS was WHERE was.uid = study.uid;
        UPDATE study SET state = was.state, settledAt = was.settledAt, awaitingAssessment = was.awaitingAssessment
            FROM old.study AS was WHERE was.uid = study.uid AND was.instanceCount = study.instanceCount;
        """
}
