#include "dcmtk/config/osconfig.h"

#include <algorithm>

#include "PixelsInternal.hpp"

namespace cdcmtk {
namespace {

/// Enough for the marker segments before the first coded sample, unless a profile or comment stands before them.
constexpr size_t headBytes = 65536;

/// Of JPEG 2000 by its wavelet (ISO 15444-1 A.6.1: 0 is the irreversible 9-7), of JPEG-LS by NEAR in the scan header
/// (ISO 14495-1 C.2.3), of JPEG by the process in the frame header (ISO 10918-1 B.1.1.3: SOF3 and its kin are lossless).
int32_t irreversibility(const Bytes &code) {
    const auto byte = [&](size_t at) { return at < code.size() ? code[at] : 0; };
    if (byte(0) != 0xFF || (byte(1) != 0xD8 && byte(1) != 0x4F)) return -1;
    const bool isJPEG2000 = byte(1) == 0x4F;
    bool isJPEGLS = false;
    for (size_t at = 2; at + 4 <= code.size();) {
        if (code[at] != 0xFF) return -1;
        const uint8_t marker = code[at + 1];
        if (marker == 0xFF) {
            ++at;  // A fill byte.
            continue;
        }
        const size_t length = static_cast<size_t>(code[at + 2]) << 8 | code[at + 3];
        if (length < 2) return -1;
        if (isJPEG2000) {
            if (marker == 0x52 && at + 13 < code.size()) return code[at + 13] == 0 ? 1 : 0;
            if (marker == 0x93) return -1;
        } else if (marker == 0xF7) {
            isJPEGLS = true;
        } else if (marker == 0xDA) {
            const size_t near = at + 5 + 2 * static_cast<size_t>(byte(at + 4));
            return isJPEGLS && near < code.size() ? (code[near] > 0 ? 1 : 0) : -1;
        } else if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) {
            return (marker & 3) == 3 ? 0 : 1;
        }
        at += 2 + length;
    }
    return -1;
}

}  // namespace

void describeCodestream(PixelFile &file) {
    if (file.fragments.empty()) return;
    Bytes head(std::min<uint64_t>(file.fragments.front().byteCount, headBytes));
    head.resize(file.source->read(file.fragments.front().position, head.data(), head.size()));
    file.description.irreversibility = irreversibility(head);
}

}  // namespace cdcmtk
