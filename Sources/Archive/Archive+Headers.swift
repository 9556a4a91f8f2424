extension Archive {
    /// Reads the header of an object that is written and not yet committed, by the closure given to `open`.
    ///
    /// - Throws: what that closure throws.
    public func header(of object: WrittenObject) throws -> StoredHeader {
        try readHeader(object.path, object.start)
    }

    /// Reads the header of an object in quarantine.
    ///
    /// - Throws: ``ArchiveError/unknownQuarantineID(_:)``, or what the closure given to `open` throws.
    public func header(ofQuarantined id: Int64) throws -> StoredHeader {
        let object = try open(quarantined: id)
        return try withExtendedLifetime(object) { try readHeader(object.readablePath, []) }
    }
}
