#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Pixels of one stored object, frame by frame, as stored values (before the Modality LUT, PS3.3 C.11.1).
// DCMTK parses the header and decodes JPEG and JPEG-LS, OpenJPEG decodes JPEG 2000; framing, RLE and uncompressed
// cells are read here, so that memory is bounded by one frame and never by a number in a header.

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cdcmtk_pixels_result {
    CDCMTK_PIXELS_OK = 0,
    /// The object has no Pixel Data (7FE0,0010): a report, a plan, a presentation state.
    CDCMTK_PIXELS_ABSENT = 1,
    /// Video, HTJ2K, JPEG XL, float pixels, an unknown transfer syntax: intact as far as can be told, not decoded here.
    CDCMTK_PIXELS_UNSUPPORTED = 2,
    /// Truncated or contradictory; the message says what.
    CDCMTK_PIXELS_CORRUPT = 3,
    /// A decoded frame would be larger than the caller's limit.
    CDCMTK_PIXELS_TOO_LARGE = 4,
    /// The file could not be opened or read.
    CDCMTK_PIXELS_UNREADABLE = 5,
    /// No such frame: the number is below neither `frames_announced` nor `frames_present`.
    CDCMTK_PIXELS_NO_SUCH_FRAME = 6,
    /// What was made could not be written.
    CDCMTK_PIXELS_UNWRITABLE = 7,
} cdcmtk_pixels_result;

/// What the header says of the pixels, and what the file holds of them. Numbers are as read, not yet believed.
typedef struct cdcmtk_pixels_description {
    int32_t rows;
    int32_t columns;
    int32_t samples_per_pixel;
    int32_t bits_allocated;
    int32_t bits_stored;
    int32_t high_bit;
    /// Pixel Representation (0028,0103): 1 for two's complement, else 0.
    int32_t is_signed;
    /// Number of Frames (0028,0008); 1 when absent.
    int32_t frames_announced;
    /// Frames the file holds whole: by length when uncompressed, by offset table or start markers when encapsulated.
    int32_t frames_present;
    /// 1 when the pixels come as fragments (PS3.5 A.4), else 0.
    int32_t is_encapsulated;
    /// What the head of the first codestream says: 1 when coding lost something (DCT, 9-7 wavelet, NEAR above 0), 0 when
    /// it need not have, -1 when it does not tell or there is none.
    int32_t irreversibility;
    /// Uncompressed only, else 0: rows × columns × samples × bits × frames in bytes, saturating, without pad byte.
    uint64_t expected_byte_count;
    /// Length of the value as its header says; of all fragments when encapsulated.
    uint64_t announced_byte_count;
    /// Bytes of the value that are in the file (in a deflated one, counted up to the expected number).
    uint64_t present_byte_count;
    /// (0028,0004), NUL-terminated, cut at 16 characters.
    char photometric_interpretation[17];
    /// (0002,0010), NUL-terminated, cut at 64 characters.
    char transfer_syntax_uid[65];
    /// 1 when Pixel Padding Value (0028,0120) is there; the last is Pixel Padding Range Limit, else the first again.
    int32_t has_padding;
    int32_t padding_first;
    int32_t padding_last;
    /// 1 when Rescale Slope and Intercept are there and finite: of the Data Set, else of the functional groups, the
    /// shared ones or those of the first frame.
    int32_t has_rescale;
    double rescale_slope;
    double rescale_intercept;
    /// Entries of the Modality LUT Sequence's table, 0 without one, and the stored value of its first.
    int32_t modality_lut_count;
    int32_t modality_lut_first;
    /// Of the first table in the VOI LUT Sequence (0028,3010): how many modality values it spreads over the grey scale, flat
    /// ends left out; 0 without one.
    int32_t voi_lut_width;
    /// 1 when Presentation LUT Shape (2050,0020) is INVERSE.
    int32_t is_inverse;
} cdcmtk_pixels_description;

/// Why a call did not succeed, for a log or a finding; ASCII, no patient data. Empty on success.
typedef struct cdcmtk_pixels_message {
    char text[256];
} cdcmtk_pixels_message;

/// An open object: its header's description and where its frames lie.
typedef struct cdcmtk_pixels cdcmtk_pixels;

/// Registers DCMTK's decoders (RLE, JPEG, JPEG-LS) for this process, once however often it is called.
///
/// Ownership: none.   Blocking: no.   Threads: any.
void cdcmtk_register_codecs(void);

