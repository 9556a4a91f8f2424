#include "dcmtk/config/osconfig.h"

#include <cmath>
#include <cstdlib>

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

/// A table of a LUT sequence (PS3.3 C.11.1.1).
struct Table {
    int32_t first = 0;
    /// Entries as LUT Descriptor announces them.
    unsigned long announced = 0;
    /// Nil where there is no data, else `count` entries.
    const Uint16 *entries = nullptr;
    unsigned long count = 0;
};

/// The first Item's table; false where there is none.
bool readTable(DcmDataset &dataset, const DcmTagKey &sequence, bool isSigned, Table &table) {
    DcmItem *item = nullptr;
    if (dataset.findAndGetSequenceItem(sequence, item, 0).bad() || item == nullptr) return false;
    DcmElement *descriptor = nullptr;
    if (item->findAndGetElement(DCM_LUTDescriptor, descriptor).bad()) return false;
    Uint16 announced = 0;
    Uint16 unsignedFirst = 0;
    Sint16 signedFirst = 0;
    if (descriptor->getUint16(announced, 0).bad()) {
        Sint16 value = 0;
        if (descriptor->getSint16(value, 0).bad()) return false;
        announced = static_cast<Uint16>(value);
    }
    if (descriptor->getUint16(unsignedFirst, 1).good()) {
        table.first = isSigned ? static_cast<Sint16>(unsignedFirst) : unsignedFirst;
    } else if (descriptor->getSint16(signedFirst, 1).good()) {
        table.first = signedFirst;
    }
    // 0 stands for 2^16 (PS3.3 C.11.1.1.1).
    table.announced = announced == 0 ? tableLimit : announced;
    unsigned long count = 0;
    if (item->findAndGetUint16Array(DCM_LUTData, table.entries, &count).bad()) table.entries = nullptr;
    table.count = table.entries == nullptr ? 0 : count < table.announced ? count : table.announced;
    return true;
}

void readModalityLUT(DcmDataset &dataset, PixelFile &file) {
    Table table;
    if (!readTable(dataset, DCM_ModalityLUTSequence, file.description.is_signed != 0, table)) return;
    if (table.entries == nullptr) return;
    file.modalityLUT.assign(table.entries, table.entries + table.count);
    file.description.modality_lut_count = static_cast<int32_t>(table.count);
    file.description.modality_lut_first = table.first;
}

/// How many of the values a table takes it tells apart: those before the curve leaves its first entry, and after it has
/// come to its last, within a hundredth of the way between, look alike.
int32_t spreadWidth(const Table &table) {
    // Entries of 8 bits come two in a word; then there are fewer words than entries.
    if (table.count < table.announced || table.count < 2) return static_cast<int32_t>(table.announced);
    const auto last = static_cast<size_t>(table.count - 1);
    const int start = table.entries[0], end = table.entries[last];
    const int near = std::abs(end - start) / 100;
    size_t from = 0, to = last;
    while (from < last && std::abs(table.entries[from + 1] - start) <= near) ++from;
    while (to > from + 1 && std::abs(table.entries[to - 1] - end) <= near) --to;
    return static_cast<int32_t>(to - from);
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
    Table voi;
    if (readTable(dataset, DCM_VOILUTSequence, d.is_signed != 0, voi)) d.voi_lut_width = spreadWidth(voi);
    OFString shape;
    d.is_inverse = dataset.findAndGetOFString(DCM_PresentationLUTShape, shape).good() && shape == "INVERSE";
}

}  // namespace cdcmtk
