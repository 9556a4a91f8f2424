#include "dcmtk/config/osconfig.h"

#include <cmath>

#include "PixelsInternal.hpp"
#include "dcmtk/dcmdata/dctk.h"

namespace cdcmtk {
namespace {

/// A table has at most 2^16 entries (PS3.3 C.11.1.1.1).
constexpr unsigned long tableLimit = 65536;

/// The first value, of whichever of US and SS the element is.
bool pixelValue(DcmItem &item, const DcmTagKey &tag, int32_t &value) {
    DcmElement *element = nullptr;
    if (item.findAndGetElement(tag, element).bad()) return false;
    Sint16 signedValue = 0;
    Uint16 unsignedValue = 0;
    if (element->getSint16(signedValue).good()) {
        value = signedValue;
    } else if (element->getUint16(unsignedValue).good()) {
        value = unsignedValue;
    } else {
        return false;
    }
    return true;
}

bool rescale(DcmItem &item, cdcmtk_pixels_description &d) {
    Float64 slope = 1;
    Float64 intercept = 0;
    const bool hasSlope = item.findAndGetFloat64(DCM_RescaleSlope, slope).good();
    const bool hasIntercept = item.findAndGetFloat64(DCM_RescaleIntercept, intercept).good();
    if (!hasSlope && !hasIntercept) return false;
    if (!std::isfinite(slope) || !std::isfinite(intercept) || slope == 0) return false;
    d.has_rescale = 1;
    d.rescale_slope = slope;
    d.rescale_intercept = intercept;
    return true;
}

/// The first Item of the Pixel Value Transformation Sequence in a functional group (PS3.3 C.7.6.16.2.9).
DcmItem *transformation(DcmDataset &dataset, const DcmTagKey &groups) {
    DcmItem *group = nullptr;
    DcmItem *item = nullptr;
    if (dataset.findAndGetSequenceItem(groups, group, 0).bad() || group == nullptr) return nullptr;
    if (group->findAndGetSequenceItem(DCM_PixelValueTransformationSequence, item, 0).bad()) return nullptr;
    return item;
}

void readModalityLUT(DcmDataset &dataset, PixelFile &file) {
    DcmItem *item = nullptr;
    if (dataset.findAndGetSequenceItem(DCM_ModalityLUTSequence, item, 0).bad() || item == nullptr) return;
    int32_t first = 0;
    DcmElement *descriptor = nullptr;
    if (item->findAndGetElement(DCM_LUTDescriptor, descriptor).bad()) return;
    Uint16 announced = 0;
    Uint16 unsignedFirst = 0;
    Sint16 signedFirst = 0;
    if (descriptor->getUint16(announced, 0).bad()) {
        Sint16 value = 0;
        if (descriptor->getSint16(value, 0).bad()) return;
        announced = static_cast<Uint16>(value);
    }
    if (descriptor->getUint16(unsignedFirst, 1).good()) {
        first = file.description.is_signed ? static_cast<Sint16>(unsignedFirst) : unsignedFirst;
    } else if (descriptor->getSint16(signedFirst, 1).good()) {
        first = signedFirst;
    }
    const Uint16 *entries = nullptr;
    unsigned long count = 0;
    if (item->findAndGetUint16Array(DCM_LUTData, entries, &count).bad() || entries == nullptr) return;
    // 0 stands for 2^16 (PS3.3 C.11.1.1.1).
    const unsigned long wanted = announced == 0 ? tableLimit : announced;
    count = count < wanted ? count : wanted;
    file.modalityLUT.assign(entries, entries + count);
    file.description.modality_lut_count = static_cast<int32_t>(count);
    file.description.modality_lut_first = first;
}

}  // namespace

void describeScale(DcmDataset &dataset, PixelFile &file) {
    auto &d = file.description;
    if (pixelValue(dataset, DCM_PixelPaddingValue, d.padding_first)) {
        d.has_padding = 1;
        if (!pixelValue(dataset, DCM_PixelPaddingRangeLimit, d.padding_last)) d.padding_last = d.padding_first;
    }
    if (!rescale(dataset, d)) {
        DcmItem *shared = transformation(dataset, DCM_SharedFunctionalGroupsSequence);
        if (shared == nullptr || !rescale(*shared, d)) {
            DcmItem *first = transformation(dataset, DCM_PerFrameFunctionalGroupsSequence);
            if (first != nullptr) rescale(*first, d);
        }
    }
    readModalityLUT(dataset, file);
}

}  // namespace cdcmtk
