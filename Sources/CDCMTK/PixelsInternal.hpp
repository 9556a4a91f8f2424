#pragma once

// What the parts of Pixels*.cpp share; never seen outside this target.

#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "CDCMTKPixels.h"

class DcmDataset;

namespace cdcmtk {

/// Thrown inside the target only; Pixels.cpp turns it into a result and a message.
struct PixelFailure {
    cdcmtk_pixels_result result;
    std::string message;
};

/// Grows without writing zeros first: what is in it is read or decoded into it at once.
template <typename Value>
struct UninitialisedAllocator : std::allocator<Value> {
    template <typename Other>
    struct rebind {
        using other = UninitialisedAllocator<Other>;
    };
    template <typename Other>
    void construct(Other *place) noexcept {
        ::new (static_cast<void *>(place)) Other;
    }
    template <typename Other, typename... Arguments>
    void construct(Other *place, Arguments &&...arguments) {
        ::new (static_cast<void *>(place)) Other(std::forward<Arguments>(arguments)...);
    }
};

using Bytes = std::vector<uint8_t, UninitialisedAllocator<uint8_t>>;

/// Bytes of a file, or of what a deflated file inflates to, by position.
class PixelSource {
public:
    virtual ~PixelSource() = default;
    /// Reads up to `count` bytes at `position`; fewer only at the end.
    virtual size_t read(uint64_t position, void *buffer, size_t count) = 0;
    /// Bytes at and after `position`, not counted beyond `enough`.
    virtual uint64_t available(uint64_t position, uint64_t enough) = 0;
};

/// One fragment of encapsulated pixels (PS3.5 A.4).
struct Fragment {
    uint64_t position;
    uint32_t byteCount;
    /// Whether the file ends before the fragment does.
    bool isCut;
};

/// What the decoders are told of an image.
struct PixelShape : cdcmtk_pixels_description {
    /// Cells come as they are coded, with the bits around those stored, instead of stored values.
    bool keepsCells = false;
};

/// A parsed header and the place of the pixels behind it.
struct PixelFile {
    PixelShape description{};
    std::unique_ptr<PixelSource> source;
    /// First byte of the value, in `source`.
    uint64_t position = 0;
    /// Where the next element begins.
    uint64_t end = 0;
    bool isBigEndian = false;
    /// Written as 16-bit words (VR OW), as in Implicit VR.
    bool isOtherWord = false;
    /// 8-bit cells in big-endian 16-bit words (OW): each pair comes swapped.
    bool isByteSwapped = false;
    bool isPlanar = false;
    /// Chroma of two pixels shared: two stored samples a pixel (PS3.3 C.7.6.3.1.2, YBR_FULL_422).
    bool isSubsampled = false;
    std::vector<Fragment> fragments;
    /// Extended Offset Table (7FE0,0001); empty without one.
    std::vector<uint64_t> extendedOffsets;
    /// Index of the first fragment of each frame, ascending.
    std::vector<uint32_t> frameStarts;
    std::vector<uint16_t> modalityLUT;
};

class FileSource;
/// Parses the header of a Part-10 file and finds its frames.
PixelFile openPixelFile(std::unique_ptr<FileSource> source);
/// Reads what stored values mean: padding, rescale, Modality and VOI LUT, Presentation LUT Shape.
void describeScale(DcmDataset &dataset, PixelFile &file);
/// Finds the fragments and frames of encapsulated pixels.
void indexFragments(PixelFile &file);
/// Reads from the head of the first codestream whether it can give back what was encoded.
void describeCodestream(PixelFile &file);

/// How a cell of `bits` bits becomes a stored value.
struct CellLayout {
    int bitsStored;
    int highBit;
    bool isSigned;

    int32_t value(uint32_t cell) const {
        const uint32_t raised = cell << (31 - highBit);
        if (isSigned) return static_cast<int32_t>(raised) >> (32 - bitsStored);
        const uint32_t low = raised >> (32 - bitsStored);
        return low > INT32_MAX ? INT32_MAX : static_cast<int32_t>(low);
    }
};

/// The layout the header describes; a High Bit that cannot be is taken as Bits Stored - 1.
CellLayout cellLayout(const PixelShape &shape, int cellBits);
/// The layout of cells from a codestream of `precision` bits.
CellLayout codestreamLayout(const PixelShape &shape, int precision);

/// Throws PixelFailure unless frame `frame` can be decoded to at most `byteLimit` bytes of samples.
void checkFrame(const PixelFile &file, int32_t frame, uint64_t byteLimit);
/// The codestream of one frame, in one piece, whatever it is coded in.
Bytes encodedFrame(PixelFile &file, int32_t frame);
/// Decodes a frame that checkFrame was good for; returns the Photometric Interpretation of what came out.
std::string decodeFrame(PixelFile &file, int32_t frame, int32_t *samples);

/// `samples` has room for sampleCount(shape) values, uninitialised; so in the others.
void decodeUncompressed(PixelFile &file, int32_t frame, int32_t *samples);
void decodeRLE(const PixelShape &shape, const Bytes &encoded, int32_t *samples);
/// Returns the colour model the decoder left the samples in.
std::string decodeJPEG(const PixelShape &shape, const Bytes &encoded, int32_t *samples);
void decodeJPEG2000(const PixelShape &shape, const Bytes &encoded, int32_t *samples);

inline uint64_t pixelCount(const cdcmtk_pixels_description &d) {
    return static_cast<uint64_t>(d.rows) * static_cast<uint64_t>(d.columns);
}

inline uint64_t sampleCount(const cdcmtk_pixels_description &d) {
    return pixelCount(d) * static_cast<uint64_t>(d.samples_per_pixel);
}

inline uint32_t littleEndian32(const uint8_t *bytes) {
    return static_cast<uint32_t>(bytes[0]) | static_cast<uint32_t>(bytes[1]) << 8 |
           static_cast<uint32_t>(bytes[2]) << 16 | static_cast<uint32_t>(bytes[3]) << 24;
}

}  // namespace cdcmtk
