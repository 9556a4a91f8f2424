/// Which identities are one person: the components that `same` pairs make, without a join that would put two into one
/// person that are `different`.
///
/// What people decided comes first, then what rules say by its weight; so the outcome does not depend on the order in which
/// identities came.
struct PersonGrouping: Equatable {
    /// A pair that is held to be the same.
    struct Bond {
        let one: String
        let other: String
        let weight: Double
        let isDecided: Bool
    }

    /// Two identities, by what they are called, in order.
    struct Pair: Hashable {
        let one: String
        let other: String

        init(_ one: String, _ other: String) {
            self.one = min(one, other)
            self.other = max(one, other)
        }
    }

    /// More identities than this are joined by people alone: nobody has so many, but a number that stands for none may.
    static let sizeLimit = 200

    /// Each in order of names, the groups in order of their first.
    private(set) var groups: [[String]] = []
    /// Bonds that join nothing because their ends may not be one.
    private(set) var conflicts: Set<Pair> = []

    /// - Parameters:
    ///   - members: what the identities are called.
    ///   - decidedDifferent: pairs that a person keeps apart.
    ///   - contradicts: whether rules say that two are different people; asked for no pair twice.
    init(
        _ members: some Sequence<String>, bonds: [Bond], decidedDifferent: Set<Pair>,
        contradicts: (Pair) -> Bool
    ) {
        var groupOf: [String: Int] = [:]
        var groups: [[String]] = []
        for member in Set(members).sorted() {
            groupOf[member] = groups.count
            groups.append([member])
        }
        var known: [Pair: Bool] = [:]
        let ordered = bonds.sorted { left, right in
            if left.isDecided != right.isDecided { return left.isDecided }
            if left.weight != right.weight { return left.weight > right.weight }
            let (a, b) = (Pair(left.one, left.other), Pair(right.one, right.other))
            return (a.one, a.other) < (b.one, b.other)
        }
        for bond in ordered {
            guard let one = groupOf[bond.one], let other = groupOf[bond.other], one != other else { continue }
            let cross = groups[one].lazy.flatMap { left in groups[other].lazy.map { Pair(left, $0) } }
            var isKeptApart = cross.contains(where: decidedDifferent.contains)
            if !isKeptApart, !bond.isDecided {
                isKeptApart =
                    groups[one].count + groups[other].count > Self.sizeLimit
                    || cross.contains { pair in
                        if let known = known[pair] { return known }
                        let answer = contradicts(pair)
                        known[pair] = answer
                        return answer
                    }
            }
            if isKeptApart {
                conflicts.insert(Pair(bond.one, bond.other))
                continue
            }
            for member in groups[other] { groupOf[member] = one }
            groups[one] += groups[other]
            groups[other] = []
        }
        self.groups = groups.filter { !$0.isEmpty }.map { $0.sorted() }.sorted { ($0.first ?? "") < ($1.first ?? "") }
    }
}
