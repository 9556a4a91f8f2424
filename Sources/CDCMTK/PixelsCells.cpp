#include "dcmtk/config/osconfig.h"

#include <algorithm>
#include <cstring>

#include "PixelsInternal.hpp"

namespace cdcmtk {
namespace {

/// Cells read and expanded at once: a chunk stays in the processor's cache, and no frame is held twice. Even, so that
/// chunks begin where pairs of bytes and of pixels do.
constexpr uint64_t chunkCells = 1 << 15;

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

template <typename Cell, bool isBigEndian>
void unpack(const uint8_t *bytes, size_t count, CellLayout layout, int32_t *samples) {
    for (size_t i = 0; i < count; ++i) samples[i] = layout.value(cellAt<Cell>(bytes + i * sizeof(Cell), isBigEndian));
}

template <typename Cell>
void unpack(const uint8_t *bytes, size_t count, bool isBigEndian, CellLayout layout, int32_t *samples) {
    if (isBigEndian) unpack<Cell, true>(bytes, count, layout, samples);
    else unpack<Cell, false>(bytes, count, layout, samples);
}

/// Planes of red, green, blue become pixels: `values`, the first of which is number `first` of the frame, find their place.
void interleave(const int32_t *values, size_t count, uint64_t first, uint64_t pixels, uint64_t planes,
                int32_t *samples) {
    for (size_t i = 0; i < count; ++i) {
        const uint64_t number = first + i;
        samples[number % pixels * planes + number / pixels] = values[i];
    }
}

/// Y1 Y2 Cb Cr of two pixels become two pixels (PS3.3 C.7.6.3.1.2).
void expandChroma(const int32_t *values, size_t count, int32_t *samples) {
    for (size_t i = 0; i + 4 <= count; i += 4) {
        const int32_t blue = values[i + 2], red = values[i + 3];
        const int32_t pair[] = {values[i], blue, red, values[i + 1], blue, red};
        samples = std::copy(std::begin(pair), std::end(pair), samples);
    }
}

/// Reads `bytes.size()` bytes of the value at `start`; swapped ones come in pairs, so an odd piece begins or ends in one.
void readValue(PixelFile &file, uint64_t start, Bytes &bytes) {
    const size_t count = bytes.size();
    const size_t lead = file.isByteSwapped ? start % 2 : 0;
    bytes.resize(lead + count + (file.isByteSwapped ? (lead + count) % 2 : 0));
    if (file.source->read(file.position + start - lead, bytes.data(), bytes.size()) < lead + count) {
        throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "the file ends inside the frame"};
    }
    if (!file.isByteSwapped) return;
    for (size_t i = 0; i + 1 < bytes.size(); i += 2) std::swap(bytes[i], bytes[i + 1]);
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(lead));
    bytes.resize(count);
}

/// Single bits follow one another across frames, the lowest of a byte first (PS3.5 8.1.1).
void decodeBits(PixelFile &file, uint64_t frame, size_t count, int32_t *samples) {
    const uint64_t firstBit = frame * count;
    Bytes bytes((firstBit % 8 + count + 7) / 8);
    if (file.source->read(file.position + firstBit / 8, bytes.data(), bytes.size()) < bytes.size()) {
        throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "the file ends inside the frame"};
    }
    for (size_t i = 0; i < count; ++i) {
        const size_t bit = firstBit % 8 + i;
        samples[i] = (bytes[bit / 8] >> (bit % 8)) & 1;
    }
}

}  // namespace

CellLayout cellLayout(const PixelShape &d, int cellBits) {
    if (d.keepsCells) return {cellBits, cellBits - 1, true};
    const int bitsStored = std::min<int>(d.bits_stored, cellBits);
    const bool isPossible = d.high_bit >= bitsStored - 1 && d.high_bit < cellBits;
    return {bitsStored, isPossible ? d.high_bit : bitsStored - 1, d.is_signed != 0};
}

CellLayout codestreamLayout(const PixelShape &d, int precision) {
    if (d.keepsCells) {
        if (precision > d.bits_allocated) {
            throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "a codestream of " + std::to_string(precision) + " bits in " +
                                                          std::to_string(d.bits_allocated) + " allocated"};
        }
        return {32, 31, true};
    }
    // A codestream wider than Bits Stored holds whole cells; otherwise it holds the stored bits alone, low-aligned.
    if (precision > d.bits_stored) return cellLayout(d, precision);
    return {d.bits_stored, d.bits_stored - 1, d.is_signed != 0};
}

void decodeUncompressed(PixelFile &file, int32_t frame, int32_t *samples) {
    const auto &d = file.description;
    const auto index = static_cast<uint64_t>(frame);
    if (d.bits_allocated == 1) return decodeBits(file, index, sampleCount(d), samples);
    if (d.bits_allocated != 8 && d.bits_allocated != 16 && d.bits_allocated != 32) {
        throw PixelFailure{CDCMTK_PIXELS_UNSUPPORTED, std::to_string(d.bits_allocated) + " bits allocated"};
    }
    if (file.isSubsampled && (d.columns % 2 != 0 || d.bits_allocated != 8)) {
        throw PixelFailure{CDCMTK_PIXELS_UNSUPPORTED, "shared chroma in odd columns or wide cells"};
    }
    const uint64_t planes = static_cast<uint64_t>(d.samples_per_pixel);
    const uint64_t cells = pixelCount(d) * (file.isSubsampled ? 2 : planes);
    const uint64_t cellBytes = static_cast<uint64_t>(d.bits_allocated / 8);
    const CellLayout layout = cellLayout(d, d.bits_allocated);
    const bool isInPlace = !file.isSubsampled && !file.isPlanar;
    Bytes bytes;
    std::vector<int32_t> apart(isInPlace ? 0 : std::min(cells, chunkCells));
    for (uint64_t first = 0; first < cells; first += chunkCells) {
        const size_t count = std::min(chunkCells, cells - first);
        bytes.resize(count * cellBytes);
        readValue(file, (index * cells + first) * cellBytes, bytes);
        int32_t *values = isInPlace ? samples + first : apart.data();
        switch (d.bits_allocated) {
        case 8: unpack<uint8_t>(bytes.data(), count, file.isBigEndian, layout, values); break;
        case 16: unpack<uint16_t>(bytes.data(), count, file.isBigEndian, layout, values); break;
        default: unpack<uint32_t>(bytes.data(), count, file.isBigEndian, layout, values); break;
        }
        if (file.isSubsampled) expandChroma(values, count, samples + first / 2 * 3);
        else if (file.isPlanar) interleave(values, count, first, pixelCount(d), planes, samples);
    }
}

}  // namespace cdcmtk
