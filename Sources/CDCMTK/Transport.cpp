#include "dcmtk/config/osconfig.h"

#include "Transport.hpp"

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cdcmtk {
namespace {

constexpr uint64_t maximumControlPDULength = 256;

constexpr uint8_t associateRQ = 1, associateAC = 2, dataTF = 4, abortRequest = 7;
/// Source of an A-ABORT (PS3.8 9.3.8).
constexpr uint8_t serviceProvider = 2;

std::chrono::milliseconds milliseconds(int32_t count) { return std::chrono::milliseconds(count); }

int pollTimeout(Clock::time_point deadline) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    return left < 0 ? 0 : static_cast<int>(std::min<long long>(left, 1 << 30));
}

}  // namespace

void ConnectionState::expectAssociation() {
    waiting_ = Waiting::association;
    waitingSince_ = Clock::now();
}

void ConnectionState::expectCommand() {
    waiting_ = Waiting::command;
    waitingSince_ = Clock::now();
}

void ConnectionState::expectResponse(int32_t milliseconds) {
    waiting_ = Waiting::response;
    waitingSince_ = Clock::now();
    responseMilliseconds_ = milliseconds;
}

void ConnectionState::beginMessage() {
    waiting_ = Waiting::message;
    waitingSince_ = messageSince_ = Clock::now();
    messageBytes_ = 0;
}

void ConnectionState::excuse(Clock::duration time) {
    waitingSince_ += time;
    messageSince_ += time;
    pduSince_ += time;
}

void ConnectionState::adopt(int descriptor) {
    // DCMTK leaves Nagle on and writes each PDU in two pieces; the second would wait for the peer's delayed ACK.
    int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    std::lock_guard lock(descriptorMutex_);
    descriptor_ = descriptor;
}

void ConnectionState::interrupt() {
    std::lock_guard lock(descriptorMutex_);
    if (descriptor_ >= 0) ::shutdown(descriptor_, SHUT_RDWR);
}

bool ConnectionState::hasInput(int timeout) const {
    if (descriptor_ < 0) return false;
    if (session_ && session_->hasInput()) return true;
    // What else there may be to read is TLS's own.
    if (session_ && timeout == 0) return false;
    pollfd watched[2] = {{descriptor_, POLLIN, 0}, {stopDescriptor_, POLLIN, 0}};
    const nfds_t count = timeout > 0 && stopDescriptor_ >= 0 ? 2 : 1;
    return poll(watched, count, timeout) > 0;
}

bool ConnectionState::hasInput(int timeout, int descriptor) const {
    if (descriptor_ < 0) return false;
    if (session_ && session_->hasInput()) return true;
    pollfd watched[2] = {{descriptor_, POLLIN, 0}, {descriptor, POLLIN, 0}};
    const bool isReadable = poll(watched, 2, timeout) > 0 && watched[0].revents != 0;
    return isReadable && (!session_ || session_->hasInput());
}

ssize_t ConnectionState::receive(uint8_t *buffer, size_t count) {
    return session_ ? session_->receive(buffer, count) : ::recv(descriptor_, buffer, count, MSG_DONTWAIT);
}

