#include "dcmtk/config/osconfig.h"

#include <algorithm>
#include <cstring>

#include "PixelsOutput.hpp"
#include "PixelsParsed.hpp"
#include "dcmtk/dcmdata/dcistrmb.h"
#include "dcmtk/dcmdata/dcpixel.h"
#include "dcmtk/dcmdata/dcpixseq.h"
#include "dcmtk/dcmdata/dcpxitem.h"
#include "dcmtk/dcmdata/dcwcache.h"

namespace cdcmtk {
namespace {

/// What comes after Pixel Data is read at once: padding, digital signatures.
constexpr uint64_t trailerLimit = 64 << 20;
/// Uncompressed pixels are copied in pieces of so many bytes, whole words each.
constexpr uint64_t copiedBytes = 1 << 20;
/// The longest value of defined length (PS3.5 7.1.1), even.
constexpr uint64_t longestValue = 0xFFFFFFFE;

/// Fragments in memory, one after another.
class MemorySource final : public PixelSource {
public:
    size_t read(uint64_t position, void *buffer, size_t count) override {
        const auto start = static_cast<size_t>(std::min<uint64_t>(position, bytes.size()));
        const size_t got = std::min(count, bytes.size() - start);
        std::memcpy(buffer, bytes.data() + start, got);
        return got;
    }
    uint64_t available(uint64_t position, uint64_t) override {
        return position < bytes.size() ? bytes.size() - position : 0;
    }

    Bytes bytes;
};

/// Writes one object anew. Everything but how it is encoded, and what decoded pixels make untrue, stays as it is.
class Conversion {
public:
    Conversion(int input, int output, E_TransferSyntax syntax, uint64_t frameByteLimit, uint64_t byteLimit)
        : input(input), source(input, FileSource::Ownership::borrowed), output(output, 0, byteLimit), stream(this->output),
          syntax(syntax), frameByteLimit(frameByteLimit) {}

    uint64_t run() {
        ParsedFile header(source);
        DcmDataset &dataset = *header.format.getDataset();
        if (!hasPixels(dataset)) {
            // Whatever comes after the place of Pixel Data is read too.
            ParsedFile whole(source, DCM_UndefinedTagKey);
            writeHeader(whole.format);
        } else if (pixels->description.is_encapsulated) {
            writeDecoded(header.format);
        } else {
            writeStored(header.format);
        }
        output.flush();
        return output.byteCount();
    }

private:
    /// Opens the pixels when there are any.
    bool hasPixels(DcmDataset &dataset) {
        if (dataset.tagExists(DCM_FloatPixelData) || dataset.tagExists(DCM_DoubleFloatPixelData)) return false;
        try {
            pixels = std::make_unique<PixelFile>(
                openPixelFile(std::make_unique<FileSource>(input, FileSource::Ownership::borrowed)));
            return true;
        } catch (const PixelFailure &failure) {
            if (failure.result != CDCMTK_PIXELS_ABSENT) throw;
            return false;
        }
    }

    /// The bytes of the value are right as they are, but for the order within their words.
    void writeStored(DcmFileFormat &format) {
        PixelFile &file = *pixels;
        const uint64_t byteCount = file.description.announced_byte_count;
        writeHeader(format, byteCount + byteCount % 2);
        // Little Endian does not show that a sender wrote OB for words.
        const bool isOtherWord = isBigEndian() ? isInWords(file) : file.isOtherWord;
        writePixelHead(isOtherWord, byteCount + byteCount % 2);
        const bool isSwapped = isWordSwapped(file) != (isBigEndian() && isOtherWord);
        Bytes bytes;
        for (uint64_t done = 0; done < byteCount; done += bytes.size()) {
            bytes.resize(std::min(byteCount - done, copiedBytes));
            if (file.source->read(file.position + done, bytes.data(), bytes.size()) < bytes.size()) {
                throw PixelFailure{CDCMTK_PIXELS_CORRUPT, "the file ends inside its pixels"};
            }
            if (isSwapped) swapWords(bytes.data(), bytes.size());
            output.write(bytes.data(), bytes.size());
        }
        if (byteCount % 2 != 0) output.write("", 1);
        writeTrailer();
    }

    void writeDecoded(DcmFileFormat &format) {
        PixelFile &file = *pixels;
        const auto &d = file.description;
        const int32_t frames = std::max(d.frames_announced, 1);
        checkFrame(file, frames - 1, frameByteLimit);
        FrameBytes decoded(file);
        const uint64_t byteCount = decoded.byteCount() * static_cast<uint64_t>(frames);
        if (byteCount > longestValue) {
            throw PixelFailure{CDCMTK_PIXELS_TOO_LARGE, "uncompressed pixels of " + std::to_string(byteCount) + " bytes"};
        }
        const Bytes *bytes = &decoded.frame(0);
        const bool isOtherWord = d.bits_allocated > 8;
        describeDecoded(*format.getDataset(), decoded.photometricInterpretation());
        writeHeader(format, byteCount + byteCount % 2);
        writePixelHead(isOtherWord, byteCount + byteCount % 2);
        for (int32_t frame = 0; frame < frames; ++frame) {
            if (frame > 0) bytes = &decoded.frame(frame);
            if (isBigEndian() && isOtherWord) {
                swapped = *bytes;
                swapWords(swapped.data(), swapped.size());
                bytes = &swapped;
            }
            output.write(bytes->data(), bytes->size());
        }
        if (byteCount % 2 != 0) output.write("", 1);
        writeTrailer();
    }

