#include "dcmtk/config/osconfig.h"

#include "Association.hpp"

#include "dcmtk/dcmdata/dctk.h"
#include "dcmtk/dcmdata/dcistrmb.h"
#include "dcmtk/dcmdata/dcostrmb.h"
#include "dcmtk/dcmdata/dcwcache.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace cdcmtk {
namespace {

/// A longer array of binary numbers is a look-up table or a curve, not something an index reads.
constexpr Uint32 maximumNumericLength = 1 << 16;

E_TransferSyntax encodingOf(const char *transferSyntax) {
    if (std::strcmp(transferSyntax, UID_LittleEndianImplicitTransferSyntax) == 0) return EXS_LittleEndianImplicit;
    if (std::strcmp(transferSyntax, UID_BigEndianExplicitTransferSyntax) == 0) return EXS_BigEndianExplicit;
    // Every encapsulated Transfer Syntax, those of the future too, is Explicit VR Little Endian (PS3.5 A.4).
    return EXS_LittleEndianExplicit;
}

cdcmtk_result dataError(cdcmtk_error *error, const OFCondition &condition) {
    describe(error, condition);
    return condition == EC_MemoryExhausted ? CDCMTK_RESOURCE_ERROR : CDCMTK_DATA_ERROR;
}

class Walk {
public:
    Walk(const cdcmtk_visitor &visitor, void *context) : visitor_(visitor), context_(context) {}

    void visit(DcmItem &item) {
        for (DcmObject *object = item.nextInContainer(nullptr); object != nullptr; object = item.nextInContainer(object))
            visit(*OFstatic_cast(DcmElement *, object));
    }

private:
    void visit(DcmElement &element) {
        const DcmTag &tag = element.getTag();
        switch (element.ident()) {
        case EVR_SQ: visit(OFstatic_cast(DcmSequenceOfItems &, element), tag); return;
        case EVR_OB:
        case EVR_OW:
        case EVR_OF:
        case EVR_OD:
        case EVR_OL:
        case EVR_OV:
        case EVR_ox:
        case EVR_UNKNOWN:
        case EVR_PixelData: return;
        case EVR_UN: visitUnknown(element); return;
        case EVR_US:
        case EVR_SS:
        case EVR_UL:
        case EVR_SL:
        case EVR_FL:
        case EVR_FD:
        case EVR_UV:
        case EVR_SV:
        case EVR_xs:
        case EVR_lt:
            if (element.getLengthField() > maximumNumericLength) return;
            break;
        default: break;
        }
        OFString text;
        if (element.getOFStringArray(text, OFFalse).bad()) return;
        visitor_.value(context_, tag.getGroup(), tag.getElement(), text.c_str(), text.length(), kindOf(element.ident()));
    }

    /// The VR of a public Attribute is UN where it was lost on the way, and where the value is longer than Explicit VR lets it
    /// be (PS3.5 6.2.2). Text is read all the same.
    void visitUnknown(DcmElement &element) {
        const DcmTagKey key = element.getTag();
        const DcmEVR vr = DcmTag(key).getEVR();
        Uint8 *bytes = nullptr;
        if (key.isPrivate() || !DcmVR(vr).isaString() || element.getUint8Array(bytes).bad() || bytes == nullptr) return;
        visitor_.value(context_, key.getGroup(), key.getElement(), reinterpret_cast<const char *>(bytes),
                       element.getLength(), kindOf(vr));
    }

    static cdcmtk_value_kind kindOf(DcmEVR vr) {
        switch (vr) {
        case EVR_PN: return CDCMTK_NAMES;
        case EVR_LT:
        case EVR_ST:
        case EVR_UT:
        case EVR_UR: return CDCMTK_TEXT;
        default: return CDCMTK_VALUES;
        }
    }

    void visit(DcmSequenceOfItems &sequence, const DcmTag &tag) {
        visitor_.begin_sequence(context_, tag.getGroup(), tag.getElement());
        for (DcmObject *item = sequence.nextInContainer(nullptr); item != nullptr; item = sequence.nextInContainer(item)) {
            visitor_.begin_item(context_);
            visit(*OFstatic_cast(DcmItem *, item));
            visitor_.end_item(context_);
        }
        visitor_.end_sequence(context_);
    }

