#include "dcmtk/config/osconfig.h"

#include "Association.hpp"

#include "dcmtk/dcmnet/dul.h"
#include "dcmtk/dcmnet/dulstruc.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <new>
#include <unistd.h>

namespace cdcmtk {

thread_local Opening *opening = nullptr;

namespace {

/// Guards DCMTK's one global variable for a descriptor accepted elsewhere.
std::mutex globalDescriptorMutex;

}  // namespace

DcmTransportConnection *Layer::createConnection(DcmNativeSocketType descriptor, OFBool) {
    if (opening == nullptr) return nullptr;
    opening->connected = true;
    auto *connection = new (std::nothrow) Connection(descriptor, opening->state);
    // From here on DCMTK reads the connection object: another thread may set the global descriptor.
    if (opening->globalDescriptorLock != nullptr && opening->globalDescriptorLock->owns_lock())
        opening->globalDescriptorLock->unlock();
    return connection;
}

void describe(cdcmtk_error *error, const char *text) { std::snprintf(error->text, sizeof error->text, "%s", text); }

void describe(cdcmtk_error *error, const OFCondition &condition) {
    describe(error, condition.text());
    // DCMTK joins causes with line breaks; a log line has none.
    for (char *c = error->text; *c != 0; ++c)
        if (*c == '\n' || *c == '\r') *c = ' ';
}

}  // namespace cdcmtk

using namespace cdcmtk;

cdcmtk_association::~cdcmtk_association() {
    if (association != nullptr) ASC_destroyAssociation(&association);
    if (network != nullptr) ASC_dropNetwork(&network);
    if (state) state->close();
}

cdcmtk_result cdcmtk_association::result(const OFCondition &condition, cdcmtk_error *error) const {
    if (condition.good() && state->failure() == CDCMTK_OK) return CDCMTK_OK;
    describe(error, condition);
    switch (state->failure()) {
    case CDCMTK_OK:
        if (condition == DUL_PEERREQUESTEDRELEASE) return CDCMTK_PEER_RELEASED;
        if (condition == DUL_PEERABORTEDASSOCIATION) return CDCMTK_PEER_ABORTED;
        if (condition == DUL_ASSOCIATIONREJECTED) return CDCMTK_PEER_REJECTED;
        if (condition.code() == DULC_TCPINITERROR) return CDCMTK_UNREACHABLE;
        return condition == EC_MemoryExhausted ? CDCMTK_RESOURCE_ERROR : CDCMTK_PROTOCOL_ERROR;
    case CDCMTK_TIMED_OUT: describe(error, "a deadline passed"); break;
    case CDCMTK_CLOSED: describe(error, "the connection was closed"); break;
    case CDCMTK_STOPPED: describe(error, "serving stops"); break;
    case CDCMTK_PROTOCOL_ERROR: describe(error, "a PDU announces more bytes than its kind may have"); break;
    default: break;
    }
    return state->failure();
}

cdcmtk_result cdcmtk_acceptor_create(int32_t stop_descriptor, cdcmtk_limits limits, cdcmtk_acceptor **out_acceptor,
                                     cdcmtk_error *error) try {
    *out_acceptor = nullptr;
    auto acceptor = std::make_unique<cdcmtk_acceptor>();
    acceptor->stopDescriptor = stop_descriptor;
    acceptor->limits = limits;
    std::lock_guard lock(globalDescriptorMutex);
    // Any descriptor but -1 keeps DCMTK from opening a listening socket of its own, on all addresses.
    dcmExternalSocketHandle.set(1);
    OFCondition condition = ASC_initializeNetwork(NET_ACCEPTOR, 0, 1 << 20, &acceptor->network);
    if (condition.good()) condition = ASC_setTransportLayer(acceptor->network, &acceptor->layer, 0);
    if (condition.bad()) {
        describe(error, condition);
        return CDCMTK_RESOURCE_ERROR;
    }
    *out_acceptor = acceptor.release();
    return CDCMTK_OK;
} catch (const std::exception &thrown) {
    describe(error, thrown.what());
    return CDCMTK_RESOURCE_ERROR;
}

void cdcmtk_acceptor_free(cdcmtk_acceptor *acceptor) {
    ASC_dropNetwork(&acceptor->network);
    delete acceptor;
}

cdcmtk_result cdcmtk_association_accept(cdcmtk_acceptor *acceptor, int32_t descriptor, cdcmtk_tls_session *session,
                                        cdcmtk_association **out_association, cdcmtk_error *error) try {
    *out_association = nullptr;
    std::unique_ptr<cdcmtk_tls_session> security(session);
    auto association = std::make_unique<cdcmtk_association>();
    association->state =
        std::make_shared<ConnectionState>(acceptor->stopDescriptor, acceptor->limits, std::move(security));
    association->state->expectAssociation();

    std::unique_lock lock(globalDescriptorMutex);
    Opening context{association->state, &lock};
    opening = &context;
    dcmExternalSocketHandle.set(descriptor);
    const OFCondition condition =
        ASC_receiveAssociation(acceptor->network, &association->association,
                               static_cast<long>(acceptor->limits.maximum_pdu_length));
    opening = nullptr;
    if (!context.connected) ::close(descriptor);
    const cdcmtk_result result = association->result(condition, error);
    if (result == CDCMTK_OK) *out_association = association.release();
    return result;
} catch (const std::exception &thrown) {
    opening = nullptr;
    describe(error, thrown.what());
    return CDCMTK_RESOURCE_ERROR;
}