    /// What PS3.5 8.2 lets a decoder change, and what speaks of fragments.
    void describeDecoded(DcmDataset &dataset, const std::string &photometric) {
        if (photometric != pixels->description.photometric_interpretation) {
            check(dataset.putAndInsertString(DCM_PhotometricInterpretation, photometric.c_str()));
        }
        if (pixels->description.samples_per_pixel > 1) {
            check(dataset.putAndInsertUint16(DCM_PlanarConfiguration, 0));
        }
        // Extended Offset Table, its lengths, Encapsulated Pixel Data Value Total Length.
        for (const Uint16 element : {0x0001, 0x0002, 0x0003}) dataset.findAndDeleteElement(DcmTagKey(0x7FE0, element));
    }

    void writeHeader(DcmFileFormat &format, uint64_t pixelByteCount = 0) {
        DcmMetaInfo &meta = *format.getMetaInfo();
        check(meta.putAndInsertUint32(DCM_FileMetaInformationGroupLength, 0));
        check(meta.putAndInsertString(DCM_TransferSyntaxUID, DcmXfer(syntax).getXferID()));
        check(meta.putAndInsertString(DCM_ImplementationClassUID, OFFIS_IMPLEMENTATION_CLASS_UID));
        check(meta.putAndInsertString(DCM_ImplementationVersionName, OFFIS_DTK_IMPLEMENTATION_VERSION_NAME));
        check(meta.computeGroupLengthAndPadding(EGL_withGL, EPD_noChange, EXS_LittleEndianExplicit, EET_ExplicitLength));
        DcmWriteCache cache;
        meta.transferInit();
        check(meta.write(stream, EXS_LittleEndianExplicit, EET_ExplicitLength, &cache));
        meta.transferEnd();

        DcmDataset &dataset = *format.getDataset();
        decodeIcons(dataset, DcmXfer(dataset.getOriginalXfer()));
        check(dataset.computeGroupLengthAndPadding(EGL_recalcGL, EPD_noChange, syntax, EET_ExplicitLength));
        countPixels(dataset, pixelByteCount);
        writeElements(dataset);
    }

    /// The group length of Pixel Data counts it, though it is not in `dataset`.
    void countPixels(DcmDataset &dataset, uint64_t pixelByteCount) {
        const DcmTagKey key(0x7FE0, 0x0000);
        Uint32 others = 0;
        if (!pixels || dataset.findAndGetUint32(key, others).bad()) return;
        const uint64_t all = others + pixelByteCount + (isExplicit() ? 12 : 8);
        if (all > UINT32_MAX) dataset.findAndDeleteElement(key);
        else check(dataset.putAndInsertUint32(key, static_cast<Uint32>(all)));
    }

    void writeElements(DcmDataset &dataset) {
        DcmWriteCache cache;
        dataset.transferInit();
        check(dataset.write(stream, syntax, EET_ExplicitLength, &cache, EGL_noChange));
        dataset.transferEnd();
    }

    void writePixelHead(bool isOtherWord, uint64_t byteCount) {
        if (byteCount > longestValue) throw PixelFailure{CDCMTK_PIXELS_TOO_LARGE, "pixels longer than a value may be"};
        Bytes head;
        const auto put = [&](uint64_t value, size_t width) {
            for (size_t i = 0; i < width; ++i) {
                head.push_back(static_cast<uint8_t>(value >> (8 * (isBigEndian() ? width - 1 - i : i))));
            }
        };
        put(0x7FE0, 2);
        put(0x0010, 2);
        if (isExplicit()) {
            head.push_back('O');
            head.push_back(isOtherWord ? 'W' : 'B');
            put(0, 2);
        }
        put(byteCount, 4);
        output.write(head.data(), head.size());
    }

    void writeTrailer() {
        PixelFile &file = *pixels;
        const uint64_t byteCount = file.source->available(file.end, trailerLimit + 1);
        if (byteCount > trailerLimit) throw PixelFailure{CDCMTK_PIXELS_TOO_LARGE, "more than 64 MB after the pixels"};
        Bytes bytes(byteCount);
        bytes.resize(file.source->read(file.end, bytes.data(), bytes.size()));
        // Some senders append zeros, fewer than an element has.
        if (bytes.size() < 8) return;
        const DcmXfer read = DcmXfer(DcmXfer(file.description.transfer_syntax_uid).isImplicitVR()
                                         ? EXS_LittleEndianImplicit
                                         : (file.isBigEndian ? EXS_BigEndianExplicit : EXS_LittleEndianExplicit));
        DcmInputBufferStream rest;
        rest.setBuffer(bytes.data(), static_cast<offile_off_t>(bytes.size()));
        rest.setEos();
        DcmDataset trailer;
        trailer.transferInit();
        check(trailer.read(rest, read.getXfer(), EGL_noChange));
        trailer.transferEnd();
        decodeIcons(trailer, read);
        check(trailer.computeGroupLengthAndPadding(EGL_recalcGL, EPD_noChange, syntax, EET_ExplicitLength));
        writeElements(trailer);
    }

