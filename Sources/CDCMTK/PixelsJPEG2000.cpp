#include "dcmtk/config/osconfig.h"

#include <openjpeg-2.5/openjpeg.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "PixelsInternal.hpp"

namespace cdcmtk {
namespace {

/// Tiles a codestream may be cut into: OpenJPEG allocates some kilobytes for each before it reads one.
constexpr uint64_t tileLimit = 4096;

struct Reader {
    const uint8_t *bytes;
    size_t byteCount;
    size_t position;
};

OPJ_SIZE_T readBytes(void *target, OPJ_SIZE_T count, void *user) {
    auto *reader = static_cast<Reader *>(user);
    const size_t got = std::min<size_t>(count, reader->byteCount - reader->position);
    if (got == 0) return static_cast<OPJ_SIZE_T>(-1);
    std::memcpy(target, reader->bytes + reader->position, got);
    reader->position += got;
    return got;
}

OPJ_OFF_T skipBytes(OPJ_OFF_T count, void *user) {
    auto *reader = static_cast<Reader *>(user);
    if (count < 0) return -1;
    const size_t skipped = std::min<size_t>(static_cast<size_t>(count), reader->byteCount - reader->position);
    reader->position += skipped;
    return static_cast<OPJ_OFF_T>(skipped);
}

OPJ_BOOL seekBytes(OPJ_OFF_T position, void *user) {
    auto *reader = static_cast<Reader *>(user);
    if (position < 0 || static_cast<size_t>(position) > reader->byteCount) return OPJ_FALSE;
    reader->position = static_cast<size_t>(position);
    return OPJ_TRUE;
}

void keepFirst(const char *message, void *user) {
    auto *kept = static_cast<std::string *>(user);
    if (kept->empty()) *kept = message;
    while (!kept->empty() && kept->back() == '\n') kept->pop_back();
}

void ignore(const char *, void *) {}

/// Compares the image and tile sizes of the SIZ marker segment (ISO 15444-1 A.5.1) with the header, before OpenJPEG
/// allocates by them.
void checkSize(const cdcmtk_pixels_description &d, const uint8_t *code, size_t byteCount) {
    const auto number = [&](size_t at) {
        return static_cast<uint32_t>(code[at]) << 24 | static_cast<uint32_t>(code[at + 1]) << 16 |
               static_cast<uint32_t>(code[at + 2]) << 8 | static_cast<uint32_t>(code[at + 3]);
    };
    if (byteCount < 42 || code[2] != 0xFF || code[3] != 0x51) {
        throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "no JPEG 2000 image size"};
    }
    const uint64_t right = number(8), bottom = number(12), left = number(16), top = number(20);
    const uint64_t tileWidth = number(24), tileHeight = number(28);
    const int components = code[40] << 8 | code[41];
    if (right <= left || bottom <= top || right - left != static_cast<uint64_t>(d.columns) ||
        bottom - top != static_cast<uint64_t>(d.rows) || components != d.samples_per_pixel) {
        throw PixelFailure{CDCMTK_PIXELS_CORRUPT,
                           "JPEG 2000 of another size than " + std::to_string(d.rows) + " x " +
                               std::to_string(d.columns) + " x " + std::to_string(d.samples_per_pixel)};
    }
    if (tileWidth == 0 || tileHeight == 0 ||
        ((right + tileWidth - 1) / tileWidth) * ((bottom + tileHeight - 1) / tileHeight) > tileLimit) {
        throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "JPEG 2000 of more than 4096 tiles"};
    }
}

/// The one failure that OpenJPEG puts into words alone; the second are those of a tile that it got no memory for.
bool isOutOfMemory(const std::string &problem) {
    return problem.find("memory") != std::string::npos || problem.find("system limits") != std::string::npos;
}

}  // namespace

void decodeJPEG2000(const PixelShape &d, const Bytes &encoded, int32_t *samples) {
    // Some senders wrap the codestream in a JP2 file although PS3.5 A.4.4 forbids it: begin at SOC, SIZ.
    const uint8_t start[] = {0xFF, 0x4F, 0xFF, 0x51};
    const auto found = std::search(encoded.begin(), encoded.end(), std::begin(start), std::end(start));
    if (found == encoded.end()) throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "no JPEG 2000 codestream"};
    const size_t skipped = static_cast<size_t>(found - encoded.begin());
    Reader reader{encoded.data() + skipped, encoded.size() - skipped, 0};
    checkSize(d, reader.bytes, reader.byteCount);

    const std::unique_ptr<opj_codec_t, decltype(&opj_destroy_codec)> codec(opj_create_decompress(OPJ_CODEC_J2K),
                                                                           opj_destroy_codec);
    const std::unique_ptr<opj_stream_t, decltype(&opj_stream_destroy)> stream(
        opj_stream_create(std::min<size_t>(reader.byteCount, 1 << 16), OPJ_TRUE), opj_stream_destroy);
    if (!codec || !stream) throw std::bad_alloc();
    std::string problem;
    opj_set_error_handler(codec.get(), keepFirst, &problem);
    opj_set_warning_handler(codec.get(), ignore, nullptr);
    opj_set_info_handler(codec.get(), ignore, nullptr);
    opj_stream_set_read_function(stream.get(), readBytes);
    opj_stream_set_skip_function(stream.get(), skipBytes);
    opj_stream_set_seek_function(stream.get(), seekBytes);
    opj_stream_set_user_data(stream.get(), &reader, nullptr);
    opj_stream_set_user_data_length(stream.get(), reader.byteCount);

    opj_dparameters_t parameters;
    opj_set_default_decoder_parameters(&parameters);
    opj_image_t *raw = nullptr;
    bool isDecoded = opj_setup_decoder(codec.get(), &parameters) &&
                     opj_decoder_set_strict_mode(codec.get(), OPJ_TRUE) &&
                     opj_read_header(stream.get(), codec.get(), &raw);
    const std::unique_ptr<opj_image_t, decltype(&opj_image_destroy)> image(raw, opj_image_destroy);
    isDecoded = isDecoded && opj_decode(codec.get(), stream.get(), image.get()) &&
                opj_end_decompress(codec.get(), stream.get());
    if (!isDecoded && isOutOfMemory(problem)) throw std::bad_alloc();
    if (!isDecoded) throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "JPEG 2000: " + problem};

    const size_t pixels = static_cast<size_t>(d.rows) * static_cast<size_t>(d.columns);
    const auto perPixel = static_cast<size_t>(d.samples_per_pixel);
    for (size_t sample = 0; sample < perPixel; ++sample) {
        const opj_image_comp_t &component = image->comps[sample];
        if (!component.data || component.w != static_cast<OPJ_UINT32>(d.columns) ||
            component.h != static_cast<OPJ_UINT32>(d.rows) || component.prec < 1 || component.prec > 32) {
            throw PixelFailure{CDCMTK_PIXELS_UNSUPPORTED, "JPEG 2000 with components of different sizes"};
        }
        const CellLayout layout = codestreamLayout(d, static_cast<int>(component.prec));
        for (size_t i = 0; i < pixels; ++i) {
            samples[i * perPixel + sample] = layout.value(static_cast<uint32_t>(component.data[i]));
        }
    }
}

}  // namespace cdcmtk
