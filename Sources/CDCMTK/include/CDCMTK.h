/// The plain C face of DCMTK: Associations, messages and Data Sets. Pixels are in CDCMTKPixels.h, the process that decodes
/// them in CDCMTKWorker.h.
///
/// This room translates and decides nothing: which peer, SOP Class or Status is right is decided in Swift.
/// No function lets a C++ exception out. Text is UTF-8, unless told otherwise, and ends with NUL. Start reading at
/// cdcmtk_association_accept and cdcmtk_association_receive.
#ifndef CDCMTK_H
#define CDCMTK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "CDCMTKPixels.h"
#include "CDCMTKWorker.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cdcmtk_result {
    CDCMTK_OK = 0,
    /// The peer asked to release the Association in order; answer with cdcmtk_association_confirm_release.
    CDCMTK_PEER_RELEASED,
    CDCMTK_PEER_ABORTED,
    /// The peer refused the Association; the error text says with which result, source and reason.
    CDCMTK_PEER_REJECTED,
    /// No TCP connection to the peer; the error text says why.
    CDCMTK_UNREACHABLE,
    /// The connection closed without a release or an abort.
    CDCMTK_CLOSED,
    /// A deadline of cdcmtk_limits passed.
    CDCMTK_TIMED_OUT,
    /// The acceptor is stopping and no message was under way.
    CDCMTK_STOPPED,
    /// The peer broke PS3.8 or PS3.7; the error text says how.
    CDCMTK_PROTOCOL_ERROR,
    /// A Data Set or command could not be read or written.
    CDCMTK_DATA_ERROR,
    /// Out of memory, descriptors or another resource of this machine.
    CDCMTK_RESOURCE_ERROR,
} cdcmtk_result;

/// What went wrong, for a log line. Empty after CDCMTK_OK. Contains no Attribute value of a Data Set.
typedef struct cdcmtk_error {
    char text[256];
} cdcmtk_error;

/// Times in milliseconds, sizes in bytes. Deadlines are absolute: a trickle of bytes does not move them.
typedef struct cdcmtk_limits {
    /// From the connection to the end of the A-ASSOCIATE-RQ or its answer.
    int32_t association_request_ms;
    /// From the first byte of a PDU to its last, and for the next PDU of a message to begin.
    int32_t pdu_ms;
    /// Without a message under way.
    int32_t idle_ms;
    /// A message may take pdu_ms plus one second for each so many bytes of it.
    int32_t minimum_bytes_per_second;
    /// Largest P-DATA-TF PDU taken, 4096…131072 (PS3.8 D.1).
    uint32_t maximum_pdu_length;
} cdcmtk_limits;

/// Longest A-ASSOCIATE-RQ or -AC taken, bytes: 128 contexts, each with every Transfer Syntax there is, stay well below.
enum { cdcmtk_maximum_associate_pdu_length = 1 << 20 };

/// Prepares DCMTK for use by many threads: dictionary, character sets, silence on stderr.
///
/// Blocking: no.   Threads: call once before anything else; further calls do nothing.
/// Returns CDCMTK_RESOURCE_ERROR when the data dictionary cannot be loaded.
cdcmtk_result cdcmtk_initialize(cdcmtk_error *_Nonnull error);

// ---- TLS ------------------------------------------------------------------------------------------------------

/// What we are towards those who call by TLS 1.2 or 1.3 (PS3.15 B.12): certificate, key, and whose certificates we believe.
typedef struct cdcmtk_tls_context cdcmtk_tls_context;
/// TLS over one accepted connection. One thread at a time; none of its calls waits.
typedef struct cdcmtk_tls_session cdcmtk_tls_session;

/// What of a context is wrong.
typedef enum cdcmtk_tls_part {
    CDCMTK_TLS_NOTHING = 0,
    CDCMTK_TLS_CERTIFICATE,
    CDCMTK_TLS_KEY,
    CDCMTK_TLS_AUTHORITIES,
    CDCMTK_TLS_LIBRARY,
} cdcmtk_tls_part;

/// Reads the files, all of them PEM: our certificate and its chain, its key without passphrase, and certificates of
/// authorities. Callers need a certificate if `requires_certificate`; one that is shown is checked in any case.
///
/// Ownership: on CDCMTK_TLS_NOTHING free `*out_context` with cdcmtk_tls_context_free, after or before its sessions.
/// Blocking:  for the files.   Threads: the context may be used by several.
cdcmtk_tls_part cdcmtk_tls_context_create(const char *_Nonnull certificate_file, const char *_Nonnull key_file,
                                          const char *_Nonnull authorities_file, bool requires_certificate,
                                          cdcmtk_tls_context *_Nullable *_Nonnull out_context,
                                          cdcmtk_error *_Nonnull error);
