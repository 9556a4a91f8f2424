// TLS under an Association (PS3.15 B.12): our own identity, and the session of one connection, none of whose calls waits.
#ifndef CDCMTK_SECURE_HPP
#define CDCMTK_SECURE_HPP

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <sys/types.h>
#include <vector>

#include "CDCMTK.h"

struct cdcmtk_tls_context {
    SSL_CTX *handle = nullptr;

    ~cdcmtk_tls_context() { SSL_CTX_free(handle); }
};

struct cdcmtk_tls_session {
    SSL *handle = nullptr;
    bool isOpen = false;
    /// Whether the call that could not go on waits for room to write, and not for something to read.
    bool wantsOutput = false;
    /// Read before the Association took over, from `taken` on not yet handed out.
    std::vector<uint8_t> early;
    size_t taken = 0;

    ~cdcmtk_tls_session() { SSL_free(handle); }

    /// As recv(2) and send(2) on a socket that does not block, `errno` included.
    ssize_t receive(uint8_t *buffer, size_t count);
    ssize_t transmit(const uint8_t *buffer, size_t count);
    /// Whether there is something to receive, or the end.
    bool hasInput();
    /// Tells the peer that nothing more comes.
    void finish();

private:
    ssize_t outcome(int result);
};

#endif
