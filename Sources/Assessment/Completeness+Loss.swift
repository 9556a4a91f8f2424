public import DICOMCore

extension Completeness {
    /// Whether something that its sender made did not arrive. What the item asks for and nobody made is no such loss.
    public var isLossOnTheWay: Bool { !losses.isEmpty }

    /// Series of which something did not arrive; empty when it is not known of which.
    public var seriesWithLoss: [SeriesInstanceUID] {
        guard losses.allSatisfy({ $0.seriesInstanceUID != nil }) else { return [] }
        return Set(losses.compactMap(\.seriesInstanceUID)).sorted()
    }

    private var losses: [Evidence] {
        guard verdict == .incomplete else { return [] }
        return evidence.filter { piece in
            guard piece.verdict == .incomplete, case .transfer = piece.rule.question else { return false }
            return true
        }
    }
}