/// Opens the Part-10 file at `path`, parses its header up to Pixel Data and finds the frames; decodes nothing.
/// The caller has made sure that Sequences do not nest without bound (ingest refuses such objects): DCMTK recurses.
///
/// Ownership: on CDCMTK_PIXELS_OK the caller frees `*out_pixels` with cdcmtk_pixels_close; otherwise it is NULL.
///            `path` is opened once and may be gone when this returns.
/// Blocking:  reads the file's header, and of a deflated file everything.
/// Threads:   any; two handles share nothing.
cdcmtk_pixels_result cdcmtk_pixels_open(const char *_Nonnull path, cdcmtk_pixels *_Nullable *_Nonnull out_pixels,
                                        cdcmtk_pixels_message *_Nonnull out_message);

/// Opens the Part-10 file that is open at `descriptor`, like cdcmtk_pixels_open, and reads it by position: no file is
/// opened by name.
///
/// Ownership: as there; `descriptor` stays the caller's and has to stay open until cdcmtk_pixels_close.
/// Blocking:  as there.
/// Threads:   any; two handles share nothing, not even over one descriptor.
cdcmtk_pixels_result cdcmtk_pixels_open_descriptor(int32_t descriptor, cdcmtk_pixels *_Nullable *_Nonnull out_pixels,
                                                   cdcmtk_pixels_message *_Nonnull out_message);

/// Ownership: the description belongs to `pixels` and is valid until it is closed.
/// Blocking: no.   Threads: any.
const cdcmtk_pixels_description *_Nonnull cdcmtk_pixels_describe(const cdcmtk_pixels *_Nonnull pixels);

/// The `modality_lut_count` entries of the Modality LUT's table (PS3.3 C.11.1.1).
///
/// Ownership: as of the description.
/// Blocking: no.   Threads: any.
const uint16_t *_Nullable cdcmtk_pixels_modality_lut(const cdcmtk_pixels *_Nonnull pixels);

/// How many numbers frame `frame` (from 0) decodes to: rows × columns × samples per pixel. Asked before
/// cdcmtk_pixels_decode, which needs room for them.
///
/// A frame is refused with CDCMTK_PIXELS_TOO_LARGE when they take more than `byte_limit` bytes, or more memory than can be
/// had.
///
/// Ownership: none.   Blocking: no.   Threads: any.
cdcmtk_pixels_result cdcmtk_pixels_sample_count(const cdcmtk_pixels *_Nonnull pixels, int32_t frame,
                                                uint64_t byte_limit, size_t *_Nonnull out_count,
                                                cdcmtk_pixels_message *_Nonnull out_message);

/// Decodes frame `frame`, for which cdcmtk_pixels_sample_count was good, to stored values: row by row, the samples of a
/// pixel side by side. Bits outside Bits Stored are dropped, signed values extended; of unsigned 32-bit values those above
/// INT32_MAX become INT32_MAX. YBR_FULL_422 is expanded; colours are otherwise as stored, or RGB where the JPEG decoder
/// converts.
///
/// Ownership: `samples` is the caller's, of the counted size, and need not be initialised; on failure what it holds means
///            nothing.
/// Blocking:  reads and decodes one frame.
/// Threads:   one at a time per handle.
cdcmtk_pixels_result cdcmtk_pixels_decode(cdcmtk_pixels *_Nonnull pixels, int32_t frame, int32_t *_Nonnull samples,
                                          cdcmtk_pixels_message *_Nonnull out_message);

/// Photometric Interpretation of the frame decoded last, which the decoder may have changed (PS3.5 8.2); empty before.
///
/// Ownership: of `pixels`, valid until the next frame is decoded.   Blocking: no.   Threads: one at a time per handle.
const char *_Nonnull cdcmtk_pixels_decoded_photometric(const cdcmtk_pixels *_Nonnull pixels);

/// Writes frames (from 0) of the Part-10 file that is open at `input` to `output`, one after another from its start, and
/// the length of each into `out_byte_counts`. Cells of Bits Allocated in little endian order, as Explicit VR Little Endian
/// has them; with `is_encoded`, encapsulated frames come as they are coded, their fragments put together, whether they can
/// be decoded here or not. Limits as of cdcmtk_pixels_convert.
///
/// Ownership: both descriptors stay the caller's. On failure `*out_failed_frame` is the frame it failed at, or -1.
/// Blocking:  reads and decodes.   Threads: any.
cdcmtk_pixels_result cdcmtk_pixels_write_frames(int32_t input, int32_t output, const int32_t *_Nonnull frames,
                                                int32_t frame_count, bool is_encoded, uint64_t frame_byte_limit,
                                                uint64_t byte_limit, uint64_t *_Nonnull out_byte_counts,
                                                int32_t *_Nonnull out_failed_frame,
                                                cdcmtk_pixels_message *_Nonnull out_message);

