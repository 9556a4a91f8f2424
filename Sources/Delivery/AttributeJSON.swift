public import DICOMCore
internal import DICOMNetwork

/// Writes Attributes in the DICOM JSON Model (PS3.18 F.2), by the syntax that whole objects are written in. An
/// ``AttributeSet`` keeps no VRs: they are those of PS3.6, each looked up once.
public struct AttributeJSON: Sendable {
    private var representations: [Tag: ValueRepresentation?] = [:]

    public init() {}

    /// One JSON object in UTF-8. What no dictionary knows, and bulk data, is left out.
    public mutating func encoded(_ attributes: AttributeSet) -> [UInt8] {
        var json = JSONText()
        write(attributes, to: &json)
        return json.bytes
    }

    private mutating func write(_ attributes: AttributeSet, to json: inout JSONText) {
        json.beginObject()
        for tag in attributes.tags {
            guard let representation = representation(of: tag), !representation.isBulk else { continue }
            if representation == .sequence {
                json.beginSequence(tag)
                for item in attributes.items(tag) { write(item, to: &json) }
                json.endSequence()
            } else {
                // JSON is in UTF-8, and says so (PS3.18 F.2.4).
                let values = tag == .specificCharacterSet ? ["ISO_IR 192"] : attributes.strings(tag)
                write(values, of: tag, representation, to: &json)
            }
        }
        json.endObject()
    }

    private func write(
        _ values: [String], of tag: Tag, _ representation: ValueRepresentation, to json: inout JSONText
    ) {
        var vr = representation.rawValue
        switch representation {
        case .unsignedShort:
            // Of Attributes that may be US or SS the dictionary tells the one, and the value which it is.
            if values.contains(where: { $0.hasPrefix("-") }) { vr = ValueRepresentation.signedShort.rawValue }
            json.begin(tag, vr)
            json.spelled(values, vr)
        case .attributeTag, .floatingPointSingle, .floatingPointDouble, .signedShort, .signedLong, .signedVeryLong,
            .unsignedLong, .unsignedVeryLong:
            json.begin(tag, vr)
            json.spelled(values, vr)
        default:
            json.begin(tag, vr)
            json.values(values, vr)
        }
        json.end()
    }

    private mutating func representation(of tag: Tag) -> ValueRepresentation? {
        if let known = representations[tag] { return known }
        let found = DICOMLibrary.valueRepresentation(of: tag)
        representations[tag] = .some(found)
        return found
    }
}