ssize_t ConnectionState::transmit(const uint8_t *buffer, size_t count) {
    return session_ ? session_->transmit(buffer, count)
                    : ::send(descriptor_, buffer, count, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void ConnectionState::finishWriting() {
    if (descriptor_ < 0) return;
    if (session_) session_->finish();
    ::shutdown(descriptor_, SHUT_WR);
    const auto deadline = Clock::now() + std::chrono::milliseconds(500);
    uint8_t discarded[16384];
    for (pollfd watched = {descriptor_, POLLIN, 0}; Clock::now() < deadline;) {
        if (poll(&watched, 1, pollTimeout(deadline)) <= 0) return;
        if (::recv(descriptor_, discarded, sizeof discarded, MSG_DONTWAIT) <= 0) return;
    }
}

/// Tells the peer why nothing more comes. DCMTK takes a read that gave up for a closed connection and says nothing.
void ConnectionState::abort() {
    const bool isOurs = failure_ == CDCMTK_TIMED_OUT || failure_ == CDCMTK_STOPPED || failure_ == CDCMTK_PROTOCOL_ERROR;
    if (descriptor_ < 0 || !isOurs || hasAborted_ || waiting_ == Waiting::association) return;
    const uint8_t pdu[] = {abortRequest, 0, 0, 0, 0, 4, 0, 0, serviceProvider, 0};
    if (transmit(pdu, sizeof pdu) == sizeof pdu) finishWriting();
}

void ConnectionState::close() {
    abort();
    if (descriptor_ >= 0 && session_) session_->finish();
    std::lock_guard lock(descriptorMutex_);
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
}

Clock::time_point ConnectionState::readDeadline() const {
    if (waiting_ == Waiting::association) return waitingSince_ + milliseconds(limits_.association_request_ms);
    const bool betweenPDUs = headerCount_ == 0 && bodyLeft_ == 0;
    if (waiting_ == Waiting::command || waiting_ == Waiting::response) {
        const int32_t patience = waiting_ == Waiting::command ? limits_.idle_ms : responseMilliseconds_;
        return betweenPDUs ? waitingSince_ + milliseconds(patience) : pduSince_ + milliseconds(limits_.pdu_ms);
    }
    const auto allowed = milliseconds(limits_.pdu_ms)
        + std::chrono::milliseconds(messageBytes_ * 1000 / static_cast<uint64_t>(limits_.minimum_bytes_per_second));
    const auto forPDU = (betweenPDUs ? waitingSince_ : pduSince_) + milliseconds(limits_.pdu_ms);
    return std::min(messageSince_ + allowed, forPDU);
}

/// Returns when there may be something to read, or with a failure noted.
void ConnectionState::awaitReadable() {
    const bool mayStop = waiting_ == Waiting::command && headerCount_ == 0 && bodyLeft_ == 0;
    const short awaited = session_ && session_->wantsOutput ? POLLOUT : POLLIN;
    pollfd watched[2] = {{descriptor_, awaited, 0}, {stopDescriptor_, POLLIN, 0}};
    const nfds_t count = mayStop && stopDescriptor_ >= 0 ? 2 : 1;
    // A sender with Nagle on holds the rest of its PDU back until the first piece is acknowledged, which the kernel would
    // put off for 40 ms. Asking for it now, when there is nothing to read, costs one call a pause.
    int on = 1;
    setsockopt(descriptor_, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    for (;;) {
        const int ready = poll(watched, count, pollTimeout(readDeadline()));
        if (ready < 0 && errno == EINTR) continue;
        if (ready < 0) {
            fail(CDCMTK_CLOSED);
        } else if (ready == 0) {
            fail(CDCMTK_TIMED_OUT);
        } else if (count == 2 && watched[1].revents != 0) {
            fail(CDCMTK_STOPPED);
        }
        return;
    }
}

/// Follows the PDU framing; false when a PDU announces more than its kind may have.
bool ConnectionState::follow(const uint8_t *bytes, size_t count) {
    if (bodyLeft_ > 0) {
        bodyLeft_ -= count;
        if (bodyLeft_ == 0) waitingSince_ = Clock::now();
        return true;
    }
    if (headerCount_ == 0) pduSince_ = Clock::now();
    for (size_t i = 0; i < count; ++i) header_[headerCount_++] = bytes[i];
    if (headerCount_ < sizeof header_) return true;
    headerCount_ = 0;
    bodyLeft_ = uint64_t(header_[2]) << 24 | uint64_t(header_[3]) << 16 | uint64_t(header_[4]) << 8 | header_[5];
    const uint64_t limit = header_[0] == dataTF                                     ? limits_.maximum_pdu_length
                           : header_[0] == associateRQ || header_[0] == associateAC ? uint64_t(cdcmtk_maximum_associate_pdu_length)
                                                                                     : maximumControlPDULength;
    if (bodyLeft_ <= limit) return true;
    fail(CDCMTK_PROTOCOL_ERROR);
    return false;
}

ssize_t ConnectionState::read(uint8_t *buffer, size_t count) {
    if (failure_ != CDCMTK_OK) return 0;
    // Never past the end of a PDU part, so that each deadline starts where its part starts.
    const uint64_t wanted = bodyLeft_ > 0 ? bodyLeft_ : sizeof header_ - headerCount_;
    count = static_cast<size_t>(std::min<uint64_t>(count, wanted));
    if (Clock::now() >= readDeadline()) fail(CDCMTK_TIMED_OUT);
    while (failure_ == CDCMTK_OK) {
        const ssize_t received = receive(buffer, count);
        if (received < 0 && errno == EINTR) continue;
        if (received < 0 && errno == EAGAIN) {
            awaitReadable();
            continue;
        }
        if (received <= 0) {
            fail(CDCMTK_CLOSED);
            return 0;
        }
        messageBytes_ += static_cast<uint64_t>(received);
        return follow(buffer, static_cast<size_t>(received)) ? received : 0;
    }
    return 0;
}

ssize_t ConnectionState::write(const uint8_t *buffer, size_t count) {
    hasAborted_ = hasAborted_ || (count == 10 && buffer[0] == abortRequest);
    const auto deadline = Clock::now() + milliseconds(limits_.pdu_ms);
    for (size_t sent = 0; sent < count;) {
        const ssize_t written = transmit(buffer + sent, count - sent);
        if (written > 0) {
            sent += static_cast<size_t>(written);
            continue;
        }
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno != EAGAIN) {
            fail(CDCMTK_CLOSED);
            return -1;
        }
        const short awaited = session_ && !session_->wantsOutput ? POLLIN : POLLOUT;
        pollfd watched = {descriptor_, awaited, 0};
        const int ready = poll(&watched, 1, pollTimeout(deadline));
        if (ready == 0) {
            fail(CDCMTK_TIMED_OUT);
            return -1;
        }
    }
    return static_cast<ssize_t>(count);
}

Connection::Connection(DcmNativeSocketType descriptor, std::shared_ptr<ConnectionState> state)
    : DcmTransportConnection(descriptor), state_(std::move(state)) {
    state_->adopt(descriptor);
}

Connection::~Connection() { close(); }

ssize_t Connection::read(void *buffer, size_t count) { return state_->read(static_cast<uint8_t *>(buffer), count); }

ssize_t Connection::write(void *buffer, size_t count) {
    return state_->write(static_cast<const uint8_t *>(buffer), count);
}

void Connection::close() {
    state_->close();
    setSocket(-1);
}

}  // namespace cdcmtk
