// What an Association is on the C++ side, shared by the files that open, serve and end it.
#ifndef CDCMTK_ASSOCIATION_HPP
#define CDCMTK_ASSOCIATION_HPP

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmnet/assoc.h"

#include <memory>
#include <string>
#include <vector>

#include "CDCMTK.h"
#include "Transport.hpp"

namespace cdcmtk {

/// Hands each new connection the state of the Association that is being opened on this thread.
class Layer : public DcmTransportLayer {
public:
    DcmTransportConnection *createConnection(DcmNativeSocketType descriptor, OFBool useSecureLayer) override;
};

/// What `Layer::createConnection` needs to know of the Association that the calling thread is opening.
struct Opening {
    std::shared_ptr<ConnectionState> state;
    /// Held from setting DCMTK's global descriptor until it has been read; null for a requestor.
    std::unique_lock<std::mutex> *globalDescriptorLock = nullptr;
    bool connected = false;
};
extern thread_local Opening *opening;

void describe(cdcmtk_error *error, const char *text);
void describe(cdcmtk_error *error, const OFCondition &condition);

}  // namespace cdcmtk

struct cdcmtk_acceptor {
    T_ASC_Network *network = nullptr;
    cdcmtk::Layer layer;
    int stopDescriptor = -1;
    cdcmtk_limits limits = {};
};

struct cdcmtk_association {
    std::shared_ptr<cdcmtk::ConnectionState> state;
    T_ASC_Association *association = nullptr;
    /// Only a requestor has a network of its own, and a layer that outlives it.
    T_ASC_Network *network = nullptr;
    std::unique_ptr<cdcmtk::Layer> layer;
    /// Messages on their way, and how much of them waits to be written.
    std::vector<uint8_t> sendBuffer;
    size_t sendCount = 0;

    ~cdcmtk_association();
    /// The result of `condition`, of which `error` then tells; a deadline or a closed connection outranks it.
    cdcmtk_result result(const OFCondition &condition, cdcmtk_error *error) const;
};

#endif
