internal import GRDB

extension StudyIndex {
    /// Every version of the schema, oldest first. A released migration is never edited; a change is a new one.
    static var migrations: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 studies") { db in try db.execute(sql: studySchema) }
        migrator.registerMigration("1 log") { db in try db.execute(sql: logSchema) }
        migrator.registerMigration("2 text") { db in try db.execute(sql: textSchema) }
        migrator.registerMigration("2 descriptors and aliases") { db in try db.execute(sql: learningSchema) }
        migrator.registerMigration("3 attempts") { db in try db.execute(sql: attemptsSchema) }
        migrator.registerMigration("3 senders") { db in try db.execute(sql: senderSchema) }
        migrator.registerMigration("3 testimony") { db in try db.execute(sql: testimonySchema) }
        migrator.registerMigration("3 quality") { db in try db.execute(sql: qualitySchema) }
        migrator.registerMigration("4 queries") { db in try db.execute(sql: querySchema) }
        migrator.registerMigration("4 forwards") { db in try db.execute(sql: forwardSchema) }
        migrator.registerMigration("4 forward commitments") { db in try db.execute(sql: forwardCommitmentSchema) }
        migrator.registerMigration("4 names") { db in
            for (number, group) in nameGroups.enumerated() {
                try db.execute(
                    sql: "CREATE INDEX studyByNameGroup\(number + 1) ON study (\(group.sql)) WHERE \(group.condition)")
            }
        }
        migrator.registerMigration("5 persons") { db in try db.execute(sql: personSchema) }
        migrator.registerMigration("5 source fetches") { db in try db.execute(sql: sourceFetchSchema) }
        migrator.registerMigration("5 decisions") { db in try db.execute(sql: decisionSchema) }
        migrator.registerMigration("5 operators") { db in try db.execute(sql: operatorSchema) }
        // An identity's keys follow from what is known of it, and are found by the primary key.
        migrator.registerMigration("6 identity keys") { db in try db.execute(sql: "DROP INDEX identityKeyByIdentity") }
        migrator.registerMigration("7 priors") { db in try db.execute(sql: priorSchema) }
        return migrator
    }

    // Times are milliseconds since 1970. Partial indexes keep the queues (receiving, awaiting, unmapped) small.
    // Study Date and Time are in studyModality too, so that "newest CT first" walks one index.
    private static let studySchema = """
        CREATE TABLE patient (
            id INTEGER PRIMARY KEY, patientID TEXT NOT NULL, issuer TEXT NOT NULL,
            name TEXT NOT NULL, birthDate TEXT NOT NULL, sex TEXT NOT NULL, studyCount INTEGER NOT NULL,
            UNIQUE (patientID, issuer));

        CREATE TABLE study (
            id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE,
            patient INTEGER REFERENCES patient (id),
            patientID TEXT NOT NULL, issuer TEXT NOT NULL, patientName TEXT NOT NULL, foldedName TEXT NOT NULL,
            birthDate TEXT NOT NULL, sex TEXT NOT NULL,
            date TEXT NOT NULL, time TEXT NOT NULL, accessionNumber TEXT NOT NULL, studyID TEXT NOT NULL,
            description TEXT NOT NULL, referringPhysicianName TEXT NOT NULL, institution TEXT NOT NULL,
            modalities TEXT NOT NULL, sourceAETitle TEXT NOT NULL,
            seriesCount INTEGER NOT NULL, instanceCount INTEGER NOT NULL, byteCount INTEGER NOT NULL,
            state INTEGER NOT NULL, firstInstanceAt INTEGER NOT NULL, lastInstanceAt INTEGER NOT NULL,
            settledAt INTEGER, identityDiffers INTEGER NOT NULL,
            awaitingAssessment INTEGER NOT NULL, assessmentVersion INTEGER NOT NULL,
            catalogue TEXT NOT NULL, code TEXT NOT NULL, confidence REAL NOT NULL,
            completeness TEXT NOT NULL, quality TEXT NOT NULL);
        CREATE INDEX studyByDate ON study (date, time);
        CREATE INDEX studyByPatient ON study (patient, code, date);
        CREATE INDEX studyByPatientID ON study (patientID, issuer);
        CREATE INDEX studyByAccession ON study (accessionNumber) WHERE accessionNumber <> '';
        CREATE INDEX studyByInstitution ON study (institution, date, time);
        CREATE INDEX studyBySource ON study (sourceAETitle, date, time);
        CREATE INDEX studyByIssuer ON study (issuer, date, time);
        CREATE INDEX studyByCode ON study (code, date, time) WHERE code <> '';
        CREATE INDEX studyReceiving ON study (lastInstanceAt) WHERE state = 0;
        CREATE INDEX studyAwaiting ON study (settledAt) WHERE awaitingAssessment = 1;
        CREATE INDEX studyUnmapped ON study (date, time) WHERE assessmentVersion > 0 AND code = '';

        CREATE TABLE studyModality (
            modality TEXT NOT NULL, date TEXT NOT NULL, time TEXT NOT NULL,
            study INTEGER NOT NULL REFERENCES study (id),
            PRIMARY KEY (modality, date, time, study)) WITHOUT ROWID;

        CREATE TABLE series (
            id INTEGER PRIMARY KEY, study INTEGER NOT NULL REFERENCES study (id), uid TEXT NOT NULL,
            modality TEXT NOT NULL, number INTEGER, description TEXT NOT NULL, bodyPart TEXT NOT NULL,
            laterality TEXT NOT NULL, protocolName TEXT NOT NULL, stationName TEXT NOT NULL,
            instanceCount INTEGER NOT NULL, byteCount INTEGER NOT NULL,
            UNIQUE (study, uid));

        CREATE TABLE instance (
            ordinal INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE,
            series INTEGER NOT NULL REFERENCES series (id),
            sopClass TEXT NOT NULL, transferSyntax TEXT NOT NULL,
            digest BLOB NOT NULL, byteCount INTEGER NOT NULL, dataSetOffset INTEGER NOT NULL,
            number INTEGER, numberOfFrames INTEGER, rows INTEGER, columns INTEGER, viewPosition TEXT NOT NULL,
            callingAETitle TEXT NOT NULL, host TEXT NOT NULL, receivedAt INTEGER NOT NULL);
        CREATE INDEX instanceBySeries ON instance (series, number);

        -- Folded text of every study, and its parts of the settled ones: a receiving study is read directly, so
        -- that a commit does not pay for the trigram index.
        CREATE TABLE studyText (study INTEGER PRIMARY KEY REFERENCES study (id), text TEXT NOT NULL);
        CREATE VIRTUAL TABLE studySearch USING fts5 (
            text, content = '', detail = none, tokenize = 'trigram case_sensitive 1');
        -- Pairs of Chinese characters as words, since names and terms of two characters have no trigram.
        CREATE VIRTUAL TABLE studyPairs USING fts5 (
            text, content = '', detail = none, tokenize = 'unicode61 remove_diacritics 0');

        CREATE TABLE assessment (
            study INTEGER NOT NULL REFERENCES study (id), version INTEGER NOT NULL,
            instanceCount INTEGER NOT NULL, at INTEGER NOT NULL,
            catalogue TEXT NOT NULL, code TEXT NOT NULL, confidence REAL NOT NULL,
            completeness TEXT NOT NULL, quality TEXT NOT NULL, json TEXT NOT NULL,
            PRIMARY KEY (study, version));
        """

    // How text was decoded (TextState): the weakest of a Study's Instances, and how many of a peer's Studies are so.
    // What was indexed before counts as declared until the next reindex.
    private static let textSchema = """
        ALTER TABLE study ADD COLUMN textState INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE study ADD COLUMN textEncoding TEXT NOT NULL DEFAULT '';
        ALTER TABLE series ADD COLUMN textState INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE peerText (
            aeTitle TEXT NOT NULL, state INTEGER NOT NULL, encoding TEXT NOT NULL, studies INTEGER NOT NULL,
            PRIMARY KEY (aeTitle, state, encoding)) WITHOUT ROWID;
        """

    // Runs of the daemon that began to assess a Study and did not come to publish it.
    private static let attemptsSchema = """
        ALTER TABLE study ADD COLUMN assessmentAttempts INTEGER NOT NULL DEFAULT 0;
        """

    // What others say of Studies. `instances` is a JSON list of the SOP Instance UIDs a step or list names, of which there
    // are `instanceCount`, so that "are all of them here" is one statement and no table as large as that of instances.
    private static let testimonySchema = """
        -- Raised whenever somebody says something of the Study that its assessment has to know.
        ALTER TABLE study ADD COLUMN testimonyVersion INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE study ADD COLUMN announcedLeast INTEGER;
        ALTER TABLE study ADD COLUMN announcedMost INTEGER;
        ALTER TABLE study ADD COLUMN reopenedAt INTEGER;
        ALTER TABLE study ADD COLUMN reopenings INTEGER NOT NULL DEFAULT 0;

        CREATE TABLE performedStep (
            id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, status INTEGER NOT NULL,
            stationAETitle TEXT NOT NULL, modality TEXT NOT NULL, accessionNumber TEXT NOT NULL,
            startDate TEXT NOT NULL, startTime TEXT NOT NULL, endDate TEXT NOT NULL, endTime TEXT NOT NULL,
            callingAETitle TEXT NOT NULL, host TEXT NOT NULL, createdAt INTEGER NOT NULL, changedAt INTEGER NOT NULL,
            instanceCount INTEGER NOT NULL, instances TEXT NOT NULL, json TEXT NOT NULL);
        CREATE TABLE stepStudy (
            study TEXT NOT NULL, step INTEGER NOT NULL REFERENCES performedStep (id),
            PRIMARY KEY (study, step)) WITHOUT ROWID;

        -- What is long comes last: queues are looked through without reading it.
        CREATE TABLE commitment (
            id INTEGER PRIMARY KEY AUTOINCREMENT, transactionUID TEXT NOT NULL,
            callingAETitle TEXT NOT NULL, calledAETitle TEXT NOT NULL, host TEXT NOT NULL,
            requestedAt INTEGER NOT NULL, expiresAt INTEGER NOT NULL, state INTEGER NOT NULL, checkedAt INTEGER,
            attempts INTEGER NOT NULL, nextAttemptAt INTEGER NOT NULL, lastFailure TEXT NOT NULL, endedAt INTEGER,
            instanceCount INTEGER NOT NULL, failureCount INTEGER NOT NULL,
            failures TEXT NOT NULL, instances TEXT NOT NULL, classes TEXT NOT NULL);
        CREATE INDEX commitmentByTransaction ON commitment (transactionUID, callingAETitle);
        CREATE INDEX commitmentPending ON commitment (state, nextAttemptAt) WHERE state < 2;
        CREATE INDEX commitmentOpen ON commitment (id, state) WHERE state IN (0, 1, 3);
        -- Studies that held some of the Instances of a list when it was checked, and how many.
        CREATE TABLE commitmentStudy (
            study TEXT NOT NULL, commitment INTEGER NOT NULL REFERENCES commitment (id), held INTEGER NOT NULL,
            PRIMARY KEY (study, commitment)) WITHOUT ROWID;
        """

    // Queries and retrievals that name a Series and no Study.
    private static let querySchema = "CREATE INDEX seriesByUID ON series (uid);"

    /// The alphabetic, the ideographic and the phonetic component group of a folded name, each up to its end, and which names
    /// have one. A query is spelt as the indexes are.
    static let nameGroups: [(sql: String, condition: String)] = {
        let second = "substr(foldedName, instr(foldedName, '=') + 1)"
        return [
            ("foldedName", "foldedName <> ''"), (second, "instr(foldedName, '=') > 0"),
            ("substr(\(second), instr(\(second), '=') + 1)", "instr(\(second), '=') > 0"),
        ]
    }()

    // Studies on their way to destinations. Outcomes of Instances: 0 to be sent again, 1 taken, 2 refused.
    private static let forwardSchema = """
        CREATE TABLE forward (
            id INTEGER PRIMARY KEY AUTOINCREMENT, study TEXT NOT NULL, destination TEXT NOT NULL, rule TEXT NOT NULL,
            state INTEGER NOT NULL, queuedAt INTEGER NOT NULL, attempts INTEGER NOT NULL,
            nextAttemptAt INTEGER NOT NULL, lastFailure TEXT NOT NULL, endedAt INTEGER,
            coveredTo INTEGER NOT NULL, sentCount INTEGER NOT NULL, failedCount INTEGER NOT NULL,
            UNIQUE (study, destination));
        CREATE INDEX forwardDue ON forward (destination, nextAttemptAt, id) WHERE state = 0;
        CREATE INDEX forwardOpen ON forward (destination, state, attempts) WHERE state IN (0, 2);
        CREATE TABLE forwardInstance (
            forward INTEGER NOT NULL REFERENCES forward (id), ordinal INTEGER NOT NULL,
            outcome INTEGER NOT NULL, failure TEXT NOT NULL,
            PRIMARY KEY (forward, ordinal)) WITHOUT ROWID;
        CREATE TABLE forwardPause (destination TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
        """

    // Two more outcomes of Instances: 3 given up, 4 taken and not yet committed. `attempts` counts sendings that ended the
    // connection and refusals to commit. `asked` is the commitment that names the Instance and is not answered yet.
    private static let forwardCommitmentSchema = """
        ALTER TABLE forwardInstance ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE forwardInstance ADD COLUMN asked INTEGER;
        CREATE TABLE forwardCommitment (
            id INTEGER PRIMARY KEY AUTOINCREMENT, transactionUID TEXT NOT NULL UNIQUE,
            forward INTEGER NOT NULL REFERENCES forward (id), askedAt INTEGER NOT NULL, answeredAt INTEGER);
        CREATE INDEX forwardCommitmentByForward ON forwardCommitment (forward);
        CREATE INDEX forwardCommitting ON forward (destination, nextAttemptAt, id) WHERE state = 5;
        DROP INDEX forwardOpen;
        CREATE INDEX forwardOpen ON forward (destination, state, attempts, queuedAt) WHERE state IN (0, 2, 4, 5, 6);
        """

    private static let logSchema = """
        CREATE TABLE event (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, kind TEXT NOT NULL,
            study TEXT, detail TEXT NOT NULL);
        CREATE INDEX eventByStudy ON event (study, id) WHERE study IS NOT NULL;

        CREATE TABLE quarantine (
            id INTEGER PRIMARY KEY, reason TEXT NOT NULL, detail TEXT NOT NULL,
            sopClass TEXT NOT NULL, sopInstance TEXT NOT NULL, series TEXT NOT NULL, study TEXT NOT NULL,
            transferSyntax TEXT NOT NULL,
            callingAETitle TEXT NOT NULL, calledAETitle TEXT NOT NULL, host TEXT NOT NULL, receivedAt INTEGER NOT NULL,
            digest BLOB NOT NULL, byteCount INTEGER NOT NULL, dataSetOffset INTEGER NOT NULL);
        CREATE INDEX quarantineByReason ON quarantine (reason);
        CREATE INDEX quarantineByInstance ON quarantine (sopInstance);

        CREATE TABLE peer (
            aeTitle TEXT PRIMARY KEY, host TEXT NOT NULL, lastReceivedAt INTEGER,
            instanceCount INTEGER NOT NULL, byteCount INTEGER NOT NULL, duplicateCount INTEGER NOT NULL,
            lastFailureAt INTEGER, lastFailure TEXT NOT NULL) WITHOUT ROWID;

        CREATE TABLE total (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            studies INTEGER NOT NULL, series INTEGER NOT NULL, instances INTEGER NOT NULL,
            bytes INTEGER NOT NULL, duplicates INTEGER NOT NULL);
        INSERT INTO total VALUES (1, 0, 0, 0, 0, 0);
        """

    // Studies that an earlier version assessed are read once more (awaitingAssessment = 2: after everything new), so that
    // their descriptor is known.
    private static let learningSchema = """
        CREATE TABLE descriptor (
            id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE,
            description TEXT NOT NULL, modality TEXT NOT NULL, label TEXT NOT NULL, json TEXT NOT NULL);
        CREATE INDEX descriptorByDescription ON descriptor (description, modality);
        CREATE TABLE outcome (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);

        ALTER TABLE study ADD COLUMN descriptor INTEGER REFERENCES descriptor (id);
        ALTER TABLE study ADD COLUMN outcome INTEGER REFERENCES outcome (id);
        ALTER TABLE study ADD COLUMN awaitsReview INTEGER NOT NULL DEFAULT 0;
        -- Everything that matching a million studies again has to know of each.
        CREATE INDEX studyByDescriptor ON study (descriptor, institution, sourceAETitle, date, outcome)
            WHERE descriptor IS NOT NULL;
        CREATE INDEX studyWithoutDescriptor ON study (id) WHERE descriptor IS NULL AND assessmentVersion > 0;
        CREATE INDEX studyToAssessAgain ON study (settledAt) WHERE awaitingAssessment = 2;
        DROP INDEX studyUnmapped;
        CREATE INDEX studyAwaitingReview ON study (date, time) WHERE awaitsReview = 1;
        CREATE INDEX studyReviewGroup ON study (descriptor, institution, sourceAETitle, date, time)
            WHERE awaitsReview = 1;
        UPDATE study SET awaitsReview = 1 WHERE assessmentVersion > 0 AND code = '';
        UPDATE study SET awaitingAssessment = 2 WHERE assessmentVersion > 0 AND state = 1 AND awaitingAssessment = 0;

        CREATE TABLE aliasEvent (
            id INTEGER PRIMARY KEY, alias INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
            person TEXT NOT NULL, reason TEXT NOT NULL, overridden TEXT NOT NULL,
            description TEXT NOT NULL, foldedDescription TEXT NOT NULL, modality TEXT NOT NULL, site TEXT NOT NULL,
            aeTitle TEXT NOT NULL, code TEXT NOT NULL, grade TEXT NOT NULL, confidence REAL NOT NULL);
        CREATE INDEX aliasEventByAlias ON aliasEvent (alias, kind);
        CREATE TRIGGER aliasEventIsNotChanged BEFORE UPDATE ON aliasEvent
            BEGIN SELECT RAISE(ABORT, 'the history of aliases is never changed'); END;
        CREATE TRIGGER aliasEventIsNotRemoved BEFORE DELETE ON aliasEvent
            BEGIN SELECT RAISE(ABORT, 'the history of aliases is never removed'); END;
        """

    // What senders were asked and answered: one inquiry a study, of its newest settling; one answer a study and sender.
    // nextAt is NULL when there is nothing left to do.
    private static let senderSchema = """
        CREATE TABLE senderInquiry (
            study INTEGER PRIMARY KEY REFERENCES study (id), peer TEXT NOT NULL, settledAt INTEGER NOT NULL,
            attempts INTEGER NOT NULL, nextAt INTEGER);
        CREATE INDEX senderInquiryDue ON senderInquiry (nextAt) WHERE nextAt IS NOT NULL;
        CREATE TABLE senderAnswer (
            study INTEGER NOT NULL REFERENCES study (id), peer TEXT NOT NULL, at INTEGER NOT NULL,
            keptAt INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY (study, peer));
        CREATE TABLE retrieval (
            study INTEGER NOT NULL REFERENCES study (id), version INTEGER NOT NULL, peer TEXT NOT NULL,
            attempts INTEGER NOT NULL, nextAt INTEGER, PRIMARY KEY (study, version));
        CREATE INDEX retrievalDue ON retrieval (nextAt) WHERE nextAt IS NOT NULL;
        """

    // Who made studies, from their headers. Angiography that an earlier version assessed is read once more, after
    // everything new, so that it is known of that too.
    private static let operatorSchema = """
        CREATE TABLE studyOperator (
            study INTEGER NOT NULL REFERENCES study (id), place INTEGER NOT NULL,
            role INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (study, place)) WITHOUT ROWID;
        UPDATE study SET awaitingAssessment = 2, assessmentAttempts = 0
            WHERE assessmentVersion > 0 AND state = 1 AND awaitingAssessment = 0
                AND id IN (SELECT study FROM studyModality WHERE modality = 'XA');
        """

    // Where in the decision log what is found, and how far into it the index has got: a copy, made again from the log.
    // decisionLoss keeps the marks that the log once failed to reach.
    private static let decisionSchema = """
        CREATE TABLE decision (
            line INTEGER PRIMARY KEY, offset INTEGER NOT NULL, byteCount INTEGER NOT NULL,
            record TEXT NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
            person TEXT, reference TEXT, study TEXT, prior TEXT);
        CREATE INDEX decisionByPerson ON decision (person, line) WHERE person IS NOT NULL;
        CREATE INDEX decisionByReference ON decision (reference, line) WHERE reference IS NOT NULL;
        CREATE INDEX decisionByStudy ON decision (study, line) WHERE study IS NOT NULL;
        CREATE INDEX decisionByPrior ON decision (prior, line) WHERE prior IS NOT NULL;
        CREATE INDEX decisionByTime ON decision (at);
        CREATE TABLE decisionMark (
            id INTEGER PRIMARY KEY CHECK (id = 1), count INTEGER NOT NULL, hash TEXT NOT NULL, byteCount INTEGER NOT NULL);
        CREATE TABLE decisionLoss (
            id INTEGER PRIMARY KEY, count INTEGER NOT NULL, hash TEXT NOT NULL, byteCount INTEGER NOT NULL,
            keptCount INTEGER NOT NULL, at INTEGER NOT NULL);
        """
}