    const cdcmtk_visitor &visitor_;
    void *const context_;
};

cdcmtk_result encode(DcmMetaInfo &object, E_TransferSyntax syntax, E_EncodingType encoding, uint8_t **out_bytes,
                     size_t *out_count, cdcmtk_error *error) {
    const size_t capacity = object.calcElementLength(syntax, encoding) + 4096;
    auto *bytes = static_cast<uint8_t *>(std::malloc(capacity));
    if (bytes == nullptr) return dataError(error, EC_MemoryExhausted);
    DcmOutputBufferStream stream(bytes, OFstatic_cast(offile_off_t, capacity));
    DcmWriteCache cache;
    object.transferInit();
    const OFCondition condition = object.write(stream, syntax, encoding, &cache);
    object.transferEnd();
    if (condition.bad()) {
        std::free(bytes);
        return dataError(error, condition);
    }
    void *written = nullptr;
    offile_off_t count = 0;
    stream.flushBuffer(written, count);
    *out_bytes = bytes;
    *out_count = static_cast<size_t>(count);
    return CDCMTK_OK;
}

template <size_t capacity> void copy(char (&target)[capacity], DcmItem &item, const DcmTagKey &key) {
    OFString text;
    item.findAndGetOFString(key, text);
    std::snprintf(target, capacity, "%s", text.c_str());
}

OFCondition put(DcmItem &item, const DcmTagKey &key, const char *text) {
    return *text == 0 ? OFCondition(EC_Normal) : item.putAndInsertString(key, text);
}

}  // namespace
}  // namespace cdcmtk

using namespace cdcmtk;

cdcmtk_result cdcmtk_data_set_parse(const uint8_t *bytes, size_t count, const char *transfer_syntax,
                                    const cdcmtk_visitor *visitor, void *context, cdcmtk_error *error) try {
    DcmInputBufferStream stream;
    stream.setBuffer(bytes, OFstatic_cast(offile_off_t, count));
    stream.setEos();
    DcmDataset dataSet;
    dataSet.transferInit();
    const OFCondition condition = dataSet.read(stream, encodingOf(transfer_syntax), EGL_noChange);
    dataSet.transferEnd();
    if (condition.bad()) return dataError(error, condition);
    Walk(*visitor, context).visit(dataSet);
    return CDCMTK_OK;
} catch (const std::exception &thrown) {
    describe(error, thrown.what());
    return CDCMTK_RESOURCE_ERROR;
}

cdcmtk_result cdcmtk_inflate(const uint8_t *bytes, size_t count, uint8_t *out_bytes, size_t capacity, size_t *out_count,
                             cdcmtk_error *error) try {
    DcmInputBufferStream stream;
    stream.setBuffer(bytes, OFstatic_cast(offile_off_t, count));
    stream.setEos();
    OFCondition condition = stream.installCompressionFilter(ESC_zlib);
    if (condition.bad()) return dataError(error, condition);
    *out_count = 0;
    while (*out_count < capacity) {
        const offile_off_t read = stream.read(out_bytes + *out_count, OFstatic_cast(offile_off_t, capacity - *out_count));
        if (read <= 0) break;
        *out_count += static_cast<size_t>(read);
    }
    return stream.good() ? CDCMTK_OK : dataError(error, stream.status());
} catch (const std::exception &thrown) {
    describe(error, thrown.what());
    return CDCMTK_RESOURCE_ERROR;
}

void cdcmtk_dictionary_vr(uint16_t group, uint16_t element, const char *creator, char *out_vr) {
    const DcmTag tag(DcmTagKey(group, element), creator);
    const char *name = "UN";
    switch (tag.getEVR()) {
    case EVR_ox: case EVR_px: case EVR_PixelData: case EVR_OverlayData: name = "ox"; break;
    case EVR_xs: name = "xs"; break;
    case EVR_lt: name = "lt"; break;
    case EVR_up: name = "UL"; break;
    default:
        if (DcmVR(tag.getEVR()).isStandard()) name = DcmVR(tag.getEVR()).getVRName();
    }
    std::snprintf(out_vr, 3, "%s", name);
}

void cdcmtk_bytes_free(uint8_t *bytes) { std::free(bytes); }