void cdcmtk_tls_context_free(cdcmtk_tls_context *_Nonnull context);
/// When our certificate ends, in seconds since 1970.
int64_t cdcmtk_tls_context_expiry(const cdcmtk_tls_context *_Nonnull context);

/// The cipher suites offered, by preference; `out_name` gets at most 64 characters and NUL.
int32_t cdcmtk_tls_suite_count(void);
void cdcmtk_tls_suite_name(int32_t index, char *_Nonnull out_name);

/// Begins TLS on an accepted connection, which it makes non-blocking and does not close. NULL when out of memory.
/// Ownership: free with cdcmtk_tls_session_free, or hand it to cdcmtk_association_accept.
cdcmtk_tls_session *_Nullable cdcmtk_tls_session_create(cdcmtk_tls_context *_Nonnull context, int32_t descriptor);
void cdcmtk_tls_session_free(cdcmtk_tls_session *_Nonnull session);

typedef enum cdcmtk_tls_progress {
    /// Call again when the connection can be read, or written.
    CDCMTK_TLS_WANTS_INPUT,
    CDCMTK_TLS_WANTS_OUTPUT,
    /// So many bytes as wanted are there.
    CDCMTK_TLS_READY,
    /// The error text says why; the connection is of no use any more.
    CDCMTK_TLS_FAILED,
} cdcmtk_tls_progress;

/// Goes on with the handshake, and after it reads ahead until `wanted` bytes are there.   Blocking: no.
cdcmtk_tls_progress cdcmtk_tls_session_advance(cdcmtk_tls_session *_Nonnull session, size_t wanted,
                                               cdcmtk_error *_Nonnull error);
/// Copies what has been read ahead, which the Association will read again; returns how many bytes.
size_t cdcmtk_tls_session_early(const cdcmtk_tls_session *_Nonnull session, uint8_t *_Nonnull out_bytes,
                                size_t capacity);

/// What a finished handshake has agreed on, and who called.
typedef struct cdcmtk_tls_description {
    char version[16];
    char suite[64];
    /// Whether the caller has shown a certificate; it is valid then.
    bool has_certificate;
    /// SHA-256 of the certificate.
    uint8_t fingerprint[32];
    /// Its subject as in RFC 2253, cut where it is longer.
    char subject[256];
} cdcmtk_tls_description;
void cdcmtk_tls_session_describe(const cdcmtk_tls_session *_Nonnull session, cdcmtk_tls_description *_Nonnull out);

// ---- Associations ---------------------------------------------------------------------------------------------

/// The state that all Associations of one listener share.
typedef struct cdcmtk_acceptor cdcmtk_acceptor;
/// One Association, accepted or requested.
typedef struct cdcmtk_association cdcmtk_association;

/// Ownership: on CDCMTK_OK free `*out_acceptor` with cdcmtk_acceptor_free after its last Association.
/// `stop_descriptor` becomes readable when serving is to stop; it stays the caller's and is never read.
cdcmtk_result cdcmtk_acceptor_create(int32_t stop_descriptor, cdcmtk_limits limits,
                                     cdcmtk_acceptor *_Nullable *_Nonnull out_acceptor, cdcmtk_error *_Nonnull error);
void cdcmtk_acceptor_free(cdcmtk_acceptor *_Nonnull acceptor);

/// Reads the A-ASSOCIATE-RQ of an accepted TCP connection, over TLS where there is a `session`.
///
/// Ownership: takes `descriptor` and `session` over in every case; on CDCMTK_OK free `*out_association` with cdcmtk_association_free.
/// Blocking:  yes, at most association_request_ms.   Threads: any; several at a time are served side by side.
cdcmtk_result cdcmtk_association_accept(cdcmtk_acceptor *_Nonnull acceptor, int32_t descriptor,
                                        cdcmtk_tls_session *_Nullable session,
                                        cdcmtk_association *_Nullable *_Nonnull out_association,
                                        cdcmtk_error *_Nonnull error);

