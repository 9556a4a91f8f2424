#include "dcmtk/config/osconfig.h"

#include "Secure.hpp"

#include "dcmtk/dcmtls/tlsciphr.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <new>

namespace {

/// Why the last call of OpenSSL on this thread failed.
void describeFailure(cdcmtk_error *error, const char *otherwise) {
    const unsigned long code = ERR_peek_last_error();
    const char *reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    std::snprintf(error->text, sizeof error->text, "%s", reason == nullptr ? otherwise : reason);
    ERR_clear_error();
}

/// A key with a passphrase is not asked for on the terminal: it cannot be used.
int noPassphrase(char *, int, int, void *) { return -1; }

/// What RFC 9325 4.2 recommends of TLS 1.2, then what DCMTK lists for peers of the older non-downgrading profile (PS3.15 B.10).
constexpr const char *recommendedSuites = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
                                          "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:";

bool setSuites(SSL_CTX *context) {
    DcmTLSCiphersuiteHandler suites;
    if (suites.setTLSProfile(TSP_Profile_BCP195_ND).bad()) return false;
    OFString list, older;
    suites.getListOfCipherSuitesForOpenSSL(older, OFTrue);
    list = recommendedSuites + older;
    return SSL_CTX_set_cipher_list(context, list.c_str()) == 1;
}

int64_t seconds(const ASN1_TIME *time) {
    int days = 0, rest = 0;
    ASN1_TIME *epoch = ASN1_TIME_set(nullptr, 0);
    const bool isKnown = epoch != nullptr && ASN1_TIME_diff(&days, &rest, epoch, time) == 1;
    ASN1_TIME_free(epoch);
    return isKnown ? int64_t(days) * 86400 + rest : 0;
}

}  // namespace

