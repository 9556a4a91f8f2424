#include "dcmtk/config/osconfig.h"

#include "CDCMTKPixels.h"

#include <fcntl.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <mutex>
#include <new>

#include "PixelsInternal.hpp"
#include "PixelsOutput.hpp"
#include "PixelsPresentation.hpp"
#include "PixelsSource.hpp"
#include "dcmtk/dcmdata/dcrledrg.h"
#include "dcmtk/dcmjpeg/djdecode.h"
#include "dcmtk/dcmjpls/djdecode.h"

struct cdcmtk_pixels {
    cdcmtk::PixelFile file;
    /// Of the frame decoded last.
    std::string photometric;
};

namespace cdcmtk {
namespace {

void say(cdcmtk_pixels_message *message, const std::string &text) {
    std::snprintf(message->text, sizeof message->text, "%s", text.c_str());
}

/// Runs `body` and lets no exception out.
template <typename Body>
cdcmtk_pixels_result guarded(cdcmtk_pixels_message *message, Body body) {
    say(message, "");
    try {
        body();
        return CDCMTK_PIXELS_OK;
    } catch (const PixelFailure &failure) {
        say(message, failure.message);
        return failure.result;
    } catch (const std::bad_alloc &) {
        say(message, "not enough memory for the frame");
        return CDCMTK_PIXELS_TOO_LARGE;
    } catch (const std::exception &error) {
        say(message, error.what());
        return CDCMTK_PIXELS_CORRUPT;
    } catch (...) {
        say(message, "decoder failed");
        return CDCMTK_PIXELS_CORRUPT;
    }
}

cdcmtk_pixels_result open(int descriptor, FileSource::Ownership ownership, cdcmtk_pixels **out_pixels,
                          cdcmtk_pixels_message *message) {
    *out_pixels = nullptr;
    return guarded(message, [&] {
        auto source = std::make_unique<FileSource>(descriptor, ownership);
        auto pixels = std::make_unique<cdcmtk_pixels>();
        pixels->file = openPixelFile(std::move(source));
        *out_pixels = pixels.release();
    });
}

enum class Coding { uncompressed, rle, jpeg, jpeg2000, unknown };

/// The transfer syntaxes read here (PS3.5 A.1–A.5); DCMTK's JPEG decoder also takes the progressive ones.
Coding coding(const cdcmtk_pixels_description &d) {
    const char *uncompressed[] = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99",
                                  "1.2.840.10008.1.2.2", "1.2.840.113619.5.2"};
    const char *rle[] = {"1.2.840.10008.1.2.5"};
    const char *jpeg[] = {"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.53",
                          "1.2.840.10008.1.2.4.55", "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70",
                          "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"};
    const char *jpeg2000[] = {"1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"};
    const auto isOneOf = [&](const auto &list) {
        return std::any_of(std::begin(list), std::end(list),
                           [&](const char *uid) { return std::strcmp(uid, d.transfer_syntax_uid) == 0; });
    };
    // Pixels of defined length are uncompressed whatever the syntax says (PS3.5 A.4 asks for it in icon images only).
    if (!d.is_encapsulated) {
        const bool isKnown = isOneOf(uncompressed) || isOneOf(rle) || isOneOf(jpeg) || isOneOf(jpeg2000);
        return isKnown ? Coding::uncompressed : Coding::unknown;
    }
    if (isOneOf(rle)) return Coding::rle;
    if (isOneOf(jpeg)) return Coding::jpeg;
    if (isOneOf(jpeg2000)) return Coding::jpeg2000;
    if (isOneOf(uncompressed)) {
        throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "fragments in an uncompressed transfer syntax"};
    }
    return Coding::unknown;
}