/// AE Titles and identity of the peer as it sent them, padding included; valid until the Association is freed.
const char *_Nonnull cdcmtk_association_calling_ae(const cdcmtk_association *_Nonnull association);
const char *_Nonnull cdcmtk_association_called_ae(const cdcmtk_association *_Nonnull association);
const char *_Nonnull cdcmtk_association_peer_implementation(const cdcmtk_association *_Nonnull association);
/// Application Context Name (PS3.8 7.1.1.2) as proposed.
const char *_Nonnull cdcmtk_association_application_context(const cdcmtk_association *_Nonnull association);

/// Presentation Contexts as proposed, in the order of the request. `index` counts from 0.
int32_t cdcmtk_association_context_count(const cdcmtk_association *_Nonnull association);
/// What the requestor of an Association is to be in a Presentation Context (PS3.7 D.3.3.4): SCU where it says nothing.
typedef struct cdcmtk_roles {
    bool scu;
    bool scp;
} cdcmtk_roles;
typedef struct cdcmtk_context {
    uint8_t identifier;
    char abstract_syntax[65];
    int32_t transfer_syntax_count;
    cdcmtk_roles proposed_roles;
    /// Empty until accepted, as the roles are none until then.
    char accepted_transfer_syntax[65];
    cdcmtk_roles accepted_roles;
} cdcmtk_context;
cdcmtk_result cdcmtk_association_context(const cdcmtk_association *_Nonnull association, int32_t index,
                                         cdcmtk_context *_Nonnull out_context);
/// Copies a proposed Transfer Syntax UID (at most 64 characters and NUL) to `out_uid`.
cdcmtk_result cdcmtk_association_proposed_transfer_syntax(const cdcmtk_association *_Nonnull association, int32_t index,
                                                          int32_t transfer_syntax_index, char *_Nonnull out_uid);

/// Why a Presentation Context is not accepted (PS3.8 9.3.3.2).
typedef enum cdcmtk_context_refusal {
    CDCMTK_REFUSED_BY_USER = 1,
    CDCMTK_REFUSED_NO_REASON = 2,
    CDCMTK_REFUSED_ABSTRACT_SYNTAX = 3,
    CDCMTK_REFUSED_TRANSFER_SYNTAXES = 4,
} cdcmtk_context_refusal;
/// Accepts a context, and those of `roles` that the requestor proposed.
cdcmtk_result cdcmtk_association_accept_context(cdcmtk_association *_Nonnull association, uint8_t identifier,
                                                const char *_Nonnull transfer_syntax, cdcmtk_roles roles,
                                                cdcmtk_error *_Nonnull error);
cdcmtk_result cdcmtk_association_refuse_context(cdcmtk_association *_Nonnull association, uint8_t identifier,
                                                cdcmtk_context_refusal refusal, cdcmtk_error *_Nonnull error);

/// The Service Class Application Information that the requestor gives for a SOP Class (PS3.7 D.3.3.5).
///
/// Copies at most `capacity` bytes and returns how many it copied; 0 when the requestor gives none.
size_t cdcmtk_association_requested_extension(const cdcmtk_association *_Nonnull association,
                                              const char *_Nonnull sop_class, uint8_t *_Nonnull out_bytes,
                                              size_t capacity);
/// Answers it; before cdcmtk_association_acknowledge, once for a SOP Class.
cdcmtk_result cdcmtk_association_accept_extension(cdcmtk_association *_Nonnull association,
                                                  const char *_Nonnull sop_class, const uint8_t *_Nonnull bytes,
                                                  size_t count, cdcmtk_error *_Nonnull error);

/// Sends the A-ASSOCIATE-AC, or the A-ASSOCIATE-RJ with the numbers of PS3.8 9.3.4.
/// Blocking: yes, at most pdu_ms.   Threads: one at a time per Association, as for all calls but _interrupt.
cdcmtk_result cdcmtk_association_acknowledge(cdcmtk_association *_Nonnull association, const char *_Nonnull responding_ae,
                                             cdcmtk_error *_Nonnull error);
cdcmtk_result cdcmtk_association_reject(cdcmtk_association *_Nonnull association, uint8_t result, uint8_t source,
                                        uint8_t reason, cdcmtk_error *_Nonnull error);

