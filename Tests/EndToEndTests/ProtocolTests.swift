import Testing

/// The DICOM side of the daemon, met by real and by impossible clients. One suite after another, since several measure
/// time or count threads.
@Suite(.serialized) struct ProtocolTests {}
