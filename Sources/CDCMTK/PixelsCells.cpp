#include "dcmtk/config/osconfig.h"

#include <algorithm>
#include <cstring>

#include "PixelsInternal.hpp"

namespace cdcmtk {
namespace {

template <typename Cell>
Cell cellAt(const uint8_t *bytes, bool isBigEndian) {
    Cell value = 0;
    if (!isBigEndian) {
        std::memcpy(&value, bytes, sizeof value);
    } else {
        for (size_t i = 0; i < sizeof(Cell); ++i) value = static_cast<Cell>((value << 8) | bytes[i]);
    }
    return value;
}

template <typename Cell>
void unpack(const Bytes &bytes, bool isBigEndian, CellLayout layout, std::vector<int32_t> &samples) {
    const size_t count = bytes.size() / sizeof(Cell);
    samples.resize(count);
    for (size_t i = 0; i < count; ++i) {
        samples[i] = layout.value(cellAt<Cell>(&bytes[i * sizeof(Cell)], isBigEndian));
    }
}

/// Planes of red, green, blue become pixels.
void interleave(std::vector<int32_t> &samples, size_t planes) {
    std::vector<int32_t> result(samples.size());
    const size_t pixels = samples.size() / planes;
    for (size_t plane = 0; plane < planes; ++plane) {
        for (size_t i = 0; i < pixels; ++i) result[i * planes + plane] = samples[plane * pixels + i];
    }
    samples.swap(result);
}

/// Y1 Y2 Cb Cr of two pixels become two pixels (PS3.3 C.7.6.3.1.2).
void expandChroma(std::vector<int32_t> &samples) {
    std::vector<int32_t> result;
    result.reserve(samples.size() / 2 * 3);
    for (size_t i = 0; i + 4 <= samples.size(); i += 4) {
        const int32_t blue = samples[i + 2], red = samples[i + 3];
        const int32_t pair[] = {samples[i], blue, red, samples[i + 1], blue, red};
        result.insert(result.end(), std::begin(pair), std::end(pair));
    }
    samples.swap(result);
}

/// Single bits follow one another across frames, the lowest of a byte first (PS3.5 8.1.1).
void decodeBits(PixelFile &file, uint64_t frame, size_t count, std::vector<int32_t> &samples) {
    const uint64_t firstBit = frame * count;
    Bytes bytes((firstBit % 8 + count + 7) / 8);
    if (file.source->read(file.position + firstBit / 8, bytes.data(), bytes.size()) < bytes.size()) {
        throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "the file ends inside the frame"};
    }
    samples.resize(count);
    for (size_t i = 0; i < count; ++i) {
        const size_t bit = firstBit % 8 + i;
        samples[i] = (bytes[bit / 8] >> (bit % 8)) & 1;
    }
}

}  // namespace

CellLayout cellLayout(const cdcmtk_pixels_description &d, int cellBits) {
    const int bitsStored = std::min<int>(d.bits_stored, cellBits);
    const bool isPossible = d.high_bit >= bitsStored - 1 && d.high_bit < cellBits;
    return {bitsStored, isPossible ? d.high_bit : bitsStored - 1, d.is_signed != 0};
}

CellLayout codestreamLayout(const cdcmtk_pixels_description &d, int precision) {
    // A codestream wider than Bits Stored holds whole cells; otherwise it holds the stored bits alone, low-aligned.
    if (precision > d.bits_stored) return cellLayout(d, precision);
    return {d.bits_stored, d.bits_stored - 1, d.is_signed != 0};
}

void decodeUncompressed(PixelFile &file, int32_t frame, std::vector<int32_t> &samples) {
    const auto &d = file.description;
    const auto index = static_cast<uint64_t>(frame);
    if (d.bits_allocated == 1) return decodeBits(file, index, sampleCount(d), samples);
    if (d.bits_allocated != 8 && d.bits_allocated != 16 && d.bits_allocated != 32) {
        throw PixelFailure{CDCMTK_PIXELS_UNSUPPORTED, std::to_string(d.bits_allocated) + " bits allocated"};
    }
    if (file.isSubsampled && (d.columns % 2 != 0 || d.bits_allocated != 8)) {
        throw PixelFailure{CDCMTK_PIXELS_UNSUPPORTED, "shared chroma in odd columns or wide cells"};
    }
    const uint64_t perPixel = file.isSubsampled ? 2 : static_cast<uint64_t>(d.samples_per_pixel);
    const uint64_t byteCount = static_cast<uint64_t>(d.rows) * static_cast<uint64_t>(d.columns) * perPixel *
                               static_cast<uint64_t>(d.bits_allocated / 8);
    const uint64_t start = index * byteCount;
    // Swapped bytes come in pairs, so an odd frame begins or ends inside one.
    const uint64_t lead = file.isByteSwapped ? start % 2 : 0;
    Bytes bytes(lead + byteCount + (file.isByteSwapped ? (lead + byteCount) % 2 : 0));
    if (file.source->read(file.position + start - lead, bytes.data(), bytes.size()) < lead + byteCount) {
        throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "the file ends inside the frame"};
    }
    if (file.isByteSwapped) {
        for (size_t i = 0; i + 1 < bytes.size(); i += 2) std::swap(bytes[i], bytes[i + 1]);
        bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(lead));
        bytes.resize(byteCount);
    }
    const CellLayout layout = cellLayout(d, d.bits_allocated);
    switch (d.bits_allocated) {
    case 8: unpack<uint8_t>(bytes, file.isBigEndian, layout, samples); break;
    case 16: unpack<uint16_t>(bytes, file.isBigEndian, layout, samples); break;
    default: unpack<uint32_t>(bytes, file.isBigEndian, layout, samples); break;
    }
    if (file.isSubsampled) expandChroma(samples);
    else if (file.isPlanar) interleave(samples, static_cast<size_t>(d.samples_per_pixel));
}

}  // namespace cdcmtk
