#pragma once

// DCMTK's view of a stored object's header, shared by what describes it and what writes it anew.

#include "PixelsSource.hpp"
#include "dcmtk/dcmdata/dctk.h"

namespace cdcmtk {

/// A file as DCMTK reads it, as far as `stop`. Long values stay in the source, which has to outlive this.
struct ParsedFile {
    explicit ParsedFile(FileSource &source, const DcmTagKey &stop = DCM_PixelData);

    DcmFileFormat format;
    SourceStream stream;
};

/// What an item says of the pixels in it: the Data Set, or an Item of an Icon Image Sequence. `syntax` is what the item is
/// encoded in.
void describeImage(DcmItem &item, const DcmXfer &syntax, PixelFile &file);

}  // namespace cdcmtk