cdcmtk_result cdcmtk_association_acknowledge(cdcmtk_association *association, const char *responding_ae,
                                             cdcmtk_error *error) {
    ASC_setAPTitles(association->association->params, nullptr, nullptr, responding_ae);
    return association->result(ASC_acknowledgeAssociation(association->association), error);
}

cdcmtk_result cdcmtk_association_reject(cdcmtk_association *association, uint8_t result, uint8_t source, uint8_t reason,
                                        cdcmtk_error *error) {
    // DCMTK's enumerations for source and reason share bits: a reason carries its source in the second byte.
    const T_ASC_RejectParameters parameters = {
        static_cast<T_ASC_RejectParametersResult>(result), static_cast<T_ASC_RejectParametersSource>(source),
        static_cast<T_ASC_RejectParametersReason>(source << 8 | reason)};
    return association->result(ASC_rejectAssociation(association->association, &parameters), error);
}

namespace {

const DUL_PRESENTATIONCONTEXT *proposedContext(const cdcmtk_association *association, int32_t index) {
    LST_HEAD *list = association->association->params->DULparams.requestedPresentationContext;
    if (list == nullptr || index < 0) return nullptr;
    auto *node = static_cast<DUL_PRESENTATIONCONTEXT *>(static_cast<void *>(LST_Head(&list)));
    LST_Position(&list, reinterpret_cast<LST_NODE *>(node));
    for (; node != nullptr && index > 0; --index)
        node = static_cast<DUL_PRESENTATIONCONTEXT *>(static_cast<void *>(LST_Next(&list)));
    return node;
}

cdcmtk_roles roles(DUL_SC_ROLE role) {
    return {role == DUL_SC_ROLE_DEFAULT || role == DUL_SC_ROLE_SCU || role == DUL_SC_ROLE_SCUSCP,
            role == DUL_SC_ROLE_SCP || role == DUL_SC_ROLE_SCUSCP};
}

/// What to answer where `proposed` was proposed and `wanted` suits us; nothing where nothing was proposed.
T_ASC_SC_ROLE answer(DUL_SC_ROLE proposed, cdcmtk_roles wanted) {
    if (proposed == DUL_SC_ROLE_DEFAULT) return ASC_SC_ROLE_DEFAULT;
    const bool scu = wanted.scu && roles(proposed).scu, scp = wanted.scp && roles(proposed).scp;
    return scu ? (scp ? ASC_SC_ROLE_SCUSCP : ASC_SC_ROLE_SCU) : (scp ? ASC_SC_ROLE_SCP : ASC_SC_ROLE_NONE);
}

const DUL_PRESENTATIONCONTEXT *proposedContext(const cdcmtk_association *association, uint8_t identifier) {
    for (int32_t index = 0;; ++index) {
        const auto *context = proposedContext(association, index);
        if (context == nullptr || context->presentationContextID == identifier) return context;
    }
}

}  // namespace

int32_t cdcmtk_association_context_count(const cdcmtk_association *association) {
    return ASC_countPresentationContexts(association->association->params);
}

cdcmtk_result cdcmtk_association_context(const cdcmtk_association *association, int32_t index,
                                         cdcmtk_context *out_context) {
    const auto *proposed = proposedContext(association, index);
    if (proposed == nullptr) return CDCMTK_PROTOCOL_ERROR;
    *out_context = {};
    out_context->identifier = proposed->presentationContextID;
    std::snprintf(out_context->abstract_syntax, sizeof out_context->abstract_syntax, "%s", proposed->abstractSyntax);
    LST_HEAD *list = proposed->proposedTransferSyntax;
    out_context->transfer_syntax_count = list == nullptr ? 0 : static_cast<int32_t>(LST_Count(&list));
    T_ASC_PresentationContext accepted;
    out_context->proposed_roles = roles(proposed->proposedSCRole);
    if (ASC_findAcceptedPresentationContext(association->association->params, proposed->presentationContextID, &accepted)
            .good()) {
        std::snprintf(out_context->accepted_transfer_syntax, sizeof out_context->accepted_transfer_syntax, "%s",
                      accepted.acceptedTransferSyntax);
        out_context->accepted_roles = roles(ascRole2dulRole(accepted.acceptedRole));
    }
    return CDCMTK_OK;
}

