#include "dcmtk/config/osconfig.h"

#include <algorithm>
#include <cstring>

#include "PixelsInternal.hpp"
#include "PixelsParsed.hpp"

namespace cdcmtk {
namespace {

/// Values longer than this stay in the file; nothing the pixels need is.
constexpr Uint32 keptValueBytes = 4096;

/// What a deflated file inflates to. It only runs forward, so a step back parses the file again.
class DeflatedSource final : public PixelSource {
public:
    DeflatedSource(std::unique_ptr<FileSource> file, std::unique_ptr<ParsedFile> parsed)
        : file(std::move(file)), parsed(std::move(parsed)) {}

    size_t read(uint64_t position, void *buffer, size_t count) override {
        if (position >= keptStart && position - keptStart + count <= kept.size()) {
            std::memcpy(buffer, kept.data() + (position - keptStart), count);
            return count;
        }
        return seek(position) ? advance(static_cast<char *>(buffer), count) : 0;
    }

    /// To count is to inflate, so what was counted is kept for reading.
    uint64_t available(uint64_t position, uint64_t enough) override {
        kept.clear();
        if (!seek(position)) return 0;
        if (enough > keptLimit) return advance(nullptr, enough);
        kept.resize(enough);
        kept.resize(advance(reinterpret_cast<char *>(kept.data()), enough));
        keptStart = position;
        return kept.size();
    }

private:
    bool seek(uint64_t position) {
        const auto now = static_cast<uint64_t>(parsed->stream.tell());
        if (now > position) {
            parsed = std::make_unique<ParsedFile>(*file);
            parsed->stream.putback();
        }
        const uint64_t distance = position - static_cast<uint64_t>(parsed->stream.tell());
        return advance(nullptr, distance) == distance;
    }

    /// Inflates `count` bytes into `buffer`, or past them when it is null.
    size_t advance(char *buffer, uint64_t count) {
        char waste[16384];
        uint64_t done = 0;
        while (done < count) {
            const uint64_t wanted = std::min<uint64_t>(count - done, sizeof waste);
            const offile_off_t got =
                parsed->stream.read(buffer ? buffer + done : waste, static_cast<offile_off_t>(wanted));
            if (got <= 0) break;
            done += static_cast<uint64_t>(got);
        }
        return done;
    }

    static constexpr uint64_t keptLimit = 64 << 20;

