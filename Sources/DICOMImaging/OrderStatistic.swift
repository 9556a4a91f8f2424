extension Array where Element: Comparable {
    /// The value that would stand at `rank` if the array were sorted. The order of the others changes.
    ///
    /// - Precondition: `rank` is an index.
    /// - Complexity: O(*n*) on average, where sorting costs O(*n* log *n*); quadratic only for orders made for it.
    mutating func element(ofRank rank: Int) -> Element {
        withUnsafeMutableBufferPointer { values in
            var (first, last) = (0, values.count - 1)
            while first < last {
                let pivot = Self.middle(of: values[first], values[(first + last) / 2], values[last])
                var (low, high) = (first, last)
                while low <= high {
                    while values[low] < pivot { low += 1 }
                    while pivot < values[high] { high -= 1 }
                    guard low <= high else { break }
                    values.swapAt(low, high)
                    low += 1
                    high -= 1
                }
                if rank <= high {
                    last = high
                } else if rank >= low {
                    first = low
                } else {
                    break
                }
            }
            return values[rank]
        }
    }

    private static func middle(of one: Element, _ two: Element, _ three: Element) -> Element {
        Swift.max(Swift.min(one, two), Swift.min(Swift.max(one, two), three))
    }
}