cdcmtk_tls_part cdcmtk_tls_context_create(const char *certificate_file, const char *key_file,
                                          const char *authorities_file, bool requires_certificate,
                                          cdcmtk_tls_context **out_context, cdcmtk_error *error) try {
    *out_context = nullptr;
    // OpenSSL writes to sockets with write(2), to which a peer that has gone is a signal.
    std::signal(SIGPIPE, SIG_IGN);
    ERR_clear_error();
    auto context = std::make_unique<cdcmtk_tls_context>();
    SSL_CTX *handle = context->handle = SSL_CTX_new(TLS_server_method());
    const auto fault = [error](cdcmtk_tls_part part, const char *otherwise) {
        describeFailure(error, otherwise);
        return part;
    };
    if (handle == nullptr || SSL_CTX_set_min_proto_version(handle, TLS1_2_VERSION) != 1 || !setSuites(handle))
        return fault(CDCMTK_TLS_LIBRARY, "TLS cannot be prepared");
    // Each connection proves who it is anew, and never again later on.
    SSL_CTX_set_options(handle, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                                    SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_num_tickets(handle, 0);
    SSL_CTX_set_session_cache_mode(handle, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(handle, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                 SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_dh_auto(handle, 1);
    SSL_CTX_set_default_passwd_cb(handle, noPassphrase);
    if (SSL_CTX_use_certificate_chain_file(handle, certificate_file) != 1)
        return fault(CDCMTK_TLS_CERTIFICATE, "not a certificate in PEM");
    if (SSL_CTX_use_PrivateKey_file(handle, key_file, SSL_FILETYPE_PEM) != 1)
        return fault(CDCMTK_TLS_KEY, "not a private key in PEM without passphrase");
    if (SSL_CTX_check_private_key(handle) != 1) return fault(CDCMTK_TLS_KEY, "not the key of the certificate");
    if (SSL_CTX_load_verify_file(handle, authorities_file) != 1)
        return fault(CDCMTK_TLS_AUTHORITIES, "no certificates in PEM");
    SSL_CTX_set_client_CA_list(handle, SSL_load_client_CA_file(authorities_file));
    SSL_CTX_set_verify(handle, SSL_VERIFY_PEER | (requires_certificate ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
    // Whoever is in the file of authorities is one, a device's own certificate too.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(handle), X509_V_FLAG_PARTIAL_CHAIN);
    *out_context = context.release();
    return CDCMTK_TLS_NOTHING;
} catch (const std::exception &thrown) {
    std::snprintf(error->text, sizeof error->text, "%s", thrown.what());
    return CDCMTK_TLS_LIBRARY;
}

void cdcmtk_tls_context_free(cdcmtk_tls_context *context) { delete context; }

int64_t cdcmtk_tls_context_expiry(const cdcmtk_tls_context *context) {
    const X509 *certificate = SSL_CTX_get0_certificate(context->handle);
    return certificate == nullptr ? 0 : seconds(X509_get0_notAfter(certificate));
}

int32_t cdcmtk_tls_suite_count(void) {
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == nullptr) return 0;
    const int32_t count = setSuites(context) ? sk_SSL_CIPHER_num(SSL_CTX_get_ciphers(context)) : 0;
    SSL_CTX_free(context);
    return count;
}

void cdcmtk_tls_suite_name(int32_t index, char *out_name) {
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    const SSL_CIPHER *suite =
        context != nullptr && setSuites(context) ? sk_SSL_CIPHER_value(SSL_CTX_get_ciphers(context), index) : nullptr;
    const char *name = suite == nullptr ? nullptr : SSL_CIPHER_standard_name(suite);
    std::snprintf(out_name, 65, "%s", name == nullptr ? "" : name);
    SSL_CTX_free(context);
}

cdcmtk_tls_session *cdcmtk_tls_session_create(cdcmtk_tls_context *context, int32_t descriptor) {
    auto session = std::unique_ptr<cdcmtk_tls_session>(new (std::nothrow) cdcmtk_tls_session);
    if (!session) return nullptr;
    session->handle = SSL_new(context->handle);
    const int flags = fcntl(descriptor, F_GETFL);
    if (session->handle == nullptr || flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) != 0 ||
        SSL_set_fd(session->handle, descriptor) != 1)
        return nullptr;
    SSL_set_accept_state(session->handle);
    return session.release();
}

void cdcmtk_tls_session_free(cdcmtk_tls_session *session) { delete session; }

cdcmtk_tls_progress cdcmtk_tls_session_advance(cdcmtk_tls_session *session, size_t wanted, cdcmtk_error *error) try {
    error->text[0] = 0;
    session->wantsOutput = false;
    if (!session->isOpen) {
        ERR_clear_error();
        const int result = SSL_do_handshake(session->handle);
        if (result != 1) {
            switch (SSL_get_error(session->handle, result)) {
            case SSL_ERROR_WANT_READ: return CDCMTK_TLS_WANTS_INPUT;
            case SSL_ERROR_WANT_WRITE: session->wantsOutput = true; return CDCMTK_TLS_WANTS_OUTPUT;
            default: break;
            }
            const long verdict = SSL_get_verify_result(session->handle);
            describeFailure(error, "the connection closed during the handshake");
            if (verdict != X509_V_OK)
                std::snprintf(error->text, sizeof error->text, "certificate: %s", X509_verify_cert_error_string(verdict));
            return CDCMTK_TLS_FAILED;
        }
        session->isOpen = true;
    }
    while (session->early.size() < wanted) {
        const size_t before = session->early.size();
        session->early.resize(wanted);
        ERR_clear_error();
        size_t count = 0;
        const int result = SSL_read_ex(session->handle, session->early.data() + before, wanted - before, &count);
        session->early.resize(before + count);
        if (result == 1) continue;
        switch (SSL_get_error(session->handle, result)) {
        case SSL_ERROR_WANT_READ: return CDCMTK_TLS_WANTS_INPUT;
        case SSL_ERROR_WANT_WRITE: session->wantsOutput = true; return CDCMTK_TLS_WANTS_OUTPUT;
        default: describeFailure(error, "the connection closed"); return CDCMTK_TLS_FAILED;
        }
    }
    return CDCMTK_TLS_READY;
} catch (const std::exception &thrown) {
    std::snprintf(error->text, sizeof error->text, "%s", thrown.what());
    return CDCMTK_TLS_FAILED;
}

size_t cdcmtk_tls_session_early(const cdcmtk_tls_session *session, uint8_t *out_bytes, size_t capacity) {
    const size_t count = std::min(capacity, session->early.size());
    if (count > 0) std::memcpy(out_bytes, session->early.data(), count);
    return count;
}

void cdcmtk_tls_session_describe(const cdcmtk_tls_session *session, cdcmtk_tls_description *out) {
    *out = {};
    std::snprintf(out->version, sizeof out->version, "%s", SSL_get_version(session->handle));
    const SSL_CIPHER *suite = SSL_get_current_cipher(session->handle);
    const char *name = suite == nullptr ? nullptr : SSL_CIPHER_standard_name(suite);
    std::snprintf(out->suite, sizeof out->suite, "%s", name == nullptr ? "" : name);
    X509 *certificate = SSL_get0_peer_certificate(session->handle);
    if (certificate == nullptr) return;
    unsigned count = 0;
    out->has_certificate = X509_digest(certificate, EVP_sha256(), out->fingerprint, &count) == 1 && count == 32;
    BIO *text = BIO_new(BIO_s_mem());
    if (text == nullptr) return;
    X509_NAME_print_ex(text, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
    const int length = BIO_read(text, out->subject, sizeof out->subject - 1);
    out->subject[std::max(0, length)] = 0;
    BIO_free(text);
}

/// What recv(2) or send(2) would have returned.
ssize_t cdcmtk_tls_session::outcome(int result) {
    wantsOutput = false;
    switch (SSL_get_error(handle, result)) {
    case SSL_ERROR_WANT_WRITE: wantsOutput = true; [[fallthrough]];
    case SSL_ERROR_WANT_READ: errno = EAGAIN; return -1;
    case SSL_ERROR_ZERO_RETURN: return 0;
    default: errno = ECONNRESET; return -1;
    }
}

ssize_t cdcmtk_tls_session::receive(uint8_t *buffer, size_t count) {
    if (taken < early.size()) {
        const size_t given = std::min(count, early.size() - taken);
        std::memcpy(buffer, early.data() + taken, given);
        taken += given;
        if (taken == early.size()) {
            std::vector<uint8_t>().swap(early);
            taken = 0;
        }
        return static_cast<ssize_t>(given);
    }
    ERR_clear_error();
    size_t given = 0;
    const int result = SSL_read_ex(handle, buffer, count, &given);
    return result == 1 ? static_cast<ssize_t>(given) : outcome(result);
}

ssize_t cdcmtk_tls_session::transmit(const uint8_t *buffer, size_t count) {
    ERR_clear_error();
    size_t sent = 0;
    const int result = SSL_write_ex(handle, buffer, count, &sent);
    if (result == 1) return static_cast<ssize_t>(sent);
    const ssize_t failure = outcome(result);
    if (failure == 0) errno = ECONNRESET;
    return -1;
}

bool cdcmtk_tls_session::hasInput() {
    if (taken < early.size() || SSL_pending(handle) > 0) return true;
    ERR_clear_error();
    uint8_t byte = 0;
    size_t count = 0;
    const int result = SSL_peek_ex(handle, &byte, 1, &count);
    return result == 1 || !(outcome(result) < 0 && errno == EAGAIN);
}

void cdcmtk_tls_session::finish() {
    ERR_clear_error();
    if (isOpen) SSL_shutdown(handle);
    ERR_clear_error();
}
