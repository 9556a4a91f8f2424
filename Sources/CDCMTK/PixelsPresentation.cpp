#include "dcmtk/config/osconfig.h"

#include "PixelsPresentation.hpp"

#include <cmath>
#include <cstring>

#include "PixelsParsed.hpp"

namespace cdcmtk {
namespace {

constexpr size_t tableLimit = 65536;

/// A look-up table by its descriptor (PS3.3 C.11.1.1): count, first stored value, bits of an entry.
struct Table {
    int32_t first = 0;
    int32_t bits = 16;
    std::vector<uint16_t> entries;
};

bool word(DcmItem &item, const DcmTagKey &tag, unsigned long index, uint16_t &value) {
    DcmElement *element = nullptr;
    Sint16 negative = 0;
    if (item.findAndGetElement(tag, element).bad()) return false;
    if (element->getUint16(value, index).good()) return true;
    if (element->getSint16(negative, index).bad()) return false;
    value = static_cast<uint16_t>(negative);
    return true;
}

bool readTable(DcmItem &item, const DcmTagKey &descriptor, const DcmTagKey &data, bool isSigned, Table &table) {
    uint16_t count = 0, first = 0, bits = 16;
    if (!word(item, descriptor, 0, count) || !word(item, descriptor, 1, first)) return false;
    word(item, descriptor, 2, bits);
    table.first = isSigned ? static_cast<int16_t>(first) : first;
    table.bits = bits == 8 ? 8 : 16;
    const size_t wanted = count == 0 ? tableLimit : count;
    DcmElement *element = nullptr;
    if (item.findAndGetElement(data, element).bad()) return false;
    const Uint16 *words = nullptr;
    unsigned long wordCount = 0;
    if (item.findAndGetUint16Array(data, words, &wordCount).bad() || !words || wordCount == 0) return false;
    if (table.bits == 8 && wordCount == (wanted + 1) / 2 && wanted > 1) {
        // Entries of eight bits, two in a word (PS3.3 C.7.6.3.1.6).
        for (size_t i = 0; i < wanted; ++i) {
            table.entries.push_back(i % 2 == 0 ? words[i / 2] & 0xFF : words[i / 2] >> 8);
        }
    } else {
        table.entries.assign(words, words + std::min<size_t>(wordCount, wanted));
    }
    return true;
}

void lend(Presentation &result, int place, Table &table, cdcmtk_table &lent) {
    result.tables[place] = std::move(table.entries);
    lent = {table.first, table.bits, static_cast<int32_t>(result.tables[place].size()), result.tables[place].data()};
}

void readWindow(DcmItem &item, Presentation &result) {
    Float64 center = 0, width = 0;
    if (item.findAndGetFloat64(DCM_WindowCenter, center).bad() || item.findAndGetFloat64(DCM_WindowWidth, width).bad()) {
        return;
    }
    if (!std::isfinite(center) || !std::isfinite(width) || width <= 0) return;
    result.has_window = 1;
    result.window_center = center;
    result.window_width = width;
    OFString function;
    item.findAndGetOFString(DCM_VOILUTFunction, function);
    result.window_function = function == "SIGMOID" ? CDCMTK_VOI_SIGMOID
                             : function == "LINEAR_EXACT" ? CDCMTK_VOI_LINEAR_EXACT : CDCMTK_VOI_LINEAR;
}

/// The first Item of `macro` in the functional groups of `frame`, else in the shared ones (PS3.3 C.7.6.16).
DcmItem *functionalGroup(DcmDataset &dataset, const DcmTagKey &macro, int32_t frame) {
    DcmItem *group = nullptr;
    DcmItem *item = nullptr;
    if (dataset.findAndGetSequenceItem(DCM_PerFrameFunctionalGroupsSequence, group, frame).good() && group &&
        group->findAndGetSequenceItem(macro, item, 0).good() && item) {
        return item;
    }
    if (dataset.findAndGetSequenceItem(DCM_SharedFunctionalGroupsSequence, group, 0).good() && group &&
        group->findAndGetSequenceItem(macro, item, 0).good()) {
        return item;
    }
    return nullptr;
}

void readScale(DcmItem &item, Presentation &result) {
    Float64 slope = 1, intercept = 0;
    if (item.findAndGetFloat64(DCM_RescaleSlope, slope).bad() || !std::isfinite(slope) || slope == 0) return;
    if (item.findAndGetFloat64(DCM_RescaleIntercept, intercept).bad() || !std::isfinite(intercept)) return;
    result.has_rescale = 1;
    result.rescale_slope = slope;
    result.rescale_intercept = intercept;
}

}  // namespace

std::unique_ptr<Presentation> readPresentation(FileSource &source, int32_t frame) {
    ParsedFile parsed(source);
    DcmDataset &dataset = *parsed.format.getDataset();
    auto result = std::make_unique<Presentation>();
    Uint16 representation = 0;
    dataset.findAndGetUint16(DCM_PixelRepresentation, representation);
    const bool isSigned = representation == 1;

    readWindow(dataset, *result);
    if (DcmItem *group = functionalGroup(dataset, DCM_FrameVOILUTSequence, frame)) readWindow(*group, *result);
    if (DcmItem *group = functionalGroup(dataset, DCM_PixelValueTransformationSequence, frame)) readScale(*group, *result);
    Table table;
    DcmItem *item = nullptr;
    // What goes into this table has been through the Modality LUT, which makes it unsigned where it is a table itself.
    const bool isTableSigned = isSigned && !dataset.tagExists(DCM_ModalityLUTSequence);
    Float64 intercept = 0;
    const bool isNegative = dataset.findAndGetFloat64(DCM_RescaleIntercept, intercept).good() && intercept < 0;
    if (dataset.findAndGetSequenceItem(DCM_VOILUTSequence, item, 0).good() && item &&
        readTable(*item, DCM_LUTDescriptor, DCM_LUTData, isTableSigned || isNegative, table)) {
        lend(*result, 0, table, result->voi_table);
    }
    OFString shape;
    dataset.findAndGetOFString(DCM_PresentationLUTShape, shape);
    result->is_inverse = shape == "INVERSE";

    const DcmTagKey descriptors[] = {DCM_RedPaletteColorLookupTableDescriptor, DCM_GreenPaletteColorLookupTableDescriptor,
                                     DCM_BluePaletteColorLookupTableDescriptor};
    const DcmTagKey data[] = {DCM_RedPaletteColorLookupTableData, DCM_GreenPaletteColorLookupTableData,
                              DCM_BluePaletteColorLookupTableData};
    for (int colour = 0; colour < 3; ++colour) {
        Table palette;
        if (readTable(dataset, descriptors[colour], data[colour], isSigned, palette)) {
            lend(*result, 1 + colour, palette, result->palette[colour]);
        }
    }
    return result;
}

}  // namespace cdcmtk