void checkShape(const cdcmtk_pixels_description &d, uint64_t byteLimit) {
    if (d.rows == 0 || d.columns == 0) {
        throw PixelFailure{CDCMTK_PIXELS_CORRUPT, std::to_string(d.rows) + " rows of " + std::to_string(d.columns)};
    }
    if (d.samples_per_pixel < 1 || d.samples_per_pixel > 4) {
        throw PixelFailure{CDCMTK_PIXELS_CORRUPT, std::to_string(d.samples_per_pixel) + " samples per pixel"};
    }
    if (d.bits_allocated == 0 || d.bits_stored < 1 || d.bits_stored > d.bits_allocated) {
        throw PixelFailure{CDCMTK_PIXELS_CORRUPT, std::to_string(d.bits_stored) + " bits stored in " +
                                                      std::to_string(d.bits_allocated) + " allocated"};
    }
    if (sampleCount(d) > byteLimit / sizeof(int32_t)) {
        throw PixelFailure{CDCMTK_PIXELS_TOO_LARGE, std::to_string(d.rows) + " x " + std::to_string(d.columns) +
                                                        " pixels are more than the limit"};
    }
}

}  // namespace

Bytes encodedFrame(PixelFile &file, int32_t frame) {
    const auto index = static_cast<size_t>(frame);
    const size_t first = file.frameStarts[index];
    const size_t end = index + 1 < file.frameStarts.size() ? file.frameStarts[index + 1] : file.fragments.size();
    uint64_t byteCount = 0;
    for (size_t i = first; i < end; ++i) {
        if (file.fragments[i].isCut) throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "the file ends inside the frame"};
        byteCount += file.fragments[i].byteCount;
    }
    if (byteCount == 0) throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "the frame is empty"};
    // A codec takes 32-bit lengths and DCMTK pads to even.
    if (byteCount >= INT32_MAX) throw PixelFailure{CDCMTK_PIXELS_TOO_LARGE, "a codestream of 2 GB or more"};
    Bytes encoded(byteCount);
    size_t done = 0;
    for (size_t i = first; i < end; ++i) {
        done += file.source->read(file.fragments[i].position, encoded.data() + done, file.fragments[i].byteCount);
    }
    if (done != byteCount) throw PixelFailure{CDCMTK_PIXELS_UNREADABLE, "the file became shorter"};
    return encoded;
}

void checkFrame(const PixelFile &file, int32_t frame, uint64_t byteLimit) {
    const auto &d = file.description;
    if (coding(d) == Coding::unknown) {
        throw PixelFailure{CDCMTK_PIXELS_UNSUPPORTED, std::string("transfer syntax ") + d.transfer_syntax_uid};
    }
    checkShape(d, byteLimit);
    if (frame < 0 || frame >= std::max({d.frames_announced, d.frames_present, 1})) {
        throw PixelFailure{CDCMTK_PIXELS_NO_SUCH_FRAME, "no frame " + std::to_string(frame)};
    }
    if (frame >= d.frames_present) {
        throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "the file ends before frame " + std::to_string(frame) + " does"};
    }
}

std::string decodeFrame(PixelFile &file, int32_t frame, int32_t *samples) {
    const PixelShape &d = file.description;
    const std::string stored = d.photometric_interpretation;
    switch (coding(d)) {
    case Coding::uncompressed: decodeUncompressed(file, frame, samples); break;
    case Coding::rle: decodeRLE(d, encodedFrame(file, frame), samples); break;
    case Coding::jpeg:
        cdcmtk_register_codecs();
        return decodeJPEG(d, encodedFrame(file, frame), samples);
    case Coding::jpeg2000:
        decodeJPEG2000(d, encodedFrame(file, frame), samples);
        // The decoder takes these two back (PS3.5 8.2.4).
        if (stored == "YBR_RCT" || stored == "YBR_ICT") return "RGB";
        break;
    case Coding::unknown: break;
    }
    return stored;
}

}  // namespace cdcmtk

