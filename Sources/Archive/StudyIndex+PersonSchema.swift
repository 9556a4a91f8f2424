extension StudyIndex {
    // Who is who. `identity` is one patient as one issuer, or one place where no issuer is named, knows them; `variant`
    // counts those of one number whose traits contradict. `person` is the least id of the identities held to be one human.
    // `identityKey` finds identities worth comparing: hashes of what agrees. Pairs are kept where they are or were of
    // interest; `link` 0 same, 1 possible, 2 different. `isOpen` is 1 while somebody should look.
    // study.identity is NULL until the study is resolved, which happens after its commit.
    static let personSchema = """
        CREATE TABLE identity (
            id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,
            patientID TEXT NOT NULL, issuer TEXT NOT NULL, place TEXT NOT NULL, variant INTEGER NOT NULL,
            person INTEGER NOT NULL, studyCount INTEGER NOT NULL,
            name TEXT NOT NULL, birthDate TEXT NOT NULL, sex TEXT NOT NULL,
            nationalHash TEXT NOT NULL, nationalLastFour TEXT NOT NULL,
            phones TEXT NOT NULL, address TEXT NOT NULL, others TEXT NOT NULL,
            UNIQUE (patientID, issuer, place, variant));
        CREATE INDEX identityByPerson ON identity (person);
        CREATE TABLE identityKey (
            key INTEGER NOT NULL, identity INTEGER NOT NULL REFERENCES identity (id),
            PRIMARY KEY (key, identity)) WITHOUT ROWID;
        CREATE INDEX identityKeyByIdentity ON identityKey (identity);
        CREATE TABLE identityPair (
            one INTEGER NOT NULL REFERENCES identity (id), other INTEGER NOT NULL REFERENCES identity (id),
            link INTEGER NOT NULL, weight REAL NOT NULL, reasons TEXT NOT NULL, isOpen INTEGER NOT NULL,
            foundAt INTEGER NOT NULL, decidedBy TEXT NOT NULL, decidedAt INTEGER, note TEXT NOT NULL,
            PRIMARY KEY (one, other), CHECK (one < other)) WITHOUT ROWID;
        CREATE INDEX identityPairByOther ON identityPair (other, one);
        CREATE INDEX identityPairOpen ON identityPair (weight, one, other) WHERE isOpen = 1;
        CREATE TABLE familyName (name TEXT PRIMARY KEY, identities INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE personTotal (
            id INTEGER PRIMARY KEY CHECK (id = 1), identities INTEGER NOT NULL, persons INTEGER NOT NULL,
            overfullKeys INTEGER NOT NULL);
        INSERT INTO personTotal VALUES (1, 0, 0, 0);
        CREATE TABLE personState (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

        ALTER TABLE study ADD COLUMN identity INTEGER REFERENCES identity (id);
        CREATE INDEX studyUnresolved ON study (id) WHERE identity IS NULL AND patientID <> '';
        CREATE INDEX studyUnresolvedNumber ON study (patientID, issuer) WHERE identity IS NULL AND patientID <> '';
        CREATE INDEX studyByIdentity ON study (identity, date, time) WHERE identity IS NOT NULL;
        CREATE INDEX studyByIdentityCode ON study (identity, catalogue, code) WHERE identity IS NOT NULL AND code <> '';
        """

    // What a question about priors reads of every person, on few pages: whether anybody else may be the same human, and
    // what of an identity's studies is known by their index alone.
    static let priorSchema = """
        -- 1 once the identity was ever held against another one and is, or may be, the same. One that was not is a person by itself.
        ALTER TABLE identity ADD COLUMN isPaired INTEGER NOT NULL DEFAULT 0;
        CREATE TRIGGER identityIsPaired AFTER INSERT ON identityPair
            BEGIN UPDATE identity SET isPaired = 1 WHERE id IN (NEW.one, NEW.other) AND isPaired = 0; END;
        UPDATE identity SET isPaired = 1 WHERE id IN (
            SELECT one FROM identityPair UNION SELECT other FROM identityPair
            UNION SELECT id FROM identity WHERE person <> id UNION SELECT person FROM identity WHERE person <> id);
        DROP INDEX studyByIdentityCode;
        CREATE INDEX studyByIdentityCode ON study (identity, catalogue, code, date) WHERE identity IS NOT NULL;
        """
}
