#include "PixelsOutput.hpp"

#include "PixelsSource.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace cdcmtk {
namespace {

constexpr size_t gatheredBytes = 1 << 18;

template <typename Cell>
void pack(const std::vector<int32_t> &samples, Bytes &bytes) {
    bytes.resize(samples.size() * sizeof(Cell));
    for (size_t i = 0; i < samples.size(); ++i) {
        const auto cell = static_cast<Cell>(samples[i]);
        std::memcpy(&bytes[i * sizeof(Cell)], &cell, sizeof cell);
    }
}

}  // namespace

void FileOutput::write(const void *bytes, size_t count) {
    if (count > limit - written) {
        throw PixelFailure{CDCMTK_PIXELS_TOO_LARGE, "the object is larger uncompressed than may be written"};
    }
    written += count;
    const auto *start = static_cast<const uint8_t *>(bytes);
    if (gathered.size() + count < gatheredBytes) {
        gathered.insert(gathered.end(), start, start + count);
        return;
    }
    flush();
    put(start, count);
}

void FileOutput::flush() {
    put(gathered.data(), gathered.size());
    gathered.clear();
    gathered.reserve(gatheredBytes);
}

void FileOutput::put(const uint8_t *bytes, size_t count) {
    while (count > 0) {
        const ssize_t done = ::pwrite(descriptor, bytes, count, static_cast<off_t>(position));
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) throw PixelFailure{CDCMTK_PIXELS_UNWRITABLE, std::strerror(errno)};
        bytes += done;
        count -= static_cast<size_t>(done);
        position += static_cast<uint64_t>(done);
    }
}

void swapWords(uint8_t *bytes, size_t count) {
    for (size_t i = 0; i + 1 < count; i += 2) std::swap(bytes[i], bytes[i + 1]);
}

FrameBytes::FrameBytes(PixelFile &file) : file(file) {
    file.description.keepsCells = true;
    const int bits = file.description.bits_allocated;
    if (file.description.is_encapsulated && bits != 8 && bits != 16 && bits != 32) {
        throw PixelFailure{CDCMTK_PIXELS_UNSUPPORTED, std::to_string(bits) + " bits allocated"};
    }
}

uint64_t FrameBytes::byteCount() const {
    const auto &d = file.description;
    const uint64_t samples = file.isSubsampled ? pixelCount(d) * 2 : sampleCount(d);
    return (samples * static_cast<uint64_t>(d.bits_allocated) + 7) / 8;
}

const Bytes &FrameBytes::frame(int32_t index) {
    if (!file.description.is_encapsulated) return storedFrame(index);
    samples.resize(sampleCount(file.description));
    photometric = decodeFrame(file, index, samples.data());
    switch (file.description.bits_allocated) {
    case 8: pack<uint8_t>(samples, bytes); break;
    case 16: pack<uint16_t>(samples, bytes); break;
    default: pack<uint32_t>(samples, bytes); break;
    }
    return bytes;
}

const Bytes &FrameBytes::storedFrame(int32_t index) {
    const auto &d = file.description;
    photometric = d.photometric_interpretation;
    const uint64_t bits = (file.isSubsampled ? pixelCount(d) * 2 : sampleCount(d)) * static_cast<uint64_t>(d.bits_allocated);
    const uint64_t firstBit = bits * static_cast<uint64_t>(index);
    // Frames of single bits follow one another within a byte, and swapped bytes come in pairs: read what is around.
    const uint64_t first = firstBit / 8 / 2 * 2;
    const auto shift = static_cast<unsigned>(firstBit % 8);
    const auto lead = static_cast<size_t>(firstBit / 8 - first);
    const auto count = static_cast<size_t>((bits + 7) / 8);
    bytes.resize(lead + (static_cast<size_t>(shift + bits) + 7) / 8);
    const size_t wanted = bytes.size();
    bytes.resize(wanted + wanted % 2);
    if (file.source->read(file.position + first, bytes.data(), bytes.size()) < wanted) {
        throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "the file ends inside the frame"};
    }
    if (isWordSwapped(file)) swapWords(bytes.data(), bytes.size());
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(lead));
    if (shift != 0) {
        for (size_t i = 0; i + 1 < bytes.size(); ++i) {
            bytes[i] = static_cast<uint8_t>(bytes[i] >> shift | bytes[i + 1] << (8 - shift));
        }
        bytes.back() = static_cast<uint8_t>(bytes.back() >> shift);
    }
    bytes.resize(count);
    // What follows in the last byte is of the next frame.
    if (bits % 8 != 0) bytes.back() = static_cast<uint8_t>(bytes.back() & ((1U << (bits % 8)) - 1));
    return bytes;
}

void writeFrames(int input, int output, const int32_t *frames, int32_t frameCount, bool isEncoded,
                 uint64_t frameByteLimit, uint64_t byteLimit, uint64_t *byteCounts, int32_t *failedFrame) {
    PixelFile file = openPixelFile(std::make_unique<FileSource>(input, FileSource::Ownership::borrowed));
    const bool isRaw = isEncoded && file.description.is_encapsulated;
    FileOutput target(output, 0, byteLimit);
    for (int32_t i = 0; i < frameCount; ++i) {
        *failedFrame = frames[i];
        if (isRaw) {
            if (frames[i] < 0 || frames[i] >= file.description.frames_present) {
                throw PixelFailure{CDCMTK_PIXELS_NO_SUCH_FRAME, "no frame " + std::to_string(frames[i])};
            }
            const Bytes bytes = encodedFrame(file, frames[i]);
            target.write(bytes.data(), bytes.size());
            byteCounts[i] = bytes.size();
        } else {
            checkFrame(file, frames[i], frameByteLimit);
            FrameBytes cells(file);
            const Bytes &bytes = cells.frame(frames[i]);
            target.write(bytes.data(), bytes.size());
            byteCounts[i] = bytes.size();
        }
    }
    target.flush();
}

}  // namespace cdcmtk
