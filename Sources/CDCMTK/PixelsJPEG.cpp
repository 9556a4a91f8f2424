#include "dcmtk/config/osconfig.h"

#include <cstring>
#include <optional>

#include "JPEGWarnings.hpp"
#include "PixelsInternal.hpp"
#include "dcmtk/dcmdata/dccodec.h"
#include "dcmtk/dcmdata/dcpixseq.h"
#include "dcmtk/dcmdata/dcpxitem.h"
#include "dcmtk/dcmdata/dctk.h"

namespace cdcmtk {
namespace {

/// What a JPEG or JPEG-LS codestream says of its image (ISO 10918-1 B.2.2, ISO 14495-1 C.2.2).
struct FrameHeader {
    int precision;
    int height;
    int width;
    int components;
    bool isLossless;
    bool isSequential;
};

/// Finds the frame header (SOF) before the first scan.
std::optional<FrameHeader> frameHeader(const Bytes &code) {
    const auto pair = [&](size_t at) { return code[at] << 8 | code[at + 1]; };
    size_t at = 2;
    if (code.size() < 4 || code[0] != 0xFF || code[1] != 0xD8) return std::nullopt;
    while (at + 4 <= code.size()) {
        if (code[at] != 0xFF) return std::nullopt;
        const uint8_t marker = code[at + 1];
        if (marker == 0xFF) {
            ++at;
            continue;
        }
        if (marker == 0xDA || marker == 0xD9) return std::nullopt;
        const bool isTable = marker == 0xC4 || marker == 0xC8 || marker == 0xCC;
        if ((marker >= 0xC0 && marker <= 0xCF && !isTable) || marker == 0xF7) {
            if (at + 10 > code.size()) return std::nullopt;
            return FrameHeader{code[at + 4], pair(at + 5), pair(at + 7), code[at + 9],
                               marker == 0xC3, marker == 0xC0 || marker == 0xC1};
        }
        at += 2 + static_cast<size_t>(pair(at + 2));
    }
    return std::nullopt;
}

/// Whether so few bytes cannot code so many samples, before anything is allocated for them.
///
/// Lossless JPEG spends a bit a sample at least, sequential DCT two bits on a block of 64. JPEG-LS and progressive
/// JPEG have runs without such a bound; the caller's limit holds for them.
bool isTooShort(const FrameHeader &header, uint64_t samples, size_t byteCount) {
    if (header.isLossless) return samples / 8 > byteCount;
    if (header.isSequential) return samples / 512 > byteCount;
    return false;
}

std::string shape(int rows, int columns, int samples) {
    return std::to_string(rows) + " x " + std::to_string(columns) + " x " + std::to_string(samples);
}

void put(DcmItem &item, const DcmTagKey &tag, int value) {
    if (item.putAndInsertUint16(tag, static_cast<Uint16>(value)).bad()) throw std::bad_alloc();
}

}  // namespace

std::string decodeJPEG(const PixelShape &d, const Bytes &encoded, int32_t *samples) {
    const std::optional<FrameHeader> header = frameHeader(encoded);
    if (!header) throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "no JPEG frame header"};
    if (header->height != d.rows || header->width != d.columns || header->components != d.samples_per_pixel) {
        throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "JPEG of " + shape(header->height, header->width, header->components) +
                                                      " in an image of " +
                                                      shape(d.rows, d.columns, d.samples_per_pixel)};
    }
    if (header->precision < 2 || header->precision > 16) {
        throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "JPEG of " + std::to_string(header->precision) + " bits"};
    }
    const size_t count = sampleCount(d);
    if (isTooShort(*header, count, encoded.size())) {
        throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "too few JPEG bytes for the image"};
    }

    // The decoder sees one frame as an object of its own, with the codestream's depth: then other frames' fragments
    // and a header of another depth cannot mislead it.
    const int cellBytes = header->precision > 8 ? 2 : 1;
    DcmDataset item;
    put(item, DCM_SamplesPerPixel, d.samples_per_pixel);
    put(item, DCM_Rows, d.rows);
    put(item, DCM_Columns, d.columns);
    put(item, DCM_BitsAllocated, 8 * cellBytes);
    put(item, DCM_BitsStored, header->precision);
    put(item, DCM_HighBit, header->precision - 1);
    put(item, DCM_PixelRepresentation, d.is_signed);
    put(item, DCM_PlanarConfiguration, 0);
    item.putAndInsertString(DCM_PhotometricInterpretation, d.photometric_interpretation);
    DcmPixelSequence sequence(DcmTag(DCM_PixelData, EVR_OB));
    sequence.insert(new DcmPixelItem(DcmTag(DCM_Item, EVR_OB)));
    auto *fragment = new DcmPixelItem(DcmTag(DCM_Item, EVR_OB));
    sequence.insert(fragment);
    if (fragment->putUint8Array(encoded.data(), encoded.size()).bad()) throw std::bad_alloc();

    // Zeros first: a decoder that fills less must not show what memory held before.
    std::vector<uint8_t> cells(count * static_cast<size_t>(cellBytes) + 1);
    Uint32 startFragment = 1;
    OFString colorModel;
    const DcmXfer syntax(d.transfer_syntax_uid);
    const JPEGWarnings warnings;
    const OFCondition condition =
        DcmCodecList::decodeFrame(syntax, nullptr, &sequence, &item, 0, startFragment, cells.data(),
                                  static_cast<Uint32>(cells.size() & ~size_t{1}), colorModel);
    if (condition == EC_MemoryExhausted) throw std::bad_alloc();
    if (condition.bad()) throw PixelFailure{CDCMTK_PIXELS_CORRUPT, std::string("JPEG: ") + condition.text()};
    const std::string corruption = warnings.corruption();
    if (!corruption.empty()) throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "JPEG: " + corruption};

    const CellLayout layout = codestreamLayout(d, header->precision);
    if (cellBytes == 1) {
        for (size_t i = 0; i < count; ++i) samples[i] = layout.value(cells[i]);
    } else {
        for (size_t i = 0; i < count; ++i) {
            uint16_t cell;
            std::memcpy(&cell, &cells[2 * i], sizeof cell);
            samples[i] = layout.value(cell);
        }
    }
    return colorModel.c_str();
}

}  // namespace cdcmtk