extern "C" {

void cdcmtk_register_codecs(void) {
    static std::once_flag once;
    std::call_once(once, [] {
        DcmRLEDecoderRegistration::registerCodecs();
        DJDecoderRegistration::registerCodecs();
        DJLSDecoderRegistration::registerCodecs();
    });
}

cdcmtk_pixels_result cdcmtk_pixels_open(const char *path, cdcmtk_pixels **out_pixels,
                                        cdcmtk_pixels_message *out_message) {
    return cdcmtk::open(::open(path, O_RDONLY | O_CLOEXEC), cdcmtk::FileSource::Ownership::owned, out_pixels,
                        out_message);
}

cdcmtk_pixels_result cdcmtk_pixels_open_descriptor(int32_t descriptor, cdcmtk_pixels **out_pixels,
                                                   cdcmtk_pixels_message *out_message) {
    return cdcmtk::open(descriptor, cdcmtk::FileSource::Ownership::borrowed, out_pixels, out_message);
}

const cdcmtk_pixels_description *cdcmtk_pixels_describe(const cdcmtk_pixels *pixels) {
    return &pixels->file.description;
}

const uint16_t *cdcmtk_pixels_modality_lut(const cdcmtk_pixels *pixels) { return pixels->file.modalityLUT.data(); }

cdcmtk_pixels_result cdcmtk_pixels_sample_count(const cdcmtk_pixels *pixels, int32_t frame, uint64_t byte_limit,
                                                size_t *out_count, cdcmtk_pixels_message *out_message) {
    *out_count = 0;
    return cdcmtk::guarded(out_message, [&] {
        using namespace cdcmtk;
        const auto &d = pixels->file.description;
        checkFrame(pixels->file, frame, byte_limit);
        // Swift stops the process where it gets no memory; here it can still be said.
        ::operator delete(::operator new(sampleCount(d) * sizeof(int32_t)));
        *out_count = sampleCount(d);
    });
}

cdcmtk_pixels_result cdcmtk_pixels_decode(cdcmtk_pixels *pixels, int32_t frame, int32_t *samples,
                                          cdcmtk_pixels_message *out_message) {
    return cdcmtk::guarded(out_message, [&] { pixels->photometric = cdcmtk::decodeFrame(pixels->file, frame, samples); });
}

const char *cdcmtk_pixels_decoded_photometric(const cdcmtk_pixels *pixels) { return pixels->photometric.c_str(); }

cdcmtk_pixels_result cdcmtk_pixels_write_frames(int32_t input, int32_t output, const int32_t *frames,
                                                int32_t frame_count, bool is_encoded, uint64_t frame_byte_limit,
                                                uint64_t byte_limit, uint64_t *out_byte_counts,
                                                int32_t *out_failed_frame, cdcmtk_pixels_message *out_message) {
    *out_failed_frame = -1;
    return cdcmtk::guarded(out_message, [&] {
        cdcmtk::writeFrames(input, output, frames, frame_count, is_encoded, frame_byte_limit, byte_limit,
                            out_byte_counts, out_failed_frame);
    });
}

cdcmtk_pixels_result cdcmtk_presentation_read(int32_t input, int32_t frame, cdcmtk_presentation **out_presentation,
                                              cdcmtk_pixels_message *out_message) {
    *out_presentation = nullptr;
    return cdcmtk::guarded(out_message, [&] {
        cdcmtk::FileSource source(input, cdcmtk::FileSource::Ownership::borrowed);
        *out_presentation = cdcmtk::readPresentation(source, frame).release();
    });
}

void cdcmtk_presentation_free(cdcmtk_presentation *presentation) {
    delete static_cast<cdcmtk::Presentation *>(presentation);
}

cdcmtk_pixels_result cdcmtk_image_write(const uint8_t *samples, int32_t columns, int32_t rows, int32_t components,
                                        int32_t jpeg_quality, int32_t output, uint64_t *out_byte_count,
                                        cdcmtk_pixels_message *out_message) {
    *out_byte_count = 0;
    return cdcmtk::guarded(out_message, [&] {
        const cdcmtk::Bytes bytes = jpeg_quality > 0
                                        ? cdcmtk::encodeJPEG(samples, columns, rows, components, jpeg_quality)
                                        : cdcmtk::encodePNG(samples, columns, rows, components);
        cdcmtk::FileOutput file(output, 0, UINT64_MAX);
        file.write(bytes.data(), bytes.size());
        file.flush();
        *out_byte_count = file.byteCount();
    });
}

cdcmtk_pixels_result cdcmtk_pixels_convert(int32_t input, int32_t output, const char *transfer_syntax_uid,
                                           uint64_t frame_byte_limit, uint64_t byte_limit, uint64_t *out_byte_count,
                                           cdcmtk_pixels_message *out_message) {
    *out_byte_count = 0;
    return cdcmtk::guarded(out_message, [&] {
        *out_byte_count = cdcmtk::convert(input, output, transfer_syntax_uid, frame_byte_limit, byte_limit);
    });
}

void cdcmtk_pixels_close(cdcmtk_pixels *pixels) { delete pixels; }

}  // extern "C"
