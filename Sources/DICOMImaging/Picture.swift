/// Samples of 8 bits, 1 (grey) or 3 (red, green, blue) a pixel, row by row.
struct Picture {
    let columns: Int
    let rows: Int
    let components: Int
    let samples: [UInt8]
    /// How its samples came of the frame's values; nil for colours and for what was made of another picture.
    var grey: WrittenPicture.Grey?

    /// The part of it that lies in `region`; nil when none does.
    func cropped(to region: PictureRequest.Region) -> Picture? {
        let left = min(max(region.left, 0), columns)
        let top = min(max(region.top, 0), rows)
        let right = min(max(region.left.addingReportingOverflow(region.columns).partialValue, left), columns)
        let bottom = min(max(region.top.addingReportingOverflow(region.rows).partialValue, top), rows)
        guard right > left, bottom > top else { return nil }
        var kept: [UInt8] = []
        kept.reserveCapacity((right - left) * (bottom - top) * components)
        for row in top..<bottom {
            kept += samples[((row * columns + left) * components)..<((row * columns + right) * components)]
        }
        return Picture(columns: right - left, rows: bottom - top, components: components, samples: kept)
    }

    /// As large as fits `viewport` in its own shape, at least one pixel a side.
    func fitted(to viewport: PictureRequest.Viewport) -> Picture {
        let factor = min(Double(viewport.columns) / Double(columns), Double(viewport.rows) / Double(rows))
        let width = min(max(Int((Double(columns) * factor).rounded()), 1), viewport.columns)
        let height = min(max(Int((Double(rows) * factor).rounded()), 1), viewport.rows)
        if (width, height) == (columns, rows) { return self }
        return resampled(columns: width, rows: height)
    }

    /// Each side by itself: the mean of what a new pixel covers, or between the two nearest when there are more of them.
    private func resampled(columns newColumns: Int, rows newRows: Int) -> Picture {
        let across = Picture.weights(from: columns, to: newColumns)
        let down = Picture.weights(from: rows, to: newRows)
        var result = [UInt8](repeating: 0, count: newColumns * newRows * components)
        // Rows at the new width, of which the next few output rows need some; each is made once.
        var narrowed: [Int: [Float]] = [:]
        samples.withUnsafeBufferPointer { source in
            for row in 0..<newRows {
                let weights = down[row]
                for used in weights.first..<(weights.first + weights.values.count) where narrowed[used] == nil {
                    narrowed[used] = narrow(source, row: used, across)
                }
                narrowed = narrowed.filter { $0.key >= weights.first }
                var sums = [Float](repeating: 0.5, count: newColumns * components)
                for (offset, weight) in weights.values.enumerated() {
                    guard let line = narrowed[weights.first + offset] else { continue }
                    for index in sums.indices { sums[index] += weight * line[index] }
                }
                let start = row * newColumns * components
                for index in sums.indices { result[start + index] = UInt8(min(max(sums[index], 0), 255)) }
            }
        }
        return Picture(columns: newColumns, rows: newRows, components: components, samples: result)
    }

    private func narrow(_ source: UnsafeBufferPointer<UInt8>, row: Int, _ across: [Weights]) -> [Float] {
        var line = [Float](repeating: 0, count: across.count * components)
        for (column, weights) in across.enumerated() {
            for (offset, weight) in weights.values.enumerated() {
                let place = (row * columns + weights.first + offset) * components
                for component in 0..<components {
                    line[column * components + component] += weight * Float(source[place + component])
                }
            }
        }
        return line
    }

    /// What a new pixel is made of: neighbours from `first` on, whose parts sum to 1.
    private struct Weights {
        let first: Int
        let values: [Float]
    }

    private static func weights(from count: Int, to newCount: Int) -> [Weights] {
        let step = Double(count) / Double(newCount)
        return (0..<newCount).map { index in
            guard step > 1 else {
                let centre = (Double(index) + 0.5) * step - 0.5
                let first = min(max(Int(centre.rounded(.down)), 0), count - 1)
                let part = Float(min(max(centre - Double(first), 0), 1))
                return first + 1 < count
                    ? Weights(first: first, values: [1 - part, part]) : Weights(first: first, values: [1])
            }
            let (start, end) = (Double(index) * step, min(Double(index + 1) * step, Double(count)))
            let first = min(Int(start), count - 1)
            let last = min(max(Int(end.rounded(.up)), first + 1), count)
            return Weights(
                first: first,
                values: (first..<last).map {
                    Float((min(end, Double($0 + 1)) - max(start, Double($0))) / (end - start))
                })
        }
    }
}
