// PNG by libpng and JPEG by libjpeg-turbo: DCMTK writes both to files alone, and not at all in memory.

#include <png.h>

#include <cstdio>
#include <jpeglib.h>

#include <csetjmp>
#include <cstdlib>
#include <cstring>

#include "PixelsPresentation.hpp"

namespace cdcmtk {
namespace {

/// libjpeg reports by calling, and must not return.
struct ErrorManager {
    jpeg_error_mgr base;
    std::jmp_buf place;
};

void leave(j_common_ptr info) { std::longjmp(reinterpret_cast<ErrorManager *>(info->err)->place, 1); }

void beSilent(j_common_ptr) {}

/// Whether the picture was coded; `*bytes` is freed by the caller in any case. No C++ object lives across the jump.
bool code(const uint8_t *samples, int32_t columns, int32_t rows, int32_t components, int32_t quality,
          unsigned char **bytes, unsigned long *byteCount) {
    jpeg_compress_struct info;
    ErrorManager errors;
    info.err = jpeg_std_error(&errors.base);
    errors.base.error_exit = leave;
    errors.base.output_message = beSilent;
    if (setjmp(errors.place) != 0) {
        jpeg_destroy_compress(&info);
        return false;
    }
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, bytes, byteCount);
    info.image_width = static_cast<JDIMENSION>(columns);
    info.image_height = static_cast<JDIMENSION>(rows);
    info.input_components = components;
    info.in_color_space = components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, quality, TRUE);
    // Who asks for much quality wants the colours of every pixel.
    if (components == 3 && quality >= 90) info.comp_info[0].h_samp_factor = info.comp_info[0].v_samp_factor = 1;
    jpeg_start_compress(&info, TRUE);
    const size_t stride = static_cast<size_t>(columns) * static_cast<size_t>(components);
    while (info.next_scanline < info.image_height) {
        auto *row = const_cast<JSAMPLE *>(samples + info.next_scanline * stride);
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    return true;
}

}  // namespace

Bytes encodePNG(const uint8_t *samples, int32_t columns, int32_t rows, int32_t components) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<png_uint_32>(columns);
    image.height = static_cast<png_uint_32>(rows);
    image.format = components == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    image.flags = PNG_IMAGE_FLAG_FAST;
    png_alloc_size_t byteCount = PNG_IMAGE_PNG_SIZE_MAX(image);
    Bytes bytes(byteCount);
    if (!png_image_write_to_memory(&image, bytes.data(), &byteCount, 0, samples, 0, nullptr)) {
        throw PixelFailure{CDCMTK_PIXELS_TOO_LARGE, std::string("PNG: ") + image.message};
    }
    bytes.resize(byteCount);
    return bytes;
}

Bytes encodeJPEG(const uint8_t *samples, int32_t columns, int32_t rows, int32_t components, int32_t quality) {
    unsigned char *coded = nullptr;
    unsigned long byteCount = 0;
    const bool isCoded = code(samples, columns, rows, components, quality, &coded, &byteCount);
    const std::unique_ptr<unsigned char, decltype(&std::free)> owner(coded, std::free);
    if (!isCoded) throw PixelFailure{CDCMTK_PIXELS_TOO_LARGE, "the picture is no JPEG"};
    return Bytes(coded, coded + byteCount);
}

}  // namespace cdcmtk
