#include "dcmtk/config/osconfig.h"

#include <algorithm>
#include <cstring>

#include "PixelsInternal.hpp"

namespace cdcmtk {
namespace {

/// Unpacks one PackBits segment (PS3.5 G.3) of `encoded[from..<to]` into `plane`; returns how many bytes it made.
size_t unpackSegment(const Bytes &encoded, size_t from, size_t to, Bytes &plane) {
    size_t done = 0;
    while (from < to && done < plane.size()) {
        const auto control = static_cast<int8_t>(encoded[from++]);
        if (control >= 0) {
            const size_t count = std::min({static_cast<size_t>(control) + 1, to - from, plane.size() - done});
            std::memcpy(&plane[done], &encoded[from], count);
            from += count;
            done += count;
        } else if (control != -128 && from < to) {
            const size_t count = std::min(static_cast<size_t>(1 - control), plane.size() - done);
            std::memset(&plane[done], encoded[from++], count);
            done += count;
        }
    }
    return done;
}

}  // namespace

// DCMTK 3.6.7's RLE decoder trusts the segment offsets and fills a segment that ends early with its last value, which
// would hide a truncated image.
void decodeRLE(const PixelShape &d, const Bytes &encoded, int32_t *samples) {
    if (d.bits_allocated != 8 && d.bits_allocated != 16 && d.bits_allocated != 32) {
        throw PixelFailure{CDCMTK_PIXELS_UNSUPPORTED, std::to_string(d.bits_allocated) + " bits allocated"};
    }
    constexpr size_t headerBytes = 64;
    const size_t bytesPerSample = static_cast<size_t>(d.bits_allocated) / 8;
    const size_t perPixel = static_cast<size_t>(d.samples_per_pixel);
    const size_t pixels = static_cast<size_t>(d.rows) * static_cast<size_t>(d.columns);
    const size_t segments = bytesPerSample * perPixel;
    const auto offset = [&](size_t index) -> size_t { return littleEndian32(&encoded[4 * index]); };
    if (encoded.size() < headerBytes || offset(0) != segments || segments > 15) {
        throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "RLE header does not fit the image"};
    }
    // Two bytes make at most 128, so a frame cannot be more than 64 times its code.
    if (pixels * segments / 64 > encoded.size()) {
        throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "too few RLE bytes for the image"};
    }
    Bytes plane(pixels);
    const CellLayout layout = cellLayout(d, d.bits_allocated);
    for (size_t sample = 0; sample < perPixel; ++sample) {
        for (size_t byte = 0; byte < bytesPerSample; ++byte) {
            const size_t segment = sample * bytesPerSample + byte;
            const size_t from = offset(segment + 1);
            const size_t to = segment + 1 < segments ? offset(segment + 2) : encoded.size();
            if (from < headerBytes || from > to || to > encoded.size()) {
                throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "RLE segments lie outside the frame"};
            }
            if (unpackSegment(encoded, from, to, plane) < pixels) {
                throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "an RLE segment ends before the image does"};
            }
            // The most significant byte comes first (PS3.5 G.2), and the last completes the cell.
            const bool isFirst = byte == 0, isLast = byte + 1 == bytesPerSample;
            int32_t *values = samples + sample;
            for (size_t i = 0; i < pixels; ++i) {
                const uint32_t above = isFirst ? 0 : static_cast<uint32_t>(values[i * perPixel]) << 8;
                const uint32_t cell = above | plane[i];
                values[i * perPixel] = isLast ? layout.value(cell) : static_cast<int32_t>(cell);
            }
        }
    }
}

}  // namespace cdcmtk
