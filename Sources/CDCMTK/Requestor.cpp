#include "dcmtk/config/osconfig.h"

#include "Association.hpp"

#include "dcmtk/dcmnet/dul.h"

#include <cstdio>
#include <new>

using namespace cdcmtk;

namespace {

struct OpeningScope {
    explicit OpeningScope(Opening *context) { opening = context; }
    ~OpeningScope() { opening = nullptr; }
};

OFCondition propose(T_ASC_Parameters *parameters, const cdcmtk_proposal *proposals, int32_t count) {
    for (int32_t i = 0; i < count; ++i) {
        // DCMTK copies the UIDs; its parameter is not const for history's sake only.
        auto **transferSyntaxes = const_cast<const char **>(proposals[i].transfer_syntaxes);
        const OFCondition condition =
            ASC_addPresentationContext(parameters, static_cast<T_ASC_PresentationContextID>(2 * i + 1),
                                       proposals[i].abstract_syntax, transferSyntaxes,
                                       proposals[i].transfer_syntax_count,
                                       proposals[i].is_scp ? ASC_SC_ROLE_SCP : ASC_SC_ROLE_DEFAULT);
        if (condition.bad()) return condition;
    }
    return EC_Normal;
}

}  // namespace

cdcmtk_result cdcmtk_association_request(const char *host, uint16_t port, const char *calling_ae, const char *called_ae,
                                         const cdcmtk_proposal *proposals, int32_t proposal_count, cdcmtk_limits limits,
                                         cdcmtk_association **out_association, cdcmtk_error *error) try {
    *out_association = nullptr;
    auto association = std::make_unique<cdcmtk_association>();
    association->state = std::make_shared<ConnectionState>(-1, limits);
    association->layer = std::make_unique<Layer>();

    OFCondition condition = ASC_initializeNetwork(NET_REQUESTOR, 0, 1 << 20, &association->network);
    if (condition.good()) condition = ASC_setTransportLayer(association->network, association->layer.get(), 0);
    T_ASC_Parameters *parameters = nullptr;
    if (condition.good())
        condition = ASC_createAssociationParameters(&parameters, static_cast<long>(limits.maximum_pdu_length));
    if (condition.bad()) return association->result(condition, error);

    char peer[512];
    std::snprintf(peer, sizeof peer, "%s:%u", host, static_cast<unsigned>(port));
    ASC_setAPTitles(parameters, calling_ae, called_ae, nullptr);
    ASC_setPresentationAddresses(parameters, "localhost", peer);
    condition = propose(parameters, proposals, proposal_count);
    if (condition.bad()) {
        ASC_destroyAssociationParameters(&parameters);
        return association->result(condition, error);
    }

    Opening context{association->state};
    OpeningScope scope(&context);
    association->state->expectAssociation();
    condition = ASC_requestAssociation(association->network, parameters, &association->association);
    const cdcmtk_result result = association->result(condition, error);
    if (result == CDCMTK_OK) *out_association = association.release();
    if (condition == DUL_ASSOCIATIONREJECTED) {
        T_ASC_RejectParameters rejection;
        ASC_getRejectParameters(parameters, &rejection);
        std::snprintf(error->text, sizeof error->text, "A-ASSOCIATE-RJ %d/%d/%d", rejection.result, rejection.source,
                      rejection.reason & 0xff);
    }
    return result;
} catch (const std::exception &thrown) {
    describe(error, thrown.what());
    return CDCMTK_RESOURCE_ERROR;
}

cdcmtk_result cdcmtk_association_release(cdcmtk_association *association, cdcmtk_error *error) {
    association->state->beginMessage();
    return association->result(ASC_releaseAssociation(association->association), error);
}
