#include "dcmtk/config/osconfig.h"

#include <algorithm>
#include <cstring>

#include "PixelsInternal.hpp"

namespace cdcmtk {
namespace {

/// More fragments than any object has; keeps the index of a hostile one small.
constexpr size_t fragmentLimit = 1'000'000;

constexpr uint32_t itemTag = 0xE000FFFE;
constexpr uint32_t sequenceEndTag = 0xE0DDFFFE;
constexpr uint32_t undefinedLength = 0xFFFFFFFF;

/// Walks the items and returns the Basic Offset Table, the first of them.
std::vector<uint64_t> collectFragments(PixelFile &file) {
    std::vector<uint64_t> offsets;
    uint64_t position = file.position;
    for (bool isFirst = true;; isFirst = false) {
        uint8_t head[8];
        if (file.source->read(position, head, sizeof head) < sizeof head) break;
        const uint32_t tag = littleEndian32(head);
        const uint32_t byteCount = littleEndian32(head + 4);
        if (tag == sequenceEndTag) {
            position += sizeof head;
            break;
        }
        if (tag != itemTag || byteCount == undefinedLength) {
            throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "something other than a fragment among the fragments"};
        }
        position += sizeof head;
        const uint64_t present = std::min<uint64_t>(byteCount, file.source->available(position, byteCount));
        if (isFirst) {
            Bytes table(std::min<uint64_t>(present, 4 * fragmentLimit));
            table.resize(file.source->read(position, table.data(), table.size()));
            for (size_t i = 0; i + 4 <= table.size(); i += 4) offsets.push_back(littleEndian32(&table[i]));
        } else {
            if (file.fragments.size() == fragmentLimit) {
                throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "more than a million fragments"};
            }
            file.fragments.push_back({position, static_cast<uint32_t>(present), present < byteCount});
            file.description.announced_byte_count += byteCount;
            file.description.present_byte_count += present;
        }
        if (present < byteCount) break;
        position += byteCount;
    }
    file.end = position;
    return offsets;
}

/// Frame starts by the offset table (PS3.5 A.4), or nothing when it does not point at fragments.
std::vector<uint32_t> startsByTable(const PixelFile &file, const std::vector<uint64_t> &offsets) {
    std::vector<uint32_t> starts;
    if (file.fragments.empty()) return starts;
    const uint64_t base = file.fragments.front().position - 8;
    for (const uint64_t offset : offsets) {
        const auto found = std::lower_bound(
            file.fragments.begin(), file.fragments.end(), base + offset + 8,
            [](const Fragment &fragment, uint64_t position) { return fragment.position < position; });
        if (found == file.fragments.end() || found->position != base + offset + 8) return {};
        const auto index = static_cast<uint32_t>(found - file.fragments.begin());
        if (!starts.empty() && index <= starts.back()) return {};
        starts.push_back(index);
    }
    if (!starts.empty() && starts.front() != 0) return {};
    return starts;
}

/// Frame starts by the marker a JPEG (FFD8) or JPEG 2000 (FF4F) codestream begins with.
std::vector<uint32_t> startsByMarker(const PixelFile &file) {
    std::vector<uint32_t> starts;
    for (size_t i = 0; i < file.fragments.size(); ++i) {
        uint8_t marker[2] = {};
        if (file.fragments[i].byteCount < 2) continue;
        file.source->read(file.fragments[i].position, marker, 2);
        if (marker[0] == 0xFF && (marker[1] == 0xD8 || marker[1] == 0x4F)) starts.push_back(static_cast<uint32_t>(i));
    }
    if (!starts.empty() && starts.front() != 0) starts.clear();
    return starts;
}

}  // namespace

void indexFragments(PixelFile &file) {
    std::vector<uint64_t> offsets = collectFragments(file);
    // Without a Basic Offset Table there may be an extended one (PS3.3 C.7.6.3.1.8).
    if (offsets.empty()) offsets = file.extendedOffsets;
    auto &d = file.description;
    const auto announced = static_cast<size_t>(std::max(d.frames_announced, 1));
    const bool isRLE = std::strcmp(d.transfer_syntax_uid, "1.2.840.10008.1.2.5") == 0;
    auto &starts = file.frameStarts;
    if (!isRLE && file.fragments.size() != announced) {
        starts = startsByTable(file, offsets);
        if (starts.size() != announced) starts = startsByMarker(file);
        if (starts.empty() && announced == 1 && !file.fragments.empty()) starts.push_back(0);
    } else {
        // One fragment a frame: the rule for RLE (PS3.5 A.4.2) and the habit elsewhere.
        for (size_t i = 0; i < file.fragments.size(); ++i) starts.push_back(static_cast<uint32_t>(i));
    }
    d.frames_present = static_cast<int32_t>(starts.size());
}

}  // namespace cdcmtk
