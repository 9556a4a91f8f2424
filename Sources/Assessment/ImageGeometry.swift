import DICOMCore

/// Where an image, or one frame of it, lies as its header says: not yet believed.
struct ImageGeometry {
    /// Image Position and Image Orientation (Patient), Pixel Spacing (PS3.3 C.7.6.2.1.1, 10.7).
    let position: Values
    let orientation: Values
    let spacing: Values

    /// The numbers of one Attribute.
    enum Values {
        /// Not there, or without a value.
        case missing
        /// Text that is no list of finite numbers.
        case unreadable
        case numbers([Double])

        init(_ tag: Tag, in attributes: AttributeSet) {
            if attributes.strings(tag).allSatisfy(\.isEmpty) {
                self = .missing
            } else {
                self = attributes.decimals(tag).map(Values.numbers) ?? .unreadable
            }
        }

        /// Of a frame: none where nothing is written, NaN for what is no number.
        init(_ numbers: [Double]) {
            self = numbers.isEmpty ? .missing : numbers.allSatisfy(\.isFinite) ? .numbers(numbers) : .unreadable
        }

        var isMissing: Bool {
            if case .missing = self { true } else { false }
        }

        var numbers: [Double]? {
            if case .numbers(let numbers) = self { numbers } else { nil }
        }
    }

    /// As the header of the object says.
    init(_ attributes: AttributeSet) {
        position = Values(.imagePositionPatient, in: attributes)
        orientation = Values(.imageOrientationPatient, in: attributes)
        spacing = Values(.pixelSpacing, in: attributes)
    }

    /// Of a frame of an enhanced object.
    init(_ frame: FunctionalGroups.Frame) {
        position = Values(frame.position)
        orientation = Values(frame.orientation)
        spacing = Values(frame.spacing)
    }

    /// Nil for a place that is none.
    var plane: SlicePlane? {
        guard let position = position.numbers, let orientation = orientation.numbers else { return nil }
        return SlicePlane(position: position, orientation: orientation)
    }

    /// What cannot be true of this image alone, by itself.
    func faults(rows: Int?, columns: Int?, _ parameters: InconsistentGeometryParameters) -> [GeometryFault] {
        orientationFaults(parameters) + positionFaults(parameters) + spacingFaults(rows, columns, parameters)
    }

    private func orientationFaults(_ parameters: InconsistentGeometryParameters) -> [GeometryFault] {
        let label = "Image Orientation (Patient)"
        switch orientation {
        case .missing: return []
        case .unreadable: return [GeometryFault("\(label) holds no numbers")]
        case .numbers(let numbers):
            guard numbers.count == 6 else { return [GeometryFault("\(label) has \(numbers.count) values, not 6")] }
            let row = SIMD3(numbers[0], numbers[1], numbers[2])
            let column = SIMD3(numbers[3], numbers[4], numbers[5])
            let lengths = [row, column].map { abs(SlicePlane.dot($0, $0).squareRoot() - 1) }
            let worst = max(lengths[0], lengths[1], abs(SlicePlane.dot(row, column)))
            guard worst > parameters.cosineError else { return [] }
            return [
                GeometryFault(
                    "\(label) is not two unit vectors at right angles", isCertain: worst > 10 * parameters.cosineError,
                    value: worst, threshold: parameters.cosineError, unit: "cosine")
            ]
        }
    }

    private func positionFaults(_ parameters: InconsistentGeometryParameters) -> [GeometryFault] {
        let label = "Image Position (Patient)"
        switch position {
        case .missing: return []
        case .unreadable: return [GeometryFault("\(label) holds no numbers")]
        case .numbers(let numbers):
            guard numbers.count == 3 else { return [GeometryFault("\(label) has \(numbers.count) values, not 3")] }
            let farthest = numbers.map(abs).max() ?? 0
            guard farthest > parameters.reach else { return [] }
            return [
                GeometryFault(
                    "\(label) is farther away than a scanner reaches", value: farthest, threshold: parameters.reach,
                    unit: "mm")
            ]
        }
    }

    private func spacingFaults(
        _ rows: Int?, _ columns: Int?, _ parameters: InconsistentGeometryParameters
    ) -> [GeometryFault] {
        let label = "Pixel Spacing"
        switch spacing {
        case .missing: return []
        case .unreadable: return [GeometryFault("\(label) holds no numbers")]
        case .numbers(let numbers):
            guard numbers.count == 2 else { return [GeometryFault("\(label) has \(numbers.count) values, not 2")] }
            let least = min(numbers[0], numbers[1])
            let greatest = max(numbers[0], numbers[1])
            if least < parameters.leastSpacing {
                let what = least <= 0 ? "is not above 0" : "is finer than any detector"
                return [
                    GeometryFault("\(label) \(what)", value: least, threshold: parameters.leastSpacing, unit: "mm")
                ]
            }
            if greatest > parameters.greatestSpacing {
                return [
                    GeometryFault(
                        "\(label) is coarser than any scanner's", value: greatest,
                        threshold: parameters.greatestSpacing, unit: "mm")
                ]
            }
            let extent = max(numbers[0] * Double(rows ?? 0), numbers[1] * Double(columns ?? 0))
            guard extent > parameters.extent else { return [] }
            return [
                GeometryFault(
                    "the image is larger than a scanner's field", value: extent.rounded(),
                    threshold: parameters.extent, unit: "mm")
            ]
        }
    }
}

/// Something a header says of an image's place that cannot be.
struct GeometryFault {
    let detail: String
    /// Whether it is so beyond any rounding.
    var isCertain = true
    var value: Double?
    var threshold: Double?
    var unit: String?

    init(
        _ detail: String, isCertain: Bool = true, value: Double? = nil, threshold: Double? = nil, unit: String? = nil
    ) {
        self.detail = detail
        self.isCertain = isCertain
        self.value = value
        self.threshold = threshold
        self.unit = unit
    }
}