/// A DIMSE command (PS3.7 9.3); a field that the command does not have is 0 or empty.
typedef struct cdcmtk_command {
    uint8_t context;
    /// (0000,0100), for example 0x0001 C-STORE-RQ.
    uint16_t field;
    /// (0000,0110), or (0000,0120) of a response.
    uint16_t message_id;
    uint16_t status;
    bool has_data_set;
    /// Event Type ID (0000,1002) of N-EVENT-REPORT, Action Type ID (0000,1008) of N-ACTION.
    uint16_t type_id;
    /// Error ID (0000,0903) and Error Comment (0000,0902) of a response; the latter at most 64 characters, ASCII.
    uint16_t error_id;
    char error_comment[65];
    /// Affected, or in requests of N-SET, N-ACTION, N-GET and N-DELETE Requested SOP Class and Instance UID.
    /// A UID of more than 255 bytes is cut there; no valid one has more than 64.
    char affected_sop_class_uid[256];
    char affected_sop_instance_uid[256];
    /// (0000,0600) of a C-MOVE-RQ, padding taken off.
    char move_destination[17];
    /// Remaining, completed, failed and warning sub-operations of a response (0000,1020…1023), 0 where it does not say.
    bool has_sub_operations;
    /// Whether the first of them is written; not read.
    bool has_remaining_sub_operations;
    uint16_t sub_operations[4];
    /// (0000,1030) and (0000,1031) of a C-STORE-RQ that a C-MOVE-RQ caused; both or neither.
    char move_originator[17];
    uint16_t move_originator_message_id;
} cdcmtk_command;

/// Waits for the next DIMSE command, at most idle_ms; returns CDCMTK_STOPPED when the acceptor stops meanwhile.
///
/// Blocking: yes; call it from the Association's own thread.
cdcmtk_result cdcmtk_association_receive(cdcmtk_association *_Nonnull association,
                                         cdcmtk_command *_Nonnull out_command, cdcmtk_error *_Nonnull error);

/// As cdcmtk_association_receive, for the answer to a request that was sent: at most `timeout_ms`, and a stop of the acceptor
/// does not end the wait.
cdcmtk_result cdcmtk_association_receive_response(cdcmtk_association *_Nonnull association, int32_t timeout_ms,
                                                  cdcmtk_command *_Nonnull out_command, cdcmtk_error *_Nonnull error);

/// Whether the peer has sent something that no call has read yet.   Blocking: no.
bool cdcmtk_association_has_input(const cdcmtk_association *_Nonnull association);

/// Waits at most `timeout_ms` (more than 0) until the next cdcmtk_association_receive would return at once: because the
/// peer has sent something or has gone, or because the acceptor stops.   Blocking: yes.
bool cdcmtk_association_wait_for_input(const cdcmtk_association *_Nonnull association, int32_t timeout_ms);

/// Waits at most `timeout_ms` (more than 0) until the peer has sent something or has gone, of which the result tells, or
/// until `descriptor` becomes readable. A stop of the acceptor does not end the wait.   Blocking: yes.
bool cdcmtk_association_wait_for_input_or(const cdcmtk_association *_Nonnull association, int32_t descriptor,
                                          int32_t timeout_ms);

/// Takes the bytes of a Data Set as they arrive; `bytes` is valid during the call. Returning false keeps the rest
/// of the Data Set from the sink, which is still read to its end.
typedef bool (*cdcmtk_sink)(void *_Nonnull context, const uint8_t *_Nonnull bytes, size_t count);

/// Receives the Data Set that belongs to `command`, PDV by PDV, without parsing or keeping it.
///
/// Blocking: yes, by the message deadline of cdcmtk_limits. `sink` runs on the calling thread.
cdcmtk_result cdcmtk_association_receive_data_set(cdcmtk_association *_Nonnull association,
                                                  const cdcmtk_command *_Nonnull command, cdcmtk_sink _Nonnull sink,
                                                  void *_Nonnull sink_context, cdcmtk_error *_Nonnull error);

/// Sends a command, then `count` bytes of an encoded Data Set when `data_set` is given. `command.context` chooses the
/// Presentation Context. A request is given its message ID by the caller.
/// Blocking: yes, at most pdu_ms for each quarter of a mebibyte.
cdcmtk_result cdcmtk_association_send(cdcmtk_association *_Nonnull association, const cdcmtk_command *_Nonnull command,
                                      const uint8_t *_Nullable data_set, size_t count, cdcmtk_error *_Nonnull error);

/// As cdcmtk_association_send, but the message may wait until others leave with it: those that follow, or
/// cdcmtk_association_flush. A caller flushes before it waits for anything.
cdcmtk_result cdcmtk_association_queue(cdcmtk_association *_Nonnull association, const cdcmtk_command *_Nonnull command,
                                       const uint8_t *_Nullable data_set, size_t count, cdcmtk_error *_Nonnull error);
