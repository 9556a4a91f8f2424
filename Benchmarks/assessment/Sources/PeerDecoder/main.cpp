// What the peers take for nothing but decoding: DCMTK for every syntax it knows, OpenJPEG alone for JPEG 2000.
//
//   PeerDecoder        folders from standard input, one a line; each is answered with a line of JSON
//
// Every file is read and decoded to the cells that its own library calls decoded, with the library's defaults, and dropped.

#include "dcmtk/config/osconfig.h"

#include <openjpeg-2.5/openjpeg.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "dcmtk/dcmdata/dcpixseq.h"
#include "dcmtk/dcmdata/dcpxitem.h"
#include "dcmtk/dcmdata/dcrledrg.h"
#include "dcmtk/dcmdata/dctk.h"
#include "dcmtk/dcmjpeg/djdecode.h"
#include "dcmtk/dcmjpls/djdecode.h"

namespace {

void require(const OFCondition &condition) {
    if (condition.bad()) throw std::runtime_error(condition.text());
}

struct Stream {
    const std::vector<Uint8> &bytes;
    size_t position = 0;
};

OPJ_SIZE_T readBytes(void *target, OPJ_SIZE_T count, void *user) {
    auto &stream = *static_cast<Stream *>(user);
    const size_t got = std::min<size_t>(count, stream.bytes.size() - stream.position);
    if (got == 0) return static_cast<OPJ_SIZE_T>(-1);
    std::memcpy(target, stream.bytes.data() + stream.position, got);
    stream.position += got;
    return got;
}

OPJ_OFF_T skipBytes(OPJ_OFF_T count, void *user) {
    auto &stream = *static_cast<Stream *>(user);
    stream.position += std::min<size_t>(static_cast<size_t>(count), stream.bytes.size() - stream.position);
    return count;
}

OPJ_BOOL seekBytes(OPJ_OFF_T position, void *user) {
    static_cast<Stream *>(user)->position = static_cast<size_t>(position);
    return OPJ_TRUE;
}

void decodeJPEG2000(DcmPixelData &pixels, const E_TransferSyntax syntax) {
    DcmPixelSequence *sequence = nullptr;
    require(pixels.getEncapsulatedRepresentation(syntax, nullptr, sequence));
    std::vector<Uint8> code;
    for (unsigned long i = 1; i < sequence->card(); ++i) {
        DcmPixelItem *item = nullptr;
        Uint8 *bytes = nullptr;
        require(sequence->getItem(item, i));
        require(item->getUint8Array(bytes));
        code.insert(code.end(), bytes, bytes + item->getLength());
    }
    Stream user{code};
    opj_codec_t *codec = opj_create_decompress(OPJ_CODEC_J2K);
    opj_stream_t *stream = opj_stream_create(1 << 16, OPJ_TRUE);
    opj_stream_set_read_function(stream, readBytes);
    opj_stream_set_skip_function(stream, skipBytes);
    opj_stream_set_seek_function(stream, seekBytes);
    opj_stream_set_user_data(stream, &user, nullptr);
    opj_stream_set_user_data_length(stream, code.size());
    opj_dparameters_t parameters;
    opj_set_default_decoder_parameters(&parameters);
    opj_image_t *image = nullptr;
    const bool isDecoded = opj_setup_decoder(codec, &parameters) && opj_read_header(stream, codec, &image) &&
                           opj_decode(codec, stream, image) && opj_end_decompress(codec, stream);
    opj_image_destroy(image);
    opj_stream_destroy(stream);
    opj_destroy_codec(codec);
    if (!isDecoded) throw std::runtime_error("OpenJPEG");
}

void decode(const std::string &path) {
    DcmFileFormat file;
    require(file.loadFile(path.c_str()));
    DcmDataset &dataset = *file.getDataset();
    DcmElement *element = nullptr;
    require(dataset.findAndGetElement(DCM_PixelData, element));
    auto &pixels = dynamic_cast<DcmPixelData &>(*element);
    const E_TransferSyntax syntax = dataset.getOriginalXfer();
    if (syntax == EXS_JPEG2000 || syntax == EXS_JPEG2000LosslessOnly) return decodeJPEG2000(pixels, syntax);
    require(dataset.chooseRepresentation(EXS_LittleEndianExplicit, nullptr));
    Uint16 *words = nullptr;
    if (pixels.getVR() == EVR_OB) {
        Uint8 *bytes = nullptr;
        require(element->getUint8Array(bytes));
    } else {
        require(element->getUint16Array(words));
    }
}

}  // namespace

int main() {
    OFLog::configure(OFLogger::FATAL_LOG_LEVEL);
    DcmRLEDecoderRegistration::registerCodecs();
    DJDecoderRegistration::registerCodecs();
    DJLSDecoderRegistration::registerCodecs();
    std::string folder;
    while (std::getline(std::cin, folder)) {
        const auto start = std::chrono::steady_clock::now();
        try {
            for (const auto &entry : std::filesystem::directory_iterator(folder)) decode(entry.path());
            const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
            std::cout << "{\"seconds\": " << taken.count() << "}" << std::endl;
        } catch (const std::exception &error) {
            std::cout << "{\"error\": \"" << error.what() << "\"}" << std::endl;
        }
    }
}
