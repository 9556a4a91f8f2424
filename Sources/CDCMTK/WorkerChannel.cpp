// Messages between the daemon and a pixel worker: bytes, and a descriptor beside them.

#include "CDCMTKWorker.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

namespace {

constexpr size_t descriptorRoom = CDCMTK_CHANNEL_DESCRIPTORS * sizeof(int);

/// Room for the control message of so many descriptors and no more.
union Control {
    char bytes[CMSG_SPACE(descriptorRoom)];
    cmsghdr alignment;
};

/// Waits until `channel` is ready for `events`; 0, ETIMEDOUT or an errno. Without a deadline the call itself blocks.
int awaitReady(int channel, short events, int64_t deadline) {
    while (deadline >= 0) {
        const int64_t left = deadline - cdcmtk_monotonic_ms();
        if (left <= 0) return ETIMEDOUT;
        pollfd waiting{channel, events, 0};
        const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<int64_t>(left, INT_MAX)));
        if (ready > 0) return 0;
        if (ready < 0 && errno != EINTR) return errno;
    }
    return 0;
}

void attach(msghdr &message, Control &control, const int32_t *descriptors, size_t count) {
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(count * sizeof(int));
    std::memcpy(CMSG_DATA(head), descriptors, count * sizeof(int));
}

void takeDescriptors(msghdr &message, int32_t *descriptors) {
    for (cmsghdr *head = CMSG_FIRSTHDR(&message); head; head = CMSG_NXTHDR(&message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
        const size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; ++i) {
            int taken;
            std::memcpy(&taken, CMSG_DATA(head) + i * sizeof taken, sizeof taken);
            int32_t *place = std::find(descriptors, descriptors + CDCMTK_CHANNEL_DESCRIPTORS, -1);
            if (place == descriptors + CDCMTK_CHANNEL_DESCRIPTORS) ::close(taken);
            else *place = taken;
        }
    }
}

}  // namespace

extern "C" {

int64_t cdcmtk_monotonic_ms(void) {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

int32_t cdcmtk_channel_send(int32_t channel, const void *bytes, size_t count, const int32_t *descriptors,
                            int32_t descriptor_count, int64_t deadline_ms) {
    if (descriptor_count < 0 || descriptor_count > CDCMTK_CHANNEL_DESCRIPTORS) return EINVAL;
    size_t done = 0;
    while (done < count) {
        if (const int failure = awaitReady(channel, POLLOUT, deadline_ms)) return failure;
        iovec part{const_cast<char *>(static_cast<const char *>(bytes)) + done, count - done};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        Control control{};
        if (descriptor_count > 0 && done == 0) {
            attach(message, control, descriptors, static_cast<size_t>(descriptor_count));
        }
        const ssize_t sent = ::sendmsg(channel, &message, MSG_NOSIGNAL | (deadline_ms >= 0 ? MSG_DONTWAIT : 0));
        if (sent > 0) done += static_cast<size_t>(sent);
        else if (sent < 0 && errno != EINTR && errno != EAGAIN) return errno;
    }
    return 0;
}

int32_t cdcmtk_channel_receive(int32_t channel, void *bytes, size_t count, int32_t *out_descriptors,
                               int64_t deadline_ms) {
    if (out_descriptors) std::fill_n(out_descriptors, CDCMTK_CHANNEL_DESCRIPTORS, -1);
    size_t done = 0;
    while (done < count) {
        if (const int failure = awaitReady(channel, POLLIN, deadline_ms)) return failure;
        iovec part{static_cast<char *>(bytes) + done, count - done};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        Control control{};
        if (out_descriptors) {
            message.msg_control = control.bytes;
            message.msg_controllen = CMSG_LEN(descriptorRoom);
        }
        const ssize_t got =
            ::recvmsg(channel, &message, MSG_CMSG_CLOEXEC | (deadline_ms >= 0 ? MSG_DONTWAIT : 0));
        if (got > 0) {
            done += static_cast<size_t>(got);
            if (out_descriptors) takeDescriptors(message, out_descriptors);
        } else if (got == 0) {
            return EPIPE;
        } else if (errno != EINTR && errno != EAGAIN) {
            return errno == ECONNRESET ? EPIPE : errno;
        }
    }
    return 0;
}

}  // extern "C"
