/// The Swift face of DCMTK's network and Data Sets.
///
/// Owns Associations (as acceptor and as requestor), DIMSE commands and the reading of object headers. Leaves to others
/// which peer, SOP Class or Status is right. Start reading at ``AssociationListener`` and ``ObjectHeader``.

internal import CDCMTK
public import DICOMCore

/// DCMTK as a whole.
public enum DICOMLibrary {
    /// Prepares DCMTK for many threads; call it once before anything else of this module.
    ///
    /// - Throws: ``NetworkError/unavailable(_:)`` when DCMTK's data dictionary cannot be found.
    public static func prepare() throws(NetworkError) {
        var error = cdcmtk_error()
        guard cdcmtk_initialize(&error) == CDCMTK_OK else { throw .unavailable(error.message) }
    }

    /// Whether PS3.6 lists `uid` among the Storage SOP Classes, current or retired.
    public static func isStorageSOPClass(_ uid: String) -> Bool { cdcmtk_is_storage_sop_class(uid) }

    /// Those Storage SOP Classes.
    public static var storageSOPClasses: [String] {
        var found: [String] = []
        while let uid = cdcmtk_storage_sop_class(Int32(found.count)) { found.append(String(cString: uid)) }
        return found
    }

    /// What every Association tells of this implementation (PS3.7 D.3.3.2).
    public static var implementationClassUID: String { String(cString: cdcmtk_implementation_class_uid()) }
    public static var implementationVersionName: String { String(cString: cdcmtk_implementation_version_name()) }

    /// Keyword of an Attribute in PS3.6, such as `PatientName`, or nil when it has none.
    public static func keyword(of tag: Tag) -> String? {
        let keyword = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 65) { text in
            guard let start = text.baseAddress else { return "" }
            cdcmtk_tag_keyword(tag.group, tag.element, start)
            return String(cString: start)
        }
        return keyword.isEmpty ? nil : keyword
    }

    /// VR of an Attribute in PS3.6; nil when it is not there, or private. Of several the one without sign, or of words.
    public static func valueRepresentation(of tag: Tag) -> ValueRepresentation? {
        let name = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 3) { vr in
            guard let start = vr.baseAddress else { return "" }
            cdcmtk_dictionary_vr(tag.group, tag.element, nil, start)
            return String(cString: start)
        }
        switch name {
        case "ox", "lt": return .otherWord
        case "xs": return .unsignedShort
        case "UN": return nil
        default: return ValueRepresentation(rawValue: name)
        }
    }

    /// The Attribute of a keyword in PS3.6, such as `PatientName`, or nil when it has none.
    public static func tag(ofKeyword keyword: String) -> Tag? {
        var (group, element): (UInt16, UInt16) = (0, 0)
        return cdcmtk_tag_of_keyword(keyword, &group, &element) ? Tag(group, element) : nil
    }

    /// Name of a UID in PS3.6, or nil when it has none.
    public static func name(ofUID uid: String) -> String? { cdcmtk_uid_name(uid).map { String(cString: $0) } }
}

/// Why listening or connecting failed.
public enum NetworkError: Error, Equatable, Sendable {
    case unavailable(String)
    /// `socket`, `bind` or `listen` failed.
    case cannotListen(address: String, port: Int, reason: String)
}

extension NetworkError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unavailable(let reason): reason
        case .cannotListen(let address, let port, let reason): "cannot listen on \(address) port \(port): \(reason)"
        }
    }
}

extension cdcmtk_error {
    var message: String { withUnsafeBytes(of: text) { String(nulTerminated: $0) } }
}

extension String {
    /// The bytes up to the first NUL, as UTF-8; what is not UTF-8 becomes U+FFFD.
    init(nulTerminated bytes: UnsafeRawBufferPointer) {
        self.init(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}

/// Copies `text` into one of C's fixed arrays, cut to leave room for the NUL.
func copy<Field>(_ text: String, to field: inout Field) {
    withUnsafeMutableBytes(of: &field) { bytes in
        let kept = text.utf8.prefix(bytes.count - 1)
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
        bytes.copyBytes(from: kept)
    }
}