    std::unique_ptr<FileSource> file;
    std::unique_ptr<ParsedFile> parsed;
    Bytes kept;
    uint64_t keptStart = 0;
};

int32_t number(DcmItem &item, const DcmTagKey &tag, int32_t absent = 0) {
    Uint16 value = 0;
    return item.findAndGetUint16(tag, value).good() ? value : absent;
}

void copyText(char *target, size_t capacity, const OFString &text) {
    const size_t count = std::min(text.size(), capacity - 1);
    std::memcpy(target, text.data(), count);
    target[count] = 0;
}

/// Tag, VR and length of the element the stream stands at; `position` is moved to its value.
struct ElementHead {
    bool isPixelData = false;
    bool isOtherWord = false;
    uint32_t byteCount = 0;
};

ElementHead readHead(PixelSource &source, const DcmXfer &syntax, uint64_t &position) {
    uint8_t head[12] = {};
    const bool isExplicit = syntax.isExplicitVR();
    const size_t headBytes = isExplicit ? 12 : 8;
    if (source.read(position, head, headBytes) < headBytes) return {};
    const bool swapped = syntax.getByteOrder() == EBO_BigEndian;
    const auto at = [&](size_t index, size_t width) {
        uint32_t value = 0;
        for (size_t i = 0; i < width; ++i) {
            value |= static_cast<uint32_t>(head[index + (swapped ? width - 1 - i : i)]) << (8 * i);
        }
        return value;
    };
    ElementHead result;
    result.isPixelData = at(0, 2) == 0x7FE0 && at(2, 2) == 0x0010;
    result.isOtherWord = !isExplicit || head[4] != 'O' || head[5] != 'B';
    result.byteCount = at(isExplicit ? 8 : 4, 4);
    position += headBytes;
    return result;
}

/// Bytes of `frames` uncompressed frames, saturating.
uint64_t uncompressedByteCount(const PixelFile &file, uint64_t frames) {
    const auto &d = file.description;
    const unsigned __int128 samples = file.isSubsampled
        ? static_cast<unsigned __int128>(pixelCount(d)) * 2
        : static_cast<unsigned __int128>(sampleCount(d));
    const unsigned __int128 bytes = (samples * static_cast<unsigned>(d.bits_allocated) * frames + 7) / 8;
    return bytes > UINT64_MAX ? UINT64_MAX : static_cast<uint64_t>(bytes);
}

void measureUncompressed(PixelFile &file) {
    auto &d = file.description;
    const uint64_t frames = d.frames_announced > 0 ? static_cast<uint64_t>(d.frames_announced) : 1;
    d.expected_byte_count = uncompressedByteCount(file, frames);
    const uint64_t enough = std::min(d.expected_byte_count, d.announced_byte_count);
    d.present_byte_count = std::min(d.announced_byte_count, file.source->available(file.position, enough));
    uint64_t whole = frames;
    if (d.expected_byte_count > d.present_byte_count) {
        const uint64_t perFrame = uncompressedByteCount(file, 1);
        whole = std::min(frames, d.present_byte_count / std::max<uint64_t>(perFrame, 1));
    }
    d.frames_present = static_cast<int32_t>(whole);
}

void readExtendedOffsets(DcmDataset &dataset, PixelFile &file) {
    DcmElement *element = nullptr;
    if (dataset.findAndGetElement(DCM_ExtendedOffsetTable, element).bad()) return;
    const size_t count = element->getLength() / 8;
    std::vector<uint64_t> offsets(count);
    // By bytes: DCMTK may know the element as OV or as UN, and both are little endian here.
    if (count == 0 || element->getPartialValue(offsets.data(), 0, static_cast<Uint32>(8 * count), nullptr).bad()) return;
    file.extendedOffsets = std::move(offsets);
}

}  // namespace

ParsedFile::ParsedFile(FileSource &source, const DcmTagKey &stop) : stream(source) {
    format.transferInit();
    const OFCondition condition = format.readUntilTag(stream, EXS_Unknown, EGL_noChange, keptValueBytes, stop);
    format.transferEnd();
    if (condition.bad()) {
        throw PixelFailure{CDCMTK_PIXELS_CORRUPT, std::string("header cannot be parsed: ") + condition.text()};
    }
}

void describeImage(DcmItem &item, const DcmXfer &syntax, PixelFile &file) {
    auto &d = file.description;
    d.rows = number(item, DCM_Rows);
    d.columns = number(item, DCM_Columns);
    d.samples_per_pixel = number(item, DCM_SamplesPerPixel, 1);
    d.bits_allocated = number(item, DCM_BitsAllocated);
    d.bits_stored = number(item, DCM_BitsStored, d.bits_allocated);
    d.high_bit = number(item, DCM_HighBit, d.bits_stored - 1);
    d.is_signed = number(item, DCM_PixelRepresentation) == 1;
    Sint32 frames = 1;
    if (item.findAndGetSint32(DCM_NumberOfFrames, frames).bad()) frames = 1;
    d.frames_announced = frames;
    OFString text;
    if (item.findAndGetOFString(DCM_PhotometricInterpretation, text).good()) {
        copyText(d.photometric_interpretation, sizeof d.photometric_interpretation, text);
    }
    copyText(d.transfer_syntax_uid, sizeof d.transfer_syntax_uid, syntax.getXferID());
    file.isPlanar = d.samples_per_pixel > 1 && number(item, DCM_PlanarConfiguration) == 1;
    file.isBigEndian = syntax.getPixelDataByteOrder() == EBO_BigEndian;
}

PixelFile openPixelFile(std::unique_ptr<FileSource> plain) {
    PixelFile file;
    auto parsed = std::make_unique<ParsedFile>(*plain);
    DcmDataset &dataset = *parsed->format.getDataset();
    const DcmXfer syntax(dataset.getOriginalXfer());
    describeImage(dataset, syntax, file);
    describeScale(dataset, file);
    OFString uid;
    if (parsed->format.getMetaInfo()->findAndGetOFString(DCM_TransferSyntaxUID, uid).good() && !uid.empty()) {
        copyText(file.description.transfer_syntax_uid, sizeof file.description.transfer_syntax_uid, uid);
    }
    if (dataset.tagExists(DCM_FloatPixelData) || dataset.tagExists(DCM_DoubleFloatPixelData)) {
        throw PixelFailure{CDCMTK_PIXELS_UNSUPPORTED, "float pixels"};
    }
    // The parser has read the head of the element it stopped at; go back to its first byte. Inflated bytes cannot be
    // put back far, which matters only where the last element is not Pixel Data anyway.
    if (syntax.getStreamCompression() == ESC_none || !parsed->stream.eos()) parsed->stream.putback();
    file.position = static_cast<uint64_t>(parsed->stream.tell());
    if (syntax.getStreamCompression() == ESC_none) {
        file.source = std::move(plain);
    } else {
        file.source = std::make_unique<DeflatedSource>(std::move(plain), std::move(parsed));
    }
    const ElementHead head = readHead(*file.source, syntax, file.position);
    if (!head.isPixelData) throw PixelFailure{CDCMTK_PIXELS_ABSENT, "no Pixel Data"};

    auto &d = file.description;
    d.irreversibility = -1;
    file.isOtherWord = head.isOtherWord;
    readExtendedOffsets(dataset, file);
    file.isByteSwapped = file.isBigEndian && head.isOtherWord && d.bits_allocated <= 8;
    d.is_encapsulated = head.byteCount == DCM_UndefinedLength;
    if (d.is_encapsulated) {
        indexFragments(file);
        describeCodestream(file);
    } else {
        d.announced_byte_count = head.byteCount;
        file.isSubsampled = d.samples_per_pixel == 3 && std::strstr(d.photometric_interpretation, "_422") != nullptr;
        measureUncompressed(file);
        file.end = file.position + head.byteCount;
    }
    return file;
}

}  // namespace cdcmtk
