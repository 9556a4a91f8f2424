internal import Foundation

/// Where objects lie: one Part-10 file an Instance, named by an ordinal that only grows, never by anything sent.
///
/// `incoming/` holds unfinished objects, `objects/000/012/000012345.dcm` stored ones, a thousand a directory, and
/// `quarantine/000000007.conflict.dcm` those that could not be stored as they came. No other room sees these paths.
struct ObjectStore: Sendable {
    let directory: String
    let settings: ArchiveSettings
    let sync: SyncCalls

    /// A move of durable bytes to their place.
    struct Placement: Sendable {
        let source: String
        let destination: String
    }

    var incoming: String { directory + "/incoming" }
    var objects: String { directory + "/objects" }
    var quarantine: String { directory + "/quarantine" }

    /// Creates the layout, durably.
    func prepare() throws(ArchiveError) {
        for path in [incoming, objects, quarantine] { try DurableFiles.createDirectory(path, sync: sync) }
    }

    /// Starts an object, unless free space is below the reserve.
    func begin(number: Int) throws(ArchiveError) -> ObjectWriter {
        let available = try availableByteCount()
        guard available >= settings.diskReserveByteCount else {
            throw .diskReserve(availableByteCount: available, reserveByteCount: settings.diskReserveByteCount)
        }
        return try ObjectWriter(path: "\(incoming)/\(number).part", settings: settings, sync: sync)
    }

    /// Bytes that an unprivileged process may still write.
    func availableByteCount() throws(ArchiveError) -> Int64 {
        var status = statvfs()
        guard DurableFiles.uninterrupted({ statvfs(directory, &status) }) == 0 else { throw .lastCall("statvfs") }
        return Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    }

    func path(ofObject ordinal: Int64) -> String {
        let digits = Self.digits(ordinal)
        return "\(objects)/\(digits.prefix(3))/\(digits.dropFirst(3).prefix(3))/\(digits).dcm"
    }

    func path(ofQuarantined id: Int64, reason: QuarantineReason) -> String {
        "\(quarantine)/\(Self.digits(id)).\(reason.rawValue).dcm"
    }

    /// Moves objects to their places and makes the directory entries durable, each directory once.
    ///
    /// - Throws: ``PlacementFailure``; every move is undone unless a directory could not be synced.
    func place(_ placements: [Placement]) throws(PlacementFailure) {
        var done: [Placement] = []
        do {
            for directory in Set(placements.map { Self.parent(of: $0.destination) }) {
                try DurableFiles.createDirectory(directory, sync: sync)
            }
            for placement in placements {
                try DurableFiles.rename(placement.source, to: placement.destination)
                done.append(placement)
            }
        } catch {
            throw PlacementFailure(cause: ArchiveError(error), isUndone: undo(done))
        }
        do {
            for directory in Set(placements.map { Self.parent(of: $0.destination) }) {
                try DurableFiles.syncDirectory(directory, sync: sync)
            }
        } catch {
            throw PlacementFailure(cause: ArchiveError(error), isUndone: false)
        }
    }

    /// Moves objects back to where they came from.
    ///
    /// - Returns: whether all of them are back, durably.
    func undo(_ placements: [Placement]) -> Bool {
        do {
            for placement in placements { try DurableFiles.rename(placement.destination, to: placement.source) }
            for directory in Set(placements.map { Self.parent(of: $0.destination) }) {
                try DurableFiles.syncDirectory(directory, sync: sync)
            }
            return true
        } catch {
            return false
        }
    }

    /// Makes the entries of a directory of objects durable, and its own entry. After a kill they may be in the page
    /// cache alone, where a restart sees them and a power cut takes them.
    func sync(_ leaf: ObjectLeaf) throws(ArchiveError) {
        for directory in [leaf.path, Self.parent(of: leaf.path), objects] {
            try DurableFiles.syncDirectory(directory, sync: sync)
        }
    }

    /// Removes what a stop left unfinished.
    func removeUnfinished() throws(ArchiveError) -> Int {
        let names = try DurableFiles.names(in: incoming).filter { $0.hasSuffix(".part") }
        for name in names { try DurableFiles.remove("\(incoming)/\(name)") }
        return names.count
    }

    /// Directories of a thousand objects that may hold `ordinal` or later ones, ascending.
    func leaves(from ordinal: Int64) throws(ArchiveError) -> [ObjectLeaf] {
        let first = Self.digits(max(0, ordinal))
        let firstTop = String(first.prefix(3))
        let firstLeaf = String(first.prefix(6))
        var leaves: [ObjectLeaf] = []
        for top in try DurableFiles.names(in: objects) where top.count == 3 && top >= firstTop {
            for leaf in try DurableFiles.names(in: "\(objects)/\(top)") where leaf.count == 3 && top + leaf >= firstLeaf
            {
                guard let number = Int64(top + leaf) else { continue }
                leaves.append(self.leaf(holding: number * Int64(ObjectLeaf.capacity)))
            }
        }
        return leaves
    }

    /// The directory that holds `ordinal`, whether it exists or not.
    func leaf(holding ordinal: Int64) -> ObjectLeaf {
        let capacity = Int64(ObjectLeaf.capacity)
        let first = ordinal / capacity * capacity
        return ObjectLeaf(ordinals: first...first + capacity - 1, path: Self.parent(of: path(ofObject: first)))
    }

    /// Ordinals of the objects in one directory, ascending.
    func ordinals(in leaf: ObjectLeaf) throws(ArchiveError) -> [Int64] {
        try DurableFiles.names(in: leaf.path).compactMap { name in
            guard name.hasSuffix(".dcm"), let ordinal = Int64(name.dropLast(4)), leaf.ordinals.contains(ordinal) else {
                return nil
            }
            return ordinal
        }
    }

    /// What lies in quarantine, by the names of the files alone.
    func quarantined() throws(ArchiveError) -> [(id: Int64, reason: QuarantineReason)] {
        try DurableFiles.names(in: quarantine).compactMap { name in
            let parts = name.split(separator: ".")
            guard parts.count == 3, parts[2] == "dcm", let id = Int64(parts[0]),
                let reason = QuarantineReason(rawValue: String(parts[1]))
            else { return nil }
            return (id, reason)
        }
    }

    static func parent(of path: String) -> String { DurableFiles.parent(of: path) }

    private static func digits(_ ordinal: Int64) -> String {
        let digits = String(ordinal)
        return String(repeating: "0", count: max(0, 9 - digits.count)) + digits
    }
}

/// A directory of at most a thousand objects.
struct ObjectLeaf: Sendable {
    static let capacity = 1000

    let ordinals: ClosedRange<Int64>
    let path: String
}

/// Objects could not be put in their places.
struct PlacementFailure: Error {
    let cause: ArchiveError
    /// Whether every object is durably back where it came from; if not, recovery has to look at them.
    let isUndone: Bool
}
