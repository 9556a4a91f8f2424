extension SettingFormat where Value == Set<String> {
    /// Numbers as objects have them, of at most 64 bytes (VR LO), with commas between.
    static var identifiers: Self {
        Self(
            allowed: "numbers of at most 64 characters with commas between, or none",
            parse: { text in
                if text == "none" { return [] }
                let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { number in
                    String(number.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
                }
                let isWritten = numbers.allSatisfy {
                    (1...64).contains($0.utf8.count) && $0.utf8.allSatisfy { $0 >= 0x20 }
                }
                return isWritten ? Set(numbers) : nil
            }, text: { $0.isEmpty ? "none" : $0.sorted().joined(separator: ", ") })
    }
}