cdcmtk_result cdcmtk_association_proposed_transfer_syntax(const cdcmtk_association *association, int32_t index,
                                                          int32_t transfer_syntax_index, char *out_uid) {
    const auto *proposed = proposedContext(association, index);
    if (proposed == nullptr || proposed->proposedTransferSyntax == nullptr) return CDCMTK_PROTOCOL_ERROR;
    LST_HEAD *list = proposed->proposedTransferSyntax;
    auto *node = static_cast<DUL_TRANSFERSYNTAX *>(static_cast<void *>(LST_Head(&list)));
    LST_Position(&list, reinterpret_cast<LST_NODE *>(node));
    for (; node != nullptr && transfer_syntax_index > 0; --transfer_syntax_index)
        node = static_cast<DUL_TRANSFERSYNTAX *>(static_cast<void *>(LST_Next(&list)));
    if (node == nullptr) return CDCMTK_PROTOCOL_ERROR;
    std::snprintf(out_uid, 65, "%s", node->transferSyntax);
    return CDCMTK_OK;
}

cdcmtk_result cdcmtk_association_accept_context(cdcmtk_association *association, uint8_t identifier,
                                                const char *transfer_syntax, cdcmtk_roles roles,
                                                cdcmtk_error *error) {
    const auto *context = proposedContext(association, identifier);
    const DUL_SC_ROLE proposed = context == nullptr ? DUL_SC_ROLE_DEFAULT : context->proposedSCRole;
    return association->result(ASC_acceptPresentationContext(association->association->params, identifier,
                                                             transfer_syntax, answer(proposed, roles)),
                               error);
}

cdcmtk_result cdcmtk_association_refuse_context(cdcmtk_association *association, uint8_t identifier,
                                                cdcmtk_context_refusal refusal, cdcmtk_error *error) {
    return association->result(
        ASC_refusePresentationContext(association->association->params, identifier,
                                      static_cast<T_ASC_P_ResultReason>(refusal)),
        error);
}

size_t cdcmtk_association_requested_extension(const cdcmtk_association *association, const char *sop_class,
                                              uint8_t *out_bytes, size_t capacity) {
    SOPClassExtendedNegotiationSubItemList *items = nullptr;
    ASC_getRequestedExtNegList(association->association->params, &items);
    if (items == nullptr) return 0;
    for (const auto *item : *items) {
        if (item->sopClassUID != sop_class || item->serviceClassAppInfo == nullptr) continue;
        const size_t count = std::min<size_t>(capacity, item->serviceClassAppInfoLength);
        std::memcpy(out_bytes, item->serviceClassAppInfo, count);
        return count;
    }
    return 0;
}

cdcmtk_result cdcmtk_association_accept_extension(cdcmtk_association *association, const char *sop_class,
                                                  const uint8_t *bytes, size_t count, cdcmtk_error *error) try {
    T_ASC_Parameters *params = association->association->params;
    SOPClassExtendedNegotiationSubItemList *items = nullptr;
    ASC_getAcceptedExtNegList(params, &items);
    if (items == nullptr) {
        // DCMTK frees the list with the parameters.
        items = new SOPClassExtendedNegotiationSubItemList;
        ASC_setAcceptedExtNegList(params, items);
    }
    auto item = std::make_unique<SOPClassExtendedNegotiationSubItem>();
    item->sopClassUID = sop_class;
    item->sopClassUIDLength = static_cast<unsigned short>(item->sopClassUID.length());
    item->serviceClassAppInfo = new unsigned char[count];
    std::memcpy(item->serviceClassAppInfo, bytes, count);
    item->serviceClassAppInfoLength = static_cast<unsigned short>(count);
    item->itemLength = static_cast<unsigned short>(2 + item->sopClassUIDLength + count);
    items->push_back(item.get());
    item.release();
    return CDCMTK_OK;
} catch (const std::exception &thrown) {
    describe(error, thrown.what());
    return CDCMTK_RESOURCE_ERROR;
}

const char *cdcmtk_association_calling_ae(const cdcmtk_association *association) {
    return association->association->params->DULparams.callingAPTitle;
}

const char *cdcmtk_association_called_ae(const cdcmtk_association *association) {
    return association->association->params->DULparams.calledAPTitle;
}

const char *cdcmtk_association_peer_implementation(const cdcmtk_association *association) {
    return association->association->params->theirImplementationVersionName;
}

const char *cdcmtk_association_application_context(const cdcmtk_association *association) {
    return association->association->params->DULparams.applicationContextName;
}

cdcmtk_result cdcmtk_association_confirm_release(cdcmtk_association *association) {
    cdcmtk_error ignored;
    return association->result(ASC_acknowledgeRelease(association->association), &ignored);
}

cdcmtk_result cdcmtk_association_abort(cdcmtk_association *association) {
    // DCMTK would wait for the peer to close; a failed state ends that wait at once.
    association->state->fail(CDCMTK_CLOSED);
    ASC_abortAssociation(association->association);
    association->state->finishWriting();
    return CDCMTK_OK;
}

void cdcmtk_association_interrupt(cdcmtk_association *association) { association->state->interrupt(); }

void cdcmtk_association_free(cdcmtk_association *association) { delete association; }
