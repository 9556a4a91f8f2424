// The TCP connection under an Association: absolute deadlines, PDU framing, one interrupt from outside.
#ifndef CDCMTK_TRANSPORT_HPP
#define CDCMTK_TRANSPORT_HPP

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmnet/dcmlayer.h"
#include "dcmtk/dcmnet/dcmtrans.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>

#include "CDCMTK.h"
#include "Secure.hpp"

namespace cdcmtk {

using Clock = std::chrono::steady_clock;

/// What DCMTK's connection object and the Association that owns it both see.
class ConnectionState {
public:
    ConnectionState(int stopDescriptor, cdcmtk_limits limits, std::unique_ptr<cdcmtk_tls_session> session = nullptr)
        : stopDescriptor_(stopDescriptor), limits_(limits), session_(std::move(session)) {}

    /// Why the last read or write gave up; CDCMTK_OK while none did.
    cdcmtk_result failure() const { return failure_; }
    void fail(cdcmtk_result why) {
        if (failure_ == CDCMTK_OK) failure_ = why;
    }

    /// The whole of the request, or of the answer to it, until the deadline.
    void expectAssociation();
    /// A command may begin until idle_ms have passed, and the acceptor may stop meanwhile.
    void expectCommand();
    /// The answer to a request may begin for so long; a stop of the acceptor does not end the wait.
    void expectResponse(int32_t milliseconds);
    /// The message's further PDUs count against its own deadline.
    void beginMessage();
    /// Time that passed on our side, which the peer is not held to.
    void excuse(Clock::duration time);

    void adopt(int descriptor);
    void interrupt();
    void close();
    /// Whether there is something to read, at once or within so many milliseconds; a stop of the acceptor counts as such.
    bool hasInput(int timeout = 0) const;
    /// As hasInput, until `descriptor` is readable; tells of the connection alone.
    bool hasInput(int timeout, int descriptor) const;
    /// Lets what was sent last arrive: closing with unread bytes would reset the connection under it.
    void finishWriting();

    ssize_t read(uint8_t *buffer, size_t count);
    ssize_t write(const uint8_t *buffer, size_t count);

    const cdcmtk_limits &limits() const { return limits_; }

private:
    enum class Waiting { association, command, response, message };

    void abort();
    /// recv(2) and send(2) without waiting, through TLS where there is some.
    ssize_t receive(uint8_t *buffer, size_t count);
    ssize_t transmit(const uint8_t *buffer, size_t count);
    Clock::time_point readDeadline() const;
    void awaitReadable();
    bool follow(const uint8_t *bytes, size_t count);

    const int stopDescriptor_;
    const cdcmtk_limits limits_;
    const std::unique_ptr<cdcmtk_tls_session> session_;
    std::mutex descriptorMutex_;
    int descriptor_ = -1;
    cdcmtk_result failure_ = CDCMTK_OK;
    bool hasAborted_ = false;

    Waiting waiting_ = Waiting::association;
    int32_t responseMilliseconds_ = 0;
    Clock::time_point waitingSince_ = Clock::now();
    Clock::time_point messageSince_ = Clock::now();
    uint64_t messageBytes_ = 0;

    // Where in the PDU the stream stands (PS3.8 9.3.1): six bytes of header, then as many as it announces.
    uint8_t header_[6] = {};
    size_t headerCount_ = 0;
    uint64_t bodyLeft_ = 0;
    Clock::time_point pduSince_ = Clock::now();
};

class Connection : public DcmTransportConnection {
public:
    Connection(DcmNativeSocketType descriptor, std::shared_ptr<ConnectionState> state);
    ~Connection() override;

    OFCondition serverSideHandshake() override { return EC_Normal; }
    OFCondition clientSideHandshake() override { return EC_Normal; }
    OFCondition renegotiate(const char *) override { return EC_Normal; }
    ssize_t read(void *buffer, size_t count) override;
    ssize_t write(void *buffer, size_t count) override;
    void close() override;
    void closeTransportConnection() override { close(); }
    unsigned long getPeerCertificateLength() override { return 0; }
    unsigned long getPeerCertificate(void *, unsigned long) override { return 0; }
    OFBool networkDataAvailable(int) override { return OFTrue; }
    OFBool isTransparentConnection() override { return OFTrue; }
    OFString &dumpConnectionParameters(OFString &text) override { return text; }

private:
    std::shared_ptr<ConnectionState> state_;
};

}  // namespace cdcmtk

#endif
