/// A value of a key with the wildcards `*` and `?` (PS3.4 C.2.2.2.4); empty or `*` matches everything.
struct WildcardPattern: Equatable, Sendable {
    let text: String
    private let characters: [Character]

    init(_ text: String) {
        self.text = text
        characters = Array(text)
    }

    static func isNeeded(_ text: String) -> Bool { text.contains { $0 == "*" || $0 == "?" } }

    /// Goes back to the last `*` only, so a hostile pattern costs no more than its length times that of `text`.
    func matches(_ text: String) -> Bool {
        guard !characters.isEmpty else { return true }
        let text = Array(text)
        var (at, position) = (0, 0)
        var star: (at: Int, position: Int)?
        while position < text.count {
            if at < characters.count, characters[at] == "*" {
                star = (at, position)
                at += 1
            } else if at < characters.count, characters[at] == "?" || characters[at] == text[position] {
                at += 1
                position += 1
            } else if let last = star {
                star = (last.at, last.position + 1)
                (at, position) = (last.at + 1, last.position + 1)
            } else {
                return false
            }
        }
        return characters[at...].allSatisfy { $0 == "*" }
    }
}
