#include "PixelsSource.hpp"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "dcmtk/dcmdata/dcerror.h"

namespace cdcmtk {
namespace {

constexpr size_t windowBytes = 16384;

/// For values that stay in the file until somebody asks for them, such as a long table.
class SourceFactory final : public DcmInputStreamFactory {
public:
    SourceFactory(FileSource &source, uint64_t position) : source(source), position(position) {}

    DcmInputStream *create() const override { return new SourceStream(source, position); }
    DcmInputStreamFactory *clone() const override { return new SourceFactory(source, position); }
    DcmInputStreamFactoryType ident() const override { return DFT_DcmInputFileStreamFactory; }

private:
    FileSource &source;
    uint64_t position;
};

}  // namespace

FileSource::FileSource(int descriptor, Ownership ownership) : descriptor(descriptor), ownership(ownership) {
    struct stat status{};
    int code = descriptor < 0 ? errno : 0;
    // The C library's fstat may be the system call that takes a name as well, which the sandbox refuses.
    if (code == 0 && ::syscall(SYS_fstat, descriptor, &status) != 0) code = errno;
    if (code == 0 && !S_ISREG(status.st_mode)) code = EINVAL;
    if (code != 0) {
        if (ownership == Ownership::owned && descriptor >= 0) ::close(descriptor);
        throw PixelFailure{CDCMTK_PIXELS_UNREADABLE, std::string("cannot open the file: ") + std::strerror(code)};
    }
    byteCount = static_cast<uint64_t>(status.st_size);
}

FileSource::~FileSource() {
    if (ownership == Ownership::owned) ::close(descriptor);
}

size_t FileSource::read(uint64_t position, void *buffer, size_t count) {
    size_t done = 0;
    while (done < count) {
        const ssize_t got = ::pread(descriptor, static_cast<char *>(buffer) + done, count - done,
                                    static_cast<off_t>(position + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw PixelFailure{CDCMTK_PIXELS_UNREADABLE, std::strerror(errno)};
        if (got == 0) break;
        done += static_cast<size_t>(got);
    }
    return done;
}

offile_off_t SourceProducer::read(void *buffer, offile_off_t count) {
    auto *target = static_cast<uint8_t *>(buffer);
    offile_off_t done = 0;
    while (done < count && condition.good()) {
        const bool isInside = position >= windowStart && position < windowStart + window.size();
        if (!isInside) {
            window.resize(windowBytes);
            windowStart = position;
            window.resize(source.read(position, window.data(), windowBytes));
            if (window.empty()) break;
        }
        const auto offset = static_cast<size_t>(position - windowStart);
        const size_t part = std::min(window.size() - offset, static_cast<size_t>(count - done));
        std::memcpy(target + done, window.data() + offset, part);
        done += static_cast<offile_off_t>(part);
        position += part;
    }
    return done;
}

offile_off_t SourceProducer::skip(offile_off_t count) {
    const auto skipped = std::min(count, avail());
    position += static_cast<uint64_t>(skipped);
    return skipped;
}

void SourceProducer::putback(offile_off_t count) {
    if (static_cast<uint64_t>(count) > position) {
        condition = EC_PutbackFailed;
        return;
    }
    position -= static_cast<uint64_t>(count);
}

DcmInputStreamFactory *SourceStream::newFactory() const {
    // Behind a filter the position is not that of the file.
    if (currentProducer() != &producer) return nullptr;
    return new SourceFactory(source, start + static_cast<uint64_t>(tell()));
}

}  // namespace cdcmtk
