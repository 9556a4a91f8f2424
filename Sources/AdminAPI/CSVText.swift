/// Tables for programs as RFC 4180 writes them, with a header line; lines end with CR LF.
public enum CSVText {
    /// - Parameter lines: the header first, each with as many fields.
    public static func text(_ lines: [[String]]) -> String {
        lines.map { $0.map(quoted).joined(separator: ",") + "\r\n" }.joined()
    }

    /// Text as a field: names come from outside, and one that begins like a formula would be run by a spreadsheet. A sign
    /// alone, such as the `-` of a group without a name, is none.
    public static func field(_ text: String) -> String {
        guard let first = text.first, "=+-@\t\r".contains(first), text.count > 1 else { return text }
        return "'" + text
    }

    private static func quoted(_ field: String) -> String {
        guard field.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return field }
        var text = "\""
        for character in field { text += character == "\"" ? "\"\"" : String(character) }
        return text + "\""
    }
}

extension RecognitionReport {
    /// One line for each indicator and group, with the definition beside it.
    public var csv: String {
        let header = [
            "indicator", "name", "group", "numerator", "denominator", "rate", "numeratorDefinition",
            "denominatorDefinition", "source", "from", "to", "asOf", "by", "policy", "logCount", "logHash",
        ]
        let lines = indicators.flatMap { indicator in
            indicator.values.map { value in
                [
                    indicator.id, indicator.name, CSVText.field(value.group), String(value.numerator),
                    String(value.denominator), value.rate.map { String($0) } ?? "", indicator.numerator,
                    indicator.denominator, indicator.source, from ?? "", to ?? "", asOf ?? "", by ?? "", policy,
                    String(logCount), logHash,
                ]
            }
        }
        return CSVText.text([header] + lines)
    }
}
