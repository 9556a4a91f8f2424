/// The name probably meant by `written`: equal but for case, hyphens and underscores, or within one edit in three
/// characters; nil when none is near.
func nearestName(to written: String, among names: [String]) -> String? {
    let target = letters(of: written)
    // Longer than any name by far: nobody's slip, and the comparison is quadratic.
    guard target.count <= 64 else { return nil }
    let candidates = names.map { name in (name: name, distance: editDistance(target, letters(of: name))) }
    guard let best = candidates.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(1, best.name.count / 3) ? best.name : nil
}

private func letters(of name: String) -> [Character] {
    name.lowercased().filter { $0 != "-" && $0 != "_" }
}

/// Insertions, deletions and replacements that turn `a` into `b` (Levenshtein).
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
    var row = Array(0...b.count)
    for (i, character) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, other) in b.enumerated() {
            let replaced = diagonal + (character == other ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
        }
    }
    return row[b.count]
}
