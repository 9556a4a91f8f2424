extension Duration {
    /// With fractions, as Foundation's dates count them.
    public var seconds: Double { self / .seconds(1) }
}