/// Sends what waits, if anything does. Blocking: as cdcmtk_association_send.
cdcmtk_result cdcmtk_association_flush(cdcmtk_association *_Nonnull association, cdcmtk_error *_Nonnull error);

/// Gives at most `capacity` bytes and returns how many; 0 or a negative number when it cannot go on.
typedef ptrdiff_t (*cdcmtk_source)(void *_Nonnull context, uint8_t *_Nonnull bytes, size_t capacity);

/// As cdcmtk_association_send, with a Data Set of `count` bytes, any number above 0, drawn from `source` PDU by PDU.
/// CDCMTK_DATA_ERROR when `source` does not give them: the peer is then in the middle of a message, and the Association
/// can only be aborted.
cdcmtk_result cdcmtk_association_send_stream(cdcmtk_association *_Nonnull association,
                                             const cdcmtk_command *_Nonnull command, uint64_t count,
                                             cdcmtk_source _Nonnull source,
                                             void *_Nonnull source_context, cdcmtk_error *_Nonnull error);

/// Answers A-RELEASE-RQ; sends A-ABORT and closes; asks for release and waits for the answer.
/// Blocking: yes, at most pdu_ms, for abort half a second.
cdcmtk_result cdcmtk_association_confirm_release(cdcmtk_association *_Nonnull association);
cdcmtk_result cdcmtk_association_abort(cdcmtk_association *_Nonnull association);
cdcmtk_result cdcmtk_association_release(cdcmtk_association *_Nonnull association, cdcmtk_error *_Nonnull error);

/// Ends the connection under a call that waits on it, which then returns CDCMTK_CLOSED.
/// Blocking: no.   Threads: any, while the Association is not freed.
void cdcmtk_association_interrupt(cdcmtk_association *_Nonnull association);

/// Closes the connection if it is open. Blocking: no.
void cdcmtk_association_free(cdcmtk_association *_Nonnull association);

/// One Presentation Context to propose: one Abstract Syntax, `transfer_syntax_count` Transfer Syntaxes by preference.
typedef struct cdcmtk_proposal {
    const char *_Nonnull abstract_syntax;
    const char *_Nonnull const *_Nonnull transfer_syntaxes;
    int32_t transfer_syntax_count;
    /// Proposes to be SCP of it, and not SCU as a requestor otherwise is (PS3.7 D.3.3.4).
    bool is_scp;
} cdcmtk_proposal;

/// Opens an Association as SCU. Contexts get the identifiers 1, 3, 5, … in the order given (at most 128).
///
/// Ownership: on CDCMTK_OK free `*out_association` with cdcmtk_association_free.
/// Blocking:  yes, at most association_request_ms for the connection and as long for the answer.
cdcmtk_result cdcmtk_association_request(const char *_Nonnull host, uint16_t port, const char *_Nonnull calling_ae,
                                         const char *_Nonnull called_ae, const cdcmtk_proposal *_Nonnull proposals,
                                         int32_t proposal_count, cdcmtk_limits limits,
                                         cdcmtk_association *_Nullable *_Nonnull out_association,
                                         cdcmtk_error *_Nonnull error);

// ---- Data Sets ------------------------------------------------------------------------------------------------

/// How the bytes of a value divide.
typedef enum cdcmtk_value_kind {
    /// Values are separated by backslash.
    CDCMTK_VALUES,
    /// The same, and each is a name (VR PN) of component groups and components, separated by `=` and `^`.
    CDCMTK_NAMES,
    /// One value, in which a backslash is a character like any other (VR LT, ST, UT, UR).
    CDCMTK_TEXT,
} cdcmtk_value_kind;

/// Receives the Attributes of a Data Set in order. `begin_item`/`end_item` enclose each Item of `tag`;
/// `value` gives the bytes of text as they are in the Data Set, whatever character set they are in, and numbers in decimal.
typedef struct cdcmtk_visitor {
    void (*_Nonnull value)(void *_Nonnull context, uint16_t group, uint16_t element, const char *_Nonnull bytes,
                           size_t length, cdcmtk_value_kind kind);
    void (*_Nonnull begin_sequence)(void *_Nonnull context, uint16_t group, uint16_t element);
    void (*_Nonnull begin_item)(void *_Nonnull context);
    void (*_Nonnull end_item)(void *_Nonnull context);
    void (*_Nonnull end_sequence)(void *_Nonnull context);
} cdcmtk_visitor;

