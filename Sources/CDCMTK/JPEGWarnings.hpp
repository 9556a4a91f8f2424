#pragma once

#include <string>

namespace cdcmtk {

/// What the JPEG decoders remark while they decode on. Libjpeg takes lost and wrong codes for warnings, and returns a
/// picture that is grey or shifted from there on.
class JPEGWarnings {
  public:
    /// Begins to listen on this thread.
    JPEGWarnings();

    /// The first remark since that means lost or wrong codes; empty without any.
    std::string corruption() const;
};

}  // namespace cdcmtk