/// A table of `count` entries, `bits` wide (8 or 16), the first of which stands for the value `first`.
typedef struct cdcmtk_table {
    int32_t first;
    int32_t bits;
    int32_t count;
    const uint16_t *_Nullable entries;
} cdcmtk_table;

/// VOI LUT Function (0028,1056).
typedef enum cdcmtk_voi_function {
    CDCMTK_VOI_LINEAR = 0,
    CDCMTK_VOI_LINEAR_EXACT = 1,
    CDCMTK_VOI_SIGMOID = 2,
} cdcmtk_voi_function;

/// How the header wants one frame shown (PS3.3 C.11.2, C.7.6.3, C.7.6.16.2.10); tables of no entries are not there.
typedef struct cdcmtk_presentation {
    /// The first window of the frame's functional groups, else of the Data Set.
    int32_t has_window;
    double window_center;
    double window_width;
    cdcmtk_voi_function window_function;
    /// The first table of the VOI LUT Sequence.
    cdcmtk_table voi_table;
    /// Presentation LUT Shape (2050,0020) is INVERSE.
    int32_t is_inverse;
    /// Of the frame's own functional groups.
    int32_t has_rescale;
    double rescale_slope;
    double rescale_intercept;
    /// Red, green and blue.
    cdcmtk_table palette[3];
} cdcmtk_presentation;

/// Reads how frame `frame` of the Part-10 file that is open at `input` is to be shown.
///
/// Ownership: on CDCMTK_PIXELS_OK the caller frees `*out_presentation` with cdcmtk_presentation_free; otherwise it is NULL.
/// Blocking:  reads the file's header.   Threads: any.
cdcmtk_pixels_result cdcmtk_presentation_read(int32_t input, int32_t frame,
                                              cdcmtk_presentation *_Nullable *_Nonnull out_presentation,
                                              cdcmtk_pixels_message *_Nonnull out_message);
void cdcmtk_presentation_free(cdcmtk_presentation *_Nonnull presentation);

/// Codes a picture of 8-bit samples, `components` (1 or 3) a pixel, row by row, and writes it to `output`: as JPEG of
/// `jpeg_quality` (1...100), or as PNG when that is 0.
///
/// Ownership: none.   Blocking: writes.   Threads: any.
cdcmtk_pixels_result cdcmtk_image_write(const uint8_t *_Nonnull samples, int32_t columns, int32_t rows,
                                        int32_t components, int32_t jpeg_quality, int32_t output,
                                        uint64_t *_Nonnull out_byte_count, cdcmtk_pixels_message *_Nonnull out_message);

/// Writes the Part-10 file that is open at `input`, with or without pixels, to `output` as a Part-10 file in Explicit VR
/// Little Endian, Implicit VR Little Endian or Explicit VR Big Endian, by position from its start. Pixels are decoded
/// frame by frame. Everything else stays as it is but for what PS3.5 8.2 lets a decoder change: Photometric Interpretation
/// and Planar Configuration; group lengths are counted anew, icons decoded, Extended Offset Tables left out. More than
/// `byte_limit` bytes are refused as CDCMTK_PIXELS_TOO_LARGE, and so is a frame as by cdcmtk_pixels_sample_count.
///
/// Ownership: both descriptors stay the caller's. On failure what `output` holds means nothing.
/// Blocking:  reads the file and writes the other.
/// Threads:   any.
cdcmtk_pixels_result cdcmtk_pixels_convert(int32_t input, int32_t output, const char *_Nonnull transfer_syntax_uid,
                                           uint64_t frame_byte_limit, uint64_t byte_limit,
                                           uint64_t *_Nonnull out_byte_count,
                                           cdcmtk_pixels_message *_Nonnull out_message);

/// Ownership: frees `pixels` and what it lent.   Blocking: no.   Threads: none may still use the handle.
void cdcmtk_pixels_close(cdcmtk_pixels *_Nonnull pixels);

#ifdef __cplusplus
}
#endif
