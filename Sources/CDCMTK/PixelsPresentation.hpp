#pragma once

// How pixels are to be shown, and pictures for browsers.

#include <vector>

#include "PixelsInternal.hpp"

namespace cdcmtk {

/// What C is lent, and the tables it points into.
struct Presentation final : cdcmtk_presentation {
    std::vector<uint16_t> tables[4];
};

/// Reads what the header of a file says of showing `frame`.
std::unique_ptr<Presentation> readPresentation(FileSource &source, int32_t frame);

/// `components` samples a pixel, 1 or 3, row by row.
Bytes encodePNG(const uint8_t *samples, int32_t columns, int32_t rows, int32_t components);
Bytes encodeJPEG(const uint8_t *samples, int32_t columns, int32_t rows, int32_t components, int32_t quality);

}  // namespace cdcmtk
