/// What a prior is worth beside others, in 0...1: by identity, then relation, then completeness and quality, then age, then
/// institution; a greater step outweighs all the smaller ones together.
enum PriorScore {
    static func value(
        link: IdentityLink, relation: PriorRelation, completeness: String, quality: String, age: Int?,
        isSameInstitution: Bool?
    ) -> Double {
        // Less than a day of age, even after ten years.
        let place = isSameInstitution == true ? 1e-5 : 0
        let identity: Double = link == .same ? 32 : 0
        let steps = Double(relation.rank) * 8 + Double(worth(completeness, quality)) * 2
        return (identity + steps + recency(age) + place) / 61.00001
    }

    /// 2 for a complete study of passed quality, 0 for an incomplete or failed one, 1 for what is not known.
    private static func worth(_ completeness: String, _ quality: String) -> Int {
        if completeness == "incomplete" || quality == "fail" { return 0 }
        return completeness == "complete" && quality == "pass" ? 2 : 1
    }

    /// 1 on the day of the exam, half after a year, 0 when not dated.
    private static func recency(_ age: Int?) -> Double { age.map { 365 / (365 + Double($0)) } ?? 0 }
}
