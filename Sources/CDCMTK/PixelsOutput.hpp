#pragma once

// What is written of an object, by position into a descriptor that came for it: the only way out of the pixel worker's
// sandbox but its channel.

#include "dcmtk/config/osconfig.h"

#include "PixelsInternal.hpp"
#include "dcmtk/dcmdata/dcostrma.h"

namespace cdcmtk {

/// The bytes of a file that is being written, gathered into large pieces.
class FileOutput final {
public:
    /// `descriptor` stays the caller's. More than `byteLimit` bytes are refused as CDCMTK_PIXELS_TOO_LARGE.
    FileOutput(int descriptor, uint64_t position, uint64_t byteLimit)
        : descriptor(descriptor), position(position), limit(byteLimit) {}

    void write(const void *bytes, size_t count);
    /// To be called in the end.
    void flush();
    /// Bytes given to write.
    uint64_t byteCount() const { return written; }

private:
    void put(const uint8_t *bytes, size_t count);

    int descriptor;
    uint64_t position;
    uint64_t limit;
    uint64_t written = 0;
    Bytes gathered;
};

/// DCMTK's stream into an output. A failure of the output passes through DCMTK as PixelFailure.
class OutputStream final : public DcmOutputStream {
public:
    explicit OutputStream(FileOutput &output) : DcmOutputStream(&consumer), consumer(output) {}

private:
    class Consumer final : public DcmConsumer {
    public:
        explicit Consumer(FileOutput &output) : output(output) {}
        OFBool good() const override { return OFTrue; }
        OFCondition status() const override { return EC_Normal; }
        OFBool isFlushed() const override { return OFTrue; }
        offile_off_t avail() const override { return 1 << 30; }
        offile_off_t write(const void *bytes, offile_off_t count) override {
            output.write(bytes, static_cast<size_t>(count));
            return count;
        }
        void flush() override {}

    private:
        FileOutput &output;
    };

    Consumer consumer;
};

/// Bytes of `frame` as Explicit VR Little Endian has them, cells of Bits Allocated: as stored when uncompressed, else
/// decoded, the samples of a pixel side by side. Asked for a frame that checkFrame was good for.
class FrameBytes final {
public:
    explicit FrameBytes(PixelFile &file);

    /// Valid until the next call.
    const Bytes &frame(int32_t index);
    /// Of what frame gave last.
    const std::string &photometricInterpretation() const { return photometric; }
    /// Every frame has as many bytes.
    uint64_t byteCount() const;

private:
    const Bytes &storedFrame(int32_t index);

    PixelFile &file;
    std::vector<int32_t> samples;
    Bytes bytes;
    std::string photometric;
};

/// Exchanges the bytes of 16-bit words; a last odd one stays.
void swapWords(uint8_t *bytes, size_t count);

/// Whether cells are in 16-bit words; wide ones are, whatever a header says (PS3.5 A.2).
inline bool isInWords(const PixelFile &file) { return file.isOtherWord || file.description.bits_allocated > 8; }

/// Whether the value's bytes are those of big-endian words.
inline bool isWordSwapped(const PixelFile &file) { return file.isBigEndian && isInWords(file); }

/// Writes frames one after another, decoded or as they are coded; each one's length is put into `byteCounts`.
void writeFrames(int input, int output, const int32_t *frames, int32_t frameCount, bool isEncoded,
                 uint64_t frameByteLimit, uint64_t byteLimit, uint64_t *byteCounts, int32_t *failedFrame);

/// Writes the object that is open at `input` in another Transfer Syntax; returns how many bytes were written.
uint64_t convert(int input, int output, const char *transferSyntax, uint64_t frameByteLimit, uint64_t byteLimit);

}  // namespace cdcmtk
