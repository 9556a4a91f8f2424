#include "dcmtk/config/osconfig.h"

#include "Association.hpp"

#include "dcmtk/dcmdata/dcdicent.h"
#include "dcmtk/dcmdata/dcdict.h"
#include "dcmtk/dcmdata/dctag.h"
#include "dcmtk/dcmdata/dcuid.h"
#include "dcmtk/oflog/oflog.h"

#include <cstdio>
#include <mutex>

using namespace cdcmtk;

cdcmtk_result cdcmtk_initialize(cdcmtk_error *error) {
    static std::once_flag once;
    std::call_once(once, [] {
        OFLog::configure(OFLogger::OFF_LOG_LEVEL);
        // A name server that does not answer would hold up every Association.
        dcmDisableGethostbyaddr.set(OFTrue);
        dcmConnectionTimeout.set(10);
    });
    if (dcmDataDict.isDictionaryLoaded()) return CDCMTK_OK;
    describe(error, "DCMTK found no data dictionary");
    return CDCMTK_RESOURCE_ERROR;
}

bool cdcmtk_is_storage_sop_class(const char *uid) { return dcmIsaStorageSOPClassUID(uid, ESSC_Patient); }

const char *cdcmtk_storage_sop_class(int32_t index) {
    for (int32_t i = 0; i < numberOfDcmAllStorageSOPClassUIDs; ++i) {
        const char *uid = dcmAllStorageSOPClassUIDs[i];
        if (uid != nullptr && cdcmtk_is_storage_sop_class(uid) && index-- == 0) return uid;
    }
    return nullptr;
}

const char *cdcmtk_implementation_class_uid(void) { return OFFIS_IMPLEMENTATION_CLASS_UID; }

const char *cdcmtk_implementation_version_name(void) { return OFFIS_DTK_IMPLEMENTATION_VERSION_NAME; }

void cdcmtk_tag_keyword(uint16_t group, uint16_t element, char *out_keyword) {
    const DcmDataDictionary &dictionary = dcmDataDict.rdlock();
    const DcmDictEntry *entry = dictionary.findEntry(DcmTagKey(group, element), nullptr);
    std::snprintf(out_keyword, 65, "%s", entry == nullptr ? "" : entry->getTagName());
    dcmDataDict.rdunlock();
}

const char *cdcmtk_uid_name(const char *uid) { return dcmFindNameOfUID(uid, nullptr); }

bool cdcmtk_tag_of_keyword(const char *keyword, uint16_t *out_group, uint16_t *out_element) try {
    DcmTag tag;
    if (DcmTag::findTagFromName(keyword, tag).bad()) return false;
    *out_group = tag.getGroup();
    *out_element = tag.getElement();
    return true;
} catch (const std::exception &) {
    return false;
}