/// Parses the first `count` bytes of a Data Set in a Transfer Syntax. They must end between two Attributes of the
/// outermost level, hold no Pixel Data and nest no deeper than the caller has checked: DCMTK recurses into Sequences.
/// Binary values (OB, OW, OF, OD, OL, OV, UN) are passed over.
///
/// Ownership: `bytes` and the text given to `visitor` are valid during the call.   Blocking: no.   Threads: any.
cdcmtk_result cdcmtk_data_set_parse(const uint8_t *_Nonnull bytes, size_t count, const char *_Nonnull transfer_syntax,
                                    const cdcmtk_visitor *_Nonnull visitor, void *_Nonnull context,
                                    cdcmtk_error *_Nonnull error);

/// Inflates at most `capacity` bytes of a deflated Data Set (PS3.5 A.5); `*out_count` tells how many came out.
cdcmtk_result cdcmtk_inflate(const uint8_t *_Nonnull bytes, size_t count, uint8_t *_Nonnull out_bytes, size_t capacity,
                             size_t *_Nonnull out_count, cdcmtk_error *_Nonnull error);

/// Frees what a function gave that says so.
void cdcmtk_bytes_free(uint8_t *_Nullable bytes);

/// What the File Meta Information of an object says (PS3.10 7.1).
typedef struct cdcmtk_file_meta {
    char media_storage_sop_class_uid[256];
    char media_storage_sop_instance_uid[256];
    char transfer_syntax_uid[256];
    char source_ae_title[17];
    char sending_ae_title[17];
    char receiving_ae_title[17];
    /// (0002,0100) and (0002,0102); the second is text here.
    char private_information_creator_uid[256];
    char private_information[64];
} cdcmtk_file_meta;

/// Encodes preamble, prefix and File Meta Information. Empty fields are left out.
/// Ownership: on CDCMTK_OK free `*out_bytes` with cdcmtk_bytes_free.
cdcmtk_result cdcmtk_file_meta_encode(const cdcmtk_file_meta *_Nonnull meta, uint8_t *_Nullable *_Nonnull out_bytes,
                                      size_t *_Nonnull out_count, cdcmtk_error *_Nonnull error);

/// Reads the preamble and File Meta Information at the start of `bytes`; `*out_data_set_offset` is where the Data Set begins.
/// Returns CDCMTK_DATA_ERROR when `bytes` do not begin as a DICOM file.
cdcmtk_result cdcmtk_file_meta_parse(const uint8_t *_Nonnull bytes, size_t count, cdcmtk_file_meta *_Nonnull out_meta,
                                     size_t *_Nonnull out_data_set_offset, cdcmtk_error *_Nonnull error);

/// Whether DCMTK's table of Storage SOP Classes, current and retired, has `uid` (PS3.4 B.5). Those of Non-Patient Objects,
/// which belong to no Study (PS3.4 GG), are not in it.
bool cdcmtk_is_storage_sop_class(const char *_Nonnull uid);
/// Each UID of that table, counted from 0; NULL behind the last.
const char *_Nullable cdcmtk_storage_sop_class(int32_t index);
/// What DCMTK calls itself in Associations (PS3.7 D.3.3.2).
const char *_Nonnull cdcmtk_implementation_class_uid(void);
const char *_Nonnull cdcmtk_implementation_version_name(void);
/// Keyword of an Attribute in PS3.6, at most 64 characters and NUL; empty when it has none.
void cdcmtk_tag_keyword(uint16_t group, uint16_t element, char *_Nonnull out_keyword);
/// VR of an Attribute in DCMTK's dictionary, two letters: "UN" when it has none, and in lower case what depends on others:
/// "ox" (OB or OW), "xs" (US or SS), "lt" (US, SS or OW). `creator` is the Private Creator of a private Attribute.
/// Ownership: `out_vr` gets three characters, NUL-terminated.   Blocking: no.   Threads: any.
void cdcmtk_dictionary_vr(uint16_t group, uint16_t element, const char *_Nullable creator, char *_Nonnull out_vr);
/// The Attribute of a keyword in PS3.6; false when it has none.
bool cdcmtk_tag_of_keyword(const char *_Nonnull keyword, uint16_t *_Nonnull out_group, uint16_t *_Nonnull out_element);
/// Name of a UID in PS3.6, or NULL when it has none.
const char *_Nullable cdcmtk_uid_name(const char *_Nonnull uid);

#ifdef __cplusplus
}
#endif

#endif