cdcmtk_result cdcmtk_file_meta_encode(const cdcmtk_file_meta *meta, uint8_t **out_bytes, size_t *out_count,
                                      cdcmtk_error *error) try {
    *out_bytes = nullptr;
    DcmMetaInfo info;
    const Uint8 version[2] = {0, 1};
    OFCondition condition = info.putAndInsertUint8Array(DCM_FileMetaInformationVersion, version, 2);
    // The length is computed in place, so the element has to be there first.
    if (condition.good()) condition = info.putAndInsertUint32(DCM_FileMetaInformationGroupLength, 0);
    if (condition.good()) condition = put(info, DCM_MediaStorageSOPClassUID, meta->media_storage_sop_class_uid);
    if (condition.good()) condition = put(info, DCM_MediaStorageSOPInstanceUID, meta->media_storage_sop_instance_uid);
    if (condition.good()) condition = put(info, DCM_TransferSyntaxUID, meta->transfer_syntax_uid);
    if (condition.good()) condition = put(info, DCM_ImplementationClassUID, OFFIS_IMPLEMENTATION_CLASS_UID);
    if (condition.good()) condition = put(info, DCM_ImplementationVersionName, OFFIS_DTK_IMPLEMENTATION_VERSION_NAME);
    if (condition.good()) condition = put(info, DCM_SourceApplicationEntityTitle, meta->source_ae_title);
    if (condition.good()) condition = put(info, DCM_SendingApplicationEntityTitle, meta->sending_ae_title);
    if (condition.good()) condition = put(info, DCM_ReceivingApplicationEntityTitle, meta->receiving_ae_title);
    if (condition.good() && *meta->private_information_creator_uid != 0) {
        condition = put(info, DCM_PrivateInformationCreatorUID, meta->private_information_creator_uid);
        const std::string text(meta->private_information);
        const std::string padded = text.size() % 2 == 0 ? text : text + ' ';
        if (condition.good())
            condition = info.putAndInsertUint8Array(
                DCM_PrivateInformation, reinterpret_cast<const Uint8 *>(padded.data()), padded.size());
    }
    if (condition.good())
        condition = info.computeGroupLengthAndPadding(EGL_withGL, EPD_noChange, EXS_LittleEndianExplicit,
                                                      EET_ExplicitLength);
    if (condition.bad()) return dataError(error, condition);
    return encode(info, EXS_LittleEndianExplicit, EET_ExplicitLength, out_bytes, out_count, error);
} catch (const std::exception &thrown) {
    describe(error, thrown.what());
    return CDCMTK_RESOURCE_ERROR;
}

cdcmtk_result cdcmtk_file_meta_parse(const uint8_t *bytes, size_t count, cdcmtk_file_meta *out_meta,
                                     size_t *out_data_set_offset, cdcmtk_error *error) try {
    constexpr size_t prefixEnd = DCM_PreambleLen + DCM_MagicLen;
    *out_meta = {};
    if (count < prefixEnd || std::memcmp(bytes + DCM_PreambleLen, DCM_Magic, DCM_MagicLen) != 0) {
        describe(error, "no DICM prefix after 128 bytes");
        return CDCMTK_DATA_ERROR;
    }
    DcmInputBufferStream stream;
    stream.setBuffer(bytes, OFstatic_cast(offile_off_t, count));
    stream.setEos();
    DcmMetaInfo info;
    info.transferInit();
    // Only with an unknown encoding does DCMTK look for a preamble.
    const OFCondition condition = info.read(stream, EXS_Unknown, EGL_noChange);
    info.transferEnd();
    if (condition.bad()) return dataError(error, condition);
    copy(out_meta->media_storage_sop_class_uid, info, DCM_MediaStorageSOPClassUID);
    copy(out_meta->media_storage_sop_instance_uid, info, DCM_MediaStorageSOPInstanceUID);
    copy(out_meta->transfer_syntax_uid, info, DCM_TransferSyntaxUID);
    copy(out_meta->source_ae_title, info, DCM_SourceApplicationEntityTitle);
    copy(out_meta->sending_ae_title, info, DCM_SendingApplicationEntityTitle);
    copy(out_meta->receiving_ae_title, info, DCM_ReceivingApplicationEntityTitle);
    copy(out_meta->private_information_creator_uid, info, DCM_PrivateInformationCreatorUID);
    const Uint8 *privateInformation = nullptr;
    unsigned long privateCount = 0;
    if (info.findAndGetUint8Array(DCM_PrivateInformation, privateInformation, &privateCount).good() &&
        privateInformation != nullptr)
        std::memcpy(out_meta->private_information, privateInformation,
                    std::min<size_t>(privateCount, sizeof out_meta->private_information - 1));
    *out_data_set_offset = static_cast<size_t>(stream.tell());
    return CDCMTK_OK;
} catch (const std::exception &thrown) {
    describe(error, thrown.what());
    return CDCMTK_RESOURCE_ERROR;
}
