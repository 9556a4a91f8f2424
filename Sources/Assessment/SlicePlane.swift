import DICOMCore

/// Where a slice lies: Image Position and Image Orientation (Patient) (PS3.3 C.7.6.2.1.1), in millimetres.
struct SlicePlane: Equatable, Sendable {
    /// Centre of the first pixel.
    let position: SIMD3<Double>
    /// Unit vectors along the rows and down the columns, at right angles to each other.
    let row: SIMD3<Double>
    let column: SIMD3<Double>

    /// Unit vector across the slice, towards the patient's left, back or head, whichever it is nearest to: so a place along
    /// it is the coordinate people know, also in an oblique stack.
    var normal: SIMD3<Double> {
        let across = SlicePlane.cross(row, column)
        let largest = [across.x, across.y, across.z].max { abs($0) < abs($1) } ?? 0
        return largest < 0 ? -across : across
    }

    /// Nil for a place that is none: not numbers, no unit vectors, not at right angles, or beyond ``reach``.
    init?(position: [Double], orientation: [Double]) {
        guard position.count == 3, orientation.count == 6, (position + orientation).allSatisfy(\.isFinite) else {
            return nil
        }
        let row = SIMD3(orientation[0], orientation[1], orientation[2])
        let column = SIMD3(orientation[3], orientation[4], orientation[5])
        let (rowLength, columnLength) = (SlicePlane.length(row), SlicePlane.length(column))
        guard abs(rowLength - 1) < SlicePlane.unitTolerance, abs(columnLength - 1) < SlicePlane.unitTolerance,
            abs(SlicePlane.dot(row, column)) < SlicePlane.unitTolerance,
            position.allSatisfy({ abs($0) < SlicePlane.reach })
        else { return nil }
        self.position = SIMD3(position[0], position[1], position[2])
        self.row = row / rowLength
        self.column = column / columnLength
    }

    /// From the Attributes of an object or of one Plane Position and one Plane Orientation Item.
    init?(_ attributes: AttributeSet) {
        guard let position = attributes.decimals(.imagePositionPatient),
            let orientation = attributes.decimals(.imageOrientationPatient)
        else { return nil }
        self.init(position: position, orientation: orientation)
    }

    /// Whether `other` faces the same way within ``angleCosine``, its rows running the same way.
    func isParallel(to other: SlicePlane) -> Bool {
        SlicePlane.dot(row, other.row) > SlicePlane.angleCosine
            && SlicePlane.dot(column, other.column) > SlicePlane.angleCosine
    }

    static func dot(_ left: SIMD3<Double>, _ right: SIMD3<Double>) -> Double { (left * right).sum() }

    private static func length(_ vector: SIMD3<Double>) -> Double { dot(vector, vector).squareRoot() }

    private static func cross(_ left: SIMD3<Double>, _ right: SIMD3<Double>) -> SIMD3<Double> {
        SIMD3(
            left.y * right.z - left.z * right.y, left.z * right.x - left.x * right.z,
            left.x * right.y - left.y * right.x)
    }

    /// Cosines are written with as few as three digits.
    private static let unitTolerance = 0.02
    /// No scanner's table reaches farther from its isocentre, millimetres.
    private static let reach = 20_000.0
    /// One degree: rounding of cosines stays far below, the angles between discs of a spine and the steps of radial slices
    /// are above.
    private static let angleCosine = 0.999_848
}
