#include "dcmtk/config/osconfig.h"

#include "JPEGWarnings.hpp"

#include <mutex>

#include "dcmtk/oflog/appender.h"
#include "dcmtk/oflog/logger.h"
#include "dcmtk/oflog/spi/logevent.h"

namespace cdcmtk {
namespace {

thread_local std::string firstCorruption;

/// Of libjpeg's warnings (jerror.h). "Extraneous bytes before marker" is left out: some encoders pad.
bool meansCorruption(const std::string &message) {
    for (const char *part : {"premature end of data segment", "bad Huffman code", "instead of RST"}) {
        if (message.find(part) != std::string::npos) return true;
    }
    return false;
}

/// Takes what DCMTK logs of JPEG on the thread that decodes, and passes nothing on.
class Listener : public dcmtk::log4cplus::Appender {
  public:
    ~Listener() override { destructorImpl(); }
    void close() override { closed = true; }

  protected:
    void append(const dcmtk::log4cplus::spi::InternalLoggingEvent &event) override {
        if (!firstCorruption.empty()) return;
        const std::string message(event.getMessage().c_str());
        if (meansCorruption(message)) firstCorruption = message;
    }
};

}  // namespace

JPEGWarnings::JPEGWarnings() {
    static std::once_flag once;
    std::call_once(once, [] {
        dcmtk::log4cplus::Logger logger = dcmtk::log4cplus::Logger::getInstance("dcmtk.dcmjpeg");
        logger.setAdditivity(false);
        logger.setLogLevel(dcmtk::log4cplus::WARN_LOG_LEVEL);
        logger.addAppender(dcmtk::log4cplus::SharedAppenderPtr(new Listener));
    });
    firstCorruption.clear();
}

std::string JPEGWarnings::corruption() const { return firstCorruption; }

}  // namespace cdcmtk