    /// Encapsulated pixels within Sequences (PS3.5 A.4, Icon Image Sequence) become uncompressed too.
    void decodeIcons(DcmItem &item, const DcmXfer &from) {
        std::vector<DcmPixelData *> found;
        for (DcmObject *object = item.nextInContainer(nullptr); object; object = item.nextInContainer(object)) {
            if (object->ident() == EVR_SQ) {
                auto &items = *static_cast<DcmSequenceOfItems *>(object);
                for (unsigned long i = 0; i < items.card(); ++i) decodeIcons(*items.getItem(i), from);
            } else if (object->ident() == EVR_PixelData) {
                found.push_back(static_cast<DcmPixelData *>(object));
            }
        }
        for (DcmPixelData *icon : found) decodeIcon(item, *icon, from);
    }

    void decodeIcon(DcmItem &item, DcmPixelData &icon, const DcmXfer &from) {
        E_TransferSyntax coded = EXS_Unknown;
        const DcmRepresentationParameter *parameter = nullptr;
        icon.getOriginalRepresentationKey(coded, parameter);
        DcmPixelSequence *sequence = nullptr;
        if (icon.getEncapsulatedRepresentation(coded, parameter, sequence).bad() || !sequence) return;

        PixelFile file;
        describeImage(item, from, file);
        file.description.is_encapsulated = 1;
        auto memory = std::make_unique<MemorySource>();
        for (unsigned long i = 1; i < sequence->card(); ++i) {
            DcmPixelItem *fragment = nullptr;
            Uint8 *bytes = nullptr;
            if (sequence->getItem(fragment, i).bad() || fragment->getUint8Array(bytes).bad() || !bytes) continue;
            const Uint32 count = fragment->getLength();
            file.fragments.push_back({memory->bytes.size(), count, false});
            memory->bytes.insert(memory->bytes.end(), bytes, bytes + count);
        }
        file.source = std::move(memory);
        file.frameStarts.push_back(0);
        file.description.frames_announced = file.description.frames_present = 1;
        checkFrame(file, 0, frameByteLimit);
        FrameBytes decoded(file);
        const Bytes &bytes = decoded.frame(0);
        const bool isOtherWord = file.description.bits_allocated > 8;
        auto replacement = std::make_unique<DcmPixelData>(DcmTag(DCM_PixelData, isOtherWord ? EVR_OW : EVR_OB));
        if (isOtherWord) {
            std::vector<Uint16> words(bytes.size() / 2);
            std::memcpy(words.data(), bytes.data(), words.size() * 2);
            check(replacement->putUint16Array(words.data(), words.size()));
        } else {
            check(replacement->putUint8Array(bytes.data(), bytes.size()));
        }
        if (decoded.photometricInterpretation() != file.description.photometric_interpretation) {
            check(item.putAndInsertString(DCM_PhotometricInterpretation, decoded.photometricInterpretation().c_str()));
        }
        if (file.description.samples_per_pixel > 1) check(item.putAndInsertUint16(DCM_PlanarConfiguration, 0));
        check(item.insert(replacement.get(), OFTrue));
        replacement.release();
    }

    void check(const OFCondition &condition) {
        if (condition == EC_MemoryExhausted) throw std::bad_alloc();
        if (condition.bad()) throw PixelFailure{CDCMTK_PIXELS_CORRUPT, condition.text()};
    }

    bool isBigEndian() const { return syntax == EXS_BigEndianExplicit; }
    bool isExplicit() const { return syntax != EXS_LittleEndianImplicit; }

    int input;
    FileSource source;
    std::unique_ptr<PixelFile> pixels;
    FileOutput output;
    OutputStream stream;
    E_TransferSyntax syntax;
    uint64_t frameByteLimit;
    Bytes swapped;
};

}  // namespace

uint64_t convert(int input, int output, const char *transferSyntax, uint64_t frameByteLimit, uint64_t byteLimit) {
    const E_TransferSyntax syntax = DcmXfer(transferSyntax).getXfer();
    if (syntax != EXS_LittleEndianExplicit && syntax != EXS_LittleEndianImplicit && syntax != EXS_BigEndianExplicit) {
        throw PixelFailure{CDCMTK_PIXELS_UNSUPPORTED, std::string("nothing is written as ") + transferSyntax};
    }
    return Conversion(input, output, syntax, frameByteLimit, byteLimit).run();
}

}  // namespace cdcmtk
